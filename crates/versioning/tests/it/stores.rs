//! The conformance suite on both stores, and what only a directory can meet.

use std::{fs, sync::Arc};

use versioning::{
    Body, DirStore, Error, Key, ListRequest, MemoryStore, Precondition, Store, conformance,
};

#[test]
fn memory_conforms() {
    conformance::run(&MemoryStore::default());
}

#[test]
fn a_directory_conforms() {
    let dir = tempfile::tempdir().unwrap();
    conformance::run(&DirStore::open(dir.path().join("not/yet/there")).unwrap());
}

#[test]
fn opening_a_directory_makes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = DirStore::open(dir.path().join("lake")).unwrap();
    assert!(store.list(&ListRequest::children(&Key::new("a").unwrap())).unwrap().next.is_none());
    assert!(!dir.path().join("lake").exists());
    let file = dir.path().join("file");
    fs::File::create(&file).unwrap();
    assert!(matches!(DirStore::open(file), Err(Error::BadUri { .. })));
}

#[test]
fn the_stores_own_files_are_no_objects() {
    let dir = tempfile::tempdir().unwrap();
    let store = DirStore::open(dir.path()).unwrap();
    let key = Key::new(".tmp/swap").unwrap();
    let put = store.put(&key, &Body::Bytes("x".into()), &Precondition::None);
    assert!(matches!(put, Err(Error::BadKey { .. })));
    let all = ListRequest { folder: None, delimiter: false, after: None, limit: 9 };
    store.put(&Key::new("x").unwrap(), &Body::Bytes("x".into()), &Precondition::None).unwrap();
    let listed: Vec<_> = store.list(&all).unwrap().objects.into_iter().map(|m| m.key).collect();
    assert_eq!(listed, [Key::new("x").unwrap()]);
}

#[test]
fn nothing_is_left_in_the_folder_for_temporaries() {
    let dir = tempfile::tempdir().unwrap();
    {
        let store = DirStore::open(dir.path()).unwrap();
        conformance::run(&store);
    }
    let mut left: Vec<_> =
        fs::read_dir(dir.path().join(".tmp")).unwrap().map(|e| e.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["guard", "swap"], "only the two locks");
}

/// Putting and deleting in one folder at once: the folder comes and goes, no put fails.
#[test]
fn a_folder_that_vanishes_is_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let store: Arc<dyn Store> = Arc::new(DirStore::open(dir.path()).unwrap());
    std::thread::scope(|scope| {
        for n in 0..4 {
            let store = &store;
            scope.spawn(move || {
                let key = Key::new(format!("a/b/c/{n}")).unwrap();
                for _ in 0..20 {
                    store.put(&key, &Body::Bytes("x".into()), &Precondition::IfAbsent).unwrap();
                    store.delete(&key).unwrap();
                }
            });
        }
    });
    assert!(!dir.path().join("a").exists());
}
