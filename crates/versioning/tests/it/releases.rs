//! What is live together: one decision, carried out whole whatever happens in between.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::json;
use versioning::{
    Artefact, Body, DirStore, Error, Key, Lake, Member, Members, MemoryStore, Moved, Precondition,
    PromotionKind, Release, ReleaseDraft, ReleaseKind, Store,
    conformance::{Operation, WatchedStore},
};

use crate::fixture::{day, lines, make, promote, version};

/// The series that have a `latest.txt`, in the order in which they are moved.
const SERIES: [Artefact; 4] =
    [Artefact::Matching, Artefact::Recommend, Artefact::Drift, Artefact::Features];

/// Calls a function before each operation on both stores of a lake.
fn watched(
    lake: &Lake,
    watch: impl Fn(&Operation<'_>) -> Result<(), Error> + Send + Sync + 'static,
) -> Lake {
    let watch = Arc::new(watch);
    lake.through(move |store| {
        let watch = Arc::clone(&watch);
        Arc::new(WatchedStore::new(store, move |operation| watch(operation)))
    })
}

/// The lake as a process sees it that is killed when it has done `writes` writes.
fn dying(lake: &Lake, writes: usize) -> Lake {
    let tried = AtomicUsize::new(0);
    watched(lake, move |operation| {
        let tried = match operation.writes() {
            true => tried.fetch_add(1, Ordering::SeqCst) + 1,
            false => tried.load(Ordering::SeqCst),
        };
        let dead = || Error::Unavailable { what: "a process".into(), reason: "killed".into() };
        if tried <= writes { Ok(()) } else { Err(dead()) }
    })
}

fn on_disk() -> (tempfile::TempDir, Lake) {
    let dir = tempfile::tempdir().unwrap();
    let lake = Lake::open(dir.path().to_str().unwrap()).unwrap();
    (dir, lake)
}

/// A lake with `n` versions of each series.
fn with_versions(lake: Lake, n: u64) -> Lake {
    for artefact in SERIES {
        for n in 1..=n {
            make(&lake.series(artefact), usize::try_from(n).unwrap(), day(0)).unwrap();
        }
    }
    lake
}

fn member(n: u64) -> Member {
    Member { version: version(n), lines: lines(version(n)), carried: false }
}

/// What day `n` makes: version `n` of each series.
fn candidate(n: u64, from: Option<u64>) -> ReleaseDraft {
    ReleaseDraft {
        kind: ReleaseKind::Publish,
        versions: SERIES.into_iter().map(|artefact| (artefact, member(n))).collect(),
        from,
        logical_date: day(n).day(),
        execution: format!("run-{n}"),
        at: day(n),
        by: format!("run-{n}"),
        reason: None,
        decision: json!({"checks": 12}),
        withheld: Members::new(),
    }
}

fn publish(lake: &Lake, n: u64) -> Release {
    let from = lake.releases().live().unwrap().map(|live| live.number);
    lake.releases().publish(candidate(n, from)).unwrap()
}

fn latest(lake: &Lake, artefact: Artefact) -> Option<String> {
    let (store, folder) = match artefact {
        Artefact::Features => (lake.features(), "features"),
        Artefact::Matching => (lake.data(), "models/Modelo_Matching_Classificacao"),
        Artefact::Recommend => (lake.data(), "models/Modelo_Recomendacao_Vagas"),
        _ => (lake.data(), "drift_reports"),
    };
    let key = Key::new(format!("{folder}/latest.txt")).unwrap();
    let object = store.get(&key, None).ok()?;
    Some(String::from_utf8(object.body.bytes().unwrap().to_vec()).unwrap())
}

/// The version of each series by its `latest.txt`.
fn served(lake: &Lake) -> Vec<u64> {
    SERIES.iter().map(|s| lake.series(*s).live().unwrap().map_or(0, |v| v.number())).collect()
}

/// All `latest.txt` hold what `release.json` says, and nothing in a log is about to change that.
fn assert_carried_out(lake: &Lake) {
    let live = lake.releases().live().unwrap().unwrap();
    for (artefact, member) in &live.versions {
        assert_eq!(latest(lake, *artefact).unwrap(), member.lines.join("\n"), "{artefact:?}");
        let last = lake.series(*artefact).history().unwrap().pop();
        assert!(last.is_none_or(|last| last.to == member.version), "{artefact:?}");
    }
    assert_eq!(lake.releases().pending().unwrap(), []);
    assert_eq!(lake.releases().complete(day(99), "nobody").unwrap(), None);
}

#[test]
fn a_lake_without_releases_has_none_and_its_first_is_number_1() {
    let lake = with_versions(Lake::in_memory(), 1);
    let releases = lake.releases();
    assert_eq!(releases.live().unwrap(), None);
    assert_eq!(releases.pending().unwrap(), []);
    assert_eq!(releases.complete(day(1), "x").unwrap(), None);
    assert_eq!((releases.list().unwrap(), releases.live_at(day(9)).unwrap()), (vec![], None));
    assert_eq!(publish(&lake, 1).number, 1);
    assert_carried_out(&lake);
    assert_eq!(served(&lake), [1, 1, 1, 1]);
    let entry = lake.series(Artefact::Matching).history().unwrap().remove(0);
    assert_eq!((entry.by.as_str(), entry.at), ("release 1: run-1", day(1)));
}

#[test]
fn the_records_are_as_documented() {
    let lake = with_versions(Lake::in_memory(), 2);
    publish(&lake, 1);
    let mut second = candidate(2, Some(1));
    second.versions.retain(|artefact, _| *artefact != Artefact::Recommend);
    let carried = lake.releases().served().unwrap().remove(&Artefact::Recommend).unwrap();
    second.versions.insert(Artefact::Recommend, carried);
    let withheld = second.versions[&Artefact::Recommend].clone();
    second.withheld.insert(Artefact::Recommend, withheld);
    second.reason = Some("recommend: recall fell".to_owned());
    lake.releases().publish(second).unwrap();
    let read = |key: &str| {
        let object = lake.data().get(&Key::new(key).unwrap(), None).unwrap();
        serde_json::from_slice::<serde_json::Value>(&object.body.bytes().unwrap()).unwrap()
    };
    let member = |n: u64| json!({"version": format!("v{n}"), "lines": lines(version(n))});
    let versions = json!({
        "features": member(2),
        "matching": member(2),
        "recommend": {"version": "v1", "lines": lines(version(1)), "carried": true},
        "drift": member(2),
    });
    assert_eq!(
        read("release.json"),
        json!({
            "format": 1,
            "number": 2,
            "kind": "publish",
            "logical_date": "2026-01-03",
            "at": "2026-01-03T00:00:00.000Z",
            "versions": versions,
        })
    );
    assert_eq!(
        read("releases/0000000002.json"),
        json!({
            "format": 1,
            "number": 2,
            "kind": "publish",
            "versions": versions,
            "from": 1,
            "logical_date": "2026-01-03",
            "execution": "run-2",
            "at": "2026-01-03T00:00:00.000Z",
            "by": "run-2",
            "reason": "recommend: recall fell",
            "decision": {"checks": 12},
            "withheld": {"recommend": {"version": "v1", "lines": lines(version(1)), "carried": true}},
        })
    );
    assert_eq!(served(&lake), [2, 1, 2, 2]);
}

#[test]
fn models_are_moved_before_features() {
    let lake = with_versions(Lake::in_memory(), 1);
    let moved = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&moved);
    let watched = watched(&lake, move |operation| {
        if let Operation::Put(key) = operation
            && (key.name() == "latest.txt" || key.name() == "release.json")
        {
            seen.lock().unwrap().push(key.to_string());
        }
        Ok(())
    });
    publish(&watched, 1);
    assert_eq!(
        *moved.lock().unwrap(),
        [
            "release.json",
            "models/Modelo_Matching_Classificacao/latest.txt",
            "models/Modelo_Recomendacao_Vagas/latest.txt",
            "drift_reports/latest.txt",
            "features/latest.txt",
        ]
    );
}

