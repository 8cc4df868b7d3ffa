//! A version that exists: its manifest, and its files verified.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use super::{Series, Version};
use crate::{Blob, Cache, Error, Key, Manifest, OutputFile, Store, digest::sha256_of};

/// A committed version. A clone is cheap and shares the files already verified.
#[derive(Clone)]
pub struct Committed {
    series: Series,
    manifest: Arc<Manifest>,
    verified: Arc<Mutex<BTreeMap<String, Blob>>>,
}

impl Committed {
    pub(super) fn new(series: Series, manifest: Arc<Manifest>) -> Self {
        Self { series, manifest, verified: Arc::default() }
    }

    /// Its number.
    #[must_use]
    pub fn version(&self) -> Version {
        self.manifest.version
    }

    /// Its manifest.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Where it is, with a closing `/`.
    #[must_use]
    pub fn uri(&self) -> String {
        self.series.version_uri(self.version())
    }

    /// Opens a file, once its length and SHA-256 are those of the manifest. The blob holds the
    /// very file that was verified, and later calls get the same one.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a file that the manifest does not name, or that is gone;
    /// [`Error::Corrupt`]; that the store failed.
    pub fn open(&self, file: &str) -> Result<Blob, Error> {
        if let Some(blob) = self.lock().get(file) {
            return Ok(blob.clone());
        }
        let what = format!("{}{file}", self.uri());
        let Some(entry) = self.manifest.output(file) else {
            return Err(Error::NotFound { what });
        };
        let key = self.series.folder(self.version()).join(file)?;
        let cache = self.series.cache.as_deref();
        let blob = open_verified(&*self.series.store, cache, &key, entry)?;
        self.lock().insert(file.to_owned(), blob.clone());
        Ok(blob)
    }

    /// Verifies every file.
    ///
    /// # Errors
    /// As [`Committed::open`], for the first file that fails.
    pub fn verify(&self) -> Result<(), Error> {
        self.manifest.outputs.iter().try_for_each(|output| self.open(&output.file).map(drop))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Blob>> {
        self.verified.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Committed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Committed({})", self.uri())
    }
}

/// Opens an object, through the cache where the store is not local, once its length and SHA-256 are
/// those of `entry`.
pub(crate) fn open_verified(
    store: &dyn Store,
    cache: Option<&Cache>,
    key: &Key,
    entry: &OutputFile,
) -> Result<Blob, Error> {
    let what = store.uri().of(key);
    let blob = match (store.local_path(key), cache) {
        (None, Some(cache)) => cache.open_blob(store, key)?,
        _ => store.get(key, None)?.body,
    };
    // The length first: it is free, and it tells a file cut short from one changed.
    if blob.len() != entry.bytes {
        let (expected, found) = (entry.bytes, blob.len());
        return Err(Error::Corrupt {
            what,
            expected: format!("{expected} bytes"),
            found: format!("{found} bytes"),
        });
    }
    let found = sha256_of(&blob, &what)?;
    if found != entry.sha256 {
        let expected = format!("sha256 {}", entry.sha256);
        return Err(Error::Corrupt { what, expected, found: format!("sha256 {found}") });
    }
    Ok(blob)
}
