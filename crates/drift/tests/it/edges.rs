//! What is hardly there, or of another shape.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use drift::report::{Absence, Comparison, Part, Severity, Subject};
use serde_json::json;
use versioning::Artefact;

use crate::fixture::{Place, Rows, generated, texts, write};

fn sample(seed: u64) -> Rows {
    generated(seed, 200, 40, 300)
}

fn compared(before: &Rows, after: &Rows) -> Comparison {
    let mut place = Place::new();
    place.features("2025-01-29", before);
    place.features("2025-01-30", after);
    place.report().comparisons.remove(0)
}

#[test]
fn an_empty_current_is_an_alert() {
    let found = compared(&sample(1), &Rows::default());
    assert_eq!(found.severity, Severity::Alert);
    assert_eq!(found.reasons[0].subject, Subject::Volume("people".to_owned()));
    assert!(matches!(found.classic, Part::Absent(Absence::TooFew)));
    assert!(found.label_rate.is_none());
    let city = found.columns.iter().find(|c| c.column == "cidade").unwrap();
    assert_eq!((city.rows_after, city.missing_after, city.measures.len()), (0, 0.0, 0));
}

#[test]
fn an_empty_baseline_says_nothing() {
    let found = compared(&Rows::default(), &sample(1));
    assert_eq!(found.severity, Severity::None);
    let both = compared(&Rows::default(), &Rows::default());
    assert!(both.equal);
}

#[test]
fn one_row_a_side_is_no_evidence() {
    let found = compared(&generated(1, 1, 1, 1), &generated(2, 1, 1, 1));
    assert_eq!(found.severity, Severity::None, "{:?}", found.reasons);
    assert!(found.columns.iter().all(|c| c.histogram.is_none() && c.quantiles_after.is_none()));
}

#[test]
fn a_column_that_lost_all_its_values_is_an_alert_and_one_that_never_had_any_is_not() {
    let mut lost = sample(2);
    for person in &mut lost.people {
        person.remove("cidade");
    }
    let found = compared(&sample(1), &lost);
    let of = |name: &str| found.columns.iter().find(|c| c.column == name).unwrap();
    assert_eq!(of("cidade").severity, Severity::Alert);
    assert_eq!((of("cidade").missing_before, of("cidade").missing_after), (0.0, 1.0));
    assert_eq!(of("pcd").severity, Severity::None);
    assert_eq!((of("pcd").missing_before, of("pcd").missing_after), (1.0, 1.0));
}

#[test]
fn a_term_of_one_side_only_is_told() {
    let (mut before, mut after) = (sample(1), sample(2));
    for (rows, word) in [(&mut before, "cobol"), (&mut after, "rust")] {
        for person in &mut rows.people {
            person.insert("titulo_profissional".to_owned(), Some(format!("pessoa {word}")));
        }
    }
    let found = compared(&before, &after);
    let title = found.columns.iter().find(|c| c.column == "titulo_profissional").unwrap();
    assert_eq!(title.severity, Severity::Alert);
    let told: Vec<_> = title.terms.iter().map(|t| (t.term.as_str(), t.before, t.after)).collect();
    assert_eq!(told, [("cobol", 1.0, 0.0), ("rust", 0.0, 1.0)]);
}

#[test]
fn versions_of_other_schemas_are_compared_where_they_agree() {
    let mut place = Place::new();
    let mut old = sample(1).files();
    // Made by a release that had no pay, wrote the level of English as a number, had a column that
    // is gone, and one that nobody knows.
    let n = 200;
    let people = RecordBatch::try_new(
        Arc::new(Schema::new(vec![
            Field::new("codigo", DataType::Utf8, false),
            Field::new("cidade", DataType::Utf8, true),
            Field::new("ingles", DataType::Int64, true),
            Field::new("bairro", DataType::Utf8, true),
        ])),
        vec![
            Arc::new(StringArray::from_iter_values((0..n).map(|i| i.to_string()))) as ArrayRef,
            Arc::new(StringArray::from(vec!["São Paulo"; n])),
            Arc::new(Int64Array::from(vec![3; n])),
            Arc::new(StringArray::from(vec!["Centro"; n])),
        ],
    )
    .unwrap();
    old[0].1 = write(&people);
    place.commit(Artefact::Features, "2025-01-29", &old, &[], json!({}));
    place.features("2025-01-30", &sample(2));
    let found = place.report().comparisons.remove(0);
    let change = |name: &str| found.schema.iter().find(|c| c.column == name);
    assert_eq!(change("bairro").unwrap().after, None);
    assert_eq!(change("remuneracao").unwrap().before, None);
    let english = change("ingles").unwrap();
    assert_eq!(
        (english.before.as_deref(), english.after.as_deref()),
        (Some("Int64"), Some("Utf8"))
    );
    assert!(change("cidade").is_none());
    assert_eq!(found.severity, Severity::Alert);
    assert_eq!(found.reasons[0].subject, Subject::Schema("people".to_owned()));
    let measured: Vec<_> = found.columns.iter().filter(|c| c.table == "people").collect();
    assert_eq!(measured.iter().map(|c| c.column.as_str()).collect::<Vec<_>>(), ["cidade"]);
}

#[test]
fn an_unknown_column_is_taken_for_what_it_holds() {
    let mut place = Place::new();
    let mut files = sample(1).files();
    let ids: Vec<String> = (0..200).map(|i| i.to_string()).collect();
    let notes: Vec<String> = (0..200).map(|i| format!("observação número {i}")).collect();
    let optional = |texts: &[String]| -> Vec<Option<&'static str>> {
        texts.iter().map(|t| Some(&*t.clone().leak())).collect()
    };
    files[0].1 = texts(&[
        ("codigo", optional(&ids)),
        ("turno", vec![Some("manhã"); 200]),
        ("observacao", optional(&notes)),
    ]);
    place.commit(Artefact::Features, "2025-01-30", &files, &[], json!({}));
    let report = place.report();
    let kind = |name: &str| report.profile.iter().find(|c| c.column == name).unwrap().kind;
    assert_eq!(kind("turno"), drift::report::ColumnKind::Category);
    assert_eq!(kind("observacao"), drift::report::ColumnKind::Text);
}

#[test]
fn what_is_derived_for_the_audit_is_measured_and_is_in_no_document_of_the_classic_analysis() {
    let audited = |seed: u64, state: &str, band: &str| {
        let mut rows = sample(seed);
        for person in &mut rows.people {
            person.insert("estado".to_owned(), Some(state.to_owned()));
        }
        for application in &mut rows.applications {
            application.insert("faixa_etaria".to_owned(), Some(band.to_owned()));
        }
        rows
    };
    let plain = compared(&sample(1), &sample(2));
    let found = compared(&audited(1, "Acre", "25-34"), &audited(2, "Bahia", "55+"));
    assert!(matches!(found.classic, Part::Present(_)));
    assert_eq!(found.classic, plain.classic);
    for (table, name) in [("people", "estado"), ("candidates", "faixa_etaria")] {
        let column = found.columns.iter().find(|c| c.column == name).unwrap();
        assert_eq!((column.table.as_str(), column.severity), (table, Severity::Alert), "{name}");
    }
}
