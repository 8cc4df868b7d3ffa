//! The files of a version: their names, and how columns become a file.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float32Array, RecordBatch, StringArray};
use schema::{TableWriter, WriterOptions};
use versioning::{Blob, Committed, Series};

use crate::{
    Error,
    dataset::{Application, Dataset, Tables},
};

/// The trees, in XGBoost's JSON schema: what `latest.txt` names.
pub const MODEL: &str = "model_matching.json";
pub const PREPROCESSOR: &str = "preprocessor.json";
pub const METRICS: &str = "metrics.json";
/// The applications with their part and, where held out, their prediction.
pub const PREDICTIONS: &str = "predictions.parquet";

const BATCH_ROWS: usize = 1 << 16;

pub(crate) fn tables(features: &Committed) -> Result<Tables<Blob>, stage::Error> {
    let has_groups = features.manifest().output(schema::store::GROUPS).is_some();
    Ok(Tables::open(has_groups, |file| features.open(file))?)
}

/// That a series is empty, and what fills it.
pub(crate) fn no_version(series: &Series) -> Error {
    Error::Argument(format!("{} has no version: run `{}` first", series.uri(), series.name()))
}

/// The file that `matching score` gives: the keys and the probability of each pair, in the order of
/// the pairs.
pub(crate) fn scores(pairs: &[(Box<str>, Box<str>)], scores: &[f32]) -> Result<Vec<u8>, Error> {
    let columns = vec![
        ("codigo", text(pairs.iter().map(|(person, _)| &**person)), false),
        ("codigo_vaga", text(pairs.iter().map(|(_, job)| &**job)), false),
        ("probability", Arc::new(Float32Array::from(scores.to_vec())) as ArrayRef, false),
    ];
    Ok(write_columns("scores.parquet", Vec::new(), columns)?.1)
}

/// A column: its name, its values, and whether some may be null.
pub(crate) type NamedColumn<'a> = (&'a str, ArrayRef, bool);

/// The two columns that name applications.
pub(crate) fn keys<'a>(
    dataset: &Dataset,
    rows: impl Iterator<Item = &'a Application> + Clone,
) -> [NamedColumn<'static>; 2] {
    let (people, jobs) = (dataset.people.ids(), dataset.jobs.ids());
    [
        ("codigo", text(rows.clone().map(|a| &*people[a.person as usize])), false),
        ("codigo_vaga", text(rows.map(|a| &*jobs[a.job as usize])), false),
    ]
}

pub(crate) fn text<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

pub(crate) fn write_columns<W: std::io::Write + Send>(
    name: &str,
    sink: W,
    columns: Vec<NamedColumn<'_>>,
) -> Result<(u64, W), Error> {
    let batch = RecordBatch::try_from_iter_with_nullable(columns)
        .map_err(|source| schema::Error::Batch { table: name.to_owned(), source })?;
    let options = WriterOptions::default();
    let mut writer = TableWriter::with_schema(name, sink, batch.schema(), options)?;
    for first in (0..batch.num_rows()).step_by(BATCH_ROWS) {
        writer.write(&batch.slice(first, BATCH_ROWS.min(batch.num_rows() - first)))?;
    }
    Ok(writer.finish()?)
}