#[test]
fn what_is_not_there_is_not_published() {
    let lake = with_versions(Lake::in_memory(), 1);
    let mut absent = candidate(1, None);
    absent.versions.insert(Artefact::Drift, member(2));
    let refused = lake.releases().publish(absent);
    assert!(matches!(refused, Err(Error::NotFound { .. })), "{refused:?}");
    let mut wrong = candidate(1, None);
    wrong.versions.get_mut(&Artefact::Drift).unwrap().lines = vec!["v1/other".to_owned()];
    assert!(matches!(lake.releases().publish(wrong), Err(Error::InvalidLatest { .. })));
    // A series without a latest.txt is recorded, and must be there too.
    let mut processed = candidate(1, None);
    let recorded = Member { version: version(1), lines: Vec::new(), carried: false };
    processed.versions.insert(Artefact::Processed, recorded);
    assert!(matches!(lake.releases().publish(processed.clone()), Err(Error::NotFound { .. })));
    assert_eq!((lake.releases().list().unwrap(), served(&lake)), (vec![], vec![0; 4]));
    make(&lake.series(Artefact::Processed), 1, day(0)).unwrap();
    lake.releases().publish(processed).unwrap();
    assert_eq!(lake.series(Artefact::Processed).live().unwrap(), None);
    assert_eq!(lake.releases().pending().unwrap(), []);
}

