//! The lake: the one place that owns every key.
//!
//! ```text
//! decision-data-lake/
//!   release.json                         the versions that are live together
//!   releases/0000000007.json             every release that was made, refused ones too
//!   raw/…
//!   processed/v<N>/…
//!   models/Modelo_Matching_Classificacao/v<N>/…
//!   models/Modelo_Recomendacao_Vagas/v<N>/…
//!   drift_reports/v<N>/…
//!   encoders/lsa/v<N>/…                  the fitted state of the offline encoder
//!   encoders/<name>/<revision>/…         other encoders' files
//!   memo/…                               what earlier runs have worked out
//!   processed/_shards/…                  the same of ingest, with personal data
//!   <stage>_shards/<key>.json            the shards that a stage's work was cut into
//! decision-data-lake-features/
//!   features/v<N>/…
//! ```

use std::{collections::BTreeMap, fmt, sync::Arc};

use crate::{
    Artefact, Blob, Body, Cache, ETag, Encoders, Error, Key, ListRequest, Memo, MemoryStore, Meta,
    Precondition, RawTable, Series, Store, Uri, VersionKey,
    places::{self, Places},
    store,
    versions::KnownManifests,
};

const DATA: &str = "decision-data-lake";
const FEATURES: &str = "decision-data-lake-features";

/// A raw file as it was found.
#[derive(Clone, Debug)]
pub struct RawObject {
    /// Its URI.
    pub uri: String,
    /// Its ETag, where its store is not local: nothing else that has stood at the URI in the same
    /// length has the same. Files have none that could be relied upon.
    pub etag: Option<ETag>,
    /// Its bytes. Those of a store that is not local are read when they are first needed, and then
    /// must still be what was found.
    pub blob: Blob,
}

/// The two buckets, or, locally, the two folders of their names.
#[derive(Clone, Debug)]
pub struct Lake {
    data: Arc<dyn Store>,
    features: Arc<dyn Store>,
    cache: Option<Arc<Cache>>,
    places: Places,
    wraps: Vec<Wrap>,
    /// What the handles of each series share.
    known: BTreeMap<Artefact, KnownManifests>,
}

/// Puts something around a store.
type Around = dyn Fn(Arc<dyn Store>) -> Arc<dyn Store> + Send + Sync;

/// What stands between a lake and its stores.
#[derive(Clone)]
struct Wrap(Arc<Around>);

impl fmt::Debug for Wrap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wrap")
    }
}

impl Lake {
    /// The lake in a folder, which is made when the first object is put, or `s3://NAME`: the data
    /// in the bucket of the name, the features in `NAME-features`. On S3 nothing is asked before
    /// the first operation.
    ///
    /// # Errors
    /// [`Error::BadUri`] when it is neither, or on S3 and this build has no feature `s3`.
    pub fn open(location: &str) -> Result<Self, Error> {
        let (data, features) = places::of_lake(location, DATA, FEATURES)?;
        Self::between(&data, &features)
    }

    /// The lake whose data and features lie at two locations: `s3://bucket/prefix/`, or folders.
    ///
    /// # Errors
    /// As [`Lake::open`].
    pub fn at(data: &str, features: &str) -> Result<Self, Error> {
        Self::between(&Uri::parse(data)?, &Uri::parse(features)?)
    }

    fn between(data: &Uri, features: &Uri) -> Result<Self, Error> {
        let places = Places::default();
        let (data, features) = (places.open(data)?, places.open(features)?);
        Ok(Self { places, ..Self::new(data, features) })
    }

    /// A lake of two stores.
    #[must_use]
    pub fn new(data: Arc<dyn Store>, features: Arc<dyn Store>) -> Self {
        let places = Places::default();
        Self { data, features, cache: None, places, wraps: Vec::new(), known: known() }
    }

