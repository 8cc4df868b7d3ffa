//! The emulator does what AWS does: shown with a program that behaves as it is told.

use std::{thread, time::Duration};

use serde_json::{Value, json};

use crate::{
    http,
    servers::{Emulator, Server},
};

const STUB: &str = env!("CARGO_BIN_EXE_aws-stub");

fn emulator(configuration: Value) -> Emulator {
    let emulator = Emulator::start();
    emulator.configure(&configuration);
    emulator
}

fn one_function(more: &Value) -> Emulator {
    let mut function = json!({"binary": STUB, "environment": {"STUB": "configured"}});
    for (key, value) in more.as_object().unwrap() {
        function[key] = value.clone();
    }
    emulator(json!({"region": "sa-east-1", "functions": {"f": function}}))
}

#[test]
fn a_function_answers_and_its_process_is_used_again() {
    let emulator = one_function(&json!({}));
    let first = emulator.invoke("f", &json!({"n": 1})).ok();
    assert_eq!(first.header("x-amz-function-error"), None);
    assert_eq!(first.header("x-amz-executed-version"), Some("$LATEST"));
    let answer = first.json();
    assert_eq!(answer["event"], json!({"n": 1}));
    assert_eq!((&answer["stub"], &answer["region"]), (&json!("configured"), &json!("sa-east-1")));
    assert_eq!(answer["home"], Value::Null, "nothing of the emulator's own environment");
    assert_eq!(emulator.invoke("f", &json!({})).json()["served"], 2, "warm");
    let cold: Vec<bool> =
        emulator.invocations().iter().map(|i| i["cold"].as_bool().unwrap()).collect();
    assert_eq!(cold, [true, false]);
}

#[test]
fn an_error_keeps_its_name_and_its_process() {
    let emulator = one_function(&json!({}));
    let reply = emulator.invoke("f", &json!({"do": "fail", "as": "BadInput"})).ok();
    assert_eq!(reply.header("x-amz-function-error"), Some("Unhandled"));
    assert_eq!(reply.json(), json!({"errorType": "BadInput", "errorMessage": "stub: as told"}));
    assert_eq!(emulator.invoke("f", &json!({})).json()["served"], 2);
    assert_eq!(emulator.invocations()[0]["error"], "BadInput");
}

#[test]
fn a_process_that_ends_is_an_exit_error_and_is_replaced() {
    let emulator = one_function(&json!({}));
    for (what, how) in [("exit", "exit status 3"), ("abort", "signal 6")] {
        let reply = emulator.invoke("f", &json!({"do": what})).ok();
        assert_eq!(reply.header("x-amz-function-error"), Some("Unhandled"));
        let error = reply.json();
        assert_eq!(error["errorType"], "Runtime.ExitError");
        let message = error["errorMessage"].as_str().unwrap();
        assert!(message.ends_with(&format!("Runtime exited with error: {how}")), "{message}");
        assert_eq!(emulator.invoke("f", &json!({})).json()["served"], 1, "a new process");
    }
}

#[test]
fn a_process_that_takes_too_long_is_killed() {
    let emulator = one_function(&json!({"timeout_seconds": 0.5}));
    let error = emulator.invoke("f", &json!({"do": "sleep"})).ok().json();
    assert_eq!(error["errorType"], "Sandbox.Timedout");
    let message = error["errorMessage"].as_str().unwrap();
    assert!(message.ends_with("Task timed out after 0.50 seconds"), "{message}");
    assert_eq!(emulator.invoke("f", &json!({})).json()["served"], 1);
}

#[test]
fn a_function_that_cannot_start_says_why() {
    let emulator = one_function(&json!({"environment": {"STUB_INIT_ERROR": "ConfigInvalid"}}));
    assert_eq!(emulator.invoke("f", &json!({})).ok().json()["errorType"], "ConfigInvalid");
    let emulator = one_function(&json!({"binary": "/there/is/none"}));
    let error = emulator.invoke("f", &json!({})).ok().json();
    assert_eq!(error["errorType"], "Runtime.InvalidEntrypoint");
}

#[test]
fn beyond_its_concurrency_a_function_is_throttled() {
    let emulator = one_function(&json!({"concurrency": 1, "timeout_seconds": 2}));
    thread::scope(|scope| {
        // Whichever call comes first is let in.
        let long = scope.spawn(|| {
            loop {
                let reply = emulator.invoke("f", &json!({"do": "sleep"}));
                if reply.status == 200 {
                    return reply;
                }
            }
        });
        let mut reply = emulator.invoke("f", &json!({}));
        while reply.status == 200 {
            thread::sleep(Duration::from_millis(10));
            reply = emulator.invoke("f", &json!({}));
        }
        assert_eq!(reply.status, 429);
        assert_eq!(reply.header("x-amzn-errortype"), Some("TooManyRequestsException"));
        assert_eq!(long.join().unwrap().json()["errorType"], "Sandbox.Timedout");
        assert_eq!(emulator.invoke("f", &json!({})).status, 200);
    });
}

