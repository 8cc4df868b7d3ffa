//! Objects of several parts.

use std::{
    io::Read,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use versioning::{Body, Error, Precondition, Store};

use crate::{
    key,
    server::{Deed, Fate, Server, file},
};

const PART: usize = 5 << 20;
/// Two parts and something.
const LARGE: usize = 2 * PART + 12_345;

/// What holds for large objects on every server.
pub(crate) fn round_trip(store: &dyn Store) {
    let dir = tempfile::tempdir().unwrap();
    let (path, content) = file(dir.path(), 1, LARGE);
    let (other, changed) = file(dir.path(), 2, LARGE + 1);
    let at = key("models/x");
    let put = |path, condition: &Precondition| store.put(&at, &Body::File(path), condition);
    let first = put(path.clone(), &Precondition::IfAbsent).unwrap();
    let refused = put(other.clone(), &Precondition::IfAbsent);
    assert!(matches!(refused, Err(Error::PreconditionFailed { .. })), "{refused:?}");
    let object = store.get(&at, None).unwrap();
    assert_eq!((object.meta.bytes, &object.meta.etag), (LARGE as u64, &first));
    assert_eq!(store.head(&at).unwrap(), Some(object.meta));
    assert!(object.body.bytes().unwrap() == content);
    let path = object.body.path().unwrap().to_owned();
    let clone = object.body.clone();
    drop(object.body);
    let mut again = Vec::new();
    std::fs::File::open(&path).unwrap().read_to_end(&mut again).unwrap();
    assert!(again == content, "the file is there as long as a clone of its blob");
    drop(clone);
    assert!(!path.exists() && !path.parent().unwrap().exists());
    // Short, long, from a place within.
    for range in [PART - 10..PART + 10, 0..PART + 1, 77..LARGE, LARGE - 3..LARGE] {
        let object = store.get(&at, Some(range.start as u64..range.end as u64)).unwrap();
        assert!(object.body.bytes().unwrap() == content[range.clone()], "{range:?}");
        assert_eq!(object.meta.bytes, LARGE as u64);
    }
    let beyond = store.get(&at, Some(7..LARGE as u64 + 1));
    assert!(matches!(beyond, Err(Error::Io { .. })));
    let second = put(other, &Precondition::IfMatch(first.clone())).unwrap();
    assert_ne!(first, second);
    assert!(store.get(&at, None).unwrap().body.bytes().unwrap() == changed);
    store.delete(&at).unwrap();
}

/// A large object that is put with a stale ETag is refused when it is completed.
pub(crate) fn swap(store: &dyn Store) {
    let dir = tempfile::tempdir().unwrap();
    let (path, content) = file(dir.path(), 1, LARGE);
    let at = key("models/y");
    let first = store.put(&at, &Body::File(path.clone()), &Precondition::IfAbsent).unwrap();
    let (other, _) = file(dir.path(), 2, LARGE);
    store.put(&at, &Body::File(other), &Precondition::IfMatch(first.clone())).unwrap();
    let stale = store.put(&at, &Body::File(path), &Precondition::IfMatch(first));
    assert!(matches!(stale, Err(Error::PreconditionFailed { .. })), "{stale:?}");
    assert!(store.get(&at, None).unwrap().body.bytes().unwrap() != content);
    store.delete(&at).unwrap();
}

#[test]
fn a_large_object_goes_and_comes_in_parts() {
    let server = Server::start();
    round_trip(&server.store());
    swap(&server.store());
    let seen = server.seen();
    let count = |method, query| seen.iter().filter(|s| s.is(method, query)).count();
    assert_eq!(count("PUT", "partNumber="), 6 * 3, "each upload has three parts");
    assert_eq!(count("DELETE", "uploadId="), 2, "refused uploads are aborted");
    assert_eq!(server.open_uploads(), 0);
}

#[test]
fn a_part_that_breaks_off_goes_on_where_it_was() {
    let server = Server::start();
    let store = server.store();
    let dir = tempfile::tempdir().unwrap();
    let (path, content) = file(dir.path(), 1, LARGE);
    store.put(&key("x"), &Body::File(path), &Precondition::IfAbsent).unwrap();
    server.seen();
    server.when(|seen| match &seen.range {
        Some(range) if range.starts_with("bytes=0-") || range.starts_with("bytes=1000-") => {
            Fate::Cut(1000)
        }
        _ => Fate::Served,
    });
    assert!(store.get(&key("x"), None).unwrap().body.bytes().unwrap() == content);
    let mut ranges: Vec<_> = server.seen().into_iter().filter_map(|s| s.range).collect();
    ranges.sort();
    let end = PART - 1;
    for begins in [0, 1000, 2000] {
        assert!(ranges.contains(&format!("bytes={begins}-{end}")), "{ranges:?}");
    }
    assert_eq!(ranges.len(), 5);
}

/// Before the second range of a download is read, somebody puts another object; three times.
#[test]
fn an_object_that_changes_meanwhile_is_read_whole() {
    let server = Server::start();
    let (store, writer) = (server.store(), server.other_line());
    let dir = tempfile::tempdir().unwrap();
    let bodies: Vec<_> = (0..=3).map(|n| file(dir.path(), n, LARGE + usize::from(n))).collect();
    store.put(&key("x"), &Body::File(bodies[0].0.clone()), &Precondition::None).unwrap();
    let paths: Vec<_> = bodies.iter().map(|(path, _)| path.clone()).collect();
    let next = Arc::new(AtomicUsize::new(1));
    let put = Deed(Arc::new(move || {
        if let Some(path) = paths.get(next.fetch_add(1, Ordering::SeqCst)) {
            writer.put(&key("x"), &Body::File(path.clone()), &Precondition::None).unwrap();
        }
    }));
    server.when(move |seen| match &seen.range {
        Some(range) if range.starts_with(&format!("bytes={PART}-")) => Fate::After(put.clone()),
        _ => Fate::Served,
    });
    let object = store.get(&key("x"), None).unwrap();
    assert_eq!(object.meta.bytes, LARGE as u64 + 3);
    assert!(object.body.bytes().unwrap() == bodies[3].1);
}

#[test]
fn an_object_that_never_rests_is_given_up() {
    let server = Server::start();
    let store = server.store();
    let dir = tempfile::tempdir().unwrap();
    let (path, _) = file(dir.path(), 1, LARGE);
    store.put(&key("x"), &Body::File(path), &Precondition::None).unwrap();
    server.when(|seen| match seen.range {
        Some(_) => Fate::Answered(412, "PreconditionFailed"),
        None => Fate::Served,
    });
    let error = store.get(&key("x"), None).unwrap_err();
    assert!(matches!(error, Error::Contended { .. }), "{error}");
}

/// Killed before any request of an upload: nothing is seen of it, and the next upload succeeds.
#[test]
fn an_upload_that_is_killed_shows_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (path, content) = file(dir.path(), 1, LARGE);
    let body = Body::File(path);
    // Begin, three parts, complete.
    for served in 0..5 {
        let server = Server::start();
        let mut asked = 0;
        server.when(move |_| {
            asked += 1;
            if asked <= served { Fate::Served } else { Fate::Lost }
        });
        let killed = server.store().put(&key("x"), &body, &Precondition::IfAbsent);
        assert!(matches!(killed, Err(Error::Unavailable { .. })), "{served}: {killed:?}");
        server.when(|_| Fate::Served);
        let reader = server.store();
        assert_eq!(reader.head(&key("x")).unwrap(), None);
        let everything =
            versioning::ListRequest { folder: None, delimiter: false, after: None, limit: 9 };
        assert_eq!(reader.list(&everything).unwrap(), versioning::Page::default());
        reader.put(&key("x"), &body, &Precondition::IfAbsent).unwrap();
        assert!(reader.get(&key("x"), None).unwrap().body.bytes().unwrap() == content);
    }
}

