//! From a key to a version: who gets which number, and what may be committed under it.

use std::{collections::BTreeSet, fs, sync::Arc};

use serde_json::json;
use versioning::{
    Body, DirStore, Error, Key, KeyBuilder, Manifest, MemoryStore, OutputFile, Policy,
    Precondition, Store,
    conformance::{Operation, WatchedStore},
};

use crate::fixture::{day, files, key, make, manifest, promote, series, sha256, version};

fn stores() -> (tempfile::TempDir, [Arc<dyn Store>; 2]) {
    let dir = tempfile::tempdir().unwrap();
    let directory = DirStore::open(dir.path().join("store")).unwrap();
    (dir, [Arc::new(MemoryStore::default()), Arc::new(directory)])
}

#[test]
fn fifty_claims_at_once_get_fifty_numbers() {
    let (_dir, stores) = stores();
    for store in stores {
        let mut numbers: Vec<u64> = std::thread::scope(|scope| {
            let claim = |n| {
                let series = series(Arc::clone(&store));
                move || series.claim(&key(n), "test", day(0)).unwrap().version().number()
            };
            let threads: Vec<_> = (0..50).map(|n| scope.spawn(claim(n))).collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=50).collect::<Vec<_>>());
    }
}

#[test]
fn fifty_runs_of_one_key_make_one_version() {
    let (_dir, stores) = stores();
    for store in stores {
        let made: BTreeSet<_> = std::thread::scope(|scope| {
            let run = || {
                let series = series(Arc::clone(&store));
                move || make(&series, 7, day(0)).unwrap().version()
            };
            let threads: Vec<_> = (0..50).map(|_| scope.spawn(run())).collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        assert_eq!(made.len(), 1, "{made:?}");
        let committed = series(store).list().unwrap();
        assert_eq!(committed.len(), 1);
        committed[0].verify().unwrap();
    }
}

#[test]
fn an_unchanged_day_makes_nothing_and_a_changed_one_the_next_number() {
    let (_dir, stores) = stores();
    for store in stores {
        let series = series(store);
        assert_eq!(make(&series, 1, day(0)).unwrap().version(), version(1));
        assert_eq!(make(&series, 1, day(1)).unwrap().version(), version(1));
        assert_eq!(make(&series, 2, day(2)).unwrap().version(), version(2));
        assert_eq!(make(&series, 1, day(3)).unwrap().version(), version(1));
        assert_eq!(series.list().unwrap().len(), 2);
    }
}

#[test]
fn a_version_does_not_exist_before_its_manifest() {
    let (_dir, stores) = stores();
    for store in stores {
        let series = series(store);
        let claim = series.claim(&key(1), "test", day(0)).unwrap();
        for (file, bytes) in files(1) {
            claim.put(file, &Body::Bytes(bytes.into())).unwrap();
        }
        assert!(series.find(&key(1)).unwrap().is_none());
        assert!(series.list().unwrap().is_empty());
        assert!(matches!(series.get(version(1)), Err(Error::NotFound { .. })));
        assert!(matches!(promote(&series, version(1), day(0)), Err(Error::NotFound { .. })));
        claim.commit(manifest(&claim, 1, day(0))).unwrap();
        assert_eq!(series.find(&key(1)).unwrap().unwrap().version(), version(1));
    }
}

#[test]
fn a_dead_run_is_taken_up_under_its_number() {
    let (_dir, stores) = stores();
    for store in stores {
        let series = series(store);
        let dead = series.claim(&key(1), "dead", day(0)).unwrap();
        let (file, bytes) = files(1).remove(0);
        dead.put(file, &Body::Bytes(bytes.into())).unwrap();
        assert_eq!(make(&series, 2, day(1)).unwrap().version(), version(2));
        assert_eq!(make(&series, 1, day(1)).unwrap().version(), version(1));
    }
}

#[test]
fn other_bytes_for_the_same_key_are_reported_and_change_nothing() {
    let (_dir, stores) = stores();
    for store in stores {
        let series = series(store);
        let claim = series.claim(&key(1), "test", day(0)).unwrap();
        let other = Body::Bytes("other".into());
        let unstable = |r: Result<(), Error>| matches!(r, Err(Error::NotByteStable { .. }));
        // Before the commit and after it.
        claim.put("model.json", &Body::Bytes(files(1)[0].1.clone().into())).unwrap();
        assert!(unstable(claim.put("model.json", &other)));
        let committed = make(&series, 1, day(0)).unwrap();
        assert!(unstable(claim.put("model.json", &other)));
        assert!(unstable(claim.put("one more", &other)));
        claim.put("model.json", &Body::Bytes(files(1)[0].1.clone().into())).unwrap();
        // Another run of the same key that says it made something else.
        let mut lie = manifest(&claim, 1, day(0));
        lie.outputs.pop();
        assert!(unstable(claim.commit(lie).map(drop)));
        committed.verify().unwrap();
        // The same manifest at another time is the same version.
        let again = claim.commit(manifest(&claim, 1, day(9))).unwrap();
        assert_eq!(again.manifest().created_at, day(0));
    }
}

#[test]
fn a_manifest_must_fit_its_claim_and_its_files() {
    let series = series(Arc::new(MemoryStore::default()));
    let claim = series.claim(&key(1), "test", day(0)).unwrap();
    let good = manifest(&claim, 1, day(0));
    let refused = |change: &dyn Fn(&mut Manifest)| {
        let mut manifest = good.clone();
        change(&mut manifest);
        match claim.commit(manifest) {
            Err(Error::InvalidManifest { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    };
    assert!(refused(&|_| {}).contains("model.json was not put"));
    for (file, bytes) in files(1) {
        claim.put(file, &Body::Bytes(bytes.into())).unwrap();
    }
    assert!(refused(&|m| m.outputs[0].bytes += 1).contains("bytes"));
    assert!(refused(&|m| m.outputs.push(m.outputs[0].clone())).contains("twice"));
    assert!(refused(&|m| m.version = version(2)).contains("v2"));
    assert!(refused(&|m| m.key = key(2)).contains("another key"));
    assert!(refused(&|m| m.format = 2).contains("expected format 1"));
    assert!(refused(&|m| m.logical_date = "yesterday".into()).contains("YYYY-MM-DD"));
    let mut hostile = good.clone();
    hostile.outputs.push(OutputFile { file: "../x".into(), ..good.outputs[0].clone() });
    assert!(matches!(claim.commit(hostile), Err(Error::BadKey { .. })));
    claim.commit(good.clone()).unwrap();
}

#[test]
fn numbers_that_are_none_take_nothing() {
    let (_dir, stores) = stores();
    for store in stores {
        let series = series(Arc::clone(&store));
        make(&series, 1, day(0)).unwrap();
        let put = |key: &str| {
            let key = Key::new(format!("models/M/{key}")).unwrap();
            store.put(&key, &Body::Bytes("{}".into()), &Precondition::None).unwrap();
        };
        for number in [u64::MAX, u64::MAX - 1, (1 << 53) + 1] {
            put(&format!("v{number}/x"));
        }
        assert_eq!(make(&series, 2, day(0)).unwrap().version(), version(2));
        // A file of a version's name takes the number: no folder can be beside it.
        put("v3");
        assert_eq!(make(&series, 3, day(0)).unwrap().version(), version(4));
        // The last number there is.
        put(&format!("v{}/x", 1_u64 << 53));
        let error = make(&series, 5, day(0)).unwrap_err().to_string();
        assert!(error.contains("no version number is left above v9007199254740992"), "{error}");
        assert_eq!(series.list().unwrap().len(), 3);
    }
}

#[test]
fn a_binding_that_cannot_be_read_is_made_anew() {
    let (_dir, stores) = stores();
    for store in stores {
        let series = series(Arc::clone(&store));
        make(&series, 1, day(0)).unwrap();
        let binding = Key::new(format!("models/M/_keys/{}", key(1))).unwrap();
        for text in ["", "{", "{\"version\": \"v0\"}"] {
            store.put(&binding, &Body::Bytes(text.into()), &Precondition::None).unwrap();
            assert!(series.find(&key(1)).unwrap().is_none());
            let made = make(&series, 1, day(1)).unwrap().version();
            assert_eq!(series.find(&key(1)).unwrap().map(|c| c.version()), Some(made));
        }
    }
}

/// Eight selections of a run read each manifest once, and what they select once more.
#[test]
fn selections_read_each_manifest_once() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use versioning::{
        Artefact, Committed, Lake,
        conformance::{Operation, WatchedStore},
    };

    let lake = Lake::in_memory();
    for n in 1..=50 {
        make(&lake.series(Artefact::Drift), n, day(n as u64 % 40)).unwrap();
    }
    let [reads, lists] = [(); 2].map(|()| Arc::new(AtomicUsize::new(0)));
    let counters = (Arc::clone(&reads), Arc::clone(&lists));
    let watched = lake.through(move |store| {
        let (reads, lists) = counters.clone();
        Arc::new(WatchedStore::new(store, move |operation| {
            let counter = match operation {
                Operation::List => &lists,
                _ => &reads,
            };
            counter.fetch_add(1, Ordering::SeqCst);
            Ok(())
        }))
    });
    // Each input of a run has a handle of its own.
    let series = || watched.series(Artefact::Drift);
    let number = |c: Option<Committed>| c.unwrap().version().number();
    let newest = series().newest().unwrap();
    assert_eq!(number(newest.clone()), 39);
    assert_eq!(reads.load(Ordering::SeqCst), 51);
    assert_eq!(number(series().oldest().unwrap()), 40);
    assert_eq!(number(series().before(&newest.unwrap()).unwrap()), 38);
    for n in 1..=5 {
        let made_first = series().newest_where(|c| c.version().number() <= n).unwrap();
        assert_eq!(number(made_first), n);
    }
    assert_eq!(reads.load(Ordering::SeqCst), 50 + 8);
    assert_eq!(lists.load(Ordering::SeqCst), 8);
    // One that another has pruned meanwhile is not selected, and what is new is.
    let manifest = Key::new("drift_reports/v39/manifest.json").unwrap();
    lake.data().delete(&manifest).unwrap();
    assert_eq!(number(series().newest().unwrap()), 38);
    make(&lake.series(Artefact::Drift), 60, day(60)).unwrap();
    assert_eq!(number(series().newest().unwrap()), 51);
}

#[test]
fn a_versions_own_names_and_paths_out_of_it_are_refused() {
    let series = series(Arc::new(MemoryStore::default()));
    let claim = series.claim(&key(1), "test", day(0)).unwrap();
    for file in ["manifest.json", "claim.json", "", "../v2/x", "/etc/x", "a//b", "a/./b"] {
        let put = claim.put(file, &Body::Bytes("x".into()));
        assert!(matches!(put, Err(Error::BadKey { .. })), "{file}");
    }
}

#[test]
fn a_changed_file_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let series = series(Arc::new(DirStore::open(dir.path()).unwrap()));
    let committed = make(&series, 1, day(0)).unwrap();
    committed.open("model.json").unwrap();
    let path = dir.path().join("models/M/v1/model.json");
    let overwrite = |bytes: &[u8]| {
        std::io::Write::write_all(&mut fs::File::create(&path).unwrap(), bytes).unwrap();
    };
    overwrite(b"MODEL 1");
    let error = series.get(version(1)).unwrap().open("model.json").unwrap_err().to_string();
    let (expected, found) = (sha256(b"model 1"), sha256(b"MODEL 1"));
    assert!(error.contains("v1/model.json is corrupt"), "{error}");
    assert!(error.contains("`mllab retire matching v1 --reason TEXT`"), "{error}");
    assert!(error.contains(&expected) && error.contains(&found), "{error}");
    overwrite(b"mod");
    let error = series.get(version(1)).unwrap().verify().unwrap_err().to_string();
    assert!(error.contains("its manifest says 7 bytes, found 3 bytes"), "{error}");
    fs::remove_file(&path).unwrap();
    let gone = series.get(version(1)).unwrap().open("model.json");
    assert!(matches!(gone, Err(Error::Corrupt { .. })), "a version lacks it, not the input");
    let unknown = series.get(version(1)).unwrap().open("no such file");
    assert!(matches!(unknown, Err(Error::NotFound { .. })));
}

#[test]
fn before_newest_and_oldest_go_by_logical_date_then_number() {
    let series = series(Arc::new(MemoryStore::default()));
    assert!(series.newest().unwrap().is_none() && series.oldest().unwrap().is_none());
    // A backfill: the third version made is of the second day.
    for (n, date) in [(1, 1), (2, 3), (3, 2), (4, 3)] {
        make(&series, n, day(date)).unwrap();
    }
    let number = |c: Option<versioning::Committed>| c.map(|c| c.version().number());
    assert_eq!(number(series.newest().unwrap()), Some(4));
    assert_eq!(number(series.oldest().unwrap()), Some(1));
    let before = |n| number(series.before(&series.get(version(n)).unwrap()).unwrap());
    assert_eq!([4, 2, 3, 1].map(before), [Some(2), Some(3), Some(1), None]);
    assert_eq!(number(series.newest_where(|c| c.version() != version(4)).unwrap()), Some(2));
    assert!(series.find_version(version(9)).unwrap().is_none());
}

#[test]
fn old_versions_are_pruned_but_for_the_live_one_its_rollback_target_and_the_highest() {
    let (_dir, stores) = stores();
    for store in stores {
        let series = series(Arc::clone(&store));
        for n in 1..=8 {
            make(&series, n, day(n as u64)).unwrap();
        }
        promote(&series, version(2), day(10)).unwrap();
        promote(&series, version(4), day(11)).unwrap();
        // An old claim that came to nothing, one that is at work, and a folder of the old system.
        let at = |v: u64, days| {
            let folder = Key::new(format!("models/M/v{v}")).unwrap();
            let record = json!({"key": key(100), "owner": "x", "at": day(days)});
            let json = Body::Bytes(record.to_string().into());
            let claim = folder.join("claim.json").unwrap();
            store.delete(&folder.join("manifest.json").unwrap()).unwrap();
            store.put(&claim, &json, &Precondition::None).unwrap();
        };
        at(5, 1);
        at(6, 39);
        store.delete(&Key::new("models/M/v3/manifest.json").unwrap()).unwrap();
        store.delete(&Key::new("models/M/v3/claim.json").unwrap()).unwrap();
        let policy = Policy { keep_last: 0, keep_days: 20, keep_months: 0, abandon_days: 7 };
        let pruned = series.prune(&policy, day(40)).unwrap();
        assert_eq!(pruned.versions, [version(1), version(7)]);
        assert_eq!(pruned.claims, [version(5)]);
        let left: Vec<_> = series.list().unwrap().iter().map(|c| c.version().number()).collect();
        assert_eq!(left, [2, 4, 8]);
        series.list().unwrap().iter().for_each(|c| c.verify().unwrap());
        let v3 = Key::new("models/M/v3/model.json").unwrap();
        assert!(store.head(&v3).unwrap().is_some(), "not claimed by us: not ours to remove");
        // A pruned version's key makes a new one.
        assert_eq!(make(&series, 1, day(41)).unwrap().version(), version(9));
        // The highest before is so no more.
        assert_eq!(series.prune(&policy, day(40)).unwrap().versions, [version(8)]);
        assert_eq!(series.prune(&policy, day(40)).unwrap(), Default::default());
    }
}

/// A run takes up the number of a dead one at the moment when pruning gives it up: one of the two
/// gives way, and no version lacks a file.
#[test]
fn a_claim_is_renewed_or_removed_never_both() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let series = series(store);
    let (file, bytes) = files(1).remove(0);
    let dead = series.claim(&key(1), "dead", day(0)).unwrap();
    dead.put(file, &Body::Bytes(bytes.clone().into())).unwrap();
    make(&series, 2, day(0)).unwrap();
    let policy = Policy { keep_last: 1, keep_days: 0, keep_months: 0, abandon_days: 5 };
    assert_eq!(series.prune(&policy, day(4)).unwrap().claims, []);
    let renewed = series.claim(&key(1), "next", day(9)).unwrap();
    assert_eq!(series.prune(&policy, day(10)).unwrap().claims, [], "it is at work again");
    assert_eq!(renewed.version(), version(1));
    assert_eq!(series.prune(&policy, day(20)).unwrap().claims, [version(1)]);
    // The key is bound to a number that is gone: it is bound anew, and stays so.
    assert_eq!(make(&series, 1, day(21)).unwrap().version(), version(3));
    assert_eq!(make(&series, 1, day(22)).unwrap().version(), version(3));
    // The dead one was not dead: its files are gone, so it cannot commit.
    let commit = dead.commit(manifest(&dead, 1, day(23)));
    assert!(matches!(commit, Err(Error::InvalidManifest { .. })));
}

/// A run that sleeps until pruning has taken its number, and stores its files after that, has no
/// number to commit: nobody would ever prune such a version, and `verify` would miss its claim.
#[test]
fn a_run_that_was_taken_for_dead_commits_nothing() {
    let series = series(Arc::new(MemoryStore::default()));
    let sleeper = series.claim(&key(1), "sleeper", day(0)).unwrap();
    make(&series, 2, day(0)).unwrap();
    assert_eq!(series.prune(&Policy::default(), day(8)).unwrap().claims, [version(1)]);
    for (file, bytes) in files(1) {
        sleeper.put(file, &Body::Bytes(bytes.into())).unwrap();
    }
    let commit = sleeper.commit(manifest(&sleeper, 1, day(8)));
    assert!(matches!(commit, Err(Error::PreconditionFailed { .. })), "{commit:?}");
    assert_eq!(make(&series, 1, day(8)).unwrap().version(), version(3));
}

/// As above, but it sleeps on its very way to the manifest, after all that it checks before.
#[test]
fn a_run_taken_for_dead_as_it_writes_its_manifest_takes_it_back() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let others = series(Arc::clone(&store));
    let asleep = series(Arc::new(WatchedStore::new(store, {
        let others = others.clone();
        move |operation| {
            if let Operation::Put(key) = operation
                && key.as_str().ends_with("v1/manifest.json")
            {
                make(&others, 2, day(8))?;
                assert_eq!(others.prune(&Policy::default(), day(9))?.claims, [version(1)]);
            }
            Ok(())
        }
    })));
    let sleeper = asleep.claim(&key(1), "sleeper", day(0)).unwrap();
    for (file, bytes) in files(1) {
        sleeper.put(file, &Body::Bytes(bytes.into())).unwrap();
    }
    let commit = sleeper.commit(manifest(&sleeper, 1, day(0)));
    assert!(matches!(commit, Err(Error::PreconditionFailed { .. })), "{commit:?}");
    let versions: Vec<_> = others.list().unwrap().iter().map(|c| c.version()).collect();
    assert_eq!(versions, [version(2)]);
    assert_eq!(make(&others, 1, day(9)).unwrap().version(), version(3));
}

/// The store fails right behind the manifest: the version is whole, and stays.
#[test]
fn a_manifest_is_not_taken_back_because_the_store_fails() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let others = series(Arc::clone(&store));
    let written = std::sync::atomic::AtomicBool::new(false);
    let failing = series(Arc::new(WatchedStore::new(store, move |operation| match operation {
        Operation::Put(key) if key.as_str().ends_with("v1/manifest.json") => {
            written.store(true, std::sync::atomic::Ordering::SeqCst);
            Ok(())
        }
        Operation::Get(_) if written.load(std::sync::atomic::Ordering::SeqCst) => {
            Err(Error::Unavailable { what: "the store".into(), reason: "it is down".into() })
        }
        _ => Ok(()),
    })));
    let made = make(&failing, 1, day(0));
    assert!(matches!(made, Err(Error::Unavailable { .. })), "{made:?}");
    assert_eq!(others.get(version(1)).unwrap().version(), version(1));
    assert_eq!(make(&others, 1, day(0)).unwrap().version(), version(1));
}

