//! A version that exists: its manifest, and its files verified.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use super::Series;
use crate::{
    Blob, Cache, Error, Key, Manifest, OutputFile, Store, Version, digest::sha256_of,
    parallel::side_by_side,
};

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
    /// [`Error::NotFound`] for a file that the manifest does not name; [`Error::Corrupt`], also for
    /// one that is gone; that the store failed.
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
        let remedy = || self.series.remedy(self.version());
        let blob = match open_verified(&*self.series.store, cache, &key, entry, &remedy) {
            // Of a version that is there: the version is damaged, and not pruned meanwhile.
            Err(Error::NotFound { .. }) if self.series.is_committed(self.version())? => {
                let expected = format!("{} bytes", entry.bytes);
                let (found, remedy) = ("no file".to_owned(), remedy());
                return Err(Error::Corrupt { what, expected, found, remedy });
            }
            opened => opened?,
        };
        self.lock().insert(file.to_owned(), blob.clone());
        Ok(blob)
    }

    /// Verifies every file, side by side.
    ///
    /// # Errors
    /// As [`Committed::open`], for a file that fails.
    pub fn verify(&self) -> Result<(), Error> {
        let open = |output: &OutputFile| self.open(&output.file).map(|_| None::<()>);
        side_by_side(&self.manifest.outputs, open).map(drop)
    }

    /// Looks whether the version is whole before it is said to be: every file has its length and,
    /// where the store is local, its SHA-256. Another store keeps checksums of its own.
    ///
    /// # Errors
    /// As [`Committed::verify`].
    pub fn check_whole(&self) -> Result<(), Error> {
        let Series { store, .. } = &self.series;
        if store.local_path(&self.series.prefix).is_some() {
            return self.verify();
        }
        let check = |output: &OutputFile| -> Result<Option<()>, Error> {
            let key = self.series.folder(self.version()).join(&output.file)?;
            let found = store.head(&key)?.map(|meta| meta.bytes);
            if found == Some(output.bytes) {
                return Ok(None);
            }
            Err(Error::Corrupt {
                what: store.uri().of(&key),
                expected: format!("{} bytes", output.bytes),
                found: found.map_or_else(|| "no file".into(), |found| format!("{found} bytes")),
                remedy: self.series.remedy(self.version()),
            })
        };
        side_by_side(&self.manifest.outputs, check).map(drop)
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
    remedy: &dyn Fn() -> String,
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
            remedy: remedy(),
        });
    }
    let found = sha256_of(&blob, &what)?;
    if found != entry.sha256 {
        let expected = format!("sha256 {}", entry.sha256);
        let found = format!("sha256 {found}");
        return Err(Error::Corrupt { what, expected, found, remedy: remedy() });
    }
    Ok(blob)
}
