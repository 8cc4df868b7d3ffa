//! An object that has not changed is not downloaded again, and what is read is what is stored.

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use versioning::{
    Body, Cache, Error, Key, Lake, MemoryStore, Precondition, RawTable, Store,
    conformance::{Operation, WatchedStore},
};

use crate::fixture::{day, make, series, version};

struct Remote {
    store: Arc<dyn Store>,
    downloads: Arc<AtomicUsize>,
}

impl Remote {
    fn new() -> Self {
        let downloads = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&downloads);
        let store = WatchedStore::new(Arc::new(MemoryStore::default()), move |operation| {
            counter
                .fetch_add(usize::from(matches!(operation, Operation::Get(_))), Ordering::SeqCst);
            Ok(())
        });
        Self { store: Arc::new(store), downloads }
    }

    fn put(&self, at: &str, bytes: impl Into<Bytes>) {
        self.store.put(&key(at), &Body::Bytes(bytes.into()), &Precondition::None).unwrap();
    }

    fn read(&self, cache: &Cache, at: &str) -> Bytes {
        cache.open_blob(&*self.store, &key(at)).unwrap().bytes().unwrap()
    }

    fn downloads(&self) -> usize {
        self.downloads.swap(0, Ordering::SeqCst)
    }
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// The files of a cache with the given extension.
fn entries(dir: &tempfile::TempDir, extension: &str) -> Vec<PathBuf> {
    let folders = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().path());
    let files = folders.filter(|f| !f.ends_with(".tmp")).flat_map(|f| fs::read_dir(f).unwrap());
    files.map(|e| e.unwrap().path()).filter(|p| p.extension().unwrap() == extension).collect()
}

fn open(dir: &tempfile::TempDir) -> Cache {
    Cache::open(dir.path(), 1 << 30).unwrap()
}

#[test]
fn a_second_read_downloads_nothing() {
    let (remote, dir) = (Remote::new(), tempfile::tempdir().unwrap());
    remote.put("raw/a", "one");
    remote.put("raw/empty", "");
    assert_eq!(remote.read(&open(&dir), "raw/a"), "one");
    assert_eq!(remote.downloads(), 1);
    // Another process, later.
    assert_eq!(remote.read(&open(&dir), "raw/a"), "one");
    assert_eq!(remote.downloads(), 0);
    assert_eq!(remote.read(&open(&dir), "raw/empty"), "");
    let absent = open(&dir).open_blob(&*remote.store, &key("raw/b"));
    assert!(matches!(absent, Err(Error::NotFound { .. })));
    let json = fs::read_to_string(&entries(&dir, "json")[0]).unwrap();
    for field in ["uri", "etag", "bytes", "sha256"] {
        assert!(json.contains(field), "{json}");
    }
}

#[test]
fn a_changed_object_is_downloaded_and_its_old_state_goes() {
    let (remote, dir) = (Remote::new(), tempfile::tempdir().unwrap());
    let cache = open(&dir);
    for (text, other) in [("one", "b"), ("two", "c")] {
        remote.put("a", text);
        remote.put(other, text);
        assert_eq!(remote.read(&cache, "a"), text);
        assert_eq!(remote.read(&cache, other), text);
        assert_eq!(remote.downloads(), 2);
    }
    assert_eq!(entries(&dir, "data").len(), 3);
    assert_eq!(entries(&dir, "json").len(), 3);
}

#[test]
fn a_half_written_entry_is_never_used() {
    let (remote, dir) = (Remote::new(), tempfile::tempdir().unwrap());
    remote.put("a", "the object");
    let spoil: [&dyn Fn(); 5] = [
        // Killed between data and entry, within the data, within the entry.
        &|| fs::remove_file(&entries(&dir, "json")[0]).unwrap(),
        &|| drop(fs::File::create(&entries(&dir, "data")[0]).unwrap()),
        &|| {
            fs::File::options()
                .write(true)
                .open(&entries(&dir, "json")[0])
                .unwrap()
                .set_len(9)
                .unwrap()
        },
        &|| fs::remove_file(&entries(&dir, "data")[0]).unwrap(),
        &|| fs::remove_dir_all(entries(&dir, "data")[0].parent().unwrap()).unwrap(),
    ];
    for spoil in spoil {
        let cache = open(&dir);
        remote.read(&cache, "a");
        spoil();
        remote.downloads();
        assert_eq!(remote.read(&cache, "a"), "the object");
        assert_eq!(remote.downloads(), 1);
        assert_eq!(remote.read(&cache, "a"), "the object");
        assert_eq!(remote.downloads(), 0);
    }
}

