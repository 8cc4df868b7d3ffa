//! What a job promises: the same as a function, with an exit code, and its failure kept.

use std::{
    process::{Command, Output, Stdio},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::{Place, event, objects};

fn command(place: &Place, event: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stage-told"));
    command
        .args(["--event", event])
        .env_remove("AWS_LAMBDA_RUNTIME_API")
        .env_remove("RUST_LOG")
        .env("MLLAB_DATA_URI", place.data())
        .env("MLLAB_FEATURES_URI", place.features());
    command
}

fn run(place: &Place, event: &str) -> Output {
    command(place, event).output().unwrap()
}

/// What was printed, and the exit code.
fn answer(output: &Output) -> (Value, i32) {
    (serde_json::from_slice(&output.stdout).unwrap(), output.status.code().unwrap())
}

/// The same call, asking what the job has made.
fn result_of(event: &Value) -> String {
    let mut event = event.clone();
    event["action"] = json!("result");
    event.to_string()
}

#[test]
fn it_answers_as_a_function_does() {
    let place = Place::new();
    let event = event("e1", "work");
    let output = run(&place, &event.to_string());
    let (made, code) = answer(&output);
    assert_eq!((&made["version"], code), (&json!("v1"), 0));
    let lines = objects(&String::from_utf8(output.stderr).unwrap());
    assert_eq!(lines.iter().filter(|line| line.get("_aws").is_some()).count(), 1);
    assert_eq!(answer(&run(&place, &result_of(&event))), (made, 0));
}

#[test]
fn an_event_may_lie_in_a_file() {
    let place = Place::new();
    let file = place.dir.path().join("event.json");
    #[allow(clippy::disallowed_methods, reason = "the test makes an event")]
    std::fs::write(&file, event("e1", "work").to_string()).unwrap();
    assert_eq!(answer(&run(&place, &format!("@{}", file.display()))).1, 0);
    let (error, code) = answer(&run(&place, "@nowhere.json"));
    assert_eq!((&error["errorType"], code), (&json!("ConfigInvalid"), 78));
    assert_eq!(answer(&run(&place, "{")).1, 78);
}

#[test]
fn its_failure_is_kept_for_who_asks() {
    let place = Place::new();
    for (execution, act, name, code) in
        [("e1", "fail", "BadInput", 65), ("e2", "panic", "StageFailed", 70)]
    {
        let event = event(execution, act);
        assert_eq!(answer(&run(&place, &event.to_string())).1, code);
        let (error, asked) = answer(&run(&place, &result_of(&event)));
        assert_eq!((&error["errorType"], asked), (&json!(name), code));
        assert!(!error.to_string().contains("Maria"));
    }
    let (error, code) = answer(&run(&place, &result_of(&event("e3", "work"))));
    assert_eq!((&error["errorType"], code), (&json!("StageFailed"), 70));
    assert!(error.to_string().contains("execution e3 never began,"), "{error}");
    assert_eq!(place.versions(), 0);
}

#[test]
fn of_a_job_that_was_ended_from_outside_there_is_what_batch_says() {
    let place = Place::new();
    // Of an attempt before, which is not why it ended now.
    assert_eq!(answer(&run(&place, &event("e1", "fail").to_string())).1, 65);
    let mut dawdling = event("e1", "dawdle");
    let mut job = command(&place, &dawdling.to_string()).stdout(Stdio::null()).spawn().unwrap();
    let outcome = place.data().join("processed/_outcomes/e1.json");
    let is_begun = || std::fs::read_to_string(&outcome).is_ok_and(|text| text.contains("begun"));
    while !is_begun() {
        thread::sleep(Duration::from_millis(5));
    }
    job.kill().unwrap();
    job.wait().unwrap();
    dawdling["job"] = json!(r#"{"StatusReason": "Host EC2 terminated", "Container": {}}"#);
    let (error, code) = answer(&run(&place, &result_of(&dawdling)));
    assert_eq!((&error["errorType"], code), (&json!("StageFailed"), 70));
    let message = error["errorMessage"].as_str().unwrap();
    assert!(message.contains("e1 was ended from outside"), "{message}");
    assert!(message.ends_with("; Batch says: Host EC2 terminated"), "{message}");
}
