//! A series: one sequence of versions below a prefix.
//!
//! ```text
//! <prefix>/latest.txt                     what is live; the one object that changes
//! <prefix>/_keys/<key>                    which version a key names, or named last
//! <prefix>/_promotions/0000000001.json    what was put live, when, by whom
//! <prefix>/_gate/v1.json                 what was found when it was asked whether it may go live
//! <prefix>/_outcomes/<execution>.json     how far a run elsewhere has come
//! <prefix>/v1/claim.json                  for which key the number was taken
//! <prefix>/v1/…                           the files
//! <prefix>/v1/manifest.json               last: now the version exists
//! ```

mod claim;
mod committed;
mod promotion;
mod prune;
mod record;
use std::{
    fmt,
    path::Path,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

pub use claim::Claim;
pub use committed::Committed;
pub(crate) use committed::open_verified;
pub use promotion::{Promotion, PromotionKind};
pub use prune::{Policy, Pruned};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, de::DeserializeOwned};

use crate::{
    Body, Cache, ETag, Error, Key, ListRequest, Manifest, Precondition, Scratch, Store, VersionKey,
    store,
};

pub(crate) const MANIFEST: &str = "manifest.json";
const CLAIM: &str = "claim.json";

/// The number of a version, from 1; written `v7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u64);

impl Version {
    /// Version `number`; none for 0.
    #[must_use]
    pub fn new(number: u64) -> Option<Self> {
        (number > 0).then_some(Self(number))
    }

    /// The number.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}", self.0)
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_prefix('v')
            .filter(|digits| !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok())
            .map(Self)
            .ok_or_else(|| format!("`{}` is no version: expected v1, v2, …", text.escape_debug()))
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// One sequence of versions. A clone is cheap and stands for the same series.
#[derive(Clone, Debug)]
pub struct Series {
    store: Arc<dyn Store>,
    prefix: Key,
    name: String,
    cache: Option<Arc<Cache>>,
}

impl Series {
    /// The series `name` below `prefix` of a store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, prefix: Key, name: impl Into<String>) -> Self {
        Self { store, prefix, name: name.into(), cache: None }
    }

    /// The series, its files read and written through a cache where the store is not local.
    #[must_use]
    pub fn with_cache(mut self, cache: Arc<Cache>) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it is, with a closing `/`.
    #[must_use]
    pub fn uri(&self) -> String {
        format!("{}/", self.store.uri().of(&self.prefix))
    }

    /// Where a version is, with a closing `/`.
    #[must_use]
    pub fn version_uri(&self, version: Version) -> String {
        format!("{}/", self.store.uri().of(&self.folder(version)))
    }

    /// Whether a version lies at a URI, or, on a directory, at a path that leads to the same place.
    #[must_use]
    pub fn is_at(&self, version: Version, uri: &str) -> bool {
        let folder = self.folder(version);
        if uri.trim_end_matches('/') == self.store.uri().of(&folder) {
            return true;
        }
        let real = |path: &Path| path.canonicalize().ok();
        let at = self.store.local_path(&folder).and_then(|path| real(&path));
        at.is_some() && at == real(Path::new(uri))
    }

    /// A folder for the files of a run; on a directory store, in the store's own file system, so
    /// that they are moved into place without a copy.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be made.
    pub fn scratch(&self) -> Result<Scratch, Error> {
        self.store.scratch()
    }

    /// The committed version that a key names.
    ///
    /// # Errors
    /// As [`Series::get`].
    pub fn find(&self, key: &VersionKey) -> Result<Option<Committed>, Error> {
        let Some((version, _)) = self.binding_of(key)? else { return Ok(None) };
        let committed = self.get_committed(version)?;
        if let Some(other) = committed.as_ref().filter(|c| c.manifest().key != *key) {
            let found = &other.manifest().key;
            return Err(Error::Malformed {
                what: self.store.uri().of(&self.binding(key)),
                reason: format!("it names {version}, which is of key {found}"),
            });
        }
        Ok(committed)
    }

    /// A committed version.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it has no manifest; [`Error::Malformed`] and
    /// [`Error::UnsupportedFormat`] for a manifest that cannot be read; that the store failed.
    pub fn get(&self, version: Version) -> Result<Committed, Error> {
        let what = || format!("{} ({} {version})", self.version_uri(version), self.name);
        self.get_committed(version)?.ok_or_else(|| Error::NotFound { what: what() })
    }

    /// The committed versions, by number.
    ///
    /// # Errors
    /// As [`Series::get`].
    pub fn list(&self) -> Result<Vec<Committed>, Error> {
        side_by_side(&self.numbers()?, |version| self.get_committed(*version))
    }

    /// The committed version of the latest logical date; of several, the last made.
    ///
    /// # Errors
    /// As [`Series::get`].
    pub fn newest(&self) -> Result<Option<Committed>, Error> {
        Ok(self.list()?.into_iter().max_by(by_date))
    }

