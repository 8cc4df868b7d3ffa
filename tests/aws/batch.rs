//! Training on Batch, for days that are too large for a Lambda.

use serde_json::{Value, json};

use crate::world::{NO_STORE, World};

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
    assert_eq!(day.step("PublishMatching")["promoted"], true);
}

#[test]
#[ignore = "tests/aws/run.sh"]
fn a_job_that_fails_keeps_the_name_of_its_error() {
    let world = World::new("batch-fails");
    let config = world.write("mllab.toml", "[matching]\npreset = \"there is none\"\n");
    let day = world.day(&["--batch-rows", "100", "--config", &config]);
    let said = day.failed("ConfigInvalid", 78);
    assert!(said.contains("matching: ") && said.contains("preset"), "{said}");
    let jobs = world.emulator.jobs();
    assert_eq!((&jobs[0]["status"], codes(&jobs[0])), (&json!("FAILED"), vec![78]), "tried once");
    let (_, message) = world.notification();
    assert_eq!(
        (&message["stage"], &message["error"]),
        (&json!("Matching"), &json!("ConfigInvalid"))
    );
    assert_eq!(world.latest(), [].into());
}
