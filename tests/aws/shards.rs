//! Shards of a Distributed Map that do not go well: its children's errors reach the day by their names.

use serde_json::{Value, json};

use crate::world::{FEATURES, NO_STORE, World};

/// The state machine with no more patience than a test has.
fn hasty(definition: String) -> String {
    definition.replace("\"MaxDelaySeconds\": 60", "\"MaxDelaySeconds\": 1")
}

#[test]
#[ignore = "tests/aws/run.sh"]
fn a_shard_whose_function_is_throttled_waits_for_its_turn() {
    let world = World::with("throttled", hasty);
    // More than five for at least one of the three shards: another task would have given up.
    let throttled = |target: &str, action: &str, times: u32| {
        world
            .emulator
            .fault(&json!({"target": target, "action": action, "times": times, "throttle": true}));
    };
    throttled("mllab-ingest", "shard", 18);
    throttled("mllab-features", "run", 1);
    let day = world.day(&["--only=ingest", "--only=features"]).succeeded();
    let features = day.step("Features");
    let tries = &features["failed_tries"];
    assert_eq!(tries[0]["error"], "Lambda.TooManyRequestsException", "{tries}");
    assert_eq!(features["version"], "v1");
    let shards = world.invocations("ingest", "shard");
    let of = |outcome: &str| shards.iter().filter(|shard| shard["outcome"] == outcome).count();
    assert_eq!((of("throttled"), of("response")), (18, 3));
}

#[test]
#[ignore = "tests/aws/run.sh"]
fn a_shard_that_no_word_came_of_is_named_by_what_is_known() {
    let world = World::with("shards-broken", |definition| {
        hasty(definition).replace("\"MaxAttempts\": 5", "\"MaxAttempts\": 0")
    });
    // As where its memory has run out: the process is gone, each time.
    world
        .emulator
        .fault(&json!({"target": "mllab-ingest", "action": "shard", "times": 6, "kill": true}));
    let said = world.day(&["--only=ingest"]).failed("StageFailed", 70);
    assert!(
        said.contains("ended with StageFailed: ingest: a shard failed: Runtime.ExitError"),
        "{said}"
    );
    let (_, message) = world.notification();
    assert_eq!((&message["stage"], &message["error"]), (&json!("Ingest"), &json!("StageFailed")));

    let no_store = json!({"AWS_ENDPOINT_URL": NO_STORE});
    world.emulator.fault(
        &json!({"target": "mllab-ingest", "action": "shard", "times": 1, "environment": no_store}),
    );
    let said = world.day(&["--only=ingest"]).failed("StoreUnavailable", 74);
    assert!(said.contains("ended with StoreUnavailable: ingest: a shard failed"), "{said}");
    world.notification();

    // The next finds what the others have done.
    world.day(&["--only=ingest"]).succeeded();
    assert_eq!(world.latest(), [].into());
}

#[test]
#[ignore = "tests/aws/run.sh"]
fn the_error_of_a_shard_of_texts_is_kept_and_raised_by_its_name() {
    let world = World::new("shards-of-texts");
    world.day(&["--only=ingest", "--only=features"]).succeeded();
    world.published();
    // The shards alone look for the features in another place than the plan has found them in.
    let elsewhere = json!({"MLLAB_FEATURES_URI": format!("s3://{FEATURES}/elsewhere/")});
    world.emulator.fault(&json!({"target": "mllab-recommend", "action": "shard", "times": 100,
        "environment": elsewhere}));
    let said = world.day(&["--only=features", "--only=recommend"]).failed("BadInput", 65);
    assert!(said.contains("is not a version of this series"), "{said}");
    let (_, message) = world.notification();
    assert_eq!((&message["stage"], &message["error"]), (&json!("Recommend"), &json!("BadInput")));
    assert_eq!(
        world.invocations("recommend", "run"),
        [] as [Value; 0],
        "the Map has ended the day"
    );
    let results = world.invocations("recommend", "result");
    assert_eq!(results.len(), 1);
    assert_eq!(results[0]["error"], "BadInput");
}
