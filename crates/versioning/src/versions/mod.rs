//! A series: one sequence of versions below a prefix.
//!
//! ```text
//! <prefix>/latest.txt                     what is live; the one object that changes
//! <prefix>/_keys/<key>                    which version a key names, or named last, and the hash of its manifest
//! <prefix>/_promotions/0000000001.json    what was put live, when, by whom
//! <prefix>/_retired/v1.json               why a version was taken out
//! <prefix>/_gate/v1.json                 what was found when it was asked whether it may go live
//! <prefix>/_outcomes/<execution>.json     how far a run elsewhere has come
//! <prefix>/v1/claim.json                  for which key the number was taken
//! <prefix>/v1/…                           the files
//! <prefix>/v1/manifest.json               last: now the version exists
//! ```

mod claim;
mod committed;
mod latest;
mod promotion;
mod prune;
mod record;
mod repair;
mod retire;
mod verify;
use std::{
    collections::BTreeMap,
    fmt,
    path::Path,
    str::FromStr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

pub use claim::Claim;
pub(crate) use claim::{Binding, ClaimRecord};
pub use committed::Committed;
pub(crate) use committed::open_verified;
pub(crate) use promotion::Move;
pub use promotion::{Promotion, PromotionKind};
pub(crate) use prune::Run;
pub use prune::{Policy, Pruned};
pub use retire::Retired;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, de::DeserializeOwned};

use crate::{
    Cache, ETag, Error, Key, ListRequest, Manifest, Precondition, Scratch, Store, VersionKey, json,
    store,
};

pub(crate) const MANIFEST: &str = "manifest.json";
const CLAIM: &str = "claim.json";

/// The number of a version, from 1 to 2^53 (what every reader of JSON can hold); written `v7`. A
/// folder of a higher number is no version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u64);

impl Version {
    /// The highest.
    pub const MAX: Self = Self(1 << 53);

    /// Version `number`; none for 0, and above [`Version::MAX`].
    #[must_use]
    pub fn new(number: u64) -> Option<Self> {
        (1..=Self::MAX.0).contains(&number).then_some(Self(number))
    }

