//! A read-through cache for stores that are not local: an object that has not changed is not
//! downloaded again.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    Blob, Body, ETag, Error, Key, Meta, Object, Store, digest::sha256, hex, store::Session,
};

/// How much is downloaded at a time.
const RANGE: u64 = 16 << 20;
/// How often a download begins again because the object has changed.
const ATTEMPTS: u32 = 10;

/// A folder of downloaded objects.
///
/// An object lies at `<hash of its URI>/<hash of its ETag and length>.data`, with a `.json` of the
/// same name beside it that says what it is. Both come by rename, the `.json` last; without it, or
/// with another length than it says, there is no entry. The `.json` is written again at each use:
/// its modification time is what eviction goes by.
#[derive(Debug)]
pub struct Cache {
    root: PathBuf,
    limit: u64,
    workspace: Arc<Session>,
}

/// The `.json` beside a cached object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct CacheEntry {
    uri: String,
    etag: ETag,
    bytes: u64,
    sha256: String,
}

impl Cache {
    /// A cache in `root` of at most `limit` bytes: past that, the entries that were not used for
    /// the longest time go (never the one just made).
    ///
    /// # Errors
    /// [`Error::Io`] when the folder cannot be made.
    pub fn open(root: impl Into<PathBuf>, limit: u64) -> Result<Self, Error> {
        let root = root.into();
        let hidden = root.join(".tmp");
        fs::create_dir_all(&hidden).map_err(Error::io(&hidden))?;
        Session::clean(&hidden);
        let workspace = Arc::new(Session::open(&hidden)?);
        Ok(Self { root, limit, workspace })
    }

    /// Opens an object: the cached one when its ETag and length are those that the store names
    /// now, else downloaded. The bytes are not hashed on a hit: who reads a version compares them
    /// with its manifest, who reads raw files hashes them for the key.
    ///
    /// # Errors
    /// [`Error::NotFound`]; that the store, or the disk, failed.
    pub fn open_blob(&self, store: &dyn Store, key: &Key) -> Result<Blob, Error> {
        Ok(self.open_object(store, key)?.body)
    }

    /// As [`Cache::open_blob`], with what the object is.
    pub(crate) fn open_object(&self, store: &dyn Store, key: &Key) -> Result<Object, Error> {
        let meta = store.head(key)?.ok_or_else(|| Error::NotFound { what: store.uri().of(key) })?;
        let uri = store.uri().of(key);
        if let Some(body) = self.hit(&self.place(&uri, &meta), &meta)? {
            return Ok(Object { meta, body });
        }
        let temporary = Temporary(self.workspace.fresh_path());
        let (meta, sha256) = download(store, key, meta, &temporary.0)?;
        let body = self.fill(&uri, &meta, sha256, &temporary)?;
        Ok(Object { meta, body })
    }

    /// Keeps an object that was just put, so that the next reader need not download it.
    pub(crate) fn keep(
        &self,
        store: &dyn Store,
        key: &Key,
        etag: &ETag,
        body: &Body,
    ) -> Result<(), Error> {
        let blob = body.blob()?;
        let meta = Meta { key: key.clone(), bytes: blob.len(), etag: etag.clone() };
        let temporary = Temporary(self.workspace.fresh_path());
        let mut sink = Sink::create(&temporary.0)?;
        sink.copy(&blob)?;
        self.fill(&store.uri().of(key), &meta, sink.finish(), &temporary).map(drop)
    }

    /// Where an object's data lies; its entry has the extension `json`.
    fn place(&self, uri: &str, meta: &Meta) -> PathBuf {
        let version = sha256(format!("{} {}", meta.bytes, meta.etag.0).as_bytes());
        self.root.join(sha256(uri.as_bytes())).join(version).with_extension("data")
    }

    fn hit(&self, place: &Path, meta: &Meta) -> Result<Option<Blob>, Error> {
        let Ok(json) = fs::read(place.with_extension("json")) else { return Ok(None) };
        let Ok(entry) = serde_json::from_slice::<CacheEntry>(&json) else { return Ok(None) };
        if entry.etag != meta.etag || entry.bytes != meta.bytes {
            return Ok(None);
        }
        match Blob::open_path(place) {
            Ok(blob) if blob.len() == entry.bytes => {
                self.write_entry(place, &entry)?;
                Ok(Some(blob))
            }
            // Evicted between the two reads, or cut short.
            _ => Ok(None),
        }
    }

    /// Moves what was downloaded to its place; the blob is of the very file.
    fn fill(
        &self,
        uri: &str,
        meta: &Meta,
        sha256: String,
        temporary: &Temporary,
    ) -> Result<Blob, Error> {
        let place = self.place(uri, meta);
        let blob = Blob::open_path(&temporary.0)?;
        self.move_in(&temporary.0, &place)?;
        let Meta { etag, bytes, .. } = meta.clone();
        self.write_entry(&place, &CacheEntry { uri: uri.to_owned(), etag, bytes, sha256 })?;
        self.evict(&place);
        Ok(blob)
    }

