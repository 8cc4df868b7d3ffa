//! Today's applications as the live model scores them: how its scores move from version to version
//! is what a drift report looks at.

use std::{collections::BTreeSet, sync::Arc};

use arrow_array::{ArrayRef, BooleanArray, Float32Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use parquet::file::reader::ChunkReader;
use schema::{Column, Kind, KnownAt, Table, TableReader, TableWriter, WriterOptions};
use stage::{Inputs, Outputs, Progress};
use versioning::Blob;

use crate::{
    Error,
    artefacts::{MODEL, PREDICTIONS, PREPROCESSOR},
    dataset::{Application, Dataset, Tables},
    decision::DECISION,
    history::History,
    scorer::Scorer,
};

/// The input that is the live model's version, where one was live when the features were made.
pub const LIVE: &str = "live";

/// The applications with the live model's scores: the keys, the probability, and whether the
/// candidate is `unseen`, that is, in no application that the live model was trained on.
pub const LIVE_SCORES: &str = "live_scores.parquet";

/// Rows of a batch.
const BATCH_ROWS: usize = 1 << 16;

/// Scores the applications with the live model and writes [`LIVE_SCORES`]; gives the live version.
/// None when there is no live version, or when it was made by another release and cannot score
/// today's tables: that is told, and is no reason to train no new model.
///
/// # Errors
/// That a file cannot be opened, or the disk fails.
pub fn write(
    inputs: &Inputs,
    tables: &Tables<Blob>,
    dataset: &Dataset,
    out: &Outputs,
    progress: &dyn Progress,
) -> Result<Option<String>, stage::Error> {
    if !inputs.has(LIVE) {
        return Ok(None);
    }
    let _phase = progress.phase("score with the live model", None, "");
    let version = inputs.version(LIVE)?.version().to_string();
    let open = |file: &str| inputs.open(LIVE, file);
    if inputs.version(LIVE)?.manifest().output(DECISION).is_none() {
        progress.note(&format!(
            "{LIVE_SCORES} is left out: live {version} has no {DECISION}, it was made by an earlier release"
        ));
        return Ok(None);
    }
    let bytes = |file| open(file)?.bytes().map_err(stage::Error::from);
    let (model, preprocessor, decision) = (bytes(MODEL)?, bytes(PREPROCESSOR)?, bytes(DECISION)?);
    let trained_on = open(PREDICTIONS)?;
    let scored = Scorer::from_json(&model, &preprocessor, &decision).and_then(|scorer| {
        let history = History::of(dataset);
        let at = |a: &Application| (a.person, a.job, history.at(a.pair(), a.day));
        let pairs: Vec<_> = dataset.rows.iter().map(at).collect();
        let people = (tables.people.clone(), &dataset.people);
        let scores = scorer.score(people, (tables.jobs.clone(), &dataset.jobs), &pairs)?;
        Ok((scores, candidates_trained_on(trained_on)?))
    });
    // Today's tables have been read already, so what fails here is the live version.
    let (scores, seen) = match scored {
        Ok(scored) => scored,
        Err(error) => {
            progress.note(&format!("{LIVE_SCORES} is left out: live {version}: {error}"));
            return Ok(None);
        }
    };
    let rows = dataset.rows.iter().zip(scores).map(|(application, score)| {
        let candidate = &*dataset.people.ids()[application.person as usize];
        let job = &*dataset.jobs.ids()[application.job as usize];
        (candidate, job, score, !seen.contains(candidate))
    });
    write_rows(&rows.collect::<Vec<_>>(), out)?;
    Ok(Some(version))
}

/// The candidates of the applications that a version was trained on.
fn candidates_trained_on<R: ChunkReader + 'static>(
    predictions: R,
) -> Result<BTreeSet<Box<str>>, Error> {
    const TABLE: Table = Table {
        name: "predictions",
        columns: &[
            Column::key("codigo", "codigo"),
            Column::info("part", "part", Kind::Text, KnownAt::Later),
        ],
    };
    let columns = ["codigo", "part"];
    let reader = TableReader::open(PREDICTIONS, predictions, &TABLE, &columns, BATCH_ROWS)?;
    let mut candidates = BTreeSet::new();
    for batch in reader {
        let batch = batch?;
        let of = |name: &str| schema::text_column(&batch, name);
        for (candidate, part) in of("codigo").iter().zip(of("part")) {
            if let (Some(candidate), Some("train" | "aside")) = (candidate, part)
                && !candidates.contains(candidate)
            {
                candidates.insert(candidate.into());
            }
        }
    }
    Ok(candidates)
}

fn write_rows(rows: &[(&str, &str, f32, bool)], out: &Outputs) -> Result<(), stage::Error> {
    let schema = Arc::new(Schema::new(vec![
        Field::new("codigo", DataType::Utf8, false),
        Field::new("codigo_vaga", DataType::Utf8, false),
        Field::new("probability", DataType::Float32, false),
        Field::new("unseen", DataType::Boolean, false),
    ]));
    let sink = out.create(LIVE_SCORES)?;
    let options = WriterOptions::default();
    let mut writer = TableWriter::with_schema(LIVE_SCORES, sink, Arc::clone(&schema), options)
        .map_err(Error::Table)?;
    for rows in rows.chunks(BATCH_ROWS) {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.0))),
            Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.1))),
            Arc::new(Float32Array::from_iter_values(rows.iter().map(|row| row.2))),
            Arc::new(BooleanArray::from_iter(rows.iter().map(|row| Some(row.3)))),
        ];
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns)
            .map_err(|source| schema::Error::Batch { table: LIVE_SCORES.to_owned(), source });
        writer.write(&batch.map_err(Error::Table)?).map_err(Error::Table)?;
    }
    let (rows, sink) = writer.finish().map_err(Error::Table)?;
    sink.finish(Some(rows))
}
