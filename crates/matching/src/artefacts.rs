//! The files of a version, written.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float32Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use schema::{KnownAt, Role, TableWriter, WriterOptions, tables};
use serde::Serialize;
use serde_json::Value;
use stage::Outputs;
use webpage::Lang;

use crate::{
    Error,
    card::{self, CARD, Card, PAGE_EN, PAGE_PT},
    dataset::{Application, Dataset},
    decision::{DECISION, Decision},
    evaluate::Evaluation,
    fit::Fitted,
};

/// The trees, in XGBoost's JSON schema: what `latest.txt` names.
pub const MODEL: &str = "model_matching.json";
pub const PREPROCESSOR: &str = "preprocessor.json";
pub const METRICS: &str = "metrics.json";
/// The applications with their part and, where held out, their prediction.
pub const PREDICTIONS: &str = "predictions.parquet";

/// Rows of a batch of predictions.
const BATCH_ROWS: usize = 1 << 16;

/// Writes all files of a version; the same model gives the same bytes.
///
/// # Errors
/// [`stage::ErrorName::StageFailed`] when the disk fails.
pub fn write(
    out: &Outputs,
    dataset: &Dataset,
    fitted: &Fitted,
    decision: &Decision,
    evaluation: &Evaluation,
) -> Result<(), stage::Error> {
    let mut model = out.create(MODEL)?;
    fitted.model.to_json(&mut model).map_err(Error::Boost)?;
    model.finish(None)?;
    out.write(PREPROCESSOR, &fitted.preprocessor.to_json()?, None)?;
    out.write(DECISION, &decision.to_json()?, None)?;
    let mut metrics =
        serde_json::to_vec_pretty(&evaluation.metrics).map_err(stage::Error::failed)?;
    metrics.push(b'\n');
    out.write(METRICS, &metrics, None)?;
    let file = out.create(PREDICTIONS)?;
    let (rows, file) = predictions(file, dataset, fitted, evaluation)?;
    file.finish(Some(rows))?;
    out.describe("columns", columns(fitted)?);
    Ok(())
}

/// Writes the model card: its document, and its page in both languages.
///
/// # Errors
/// [`stage::ErrorName::StageFailed`] when the disk fails.
pub fn write_card(out: &Outputs, card: &Card) -> Result<(), stage::Error> {
    let document = card.to_json()?;
    let mut bytes = serde_json::to_vec_pretty(&document).map_err(stage::Error::failed)?;
    bytes.push(b'\n');
    out.write(CARD, &bytes, None)?;
    for (file, lang) in [(PAGE_PT, Lang::Pt), (PAGE_EN, Lang::En)] {
        out.write(file, card::page(&document, lang)?.as_bytes(), None)?;
    }
    Ok(())
}

/// What the manifest says of the columns that the model uses.
fn columns(fitted: &Fitted) -> Result<Value, stage::Error> {
    #[derive(Serialize)]
    struct Used<'a> {
        column: &'a str,
        role: Role,
        known_at: KnownAt,
        matrix_columns: usize,
    }
    let used: Vec<_> = fitted
        .preprocessor
        .blocks()
        .iter()
        .filter_map(|block| {
            let column =
                &tables::CANDIDATES.columns[tables::CANDIDATES.position(block.column())?];
            let matrix_columns = block.width();
            let (role, known_at) = (column.role, column.known_at);
            Some(Used { column: column.name, role, known_at, matrix_columns })
        })
        .collect();
    serde_json::to_value(used).map_err(stage::Error::failed)
}

/// Columns of `predictions.parquet`: the keys, which part the application is of (`train`; `aside` for
/// calibration and threshold; `test`), whether it is a match, and its probability; null but where
/// it was held out, for elsewhere a probability tells nothing. Applications without a label that can
/// be learnt from are left out.
fn prediction_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("codigo", DataType::Utf8, false),
        Field::new("codigo_vaga", DataType::Utf8, false),
        Field::new("part", DataType::Utf8, false),
        Field::new("label", DataType::Boolean, false),
        Field::new("probability", DataType::Float32, true),
    ]))
}

fn predictions<W: std::io::Write + Send>(
    sink: W,
    dataset: &Dataset,
    fitted: &Fitted,
    evaluation: &Evaluation,
) -> Result<(u64, W), Error> {
    let schema = prediction_schema();
    let mut writer =
        TableWriter::with_schema(PREDICTIONS, sink, Arc::clone(&schema), WriterOptions::default())?;
    let held_out = evaluation.probabilities.iter().copied().map(Some);
    let test = fitted.test.applications.iter().zip(held_out).map(|(a, p)| (a, "test", p));
    let train = fitted.train.applications.iter().map(|a| (a, "train", None));
    let aside = fitted.aside.applications.iter().map(|a| (a, "aside", None));
    let rows: Vec<(&Application, &str, Option<f32>)> = test.chain(train).chain(aside).collect();
    for rows in rows.chunks(BATCH_ROWS) {
        let arrays: Vec<ArrayRef> = vec![
            text(rows.iter().map(|(a, ..)| &*dataset.people.ids()[a.person as usize])),
            text(rows.iter().map(|(a, ..)| &*dataset.jobs.ids()[a.job as usize])),
            text(rows.iter().map(|(_, part, _)| *part)),
            Arc::new(BooleanArray::from_iter(rows.iter().map(|(a, ..)| Some(a.positive)))),
            Arc::new(Float32Array::from_iter(rows.iter().map(|(.., probability)| *probability))),
        ];
        writer.write(&batch(&schema, arrays)?)?;
    }
    Ok(writer.finish()?)
}

/// The file that `matching score` gives: the keys and the probability of each pair, in the order of
/// the pairs.
pub(crate) fn scores(pairs: &[(Box<str>, Box<str>)], scores: &[f32]) -> Result<Vec<u8>, Error> {
    let schema = Arc::new(Schema::new(vec![
        Field::new("codigo", DataType::Utf8, false),
        Field::new("codigo_vaga", DataType::Utf8, false),
        Field::new("probability", DataType::Float32, false),
    ]));
    let name = "scores.parquet";
    let options = WriterOptions::default();
    let mut writer = TableWriter::with_schema(name, Vec::new(), Arc::clone(&schema), options)?;
    for (pairs, scores) in pairs.chunks(BATCH_ROWS).zip(scores.chunks(BATCH_ROWS)) {
        let arrays: Vec<ArrayRef> = vec![
            text(pairs.iter().map(|(person, _)| &**person)),
            text(pairs.iter().map(|(_, job)| &**job)),
            Arc::new(Float32Array::from(scores.to_vec())),
        ];
        writer.write(&batch(&schema, arrays)?)?;
    }
    Ok(writer.finish()?.1)
}

fn text<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn batch(schema: &SchemaRef, arrays: Vec<ArrayRef>) -> Result<RecordBatch, Error> {
    RecordBatch::try_new(Arc::clone(schema), arrays)
        .map_err(|source| schema::Error::Batch { table: PREDICTIONS.to_owned(), source }.into())
}