    /// The version after this one; none after [`Version::MAX`].
    #[must_use]
    pub fn next(self) -> Option<Self> {
        Self::new(self.0 + 1)
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
            .and_then(Self::new)
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

/// The manifests that were read, by version. A manifest never changes, so that one which was read
/// need not be read again; whether its version still exists, it does not say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known(Arc<Mutex<BTreeMap<Version, Arc<Manifest>>>>);

impl Known {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Version, Arc<Manifest>>> {
        // Holds whole manifests, whatever panicked beside.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The versions of a series.
#[derive(Debug, Default)]
pub struct Listed {
    /// The committed ones, by number.
    pub versions: Vec<Committed>,
    /// Those whose manifest cannot be understood, each with what is wrong.
    pub unreadable: Vec<(Version, Error)>,
}

/// What was selected of the readable versions, and what could take no part.
struct Selected {
    chosen: Option<Committed>,
    unreadable: Vec<(Version, Error)>,
}

/// One sequence of versions. A clone is cheap and stands for the same series.
#[derive(Clone, Debug)]
pub struct Series {
    store: Arc<dyn Store>,
    prefix: Key,
    name: String,
    cache: Option<Arc<Cache>>,
    known: Known,
}

impl Series {
    /// The series `name` below `prefix` of a store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, prefix: Key, name: impl Into<String>) -> Self {
        Self { store, prefix, name: name.into(), cache: None, known: Known::default() }
    }

    /// The series with the manifests that others of its handles have read.
    pub(crate) fn knowing(mut self, known: Known) -> Self {
        self.known = known;
        self
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
        let Some((Some(binding), _)) = self.binding_of(key)? else { return Ok(None) };
        let committed = self.get_committed(binding.version)?;
        Ok(committed.filter(|committed| committed.manifest().key == *key))
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

    /// The live version, which may have been made by another system: then it has no manifest.
    ///
    /// # Errors
    /// [`Error::Foreign`]; else as [`Series::get`].
    pub fn get_live(&self, version: Version) -> Result<Committed, Error> {
        let foreign = || Error::Foreign { what: self.version_uri(version) };
        self.get_committed(version)?.ok_or_else(foreign)
    }

    /// The committed versions, by number.
    ///
    /// # Errors
    /// As [`Series::get`].
    pub fn list(&self) -> Result<Vec<Committed>, Error> {
        side_by_side(&self.numbers()?, |version| self.get_committed(*version))
    }

    /// The committed versions, by number, and those whose manifest cannot be understood, each with
    /// what is wrong.
    ///
    /// # Errors
    /// [`Error::UnsupportedFormat`]; that the store failed.
    pub fn list_all(&self) -> Result<Listed, Error> {
        self.sorted_out(|version| self.get_committed(version))
    }

    fn sorted_out(
        &self,
        read: impl Fn(Version) -> Result<Option<Committed>, Error> + Sync,
    ) -> Result<Listed, Error> {
        let read = side_by_side(&self.numbers()?, |version| match read(*version) {
            Ok(committed) => Ok(committed.map(Ok)),
            Err(error @ Error::Malformed { .. }) => Ok(Some(Err((*version, error)))),
            Err(error) => Err(error),
        })?;
        let mut listed = Listed::default();
        for read in read {
            match read {
                Ok(committed) => listed.versions.push(committed),
                Err(error) => listed.unreadable.push(error),
            }
        }
        Ok(listed)
    }

    /// The committed version of the latest logical date; of several, the last made.
    ///
    /// A manifest that cannot be understood takes part in no selection ([`Series::list_all`] names
    /// it), but of this one it is an error where it may be the newest.
    ///
    /// This and the selectors below read each manifest once for all handles of the series that a
    /// [`crate::Lake`] gives, and then, of what they select, again: it may have been pruned.
    ///
    /// # Errors
    /// As [`Series::get`].
    pub fn newest(&self) -> Result<Option<Committed>, Error> {
        let Selected { chosen: newest, unreadable } = self.select(|all| all.max_by(by_date))?;
        // One of a higher number may be the newest: to take an older one for it would be wrong.
        let newer = |(version, _): &(Version, Error)| {
            newest.as_ref().is_none_or(|newest| *version > newest.version())
        };
        match unreadable.into_iter().find(newer) {
            Some((_, error)) => Err(error),
            None => Ok(newest),
        }
    }

    /// The committed version of the earliest logical date; of several, the first made.
    ///
    /// # Errors
    /// As [`Series::get`].
    pub fn oldest(&self) -> Result<Option<Committed>, Error> {
        Ok(self.select(|versions| versions.min_by(by_date))?.chosen)
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
        Ok(self.select(|versions| versions.filter(&holds).max_by(by_date))?.chosen)
    }

    /// The version that `choose` takes of those whose manifests are known, once it still is what it
    /// was: backfills put dates out of the order of numbers, so all manifests must be looked at,
    /// but only the chosen one must be read for it.
    fn select(
        &self,
        choose: impl Fn(&mut dyn Iterator<Item = Committed>) -> Option<Committed>,
    ) -> Result<Selected, Error> {
        loop {
            let Listed { versions, unreadable } =
                self.sorted_out(|version| self.known_or_read(version))?;
            let Some(chosen) = choose(&mut versions.into_iter()) else {
                return Ok(Selected { chosen: None, unreadable });
            };
            // What has changed since is known now, so that the next turn chooses among the rest.
            match self.get_committed(chosen.version()) {
                Ok(Some(read)) if read.manifest() == chosen.manifest() => {
                    return Ok(Selected { chosen: Some(read), unreadable });
                }
                Ok(_) | Err(Error::Malformed { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn known_or_read(&self, version: Version) -> Result<Option<Committed>, Error> {
        let known = self.known.lock().get(&version).cloned();
        match known {
            Some(manifest) => Ok(Some(Committed::new(self.clone(), manifest))),
            None => self.get_committed(version),
        }
    }

    /// A committed version; none when there is none of that number (any more).
    ///
    /// # Errors
    /// As [`Series::get`].
    pub fn find_version(&self, version: Version) -> Result<Option<Committed>, Error> {
        self.get_committed(version)
    }

    fn get_committed(&self, version: Version) -> Result<Option<Committed>, Error> {
        let read = self.manifest(version).inspect_err(|_| drop(self.known.lock().remove(&version)));
        let Some(manifest) = read? else {
            self.known.lock().remove(&version);
            return Ok(None);
        };
        let manifest = Arc::new(manifest);
        self.known.lock().insert(version, Arc::clone(&manifest));
        Ok(Some(Committed::new(self.clone(), manifest)))
    }

    fn manifest(&self, version: Version) -> Result<Option<Manifest>, Error> {
        let key = self.folder(version).child(MANIFEST);
        let Some((json, _)) = store::read(&*self.store, &key)? else { return Ok(None) };
        let what = self.store.uri().of(&key);
        let malformed = |reason: String| Error::Malformed {
            what: what.clone(),
            reason: format!("{reason}; {}", self.remedy(version)),
        };
        let manifest = Manifest::from_json(&what, &json).map_err(|error| match error {
            Error::Malformed { reason, .. } => malformed(reason),
            error => error,
        })?;
        if manifest.version != version {
            return Err(malformed(format!(
                "expected version {version}, found {}",
                manifest.version
            )));
        }
        Ok(Some(manifest))
    }

    /// What to do about a version of which a file is damaged.
    fn remedy(&self, version: Version) -> String {
        let stage = match self.name.as_str() {
            "processed" => "ingest",
            name => name,
        };
        let retire = format!("`mllab retire {stage} {version} --reason TEXT`");
        match self.live() {
            Ok(Some(live)) if live == version => format!(
                "restore it from a copy, or take the version back with `mllab rollback {stage}`, \
                 then out with {retire}"
            ),
            _ => format!("restore it from a copy, or take the version out with {retire}"),
        }
    }

    fn is_committed(&self, version: Version) -> Result<bool, Error> {
        Ok(self.store.head(&self.folder(version).child(MANIFEST))?.is_some())
    }

    /// The numbers that are taken, committed or not, from the lowest: those that have a folder, and
    /// those whose folder's name an object has.
    fn numbers(&self) -> Result<Vec<Version>, Error> {
        let listed = store::list_all(&*self.store, ListRequest::children(&self.prefix))?;
        let objects = listed.0.iter().map(|object| &object.key);
        let mut numbers: Vec<Version> =
            objects.chain(&listed.1).filter_map(|key| key.name().parse().ok()).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn folder(&self, version: Version) -> Key {
        self.prefix.child(version)
    }

    fn binding(&self, key: &VersionKey) -> Key {
        self.prefix.child("_keys").child(key)
    }

    fn read_json<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<(T, ETag)>, Error> {
        json::read(&*self.store, key)
    }

    fn write_json<T: Serialize>(
        &self,
        key: &Key,
        value: &T,
        condition: &Precondition,
    ) -> Result<bool, Error> {
        json::write(&*self.store, key, value, condition)
    }
}

/// What `read` gives of each item, in their order. Small objects of a store that is not local take
/// as long as its answer does, so many are asked for at once.
pub(crate) fn side_by_side<I: Sync, T: Send>(
    items: &[I],
    read: impl Fn(&I) -> Result<Option<T>, Error> + Sync,
) -> Result<Vec<T>, Error> {
    /// For each so many there is another thread.
    const EACH: usize = 4;
    const THREADS: usize = 16;
    on_threads(items.len().div_ceil(EACH).clamp(1, THREADS), items, read)
}

/// What `work` gives of each item, in their order, on so many threads, the calling one among them.
///
/// # Errors
/// The first that `work` gives.
pub fn on_threads<I: Sync, T: Send, E: Send>(
    threads: usize,
    items: &[I],
    work: impl Fn(&I) -> Result<Option<T>, E> + Sync,
) -> Result<Vec<T>, E> {
    let next = AtomicUsize::new(0);
    let some = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return Ok(done) };
            done.extend(work(item)?.map(|made| (index, made)));
        }
    };
    let results: Vec<Result<Vec<(usize, T)>, E>> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(items.len())).map(|_| scope.spawn(some)).collect();
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
    Ok(all.into_iter().map(|(_, made)| made).collect())
}

pub(crate) fn by_date(a: &Committed, b: &Committed) -> std::cmp::Ordering {
    let key = |c: &Committed| (c.manifest().logical_date.clone(), c.version());
    key(a).cmp(&key(b))
}
