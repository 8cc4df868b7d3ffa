//! What every [`Store`] must do, as one suite for all of them; and a store that is
//! watched, and may be killed, at every operation.
//!
//! For tests: the functions panic where a store fails.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "this is test code")]

mod watched;
use std::{
    io::Read,
    ops::Range,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
pub use watched::{Operation, WatchedStore};

use crate::{
    Body, ETag, Error, Key, ListRequest, Meta, Page, Precondition, Scratch, Store, store::list_all,
};

/// Runs the whole suite on an empty store.
pub fn run(store: &dyn Store) {
    round_trip(store);
    ranges(store);
    preconditions(store);
    listing(store);
    files(store);
    one_creator_wins(store);
    no_swap_is_lost(store);
    readers_see_whole_objects(store);
    let everything = ListRequest { folder: None, delimiter: false, after: None, limit: 1000 };
    assert!(list_all(store, everything).unwrap().0.is_empty(), "the suite cleans up behind it");
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn bytes(text: &str) -> Body {
    Body::Bytes(Bytes::copy_from_slice(text.as_bytes()))
}

fn put(store: &dyn Store, at: &str, text: &str) -> ETag {
    store.put(&key(at), &bytes(text), &Precondition::None).unwrap()
}

fn text(store: &dyn Store, at: &str) -> String {
    let mut text = String::new();
    let object = store.get(&key(at), None).unwrap();
    object.body.reader_at(0).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn round_trip(store: &dyn Store) {
    assert!(matches!(store.get(&key("a/b"), None), Err(Error::NotFound { .. })));
    assert!(store.head(&key("a/b")).unwrap().is_none());
    let first = put(store, "a/b", "one");
    let meta = store.head(&key("a/b")).unwrap().unwrap();
    assert_eq!(meta, Meta { key: key("a/b"), bytes: 3, etag: first.clone() });
    assert_eq!(store.get(&key("a/b"), None).unwrap().meta, meta);
    assert!(store.head(&key("a")).unwrap().is_none(), "a folder is not an object");
    assert!(matches!(store.get(&key("a"), None), Err(Error::NotFound { .. })));
    assert!(store.head(&key("a/b/c")).unwrap().is_none(), "an object is not a folder");
    let second = put(store, "a/b", "two");
    assert_ne!(first, second, "another content has another ETag");
    assert_eq!(text(store, "a/b"), "two");
    put(store, "a/empty", "");
    assert_eq!(text(store, "a/empty"), "");
    store.delete(&key("a/empty")).unwrap();
    store.delete(&key("a/b")).unwrap();
    store.delete(&key("a/b")).unwrap();
    assert!(store.head(&key("a/b")).unwrap().is_none());
}

fn ranges(store: &dyn Store) {
    put(store, "range", "0123456789");
    let read = |range: Range<u64>| store.get(&key("range"), Some(range));
    assert_eq!(read(2..5).unwrap().body.bytes().unwrap(), &b"234"[..]);
    assert_eq!(read(0..10).unwrap().meta.bytes, 10);
    assert_eq!(read(9..10).unwrap().meta.bytes, 10, "the length is of the whole object");
    assert!(read(9..11).is_err(), "a range must lie within");
    store.delete(&key("range")).unwrap();
}

fn preconditions(store: &dyn Store) {
    let at = key("p/q");
    let refused = |r: Result<ETag, Error>| matches!(r, Err(Error::PreconditionFailed { .. }));
    let absent_tag = Precondition::IfMatch(ETag("none".into()));
    assert!(refused(store.put(&at, &bytes("x"), &absent_tag)), "nothing there to match");
    assert!(store.head(&at).unwrap().is_none());
    let one = store.put(&at, &bytes("1"), &Precondition::IfAbsent).unwrap();
    assert!(refused(store.put(&at, &bytes("2"), &Precondition::IfAbsent)));
    assert_eq!(text(store, "p/q"), "1", "a refused put changes nothing");
    let two = store.put(&at, &bytes("2"), &Precondition::IfMatch(one.clone())).unwrap();
    assert!(refused(store.put(&at, &bytes("3"), &Precondition::IfMatch(one))));
    assert_eq!(text(store, "p/q"), "2");
    assert_eq!(store.head(&at).unwrap().unwrap().etag, two);
    store.delete(&at).unwrap();
    store.put(&at, &bytes("4"), &Precondition::IfAbsent).unwrap();
    store.delete(&at).unwrap();
}

fn listing(store: &dyn Store) {
    // `-` and `.` sort before `/`, `0` after it: byte order of whole keys, not of segments.
    let mut keys =
        ["l/a", "l/a-b/1", "l/a.c", "l/a0", "l/b/1", "l/b/2/x", "l/b/2/y", "l/b1", "l/ü/ç"];
    keys.iter().for_each(|k| drop(put(store, k, k)));
    put(store, "l2/other", "");
    keys.sort_unstable();
    for limit in 1..=10 {
        let pages = |folder: &str, delimiter: bool| {
            let mut request =
                ListRequest { folder: Some(key(folder)), delimiter, after: None, limit };
            let (mut objects, mut prefixes) = (Vec::new(), Vec::new());
            loop {
                let page = store.list(&request).unwrap();
                let n = page.objects.len() + page.prefixes.len();
                assert!(n <= limit && (n == limit || page.next.is_none()), "{n} of {limit}");
                objects.extend(page.objects.iter().map(|m| m.key.to_string()));
                prefixes.extend(page.prefixes.iter().map(ToString::to_string));
                match page.next {
                    Some(next) => request.after = Some(next),
                    None => return (objects, prefixes),
                }
            }
        };
        assert_eq!(pages("l", false).0, keys);
        let (objects, prefixes) = pages("l", true);
        assert_eq!(objects, ["l/a", "l/a.c", "l/a0", "l/b1"]);
        assert_eq!(prefixes, ["l/a-b", "l/b", "l/ü"]);
        assert_eq!(pages("l/b", true), (vec!["l/b/1".into()], vec!["l/b/2".into()]));
        assert_eq!(pages("l/none", true), (vec![], vec![]));
        assert_eq!(pages("l/a", true), (vec![], vec![]), "an object has nothing below it");
    }
    for meta in list_all(store, ListRequest::below(&key("l"))).unwrap().0 {
        assert_eq!(store.head(&meta.key).unwrap().unwrap(), meta);
        store.delete(&meta.key).unwrap();
    }
    store.delete(&key("l2/other")).unwrap();
    assert_eq!(store.list(&ListRequest::children(&key("l"))).unwrap(), Page::default());
}

fn files(store: &dyn Store) {
    let scratch = store.scratch().unwrap();
    let large = vec![7; 300_000];
    let path = scratch.path().join("large");
    let write = |path: &PathBuf| {
        std::io::Write::write_all(&mut std::fs::File::create(path).unwrap(), &large).unwrap();
    };
    write(&path);
    let body = Body::File(path.clone());
    let etag = store.put(&key("f/large"), &body, &Precondition::IfAbsent).unwrap();
    assert_eq!(store.head(&key("f/large")).unwrap().unwrap().etag, etag);
    assert_eq!(store.get(&key("f/large"), None).unwrap().body.bytes().unwrap(), large);
    if let Some(local) = store.local_path(&key("f/large")) {
        assert!(local.is_file());
        assert!(!path.exists(), "a finished file is moved, not copied");
    }
    write(&path);
    assert!(store.put(&key("f/large"), &body, &Precondition::IfAbsent).is_err());
    assert!(path.exists(), "a refused put leaves the file");
    let again = store.put(&key("f/large"), &body, &Precondition::None).unwrap();
    let elsewhere = Scratch::in_system_folder().unwrap();
    let path = elsewhere.path().join("mine");
    write(&path);
    let body = Body::File(path.clone());
    store.put(&key("f/large"), &body, &Precondition::IfMatch(again)).unwrap();
    assert!(path.exists(), "a file of somebody else's is copied");
    let folder = scratch.path().to_owned();
    drop(scratch);
    assert!(!folder.exists(), "a scratch folder goes when dropped");
    store.delete(&key("f/large")).unwrap();
}

fn one_creator_wins(store: &dyn Store) {
    let wins = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for n in 0..16 {
            let wins = &wins;
            scope.spawn(move || {
                match store.put(&key("race"), &bytes(&n.to_string()), &Precondition::IfAbsent) {
                    Ok(_) => drop(wins.fetch_add(1, Ordering::Relaxed)),
                    Err(Error::PreconditionFailed { .. }) => {}
                    Err(error) => panic!("{error}"),
                }
            });
        }
    });
    assert_eq!(wins.into_inner(), 1);
    store.delete(&key("race")).unwrap();
}

fn no_swap_is_lost(store: &dyn Store) {
    put(store, "count", "0");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut done = 0;
                while done < 10 {
                    let object = store.get(&key("count"), None).unwrap();
                    let bytes_now = object.body.bytes().unwrap();
                    let count: u32 = std::str::from_utf8(&bytes_now).unwrap().parse().unwrap();
                    let condition = Precondition::IfMatch(object.meta.etag);
                    match store.put(&key("count"), &bytes(&(count + 1).to_string()), &condition) {
                        Ok(_) => done += 1,
                        Err(Error::PreconditionFailed { .. }) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
            });
        }
    });
    assert_eq!(text(store, "count"), "80");
    store.delete(&key("count")).unwrap();
}

fn readers_see_whole_objects(store: &dyn Store) {
    let bodies = ["a".repeat(100_000), "b".repeat(200_000)];
    put(store, "torn/x", &bodies[0]);
    std::thread::scope(|scope| {
        let writer =
            scope.spawn(|| (0..20).for_each(|n| drop(put(store, "torn/x", &bodies[n % 2]))));
        while !writer.is_finished() {
            let read = text(store, "torn/x");
            assert!(bodies.contains(&read), "{} bytes of two objects", read.len());
        }
    });
    store.delete(&key("torn/x")).unwrap();
}