#[test]
fn a_release_gives_way_to_one_that_came_since_it_was_decided_on() {
    let lake = with_versions(Lake::in_memory(), 3);
    publish(&lake, 1);
    publish(&lake, 2);
    for from in [None, Some(1), Some(7)] {
        let late = lake.releases().publish(candidate(3, from));
        assert!(matches!(late, Err(Error::PreconditionFailed { .. })), "{late:?}");
    }
    assert_eq!(served(&lake), [2; 4]);
    assert_eq!(publish(&lake, 3).number, 3);
}

#[test]
fn a_refused_day_is_noted_and_never_live() {
    let lake = with_versions(Lake::in_memory(), 3);
    publish(&lake, 1);
    let draft = ReleaseDraft { kind: ReleaseKind::Refused, ..candidate(2, Some(1)) };
    let refused = lake.releases().note(draft).unwrap();
    assert_eq!((refused.number, refused.kind), (2, ReleaseKind::Refused));
    assert_eq!((served(&lake), lake.releases().live().unwrap().unwrap().number), (vec![1; 4], 1));
    assert_eq!(publish(&lake, 3).number, 3);
    let back = lake.releases().rollback(Some(2), day(5), "x", None);
    assert!(matches!(back, Err(Error::NoRelease { .. })), "{back:?}");
    assert_eq!(lake.releases().rollback(None, day(5), "x", None).unwrap().restores, Some(1));
    let numbers: Vec<_> =
        lake.releases().published().unwrap().iter().map(|release| release.number).collect();
    assert_eq!(numbers, [1, 3, 4]);
    // By hand it can be.
    let by_hand = ReleaseDraft { kind: ReleaseKind::Promote, ..candidate(2, Some(4)) };
    assert_eq!(lake.releases().publish(by_hand).unwrap().number, 5);
    assert_eq!(served(&lake), [2; 4]);
}

#[test]
fn the_report_of_a_refused_day_goes_live_and_no_way_back_leads_to_it() {
    let lake = with_versions(Lake::in_memory(), 3);
    publish(&lake, 1);
    publish(&lake, 2);
    let mut draft = candidate(2, Some(2));
    draft.kind = ReleaseKind::Refused;
    let report = candidate(3, None).versions[&Artefact::Drift].clone();
    draft.versions.insert(Artefact::Drift, report);
    assert_eq!(lake.releases().publish(draft).unwrap().number, 3);
    let live = |artefact| lake.series(artefact).live().unwrap().unwrap().number();
    assert_eq!((live(Artefact::Matching), live(Artefact::Drift)), (2, 3));
    let back = lake.releases().rollback(None, day(9), "operator", None).unwrap();
    assert_eq!((back.restores, served(&lake)), (Some(1), vec![1; 4]));
}

#[test]
fn the_order_of_the_log_counts_and_not_the_clocks() {
    let lake = with_versions(Lake::in_memory(), 3);
    publish(&lake, 1);
    publish(&lake, 3);
    publish(&lake, 2);
    let at = |d| lake.releases().live_at(day(d)).unwrap().map_or(0, |release| release.number);
    assert_eq!([0, 1, 2, 3, 9].map(at), [0, 1, 1, 3, 3]);
}

