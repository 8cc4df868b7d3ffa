//! Encoders of the lake: what is configured is used, or the run ends and says why.

use std::path::{Path, PathBuf};

use recommend::artefacts::{CANDIDATE_EMBEDDINGS, CANDIDATE_ROWS};
use serde_json::{Value, json};
use stage::ErrorName;
use versioning::{Artefact, Lake};

use crate::fixture::{bytes, command, figure, generated, lake_with, row, run, version};

const NAME: &str = "tiny";

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../encoder/tests/golden/tiny")
}

/// The files of the small checkpoint, without those of `but`.
fn files(but: &[&str]) -> Vec<(String, PathBuf)> {
    let all = [
        "1_Pooling/config.json",
        "config.json",
        "config_sentence_transformers.json",
        "model.safetensors",
        "modules.json",
        "sentence_bert_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
    ];
    let named = all.iter().filter(|file| !but.contains(file));
    named.map(|file| ((*file).to_owned(), golden().join(file))).collect()
}

pub(crate) fn lake_with_tiny(but: &[&str]) -> Lake {
    let lake = lake_with(&generated(60, 40, 60));
    lake.encoders().put(NAME, "r1", &files(but)).unwrap();
    lake
}

fn refused(lake: &Lake, config: Value) -> String {
    let error = run(lake, config).unwrap_err();
    assert_eq!(error.name, ErrorName::BadInput, "{error}");
    assert!(lake.series(Artefact::Recommend).list().unwrap().is_empty());
    error.message
}

#[test]
fn a_checkpoint_of_the_lake_encodes() {
    let lake = lake_with_tiny(&[]);
    let response = run(&lake, json!({"encoder": NAME})).unwrap();
    let version = version(&lake, &response);
    let said = &version.manifest().extra["encoder"];
    assert_eq!((&said["name"], &said["revision"]), (&json!(NAME), &json!("r1")));
    assert!(said["kernel"].as_str().unwrap().starts_with("f32-"), "{said}");
    let stored = lake.encoders().get(NAME, "r1").unwrap().unwrap();
    let input = version.manifest().inputs.iter().find(|i| i.name == "encoder").unwrap();
    assert_eq!((&input.uri, &input.sha256), (&stored.uri().unwrap(), &stored.content_hash()));
    let vectors = neighbours::npy::read(&bytes(&version, CANDIDATE_EMBEDDINGS)[..]).unwrap();
    assert_eq!(vectors.rows, 60);
    assert_eq!(json!(vectors.columns), said["dimensions"]);
    // No state of lsa is made for it.
    assert!(lake.series(Artefact::Lsa).list().unwrap().is_empty());

    // A second day encodes nothing, another treatment of long texts does.
    let trees = run(&lake, json!({"encoder": NAME, "trees": 2})).unwrap();
    assert_eq!(figure(&trees, "encoded"), 0);
    let pool = run(&lake, json!({"encoder": NAME, "long_text": "pool"})).unwrap();
    assert!(figure(&pool, "encoded") > 0);

    let answer = command(&lake, "query", &[("text", "java e kubernetes"), ("k", "3")]).unwrap();
    assert_eq!(answer.json["encoder"]["name"], NAME);
    assert_eq!(answer.json["hits"].as_array().unwrap().len(), 3);
}

#[test]
fn encoders_and_treatments_of_long_texts_are_judged_beside_each_other() {
    let lake = lake_with(&generated(120, 90, 300));
    let error = command(&lake, "evaluate", &[]).unwrap_err();
    assert!(error.message.contains("run `recommend` with encoder = \"lsa\" first"), "{error}");
    let response = run(&lake, json!({})).unwrap();
    lake.encoders().put(NAME, "r1", &files(&[])).unwrap();
    let answer = command(&lake, "evaluate", &[("encoders", "lsa, tiny")]).unwrap();
    let rankers = answer.json["evaluation"]["rankers"].as_array().unwrap();
    let names: Vec<&str> = rankers.iter().map(|r| r["name"].as_str().unwrap()).collect();
    let expected = ["lsa", "tiny, cut", "tiny, pool", "tf-idf", "bm25", "popular", "random"];
    assert_eq!(names, expected);
    // The figures are those that the run gave.
    let recall = &rankers[0]["forwarded"]["recall_10"]["value"];
    assert_eq!(*recall, response.metrics.0["evaluation"]["lsa"]["recall_10"]);
    assert!(answer.text.contains("tiny, pool  "), "{}", answer.text);
    let error = command(&lake, "evaluate", &[("encoders", "lsa,tny")]).unwrap_err();
    assert!(error.message.contains("encoder tny is not in the lake"), "{error}");
    let error = command(&lake, "evaluate", &[("encoders", ",")]).unwrap_err();
    assert!(error.message.contains("--encoders: expected names"), "{error}");
}

