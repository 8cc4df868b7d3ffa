//! The four questions before a release: what each refuses, holds back or reports, and how a person
//! overrules it.

use std::{fs, path::Path};

use sample::breakage::{self, Breakage};
use serde_json::{Value, json};

use crate::laptop::{FEATURES, Laptop, MODEL, RECOMMENDER, REPORT, RUN, VERSIONS, accept};

const LIVE: [&str; 4] = [FEATURES, MODEL, RECOMMENDER, REPORT];

/// What services follow; the report moves on a refused day too.
const SERVED: [&str; 3] = [FEATURES, MODEL, RECOMMENDER];

fn checks(laptop: &Laptop, series: &str, version: &str) -> Vec<Value> {
    let path = laptop.path("lake").join(series).join(format!("_gate/{version}.json"));
    let report: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    report["checks"].as_array().unwrap().clone()
}

fn message(error: &Value) -> &str {
    assert_eq!(error["error"], "GateRefused", "{error}");
    error["message"].as_str().unwrap()
}

#[test]
fn a_day_that_is_good_enough_says_what_was_asked() {
    let laptop = Laptop::new();
    let day = laptop.run();
    let gate = day["gate"].as_array().unwrap();
    assert_eq!(gate.len(), LIVE.len());
    assert!(gate.iter().all(|report| report["passed"] == true));
    for (series, question) in [
        ("decision-data-lake-features/features", "input"),
        ("decision-data-lake/models/Modelo_Matching_Classificacao", "model"),
        ("decision-data-lake/models/Modelo_Matching_Classificacao", "served"),
        ("decision-data-lake/models/Modelo_Recomendacao_Vagas", "model"),
        ("decision-data-lake/models/Modelo_Recomendacao_Vagas", "served"),
        ("decision-data-lake/drift_reports", "world"),
    ] {
        let checks = checks(&laptop, series, "v1");
        assert!(checks.iter().any(|check| check["question"] == question), "{series} {checks:?}");
    }
    let release = laptop.ok(&["release", "show"]);
    assert_eq!((&release["number"], &release["live"]), (&json!(1), &json!(true)));
    assert_eq!(release["versions"].as_object().unwrap().len(), 4);
    // What is live already is not asked again.
    assert_eq!(laptop.run()["gate"].as_array().unwrap().len(), 0);
}

/// A laptop with a live day, and the raw files of four weeks later.
fn four_weeks_later() -> Laptop {
    let laptop = Laptop::bare();
    laptop.sample_on("2025-06-02");
    laptop.run();
    laptop.sample_on("2025-06-30");
    laptop
}

