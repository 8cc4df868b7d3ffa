//! What a stage reads and writes through: [`Inputs`] and [`Outputs`].

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{BufWriter, Write},
    path::PathBuf,
    sync::{
        Arc, Mutex,
        mpsc::{SyncSender, sync_channel},
    },
};

use serde_json::Value;
use sha2::{Digest, Sha256};
use versioning::{Blob, Committed, InputRef, Memo, OutputFile as ManifestFile, RawTable};

use crate::Error;

/// One raw file of the day, or one part of a table.
#[derive(Clone)]
pub struct RawFile {
    /// Its name, for errors: `raw/applicants.json`.
    pub name: String,
    pub blob: Blob,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

impl RawFile {
    /// Whether it is Parquet; else it is JSON.
    #[must_use]
    pub fn is_parquet(&self) -> bool {
        self.name.ends_with(".parquet")
    }
}

/// Something that a stage needs beside its inputs (an encoder's files): made sure of by
/// [`crate::Stage::prepare`], and part of the version's key and manifest like an input.
#[derive(Clone, Debug)]
pub struct Asset {
    /// What it is, for key and manifest; its name is that of the asset.
    pub reference: InputRef,
    pub files: BTreeMap<String, Blob>,
}

#[derive(Clone, Default)]
pub struct Inputs {
    pub(crate) raw: BTreeMap<RawTable, Vec<RawFile>>,
    pub(crate) versions: BTreeMap<&'static str, Committed>,
    pub(crate) named: BTreeSet<&'static str>,
    pub(crate) assets: BTreeMap<String, BTreeMap<String, Blob>>,
    pub(crate) memo: Memo,
    pub(crate) unreadable: BTreeMap<String, String>,
}

impl Inputs {
    /// Raw files alone: what `ingest` reads, and what its tests give it.
    #[must_use]
    pub fn of_raw(raw: BTreeMap<RawTable, Vec<RawFile>>) -> Self {
        Self { raw, ..Self::default() }
    }

    /// Committed versions by name: what the other stages read, and what commands and tests give
    /// them.
    #[must_use]
    pub fn of_versions(versions: BTreeMap<&'static str, Committed>) -> Self {
        Self { versions, ..Self::default() }
    }

    /// The inputs with the assets that a stage's `prepare` has given.
    #[must_use]
    pub fn with_assets(mut self, assets: Vec<Asset>) -> Self {
        self.assets = assets.into_iter().map(|a| (a.reference.name, a.files)).collect();
        self
    }

    /// The inputs with what earlier runs have worked out; else there is nothing of the kind.
    #[must_use]
    pub fn with_memo(mut self, memo: Memo) -> Self {
        self.memo = memo;
        self
    }

    /// Whether there is a version given as input `name`.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.versions.contains_key(name)
    }

    /// What the stage would have been compared with and cannot be, because it cannot be read: as in
    /// `features v7`, each with what is wrong and what to do.
    #[must_use]
    pub fn unreadable(&self) -> &BTreeMap<String, String> {
        &self.unreadable
    }

    /// Whether the version given as input `name` is one that the event named and the input's pick
    /// does not mean (never of [`crate::Pick::Newest`]).
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        self.named.contains(name)
    }

    /// The files of an asset that the stage's `prepare` has given.
    ///
    /// # Errors
    /// [`crate::ErrorName::StageFailed`] when it has given none of that name.
    pub fn asset(&self, name: &str) -> Result<&BTreeMap<String, Blob>, Error> {
        let none = || Error::failed(format!("the stage was given no asset `{name}`"));
        self.assets.get(name).ok_or_else(none)
    }

    /// What earlier runs have worked out and this one may use instead of working it out again. It
    /// holds only what is a function of its name, so it never changes what a stage writes.
    #[must_use]
    pub fn memo(&self) -> &Memo {
        &self.memo
    }

    /// The raw files of a table, in order of name; none when the day has none.
    #[must_use]
    pub fn raw(&self, table: RawTable) -> &[RawFile] {
        self.raw.get(&table).map_or(&[], Vec::as_slice)
    }

    /// The version given as input `name`.
    ///
    /// # Errors
    /// [`crate::ErrorName::StageFailed`] when the stage does not declare such an input.
    pub fn version(&self, name: &str) -> Result<&Committed, Error> {
        self.versions
            .get(name)
            .ok_or_else(|| Error::failed(format!("the stage was given no input `{name}`")))
    }

    /// A file of the version given as input `name`, its hash verified.
    ///
    /// # Errors
    /// As [`Inputs::version`]; and what the store says, or that the file is corrupt.
    pub fn open(&self, name: &str, file: &str) -> Result<Blob, Error> {
        Ok(self.version(name)?.open(file)?)
    }
}

struct Finished {
    path: PathBuf,
    file: ManifestFile,
}

#[derive(Default)]
struct State {
    files: BTreeMap<String, Finished>,
    extra: BTreeMap<String, Value>,
}

