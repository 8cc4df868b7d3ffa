//! What goes live and what does not.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float32Array, RecordBatch, cast::AsArray, types::Float32Type};
use bytes::Bytes;
use matching::{
    Matching,
    artefacts::{MODEL, PREDICTIONS, PREPROCESSOR},
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use schema::{TableWriter, WriterOptions};
use serde_json::{Value, json};
use stage::{ErrorName, GateReport};
use versioning::{Artefact, Committed, Lake, Timestamp};

use crate::{
    fixture::generated,
    lake::{lake_with, run, small},
};

/// What the gate says of the newest version.
pub(crate) fn verify(lake: &Lake, gate: Value) -> Result<GateReport, stage::Error> {
    testlake::verify::<Matching>(lake, "2025-01-31", gate, Timestamp::from_millis(3_000))
}

/// A lake with a version, which is live.
fn live(config: Value) -> (Lake, Committed) {
    let lake = lake_with(&generated(200, 30, 600));
    run(&lake, config).unwrap();
    let series = lake.series(Artefact::Matching);
    let made = series.newest().unwrap().unwrap();
    testlake::promote(&lake, Artefact::Matching, &made, MODEL, Timestamp::from_millis(1_600));
    (lake, made)
}

/// Commits the version once more with another file.
fn with_file(lake: &Lake, made: &Committed, file: &str, bytes: &Bytes) {
    let other = Some((file, bytes.clone()));
    testlake::commit_copy(lake, Artefact::Matching, made, other, |_| ());
}

fn latest(lake: &Lake) -> Bytes {
    testlake::latest(lake, "models/Modelo_Matching_Classificacao")
}

/// The newest version is refused for what is `said`; that is stored, and nothing moves.
fn refused(lake: &Lake, gate: Value, said: &str) {
    let before = latest(lake);
    let report = verify(lake, gate).unwrap();
    let failed = report.checks.iter().filter(|check| !check.passed);
    let failed: Vec<String> = failed
        .map(|c| format!("{}: expected {}, found {}", c.check, c.expected, c.found))
        .collect();
    assert!(!report.passed && failed.concat().contains(said), "{failed:?}");
    assert_eq!(latest(lake), before);
    let series = lake.series(Artefact::Matching);
    let version = series.newest().unwrap().unwrap().version().to_string();
    let stored: GateReport = series.record("_gate", &version).unwrap().unwrap();
    assert!(!stored.passed && stored.checks.iter().any(|check| !check.passed));
}

#[test]
fn a_model_that_is_served_as_it_was_judged_passes() {
    let (lake, _) = live(small());
    let report = verify(&lake, json!({})).unwrap();
    assert!(report.passed);
    let names: Vec<_> = report.checks.iter().map(|check| check.check.as_str()).collect();
    let expected = [
        "files",
        "average precision above the constant model's",
        "log-loss below the constant model's",
        "ROC-AUC above the decision tree's",
        "comparison with the live model",
        "golden queries",
        "the live model on today's features",
    ];
    assert_eq!(names, expected);
    let why = "not compared: no version of this system was live when the features were made; the constant model and the tree decide";
    assert_eq!(report.checks[4].found, why);
    assert_eq!(report.checks[5].found, "32 of 32, the furthest by 0.0e0");
}

#[test]
fn predictions_that_the_model_does_not_give_are_refused() {
    let (lake, made) = live(small());
    let reader = ParquetRecordBatchReaderBuilder::try_new(made.open(PREDICTIONS).unwrap()).unwrap();
    let schema = Arc::clone(reader.schema());
    let options = WriterOptions::default();
    let mut writer =
        TableWriter::with_schema("p", Vec::new(), Arc::clone(&schema), options).unwrap();
    for batch in reader.build().unwrap() {
        let batch = batch.unwrap();
        let columns = batch.columns().iter().zip(schema.fields());
        let columns = columns.map(|(column, field)| -> ArrayRef {
            if field.name() != "probability" {
                return Arc::clone(column);
            }
            let moved = column.as_primitive::<Float32Type>().iter().map(|p| p.map(|p| p + 1e-4));
            Arc::new(Float32Array::from_iter(moved))
        });
        let columns = columns.collect();
        writer.write(&RecordBatch::try_new(Arc::clone(&schema), columns).unwrap()).unwrap();
    }
    with_file(&lake, &made, PREDICTIONS, &writer.finish().unwrap().1.into());
    refused(&lake, json!({}), "golden queries: expected 32 applications held out");
    refused(&lake, json!({"golden": 5}), "found 0 of 5, the furthest by 1.0e-4");
}

#[test]
fn a_model_that_cannot_be_loaded_is_refused() {
    let (lake, made) = live(small());
    with_file(&lake, &made, PREPROCESSOR, &Bytes::from_static(b"{}"));
    refused(&lake, json!({}), "found preprocessor.json: ");
}

#[test]
fn a_model_that_a_tree_ranks_as_well_as_is_refused() {
    // One question, which the tree asks too, and then asks on.
    let mut config = small();
    config["boost"] = json!({"n_estimators": 1, "max_depth": 1});
    let (lake, _) = live(config);
    refused(&lake, json!({}), "ROC-AUC above the decision tree's: expected by more than 0");
}

#[test]
fn bounds_are_ones_own_and_a_misspelt_one_is_no_refusal() {
    let (lake, _) = live(small());
    refused(&lake, json!({"tree_auc": 0.9, "sure_from": 0}), "expected by more than 0.9, found");
    refused(&lake, json!({"prior_log_loss": 1}), "log-loss below the constant model's");
    let error = verify(&lake, json!({"tree_acu": 0.1})).unwrap_err();
    assert_eq!(error.name, ErrorName::ConfigInvalid);
    assert!(error.message.contains("did you mean `tree_auc`?"), "{error}");
}
