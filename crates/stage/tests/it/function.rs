//! What a function promises.

use std::time::Duration;

use serde_json::{Value, json};
use versioning::{Artefact, Lake};

use crate::{Place, api::Function, event, objects};

const LONG: Duration = Duration::from_secs(60);

fn start(place: &Place) -> Function {
    Function::start(Some((&place.data(), &place.features())))
}

#[test]
fn it_asks_for_a_call_before_it_makes_anything() {
    let place = Place::new();
    let mut function = start(&place);
    function.polled();
    assert!(!place.data().exists() && !place.features().exists());
    function.call(&event("e1", "work"), LONG).unwrap();
    assert!(place.data().exists());
}

#[test]
fn it_answers_one_call_after_another() {
    let place = Place::new();
    let mut function = start(&place);
    let answer = function.call(&event("e1", "work"), LONG).unwrap();
    assert_eq!(
        answer,
        json!({
            "version": "v1",
            "uri": format!("{}/processed/v1/", place.data().display()),
            "metrics": {"rows_done": 1},
            "unchanged": false,
            "live": false,
        })
    );
    assert_eq!(function.call(&event("e1", "work"), LONG).unwrap(), answer, "a call repeated");
    assert_eq!(function.call(&event("e2", "work"), LONG).unwrap()["unchanged"], true);
    assert_eq!(place.versions(), 1);

    let log = function.end();
    let lines = objects(&log);
    let metrics: Vec<&Value> = lines.iter().filter(|l| l.get("_aws").is_some()).collect();
    assert_eq!(metrics.len(), 3, "one line of metrics a call: {log}");
    assert_eq!((&metrics[0]["Stage"], &metrics[0]["Rows"]), (&json!("told"), &json!(1)));
    assert_eq!((&metrics[0]["Errors"], &metrics[2]["Unchanged"]), (&json!(0), &json!(1)));
    assert!(metrics[0]["BytesWritten"].as_u64().unwrap() > 4);
    assert!(metrics[0]["Seconds_work"].is_number());
    let made = lines.iter().find(|l| l["message"] == "v1 is made").unwrap();
    for (name, value) in [
        ("request_id", "r1"),
        ("execution", "e1"),
        ("stage", "told"),
        ("action", "run"),
        ("version", "v1"),
    ] {
        assert_eq!(made[name], value, "{made}");
    }
    let phase = lines.iter().find(|l| l["phase"] == "work").unwrap();
    assert_eq!((&phase["done"], &phase["unit"]), (&json!(1), &json!("steps")));
}

#[test]
fn its_errors_have_our_names() {
    let place = Place::new();
    let mut function = start(&place);
    let error = function.call(&event("e1", "fail"), LONG).unwrap_err();
    assert_eq!(error["errorType"], "BadInput");
    assert_eq!(error["errorMessage"], "told: told to fail");

    let wrong = |payload: Value, function: &mut Function| {
        let error = function.call(&payload, LONG).unwrap_err();
        assert_eq!(error["errorType"], "ConfigInvalid");
        error["errorMessage"].as_str().unwrap().to_owned()
    };
    let message = wrong(json!({"logical_date": "2026-11-24"}), &mut function);
    assert_eq!(message, "told: event: missing field `execution`");
    let mut event = event("e1", "work");
    event["force"] = json!("yes");
    let message = wrong(event.clone(), &mut function);
    assert!(message.starts_with("told: event `force`: invalid type"), "{message}");
    event["force"] = json!(false);
    event["config"] = json!({"act": "work", "fast": true});
    let message = wrong(event, &mut function);
    assert!(message.contains("`fast` is unknown"), "{message}");
    assert_eq!(place.versions(), 0);

    let log = function.end();
    let named: Vec<Value> =
        objects(&log).into_iter().filter_map(|line| line.get("Error").cloned()).collect();
    assert_eq!(named, ["BadInput", "ConfigInvalid", "ConfigInvalid", "ConfigInvalid"]);
}