/// What a stage writes: files in a scratch folder, hashed as they are written; nothing of them is
/// visible until the host has committed them all.
pub struct Outputs {
    scratch: PathBuf,
    state: Arc<Mutex<State>>,
    flush: SyncSender<Arc<File>>,
}

/// Bytes of a file after which the disk is asked to take what it has of it.
const FLUSH_BYTES: u64 = 8 << 20;

/// Hands finished stretches of files to the disk while the stage computes, so that the commit,
/// which waits until everything is on disk, finds little left to wait for. The thread ends when
/// the last file is done.
fn flusher() -> SyncSender<Arc<File>> {
    let (sender, files) = sync_channel::<Arc<File>>(1);
    std::thread::spawn(move || {
        for file in files {
            // A failing disk shows itself again when the file is committed.
            let _ = file.sync_data();
        }
    });
    sender
}

impl Outputs {
    /// Outputs that are gathered in `scratch`, an existing folder of this run's own.
    #[must_use]
    pub fn new(scratch: PathBuf) -> Self {
        Self { scratch, state: Arc::default(), flush: flusher() }
    }

    /// Begins a file of the version; it counts once [`OutputFile::finish`] is called.
    ///
    /// # Errors
    /// [`crate::ErrorName::StageFailed`] when the scratch folder cannot be written.
    pub fn create(&self, file: &str) -> Result<OutputFile, Error> {
        let path = self.scratch.join(file);
        let sink = File::create(&path).map_err(|e| unwritable(file, &e))?;
        Ok(OutputFile {
            name: file.to_owned(),
            path,
            sink: BufWriter::with_capacity(1 << 18, Arc::new(sink)),
            hash: Sha256::new(),
            bytes: 0,
            flushed: 0,
            flush: self.flush.clone(),
            state: Arc::clone(&self.state),
        })
    }

    /// Writes a whole file of the version.
    pub fn write(&self, file: &str, bytes: &[u8], rows: Option<u64>) -> Result<(), Error> {
        let mut output = self.create(file)?;
        output.write_all(bytes).map_err(|e| unwritable(file, &e))?;
        output.finish(rows)
    }

    /// Says something of the version in its manifest (which columns are features, …).
    pub fn describe(&self, key: &str, value: Value) {
        self.lock().extra.insert(key.to_owned(), value);
    }

    /// The path of a finished file, for tests and for stages that read back what they wrote.
    #[must_use]
    pub fn path(&self, file: &str) -> Option<PathBuf> {
        self.lock().files.get(file).map(|f| f.path.clone())
    }

    /// Takes a finished file out of the version, to be written anew from what it holds; gives its
    /// path, which is gone when the stage ends.
    ///
    /// # Errors
    /// [`crate::ErrorName::StageFailed`] when the file is not finished or cannot be moved.
    #[expect(clippy::disallowed_methods, reason = "nothing in a run's own scratch is published")]
    pub fn take_back(&self, file: &str) -> Result<PathBuf, Error> {
        let finished = self.lock().files.remove(file);
        let from = finished.ok_or_else(|| Error::failed(format!("{file} is not finished")))?.path;
        let to = self.scratch.join(format!(".{file}.earlier"));
        std::fs::rename(&from, &to).map_err(|e| unwritable(file, &e))?;
        Ok(to)
    }

    pub(crate) fn take(self) -> (Vec<(PathBuf, ManifestFile)>, BTreeMap<String, Value>) {
        let state = std::mem::take(&mut *self.lock());
        (state.files.into_values().map(|f| (f.path, f.file)).collect(), state.extra)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// A file of a version while it is written.
pub struct OutputFile {
    name: String,
    path: PathBuf,
    sink: BufWriter<Arc<File>>,
    hash: Sha256,
    bytes: u64,
    flushed: u64,
    flush: SyncSender<Arc<File>>,
    state: Arc<Mutex<State>>,
}

impl OutputFile {
    /// Ends the file: it belongs to the version now. `rows` are counted where it is a table.
    ///
    /// # Errors
    /// [`crate::ErrorName::StageFailed`] when the disk is full or fails.
    pub fn finish(mut self, rows: Option<u64>) -> Result<(), Error> {
        self.sink.flush().map_err(|e| unwritable(&self.name, &e))?;
        let file = ManifestFile {
            file: self.name.clone(),
            bytes: self.bytes,
            sha256: versioning::hex(&self.hash.finalize()),
            rows,
        };
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        state.files.insert(self.name, Finished { path: self.path, file });
        Ok(())
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = self.sink.write(bytes)?;
        self.hash.update(&bytes[..n]);
        self.bytes += n as u64;
        if self.bytes - self.flushed >= FLUSH_BYTES {
            self.flushed = self.bytes;
            // A busy disk is asked again 8 MiB later.
            let _ = self.flush.try_send(Arc::clone(self.sink.get_ref()));
        }
        Ok(n)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.sink.flush()
    }
}

fn unwritable(file: &str, error: &std::io::Error) -> Error {
    Error::failed(format!("{file} cannot be written: {error}; free some disk and run again"))
}