#[test]
fn rollback_goes_back_through_the_releases() {
    let lake = with_versions(Lake::in_memory(), 4);
    let releases = lake.releases();
    let back = |to| releases.rollback(to, day(9), "operator", Some("it is wrong".to_owned()));
    assert!(matches!(back(None), Err(Error::NoRelease { .. })));
    for n in 1..=3 {
        publish(&lake, n);
    }
    let rolled = back(None).unwrap();
    assert_eq!((rolled.number, rolled.restores, rolled.kind), (4, Some(2), ReleaseKind::Rollback));
    assert_eq!((rolled.from, rolled.reason.as_deref()), (Some(3), Some("it is wrong")));
    assert_eq!(served(&lake), [2; 4]);
    let entry = lake.series(Artefact::Drift).history().unwrap().pop().unwrap();
    assert_eq!((entry.kind, entry.from), (PromotionKind::Rollback, Some(version(3))));
    assert_eq!(back(None).unwrap().restores, Some(1));
    assert!(
        matches!(back(None), Err(Error::NoRelease { .. })),
        "there is nothing before the first"
    );
    // Forward again, and back to what was live before.
    assert_eq!(back(Some(3)).unwrap().restores, Some(3));
    assert_eq!(served(&lake), [3; 4]);
    publish(&lake, 4);
    assert_eq!(releases.rollback_target().unwrap().unwrap()[&Artefact::Drift].version, version(3));
    assert_eq!(back(None).unwrap().restores, Some(3));
    assert_carried_out(&lake);
}

#[test]
fn rollback_passes_over_a_release_of_which_a_version_was_pruned() {
    let lake = with_versions(Lake::in_memory(), 3);
    for n in 1..=3 {
        publish(&lake, n);
    }
    let manifest = Key::new("models/Modelo_Recomendacao_Vagas/v2/manifest.json").unwrap();
    lake.data().delete(&manifest).unwrap();
    let named = lake.releases().rollback(Some(2), day(9), "x", None).unwrap_err().to_string();
    assert!(named.contains("a version of release 2 was pruned"), "{named}");
    assert_eq!(served(&lake), [3; 4], "all or none");
    assert_eq!(lake.releases().rollback(None, day(9), "x", None).unwrap().restores, Some(1));
    assert_eq!(served(&lake), [1; 4]);
}

#[test]
fn one_version_is_put_live_as_a_release() {
    let lake = with_versions(Lake::in_memory(), 2);
    publish(&lake, 1);
    let lines = lines(version(2));
    let release =
        lake.releases().promote(Artefact::Matching, version(2), &lines, day(3), "me").unwrap();
    assert_eq!((release.number, release.kind), (2, ReleaseKind::Promote));
    assert_eq!(served(&lake), [2, 1, 1, 1]);
    assert!(release.versions[&Artefact::Drift].carried);
    assert!(!release.versions[&Artefact::Matching].carried);
    assert_carried_out(&lake);
    lake.releases().rollback(None, day(4), "me", None).unwrap();
    assert_eq!(served(&lake), [1; 4]);
}

/// Writes of a publication of four series: four claims dated anew, the entry, the decision, and
/// two a series.
const WRITES: usize = 4 + 1 + 1 + 2 * 4;

#[test]
fn killed_at_every_write_and_the_completer_too() {
    let mut mixed = 0;
    for writes in 0..WRITES {
        let (_dir, disk) = on_disk();
        for lake in [Lake::in_memory(), disk] {
            let lake = with_versions(lake, 3);
            publish(&lake, 1);
            let killed = dying(&lake, writes).releases().publish(candidate(2, Some(1)));
            let error = killed.unwrap_err();
            let number = lake.releases().live().unwrap().unwrap().number;
            let decided = matches!(error, Error::NotCarriedOut { release: 2, .. });
            assert_eq!(decided, number > 1, "{error}");
            let left = lake.releases().pending().unwrap();
            if !decided {
                assert_eq!((left, served(&lake)), (vec![], vec![1; 4]));
            } else {
                assert!(!left.is_empty() && left.iter().all(|p| p.expected == version(2)));
                mixed += usize::from(served(&lake) != [1; 4] && served(&lake) != [2; 4]);
                // Whoever completes it may be killed too, at every write.
                for writes in 0..3 {
                    dying(&lake, writes).releases().complete(day(3), "next").unwrap_err();
                    if lake.releases().pending().unwrap().len() <= 1 {
                        break;
                    }
                }
                let left = lake.releases().pending().unwrap();
                let done = lake.releases().complete(day(3), "next").unwrap().unwrap();
                let expected: Vec<_> = left
                    .iter()
                    .map(|p| Moved { artefact: p.artefact, from: p.found, to: p.expected })
                    .collect();
                assert_eq!((done.release, done.moved), (2, expected));
                assert_eq!(served(&lake), [2; 4]);
                // Dated when readers saw it.
                let at = lake.series(Artefact::Features).history().unwrap().pop().unwrap().at;
                assert_eq!(at, day(3));
            }
            assert_carried_out(&lake);
            publish(&lake, 3);
            assert_carried_out(&lake);
            assert_eq!(served(&lake), [3; 4]);
        }
    }
    assert!(mixed > 0, "no kill left a mixed set: the test proves nothing");
    let lake = with_versions(Lake::in_memory(), 2);
    publish(&lake, 1);
    dying(&lake, WRITES).releases().publish(candidate(2, Some(1))).unwrap();
}