#[test]
fn the_lake_is_that_of_the_event_else_that_of_the_environment() {
    let place = Place::new();
    let mut function = Function::start(None);
    let error = function.call(&event("e1", "work"), LONG).unwrap_err();
    assert_eq!(error["errorType"], "ConfigInvalid");
    let message = error["errorMessage"].as_str().unwrap();
    assert!(message.contains("MLLAB_DATA_URI is not set"), "{message}");
    let mut event = event("e1", "work");
    event["lake"] = json!({"data": place.data(), "features": place.features()});
    assert_eq!(function.call(&event, LONG).unwrap()["version"], "v1");
    assert_eq!(place.versions(), 1);
}

#[test]
fn a_panic_is_named_with_its_place_and_not_with_what_it_says() {
    let place = Place::new();
    let mut function = start(&place);
    let error = function.call(&event("e1", "panic"), LONG).unwrap_err();
    assert_eq!(error["errorType"], "Panic");
    let message = error["errorMessage"].as_str().unwrap();
    assert!(message.starts_with("told: panicked at ") && message.contains("told.rs:"), "{message}");
    assert_eq!(function.call(&event("e2", "work"), LONG).unwrap()["unchanged"], false);
    let log = function.end();
    assert!(!error.to_string().contains("Maria") && !log.contains("Maria"), "{log}");
}

#[test]
fn a_stage_that_is_late_is_stopped_and_leaves_nothing() {
    let place = Place::new();
    let mut function = start(&place);
    let error = function.call(&event("e1", "dawdle"), Duration::from_secs(1)).unwrap_err();
    assert_eq!(error["errorType"], "DeadlineExceeded");
    let message = error["errorMessage"].as_str().unwrap();
    assert!(message.contains("the function has 1 s: raise its timeout"), "{message}");
    assert!(!place.has_scratch());
    assert_eq!(function.call(&event("e2", "work"), LONG).unwrap()["unchanged"], false);
    assert_eq!(place.versions(), 1);
}

#[test]
fn a_stage_that_does_not_hear_that_it_is_late_can_commit_nothing() {
    let place = Place::new();
    let mut function = start(&place);
    let error = function.call(&event("e1", "sleep"), Duration::from_secs(1)).unwrap_err();
    assert_eq!(error["errorType"], "DeadlineExceeded");
    // The thread of that call still sleeps; it wakes, writes its file, and is refused. The next
    // call waits for it: two would share what one has.
    assert!(place.has_scratch());
    assert_eq!(function.call(&event("e2", "work"), LONG).unwrap()["unchanged"], false);
    assert!(!place.has_scratch());
    assert_eq!(place.versions(), 1);
}

#[test]
fn an_event_without_a_day_is_of_today() {
    let place = Place::new();
    let mut function = start(&place);
    let mut undated = event("e1", "work");
    undated.as_object_mut().unwrap().remove("logical_date");
    let day = stage::day_in_sao_paulo(stage::cli::now());
    function.call(&undated, LONG).unwrap();
    let lake = Lake::at(place.data().to_str().unwrap(), place.features().to_str().unwrap());
    let made = lake.unwrap().series(Artefact::Processed).newest().unwrap().unwrap();
    assert!(made.manifest().logical_date >= day, "{}", made.manifest().logical_date);
}

#[test]
fn why_a_shard_failed_is_kept_for_who_asks() {
    let place = Place::new();
    let mut function = start(&place);
    let mut call = |act: &str, action: &str, time: Duration| {
        let mut event = event(act, act);
        event["action"] = json!(action);
        event["shard"] = json!({"index": 0, "of": 1});
        function.call(&event, time)
    };
    let done = json!({"shard": {"index": 0, "of": 1}, "rows": 1});
    assert_eq!(call("work", "shard", LONG).unwrap(), done);
    for (act, raised, kept, time) in [
        ("fail", "BadInput", "BadInput", LONG),
        ("panic", "Panic", "StageFailed", LONG),
        ("dawdle", "DeadlineExceeded", "DeadlineExceeded", Duration::from_secs(1)),
    ] {
        assert_eq!(call(act, "shard", time).unwrap_err()["errorType"], raised);
        let error = call(act, "result", LONG).unwrap_err();
        assert_eq!(error["errorType"], kept, "{error}");
        assert!(!error.to_string().contains("Maria"));
    }
}
