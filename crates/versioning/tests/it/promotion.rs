//! What is live, what was, and that `latest.txt` is there and whole all the time.

use std::{
    sync::Arc,
    sync::atomic::{AtomicBool, Ordering},
};

use versioning::{
    Body, DirStore, Error, Key, MemoryStore, Precondition, PromotionKind, Series, Store,
    conformance::WatchedStore,
};

use crate::fixture::{self, day, latest, lines, make, promote, series, version};

fn with_versions(n: usize) -> (Arc<dyn Store>, Series) {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let series = series(Arc::clone(&store));
    for n in 1..=n {
        make(&series, n, day(0)).unwrap();
    }
    (store, series)
}

#[test]
fn latest_txt_holds_the_lines_and_nothing_else() {
    let (store, series) = with_versions(1);
    assert_eq!(series.live().unwrap(), None);
    promote(&series, version(1), day(1)).unwrap();
    assert_eq!(latest(&*store).unwrap(), "v1/model.json\nv1/sub/table.parquet");
    assert_eq!(series.live().unwrap(), Some(version(1)));
    // Again is not a second promotion.
    promote(&series, version(1), day(2)).unwrap();
    assert_eq!(series.history().unwrap().len(), 1);
}

#[test]
fn lines_must_name_files_of_the_version() {
    let (store, series) = with_versions(2);
    for bad in [
        vec![],
        vec!["v2/model.json"],
        vec!["v1/no such file"],
        vec!["model.json"],
        vec!["v1/model.json", ""],
        vec!["v1/model.json\nv1/model.json"],
    ] {
        let bad: Vec<String> = bad.into_iter().map(str::to_owned).collect();
        let refused = series.promote(version(1), &bad, day(1), "test");
        assert!(matches!(refused, Err(Error::InvalidLatest { .. })), "{bad:?}");
    }
    let absent = series.promote(version(3), &lines(version(3)), day(1), "test");
    assert!(matches!(absent, Err(Error::NotFound { .. })));
    assert_eq!(latest(&*store), None);
}

#[test]
fn the_log_answers_what_was_live_at_a_time() {
    let (_, series) = with_versions(3);
    assert_eq!(series.live_at(day(9)).unwrap(), None);
    promote(&series, version(1), day(1)).unwrap();
    promote(&series, version(3), day(3)).unwrap();
    // A clock that is behind: the promotion cannot have come before the one it followed.
    promote(&series, version(2), day(2)).unwrap();
    series.rollback(None, day(5), "operator").unwrap();
    let live: Vec<_> =
        (0..=6).map(|d| series.live_at(day(d)).unwrap().map_or(0, |v| v.number())).collect();
    assert_eq!(live, [0, 1, 1, 2, 2, 3, 3]);
    let history = series.history().unwrap();
    let last = history.last().unwrap();
    assert_eq!(
        (last.kind, last.from, last.to),
        (PromotionKind::Rollback, Some(version(2)), version(3))
    );
    assert_eq!((last.by.as_str(), last.at), ("operator", day(5)));
}

#[test]
fn rollback_goes_back_through_the_promotions() {
    let (store, series) = with_versions(4);
    let none = series.rollback(None, day(1), "test");
    assert!(matches!(none, Err(Error::NoRollbackTarget { live: None, .. })));
    for n in 1..=3 {
        promote(&series, version(n), day(n)).unwrap();
    }
    assert_eq!(series.rollback(None, day(4), "test").unwrap(), version(2));
    assert_eq!(series.rollback(None, day(5), "test").unwrap(), version(1));
    assert_eq!(latest(&*store).unwrap(), "v1/model.json\nv1/sub/table.parquet");
    let none = series.rollback(None, day(6), "test");
    assert!(matches!(none, Err(Error::NoRollbackTarget { .. })));
    // Forward to one that was never live: its lines are those of the live one.
    assert_eq!(series.rollback(Some(version(4)), day(7), "test").unwrap(), version(4));
    assert_eq!(latest(&*store).unwrap(), "v4/model.json\nv4/sub/table.parquet");
    let uncommitted = series.rollback(Some(version(9)), day(8), "test");
    assert!(matches!(uncommitted, Err(Error::NotFound { .. })));
    assert_eq!(series.live().unwrap(), Some(version(4)));
}

#[test]
fn rollback_passes_over_a_version_that_is_gone() {
    let (store, series) = with_versions(3);
    for n in 1..=3 {
        promote(&series, version(n), day(n)).unwrap();
    }
    store.delete(&Key::new("models/M/v2/manifest.json").unwrap()).unwrap();
    assert_eq!(series.rollback(None, day(4), "test").unwrap(), version(1));
}