#[test]
fn a_function_is_found_by_its_alias_and_not_by_another() {
    let emulator = one_function(&json!({"aliases": ["live"]}));
    let arn = "arn%3Aaws%3Alambda%3Asa-east-1%3A123456789012%3Afunction%3Af";
    for name in ["f", "f:live", "f%3Alive", "f?", arn, &format!("{arn}%3Alive")] {
        let path = format!("/2015-03-31/functions/{}/invocations", name.trim_end_matches('?'));
        assert_eq!(http::send("POST", &emulator.url(&path), &[], "{}").status, 200, "{name}");
    }
    let with = |query| format!("/2015-03-31/functions/f/invocations?Qualifier={query}");
    assert_eq!(http::send("POST", &emulator.url(&with("live")), &[], "{}").status, 200);
    for path in [with("next"), "/2015-03-31/functions/g/invocations".to_owned()] {
        let reply = http::send("POST", &emulator.url(&path), &[], "{}");
        assert_eq!(reply.status, 404);
        assert_eq!(reply.header("x-amzn-errortype"), Some("ResourceNotFoundException"));
    }
}

#[test]
fn what_is_too_large_or_no_json_is_refused() {
    let emulator = one_function(&json!({}));
    let large = json!({"text": "x".repeat(7 << 20)});
    assert_eq!(emulator.invoke("f", &large).status, 413);
    let path = emulator.url("/2015-03-31/functions/f/invocations");
    assert_eq!(http::send("POST", &path, &[], "{").status, 400);
}

#[test]
fn a_fault_befalls_as_often_as_it_was_asked_for() {
    let emulator = one_function(&json!({}));
    emulator.fault(&json!({"target": "f", "times": 2, "environment": {"STUB": "faulty"}}));
    emulator.fault(&json!({"target": "f", "times": 1, "throttle": true, "action": "run"}));
    let stub = || emulator.invoke("f", &json!({})).json()["stub"].clone();
    assert_eq!([stub(), stub(), stub()], ["faulty", "faulty", "configured"]);
    assert_eq!(emulator.invoke("f", &json!({"action": "plan"})).status, 200);
    assert_eq!(emulator.invoke("f", &json!({"action": "run"})).status, 429);
    assert_eq!(emulator.invoke("f", &json!({"action": "run"})).status, 200);
}

#[test]
fn a_fault_may_kill_and_may_be_short_of_time() {
    let emulator = one_function(&json!({"timeout_seconds": 30}));
    emulator.fault(&json!({"target": "f", "times": 1, "kill": true}));
    emulator.fault(&json!({"target": "f", "times": 1, "timeout_seconds": 0.2}));
    let error = emulator.invoke("f", &json!({"do": "sleep"})).ok().json();
    assert_eq!(error["errorType"], "Runtime.ExitError");
    assert!(error["errorMessage"].as_str().unwrap().ends_with("signal 9"), "{error}");
    let error = emulator.invoke("f", &json!({"do": "sleep"})).ok().json();
    assert_eq!(error["errorType"], "Sandbox.Timedout");
    assert_eq!(emulator.invoke("f", &json!({})).json()["served"], 1);
}

/// Two codes are worth another attempt, every other is not.
fn one_job(more: &Value) -> Emulator {
    let mut job = json!({
        "binary": STUB,
        "environment": {"STUB": "configured"},
        "retry_strategy": {"attempts": 3, "evaluateOnExit": [
            {"onExitCode": "74", "action": "RETRY"},
            {"onExitCode": "75", "action": "RETRY"},
            {"onExitCode": "*", "action": "EXIT"}]},
    });
    for (key, value) in more.as_object().unwrap() {
        job[key] = value.clone();
    }
    emulator(json!({"jobs": {"j": job}}))
}

fn batch(emulator: &Emulator, action: &str, body: &Value) -> http::Reply {
    http::send("POST", &emulator.url(&format!("/v1/{action}")), &[], body.to_string())
}

fn submit(emulator: &Emulator, command: &[&str]) -> String {
    let body = json!({"jobName": "daily-1", "jobQueue": "q", "jobDefinition": "j:1",
        "containerOverrides": {"command": command}});
    batch(emulator, "submitjob", &body).ok().json()["jobId"].as_str().unwrap().to_owned()
}

fn ended(emulator: &Emulator, id: &str) -> Value {
    loop {
        let told = batch(emulator, "describejobs", &json!({"jobs": [id]})).ok().json();
        let job = told["jobs"][0].clone();
        if job["status"] == "SUCCEEDED" || job["status"] == "FAILED" {
            return job;
        }
        thread::sleep(Duration::from_millis(10));
    }
}

fn codes(job: &Value) -> Vec<i64> {
    let attempts = job["attempts"].as_array().unwrap().iter();
    attempts.map(|a| a["container"]["exitCode"].as_i64().unwrap()).collect()
}

