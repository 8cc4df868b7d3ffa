//! Pruning a lake: a year and more of days, of which what is needed stays.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use serde_json::json;
use versioning::{
    Artefact, Body, Committed, Error, InputRef, KeyBuilder, Lake, Manifest, Member, Members,
    OutputFile, Policy, PrunedLake, ReleaseDraft, ReleaseKind, conformance::WatchedStore,
};

use crate::fixture::{day, sha256, version};

/// A day each so many days.
const EVERY: u64 = 6;

/// The day of the last of them, and the number of days.
const LAST: u64 = 72 * EVERY;

const POLICY: Policy = Policy { keep_last: 3, keep_days: 30, keep_months: 13, abandon_days: 7 };

/// Commits a version of one file, made from `inputs`, at day `n`.
fn commit(
    lake: &Lake,
    artefact: Artefact,
    n: u64,
    inputs: &[(&str, &Committed)],
    groups: Option<&[&str]>,
) -> Committed {
    let series = lake.series(artefact);
    let key = KeyBuilder::new(artefact.name(), "code", &json!(n)).finish();
    let claim = series.claim(&key, "test", day(n)).unwrap();
    let bytes = Bytes::from(format!("{} {n}", artefact.name()));
    claim.put("f", &Body::Bytes(bytes.clone())).unwrap();
    let input = |(name, of): &(&str, &Committed)| InputRef {
        name: (*name).to_owned(),
        uri: of.uri(),
        version: Some(of.version()),
        sha256: of.manifest().content_hash(),
        rows: None,
    };
    let output = OutputFile {
        file: "f".to_owned(),
        bytes: bytes.len() as u64,
        sha256: sha256(&bytes),
        rows: None,
    };
    let extra = groups.map(|groups| (Manifest::MEMO.to_owned(), json!(groups)));
    claim
        .commit(Manifest {
            format: Manifest::FORMAT,
            name: artefact.name().to_owned(),
            version: claim.version(),
            key,
            execution: "test".to_owned(),
            logical_date: day(n).day(),
            created_at: day(n),
            inputs: inputs.iter().map(input).collect(),
            outputs: vec![output],
            config: json!(null),
            code_version: "test".to_owned(),
            metrics: BTreeMap::new(),
            extra: extra.into_iter().collect(),
            seconds: BTreeMap::new(),
            peak_memory_bytes: None,
        })
        .unwrap()
}

fn member(committed: &Committed) -> Member {
    let lines = vec![format!("{}/f", committed.version())];
    Member { version: committed.version(), lines, carried: false }
}

/// The days of the lake, from the first.
fn days() -> impl Iterator<Item = u64> {
    (0..=LAST).step_by(usize::try_from(EVERY).unwrap())
}

/// A lake after [`LAST`] days. A new state of `lsa` is fitted each 20 of its days, and its vectors
/// are a group of the memo, which the recommender's manifests name if `named`. Since the 44th the
/// recommender is held back.
fn lake(named: bool) -> Lake {
    let lake = Lake::in_memory();
    let mut before: Option<BTreeMap<Artefact, Committed>> = None;
    let mut live: Option<Members> = None;
    for (index, n) in days().enumerate() {
        let old = |artefact| before.as_ref().map(|before| &before[&artefact]);
        let lsa = match old(Artefact::Lsa) {
            Some(old) if index % 20 != 0 => old.clone(),
            _ => commit(&lake, Artefact::Lsa, n, &[], None),
        };
        let processed = commit(&lake, Artefact::Processed, n, &[], None);
        let features = commit(&lake, Artefact::Features, n, &[("processed", &processed)], None);
        let mut inputs = vec![("features", &features)];
        inputs.extend(old(Artefact::Features).map(|old| ("before", old)));
        inputs.extend(old(Artefact::Matching).map(|old| ("live", old)));
        let matching = commit(&lake, Artefact::Matching, n, &inputs, None);
        let drift = commit(&lake, Artefact::Drift, n, &inputs, None);
        let group = format!("embeddings-{}", index / 20);
        lake.memo(Artefact::Recommend).add(&group, Bytes::from(format!("{n}"))).unwrap();
        let parts = format!("parts-{n}");
        lake.memo(Artefact::Processed).add(&parts, Bytes::from_static(b"parts")).unwrap();
        let from = [("features", &features), ("encoder", &lsa)];
        let groups = [group.as_str()];
        let groups = named.then_some(groups.as_slice());
        let recommend = commit(&lake, Artefact::Recommend, n, &from, groups);
        let mut versions = Members::from([
            (Artefact::Features, member(&features)),
            (Artefact::Matching, member(&matching)),
            (Artefact::Drift, member(&drift)),
        ]);
        let held_back = live.as_ref().filter(|_| index > 42);
        let recommended = held_back.map(|live| live[&Artefact::Recommend].clone());
        versions.insert(Artefact::Recommend, recommended.unwrap_or_else(|| member(&recommend)));
        publish(&lake, n, versions.clone());
        live = Some(versions);
        before = Some(BTreeMap::from([
            (Artefact::Lsa, lsa),
            (Artefact::Features, features),
            (Artefact::Matching, matching),
        ]));
    }
    lake
}

