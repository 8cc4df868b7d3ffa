//! From a key to a number, and from a number to a version.
//!
//! Three writes decide, each a conditional create, so that of any number of processes one wins and
//! the others read what it wrote:
//!
//! 1. `v<N>/claim.json` takes the number for a key; N is one above the highest there is, and who
//!    finds it taken looks again, after a pause;
//! 2. `_keys/<key>` binds the key to the number, for good. Who finds another number bound uses
//!    that one: its own claim stays as an orphan, a gap in the numbers that pruning clears;
//! 3. `v<N>/manifest.json` makes the version exist; its SHA-256 then stands in the binding, so that
//!    [`crate::Lake::verify`] can tell a manifest that was changed.
//!
//! A process may die between any two: the next one with the same key reads the binding, renews the
//! claim, and goes on under the same number. Since equal keys give equal bytes, files of the dead
//! run are as good as its own; one that differs is reported, never overwritten. Pages are excepted,
//! whose words are in no key ([`Claim::put_page`]).
//!
//! Pruning marks an old claim as given up, by compare-and-swap, before it removes anything; whoever
//! takes up a number again, commits its version, or puts it live, first dates the claim anew, by the
//! same means. So one of the two gives way. A key that is bound to a number given up is bound anew.

use serde::{Deserialize, Serialize};

use super::{CLAIM, Committed, MANIFEST, Series};
use crate::{
    Blob, Body, ETag, Error, Key, Manifest, OutputFile, Precondition, Timestamp, Version,
    VersionKey,
    digest::{sha256, sha256_of},
    retry::Attempts,
    store, time,
};

/// `v<N>/claim.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClaimRecord {
    pub(crate) key: VersionKey,
    pub(crate) owner: String,
    /// When it was taken, taken up again, or its version last put live.
    pub(crate) at: Timestamp,
    /// The number is being removed: nobody may take it up again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) given_up: bool,
}

/// `_keys/<key>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Binding {
    pub(crate) version: Version,
    /// SHA-256 of the version's manifest: the version exists, or existed. None before it does, and
    /// in lakes of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) manifest: Option<String>,
}

/// A number that belongs to a key: the right to write the files of that version.
#[derive(Clone, Debug)]
pub struct Claim {
    series: Series,
    key: VersionKey,
    version: Version,
}

impl Series {
    /// The number of a key, taken now if it has none. `owner` (the execution) stands in the claim
    /// for whoever looks; it decides nothing.
    ///
    /// # Errors
    /// [`Error::Contended`] when others took the numbers again and again; [`Error::Malformed`] when
    /// there is no higher number; that the store failed.
    pub fn claim(&self, key: &VersionKey, owner: &str, now: Timestamp) -> Result<Claim, Error> {
        let owner = owner.to_owned();
        let record = ClaimRecord { key: key.clone(), owner, at: now, given_up: false };
        let mut attempts = Attempts::at(self.uri());
        loop {
            let binding = self.binding_of(key)?;
            if let Some((Some(Binding { version, .. }), _)) = binding
                && (self.is_of(version, key)? || self.renew(version, &record)?)
            {
                return Ok(Claim { series: self.clone(), key: key.clone(), version });
            }
            let version = self.take_number(&record)?;
            let condition = match binding {
                Some((_, etag)) => Precondition::IfMatch(etag),
                None => Precondition::IfAbsent,
            };
            // Bound by us or by another meanwhile: the binding says, at the next turn.
            let bound = Binding { version, manifest: None };
            self.write_json(&self.binding(key), &bound, &condition)?;
            attempts.again()?;
        }
    }

    /// What a key is bound to, and the state of the binding. One that cannot be read binds the key
    /// to nothing, as does one that names a version of another key: it is bound anew, and what is
    /// lost is that an unchanged day is known as such.
    pub(super) fn binding_of(
        &self,
        key: &VersionKey,
    ) -> Result<Option<(Option<Binding>, ETag)>, Error> {
        let binding = store::read(&*self.store, &self.binding(key))?;
        Ok(binding.map(|(json, etag)| (serde_json::from_slice(&json).ok(), etag)))
    }

    /// Whether a version is committed, and of that key.
    fn is_of(&self, version: Version, key: &VersionKey) -> Result<bool, Error> {
        Ok(self.get_committed(version)?.is_some_and(|committed| committed.manifest().key == *key))
    }

    /// Notes in the binding of a key that its version is committed, with the manifest of that hash.
    pub(super) fn seal(
        &self,
        key: &VersionKey,
        version: Version,
        sha256: &str,
    ) -> Result<(), Error> {
        let mut attempts = Attempts::at(self.store.uri().of(&self.binding(key)));
        loop {
            let condition = match self.binding_of(key)? {
                // Bound to another one since: it stays so.
                Some((Some(binding), _)) if binding.version != version => return Ok(()),
                Some((Some(binding), _)) if binding.manifest.as_deref() == Some(sha256) => {
                    return Ok(());
                }
                Some((_, etag)) => Precondition::IfMatch(etag),
                None => Precondition::IfAbsent,
            };
            let sealed = Binding { version, manifest: Some(sha256.to_owned()) };
            if self.write_json(&self.binding(key), &sealed, &condition)? {
                return Ok(());
            }
            attempts.again()?;
        }
    }

