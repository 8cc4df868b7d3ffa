//! The drift report: what it is silent about, and what it finds.

use std::fs;

use serde_json::Value;

use crate::laptop::{FEATURES, Laptop, MODEL, RECOMMENDER, RUN, accept, stage};

/// A tenth of the source's size.
const SIZE: [&str; 3] = ["4248", "1408", "5376"];

fn report(laptop: &Laptop, version: &str) -> Value {
    let path = format!("lake/decision-data-lake/drift_reports/{version}/drift.json");
    serde_json::from_slice(&fs::read(laptop.path(&path)).unwrap()).unwrap()
}

fn severity(day: &Value) -> &str {
    stage(day, "drift")["metrics"]["severity"].as_str().unwrap()
}

/// With the dial of drift the same codes carry other records: the contract refuses that day, until
/// somebody accepts it. Returns the accepting command's answer.
fn moved(laptop: &Laptop, more: &[&str]) -> Value {
    laptop.sample_of(SIZE, &["--drift", "0", "--day", "2025-06-02"]);
    assert_eq!(severity(&laptop.run()), "none");
    laptop.sample_of(SIZE, &["--drift", "0.3", "--day", "2025-06-30"]);
    let (code, error) = laptop.fails(&[&RUN[..], more].concat());
    let said = error["message"].as_str().unwrap();
    assert_eq!((code, said.contains("same-jobs")), (77, true), "{said}");
    laptop.ok(&[&accept(said)[..], &["--reason", "a new market"], more].concat())
}

#[test]
fn planted_drift_is_told_with_the_planted_terms_on_top_goes_live_and_is_told_once() {
    let laptop = Laptop::bare();
    let answer = moved(&laptop, &[]);
    assert_eq!(severity(&answer["day"]), "alert");
    // The report of the day before the acceptance knew neither models nor vectors.
    let version = stage(&answer["day"], "drift")["version"].as_str().unwrap();
    let report = report(&laptop, version);
    let comparison = &report["comparisons"][0];
    assert_eq!(comparison["baseline"]["version"], "v1");
    let terms = comparison["classifier"]["present"]["terms"].as_array().unwrap();
    let top: Vec<&str> = terms.iter().take(10).map(|t| t["term"].as_str().unwrap()).collect();
    let planted = top.iter().filter(|t| sample::drift::PLANTED_TERMS.contains(t)).count();
    assert!(planted >= 5, "{planted} of the ten top terms were planted: {top:?}");
    let live = [FEATURES, MODEL, RECOMMENDER].map(|file| laptop.read(file));
    assert!(live.iter().all(|latest| !latest.starts_with("v1/")), "{live:?}");
    // The next day is of the same world.
    laptop.sample_of(SIZE, &["--drift", "0.3", "--day", "2025-07-28"]);
    let day = laptop.run();
    assert_ne!(severity(&day), "alert", "{day}");
}

#[test]
fn a_drift_alert_refuses_only_where_the_configuration_says_so() {
    let laptop = Laptop::bare();
    fs::write(laptop.path("mllab.toml"), "[gate.drift]\nrefuse_at = \"alert\"\n").unwrap();
    let answer = moved(&laptop, &["--config", "mllab.toml"]);
    let accepted = answer["accepted"]["accepted"].to_string();
    assert!(accepted.contains("\"drift\""), "{accepted}");
    assert!(laptop.read(MODEL).starts_with("v2/"));
}

#[test]
fn later_days_of_the_same_world_are_no_alert() {
    let laptop = Laptop::bare();
    laptop.sample_of(SIZE, &["--day", "2025-06-02"]);
    laptop.run();
    laptop.sample_of(SIZE, &["--day", "2025-07-07"]);
    let day = laptop.run();
    assert_ne!(severity(&day), "alert", "{}", report(&laptop, "v2")["new"]);
}

#[test]
fn the_same_data_is_no_alarm_whatever_the_version() {
    let laptop = Laptop::new();
    laptop.run();
    let forced = laptop.ok(&["run", "--raw", "raw", "--force"]);
    assert_eq!(severity(&forced), "none");
    let report = report(&laptop, "v2");
    assert_eq!(report["comparisons"][0]["equal"], true);
    assert_eq!(report["history"].as_array().unwrap().len(), 2);
}

#[test]
fn a_report_is_told_in_english_too() {
    let laptop = Laptop::new();
    laptop.run();
    laptop.ok(&["drift", "report", "--lang", "en", "--output", "report.html"]);
    let english = fs::read_to_string(laptop.path("report.html")).unwrap();
    assert!(english.contains("<html lang=en") || english.contains("<html lang=\"en\""));
    let path = "lake/decision-data-lake/drift_reports/v1/drift_report.html";
    let portuguese = fs::read_to_string(laptop.path(path)).unwrap();
    assert!(portuguese.contains("pt-BR"));
}
