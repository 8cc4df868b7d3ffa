//! Days that do not go well, and how they say so.

use std::fs;

use serde_json::{Value, json};

use crate::world::{DATA, MATCHING, NO_STORE, World, root, sample, subject_of, today};

/// What befalls matching's function where its store is not there. Each of its own tries takes half a
/// minute: so long it tries again itself.
fn no_store(times: u32) -> serde_json::Value {
    json!({"target": "mllab-matching", "action": "run", "times": times,
        "environment": {"AWS_ENDPOINT_URL": NO_STORE}})
}

#[test]
#[ignore = "tests/aws/run.sh"]
fn a_stage_that_misses_its_store_twice_is_tried_a_third_time() {
    let world = World::new("retries");
    world.emulator.fault(&no_store(2));
    let day = world.day(&[]).succeeded();
    let tries = day.step("Matching")["failed_tries"].as_array().unwrap().clone();
    let names: Vec<_> = tries.iter().map(|tried| tried["error"].as_str().unwrap()).collect();
    assert_eq!(names, ["StoreUnavailable", "StoreUnavailable"]);
    assert_eq!(day.step("Matching")["version"], "v1", "what had failed left nothing behind");
    day.released("matching");
    assert_eq!(world.notification().0, subject_of("done"));
}

#[test]
#[ignore = "tests/aws/run.sh"]
fn a_day_that_fails_in_matching_after_two_retries_is_gone_on_with_by_the_next_execution() {
    // As deployed it has patience for five.
    let patience =
        |definition: String| definition.replace("\"MaxAttempts\": 5", "\"MaxAttempts\": 2");
    let world = World::with("troubles", patience);
    world.emulator.fault(&no_store(3));
    let said = world.day(&[]).failed("StoreUnavailable", 74);
    assert!(
        said.starts_with(&format!("daily-{}-1 ended with StoreUnavailable: matching: ", today())),
        "{said}"
    );
    let runs = world.invocations("matching", "run");
    assert_eq!(runs.len(), 3);
    assert!(runs.iter().all(|run| run["error"] == "StoreUnavailable"), "{runs:#?}");
    let (subject, message) = world.notification();
    assert_eq!(subject, subject_of("StoreUnavailable"));
    assert_eq!(
        (&message["stage"], &message["error"]),
        (&json!("Matching"), &json!("StoreUnavailable"))
    );
    assert_eq!(world.latest(), [].into(), "nothing has gone live");

    let next = world.day(&[]).succeeded();
    assert_eq!(next.told["execution"], format!("daily-{}-2", today()));
    for state in ["Ingest", "Features"] {
        assert_eq!(next.step(state)["unchanged"], true, "{state} is not done twice");
    }
    assert_eq!(next.step("Matching")["unchanged"], false);
    assert_eq!(next.step("Matching")["version"], "v1", "what had failed left nothing behind");
    next.released("matching");
    assert_eq!(world.notification().0, subject_of("done"));
}

#[test]
#[ignore = "tests/aws/run.sh"]
fn a_day_with_bad_input_is_told_by_its_name_and_moves_nothing() {
    let world = World::new("bad-input");
    world.day(&[]).succeeded();
    world.published();
    let before = world.latest();
    // Cut in the middle of somebody's record: what is said of it must not say whose.
    let mut applicants = fs::read(sample().join("applicants.json")).unwrap();
    let half = String::from_utf8_lossy(&applicants[..applicants.len() / 2]).into_owned();
    applicants.truncate(half.rfind("@exemplo").unwrap());
    world.cloud.put(DATA, "raw/applicants.json", applicants);
    let day = world.day(&[]);
    let said = day.failed("BadInput", 65);
    assert!(said.contains("ended with BadInput: ingest: "), "{said}");
    assert!(said.contains("applicants.json"), "{said}");
    let (subject, message) = world.notification();
    assert_eq!(subject, subject_of("BadInput"));
    assert_eq!((&message["stage"], &message["error"]), (&json!("Ingest"), &json!("BadInput")));
    assert!(message["cause"].as_str().unwrap().contains("applicants.json"), "{message}");
    assert_eq!(world.latest(), before);
    let broken = world.invocations("ingest", "shard").into_iter().filter(|shard| {
        shard["payload"]["shard"]["key"] == "raw/applicants.json" && shard["error"] == "BadInput"
    });
    assert_eq!(broken.count(), 1, "what would fail again is not repeated");
    assert_eq!(world.invocations("ingest", "run").len(), 1, "the Map has ended the day");
    assert_eq!(world.states(&day.arn).last().map(String::as_str), Some("Failed"));
}

#[test]
#[ignore = "tests/aws/run.sh"]
fn what_an_operator_runs_again_after_a_failure_goes_live_with_the_next_execution() {
    let patience =
        |definition: String| definition.replace("\"MaxAttempts\": 5", "\"MaxAttempts\": 0");
    let world = World::with("operator", patience);
    world.emulator.fault(&no_store(1));
    world.day(&[]).failed("StoreUnavailable", 74);
    world.published();
    let event = fs::read(root().join("events/matching.json")).unwrap();
    let event: Value = serde_json::from_slice(&event).unwrap();
    let answer = world.invoke("matching", &event).ok().json();
    assert_eq!((&answer["version"], &answer["live"]), (&json!("v1"), &json!(false)), "{answer}");
    assert_eq!(world.latest(), [].into(), "one stage alone moves nothing");

    let next = world.day(&[]).succeeded();
    let step = next.step("Matching");
    assert_eq!((&step["version"], &step["unchanged"]), (&json!("v1"), &json!(true)));
    next.released("matching");
    assert_eq!(world.latest()[&format!("{MATCHING}/latest.txt")], "v1/model_matching.json");
}
