//! What goes live and what does not.

use bytes::Bytes;
use drift::{Drift, PAGE};
use serde_json::{Value, json};
use stage::GateReport;
use versioning::{Artefact, Timestamp};

use crate::fixture::{Place, Rows, generated};

fn sample(seed: u64) -> Rows {
    generated(seed, 400, 80, 600)
}

/// People who all live elsewhere.
fn moved(seed: u64) -> Rows {
    let mut rows = sample(seed);
    for person in &mut rows.people {
        person.insert("cidade".to_owned(), Some("Manaus".to_owned()));
    }
    rows
}

/// What the gate says of the newest report.
fn verify(place: &Place, gate: Value) -> Result<GateReport, stage::Error> {
    let at = Timestamp::from_millis(1_000_000);
    testlake::verify::<Drift>(&place.lake, "2025-01-31", gate, at)
}

fn latest(place: &Place) -> Bytes {
    testlake::latest(&place.lake, "drift_reports")
}

#[test]
fn a_first_version_passes_for_there_is_nothing_to_compare_it_with() {
    let mut place = Place::new();
    place.features("2025-01-29", &sample(1));
    place.report();
    let report = verify(&place, json!({"refuse_at": "watch"})).unwrap();
    assert_eq!(report.checks[1].found, "none");
}

#[test]
fn an_alert_is_told_with_its_figures_and_is_no_veto() {
    let mut place = Place::new();
    place.features("2025-01-29", &sample(1));
    place.report();
    place.features("2025-01-30", &moved(2));
    place.report();
    let report = verify(&place, json!({})).unwrap();
    let check = &report.checks[1];
    assert!(report.passed && check.passed);
    assert_eq!((check.name.as_str(), check.question), ("drift", stage::Question::World));
    for said in [
        "alert: people.cidade (values) since v1 of 2025-01-29, ",
        "Jensen-Shannon 0.9",
        "(alert from 0.0075)",
        "See drift_reports/v2/drift_report.html (no veto)",
    ] {
        assert!(check.found.contains(said), "{}", check.found);
    }
    // What people wrote is not repeated, and what is only a watch is not named.
    assert!(!check.found.to_lowercase().contains("manaus"), "{}", check.found);
}

#[test]
fn an_alert_is_refused_where_that_is_configured_and_nothing_moves() {
    let mut place = Place::new();
    place.features("2025-01-29", &sample(1));
    place.report();
    let series = place.lake.series(Artefact::Drift);
    let first = series.newest().unwrap().unwrap().version();
    series.promote(first, &[format!("{first}/{PAGE}")], Timestamp::from_millis(1), "test").unwrap();
    let before = latest(&place);
    place.features("2025-01-30", &moved(2));
    place.report();
    let report = verify(&place, json!({"refuse_at": "alert"})).unwrap();
    let check = &report.checks[1];
    assert!(!report.passed && !check.passed);
    assert_eq!(check.expected, "less than alert");
    assert!(check.found.contains("people.cidade (values) since v1"), "{}", check.found);
    assert!(!check.found.contains("no veto"), "{}", check.found);
    assert_eq!(latest(&place), before);
    let stored: GateReport = series.record("_gate", "v2").unwrap().unwrap();
    assert!(!stored.passed);
}

#[test]
fn what_is_known_is_not_refused_again() {
    let mut place = Place::new();
    for (day, rows) in
        [("2024-01-01", sample(1)), ("2025-01-29", moved(2)), ("2025-01-30", moved(3))]
    {
        place.features(day, &rows);
        place.live_report();
    }
    let report = verify(&place, json!({"refuse_at": "watch"})).unwrap();
    assert_eq!(report.checks[1].found, "none");
}