    fn take_number(&self, record: &ClaimRecord) -> Result<Version, Error> {
        let mut attempts = Attempts::at(self.uri());
        loop {
            let highest = self.numbers()?.last().copied();
            // A run of the same key that died before it bound the key: no gap is left.
            if let Some(version) = highest
                && self.renew(version, record)?
            {
                return Ok(version);
            }
            let next = highest.map_or(Version::new(1), Version::next);
            let version = next.ok_or_else(|| Error::Malformed {
                what: self.uri(),
                reason: format!("no version number is left above {}", Version::MAX),
            })?;
            // Taken for the same key: by our own put, whose answer was lost and which was sent
            // again, or by another run of the same key. Either way it is the key's number.
            let key = self.claim_key(version);
            if self.write_json(&key, record, &Precondition::IfAbsent)?
                || self.renew(version, record)?
            {
                return Ok(version);
            }
            attempts.again()?;
        }
    }

    /// Takes up the claim of an earlier run of the same key; false when the number is not the
    /// key's, or was given up.
    fn renew(&self, version: Version, record: &ClaimRecord) -> Result<bool, Error> {
        let refreshed = self.refresh(version, record.at, |found| found.key == record.key)?;
        Ok(refreshed == Some(true))
    }

    /// Dates a claim `now`, so that pruning leaves its number alone: false when it has been given
    /// up, or is not the `expected` one. None without a claim.
    pub(super) fn refresh(
        &self,
        version: Version,
        now: Timestamp,
        expected: impl Fn(&ClaimRecord) -> bool,
    ) -> Result<Option<bool>, Error> {
        let key = self.claim_key(version);
        let mut attempts = Attempts::at(self.uri());
        loop {
            let Some((mut claim, etag)) = self.read_json::<ClaimRecord>(&key)? else {
                return Ok(None);
            };
            if claim.given_up || !expected(&claim) {
                return Ok(Some(false));
            }
            // Others that refresh it at the same time serve us as well.
            if claim.at >= now {
                return Ok(Some(true));
            }
            claim.at = now;
            if self.write_json(&key, &claim, &Precondition::IfMatch(etag))? {
                return Ok(Some(true));
            }
            attempts.again()?;
        }
    }

    /// Marks a claim, of whose state `etag` tells, as given up; false when it has changed.
    pub(super) fn give_up(
        &self,
        version: Version,
        claim: ClaimRecord,
        etag: ETag,
    ) -> Result<bool, Error> {
        if claim.given_up {
            return Ok(true);
        }
        let record = ClaimRecord { given_up: true, ..claim };
        self.write_json(&self.claim_key(version), &record, &Precondition::IfMatch(etag))
    }

    pub(super) fn claim_key(&self, version: Version) -> Key {
        self.folder(version).child(CLAIM)
    }
}

impl Claim {
    /// The number.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// Where the version is, with a closing `/`.
    #[must_use]
    pub fn uri(&self) -> String {
        self.series.version_uri(self.version)
    }

    /// Stores a file of the version. One that is there already (an earlier run of the same key,
    /// dead or alive, stored it) is compared instead: nothing is ever overwritten.
    ///
    /// # Errors
    /// [`Error::BadKey`] for a name that is none, or that the version itself uses;
    /// [`Error::NotByteStable`] when other bytes are there; that the store failed.
    pub fn put(&self, file: &str, body: &Body) -> Result<(), Error> {
        if [MANIFEST, CLAIM].contains(&file) {
            let reason = "the version itself uses that name".to_owned();
            return Err(Error::BadKey { found: file.to_owned(), reason });
        }
        let series = &self.series;
        let key = series.folder(self.version).join(file)?;
        let what = format!("{}{file}", self.uri());
        match self.committed()? {
            Some(committed) => {
                let expected = committed.manifest().output(file).map(|o| o.sha256.clone());
                let expected = expected.unwrap_or_else(|| ABSENT.to_owned());
                same(what, expected, &body.blob()?)
            }
            None => match series.store.put(&key, body, &Precondition::IfAbsent) {
                Ok(etag) => match (&series.cache, series.store.local_path(&key)) {
                    (Some(cache), None) => {
                        // For who reads it next. A cache that fails is not a failure of the put.
                        drop(cache.keep(&*series.store, &key, &etag, body));
                        Ok(())
                    }
                    _ => Ok(()),
                },
                Err(Error::PreconditionFailed { .. }) => {
                    let there = series.store.get(&key, None)?.body;
                    same(what.clone(), sha256_of(&there, &what)?, &body.blob()?)
                }
                Err(error) => Err(error),
            },
        }
    }

    /// Stores a page of the version, whose words are in no key: one that is there already (an earlier
    /// run of the same key, of a build with other words, stored it) is kept. Returns what the manifest
    /// says of it.
    ///
    /// # Errors
    /// As [`Claim::put`], but for other bytes.
    pub fn put_page(&self, page: OutputFile, body: &Body) -> Result<OutputFile, Error> {
        match self.put(&page.file, body) {
            Err(Error::NotByteStable { what, .. }) => {
                let key = self.series.folder(self.version).join(&page.file)?;
                let there = self.series.store.get(&key, None)?.body;
                let sha256 = sha256_of(&there, &what)?;
                Ok(OutputFile { bytes: there.len(), sha256, ..page })
            }
            done => done.map(|()| page),
        }
    }