#[test]
fn the_old_systems_latest_txt_is_taken_over() {
    let (store, series) = with_versions(1);
    let key = Key::new("models/M/latest.txt").unwrap();
    let old = Body::Bytes("v12/model.json\n".into());
    store.put(&key, &old, &Precondition::None).unwrap();
    assert_eq!(series.live().unwrap(), Some(version(12)));
    promote(&series, version(1), day(1)).unwrap();
    assert_eq!(series.history().unwrap()[0].from, Some(version(12)));
    assert_eq!(series.rollback_target().unwrap(), None, "the files of v12 are not there");
}

/// Puts a `latest.txt` by hand; none removes it.
fn damage(store: &dyn Store, text: Option<&'static str>) {
    let key = Key::new("models/M/latest.txt").unwrap();
    match text {
        Some(text) => {
            store.put(&key, &Body::Bytes(text.into()), &Precondition::None).unwrap();
        }
        None => store.delete(&key).unwrap(),
    }
}

const LOST: [Option<&str>; 6] =
    [None, Some(""), Some("\n"), Some("x"), Some("v1/model.json\nv2/model.json"), Some("v0/x")];

#[test]
fn where_latest_txt_is_lost_the_log_says_what_is_live() {
    for text in LOST {
        let (store, series) = with_versions(3);
        promote(&series, version(1), day(1)).unwrap();
        promote(&series, version(2), day(2)).unwrap();
        series.rollback(None, day(3), "test").unwrap();
        let before = (series.history().unwrap(), latest(&*store));
        damage(&*store, text);
        assert_eq!(series.live().unwrap(), Some(version(1)), "{text:?}");
        assert_eq!(series.live_at(day(9)).unwrap(), Some(version(1)));
        assert_eq!(series.settled(day(4)).unwrap(), Some(version(1)));
        assert_eq!((series.history().unwrap(), latest(&*store)), before, "{text:?}");
        // A promotion replaces it, the same version's too, and a rollback does.
        damage(&*store, text);
        promote(&series, version(1), day(5)).unwrap();
        assert_eq!(latest(&*store), before.1);
        damage(&*store, text);
        promote(&series, version(3), day(6)).unwrap();
        damage(&*store, text);
        assert_eq!(series.rollback(None, day(7), "test").unwrap(), version(1));
        assert_eq!(latest(&*store), before.1);
        assert_eq!(series.history().unwrap().last().unwrap().from, Some(version(3)));
    }
}

#[test]
fn a_latest_txt_that_names_nothing_without_a_log_is_an_error_until_a_promotion() {
    for text in &LOST[1..] {
        let (store, series) = with_versions(1);
        damage(&*store, *text);
        let error = series.live().unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{error}");
        let error = error.to_string();
        assert!(error.contains("latest.txt") && error.contains("promote a version"), "{error}");
        promote(&series, version(1), day(1)).unwrap();
        assert_eq!(series.live().unwrap(), Some(version(1)));
        assert_eq!(series.history().unwrap()[0].from, None);
    }
}

#[test]
fn a_folder_in_the_place_of_an_object_is_named_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let store: Arc<dyn Store> = Arc::new(DirStore::open(dir.path()).unwrap());
    let series = series(store);
    make(&series, 1, day(0)).unwrap();
    let folder = |name: &str| {
        let path = dir.path().join("models/M").join(name);
        std::fs::create_dir_all(path.join("x")).unwrap();
        path
    };
    let expect_named = |path: std::path::PathBuf, error: Error| {
        let error = error.to_string();
        let named = error.starts_with(path.to_str().unwrap());
        assert!(named && error.contains("expected a file, found a folder"), "{error}");
        std::fs::remove_dir_all(path).unwrap();
    };
    let path = folder("latest.txt");
    expect_named(path, promote(&series, version(1), day(1)).unwrap_err());
    let path = folder("_promotions/0000000002.json");
    expect_named(
        path,
        promote(&series, version(1), day(1))
            .map(|()| 0)
            .and_then(|_| {
                make(&series, 2, day(1)).and_then(|made| promote(&series, made.version(), day(1)))
            })
            .unwrap_err(),
    );
    let path = folder(&format!("_keys/{}", fixture::key(3)));
    expect_named(path, make(&series, 3, day(1)).unwrap_err());
    promote(&series, make(&series, 3, day(2)).unwrap().version(), day(2)).unwrap();
}

