//! A series: where its objects lie, and how they are read and written.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Serialize, de::DeserializeOwned};

use super::MANIFEST;
use crate::{
    Cache, ETag, Error, Key, ListRequest, Manifest, Precondition, Scratch, Store, Version,
    VersionKey, json, store,
};

/// The manifests that were read, by version. A manifest never changes, so that one which was read
/// need not be read again; whether its version still exists, it does not say.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownManifests(Arc<Mutex<BTreeMap<Version, Arc<Manifest>>>>);

impl KnownManifests {
    pub(super) fn lock(&self) -> MutexGuard<'_, BTreeMap<Version, Arc<Manifest>>> {
        // Holds whole manifests, whatever panicked beside.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One sequence of versions. A clone is cheap and stands for the same series.
#[derive(Clone, Debug)]
pub struct Series {
    pub(super) store: Arc<dyn Store>,
    pub(super) prefix: Key,
    pub(super) name: String,
    pub(super) cache: Option<Arc<Cache>>,
    pub(super) known: KnownManifests,
}

impl Series {
    /// The series `name` below `prefix` of a store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, prefix: Key, name: impl Into<String>) -> Self {
        Self { store, prefix, name: name.into(), cache: None, known: KnownManifests::default() }
    }

    /// The series with the manifests that others of its handles have read.
    pub(crate) fn knowing(mut self, known: KnownManifests) -> Self {
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

    /// What to do about a version of which a file is damaged.
    pub(super) fn remedy(&self, version: Version) -> String {
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

    pub(super) fn is_committed(&self, version: Version) -> Result<bool, Error> {
        Ok(self.store.head(&self.folder(version).child(MANIFEST))?.is_some())
    }

    /// The numbers that are taken, committed or not, from the lowest: those that have a folder, and
    /// those whose folder's name an object has.
    pub(super) fn numbers(&self) -> Result<Vec<Version>, Error> {
        let listed = store::list_all(&*self.store, ListRequest::children(&self.prefix))?;
        let objects = listed.0.iter().map(|object| &object.key);
        let mut numbers: Vec<Version> =
            objects.chain(&listed.1).filter_map(|key| key.name().parse().ok()).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    pub(super) fn folder(&self, version: Version) -> Key {
        self.prefix.child(version)
    }

    pub(super) fn binding(&self, key: &VersionKey) -> Key {
        self.prefix.child("_keys").child(key)
    }

    pub(super) fn read_json<T: DeserializeOwned>(
        &self,
        key: &Key,
    ) -> Result<Option<(T, ETag)>, Error> {
        json::read(&*self.store, key)
    }

    pub(super) fn write_json<T: Serialize>(
        &self,
        key: &Key,
        value: &T,
        condition: &Precondition,
    ) -> Result<bool, Error> {
        json::write(&*self.store, key, value, condition)
    }
}