    /// The committed version of the earliest logical date; of several, the first made.
    ///
    /// # Errors
    /// As [`Series::get`].
    pub fn oldest(&self) -> Result<Option<Committed>, Error> {
        Ok(self.list()?.into_iter().min_by(by_date))
    }

    /// The committed version before `version` of this series, by logical date and, of one date, by
    /// number.
    ///
    /// # Errors
    /// As [`Series::get`].
    pub fn before(&self, version: &Committed) -> Result<Option<Committed>, Error> {
        self.newest_where(|c| by_date(c, version).is_lt())
    }

    /// The newest of the committed versions of which `holds` is true.
    ///
    /// # Errors
    /// As [`Series::get`].
    pub fn newest_where(
        &self,
        holds: impl Fn(&Committed) -> bool,
    ) -> Result<Option<Committed>, Error> {
        Ok(self.list()?.into_iter().filter(holds).max_by(by_date))
    }

    /// A committed version; none when there is none of that number (any more).
    ///
    /// # Errors
    /// As [`Series::get`].
    pub fn find_version(&self, version: Version) -> Result<Option<Committed>, Error> {
        self.get_committed(version)
    }

    fn get_committed(&self, version: Version) -> Result<Option<Committed>, Error> {
        let Some(json) = self.manifest_bytes(version)? else { return Ok(None) };
        let key = self.folder(version).child(MANIFEST);
        let what = self.store.uri().of(&key);
        let manifest = Manifest::from_json(&what, &json)?;
        if manifest.version != version {
            let reason = format!("expected version {version}, found {}", manifest.version);
            return Err(Error::Malformed { what, reason });
        }
        Ok(Some(Committed::new(self.clone(), manifest)))
    }

    fn manifest_bytes(&self, version: Version) -> Result<Option<bytes::Bytes>, Error> {
        let key = self.folder(version).child(MANIFEST);
        Ok(store::read(&*self.store, &key)?.map(|(bytes, _)| bytes))
    }

    fn is_committed(&self, version: Version) -> Result<bool, Error> {
        Ok(self.store.head(&self.folder(version).child(MANIFEST))?.is_some())
    }

    /// The numbers that have a folder, committed or not, from the lowest.
    fn numbers(&self) -> Result<Vec<Version>, Error> {
        let (_, prefixes) = store::list_all(&*self.store, ListRequest::children(&self.prefix))?;
        let mut numbers: Vec<Version> =
            prefixes.iter().filter_map(|p| p.name().parse().ok()).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn folder(&self, version: Version) -> Key {
        self.prefix.child(version)
    }

    fn binding(&self, key: &VersionKey) -> Key {
        self.prefix.child("_keys").child(key)
    }

    /// Reads a small JSON object of our own; none when there is none.
    fn read_json<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<(T, ETag)>, Error> {
        let Some((bytes, etag)) = store::read(&*self.store, key)? else { return Ok(None) };
        let value = serde_json::from_slice(&bytes).map_err(|e| self.malformed(key, &e))?;
        Ok(Some((value, etag)))
    }

    /// Writes a small JSON object of our own; false when the condition does not hold.
    fn write_json<T: Serialize>(
        &self,
        key: &Key,
        value: &T,
        condition: &Precondition,
    ) -> Result<bool, Error> {
        let mut json = serde_json::to_vec_pretty(value).map_err(|e| self.malformed(key, &e))?;
        json.push(b'\n');
        match self.store.put(key, &Body::Bytes(json.into()), condition) {
            Ok(_) => Ok(true),
            Err(Error::PreconditionFailed { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn malformed(&self, key: &Key, error: &serde_json::Error) -> Error {
        Error::Malformed { what: self.store.uri().of(key), reason: error.to_string() }
    }
}

/// What `read` gives of each item, in their order. Small objects of a store that is not local take
/// as long as its answer does, so many are asked for at once.
fn side_by_side<I: Sync, T: Send>(
    items: &[I],
    read: impl Fn(&I) -> Result<Option<T>, Error> + Sync,
) -> Result<Vec<T>, Error> {
    /// For each so many there is another thread.
    const EACH: usize = 4;
    const THREADS: usize = 16;
    let next = AtomicUsize::new(0);
    let some = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return Ok(done) };
            done.extend(read(item)?.map(|read| (index, read)));
        }
    };
    let results: Vec<Result<Vec<(usize, T)>, Error>> = std::thread::scope(|scope| {
        let others = items.len().div_ceil(EACH).clamp(1, THREADS) - 1;
        let others: Vec<_> = (0..others).map(|_| scope.spawn(some)).collect();
        let mut all = vec![some()];
        for other in others {
            all.push(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        all
    });
    let mut all = Vec::with_capacity(items.len());
    for result in results {
        all.extend(result?);
    }
    all.sort_unstable_by_key(|(index, _)| *index);
    Ok(all.into_iter().map(|(_, read)| read).collect())
}

fn by_date(a: &Committed, b: &Committed) -> std::cmp::Ordering {
    let key = |c: &Committed| (c.manifest().logical_date.clone(), c.version());
    key(a).cmp(&key(b))
}
