//! What is found to be wrong with a lake.

use std::fmt;

use crate::{Error, Key, store};

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

/// What [`crate::Lake::verify`] has looked at, and found.
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