    /// Makes the version exist: checks that the files of the manifest are there, and writes it.
    /// When another run of the same key has committed first, with the same files, its version is
    /// the answer.
    ///
    /// # Errors
    /// [`Error::InvalidManifest`] when it contradicts the claim or the files that were put;
    /// [`Error::NotByteStable`] when the version is there with other files;
    /// [`Error::PreconditionFailed`] when the run was taken for dead and its claim is given up: the
    /// key gets another number; that the store failed.
    pub fn commit(&self, manifest: Manifest) -> Result<Committed, Error> {
        self.check(&manifest)?;
        // A machine may sleep for a week in the middle of a run.
        self.renew(manifest.created_at)?;
        let key = self.series.folder(self.version).child(MANIFEST);
        let json = manifest.to_json()?;
        let hash = sha256(&json);
        match self.series.store.put(&key, &Body::Bytes(json.into()), &Precondition::IfAbsent) {
            Ok(_) => {
                // It may also have slept since the claim was renewed: pruning saw no manifest, and
                // has removed the files that were checked above.
                // Only then: where the store fails, the version may be whole, and stays.
                let renewed = self.renew(manifest.created_at);
                if let Err(Error::PreconditionFailed { .. }) = renewed {
                    self.series.store.delete(&key)?;
                }
                renewed?;
                self.series.seal(&self.key, self.version, &hash)?;
                Ok(Committed::new(self.series.clone(), manifest.into()))
            }
            Err(Error::PreconditionFailed { .. }) => {
                let committed = self.series.get(self.version)?;
                self.compare(&manifest, committed.manifest())?;
                // Ours, when the answer to the put was lost; else who has put it may be dead.
                if let Some((json, _)) = store::read(&*self.series.store, &key)? {
                    self.series.seal(&self.key, self.version, &sha256(&json))?;
                }
                Ok(committed)
            }
            Err(error) => Err(error),
        }
    }

    /// Dates the claim `now`, so that pruning leaves its number alone.
    ///
    /// # Errors
    /// [`Error::PreconditionFailed`] when it was given up; that the store failed.
    fn renew(&self, now: Timestamp) -> Result<(), Error> {
        let is_ours = |claim: &ClaimRecord| claim.key == self.key;
        match self.series.refresh(self.version, now, is_ours)? {
            Some(true) => Ok(()),
            _ => {
                let what = self.series.store.uri().of(&self.series.claim_key(self.version));
                Err(Error::PreconditionFailed { what })
            }
        }
    }

    fn committed(&self) -> Result<Option<Committed>, Error> {
        self.series.get_committed(self.version)
    }

    fn check(&self, manifest: &Manifest) -> Result<(), Error> {
        let invalid = |reason: String| Err(Error::InvalidManifest { what: self.uri(), reason });
        if manifest.format != Manifest::FORMAT {
            let (expected, found) = (Manifest::FORMAT, manifest.format);
            return invalid(format!("expected format {expected}, found {found}"));
        }
        if manifest.version != self.version || manifest.key != self.key {
            return invalid(format!("it is of {} and another key", manifest.version));
        }
        if !time::is_date(&manifest.logical_date) {
            let found = manifest.logical_date.escape_debug();
            return invalid(format!("logical date `{found}`: expected YYYY-MM-DD"));
        }
        let mut names: Vec<_> = manifest.outputs.iter().map(|o| o.file.as_str()).collect();
        names.sort_unstable();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return invalid(format!("file {} is named twice", pair[0]));
        }
        for output in &manifest.outputs {
            let key = self.series.folder(self.version).join(&output.file)?;
            match self.series.store.head(&key)? {
                None => return invalid(format!("file {} was not put", output.file)),
                Some(meta) if meta.bytes != output.bytes => {
                    return invalid(format!(
                        "file {} has {} bytes, {} were promised",
                        output.file, meta.bytes, output.bytes
                    ));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Compares what this run made with what is committed.
    fn compare(&self, ours: &Manifest, theirs: &Manifest) -> Result<(), Error> {
        let files = ours.outputs.iter().chain(&theirs.outputs).map(|o| o.file.as_str());
        for file in files {
            let hash = |m: &Manifest| {
                m.output(file).map_or_else(|| ABSENT.to_owned(), |o| o.sha256.clone())
            };
            let (expected, found) = (hash(theirs), hash(ours));
            if expected != found {
                let what = format!("{}{file}", self.uri());
                return Err(Error::NotByteStable { what, expected, found });
            }
        }
        Ok(())
    }
}

const ABSENT: &str = "absent";

fn same(what: String, expected: String, ours: &Blob) -> Result<(), Error> {
    let found = sha256_of(ours, &what)?;
    if expected == found {
        return Ok(());
    }
    Err(Error::NotByteStable { what, expected, found })
}
