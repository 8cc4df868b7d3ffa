//! The gate refuses, and what is live stays.

use serde_json::Value;

use crate::world::{DATA, MATCHING, World, today};

#[test]
#[ignore = "tests/aws/run.sh"]
fn a_refused_model_changes_nothing_that_is_read_and_says_why_beside_its_version() {
    let world = World::new("gate");
    world.day(&[]).succeeded();
    world.published();
    let before = world.latest();
    // No model is better than a tree by this much.
    let config = world.write("strict.toml", "[gate.matching]\ntree_auc = 0.99\n");
    let day = world.day(&["--force", "--config", &config]);
    let said = day.failed("GateRefused", 77);
    assert!(said.contains("VerifyMatching: matching: "), "{said}");
    assert_eq!(world.latest(), before, "byte for byte");
    let (subject, message) = world.notification();
    assert_eq!(subject, format!("ML Lab {}: GateRefused", today()));
    assert_eq!(message["error"], "GateRefused");
    let kept =
        world.cloud.get(DATA, &format!("{MATCHING}/_gate/v2.json")).expect("the verdict is stored");
    let kept: Value = serde_json::from_slice(&kept).unwrap();
    let checks = kept["checks"].as_array().unwrap();
    let failed: Vec<&Value> = checks.iter().filter(|check| check["passed"] == false).collect();
    assert_eq!(failed.len(), 1, "{kept:#}");
    assert!(checks.len() > 1, "and what was kept is told too");
    let states = world.states(&day.arn);
    assert!(!states.iter().any(|state| state.starts_with("Publish")), "{states:?}");
}
