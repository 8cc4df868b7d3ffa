//! The gate refuses or holds back, what is live stays, and people overrule it by events.

use std::fs;

use serde_json::{Value, json};

use crate::world::{DATA, MATCHING, World, root, sample, subject_of};

/// An event of `events/`, as it is but for the given keys.
fn event(name: &str, keys: &Value) -> Value {
    let text = fs::read(root().join(format!("events/{name}.json"))).unwrap();
    let mut event: Value = serde_json::from_slice(&text).unwrap();
    for (key, value) in keys.as_object().unwrap() {
        event[key] = value.clone();
    }
    event
}

#[test]
#[ignore = "tests/aws/run.sh"]
fn what_cannot_be_served_refuses_the_day_and_says_why_beside_its_version() {
    let world = World::new("gate");
    world.day(&[]).succeeded();
    world.published();
    let mut before = world.latest();
    // No index finds all of what an exact search finds.
    let config = world.write("strict.toml", "[gate.recommend]\nrecall = 1.0\n");
    let day = world.day(&["--force", "--config", &config]);
    let said = day.failed("GateRefused", 77);
    assert!(said.contains("index-recall") && said.contains("drift_reports/v2/"), "{said}");
    assert_eq!(
        before.insert("drift_reports/latest.txt".to_owned(), "v2/drift_report.html".to_owned()),
        Some("v1/drift_report.html".to_owned())
    );
    assert_eq!(world.latest(), before, "nothing but the report has moved");
    let (subject, message) = world.notification();
    assert_eq!(subject, subject_of("GateRefused"));
    assert_eq!((&message["error"], &message["stage"]), (&json!("GateRefused"), &json!("Release")));
    let kept = world.cloud.get(DATA, "models/Modelo_Recomendacao_Vagas/_gate/v2.json");
    let kept: Value = serde_json::from_slice(&kept.expect("the verdict is stored")).unwrap();
    let checks = kept["checks"].as_array().unwrap();
    let failed: Vec<&Value> = checks.iter().filter(|check| check["passed"] == false).collect();
    assert_eq!(failed.len(), 1, "{kept:#}");
    assert!(checks.len() > 1, "and what was kept is told too");

    // Somebody knows better, and then better still.
    let publish = event("drift-publish", &json!({"release": 2}));
    let answer = world.invoke("drift", &publish).ok().json();
    assert_eq!(answer["release"], 3, "{answer}");
    assert_eq!(world.latest()[&format!("{MATCHING}/latest.txt")], "v2/model_matching.json");
    let answer = world.invoke("drift", &event("drift-rollback", &json!({}))).ok().json();
    assert_eq!(answer["release"], 4, "{answer}");
    assert_eq!(world.latest()[&format!("{MATCHING}/latest.txt")], "v1/model_matching.json");
}

#[test]
#[ignore = "tests/aws/run.sh"]
fn where_there_is_nothing_to_learn_yet_the_rest_of_the_day_goes_live() {
    let world = World::new("young");
    let config =
        world.write("young.toml", "[matching]\nunresolved = { drop_younger_than = 36500 }\n");
    let day = world.day(&["--config", &config]).succeeded();
    let states = world.states(&day.arn);
    assert!(states.iter().any(|state| state == "MatchingSkipped"), "{states:?}");
    day.released("features");
    day.released("recommend");
    assert!(!world.latest().contains_key(&format!("{MATCHING}/latest.txt")));
}

#[test]
#[ignore = "tests/aws/run.sh"]
fn data_that_are_not_whole_train_nothing_until_somebody_accepts_them() {
    let world = World::new("input");
    // Half of the candidates are missing: their applications are orphans.
    let text = fs::read(sample().join("applicants.json")).unwrap();
    let mut people: serde_json::Map<String, Value> = serde_json::from_slice(&text).unwrap();
    let mut at = 0;
    people.retain(|_, _| {
        at += 1;
        at % 2 == 0
    });
    let half = serde_json::to_vec(&people).unwrap();
    world.cloud.put(DATA, "raw/applicants.json", half);
    let day = world.day(&[]);
    let said = day.failed("GateRefused", 77);
    assert!(said.contains("mllab accept "), "{said}");
    let states = world.states(&day.arn);
    assert!(!states.iter().any(|state| state == "Matching" || state == "Recommend"), "{states:?}");
    assert_eq!(world.latest().len(), 1, "the report alone: {:?}", world.latest());
    world.published();

    let names = said.split("mllab accept ").nth(1).unwrap().split(" --reason").next().unwrap();
    let breaches: Vec<&str> = names.split(' ').collect();
    let accept = event("drift-accept", &json!({"breaches": breaches}));
    let answer = world.invoke("drift", &accept).ok().json();
    assert_eq!(answer["left"], json!([]), "{answer}");
    world.day(&[]).succeeded().released("matching");
    assert_eq!(world.latest().len(), 4);
}