#[test]
fn a_job_is_tried_again_by_its_exit_code() {
    let emulator = one_job(&json!({}));
    let job = ended(&emulator, &submit(&emulator, &["exit", "74,75,0"]));
    assert_eq!((&job["status"], codes(&job)), (&json!("SUCCEEDED"), vec![74, 75, 0]));
    let job = ended(&emulator, &submit(&emulator, &["exit", "74,65,0"]));
    assert_eq!((&job["status"], codes(&job)), (&json!("FAILED"), vec![74, 65]));
    assert_eq!(job["container"]["exitCode"], 65);
    assert_eq!(job["statusReason"], "Essential container in task exited");
    let job = ended(&emulator, &submit(&emulator, &["exit", "74,74,74,0"]));
    assert_eq!((&job["status"], codes(&job)), (&json!("FAILED"), vec![74, 74, 74]));
    assert_eq!(emulator.jobs().len(), 3);
}

#[test]
fn a_job_that_does_not_start_has_a_reason_and_no_exit_code() {
    let gone = one_job(&json!({"binary": "/there/is/none"}));
    let reason = "CannotPullContainerError: pull image manifest has been retried 1 time(s)";
    let unstarted = one_job(&json!({}));
    unstarted.fault(&json!({"target": "j", "times": 3, "unstarted": reason}));
    for (emulator, reason) in [(gone, "CannotStartContainerError: "), (unstarted, reason)] {
        let job = ended(&emulator, &submit(&emulator, &["exit", "0"]));
        assert_eq!(
            (&job["status"], &job["statusReason"]),
            (&json!("FAILED"), &json!("Task failed to start"))
        );
        let attempts = job["attempts"].as_array().unwrap();
        for container in attempts.iter().map(|a| &a["container"]).chain([&job["container"]]) {
            assert_eq!(container["exitCode"], Value::Null);
            assert!(container["reason"].as_str().unwrap().starts_with(reason), "{job:#}");
        }
    }
}

#[test]
fn a_job_that_takes_too_long_is_not_tried_again() {
    let emulator = one_job(&json!({"timeout_seconds": 0.3}));
    let job = ended(&emulator, &submit(&emulator, &["sleep"]));
    assert_eq!((&job["status"], codes(&job)), (&json!("FAILED"), vec![137]));
    assert_eq!(job["statusReason"], "Job attempt duration exceeded timeout");
}

#[test]
fn a_job_that_is_terminated_says_why() {
    let emulator = one_job(&json!({}));
    let id = submit(&emulator, &["sleep"]);
    batch(&emulator, "terminatejob", &json!({"jobId": id, "reason": "no longer wanted"})).ok();
    let job = ended(&emulator, &id);
    assert_eq!(
        (&job["status"], &job["statusReason"]),
        (&json!("FAILED"), &json!("no longer wanted"))
    );
}

#[test]
fn what_batch_would_refuse_is_refused() {
    let emulator = one_job(&json!({}));
    let refused = |body: &Value| {
        let reply = batch(&emulator, "submitjob", body);
        assert_eq!(reply.header("x-amzn-errortype"), Some("ClientException"), "{}", reply.text());
        assert_eq!(reply.status, 400);
    };
    refused(&json!({"jobName": "daily", "jobDefinition": "none"}));
    refused(&json!({"jobName": "daily 2026", "jobDefinition": "j"}));
    let long = "x".repeat(9000);
    refused(&json!({"jobName": "daily", "jobDefinition": "j",
        "containerOverrides": {"command": [long]}}));
}

#[test]
fn a_job_meets_faults_and_prints_into_its_log() {
    let logs = tempfile::tempdir().unwrap();
    let job = json!({"binary": STUB, "command": ["print", "Ref::word"], "parameters": {"word": "said"},
        "environment": {"STUB": "configured"}});
    let emulator = emulator(json!({"logs": logs.path(), "jobs": {"j": job}}));
    emulator.fault(&json!({"target": "j", "times": 1, "environment": {"STUB": "faulty"}}));
    for _ in 0..2 {
        let body = json!({"jobName": "daily", "jobQueue": "q", "jobDefinition": "j"});
        let id = batch(&emulator, "submitjob", &body).ok().json()["jobId"].clone();
        assert_eq!(ended(&emulator, id.as_str().unwrap())["status"], "SUCCEEDED");
    }
    let log = std::fs::read_to_string(logs.path().join("j.log")).unwrap();
    assert_eq!(log, "said faulty\nsaid configured\n");
}

#[test]
fn every_other_service_is_the_one_behind() {
    let behind = one_function(&json!({}));
    let front = emulator(json!({"upstream": behind.url("")}));
    let invocations = http::send("GET", &front.url("/elsewhere?x=1"), &[], "");
    assert_eq!(invocations.status, 404, "the one behind has none behind it");
    assert!(invocations.text().contains("no upstream"));
    let Emulator { server } = behind;
    let gone = server.port;
    drop::<Server>(server);
    let reply = http::send("GET", &front.url("/elsewhere"), &[], "");
    assert_eq!(reply.status, 502);
    assert!(reply.text().contains(&format!("127.0.0.1:{gone} does not answer")));
}