#[test]
fn what_another_has_left_is_dated_when_it_was_completed() {
    let (store, series) = with_versions(3);
    promote(&series, version(1), day(1)).unwrap();
    let dying = fixture::series(Arc::new(WatchedStore::dying(store, 2)));
    promote(&dying, version(2), day(2)).unwrap_err();
    assert_eq!(series.settled(day(5)).unwrap(), Some(version(2)));
    let at = |d| series.live_at(day(d)).unwrap();
    assert_eq!([1, 4, 5].map(at), [Some(version(1)), Some(version(1)), Some(version(2))]);
    let history = series.history().unwrap();
    let last = history.last().unwrap();
    assert_eq!((last.number, last.by.as_str(), last.from), (3, "test", Some(version(1))));
    // Nothing is left, so nothing is added.
    assert_eq!(series.settled(day(6)).unwrap(), Some(version(2)));
    assert_eq!(series.history().unwrap(), history);
    assert_eq!(series.rollback(None, day(7), "test").unwrap(), version(1));
}

#[test]
fn a_promotion_that_died_is_no_history_and_the_next_one_succeeds() {
    for dies_at in 0..2 {
        let (store, series) = with_versions(3);
        promote(&series, version(1), day(1)).unwrap();
        let dying = fixture::series(Arc::new(WatchedStore::dying(store, dies_at)));
        promote(&dying, version(2), day(2)).unwrap_err();
        assert_eq!(series.live().unwrap(), Some(version(1)));
        assert_eq!(series.live_at(day(9)).unwrap(), Some(version(1)));
        assert_eq!(series.history().unwrap().len(), 1);
        assert_eq!(series.rollback_target().unwrap(), None);
        // Again, or another one: what did not happen stays out of the history.
        promote(&series, version(2 + dies_at as u64), day(5)).unwrap();
        assert_eq!(series.live_at(day(4)).unwrap(), Some(version(1)));
        assert_eq!(series.live_at(day(5)).unwrap(), Some(version(2 + dies_at as u64)));
        assert_eq!(series.rollback(None, day(6), "test").unwrap(), version(1));
    }
}

#[test]
fn a_promotion_over_what_was_seen_gives_way_to_what_came_since() {
    let (store, series) = with_versions(4);
    let over = |seen: Option<u64>, n: u64| {
        let to = version(n);
        series.promote_over(seen.map(version), to, &lines(to), day(2), "test")
    };
    let refused = |result| assert!(matches!(result, Err(Error::PreconditionFailed { .. })));
    refused(over(Some(1), 2));
    over(None, 1).unwrap();
    refused(over(None, 2));
    over(Some(1), 2).unwrap();
    refused(over(Some(1), 3));
    over(Some(1), 2).unwrap();
    assert_eq!(series.history().unwrap().len(), 2, "what is live already is not put there again");
    // One that is logged and not yet swapped in counts too.
    let dying = fixture::series(Arc::new(WatchedStore::dying(store, 2)));
    promote(&dying, version(3), day(3)).unwrap_err();
    assert_eq!(series.live().unwrap(), Some(version(2)));
    refused(over(Some(2), 4));
    assert_eq!(series.settled(day(4)).unwrap(), Some(version(3)));
    over(Some(3), 4).unwrap();
}

#[test]
fn latest_txt_is_whole_while_eight_promote() {
    let dir = tempfile::tempdir().unwrap();
    let directory = DirStore::open(dir.path()).unwrap();
    for store in [Arc::new(MemoryStore::default()) as Arc<dyn Store>, Arc::new(directory)] {
        let series = series(Arc::clone(&store));
        for n in 1..=8 {
            make(&series, n, day(0)).unwrap();
        }
        promote(&series, version(1), day(0)).unwrap();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let promoters: Vec<_> = (1..=8)
                .map(|n| {
                    let series = &series;
                    scope.spawn(move || {
                        for round in 0..5 {
                            let to = (n + round) % 8 + 1;
                            promote(series, version(to), day(1)).unwrap();
                        }
                    })
                })
                .collect();
            let reader = scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let text = latest(&*store).expect("latest.txt is never missing");
                    let whole = (1..=8).any(|n| text == lines(version(n)).join("\n"));
                    assert!(whole, "{text:?}");
                }
            });
            for promoter in promoters {
                promoter.join().unwrap();
            }
            done.store(true, Ordering::Relaxed);
            reader.join().unwrap();
        });
        let history = series.history().unwrap();
        assert_eq!(history.last().map(|p| p.to), series.live().unwrap());
        for pair in history.windows(2) {
            assert!(pair[0].number < pair[1].number);
        }
    }
}
