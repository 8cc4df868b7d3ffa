//! Whether a lake can be served: what is there is what was written, and belongs together.
//!
//! Beside the files of the versions, whose hashes their manifests have, these are looked at:
//!
//! - a manifest, by the hash that the binding of its key has; the binding, the claim;
//! - the log of promotions and `latest.txt`, which must agree; the log of releases and
//!   `release.json`, which must agree with each other and with both;
//! - notes, memos and encoders.
//!
//! What no other object tells (a name in a log, a date) can change unseen.

use std::fmt;

use crate::{Artefact, Error, Key, Lake, ListRequest, store};

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The URI of the object, or of the folder.
    pub what: String,
    /// What is wrong with it.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.what, self.problem, self.remedy)
    }
}

/// What [`Lake::verify`] has looked at, and found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Files of versions and encoders that are as they must be.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// All that is not as it must be, by URI.
    pub findings: Vec<Finding>,
    /// What is worth to be known and no fault.
    pub notes: Vec<String>,
}

impl Verified {
    pub(crate) fn find(&mut self, what: String, problem: impl fmt::Display, remedy: &str) {
        let problem = problem.to_string();
        // An error may name its object itself.
        let problem = problem.strip_prefix(&format!("{what} ")).unwrap_or(&problem).to_owned();
        self.findings.push(Finding { what, problem, remedy: remedy.to_owned() });
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.findings.extend(other.findings);
        self.notes.extend(other.notes);
    }
}

/// What repair puts right by itself.
pub(crate) const REPAIR: &str = "`mllab verify --repair` puts it right";

/// An error that tells of the object, as a value; one that tells of the store remains one.
pub(crate) fn found<T>(result: Result<T, Error>) -> Result<Result<T, Error>, Error> {
    match result {
        Err(
            error @ (Error::Malformed { .. }
            | Error::UnsupportedFormat { .. }
            | Error::NotFound { .. }
            | Error::Corrupt { .. }
            | Error::DamagedPiece { .. }
            | Error::InvalidLatest { .. }
            | Error::BadKey { .. }
            | Error::Io { .. }),
        ) => Ok(Err(error)),
        Err(error) => Err(error),
        Ok(value) => Ok(Ok(value)),
    }
}

impl Lake {
    /// Looks whether the lake can be served: every version of every series, or of one, and all that
    /// is written of them. Whatever is wrong is a finding, and all of them are given.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no lake; that the store failed.
    pub fn verify(&self, only: Option<Artefact>) -> Result<Verified, Error> {
        self.is_there()?;
        let mut report = Verified::default();
        let releases = self.releases().verify(only.is_none(), &mut report)?;
        for artefact in Artefact::ALL {
            if only.is_none_or(|only| only == artefact) {
                self.series(artefact).verify(artefact, &releases, &mut report)?;
            }
        }
        if only.is_none() {
            for artefact in [Artefact::Processed, Artefact::Recommend] {
                self.memo(artefact).verify(&mut report)?;
            }
            self.encoders().verify(&mut report)?;
        }
        report.findings.sort_by(|a, b| (&a.what, &a.problem).cmp(&(&b.what, &b.problem)));
        report.findings.dedup();
        Ok(report)
    }

    fn is_there(&self) -> Result<(), Error> {
        for store in [self.data(), self.features()] {
            let all = ListRequest { folder: None, delimiter: true, after: None, limit: 1 };
            let page = store.list(&all)?;
            if !page.objects.is_empty() || !page.prefixes.is_empty() {
                return Ok(());
            }
        }
        Err(Error::NotFound { what: format!("a lake at {}", self.data().uri()) })
    }
}

/// Whether a folder, or one above it, is a file.
pub(crate) fn is_a_file(store: &dyn store::Store, folder: &Key) -> Result<Option<Key>, Error> {
    let mut at = Some(folder.clone());
    while let Some(key) = at {
        if store.head(&key)?.is_some() {
            return Ok(Some(key));
        }
        at = key.parent();
    }
    Ok(None)
}
