//! The law of the version protocol: whatever some processes do, in whatever order, each held up or
//! killed at any of its operations while others go on, the series is whole after every step.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use proptest::prelude::*;
use versioning::{
    Error, Key, ListRequest, MemoryStore, Policy, Promotion, Series, Store, Timestamp, Version,
    VersionKey, conformance::WatchedStore,
};

use crate::fixture::{day, latest, lines, make, promote, series};

/// What one process does.
#[derive(Clone, Copy, Debug)]
enum Action {
    /// Find, else claim, put, commit.
    Make(usize),
    /// Make, then put live.
    Release(usize),
    /// Put live the committed version at this place of the list.
    Promote(usize),
    Rollback,
    Prune,
}

/// One process, and what happens to it on its way.
#[derive(Clone, Copy, Debug)]
struct Step {
    action: Action,
    /// Ahead of this operation on the store …
    at: usize,
    meanwhile: Meanwhile,
}

#[derive(Clone, Copy, Debug)]
enum Meanwhile {
    Nothing,
    /// … it is killed,
    Killed,
    /// … or held up while another process does all of its own.
    Another(Action),
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        3 => (0..5_usize).prop_map(Action::Make),
        3 => (0..5_usize).prop_map(Action::Release),
        3 => (0..5_usize).prop_map(Action::Promote),
        2 => Just(Action::Rollback),
        1 => Just(Action::Prune),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let meanwhile = prop_oneof![
        1 => Just(Meanwhile::Nothing),
        2 => Just(Meanwhile::Killed),
        4 => action().prop_map(Meanwhile::Another),
    ];
    (action(), 0..40_usize, meanwhile).prop_map(|(action, at, meanwhile)| Step {
        action,
        at,
        meanwhile,
    })
}

fn act(series: &Series, action: Action, now: Timestamp) -> Result<(), Error> {
    match action {
        Action::Make(n) => make(series, n, now).map(drop),
        Action::Release(n) => promote(series, make(series, n, now)?.version(), now),
        Action::Promote(n) => {
            let list = series.list()?;
            match list.get(n % list.len().max(1)) {
                Some(committed) => promote(series, committed.version(), now),
                None => Ok(()),
            }
        }
        Action::Rollback => series.rollback(None, now, "test").map(drop),
        Action::Prune => {
            let policy = Policy { keep_last: 1, keep_days: 3, keep_months: 0, abandon_days: 3 };
            series.prune(&policy, now).map(drop)
        }
    }
}

/// What may be refused when others are at work, or at all.
fn is_expected(error: &Error, killed: bool) -> bool {
    match error {
        Error::NoRollbackTarget { .. } => true,
        // Pruned between its choice and its use.
        Error::NotFound { .. } | Error::Contended { .. } | Error::InvalidManifest { .. } => true,
        Error::Unavailable { .. } => killed,
        _ => false,
    }
}

fn run(inner: &Arc<dyn Store>, step: Step, now: Timestamp) -> Result<(), TestCaseError> {
    let operations = AtomicUsize::new(0);
    let outcome = Arc::new(std::sync::Mutex::new(None));
    let (store, other) = (Arc::clone(inner), Arc::clone(&outcome));
    let watched = WatchedStore::new(Arc::clone(inner), move |_| {
        let operation = operations.fetch_add(1, Ordering::SeqCst);
        match step.meanwhile {
            Meanwhile::Another(action) if operation == step.at => {
                let result = act(&series(Arc::clone(&store)), action, now);
                *other.lock().unwrap() = result.err();
                Ok(())
            }
            Meanwhile::Killed if operation >= step.at => {
                Err(Error::Unavailable { what: "process".into(), reason: "killed".into() })
            }
            _ => Ok(()),
        }
    });
    let own = act(&series(Arc::new(watched)), step.action, now).err();
    let killed = matches!(step.meanwhile, Meanwhile::Killed);
    for error in own.into_iter().chain(outcome.lock().unwrap().take()) {
        prop_assert!(is_expected(&error, killed), "{error}");
    }
    Ok(())
}

/// What has been seen of the versions.
#[derive(Default)]
struct Seen {
    keys: BTreeMap<Version, VersionKey>,
    log: Vec<Promotion>,
}

impl Seen {
    fn check(&mut self, store: &Arc<dyn Store>) -> Result<(), TestCaseError> {
        let series = series(Arc::clone(store));
        let mut by_key = BTreeMap::new();
        for committed in series.list().unwrap() {
            // Whole; a number is one key's for ever; a key has one version.
            committed.verify().unwrap();
            let (version, key) = (committed.version(), committed.manifest().key.clone());
            let known = self.keys.entry(version).or_insert_with(|| key.clone());
            prop_assert_eq!(&*known, &key);
            let found = series.find(&key).unwrap().map(|c| c.version());
            prop_assert!(found == Some(version) || found.is_none(), "{found:?} for {version}");
            if found.is_some() {
                prop_assert_eq!(by_key.insert(key, version), None);
            }
        }
        // What is live is committed, and so is what a rollback would put live.
        let live = series.live().unwrap();
        match (live, latest(&**store)) {
            (Some(live), Some(text)) => {
                prop_assert_eq!(text, lines(live).join("\n"));
                series.get(live).unwrap();
            }
            // The first promotion was logged and not yet carried out.
            (Some(live), None) => drop(series.get(live).unwrap()),
            (None, text) => prop_assert_eq!(text, None),
        }
        if let Some(target) = series.rollback_target().unwrap() {
            series.get(target).unwrap();
        }
        // The history is a chain that ends in what is live; the log behind it only grows.
        let history = series.history().unwrap();
        prop_assert_eq!(history.last().map(|p| p.to), live);
        prop_assert_eq!(series.live_at(day(1000)).unwrap(), live);
        let folder = Key::new("models/M/_promotions").unwrap();
        let entries = store.list(&ListRequest::children(&folder)).unwrap().objects;
        let read = |key: &Key| {
            let bytes = store.get(key, None).unwrap().body.bytes().unwrap();
            serde_json::from_slice::<Promotion>(&bytes).unwrap()
        };
        let log: Vec<_> = entries.iter().map(|e| read(&e.key)).collect();
        prop_assert!(log.starts_with(&self.log), "an entry has changed");
        prop_assert!(log.iter().zip(1..).all(|(p, n)| p.number == n), "a number is missing");
        self.log = log;
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn the_series_is_whole_after_every_step(steps in prop::collection::vec(step(), 1..14)) {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
        let mut seen = Seen::default();
        for (n, step) in steps.into_iter().enumerate() {
            run(&store, step, day(n as u64))?;
            seen.check(&store)?;
        }
        // Whatever has happened, the next run succeeds.
        let series = series(Arc::clone(&store));
        act(&series, Action::Release(9), day(100)).unwrap();
        let live = series.live().unwrap().unwrap();
        prop_assert_eq!(series.newest().unwrap().unwrap().version(), live);
        seen.check(&store)?;
    }
}