/// A process that completes release 2 is held up ahead of each of its operations, while another
/// publishes release 3, or goes back to release 1, whose lines the `latest.txt` not yet moved still
/// hold. What is live in the end is what was decided last.
#[test]
fn a_slow_completer_undoes_nothing() {
    type Other = fn(&Lake);
    let others: [(Other, u64); 2] = [
        (|lake| drop(publish(lake, 3)), 3),
        (|lake| drop(lake.releases().rollback(Some(1), day(5), "x", None).unwrap()), 1),
    ];
    for (other, expected) in others {
        for killed_after in [None, Some(1)] {
            let mut held_at = 0;
            loop {
                let lake = with_versions(Lake::in_memory(), 3);
                publish(&lake, 1);
                // Decided, and one of the four moved.
                dying(&lake, 4 + 2 + 2).releases().publish(candidate(2, Some(1))).unwrap_err();
                let (operations, writes) = (AtomicUsize::new(0), AtomicUsize::new(0));
                let inner = lake.clone();
                let slow = watched(&lake, move |operation| {
                    let n = operations.fetch_add(1, Ordering::SeqCst);
                    if n == held_at {
                        other(&inner);
                    }
                    // … and may be killed some writes later.
                    let late = n >= held_at && operation.writes();
                    let written = writes.fetch_add(usize::from(late), Ordering::SeqCst);
                    match killed_after {
                        Some(limit) if written >= limit => {
                            let reason = "killed".to_owned();
                            Err(Error::Unavailable { what: "process".into(), reason })
                        }
                        _ => Ok(()),
                    }
                });
                let completed = slow.releases().complete(day(4), "slow");
                let over = lake.releases().live().unwrap().unwrap().number == 2;
                if killed_after.is_none() {
                    completed.unwrap();
                } else {
                    lake.releases().complete(day(6), "next").unwrap();
                }
                assert_carried_out(&lake);
                if over {
                    break;
                }
                assert_eq!(served(&lake), [expected; 4], "held up at {held_at}");
                held_at += 1;
            }
            assert!(held_at > 20, "it was held up at {held_at} operations only");
        }
    }
}

