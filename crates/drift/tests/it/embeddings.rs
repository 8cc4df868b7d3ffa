//! The recommender's embeddings of two versions.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use bytes::Bytes;
use drift::report::{Absence, Comparison, Severity, Subject};
use neighbours::npy;
use serde_json::{Value, json};
use versioning::{Artefact, Committed};

use crate::fixture::{Place, Random, generated, write};

const DIMENSIONS: usize = 8;

/// Vectors of `rows` records, the third number moved by `shift`.
fn vectors(seed: u64, rows: usize, shift: f32) -> Bytes {
    let mut random = Random(seed);
    let mut next = |column| {
        let noise = random.below(2001) as f32 / 1000.0 - 1.0;
        noise + if column == 2 { shift } else { 0.0 }
    };
    let values: Vec<f32> = (0..rows * DIMENSIONS).map(|i| next(i % DIMENSIONS)).collect();
    let mut writer = npy::Writer::new(Vec::new(), rows, DIMENSIONS).unwrap();
    writer.rows(&values).unwrap();
    writer.finish().unwrap().into()
}

fn ids(key: &str, rows: usize) -> Bytes {
    let schema = Arc::new(Schema::new(vec![Field::new(key, DataType::Utf8, false)]));
    let ids = StringArray::from_iter_values((0..rows).map(|i| (31_000 + i).to_string()));
    write(&RecordBatch::try_new(schema, vec![Arc::new(ids) as ArrayRef]).unwrap())
}

fn recommend(place: &mut Place, of: &Committed, seed: u64, shift: f32, encoder: &Value) {
    let files = [
        ("candidate_embeddings.npy", vectors(seed, 600, shift)),
        ("candidate_rows.parquet", ids("codigo", 600)),
        ("job_embeddings.npy", vectors(seed + 100, 300, 0.0)),
        ("job_rows.parquet", ids("codigo_vaga", 300)),
    ];
    let inputs = [("features", of)];
    place.commit(Artefact::Recommend, "2025-01-30", &files, &inputs, encoder.clone());
}

fn compared(shift: f32, encoders: [&Value; 2]) -> Comparison {
    let mut place = Place::new();
    let before = place.features("2025-01-29", &generated(1, 50, 10, 60));
    recommend(&mut place, &before, 1, 0.0, encoders[0]);
    let after = place.features("2025-01-30", &generated(2, 50, 10, 60));
    recommend(&mut place, &after, 2, shift, encoders[1]);
    place.report().comparisons.remove(0)
}

fn encoder(name: &str) -> Value {
    json!({"encoder": name, "encoder_revision": "1", "kernel": "scalar"})
}

#[test]
fn embeddings_that_have_moved_are_told_from_those_that_have_not() {
    let one = encoder("lsa");
    let same = compared(0.0, [&one, &one]);
    assert_eq!(same.severity, Severity::None);
    let sides: Vec<_> = same.embeddings.iter().map(|e| e.side.as_str()).collect();
    assert_eq!(sides, ["people", "jobs"]);

    let moved = compared(1.0, [&one, &one]);
    let [people, jobs] = moved.embeddings.as_slice() else { panic!("{:?}", moved.embeddings) };
    assert!(people.auc > 0.7 && people.encoder == "lsa", "{people:?}");
    assert_eq!((people.measure.severity, jobs.measure.severity), (Severity::Alert, Severity::None));
    assert_eq!(moved.reasons[0].subject, Subject::Embeddings("people".to_owned()));
}

#[test]
fn embeddings_of_two_encoders_lie_in_two_spaces() {
    let found = compared(1.0, [&encoder("lsa"), &encoder("minilm")]);
    assert_eq!(found.embeddings_absent, Some(Absence::OtherEncoder));
    assert!(found.embeddings.is_empty());
}

#[test]
fn vectors_and_rows_that_do_not_fit_are_named() {
    let mut place = Place::new();
    let before = place.features("2025-01-29", &generated(1, 50, 10, 60));
    let after = place.features("2025-01-30", &generated(2, 50, 10, 60));
    for of in [&before, &after] {
        let files = [
            ("candidate_embeddings.npy", vectors(1, 600, 0.0)),
            ("candidate_rows.parquet", ids("codigo", 599)),
        ];
        let inputs = [("features", of)];
        place.commit(Artefact::Recommend, "2025-01-30", &files, &inputs, encoder("lsa"));
    }
    let error = place.try_run(json!(null)).unwrap_err();
    assert_eq!(error.name, stage::ErrorName::BadInput);
    let said =
        "candidate_embeddings.npy of recommend v1: it has 600 rows, candidate_rows.parquet 599";
    assert!(error.message.starts_with(said), "{error}");
}
