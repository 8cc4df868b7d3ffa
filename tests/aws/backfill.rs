//! A past day makes versions and moves nothing; one stage is run without the others.

use crate::world::{MATCHING, World};

#[test]
#[ignore = "tests/aws/run.sh"]
fn a_past_day_makes_versions_and_moves_nothing() {
    let world = World::new("backfill");
    world.day(&[]).succeeded();
    world.published();
    let before = world.latest();
    let past = world.run(&["--date", "2026-11-20", "--force"]).succeeded();
    assert_eq!(past.told["execution"], "daily-2026-11-20-1");
    assert_eq!(past.step("Matching")["version"], "v2");
    for state in ["PublishFeatures", "PublishMatching", "PublishRecommend", "PublishDrift"] {
        let step = past.step(state);
        assert_eq!(step["promoted"], false, "{state}");
        assert!(step["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{step}");
    }
    assert_eq!(world.latest(), before);

    let alone = world.day(&["--only=matching", "--force"]).succeeded();
    let states = world.states(&alone);
    for state in ["IngestShards", "Ingest", "Features", "Recommend", "Drift", "PublishRecommend"] {
        assert!(!states.iter().any(|entered| entered == state), "{state} was entered");
    }
    assert_eq!(alone.step("PublishMatching")["promoted"], true);
    let mut expected = before;
    expected.insert(format!("{MATCHING}/latest.txt"), "v3/model_matching.json".to_owned());
    assert_eq!(world.latest(), expected, "only what was asked for has moved");
}
