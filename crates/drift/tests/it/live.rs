//! The live model's scores on today's applications beside those that it was judged on.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float32Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use bytes::Bytes;
use drift::report::{Absence, LiveScores, Part, Severity, Subject};
use serde_json::json;
use versioning::Artefact;

use crate::fixture::{Place, Rows, generated, row, write};

/// Scores in tenths of a thousand, some of which do not count.
fn scores(of: &str, values: impl Iterator<Item = u32>) -> Bytes {
    let values: Vec<f32> = values.map(|v| v as f32 / 1000.0).collect();
    let counts = |i: usize| !i.is_multiple_of(4);
    let (field, column): (_, ArrayRef) = match of {
        "part" => {
            let parts = (0..values.len()).map(|i| if counts(i) { "test" } else { "train" });
            (DataType::Utf8, Arc::new(StringArray::from_iter_values(parts)))
        }
        _ => {
            let unseen = (0..values.len()).map(|i| Some(counts(i)));
            (DataType::Boolean, Arc::new(BooleanArray::from_iter(unseen)))
        }
    };
    // What does not count would be found out: it scores 1.
    let scored = values.iter().enumerate().map(|(i, v)| if counts(i) { *v } else { 1.0 });
    let probability: ArrayRef = Arc::new(Float32Array::from_iter_values(scored));
    let fields =
        vec![Field::new(of, field, false), Field::new("probability", DataType::Float32, true)];
    let schema = Arc::new(Schema::new(fields));
    write(&RecordBatch::try_new(schema, vec![column, probability]).unwrap())
}

fn live(today: impl Iterator<Item = u32>) -> (Part<LiveScores>, Severity) {
    let mut place = Place::new();
    let before = place.features("2025-01-29", &generated(1, 50, 10, 60));
    let test = scores("part", (0..1000).map(|i| i % 500));
    let files = [("predictions.parquet", test)];
    let model =
        place.commit(Artefact::Matching, "2025-01-29", &files, &[("features", &before)], json!({}));
    let after = place.features("2025-01-30", &generated(2, 50, 10, 60));
    let files = [("live_scores.parquet", scores("unseen", today))];
    let inputs = [("features", &after), ("live", &model)];
    place.commit(Artefact::Matching, "2025-01-30", &files, &inputs, json!({}));
    let report = place.report();
    let told = report.new.iter().any(|r| r.subject == Subject::LiveScores);
    assert!(told || report.severity == Severity::None, "{:?}", report.new);
    (report.live_scores, report.severity)
}

#[test]
fn scores_of_people_that_the_model_has_not_seen_are_compared() {
    let (Part::Present(same), severity) = live((0..2000).map(|i| i % 500)) else { panic!() };
    assert_eq!((same.model.as_str(), same.trained_on.as_str()), ("v1", "v1"));
    assert_eq!((same.rows_before, same.rows_after), (750, 1500));
    assert!(same.mean_before < 0.3 && (same.mean_before - same.mean_after).abs() < 0.01);
    assert_eq!(same.histogram.before.len(), 10);
    assert_eq!(severity, Severity::None);

    let (Part::Present(moved), severity) = live((0..1000).map(|i| 300 + i % 500)) else { panic!() };
    assert!(moved.mean_after > 0.5);
    assert_eq!(severity, Severity::Alert);
}

#[test]
fn few_scores_say_nothing() {
    let (part, severity) = live(0..10);
    assert!(matches!(part, Part::Absent(Absence::TooFew)));
    assert_eq!(severity, Severity::None);
}

#[test]
fn without_a_live_model_there_is_nothing_to_compare() {
    let mut place = Place::new();
    let features = place.features("2025-01-30", &generated(1, 50, 10, 60));
    assert!(matches!(place.report().live_scores, Part::Absent(Absence::NotMade)));
    let files = [("metrics.json", Bytes::from_static(b"{}"))];
    place.commit(Artefact::Matching, "2025-01-30", &files, &[("features", &features)], json!({}));
    assert!(matches!(place.report().live_scores, Part::Absent(Absence::NothingLive)));
}

/// The live model's scores of 600 applications of a mature quarter, of which each tenth is a match,
/// and of one later; `mature` as matching says it.
fn judged(probability: f32, mature: Option<fn(usize) -> bool>) -> LiveScores {
    let mut rows = Rows::default();
    let (mut people, mut jobs) = (Vec::new(), Vec::new());
    for i in 0..601 {
        let (person, job) = (format!("p{i}"), format!("j{i}"));
        let status = if i % 10 == 0 { "Contratado pela Decision" } else { "Desistiu" };
        // 2021-08-11, and 2022-01-08 for the last.
        let day = if i < 600 { "18850" } else { "19000" };
        rows.people.push(row([("codigo", Some(&person))]));
        rows.jobs.push(row([("codigo_vaga", Some(&job))]));
        rows.applications.push(row([
            ("codigo", Some(&person)),
            ("codigo_vaga", Some(&job)),
            // Hired in another way: neither a match nor none.
            (
                "situacao_candidato",
                Some(if i % 10 == 1 { "Contratado como Hunting" } else { status }),
            ),
            ("data_candidatura", Some(day)),
        ]));
        people.push(person);
        jobs.push(job);
    }
    let mut place = Place::new();
    let before = place.features("2022-01-09", &rows);
    let test = scores("part", (0..1000).map(|i| i % 500));
    let files = [("predictions.parquet", test)];
    let model =
        place.commit(Artefact::Matching, "2022-01-09", &files, &[("features", &before)], json!({}));
    let after = place.features("2022-01-10", &rows);
    let mut fields = vec![
        Field::new("codigo", DataType::Utf8, false),
        Field::new("codigo_vaga", DataType::Utf8, false),
        Field::new("probability", DataType::Float32, true),
        Field::new("unseen", DataType::Boolean, false),
    ];
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(&people)),
        Arc::new(StringArray::from_iter_values(&jobs)),
        Arc::new(Float32Array::from(vec![probability; people.len()])),
        Arc::new(BooleanArray::from(vec![true; people.len()])),
    ];
    if let Some(mature) = mature {
        fields.push(Field::new("mature", DataType::Boolean, false));
        let mature = (0..people.len()).map(|i| Some(mature(i)));
        columns.push(Arc::new(BooleanArray::from_iter(mature)));
    }
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
    let files = [("live_scores.parquet", write(&batch))];
    let inputs = [("features", &after), ("live", &model)];
    place.commit(Artefact::Matching, "2022-01-10", &files, &inputs, json!({}));
    let Part::Present(scores) = place.report().live_scores else { panic!() };
    scores
}

#[test]
fn what_the_live_model_expected_stands_beside_what_came() {
    let fair = judged(0.11, None).calibration.unwrap();
    assert_eq!((fair.from.as_str(), fair.to.as_str()), ("2021-07-01", "2021-09-30"));
    // Those hired in another way are left out.
    assert_eq!(fair.rows, 540);
    assert!((fair.observed - 60.0 / 540.0).abs() < 1e-9 && (fair.expected - 0.11).abs() < 1e-6);
    assert!(fair.low < fair.expected && fair.expected < fair.high);
    assert_eq!(fair.measure.severity, Severity::None);
    let high = judged(0.25, None).calibration.unwrap();
    assert!(high.high < high.expected);
    assert_eq!(high.measure.severity, Severity::Alert);
}

#[test]
fn applications_that_the_label_rule_leaves_out_are_left_out_of_todays_scores() {
    assert_eq!(judged(0.11, None).rows_after, 601);
    assert_eq!(judged(0.11, Some(|i| i.is_multiple_of(3))).rows_after, 201);
}
