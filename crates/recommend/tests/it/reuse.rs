//! Only what is new is encoded, and a state of lsa lasts until there is a reason for another one.

use std::sync::atomic::{AtomicU64, Ordering};

use recommend::{Recommend, artefacts::CANDIDATE_EMBEDDINGS};
use serde_json::json;
use stage::Progress;
use versioning::{Artefact, Lake};

use crate::fixture::{add_features, bytes, figure, generated, lake_with, run, run_on, version};

fn states(lake: &Lake) -> usize {
    lake.series(Artefact::Lsa).list().unwrap().len()
}

#[test]
fn of_many_texts_those_that_changed_are_encoded() {
    let mut rows = generated(1_000, 200, 300);
    let lake = lake_with(&rows);
    let first = run(&lake, json!({})).unwrap();
    let texts = |response| {
        ["encoded", "reused", "repeated"].map(|name| figure(response, name)).iter().sum::<u64>()
    };
    assert_eq!(texts(&first), 1_200);
    assert_eq!(figure(&first, "reused"), 0);
    for person in rows.people.iter_mut().take(100) {
        person.insert(
            "cv_candidato".to_owned(),
            format!("hospital vacinas novo{}", person["codigo"]),
        );
    }
    // Those who were there are in other places now.
    rows.people.reverse();
    add_features(&lake, &rows, "2025-07-01");
    let second = run_on(&lake, "2025-07-01", json!({}), &stage::Silent).unwrap();
    assert_eq!(figure(&second, "encoded"), 100);
    assert_eq!(texts(&second), 1_200);
    // The key names the state: it is the same one.
    assert_eq!(states(&lake), 1);
    assert_eq!(first.metrics.0["encoder_revision"], second.metrics.0["encoder_revision"]);
    // A vector that was reused is the one of its text, wherever its record stands now.
    let vectors = |response| {
        let version = version(&lake, response);
        neighbours::npy::read(&bytes(&version, CANDIDATE_EMBEDDINGS)[..]).unwrap().values
    };
    let (first, second) = (vectors(&first), vectors(&second));
    let row = |vectors: &[f32], i: usize| vectors[i * 384..(i + 1) * 384].to_vec();
    for i in 0..1_000 {
        let same = row(&first, i) == row(&second, 999 - i);
        assert_eq!(same, i >= 100, "{i}");
    }
}

#[test]
fn what_changes_no_vector_encodes_nothing() {
    let lake = lake_with(&generated(100, 60, 60));
    run(&lake, json!({})).unwrap();
    let trees = run(&lake, json!({"trees": 3, "top_k": 5, "open_days": 30})).unwrap();
    assert!(!trees.unchanged);
    assert_eq!(figure(&trees, "encoded"), 0);
    // Other columns make other texts, and another state.
    let other = run(&lake, json!({"candidate_text": ["titulo_profissional"]})).unwrap();
    assert!(figure(&other, "encoded") > 0);
    assert_eq!(states(&lake), 2);
}

/// Dies in the middle of the candidates' texts.
struct Dying {
    advanced: AtomicU64,
}

impl Progress for Dying {
    fn begin(&self, phase: &str, _: Option<u64>, _: &'static str) -> usize {
        usize::from(phase == "encode candidates")
    }
    fn advance(&self, phase: usize, n: u64) -> Result<(), stage::Cancelled> {
        if phase == 1 && self.advanced.fetch_add(n, Ordering::Relaxed) + n > 3_000 {
            panic!("killed");
        }
        Ok(())
    }
    fn end(&self, _: usize) {}
    fn note(&self, _: &str) {}
}

#[test]
fn a_run_that_was_killed_goes_on_where_it_was() {
    let rows = generated(5_000, 50, 20);
    let lake = lake_with(&rows);
    let dying = Dying { advanced: AtomicU64::new(0) };
    let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        run_on(&lake, "2025-06-30", json!({}), &dying)
    }));
    assert!(died.is_err());
    assert!(lake.series(Artefact::Recommend).list().unwrap().is_empty());
    let after = run(&lake, json!({})).unwrap();
    // The jobs' texts, and the first 2,048 of the candidates'.
    let (encoded, reused) = (figure(&after, "encoded"), figure(&after, "reused"));
    assert!(reused >= 2_048 + 40 && encoded <= 3_000, "{encoded} {reused}");
    let whole = lake_with(&rows);
    let expected = version(&whole, &run(&whole, json!({})).unwrap());
    let file = CANDIDATE_EMBEDDINGS;
    assert!(bytes(&version(&lake, &after), file) == bytes(&expected, file));
}

#[test]
fn a_state_is_fitted_anew_when_asked_for_or_when_the_texts_have_doubled() {
    let lake = lake_with(&generated(60, 40, 60));
    run(&lake, json!({})).unwrap();
    let state = |lake: &Lake| lake.series(Artefact::Lsa).newest().unwrap().unwrap();
    let first = state(&lake);
    // On the same texts it would be the same one.
    assert!(run(&lake, json!({"refit": true})).unwrap().unchanged);

    // A third more: yesterday's state serves.
    add_features(&lake, &generated(90, 43, 60), "2025-07-01");
    let second = run_on(&lake, "2025-07-01", json!({}), &stage::Silent).unwrap();
    assert_eq!((states(&lake), figure(&second, "reused") > 0), (1, true));
    // Asked for.
    let refitted = run_on(&lake, "2025-07-01", json!({"refit": true}), &stage::Silent).unwrap();
    assert_eq!((states(&lake), refitted.unchanged), (2, false));
    // From then on that one serves.
    assert!(run_on(&lake, "2025-07-01", json!({}), &stage::Silent).unwrap().unchanged);

    // Twice as many.
    add_features(&lake, &generated(200, 70, 60), "2025-07-02");
    run_on(&lake, "2025-07-02", json!({}), &stage::Silent).unwrap();
    assert_eq!(states(&lake), 3);
    assert!(run_on(&lake, "2025-07-02", json!({}), &stage::Silent).unwrap().unchanged);
    assert_ne!(state(&lake).version(), first.version());

    // A day that lies before has the state of its time, whatever came after.
    let event = json!({
        "execution": "e", "logical_date": "2025-06-30", "inputs": {"features": "v1"},
    });
    let event: stage::Event = serde_json::from_value(event).unwrap();
    let at = versioning::Timestamp::from_millis(9_000);
    let backfill = testlake::execute::<Recommend>(&lake, &event, at, &stage::Silent).unwrap();
    assert_eq!((backfill.version.as_str(), backfill.unchanged), ("v1", true));
}