    /// An empty lake in memory, for tests.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::new(Arc::new(MemoryStore::new(DATA)), Arc::new(MemoryStore::new(FEATURES)))
    }

    /// The lake, read and written through a cache where its stores are not local.
    #[must_use]
    pub fn with_cache(mut self, cache: Arc<Cache>) -> Self {
        self.cache = Some(cache);
        self
    }

    /// The lake with `wrap` around its stores, also around those that raw files elsewhere are read
    /// from.
    #[must_use]
    pub fn through(
        &self,
        wrap: impl Fn(Arc<dyn Store>) -> Arc<dyn Store> + Send + Sync + 'static,
    ) -> Self {
        let (data, features) = (wrap(Arc::clone(&self.data)), wrap(Arc::clone(&self.features)));
        let mut wraps = self.wraps.clone();
        wraps.push(Wrap(Arc::new(wrap)));
        Self { data, features, wraps, known: known(), ..self.clone() }
    }

    /// The store of raw data, clean tables, models and reports.
    #[must_use]
    pub fn data(&self) -> &Arc<dyn Store> {
        &self.data
    }

    /// The feature store.
    #[must_use]
    pub fn features(&self) -> &Arc<dyn Store> {
        &self.features
    }

    /// The series of an artefact.
    #[must_use]
    pub fn series(&self, artefact: Artefact) -> Series {
        let store = match artefact {
            Artefact::Features => &self.features,
            _ => &self.data,
        };
        let prefix = Key::constant(artefact.prefix());
        let known = self.known.get(&artefact).cloned().unwrap_or_default();
        let series = Series::new(Arc::clone(store), prefix, artefact.name()).knowing(known);
        match &self.cache {
            Some(cache) => series.with_cache(Arc::clone(cache)),
            None => series,
        }
    }

    /// The encoders whose files the lake holds.
    #[must_use]
    pub fn encoders(&self) -> Encoders {
        let folder = Key::constant("encoders");
        Encoders::new(Arc::clone(&self.data), folder, self.cache.clone())
    }

    /// What earlier runs of the stage that makes `artefact` have worked out. That of `ingest` holds
    /// personal data, and lies where the clean tables do.
    #[must_use]
    pub fn memo(&self, artefact: Artefact) -> Memo {
        let folder = match artefact {
            Artefact::Processed => "processed/_shards",
            _ => "memo",
        };
        Memo::new(Arc::clone(&self.data), Key::constant(folder))
    }

    /// Stores the list of the shards that the work of `key` is cut into; gives bucket (or folder)
    /// and key of the object.
    ///
    /// # Errors
    /// That the store failed.
    pub fn put_shards(
        &self,
        stage: &str,
        key: &VersionKey,
        json: Vec<u8>,
    ) -> Result<(String, String), Error> {
        let key = Key::new(format!("{stage}_shards"))?.child(format!("{key}.json"));
        self.data.put(&key, &Body::Bytes(json.into()), &Precondition::None)?;
        Ok(match self.data.uri() {
            Uri::S3 { bucket, prefix } => {
                let whole = prefix.as_ref().map_or(key.to_string(), |p| format!("{p}/{key}"));
                (bucket.clone(), whole)
            }
            other => (other.to_string(), key.to_string()),
        })
    }

    /// Where raw files lie by default.
    #[must_use]
    pub fn raw_uri(&self) -> String {
        format!("{}/", self.data.uri().of(&raw()))
    }

    /// The files of a raw table, in order of name: `<table>.json` (or `.json.gz`, `.json.zst`),
    /// `<table>.parquet`, `<table>/part-*` with these endings, also in partitions (`<table>/a=1/`),
    /// or what lies in a folder named like a file (`<table>.parquet/`), below the lake's `raw/` or
    /// directly in `location` (a folder, or `s3://bucket/prefix/`). None when there are none.
    ///
    /// # Errors
    /// [`Error::AmbiguousRaw`] when the table is there in more than one of these forms;
    /// [`Error::BadUri`]; that the store failed.
    pub fn raw_files(
        &self,
        location: Option<&str>,
        table: RawTable,
    ) -> Result<Vec<RawObject>, Error> {
        match location {
            None => self.raw_in(&self.data, Some(&raw()), table),
            Some(location) => {
                let uri = Uri::parse(location)?;
                match places::folder_in(&*self.data, &uri) {
                    Some(folder) => self.raw_in(&self.data, Some(&folder), table),
                    None => {
                        let store = self.places.read(&uri)?;
                        let wrapped = self.wraps.iter().fold(store, |store, wrap| wrap.0(store));
                        self.raw_in(&wrapped, None, table)
                    }
                }
            }
        }
    }

    /// The raw file at `key` of the lake's data, with its table; none when it is not one of those
    /// that [`Lake::raw_files`] finds at `location`.
    ///
    /// # Errors
    /// [`Error::BadKey`]; [`Error::NotFound`]; that the store failed.
    pub fn raw_file(
        &self,
        location: Option<&str>,
        key: &str,
    ) -> Result<Option<(RawTable, RawObject)>, Error> {
        // Some tools make an empty object whose key ends with `/`, to have a folder to show.
        if key.ends_with('/') {
            return Ok(None);
        }
        let key = Key::new(key)?;
        let folder = match location {
            None => Some(raw()),
            Some(location) => places::folder_in(&*self.data, &Uri::parse(location)?),
        };
        let Some(folder) = folder else { return Ok(None) };
        let is_of = |table: &RawTable| {
            let mut whole = RAW_ENDINGS.iter().map(|ending| format!("{}{ending}", table.name()));
            whole.any(|file| key == folder.child(&file))
                || raw_folders(*table)
                    .iter()
                    .any(|f| is_part_of(&key, &folder.child(f), is_free(f)))
        };
        let Some(table) = RawTable::ALL.into_iter().find(is_of) else { return Ok(None) };
        let none = || Error::NotFound { what: self.data.uri().of(&key) };
        let meta = self.data.head(&key)?.ok_or_else(none)?;
        Ok(Some((table, self.raw_object(&self.data, meta)?)))
    }

    fn raw_in(
        &self,
        store: &Arc<dyn Store>,
        folder: Option<&Key>,
        table: RawTable,
    ) -> Result<Vec<RawObject>, Error> {
        let name = table.name();
        let at = |rest: &str| match folder {
            Some(folder) => folder.child(rest),
            None => Key::constant(rest),
        };
        let mut found = Vec::new();
        let mut forms = Vec::new();
        for file in RAW_ENDINGS.map(|ending| format!("{name}{ending}")) {
            if let Some(meta) = store.head(&at(&file))? {
                found.push(meta);
                forms.push(file);
            }
        }
        for part_folder in raw_folders(table) {
            let parts = parts_in(&**store, &at(&part_folder), is_free(&part_folder))?;
            if !parts.is_empty() {
                forms.push(format!("{part_folder}/part-*"));
                found.extend(parts);
            }
        }
        if forms.len() > 1 {
            return Err(Error::AmbiguousRaw { table: name, found: forms.join(", ") });
        }
        found.into_iter().map(|meta| self.raw_object(store, meta)).collect()
    }

    fn raw_object(&self, store: &Arc<dyn Store>, meta: Meta) -> Result<RawObject, Error> {
        let uri = store.uri().of(&meta.key);
        if store.local_path(&meta.key).is_some() {
            return Ok(RawObject { uri, etag: None, blob: store.get(&meta.key, None)?.body });
        }
        let etag = Some(meta.etag.clone());
        let (store, cache) = (Arc::clone(store), self.cache.clone());
        let blob = Blob::later(meta.bytes, move || {
            let object = match &cache {
                Some(cache) => cache.open_object(&*store, &meta.key)?,
                None => store.get(&meta.key, None)?,
            };
            match object.meta == meta {
                true => Ok(object.body),
                false => Err(Error::Changed { what: store.uri().of(&meta.key) }),
            }
        });
        Ok(RawObject { uri, etag, blob })
    }
}