fn publish(lake: &Lake, n: u64, versions: Members) {
    let candidate = ReleaseDraft {
        kind: ReleaseKind::Publish,
        versions,
        from: lake.releases().live().unwrap().map(|live| live.number),
        logical_date: day(n).day(),
        execution: "test".to_owned(),
        at: day(n),
        by: "test".to_owned(),
        reason: None,
        decision: json!(null),
        withheld: Members::new(),
    };
    lake.releases().publish(candidate).unwrap();
}

fn left(lake: &Lake, artefact: Artefact) -> Vec<u64> {
    let versions = lake.series(artefact).list().unwrap();
    versions.iter().for_each(|committed| committed.verify().unwrap());
    versions.iter().map(|committed| committed.version().number()).collect()
}

/// What is live, and what a rollback makes live, is whole, with the features it was made from.
fn assert_served(lake: &Lake) {
    let live = lake.releases().live().unwrap().unwrap().versions;
    let back = lake.releases().rollback_target().unwrap().expect("a way back");
    for (artefact, member) in live.iter().chain(&back) {
        let committed = lake.series(*artefact).get(member.version).unwrap();
        committed.verify().unwrap();
        for input in &committed.manifest().inputs {
            let series = match input.name.as_str() {
                "features" | "before" => lake.series(Artefact::Features),
                "processed" => lake.series(Artefact::Processed),
                "encoder" => lake.series(Artefact::Lsa),
                _ => continue,
            };
            series.get(input.version.unwrap()).unwrap().verify().unwrap();
        }
    }
}

#[test]
fn what_is_needed_stays_and_the_rest_goes() {
    let lake = lake(true);
    let count = days().count() as u64;
    assert_eq!(count, 73);
    let before: BTreeMap<_, _> =
        Artefact::ALL.iter().map(|artefact| (*artefact, left(&lake, *artefact))).collect();
    let plan = lake.prune_day_plan(&POLICY, day(LAST)).unwrap();
    let pruned = lake.prune_day(&POLICY, day(LAST)).unwrap();
    assert_eq!(plan, pruned);
    assert!(pruned.bytes > 1000, "{}", pruned.bytes);
    for (artefact, before) in before {
        let gone = pruned.series.get(&artefact).map_or(&[][..], |pruned| &pruned.versions);
        let gone: BTreeSet<u64> = gone.iter().map(|version| version.number()).collect();
        let expected: Vec<_> = before.into_iter().filter(|n| !gone.contains(n)).collect();
        assert_eq!(left(&lake, artefact), expected, "{artefact:?}");
    }
    // Made in the last 30 days: 6 versions. The live release and the one before are among them, but
    // not their recommender, of the 43rd day, nor the one that was live before it.
    let recent: Vec<u64> = (count - 5..=count).collect();
    let and = |more: &[u64]| [more, &recent].concat();
    assert_eq!(left(&lake, Artefact::Matching), recent);
    assert_eq!(left(&lake, Artefact::Drift), recent);
    assert_eq!(left(&lake, Artefact::Recommend), and(&[42, 43]));
    // What the two were made from stays.
    assert_eq!(left(&lake, Artefact::Processed), and(&[42, 43]));
    assert_eq!(left(&lake, Artefact::Lsa), [3, 4]);
    let features = left(&lake, Artefact::Features);
    let months: BTreeMap<String, u64> =
        days().zip(1..).map(|(n, number)| (day(n).day()[..7].to_owned(), number)).collect();
    let months: BTreeSet<u64> = months.into_values().rev().take(13).collect();
    let expected: BTreeSet<u64> = months.into_iter().chain(and(&[42, 43])).collect();
    assert_eq!(features, expected.into_iter().collect::<Vec<_>>());
    assert_served(&lake);
    // Nothing is left to remove; the memos have been looked at once, so no group is old yet.
    assert_eq!(pruned.memo, Vec::<String>::new());
    assert_eq!(lake.prune_day(&POLICY, day(LAST)).unwrap(), PrunedLake::default());
    lake.releases().rollback(None, day(LAST), "test", None).unwrap();
}

#[test]
fn pruning_one_series_keeps_what_a_release_needs_of_it() {
    let lake = lake(true);
    let policy = Policy { keep_last: 0, keep_days: 0, ..POLICY };
    for artefact in Artefact::ALL {
        lake.prune_series(artefact, &policy, day(LAST + 100)).unwrap();
        assert_served(&lake);
    }
    // The recommender was held back for weeks: the features that it was made from are old.
    let features = left(&lake, Artefact::Features);
    assert_eq!(features[..2], [42, 43]);
    assert!(features.len() < 8, "{features:?}");
    let back = lake.releases().rollback_target().unwrap().unwrap();
    for (artefact, member) in back {
        assert!(lake.series(artefact).get(member.version).is_ok(), "{artefact:?}");
    }
}

