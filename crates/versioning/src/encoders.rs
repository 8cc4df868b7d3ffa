//! Encoders in the lake: the files of a model that turns texts into vectors, mirrored once, so that
//! no later run needs the place that they came from.
//!
//! ```text
//! encoders/<name>/<revision>/…              the files
//! encoders/<name>/<revision>/encoder.json   last: names, lengths and hashes; now it is there
//! ```

use std::{path::PathBuf, sync::Arc};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    Blob, Body, Cache, Error, Key, ListRequest, OutputFile, Precondition, Store, Verified,
    digest::sha256_of, finding::found, hex, store, versions::open_verified,
};

const LISTING: &str = "encoder.json";

/// What `encoder.json` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Listing {
    format: u32,
    name: String,
    revision: String,
    files: Vec<OutputFile>,
}

const FORMAT: u32 = 1;

/// An encoder that the lake holds.
#[derive(Clone, Debug)]
pub struct StoredEncoder {
    shelf: Encoders,
    listing: Listing,
}

/// The encoders of a lake. A clone is cheap.
#[derive(Clone, Debug)]
pub struct Encoders {
    store: Arc<dyn Store>,
    folder: Key,
    cache: Option<Arc<Cache>>,
}

impl Encoders {
    pub(crate) fn new(store: Arc<dyn Store>, folder: Key, cache: Option<Arc<Cache>>) -> Self {
        Self { store, folder, cache }
    }

    /// The encoder `name` of `revision`; none when the lake does not hold it whole.
    ///
    /// # Errors
    /// [`Error::BadKey`] for a name or revision that can be no part of a key;
    /// [`Error::Malformed`] or [`Error::UnsupportedFormat`]; that the store failed.
    pub fn get(&self, name: &str, revision: &str) -> Result<Option<StoredEncoder>, Error> {
        let key = self.folder_of(name, revision)?.child(LISTING);
        let Some((json, _)) = store::read(&*self.store, &key)? else { return Ok(None) };
        let what = self.store.uri().of(&key);
        let listing: Listing = serde_json::from_slice(&json)
            .map_err(|e| Error::Malformed { what: what.clone(), reason: e.to_string() })?;
        if listing.format != FORMAT {
            let (found, supported) = (listing.format, FORMAT);
            return Err(Error::UnsupportedFormat { what, found, supported });
        }
        Ok(Some(StoredEncoder { shelf: self.clone(), listing }))
    }

    /// All encoders that the lake holds whole, by name and revision.
    ///
    /// # Errors
    /// As [`Encoders::get`].
    pub fn list(&self) -> Result<Vec<StoredEncoder>, Error> {
        let mut encoders = Vec::new();
        for name in self.below(&self.folder)? {
            for revision in self.below(&self.folder.child(&name))? {
                encoders.extend(self.get(&name, &revision)?);
            }
        }
        Ok(encoders)
    }

    /// Puts the files of an encoder into the lake, the listing last. `files` are names and paths.
    /// An encoder that is there already is left as it is.
    ///
    /// # Errors
    /// [`Error::BadKey`]; [`Error::NotFound`] for a path that is not there; that the store failed.
    pub fn put(
        &self,
        name: &str,
        revision: &str,
        files: &[(String, PathBuf)],
    ) -> Result<StoredEncoder, Error> {
        if let Some(there) = self.get(name, revision)? {
            return Ok(there);
        }
        let folder = self.folder_of(name, revision)?;
        let mut entries = Vec::with_capacity(files.len());
        for (file, path) in files {
            let key = folder.join(file)?;
            let blob = Blob::open_path(path)?;
            let sha256 = sha256_of(&blob, &path.display().to_string())?;
            // What a run that died has left is replaced.
            self.store.put(&key, &Body::File(path.clone()), &Precondition::None)?;
            entries.push(OutputFile { file: file.clone(), bytes: blob.len(), sha256, rows: None });
        }
        entries.sort_by(|a, b| a.file.cmp(&b.file));
        let listing = Listing {
            format: FORMAT,
            name: name.to_owned(),
            revision: revision.to_owned(),
            files: entries,
        };
        let key = folder.child(LISTING);
        let what = self.store.uri().of(&key);
        let mut json = serde_json::to_vec_pretty(&listing)
            .map_err(|e| Error::Malformed { what, reason: e.to_string() })?;
        json.push(b'\n');
        self.store.put(&key, &Body::Bytes(json.into()), &Precondition::None)?;
        Ok(StoredEncoder { shelf: self.clone(), listing })
    }

    /// Where an encoder is or would be, with a closing `/`.
    ///
    /// # Errors
    /// [`Error::BadKey`].
    pub fn uri_of(&self, name: &str, revision: &str) -> Result<String, Error> {
        Ok(format!("{}/", self.store.uri().of(&self.folder_of(name, revision)?)))
    }

    fn folder_of(&self, name: &str, revision: &str) -> Result<Key, Error> {
        let folder = self.folder.join(name)?.join(revision)?;
        let depth = |key: &Key| key.segments().count();
        if depth(&folder) != depth(&self.folder) + 2 {
            let reason = "expected a name and a revision without `/`".into();
            return Err(Error::BadKey { found: format!("{name}/{revision}"), reason });
        }
        Ok(folder)
    }

