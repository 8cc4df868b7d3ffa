//! Days that do not go well, and how they say so.

use serde_json::json;

use crate::world::{DATA, DAY, NO_STORE, World};

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
    assert_eq!(day.step("PublishMatching")["promoted"], true);
    assert_eq!(world.notification().0, format!("ML Lab {DAY}: done"));
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
    assert!(said.starts_with(&format!("daily-{DAY}-1 ended in Matching: matching: ")), "{said}");
    let runs = world.invocations("matching", "run");
    assert_eq!(runs.len(), 3);
    assert!(runs.iter().all(|run| run["error"] == "StoreUnavailable"), "{runs:#?}");
    let (subject, message) = world.notification();
    assert_eq!(subject, format!("ML Lab {DAY}: StoreUnavailable"));
    assert_eq!(
        (&message["stage"], &message["error"]),
        (&json!("Matching"), &json!("StoreUnavailable"))
    );
    assert_eq!(world.latest(), [].into(), "nothing has gone live");

    let next = world.day(&[]).succeeded();
    assert_eq!(next.told["execution"], format!("daily-{DAY}-2"));
    for state in ["Ingest", "Features"] {
        assert_eq!(next.step(state)["unchanged"], true, "{state} is not done twice");
    }
    assert_eq!(next.step("Matching")["unchanged"], false);
    assert_eq!(next.step("Matching")["version"], "v1", "what had failed left nothing behind");
    assert_eq!(next.step("PublishMatching")["promoted"], true);
    assert_eq!(world.notification().0, format!("ML Lab {DAY}: done"));
}

#[test]
#[ignore = "tests/aws/run.sh"]
fn a_day_with_bad_input_is_told_by_its_name_and_moves_nothing() {
    let world = World::new("bad-input");
    world.day(&[]).succeeded();
    world.published();
    let before = world.latest();
    world.cloud.put(DATA, "raw/vagas.json", "[\"this is no table of jobs\"");
    let day = world.day(&[]);
    let said = day.failed("BadInput", 65);
    assert!(said.contains("ingest: ") && said.contains("vagas.json"), "{said}");
    let (subject, message) = world.notification();
    assert_eq!(subject, format!("ML Lab {DAY}: BadInput"));
    assert_eq!((&message["stage"], &message["error"]), (&json!("Ingest"), &json!("BadInput")));
    assert!(message["cause"].as_str().unwrap().contains("vagas.json"), "{message}");
    assert_eq!(world.latest(), before);
    assert_eq!(
        world.invocations("ingest", "run").len(),
        2,
        "what would fail again is not repeated"
    );
    assert_eq!(world.states(&day).last().map(String::as_str), Some("Failed"));
}

#[test]
#[ignore = "tests/aws/run.sh"]
fn a_function_that_is_throttled_is_called_again() {
    let world = World::new("throttled");
    for stage in ["ingest", "features"] {
        let target = format!("mllab-{stage}");
        world.emulator.fault(&json!({"target": target, "times": 1, "throttle": true}));
    }
    let day = world.day(&["--only=ingest", "--only=features"]).succeeded();
    let tries = &day.step("Features")["failed_tries"];
    assert_eq!(tries[0]["error"], "Lambda.TooManyRequestsException", "{tries}");
    assert_eq!(day.step("Features")["version"], "v1");
}

#[test]
#[ignore = "tests/aws/run.sh"]
fn an_input_that_is_not_understood_ends_before_anything_runs() {
    let world = World::new("input");
    let file = world.write("input.json", r#"{"forse": true}"#);
    let said = world.run(&["--input", &file]).failed("ConfigInvalid", 78);
    assert!(said.contains("the input of the execution is not understood"), "{said}");
    assert_eq!(world.emulator.invocations(), [] as [serde_json::Value; 0]);
    let machine = format!("{}-of-nobody", world.machine);
    let said = world.run(&["--state-machine", &machine]).failed("ConfigInvalid", 78);
    assert!(said.contains("StateMachineDoesNotExist"), "{said}");
}
