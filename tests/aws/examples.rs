//! The files of `events/`, sent as they are to the functions and to the state machine.

use std::{collections::BTreeSet, fs};

use serde_json::{Value, json};

use crate::world::{STAGES, World, root, subject_of, today};

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
        // They overrule a decision: each has a day of its own in the gate's test.
        if ["accept", "publish", "rollback"].iter().any(|action| event["action"] == *action) {
            continue;
        }
        let reply = world.invoke(stage, &event).ok();
        assert_eq!(reply.header("x-amz-function-error"), None, "{name}: {}", reply.text());
        let answer = reply.json();
        if event["action"] == "release" {
            assert_eq!(answer["release"], Value::Null, "{name}: live already: {answer}");
            continue;
        }
        assert_eq!(answer["version"], "v1", "{name}");
        match event["action"].as_str().unwrap_or("run") {
            "run" => assert_eq!(answer["unchanged"], true, "{name}"),
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

/// In one lake, one after the other, after a day that was started with nothing at all.
#[test]
#[ignore = "tests/aws/run.sh"]
fn every_example_input_runs_as_it_is() {
    let world = World::new("examples");
    let first = world.start("first", "{}");
    assert_eq!(first.status, "SUCCEEDED", "{first:?}");
    assert_eq!(world.notification().0, subject_of("done"));
    assert_eq!(world.latest().len(), 4, "what is run for no other day goes live");

    // As the schedule starts it.
    let scheduled =
        json!({"logical_date": format!("{}T06:00:00Z", today()), "config": {}, "gate": {}});
    let again = world.start("scheduled", &scheduled.to_string());
    assert_eq!(again.status, "SUCCEEDED", "{again:?}");
    assert_eq!(world.states(&again.arn).last().map(String::as_str), Some("Unchanged"));

    let run = |name: &str| {
        let file = root().join(format!("events/state-machine/{name}.json"));
        let before = world.latest();
        let day = world.day(&["--input", file.to_str().unwrap()]);
        assert_eq!(day.exit_code, 0, "{name}: {:#}", day.told);
        let states = world.states(&day.arn);
        (day, states.last().unwrap().clone(), before == world.latest())
    };
    let mut examples = BTreeSet::new();
    for (name, end, matching, stays) in [
        ("daily", "Unchanged", "v1", true),
        ("batch", "Unchanged", "v1", true),
        ("only-matching", "Unchanged", "v1", true),
        ("with-config", "Done", "v2", false),
        ("force", "Done", "v3", false),
    ] {
        let (day, ended, stayed) = run(name);
        assert_eq!((&*ended, &day.step("Matching")["version"]), (end, &json!(matching)), "{name}");
        assert_eq!(stayed, stays, "{name}");
        examples.insert(format!("{name}.json"));
    }
    assert_eq!(world.emulator.jobs().len(), 1, "batch.json trains there");
    // It has a test of its own.
    examples.insert("backfill.json".to_owned());
    let files = fs::read_dir(root().join("events/state-machine")).unwrap();
    let files = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    assert_eq!(files.collect::<BTreeSet<_>>(), examples);
}

#[test]
#[ignore = "tests/aws/run.sh"]
fn a_function_says_its_errors_by_name() {
    let world = World::new("errors");
    for (event, name) in [
        (json!({"action": "run", "execution": "e", "config": {"no_such_key": 1}}), "ConfigInvalid"),
        (json!({"action": "run", "execution": "e"}), "BadInput"),
    ] {
        let reply = world.invoke("matching", &event).ok();
        assert_eq!(reply.header("x-amz-function-error"), Some("Unhandled"));
        let error = reply.json();
        assert_eq!(error["errorType"], name, "{error}");
        assert!(error["errorMessage"].as_str().unwrap().starts_with("matching: "), "{error}");
    }
}
