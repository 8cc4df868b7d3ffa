//! What goes live and what does not.

use std::sync::LazyLock;

use bytes::Bytes;
use recommend::{
    Recommend,
    artefacts::{INDEX, JOB_EMBEDDINGS, RECOMMENDATIONS},
};
use serde_json::{Value, json};
use stage::{ErrorName, Event, GateReport, Host, Silent};
use versioning::{Artefact, Body, Committed, Key, KeyBuilder, Lake, Manifest, Timestamp, Version};

use crate::fixture::{add_features, bytes, generated, lake_with, run, version};

/// What the gate says of the newest version.
fn verify(lake: &Lake, gate: Value) -> Result<GateReport, stage::Error> {
    let event = Event {
        execution: "e".to_owned(),
        logical_date: "2025-06-30".to_owned(),
        gate,
        ..Event::default()
    };
    let now = || Timestamp::from_millis(9_000);
    let host = Host::unmeasured(&Silent, &now, "test");
    stage::verify::<Recommend>(lake, &event, &host)
}

/// A lake with a version, which is live.
fn live(config: Value) -> (Lake, Committed) {
    let lake = lake_with(&generated(120, 90, 200));
    let made = version(&lake, &run(&lake, config).unwrap());
    let lines = [format!("{}/{INDEX}", made.version())];
    let series = lake.series(Artefact::Recommend);
    series.promote(made.version(), &lines, Timestamp::from_millis(6_000), "test").unwrap();
    (lake, made)
}

/// A version of as many jobs of other texts, of which other jobs are recommended.
static OTHER: LazyLock<Committed> = LazyLock::new(|| {
    let lake = lake_with(&generated(110, 90, 200));
    version(&lake, &run(&lake, json!({})).unwrap())
});

/// Commits the version once more with another file, or manifest.
fn changed(
    lake: &Lake,
    made: &Committed,
    file: Option<(&str, Bytes)>,
    change: impl FnOnce(&mut Manifest),
) {
    let series = lake.series(Artefact::Recommend);
    let key = KeyBuilder::new("recommend", "test", &json!("changed")).finish();
    let claim = series.claim(&key, "test", Timestamp::from_millis(8_000)).unwrap();
    let mut manifest = made.manifest().clone();
    for output in &mut manifest.outputs {
        let bytes = match &file {
            Some((name, bytes)) if output.file == *name => bytes.clone(),
            _ => bytes(made, &output.file),
        };
        use sha2::Digest;
        output.sha256 = versioning::hex(&sha2::Sha256::digest(&bytes));
        output.bytes = bytes.len() as u64;
        claim.put(&output.file, &Body::Bytes(bytes)).unwrap();
    }
    (manifest.version, manifest.key) = (claim.version(), key);
    change(&mut manifest);
    claim.commit(manifest).unwrap();
}

fn latest(lake: &Lake) -> Bytes {
    let key = Key::new("models/Modelo_Recomendacao_Vagas/latest.txt").unwrap();
    lake.data().get(&key, None).unwrap().body.bytes().unwrap()
}

/// The newest version is refused for what is `said`; that is stored, and nothing moves.
fn refused(lake: &Lake, gate: Value, said: &str) {
    let before = latest(lake);
    let error = verify(lake, gate).unwrap_err();
    assert_eq!(error.name, ErrorName::GateRefused, "{error}");
    assert!(error.message.contains(said), "{error}");
    assert_eq!(latest(lake), before);
    let series = lake.series(Artefact::Recommend);
    let version = series.newest().unwrap().unwrap().version().to_string();
    let stored: GateReport = series.record("_gate", &version).unwrap().unwrap();
    assert!(!stored.passed && stored.checks.iter().any(|check| !check.passed));
}

#[test]
fn a_version_that_is_served_as_it_was_made_passes() {
    for config in [json!({}), json!({"jobs": "all", "top_k": 5})] {
        let (lake, _) = live(config);
        let report = verify(&lake, json!({})).unwrap();
        let names: Vec<_> = report.checks.iter().map(|check| check.check.as_str()).collect();
        assert_eq!(names, ["files", "records", "golden queries", "recall of the index"]);
        assert_eq!(report.checks[1].found, "120 candidates and 90 jobs");
        assert_eq!(report.checks[2].found, "32 of 32, the furthest cosine by 0.0e0");
    }
}

#[test]
fn recommendations_that_the_vectors_do_not_give_are_refused() {
    let (lake, made) = live(json!({}));
    let all = {
        let (_, made) = live(json!({"jobs": "all"}));
        bytes(&made, RECOMMENDATIONS)
    };
    changed(&lake, &made, Some((RECOMMENDATIONS, all)), |_| ());
    refused(&lake, json!({"golden": 10}), "golden queries: expected the recommendations of 10");
}

#[test]
fn an_index_that_finds_other_jobs_is_refused() {
    let (lake, made) = live(json!({}));
    changed(&lake, &made, Some((INDEX, bytes(&OTHER, INDEX))), |_| ());
    refused(&lake, json!({}), "recall of the index: expected at least 0.8 of the 10 nearest jobs");
    assert!(verify(&lake, json!({"recall": 0})).unwrap().passed);
}

#[test]
fn what_the_serving_code_cannot_read_is_refused() {
    let (lake, made) = live(json!({}));
    let cut = bytes(&made, JOB_EMBEDDINGS).slice(..4_000);
    changed(&lake, &made, Some((JOB_EMBEDDINGS, cut)), |_| ());
    refused(&lake, json!({}), "vectors and index: expected");
    refused(&lake, json!({}), "the file is cut");
}

#[test]
fn a_version_of_other_records_than_its_features_is_refused() {
    let (lake, made) = live(json!({}));
    add_features(&lake, &generated(121, 90, 200), "2025-07-01");
    changed(&lake, &made, None, |manifest| {
        manifest.inputs.iter_mut().for_each(|input| {
            if input.name == "features" {
                input.version = Version::new(2);
            }
        });
    });
    refused(
        &lake,
        json!({}),
        "records: expected 121 candidates and 90 jobs, as features v2 has, found 120 candidates and 90 jobs",
    );
}
