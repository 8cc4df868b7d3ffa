//! The drift report: what it is silent about, and what it finds.

use std::fs;

use serde_json::Value;

use crate::laptop::{FEATURES, Laptop, MODEL, RECOMMENDER, REPORT, RUN, stage};

/// A tenth of the source's size.
const SIZE: [&str; 3] = ["4248", "1408", "5376"];

fn report(laptop: &Laptop, version: &str) -> Value {
    let path = format!("lake/decision-data-lake/drift_reports/{version}/drift.json");
    serde_json::from_slice(&fs::read(laptop.path(&path)).unwrap()).unwrap()
}

fn severity(day: &Value) -> &str {
    stage(day, "drift")["metrics"]["severity"].as_str().unwrap()
}

#[test]
fn planted_drift_is_told_with_the_planted_terms_on_top_goes_live_and_is_told_once() {
    let laptop = Laptop::bare();
    laptop.sample_of(SIZE, &["--drift", "0"]);
    assert_eq!(severity(&laptop.run()), "none");
    laptop.sample_of(SIZE, &["--drift", "0.3"]);
    let live = || [FEATURES, MODEL, RECOMMENDER, REPORT].map(|file| laptop.read(file));
    let before = live();
    // It is refused where that is configured.
    fs::write(laptop.path("mllab.toml"), "[gate.drift]\nrefuse_at = \"alert\"\n").unwrap();
    let (code, error) = laptop.fails(&[&RUN[..], &["--config", "mllab.toml"]].concat());
    assert_eq!((code, &error["error"]), (77, &Value::from("GateRefused")), "{error}");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("severity of the drift: expected less than alert"), "{message}");
    assert_eq!(live(), before);
    let told = report(&laptop, "v2");
    assert_eq!(told["severity"], "alert");
    let comparison = &told["comparisons"][0];
    assert_eq!((&comparison["term"], &comparison["baseline"]["version"]), (&"live".into(), &"v1".into()));
    let terms = comparison["classifier"]["present"]["terms"].as_array().unwrap();
    let top: Vec<&str> = terms.iter().take(10).map(|t| t["term"].as_str().unwrap()).collect();
    let planted = top.iter().filter(|t| sample::drift::PLANTED_TERMS.contains(t)).count();
    assert!(planted >= 5, "{planted} of the ten top terms were planted: {top:?}");
    // By default it goes live: the models have been trained on it.
    let day = laptop.run();
    assert_eq!((day["unchanged"].as_bool(), severity(&day)), (Some(true), "alert"));
    assert!(live().iter().all(|latest| latest.starts_with("v2/")), "{day}");
    // The third day is of the same world.
    laptop.sample_of(SIZE, &["--drift", "0.3", "--seed", "2"]);
    let day = laptop.run();
    let news = &report(&laptop, "v3")["new"];
    assert_ne!(severity(&day), "alert", "{news}");
}

#[test]
fn other_people_of_the_same_world_are_no_alarm() {
    let laptop = Laptop::bare();
    laptop.sample_of(SIZE, &["--seed", "1"]);
    laptop.run();
    laptop.sample_of(SIZE, &["--seed", "2"]);
    let day = laptop.run();
    assert_eq!(severity(&day), "none", "{}", report(&laptop, "v2")["new"]);
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
