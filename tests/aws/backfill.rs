//! A past day makes versions and moves nothing, whatever is live; one stage is run without the others.

use std::fs;

use serde_json::{Value, json};

use crate::world::{Day, MATCHING, World, root};

fn moved_nothing(past: &Day, why: &str) {
    let release = past.step("Release");
    assert_eq!(release["release"], Value::Null, "{release}");
    let stays = release["stays"].as_array().unwrap();
    assert_eq!(stays.len(), 4, "{release}");
    for reason in stays.iter().map(|reason| reason.as_str().unwrap()) {
        assert!(reason.contains(why) && reason.contains("a backfill moves nothing"), "{reason}");
    }
}

#[test]
#[ignore = "tests/aws/run.sh"]
fn a_past_day_makes_versions_and_moves_nothing() {
    let world = World::new("backfill");
    world.put_raw_files("raw-archive/2026-10-01/");

    // With nothing live yet, as the example has it.
    let example = root().join("events/state-machine/backfill.json");
    let past = world.day(&["--input", example.to_str().unwrap()]).succeeded();
    assert_eq!(past.told["execution"], "daily-2026-10-01-1");
    assert_eq!(past.step("Matching")["version"], "v1");
    moved_nothing(&past, "nothing is live");
    assert_eq!(world.latest(), [].into());
    let read = &world.invocations("ingest", "shard")[0]["payload"]["shard"]["key"];
    assert!(read.as_str().unwrap().starts_with("raw-archive/2026-10-01/"), "{read}");

    // With a live version that stands for an earlier day than the past one.
    for stage in ["features", "matching", "recommend", "drift"] {
        let event = fs::read(root().join(format!("events/{stage}-verify.json"))).unwrap();
        let event: Value = serde_json::from_slice(&event).unwrap();
        world.invoke(stage, &event).ok();
    }
    let event = fs::read(root().join("events/drift-release.json")).unwrap();
    let mut event: Value = serde_json::from_slice(&event).unwrap();
    event["logical_date"] = json!("2026-10-01");
    let answer = world.invoke("drift", &event).ok().json();
    assert_eq!(answer["published"].as_array().unwrap().len(), 4, "{answer}");
    let before = world.latest();
    assert_eq!(before.len(), 4);
    let past = world.day(&["--date=2026-10-02", "--force"]).succeeded();
    assert_eq!(past.step("Matching")["version"], "v2");
    moved_nothing(&past, "v1 stays live");
    assert_eq!(world.latest(), before);

    // With a live version of today.
    let alone = world.day(&["--only=matching", "--force"]).succeeded();
    let states = world.states(&alone.arn);
    for state in ["IngestShards", "Ingest", "Features", "Recommend", "Drift"] {
        assert!(!states.iter().any(|entered| entered == state), "{state} was entered");
    }
    alone.released("matching");
    let mut expected = before;
    expected.insert(format!("{MATCHING}/latest.txt"), "v3/model_matching.json".to_owned());
    assert_eq!(world.latest(), expected, "only what was asked for has moved");
    let past = world.day(&["--date=2026-10-03", "--only=matching", "--force"]).succeeded();
    assert_eq!(past.step("Release")["release"], Value::Null);
    assert_eq!(world.latest(), expected);
}