#[test]
fn recent_versions_are_kept() {
    let series = series(Arc::new(MemoryStore::default()));
    for n in 1..=6 {
        make(&series, n, day(n as u64)).unwrap();
    }
    let prune = |keep_last, keep_days| {
        let policy = Policy { keep_last, keep_days, keep_months: 0, abandon_days: 0 };
        series.prune(&policy, day(7)).unwrap().versions.len()
    };
    assert_eq!(prune(6, 0), 0);
    assert_eq!(prune(0, 6), 0, "made at the limit");
    assert_eq!(prune(0, 5), 1);
    assert_eq!(prune(3, 0), 2);
}

#[test]
fn a_key_names_inputs_config_and_code_whatever_their_order() {
    let build = |config: serde_json::Value, inputs: &[(&str, &str)]| {
        let mut key = KeyBuilder::new("s", "c", &config);
        for (name, hash) in inputs {
            key.input(name, hash);
        }
        key
    };
    let base = build(json!({"a": 1, "b": [true, null]}), &[("x", "1"), ("y", "2")]);
    let same = build(
        serde_json::from_str(r#"{"b": [true, null], "a": 1}"#).unwrap(),
        &[("y", "2"), ("x", "1")],
    );
    assert_eq!(base.finish(), same.finish());
    let others = [
        build(json!({"a": 1, "b": [true]}), &[("x", "1"), ("y", "2")]),
        build(json!({"a": "1", "b": [true, null]}), &[("x", "1"), ("y", "2")]),
        build(json!({"a": 1, "b": [true, null]}), &[("x", "2"), ("y", "1")]),
        build(json!({"a": 1, "b": [true, null]}), &[("x", "1")]),
        build(json!({"a": 1, "b": [true, null]}), &[("x1", ""), ("y", "2")]),
        base.clone().execution("e").clone(),
        base.clone().execution("").clone(),
        KeyBuilder::new("sc", "", &json!(null)),
        KeyBuilder::new("s", "c", &json!(null)),
    ];
    let mut keys: BTreeSet<_> = others.iter().map(KeyBuilder::finish).collect();
    keys.insert(base.finish());
    assert_eq!(keys.len(), others.len() + 1);
    // The key of a stored version must be found by every later release.
    assert_eq!(
        base.finish().as_str(),
        "436d3521e21b094eb20386d6cb3ee17ddfda198e059a0a053fa2ca48d42e455d"
    );
}
