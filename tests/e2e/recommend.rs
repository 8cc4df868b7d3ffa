//! The recommender: which encoder, what is encoded anew, and what a query answers.

use std::{fs, path::Path};

use serde_json::Value;

use crate::laptop::{Laptop, stage};

fn figures(day: &Value) -> &Value {
    &stage(day, "recommend")["metrics"]
}

#[test]
fn a_day_whose_data_changed_a_little_encodes_a_little() {
    let laptop = Laptop::new();
    let first = laptop.run();
    assert_eq!(figures(&first)["encoder"], "lsa");
    let all = figures(&first)["encoded"].as_u64().unwrap();
    assert!(all > 700, "{all}");
    // One candidate says something new.
    let path = laptop.path("raw").join("applicants.json");
    let mut people: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    people["31000"]["cv_pt"] = Value::from("analista de sistemas sap abap hana");
    fs::write(&path, serde_json::to_vec(&people).unwrap()).unwrap();
    let second = laptop.run();
    assert_eq!(stage(&second, "recommend")["version"], "v2");
    assert_eq!(figures(&second)["encoded"], 1);
    assert_eq!(figures(&second)["revision"], figures(&first)["revision"]);
}

#[test]
fn a_query_names_jobs_and_says_why() {
    let laptop = Laptop::new();
    laptop.run();
    let answer = laptop.ok(&["recommend", "query", "--candidate", "31000", "--k", "5"]);
    let hits = answer["hits"].as_array().unwrap();
    assert_eq!(hits.len(), 5);
    assert!(hits.iter().all(|hit| hit["cosine"].as_f64().unwrap() <= 1.0));
    assert!(hits.iter().any(|hit| !hit["why"].as_array().unwrap().is_empty()), "{answer}");
    let (code, error) = laptop.fails(&["recommend", "query", "--candidate", "31000000"]);
    assert_eq!(code, 65);
    assert!(error["message"].as_str().unwrap().contains("near"), "{error}");
}

fn checkpoint() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    root.join("crates/encoder/tests/golden/tiny").to_str().unwrap().to_owned()
}

#[test]
fn a_checkpoint_of_ones_own_is_taken_into_the_lake_and_used() {
    let laptop = Laptop::new();
    let day = laptop.ok(&["run", "--raw", "raw", "--encoder-dir", &checkpoint()]);
    assert_eq!(figures(&day)["encoder"], "tiny");
    let held = laptop.ok(&["encoder", "list"]);
    assert!(held.to_string().contains("\"tiny\""), "{held}");
    laptop.ok(&["encoder", "verify"]);
    let again = laptop.ok(&["run", "--raw", "raw", "--encoder-dir", &checkpoint()]);
    assert_eq!(again["unchanged"], true, "{again}");
    // By its name, now that the lake holds it: nothing is encoded again.
    fs::write(laptop.path("mllab.toml"), "[recommend]\nencoder = \"tiny\"\n").unwrap();
    let named = laptop.ok(&["run", "--raw", "raw", "--config", "mllab.toml"]);
    assert_eq!(figures(&named)["encoded"], 0, "{named}");
}

#[test]
fn an_encoder_that_is_not_there_is_said_with_the_ways_out() {
    let laptop = Laptop::new();
    let name = "paraphrase-multilingual-MiniLM-L12-v2";
    fs::write(laptop.path("mllab.toml"), format!("[recommend]\nencoder = \"{name}\"\n")).unwrap();
    let (code, error) = laptop.fails(&["run", "--raw", "raw", "--config", "mllab.toml"]);
    assert_eq!(code, 65);
    let message = error["message"].as_str().unwrap();
    for way in [name, "mllab encoder fetch", "--encoder-dir", "lsa"] {
        assert!(message.contains(way), "{message}");
    }
}