fn damage(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let mut permissions = fs::metadata(path).unwrap().permissions();
    #[allow(clippy::permissions_set_readonly_false, reason = "the test plays a failing disk")]
    permissions.set_readonly(false);
    fs::set_permissions(path, permissions).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn what_cannot_be_served_is_refused_until_somebody_publishes_it_with_a_reason() {
    let laptop = four_weeks_later();
    let before = SERVED.map(|file| laptop.read(file));
    laptop.ok(&[&RUN[..], &["--no-promote"]].concat());
    let index = "lake/decision-data-lake/models/Modelo_Recomendacao_Vagas/v2/annoy_index.ann";
    damage(&laptop.path(index));
    let (code, error) = laptop.fails(&RUN);
    assert_eq!(code, 77);
    for said in ["(files)", "drift_reports/v2/drift_report.html", "release publish 2 --anyway"] {
        assert!(message(&error).contains(said), "{error}");
    }
    assert_eq!(SERVED.map(|file| laptop.read(file)), before);
    assert_eq!(
        laptop.read(REPORT),
        "v2/drift_report.html",
        "the last report, of a refused day too"
    );
    let versions = laptop.ok(&["versions", "recommend"]);
    assert_eq!(versions[1]["gate"], "failed: files");
    let history = laptop.ok(&["history", "recommend"]).to_string();
    assert!(history.contains("\"refused\":\"v2\"") && history.contains("files"), "{history}");

    // Neither by hand nor as a release without a reason.
    let (code, error) = laptop.fails(&["promote", "recommend", "v2"]);
    assert_eq!((code, message(&error).contains("--anyway --reason")), (77, true), "{error}");
    let publish = ["release", "publish", "2", "--anyway"];
    assert_eq!(laptop.mllab(&publish).status.code(), Some(2));
    laptop.ok(&[&publish[..], &["--reason", "the bit does not matter"]].concat());
    assert_eq!(laptop.read(MODEL), "v2/model_matching.json");
    let shown = laptop.ok(&["release", "show"]);
    assert_eq!((&shown["number"], &shown["kind"]), (&json!(3), &json!("promote")));
    assert_eq!(shown["reason"], "the bit does not matter");
    laptop.ok(&["release", "rollback", "--reason", "it does"]);
    assert_eq!(SERVED.map(|file| laptop.read(file)), before);
}

#[test]
fn data_that_are_not_whole_train_nothing_until_somebody_accepts_them() {
    let laptop = Laptop::bare();
    laptop.sample_of(["4248", "1408", "5376"], &["--day", "2025-06-02"]);
    let raw = laptop.path("raw");
    breakage::apply(Breakage::HalfOfApplicantsMissing, &raw, "2025-06-02".parse().unwrap(), 1)
        .unwrap();
    let (code, error) = laptop.fails(&RUN);
    assert_eq!(code, 77);
    let said = message(&error);
    assert!(said.contains("mllab accept "), "{said}");
    // The report of the refused day is all that there is.
    let versions = laptop.ok(&["versions"]);
    let stages: Vec<&str> =
        versions.as_array().unwrap().iter().map(|v| v["stage"].as_str().unwrap()).collect();
    assert_eq!(stages, ["ingest", "features", "drift"]);

    let mut accept = accept(said);
    assert_eq!(laptop.mllab(&accept).status.code(), Some(2), "a reason is needed");
    accept.extend(["--reason", "only the active ones are exported now", "--by", "an analyst"]);
    let day = laptop.ok(&accept);
    assert_eq!(day["day"]["release"]["published"].as_array().unwrap().len(), 4, "{day}");
    assert_eq!(laptop.read(MODEL), "v1/model_matching.json");
    // And the report of the refused day.
    assert_eq!(laptop.ok(&["versions"]).as_array().unwrap().len(), VERSIONS + 1);
    let shown = laptop.ok(&["release", "show"]);
    assert_eq!(shown["decision"]["accepted"][0]["by"], "an analyst");
    // It is the baseline from now on.
    assert_eq!(laptop.run()["release"]["release"], Value::Null);
}

#[test]
fn a_model_that_is_surely_worse_is_held_back_and_the_rest_goes_live() {
    let laptop = Laptop::bare();
    let size = ["4248", "1408", "5376"];
    laptop.sample_of(size, &["--day", "2025-06-02"]);
    laptop.run();
    laptop.sample_of(size, &["--day", "2025-06-30"]);
    // Hardly more than the constant; and on so few applications nothing is sure, so any doubt counts.
    let trees = "[matching.boost]\nn_estimators = 1\nlearning_rate = 0.001\n\
                 [gate.matching]\nworse_p = 1.0\nworse_by = { log_loss = 0.0 }\n";
    fs::write(laptop.path("mllab.toml"), trees).unwrap();
    let day = laptop.ok(&[&RUN[..], &["--config", "mllab.toml"]].concat());
    let held = day["release"]["held_back"].to_string();
    assert!(held.contains("matching v2") && held.contains("not-worse-log-loss"), "{day}");
    assert_eq!(laptop.read(MODEL), "v1/model_matching.json");
    assert_eq!(laptop.read(FEATURES), "v2/candidates.parquet");
    assert!(laptop.read(RECOMMENDER).starts_with("v2/"));
    // The carried model scores the new features.
    let score = ["matching", "score", "--candidate", "31000", "--job", "4000"];
    assert!(laptop.ok(&score).to_string().contains("probability"));
    laptop.ok(&["release", "publish", "2", "--anyway", "--reason", "it is better on our cases"]);
    assert_eq!(laptop.read(MODEL), "v2/model_matching.json");
}

#[test]
fn a_mistyped_bound_is_told_before_anything_runs() {
    let laptop = Laptop::new();
    for (text, expected) in [
        ("[gate.drift]\nrefuse = \"never\"\n", "did you mean `refuse_at`"),
        ("[gate.recomend]\nrecall = 0.9\n", "did you mean [gate.recommend]"),
        ("[gate.recommend]\nrecall = 9\n", "`recall` is 9"),
        ("[gate.ingest]\nrows = 9\n", "gate.ingest"),
    ] {
        fs::write(laptop.path("mllab.toml"), text).unwrap();
        let (code, error) = laptop.fails(&[&RUN[..], &["--config", "mllab.toml"]].concat());
        assert_eq!(code, 78, "{error}");
        assert!(error["message"].as_str().unwrap().contains(expected), "{error}");
    }
    assert_eq!(laptop.ok(&["versions"]).as_array().unwrap().len(), 0);
}