#[test]
fn what_was_cut_is_told() {
    let mut rows = generated(20, 20, 10);
    let long = "balanço fiscal ".repeat(400);
    rows.people[3].insert("cv_candidato".to_owned(), long);
    for person in rows.people.iter_mut().skip(4) {
        *person = row([("codigo", person["codigo"].as_str()), ("titulo_profissional", "Contador")]);
    }
    let lake = lake_with(&rows);
    lake.encoders().put(NAME, "r1", &files(&[])).unwrap();
    let response = run(&lake, json!({"encoder": NAME, "long_text": "cut"})).unwrap();
    let share = response.metrics.0["candidates_cut_share"].as_f64().unwrap();
    assert!((0.05..=0.2).contains(&share), "{share}");
    let version = version(&lake, &response);
    assert!(version.open(CANDIDATE_ROWS).is_ok());
}

#[test]
fn an_encoder_that_is_not_there_ends_the_run_with_the_ways_out() {
    let lake = lake_with(&generated(20, 20, 10));
    let name = "paraphrase-multilingual-MiniLM-L12-v2";
    let message = refused(&lake, json!({"encoder": name}));
    for said in [
        &format!("mllab encoder fetch {name}"),
        "--encoder-dir DIR",
        "encoder = \"lsa\"",
        "encoders/paraphrase-multilingual-MiniLM-L12-v2/e8f8c211226b894fcb81acc59f3b34ba3efd5f42",
    ] {
        assert!(message.contains(said), "{message}");
    }
    let message = refused(&lake, json!({"encoder": "paraphrase-multilingual-MiniLM-L12-v1"}));
    assert!(message.contains(&format!("did you mean `{name}`?")), "{message}");
    let message = refused(&lake, json!({"encoder": "own"}));
    assert!(message.contains("mllab encoder add DIR --name own"), "{message}");
    // Nothing else was taken in its place.
    assert!(lake.series(Artefact::Lsa).list().unwrap().is_empty());
}

#[test]
fn of_several_revisions_one_must_be_chosen() {
    let lake = lake_with_tiny(&[]);
    lake.encoders().put(NAME, "r2", &files(&["tokenizer_config.json"])).unwrap();
    let message = refused(&lake, json!({"encoder": NAME}));
    assert!(message.contains("configure revision as one of r1, r2"), "{message}");
    let response = run(&lake, json!({"encoder": NAME, "revision": "r2"})).unwrap();
    assert_eq!(response.metrics.0["encoder_revision"], "r2");
}

#[test]
fn files_that_are_missing_or_of_another_model_are_named() {
    let lake = lake_with_tiny(&["tokenizer.json"]);
    let message = refused(&lake, json!({"encoder": NAME}));
    assert!(message.contains("tokenizer.json is missing"), "{message}");

    let lake = lake_with(&generated(20, 20, 10));
    let dir = tempfile::tempdir().unwrap();
    let config = std::fs::read_to_string(golden().join("config.json")).unwrap();
    let mut config: Value = serde_json::from_str(&config).unwrap();
    let inner = config["intermediate_size"].as_u64().unwrap();
    config["intermediate_size"] = json!(inner * 2);
    let path = dir.path().join("config.json");
    std::io::Write::write_all(
        &mut std::fs::File::create(&path).unwrap(),
        config.to_string().as_bytes(),
    )
    .unwrap();
    let mut other = files(&["config.json"]);
    other.push(("config.json".to_owned(), path));
    lake.encoders().put(NAME, "r1", &other).unwrap();
    let message = refused(&lake, json!({"encoder": NAME}));
    assert!(message.contains("the weights are not of this config.json"), "{message}");
}
