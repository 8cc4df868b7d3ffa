//! What a training made, written as the files of a version.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float32Array};
use reports::Lang;
use schema::{KnownAt, Role, tables};
use serde::Serialize;
use serde_json::Value;
use stage::Outputs;

use crate::{
    Error,
    artefacts::{METRICS, MODEL, PREDICTIONS, PREPROCESSOR, keys, text, write_columns},
    card::{CARD, Card, PAGE_EN, PAGE_PT},
    dataset::Dataset,
    decision::{DECISION, Decision},
    evaluation::Evaluation,
    fit::Fitted,
};

/// Writes all files of a version; the same model gives the same bytes.
pub(crate) fn model(
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
pub(crate) fn card(out: &Outputs, card: &Card) -> Result<(), stage::Error> {
    let mut bytes = serde_json::to_vec_pretty(card).map_err(stage::Error::failed)?;
    bytes.push(b'\n');
    out.write(CARD, &bytes, None)?;
    for (file, lang) in [(PAGE_PT, Lang::Pt), (PAGE_EN, Lang::En)] {
        out.write(file, card.page(lang).as_bytes(), None)?;
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

/// `predictions.parquet`: the keys, which part the application is of (`train`; `aside` for
/// calibration and threshold; `test`), whether it is a match, and its probability; null but where
/// it was held out, for elsewhere a probability tells nothing. Applications without a label that can
/// be learnt from are left out.
fn predictions<W: std::io::Write + Send>(
    sink: W,
    dataset: &Dataset,
    fitted: &Fitted,
    evaluation: &Evaluation,
) -> Result<(u64, W), Error> {
    let Fitted { train, aside, test, .. } = fitted;
    let parts = [("test", test), ("train", train), ("aside", aside)];
    let rows = || parts.iter().flat_map(|(_, part)| &part.applications);
    let names = parts.iter().flat_map(|(name, part)| part.labels.iter().map(move |_| *name));
    let others = std::iter::repeat_n(None, train.labels.len() + aside.labels.len());
    let probabilities = evaluation.probabilities.iter().copied().map(Some).chain(others);
    let probabilities: ArrayRef = Arc::new(Float32Array::from_iter(probabilities));
    let labels: ArrayRef = Arc::new(BooleanArray::from_iter(rows().map(|a| Some(a.positive))));
    let [people, jobs] = keys(dataset, rows());
    write_columns(
        PREDICTIONS,
        sink,
        vec![
            people,
            jobs,
            ("part", text(names), false),
            ("label", labels, false),
            ("probability", probabilities, true),
        ],
    )
}