#[test]
fn an_object_that_changes_while_it_is_downloaded_is_read_whole() {
    let inner: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let put = |inner: &Arc<dyn Store>, byte: u8, len: usize| {
        let body = Body::Bytes(vec![byte; len].into());
        inner.put(&key("a"), &body, &Precondition::None).unwrap();
    };
    // Longer than one range, so that the change falls between two.
    put(&inner, 1, 17 << 20);
    for (change_at, byte, len) in [(0, 2, 17 << 20), (1, 3, 100), (1, 4, 18 << 20), (0, 5, 0)] {
        let gets = AtomicUsize::new(0);
        let other = Arc::clone(&inner);
        let store = WatchedStore::new(Arc::clone(&inner), move |operation| {
            let is_get = matches!(operation, Operation::Get(_));
            if is_get && gets.fetch_add(1, Ordering::SeqCst) == change_at {
                put(&other, byte, len);
            }
            Ok(())
        });
        let dir = tempfile::tempdir().unwrap();
        let blob = open(&dir).open_blob(&store, &key("a")).unwrap();
        let read = blob.bytes().unwrap();
        assert!(read.iter().all(|b| *b == byte) && read.len() == len, "{} bytes", read.len());
        let now = inner.head(&key("a")).unwrap().unwrap();
        let json = fs::read_to_string(&entries(&dir, "json")[0]).unwrap();
        assert!(json.contains(&now.etag.0), "{json}");
        if len == 0 {
            break;
        }
        put(&inner, 1, 17 << 20);
    }
}

#[test]
fn readers_of_one_object_at_once_do_not_disturb_each_other() {
    let (remote, dir) = (Remote::new(), tempfile::tempdir().unwrap());
    let bodies = [vec![1; 100_000], vec![2; 100_000]];
    remote.put("a", bodies[0].clone());
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let cache = open(&dir);
                for _ in 0..15 {
                    assert!(bodies.contains(&remote.read(&cache, "a").to_vec()));
                }
            });
        }
        for n in 0..15 {
            remote.put("a", bodies[n % 2].clone());
        }
    });
}

#[test]
fn the_entries_used_least_recently_make_room() {
    let (remote, dir) = (Remote::new(), tempfile::tempdir().unwrap());
    let cache = Cache::open(dir.path(), 250).unwrap();
    // What the file system's clock does not tell apart would be removed in any order.
    let tick = || std::thread::sleep(std::time::Duration::from_millis(20));
    for name in ["a", "b", "c"] {
        remote.put(name, vec![0; 100]);
    }
    for name in ["a", "b", "a", "c"] {
        remote.read(&cache, name);
        tick();
    }
    remote.downloads();
    remote.read(&cache, "a");
    remote.read(&cache, "c");
    assert_eq!(remote.downloads(), 0);
    remote.read(&cache, "b");
    assert_eq!(remote.downloads(), 1, "b was used before a");
    remote.put("huge", vec![0; 1000]);
    assert_eq!(remote.read(&cache, "huge").len(), 1000, "larger than the cache");
}

#[test]
fn versions_are_read_from_the_cache_also_by_who_wrote_them() {
    let (remote, dir) = (Remote::new(), tempfile::tempdir().unwrap());
    let series = series(Arc::clone(&remote.store)).with_cache(Arc::new(open(&dir)));
    make(&series, 1, day(0)).unwrap();
    remote.downloads();
    series.get(version(1)).unwrap().verify().unwrap();
    assert_eq!(remote.downloads(), 1, "the manifest alone");
    // A cached file that was tampered with is not a file of the version.
    for data in entries(&dir, "data") {
        let len = fs::metadata(&data).unwrap().len();
        let mut file = fs::File::create(&data).unwrap();
        std::io::Write::write_all(&mut file, &vec![9; usize::try_from(len).unwrap()]).unwrap();
    }
    let read = series.get(version(1)).unwrap().verify();
    assert!(matches!(read, Err(Error::Corrupt { .. })));
}

#[test]
fn raw_files_are_read_through_the_cache() {
    let (remote, dir) = (Remote::new(), tempfile::tempdir().unwrap());
    remote.put("raw/vagas.json", "{}");
    for downloads in [1, 0] {
        let lake = Lake::new(Arc::clone(&remote.store), Arc::clone(&remote.store));
        let lake = lake.with_cache(Arc::new(open(&dir)));
        let files = lake.raw_files(None, RawTable::Vagas).unwrap();
        assert_eq!(files[0].blob.bytes().unwrap(), "{}");
        assert_eq!(remote.downloads(), downloads);
    }
}