    fn write_entry(&self, place: &Path, entry: &CacheEntry) -> Result<(), Error> {
        let temporary = self.workspace.fresh_path();
        let json = serde_json::to_vec_pretty(entry).map_err(|e| Error::Malformed {
            what: temporary.display().to_string(),
            reason: e.to_string(),
        })?;
        let mut file = File::create(&temporary).map_err(Error::io(&temporary))?;
        file.write_all(&json).map_err(Error::io(&temporary))?;
        self.move_in(&temporary, &place.with_extension("json"))
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "a cache entry may be replaced: it is the same bytes"
    )]
    fn move_in(&self, temporary: &Path, place: &Path) -> Result<(), Error> {
        let folder = place.parent().unwrap_or(&self.root);
        loop {
            fs::create_dir_all(folder).map_err(Error::io(folder))?;
            match fs::rename(temporary, place) {
                // The folder went with its last entry, evicted by another process.
                Err(e) if e.kind() == io::ErrorKind::NotFound && temporary.exists() => {}
                moved => return moved.map_err(Error::io(place)),
            }
        }
    }

    /// Removes older states of the object at `new`, then the entries used least recently until
    /// the rest fits. What cannot be removed is tried again next time.
    fn evict(&self, new: &Path) {
        let mut entries = Vec::new();
        let folders = fs::read_dir(&self.root).into_iter().flatten().flatten();
        for folder in folders.map(|f| f.path()).filter(|f| f.file_name() != Some(".tmp".as_ref())) {
            for file in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let data = file.path();
                if data.extension().is_none_or(|e| e != "data") || data == new {
                    continue;
                }
                let Ok(bytes) = file.metadata().map(|m| m.len()) else { continue };
                let used = fs::metadata(data.with_extension("json")).and_then(|m| m.modified());
                let Ok(used) = used else { continue };
                if data.parent() == new.parent() {
                    remove(&data);
                } else {
                    entries.push((used, data, bytes));
                }
            }
        }
        let mut total: u64 = entries.iter().map(|(_, _, bytes)| bytes).sum();
        total += fs::metadata(new).map_or(0, |m| m.len());
        entries.sort();
        for (_, data, bytes) in entries {
            if total <= self.limit {
                return;
            }
            remove(&data);
            total -= bytes;
        }
    }
}

/// The entry first: data without one is not an entry, an entry without data is a miss.
fn remove(data: &Path) {
    drop(fs::remove_file(data.with_extension("json")));
    drop(fs::remove_file(data));
    if let Some(folder) = data.parent() {
        drop(fs::remove_dir(folder));
    }
}

/// A file in the making: removed unless it was moved.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

/// Downloads range by range, so that memory stays bounded whatever the length. When the object
/// changes meanwhile, it begins again with the new one.
fn download(
    store: &dyn Store,
    key: &Key,
    mut meta: Meta,
    path: &Path,
) -> Result<(Meta, String), Error> {
    for _ in 0..ATTEMPTS {
        let mut sink = Sink::create(path)?;
        let mut offset = 0;
        let changed = loop {
            if offset == meta.bytes {
                return Ok((meta, sink.finish()));
            }
            let end = meta.bytes.min(offset + RANGE);
            match store.get(key, Some(offset..end)) {
                Ok(part) if part.meta.etag != meta.etag => break part.meta,
                Ok(part) => sink.copy(&part.body)?,
                // The range may be gone because the object is a shorter one now.
                Err(error) => match store.head(key)? {
                    Some(now) if now.etag != meta.etag => break now,
                    _ => return Err(error),
                },
            }
            offset = end;
        };
        meta = changed;
    }
    Err(Error::Contended { what: store.uri().of(key), attempts: ATTEMPTS })
}

/// A file that is hashed as it is written.
struct Sink<'a> {
    path: &'a Path,
    file: File,
    hash: Sha256,
}

impl<'a> Sink<'a> {
    fn create(path: &'a Path) -> Result<Self, Error> {
        let file = File::create(path).map_err(Error::io(path))?;
        Ok(Self { path, file, hash: Sha256::new() })
    }

    fn copy(&mut self, blob: &Blob) -> Result<(), Error> {
        let mut reader = blob.reader_at(0)?;
        let mut buffer = vec![0; 1 << 18];
        loop {
            let n = reader.read(&mut buffer).map_err(Error::io(self.path))?;
            if n == 0 {
                return Ok(());
            }
            self.hash.update(&buffer[..n]);
            self.file.write_all(&buffer[..n]).map_err(Error::io(self.path))?;
        }
    }

    fn finish(self) -> String {
        hex(&self.hash.finalize())
    }
}
