//! Training on Batch, for days that are too large for a Lambda.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::{Value, json};

use crate::world::{DATA, MATCHING, NO_STORE, World, binary};

/// As far as the match model.
const TO_MATCHING: [&str; 5] =
    ["--only=ingest", "--only=features", "--only=matching", "--batch-rows", "100"];

fn codes(job: &Value) -> Vec<i64> {
    let attempts = job["attempts"].as_array().unwrap().iter();
    attempts.map(|attempt| attempt["container"]["exitCode"].as_i64().unwrap()).collect()
}

#[test]
#[ignore = "tests/aws/run.sh"]
fn a_large_day_trains_on_batch_which_repeats_what_may_pass() {
    let world = World::new("batch");
    world.emulator.fault(&json!({"target": "mllab-matching-job", "times": 1,
        "environment": {"AWS_ENDPOINT_URL": NO_STORE}}));
    let day = world.day(&["--batch-rows", "100"]).succeeded();
    let jobs = world.emulator.jobs();
    assert_eq!(jobs.len(), 1);
    assert_eq!((&jobs[0]["status"], codes(&jobs[0])), (&json!("SUCCEEDED"), vec![74, 0]));
    assert_eq!(world.invocations("matching", "run").len(), 0, "not on Lambda");
    assert_eq!(world.invocations("matching", "result").len(), 1);
    let step = day.step("Matching");
    assert_eq!((&step["version"], &step["unchanged"]), (&json!("v1"), &json!(false)));
    day.released("matching");
}

#[test]
#[ignore = "tests/aws/run.sh"]
fn a_job_that_fails_keeps_the_name_of_its_error() {
    let world = World::new("batch-fails");
    let config = world.write("mllab.toml", "[matching]\npreset = \"there is none\"\n");
    let day = world.day(&[&TO_MATCHING[..], &["--config", &config]].concat());
    let said = day.failed("ConfigInvalid", 78);
    assert!(said.contains("matching: ") && said.contains("preset"), "{said}");
    let jobs = world.emulator.jobs();
    assert_eq!((&jobs[0]["status"], codes(&jobs[0])), (&json!("FAILED"), vec![78]), "tried once");
    let (_, message) = world.notification();
    assert_eq!(
        (&message["stage"], &message["error"]),
        (&json!("Matching"), &json!("ConfigInvalid"))
    );

    // A job that never begins leaves no exit code, no log and no word in the lake.
    let reason =
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): not found";
    world.emulator.fault(&json!({"target": "mllab-matching-job", "times": 9, "unstarted": reason}));
    let said = world.day(&TO_MATCHING).failed("StageFailed", 70);
    assert!(said.contains(reason), "{said}");
    let job = world.emulator.jobs().into_iter().find(|job| job["container"]["reason"] == reason);
    assert_eq!(job.expect("a second job")["container"]["exitCode"], Value::Null);
    let (_, message) = world.notification();
    assert_eq!((&message["stage"], &message["error"]), (&json!("Matching"), &json!("StageFailed")));
    assert!(message["cause"].as_str().unwrap().contains(reason), "{message}");
    assert_eq!(world.latest(), [].into());
}

/// `States.Timeout` is a name that no state of ours may raise.
#[test]
#[ignore = "tests/aws/run.sh"]
fn a_job_that_outlasts_its_time_is_told_as_that() {
    let (hours, second) = (r#""TimeoutSeconds": 28800"#, r#""TimeoutSeconds": 1"#);
    let world = World::with("batch-late", |definition| {
        assert!(definition.contains(hours));
        definition.replace(hours, second)
    });
    // A store that does not answer keeps the job at work for longer than that.
    world.emulator.fault(&json!({"target": "mllab-matching-job", "times": 9,
        "environment": {"AWS_ENDPOINT_URL": NO_STORE}}));
    let said = world.day(&TO_MATCHING).failed("StageFailed", 70);
    assert!(said.contains("ended with Timeout: "), "{said}");
    let (_, message) = world.notification();
    assert_eq!((&message["stage"], &message["error"]), (&json!("Matching"), &json!("Timeout")));
}

/// The hash of a program's sources is a text in it: with another one in its place it is a program
/// of other sources, to all that ask.
#[test]
#[ignore = "tests/aws/run.sh"]
fn an_image_of_other_code_makes_a_version_that_goes_live_and_the_log_says_so() {
    let world = World::new("batch-older");
    world.day(&TO_MATCHING[..3]).succeeded();
    let manifest = world.cloud.get(DATA, &format!("{MATCHING}/v1/manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let code = manifest["code_version"].as_str().unwrap_or_else(|| panic!("{manifest:#}"));
    let other = "0".repeat(code.len());
    let older = world.dir.path().join("matching-of-before");
    fs::write(&older, replaced(&fs::read(binary("matching")).unwrap(), code, &other)).unwrap();
    fs::set_permissions(&older, fs::Permissions::from_mode(0o755)).unwrap();
    world.configure(|configuration| {
        configuration["jobs"]["mllab-matching-job"]["binary"] = json!(older);
    });

    let day = world.day(&["--only=matching", "--batch-rows=0"]).succeeded();
    let step = day.step("Matching");
    assert_eq!((&step["version"], &step["unchanged"]), (&json!("v2"), &json!(false)));
    day.released("matching");
    let log = fs::read_to_string(world.dir.path().join("logs/mllab-matching.log")).unwrap();
    let said = format!("v2 was made by other code ({other}) than this ({code})");
    assert!(log.contains(&said), "the function's log does not say: {said}");
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let (from, to) = (from.as_bytes(), to.as_bytes());
    let mut bytes = bytes.to_vec();
    let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(from)).collect();
    assert!(!places.is_empty(), "the program does not hold its own hash");
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}