#[test]
fn groups_that_no_kept_version_uses_go_once_they_have_not_grown() {
    let groups = |lake: &Lake| {
        let all = (0..4).map(|n| format!("embeddings-{n}"));
        let memo = lake.memo(Artefact::Recommend);
        all.filter(|group| !memo.pieces(group).unwrap().is_empty()).collect::<Vec<_>>()
    };
    let has_parts = |lake: &Lake, n: u64| {
        !lake.memo(Artefact::Processed).pieces(&format!("parts-{n}")).unwrap().is_empty()
    };
    for named in [true, false] {
        let lake = lake(named);
        let prune = |n: u64| lake.prune_day(&POLICY, day(n)).unwrap().memo;
        assert_eq!(prune(LAST), Vec::<String>::new());
        assert_eq!(prune(LAST + 30), Vec::<String>::new());
        // One grows, and then is as new as that.
        lake.memo(Artefact::Recommend).add("embeddings-0", Bytes::from_static(b"x")).unwrap();
        lake.memo(Artefact::Processed).add("parts-0", Bytes::from_static(b"x")).unwrap();
        let plan = lake.prune_day_plan(&POLICY, day(LAST + 31)).unwrap().memo;
        let gone = prune(LAST + 31);
        assert_eq!(plan, gone);
        assert!(gone.contains(&"processed/_shards/parts-6".to_owned()));
        assert!(has_parts(&lake, 0) && !has_parts(&lake, 6));
        if named {
            // Of the 43rd day's recommender and of the last ones.
            assert_eq!(groups(&lake), ["embeddings-0", "embeddings-2", "embeddings-3"]);
            assert!(gone.contains(&"memo/embeddings-1".to_owned()));
        } else {
            assert_eq!(groups(&lake).len(), 4, "versions that do not say may use any");
        }
        prune(LAST + 62);
        assert!(!has_parts(&lake, 0));
        assert_eq!(groups(&lake).contains(&"embeddings-0".to_owned()), !named);
    }
}

#[test]
fn killed_in_the_middle_it_breaks_nothing_and_the_next_one_goes_on() {
    let expected = lake(true);
    let now = day(LAST + 40);
    let memos_seen = |lake: &Lake| drop(lake.prune_day(&POLICY, day(LAST)).unwrap());
    // All versions but the last are old by then.
    memos_seen(&expected);
    expected.prune_day(&POLICY, now).unwrap();
    let mut killed = 0;
    for writes in (0..).step_by(37) {
        let lake = lake(true);
        memos_seen(&lake);
        let tried = Arc::new(AtomicUsize::new(0));
        let dying = lake.through(move |store| {
            let tried = Arc::clone(&tried);
            Arc::new(WatchedStore::new(store, move |operation| {
                let tried = tried.fetch_add(usize::from(operation.writes()), Ordering::SeqCst);
                match tried + usize::from(operation.writes()) <= writes {
                    true => Ok(()),
                    false => Err(Error::Unavailable { what: "x".into(), reason: "killed".into() }),
                }
            }))
        });
        let done = dying.prune_day(&POLICY, now).is_ok();
        assert_served(&lake);
        lake.prune_day(&POLICY, now).unwrap();
        assert_served(&lake);
        for artefact in Artefact::ALL {
            assert_eq!(left(&lake, artefact), left(&expected, artefact), "{artefact:?}");
        }
        assert_eq!(lake.prune_day(&POLICY, now).unwrap(), PrunedLake::default());
        if done {
            break;
        }
        killed += 1;
    }
    assert!(killed > 2, "{killed}");
}

/// What is put live between the look at the lake and the removal stays.
#[test]
fn a_version_put_live_meanwhile_stays() {
    let lake = lake(true);
    let back = lake.releases().get(10).unwrap().unwrap();
    let once = Arc::new(AtomicUsize::new(0));
    let inner = lake.clone();
    let watched = lake.through(move |store| {
        let (inner, once) = (inner.clone(), Arc::clone(&once));
        Arc::new(WatchedStore::new(store, move |operation| {
            // The first removal begins with a claim that is given up.
            if operation.writes() && once.fetch_add(1, Ordering::SeqCst) == 0 {
                inner.releases().rollback(Some(10), day(LAST), "test", None).unwrap();
            }
            Ok(())
        }))
    });
    watched.prune_day(&POLICY, day(LAST)).unwrap();
    assert_eq!(lake.releases().pending().unwrap(), []);
    for (artefact, member) in &back.versions {
        lake.series(*artefact).get(member.version).unwrap().verify().unwrap();
        assert_eq!(lake.series(*artefact).live().unwrap(), Some(member.version));
    }
    assert!(lake.series(Artefact::Matching).find_version(version(20)).unwrap().is_none());
}
