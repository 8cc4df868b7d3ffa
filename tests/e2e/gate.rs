//! The gate: what is not good enough stays back, and says why.

use std::fs;

use serde_json::Value;

use crate::laptop::{FEATURES, Laptop, MODEL, RECOMMENDER, REPORT, RUN, VERSIONS};

const LIVE: [&str; 4] = [FEATURES, MODEL, RECOMMENDER, REPORT];

fn checks(laptop: &Laptop, series: &str, version: &str) -> Vec<Value> {
    let path = laptop.path("lake").join(series).join(format!("_gate/{version}.json"));
    let report: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    report["checks"].as_array().unwrap().clone()
}

#[test]
fn a_day_that_is_good_enough_says_what_was_looked_at() {
    let laptop = Laptop::new();
    let day = laptop.run();
    let gate = day["gate"].as_array().unwrap();
    assert_eq!(gate.len(), LIVE.len());
    assert!(gate.iter().all(|report| report["passed"] == true));
    // Each of its own: what is served, and how good it is.
    for (series, least) in [
        ("decision-data-lake/models/Modelo_Matching_Classificacao", 4),
        ("decision-data-lake/models/Modelo_Recomendacao_Vagas", 4),
        ("decision-data-lake/drift_reports", 2),
    ] {
        assert!(checks(&laptop, series, "v1").len() >= least, "{series}");
    }
    // What is live already is not asked again.
    assert_eq!(laptop.run()["gate"].as_array().unwrap().len(), 0);
}

#[test]
fn what_is_refused_stays_back_until_it_is_wanted_all_the_same() {
    let laptop = Laptop::new();
    laptop.run();
    let before = LIVE.map(|file| laptop.read(file));
    laptop.sample(&["--seed", "7"]);
    let strict = "[gate.matching]\ntree_auc = 0.99\n[gate.recommend]\nrecall = 1.0\n";
    fs::write(laptop.path("mllab.toml"), strict).unwrap();
    let run = [&RUN[..], &["--config", "mllab.toml"]].concat();
    let (code, error) = laptop.fails(&run);
    assert_eq!((code, &error["error"]), (77, &Value::from("GateRefused")), "{error}");
    let message = error["message"].as_str().unwrap();
    for said in ["matching v2 does not go live", "ROC-AUC above the decision tree's", "--no-gate"] {
        assert!(message.contains(said), "{message}");
    }
    assert_eq!(LIVE.map(|file| laptop.read(file)), before);
    let checks = checks(&laptop, "decision-data-lake/models/Modelo_Matching_Classificacao", "v2");
    assert!(checks.iter().any(|check| check["passed"] == false));
    let versions = laptop.ok(&["versions"]).as_array().unwrap().len();
    assert!(versions > VERSIONS, "{versions}");
    // The same day again is refused again, and makes nothing.
    assert_eq!(laptop.fails(&run).0, 77);
    assert_eq!(laptop.ok(&["versions"]).as_array().unwrap().len(), versions);
    let day = laptop.ok(&[&run[..], &["--no-gate"]].concat());
    assert_eq!(day["gate"], Value::Null);
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