    /// Looks at every encoder; `lsa`, whose states are a series, is none.
    pub(crate) fn verify(&self, report: &mut Verified) -> Result<(), Error> {
        const AGAIN: &str = "remove its folder, and add the encoder again: `mllab encoder add`";
        for name in self.below(&self.folder)?.into_iter().filter(|name| name != "lsa") {
            for revision in self.below(&self.folder.child(&name))? {
                let folder = self.folder.child(&name).child(&revision);
                let what = self.store.uri().of(&folder.child(LISTING));
                let encoder = match found(self.get(&name, &revision))? {
                    Ok(Some(encoder)) => encoder,
                    Ok(None) => {
                        report.find(what, "it is gone, or was never complete", AGAIN);
                        continue;
                    }
                    Err(error) => {
                        report.find(what, error, AGAIN);
                        continue;
                    }
                };
                if (encoder.name(), encoder.revision()) != (name.as_str(), revision.as_str()) {
                    report.find(what, "it is the listing of another encoder", AGAIN);
                    continue;
                }
                for file in encoder.files() {
                    match found(encoder.open(file))? {
                        Ok(_) => {
                            (report.files, report.bytes) =
                                (report.files + 1, report.bytes + file.bytes);
                        }
                        Err(error) => {
                            let what = format!("{}/{}", self.store.uri().of(&folder), file.file);
                            report.find(what, error, AGAIN);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn below(&self, folder: &Key) -> Result<Vec<String>, Error> {
        let (_, prefixes) = store::list_all(&*self.store, ListRequest::children(folder))?;
        Ok(prefixes.iter().map(|prefix| prefix.name().to_owned()).collect())
    }
}

impl StoredEncoder {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.listing.name
    }

    /// Its revision.
    #[must_use]
    pub fn revision(&self) -> &str {
        &self.listing.revision
    }

    /// Its files, by name.
    #[must_use]
    pub fn files(&self) -> &[OutputFile] {
        &self.listing.files
    }

    /// Where it is, with a closing `/`.
    ///
    /// # Errors
    /// [`Error::BadKey`] when its listing names it wrongly.
    pub fn uri(&self) -> Result<String, Error> {
        self.shelf.uri_of(self.name(), self.revision())
    }

    /// SHA-256 over names and hashes of its files: equal for equal files.
    #[must_use]
    pub fn content_hash(&self) -> String {
        let mut hash = Sha256::new();
        for file in &self.listing.files {
            hash.update((file.file.len() as u64).to_le_bytes());
            hash.update(file.file.as_bytes());
            hash.update(file.sha256.as_bytes());
        }
        hex(&hash.finalize())
    }

    /// Opens a file once its length and SHA-256 are those of the listing.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Corrupt`]; that the store failed.
    pub fn open(&self, file: &OutputFile) -> Result<Blob, Error> {
        let folder = self.shelf.folder_of(self.name(), self.revision())?;
        let key = folder.join(&file.file)?;
        let (name, revision) = (self.name(), self.revision());
        let remedy = || {
            format!(
                "restore it from a copy, or remove {} and add the encoder again: `mllab encoder add`",
                self.shelf.store.uri().of(&self.shelf.folder.child(name).child(revision))
            )
        };
        let shelf = &self.shelf;
        open_verified(&*shelf.store, shelf.cache.as_deref(), &key, file, &remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lake;

    #[allow(clippy::disallowed_methods, reason = "the test makes files")]
    fn files(dir: &tempfile::TempDir) -> Vec<(String, PathBuf)> {
        let file = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            (name.to_owned(), path)
        };
        vec![file("model.safetensors", "weights"), file("config.json", "{}")]
    }

    #[test]
    fn an_encoder_is_there_once_its_listing_is() {
        let dir = tempfile::tempdir().unwrap();
        let encoders = Lake::in_memory().encoders();
        assert!(encoders.get("mini", "r1").unwrap().is_none());
        let put = encoders.put("mini", "r1", &files(&dir)).unwrap();
        let got = encoders.get("mini", "r1").unwrap().unwrap();
        assert_eq!(got.content_hash(), put.content_hash());
        let names: Vec<_> = got.files().iter().map(|f| f.file.as_str()).collect();
        assert_eq!(names, ["config.json", "model.safetensors"]);
        assert_eq!(got.open(&got.files()[1]).unwrap().bytes().unwrap(), "weights");
        let all: Vec<_> =
            encoders.list().unwrap().iter().map(|e| e.revision().to_owned()).collect();
        assert_eq!(all, ["r1"]);
    }

    #[test]
    fn what_is_there_is_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let encoders = Lake::in_memory().encoders();
        let first = encoders.put("mini", "r1", &files(&dir)).unwrap();
        let again = encoders.put("mini", "r1", &files(&dir)[..1]).unwrap();
        assert_eq!(again.content_hash(), first.content_hash());
    }

    #[test]
    fn a_name_that_would_lead_elsewhere_is_refused() {
        let encoders = Lake::in_memory().encoders();
        for (name, revision) in [("..", "r"), ("a/b", "r"), ("a", ""), ("a", "../..")] {
            assert!(matches!(encoders.get(name, revision), Err(Error::BadKey { .. })));
        }
    }

    #[test]
    fn a_file_that_has_changed_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let lake = Lake::in_memory();
        let encoder = lake.encoders().put("mini", "r1", &files(&dir)).unwrap();
        let key = Key::constant("encoders/mini/r1/config.json");
        lake.data().put(&key, &Body::Bytes("{ }".into()), &Precondition::None).unwrap();
        assert!(matches!(encoder.open(&encoder.files()[0]), Err(Error::Corrupt { .. })));
    }
}