#[test]
fn an_upload_that_fails_is_aborted() {
    let dir = tempfile::tempdir().unwrap();
    let (path, _) = file(dir.path(), 1, LARGE);
    for query in ["partNumber=2", "uploadId="] {
        let server = Server::start();
        server.when(move |seen| match seen.is("PUT", query) || seen.is("POST", query) {
            true => Fate::Answered(500, "InternalError"),
            false => Fate::Served,
        });
        let failed = server.store().put(&key("x"), &Body::File(path.clone()), &Precondition::None);
        assert!(matches!(failed, Err(Error::Unavailable { .. })), "{failed:?}");
        assert_eq!(server.open_uploads(), 0, "{query}");
    }
}

/// A part is sent again by itself, and the whole upload where S3 says that another one is under way.
#[test]
fn an_upload_survives_what_passes() {
    let dir = tempfile::tempdir().unwrap();
    let (path, content) = file(dir.path(), 1, LARGE);
    for (query, fate) in [
        ("partNumber=2", Fate::Lost),
        ("partNumber=3", Fate::AnswerLost),
        ("partNumber=1", Fate::Answered(503, "SlowDown")),
        ("uploadId=", Fate::Answered(409, "ConditionalRequestConflict")),
        ("uploadId=", Fate::AnswerLost),
        ("uploads", Fate::AnswerLost),
    ] {
        let server = Server::start();
        let mut once = Some(fate.clone());
        server.when(move |seen| {
            let met = match query {
                "uploadId=" | "uploads" => seen.is("POST", query),
                part => seen.is("PUT", part),
            };
            if met { once.take().unwrap_or(Fate::Served) } else { Fate::Served }
        });
        let store = server.store();
        let body = Body::File(path.clone());
        let etag = store.put(&key("x"), &body, &Precondition::IfAbsent);
        let etag = etag.unwrap_or_else(|error| panic!("{query} {fate:?}: {error}"));
        let object = store.get(&key("x"), None).unwrap();
        assert_eq!(object.meta.etag, etag);
        assert!(object.body.bytes().unwrap() == content, "{query} {fate:?}");
    }
}