fn raw() -> Key {
    Key::constant("raw")
}

/// How the names of raw files end.
const RAW_ENDINGS: [&str; 4] = [".json", ".json.gz", ".json.zst", ".parquet"];

/// The folders that a raw table's parts may lie in: Spark names them like files.
fn raw_folders(table: RawTable) -> [String; 3] {
    ["", ".parquet", ".json"].map(|ending| format!("{}{ending}", table.name()))
}

/// Whether all that such a folder holds are parts, whatever they are called.
fn is_free(part_folder: &str) -> bool {
    part_folder.contains('.')
}

/// Whether a file is a part by its name; in a folder of parts alone, by its ending.
fn is_part(key: &Key, free: bool) -> bool {
    let name = key.name();
    let named = if free { !name.starts_with(['_', '.']) } else { name.starts_with("part-") };
    named && RAW_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Whether a folder is one of a partition, as in `year=2025`.
fn is_partition(folder: &Key) -> bool {
    folder.name().contains('=')
}

/// The parts below a folder and its partitions, which hold parts alone.
fn parts_in(store: &dyn Store, folder: &Key, free: bool) -> Result<Vec<Meta>, Error> {
    let (objects, folders) = store::list_all(store, ListRequest::children(folder))?;
    let mut parts: Vec<Meta> = objects.into_iter().filter(|o| is_part(&o.key, free)).collect();
    for partition in folders.iter().filter(|folder| is_partition(folder)) {
        parts.extend(parts_in(store, partition, true)?);
    }
    Ok(parts)
}

/// Whether [`parts_in`] finds the key in the folder.
fn is_part_of(key: &Key, folder: &Key, free: bool) -> bool {
    match key.parent() {
        Some(parent) if parent == *folder => is_part(key, free),
        Some(parent) if is_partition(&parent) => {
            let mut above = parent.parent();
            while above.as_ref().is_some_and(is_partition) {
                above = above.and_then(|folder| folder.parent());
            }
            above.as_ref() == Some(folder) && is_part(key, true)
        }
        _ => false,
    }
}

fn known() -> BTreeMap<Artefact, KnownManifests> {
    Artefact::ALL.into_iter().map(|artefact| (artefact, KnownManifests::default())).collect()
}
