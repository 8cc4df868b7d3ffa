//! The files of `events/`, sent to the functions as README says.

use std::{collections::BTreeSet, fs};

use serde_json::{Value, json};

use crate::world::{STAGES, World, root};

#[test]
#[ignore = "tests/aws/run.sh"]
fn every_example_event_works_as_it_is() {
    let world = World::new("stage-alone");
    world.day(&[]).succeeded();
    let latest = world.latest();
    let mut seen = BTreeSet::new();
    for entry in fs::read_dir(root().join("events")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let stage = name.split('-').next().unwrap();
        let event: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let reply = world.invoke(stage, &event).ok();
        assert_eq!(reply.header("x-amz-function-error"), None, "{name}: {}", reply.text());
        let answer = reply.json();
        assert_eq!(answer["version"], "v1", "{name}");
        match event["action"].as_str().unwrap_or("run") {
            "run" => assert_eq!(answer["unchanged"], true, "{name}"),
            "promote" => assert_eq!(answer["promoted"], false, "{name}: live already"),
            "verify" => {
                let checks = answer["checks"].as_array().unwrap();
                assert!(checks.iter().all(|check| check["passed"] == true), "{name}: {answer:#}");
            }
            other => panic!("{name}: action {other}"),
        }
        if event["action"] == "run" {
            seen.insert(stage.to_owned());
        }
    }
    assert_eq!(seen, STAGES.map(str::to_owned).into(), "an example for every stage");
    assert_eq!(world.latest(), latest);
}

#[test]
#[ignore = "tests/aws/run.sh"]
fn every_example_input_is_understood_by_the_state_machine() {
    let world = World::new("inputs");
    world.day(&["--only=ingest", "--only=features"]).succeeded();
    for entry in fs::read_dir(root().join("events/state-machine")).unwrap() {
        let path = entry.unwrap().path();
        let mut input: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        // That it is understood is the question, not what a whole day does with it.
        input["only"] = json!(["features"]);
        let file = world.write("input.json", &input.to_string());
        let day = world.run(&["--input", &file]);
        assert_eq!(day.exit_code, 0, "{}: {:#}", path.display(), day.told);
    }
}

#[test]
#[ignore = "tests/aws/run.sh"]
fn a_function_says_its_errors_by_name() {
    let world = World::new("errors");
    for (event, name) in [
        (
            json!({"action": "run", "execution": "e", "logical_date": "2026-11-24", "config": {"no_such_key": 1}}),
            "ConfigInvalid",
        ),
        (json!({"action": "run", "execution": "e", "logical_date": "2026-11-24"}), "BadInput"),
    ] {
        let reply = world.invoke("matching", &event).ok();
        assert_eq!(reply.header("x-amz-function-error"), Some("Unhandled"));
        let error = reply.json();
        assert_eq!(error["errorType"], name, "{error}");
        assert!(error["errorMessage"].as_str().unwrap().starts_with("matching: "), "{error}");
    }
}