#[test]
fn of_many_that_publish_at_once_one_wins_each_time_and_no_set_is_mixed() {
    let (_dir, disk) = on_disk();
    for lake in [Lake::in_memory(), disk] {
        let lake = with_versions(lake, 8);
        publish(&lake, 1);
        let won: usize = std::thread::scope(|scope| {
            let publisher = |n: u64| {
                let lake = lake.clone();
                move || {
                    let mut won = 0;
                    while won < 3 {
                        let from = lake.releases().live().unwrap().map(|live| live.number);
                        match lake.releases().publish(candidate(n, from)) {
                            Ok(_) => won += 1,
                            Err(Error::PreconditionFailed { .. }) => {}
                            Err(error) => panic!("{error}"),
                        }
                    }
                    won
                }
            };
            let threads: Vec<_> = (1..=8).map(|n| scope.spawn(publisher(n))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(won, 24);
        assert_eq!(lake.releases().published().unwrap().len(), 25);
        assert_carried_out(&lake);
        // Whoever has moved what another decided has not done so in its own name.
        let mut findings = lake.verify(None).unwrap().findings;
        findings.retain(|finding| finding.what.contains("_promotions"));
        assert!(findings.is_empty(), "{findings:?}");
        let served = served(&lake);
        assert!(served.iter().all(|n| *n == served[0]), "{served:?}");
    }
}

#[test]
fn a_store_that_fails_after_the_decision_says_so() {
    let lake = with_versions(Lake::in_memory(), 2);
    publish(&lake, 1);
    let full = watched(&lake, |operation| match operation {
        Operation::Put(key) if key.as_str() == "drift_reports/latest.txt" => {
            let source = std::io::ErrorKind::StorageFull.into();
            Err(Error::Io { path: key.as_str().into(), source })
        }
        _ => Ok(()),
    });
    let error = full.releases().publish(candidate(2, Some(1))).unwrap_err().to_string();
    assert!(error.contains("release 2 is live, but latest.txt of drift, features"), "{error}");
    assert!(error.contains("the next command that writes"), "{error}");
    assert_eq!(served(&lake), [2, 2, 1, 1]);
    full.releases().complete(day(3), "next").unwrap_err();
    lake.releases().complete(day(3), "next").unwrap().unwrap();
    assert_carried_out(&lake);
    // Before the decision, nothing has happened.
    let full = watched(&lake, |operation| match operation {
        Operation::Put(key) if key.as_str() == "release.json" => {
            let source = std::io::ErrorKind::StorageFull.into();
            Err(Error::Io { path: key.as_str().into(), source })
        }
        _ => Ok(()),
    });
    let error = full.releases().publish(candidate(1, Some(2))).unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
    assert_carried_out(&lake);
    assert_eq!(served(&lake), [2; 4]);
}

#[test]
fn a_release_of_a_later_format_is_named_and_stops_who_would_write() {
    let lake = with_versions(Lake::in_memory(), 1);
    let body = json!({
        "format": 2, "number": 1, "kind": "publish", "logical_date": "2026-01-01",
        "at": "2026-01-01", "versions": {},
    });
    let body = Body::Bytes(body.to_string().into());
    lake.data().put(&Key::new("release.json").unwrap(), &body, &Precondition::None).unwrap();
    let error = lake.releases().live().unwrap_err().to_string();
    assert!(
        error.contains("release.json has format 2, but this release reads formats up to 1"),
        "{error}"
    );
    assert!(lake.releases().complete(day(1), "x").is_err());
    assert!(lake.releases().publish(candidate(1, None)).is_err());
}

/// A lake as the Python system left it: no manifests, no claims, `latest.txt` in one of three
/// forms.
struct Python {
    _dir: tempfile::TempDir,
    lake: Lake,
    lines: BTreeMap<Artefact, Vec<String>>,
}

impl Python {
    fn new(form: impl Fn(&str, &str) -> String, end: &str) -> Self {
        let (dir, lake) = on_disk();
        let mut all = BTreeMap::new();
        let files: [(Artefact, &str, &[&str]); 2] = [
            (Artefact::Matching, "models/Modelo_Matching_Classificacao", &["model_matching.pkl"]),
            (
                Artefact::Recommend,
                "models/Modelo_Recomendacao_Vagas",
                &["candidate_embeddings.npy", "job_embeddings.npy", "annoy_index.ann"],
            ),
        ];
        let put = |key: String, text: String| {
            let key = Key::new(key).unwrap();
            lake.data().put(&key, &Body::Bytes(text.into()), &Precondition::None).unwrap();
        };
        for (artefact, folder, files) in files {
            for file in files {
                (6..=7).for_each(|n| put(format!("{folder}/v{n}/{file}"), "old".to_owned()));
            }
            let lines: Vec<_> =
                files.iter().map(|file| form(folder, &format!("v7/{file}"))).collect();
            put(format!("{folder}/latest.txt"), format!("{}{end}", lines.join("\n")));
            all.insert(artefact, lines);
        }
        Self { _dir: dir, lake, lines: all }
    }

    fn all() -> [Self; 3] {
        [
            Self::new(|_, file| file.to_owned(), ""),
            Self::new(|folder, file| format!("{folder}/{file}"), "\n"),
            Self::new(|folder, file| format!("s3://bucket/{folder}/{file}"), "\n"),
        ]
    }
}

#[test]
fn a_lake_of_the_python_system_is_taken_over() {
    for Python { _dir, lake, lines: old } in Python::all() {
        let matching = lake.series(Artefact::Matching);
        assert_eq!(served(&lake), [7, 7, 0, 0]);
        assert!(matching.find_version(version(7)).unwrap().is_none());
        assert!(matching.newest().unwrap().is_none() && matching.list().unwrap().is_empty());
        assert_eq!(matching.settled(day(0)).unwrap(), Some(version(7)));
        assert_eq!(matching.rollback_target().unwrap(), None);
        // The numbers go on.
        for artefact in SERIES {
            let made = make(&lake.series(artefact), 1, day(1)).unwrap();
            let expected = if old.contains_key(&artefact) { 8 } else { 1 };
            assert_eq!(made.version(), version(expected));
        }
        let first = Members::from([
            (Artefact::Matching, member(8)),
            (Artefact::Recommend, member(8)),
            (Artefact::Drift, member(1)),
            (Artefact::Features, member(1)),
        ]);
        lake.releases().publish(ReleaseDraft { versions: first, ..candidate(1, None) }).unwrap();
        assert_carried_out(&lake);
        assert_eq!(served(&lake), [8, 8, 1, 1]);
        // And back: its own lines, whatever their form.
        let back = lake.releases().rollback(None, day(2), "x", None).unwrap();
        assert_eq!(back.restores, None);
        assert_eq!(served(&lake), [7, 7, 1, 1]);
        for (artefact, lines) in &old {
            assert_eq!(latest(&lake, *artefact).unwrap(), lines.join("\n"));
        }
        assert_carried_out(&lake);
        let none = lake.releases().rollback(None, day(3), "x", None);
        assert!(matches!(none, Err(Error::NoRelease { .. })), "{none:?}");
        // Forward, and back again, also by number.
        lake.releases().rollback(Some(1), day(4), "x", None).unwrap();
        assert_eq!(served(&lake), [8, 8, 1, 1]);
        lake.releases().rollback(Some(0), day(5), "x", None).unwrap();
        assert_eq!(served(&lake), [7, 7, 1, 1]);
    }
}

#[test]
fn a_release_after_the_way_back_to_the_python_system_has_a_way_back() {
    let [Python { _dir, lake, .. }, ..] = Python::all();
    for artefact in [Artefact::Matching, Artefact::Recommend] {
        (1..=2).for_each(|n| drop(make(&lake.series(artefact), n, day(1)).unwrap()));
    }
    let set =
        |n| Members::from([(Artefact::Matching, member(n)), (Artefact::Recommend, member(n))]);
    let publish = |n, from| {
        let candidate = ReleaseDraft { versions: set(n), ..candidate(1, from) };
        lake.releases().publish(candidate).unwrap();
    };
    publish(8, None);
    lake.releases().rollback(None, day(2), "x", None).unwrap();
    publish(9, Some(2));
    lake.releases().rollback(None, day(3), "x", None).unwrap();
    assert_eq!(served(&lake), [7, 7, 0, 0]);
}

#[test]
fn one_series_of_the_python_system_goes_forward_and_back() {
    for Python { _dir, lake, lines: old } in Python::all() {
        let series = lake.series(Artefact::Recommend);
        let made = make(&series, 1, day(1)).unwrap().version();
        promote(&series, made, day(1)).unwrap();
        assert_eq!(series.live().unwrap(), Some(version(8)));
        assert_eq!(series.history().unwrap()[0].from, Some(version(7)));
        assert_eq!(series.rollback_target().unwrap(), Some(version(7)));
        assert_eq!(series.rollback(None, day(2), "x").unwrap(), version(7));
        assert_eq!(
            latest(&lake, Artefact::Recommend).unwrap(),
            old[&Artefact::Recommend].join("\n")
        );
        promote(&series, made, day(3)).unwrap();
        assert_eq!(series.rollback(Some(version(7)), day(4), "x").unwrap(), version(7));
        // What is not there is not put live, though it has no manifest either.
        let lines = vec!["v6/other.npy".to_owned()];
        let absent = series.promote(version(6), &lines, day(5), "x");
        assert!(matches!(absent, Err(Error::NotFound { .. })), "{absent:?}");
        let lines = vec!["v9/annoy_index.ann".to_owned()];
        let absent = series.promote(version(9), &lines, day(5), "x");
        assert!(matches!(absent, Err(Error::NotFound { .. })), "{absent:?}");
    }
}

#[test]
fn an_answer_that_was_lost_is_no_other_publisher() {
    let dir = tempfile::tempdir().unwrap();
    let data: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let features: Arc<dyn Store> = Arc::new(DirStore::open(dir.path()).unwrap());
    let lake = with_versions(Lake::new(data, features), 2);
    let twice = lake.through(|store| Arc::new(crate::killed::Twice(store)));
    publish(&twice, 1);
    publish(&twice, 2);
    assert_carried_out(&lake);
    assert_eq!(lake.releases().list().unwrap().len(), 2);
}
