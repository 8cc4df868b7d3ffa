//! What can go wrong with a store and its versions.

use std::path::PathBuf;

use crate::Version;

/// An error of a store, or of the versions in it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A URI that is neither `s3://bucket/prefix/` nor a path, or that this build cannot serve.
    #[error("`{found}` cannot be used as a location: {reason}")]
    BadUri {
        /// The URI as given.
        found: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A key that could leave its store, or that not every store can hold.
    #[error("`{found}` is not a valid object key: {reason}")]
    BadKey {
        /// The key as given, control characters escaped.
        found: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no such object, or no such version.
    #[error("{what} does not exist")]
    NotFound {
        /// The URI of the object or version.
        what: String,
    },
    /// A version that is live and was not made by us.
    #[error(
        "{what} is live but has no manifest, because another system made it: it cannot be read or compared here; run the day, and the version of that day goes live next"
    )]
    Foreign {
        /// The URI of the version.
        what: String,
    },
    /// A conditional put met another object than it expected.
    #[error("{what} already existed, or changed after it was read")]
    PreconditionFailed {
        /// The URI of the object.
        what: String,
    },
    /// An object has changed since it was listed.
    #[error("{what} changed while the day read it; run again once it is complete")]
    Changed {
        /// The URI of the object.
        what: String,
    },
    /// Other processes won the race again and again.
    #[error(
        "{what}: gave up after {attempts} attempts, because other processes kept writing it; try again"
    )]
    Contended {
        /// The URI of the object or series.
        what: String,
        /// How often it was tried.
        attempts: u32,
    },
    /// The bytes of a file are not those that its manifest promises.
    #[error("{what} is corrupt: its manifest says {expected}, found {found}; {remedy}")]
    Corrupt {
        /// The URI of the file.
        what: String,
        /// What the manifest says: a SHA-256 or a length.
        expected: String,
        /// What was found.
        found: String,
        /// What to do about this file.
        remedy: String,
    },
    /// A piece of the memo is not what its name says.
    #[error(
        "{what} is damaged: expected the sha256 in its name, found {found}; it is set aside, and what it held is computed again"
    )]
    DamagedPiece {
        /// The URI of the piece.
        what: String,
        /// SHA-256 of the stored bytes.
        found: String,
    },
    /// The same key gave other bytes than before.
    #[error(
        "{what} was stored with sha256 {expected}, but the same inputs, configuration and code now give \
         {found}: the stage is not deterministic; run with `--force` to make a new version"
    )]
    NotByteStable {
        /// The URI of the file.
        what: String,
        /// SHA-256 of the stored file (`absent` when only the new run wrote it).
        expected: String,
        /// SHA-256 of what the present run gave (`absent` when it wrote no such file).
        found: String,
    },
    /// A manifest, claim or log entry that is not JSON of the expected shape.
    #[error("{what} cannot be read: {reason}")]
    Malformed {
        /// The URI of the object.
        what: String,
        /// What the parser says; no data of the object.
        reason: String,
    },
    /// A manifest written by a newer release.
    #[error(
        "{what} has format {found}, but this release reads formats up to {supported}: use a newer release"
    )]
    UnsupportedFormat {
        /// The URI of the object.
        what: String,
        /// The format found.
        found: u32,
        /// The newest format that is understood.
        supported: u32,
    },
    /// A manifest that contradicts the claim it is to end, or the files that were stored.
    #[error("the manifest of {what} cannot be committed: {reason}")]
    InvalidManifest {
        /// The URI of the version.
        what: String,
        /// What is wrong.
        reason: String,
    },
    /// Lines for `latest.txt` that do not name files of the version.
    #[error("`{line}` is not a valid line of {what}: {reason}")]
    InvalidLatest {
        /// The URI of `latest.txt`.
        what: String,
        /// The line.
        line: String,
        /// What is wrong.
        reason: String,
    },
    /// A version that is to be taken out is live.
    #[error("{what} is live: put another version live first (`mllab rollback`, `mllab promote`)")]
    StillLive {
        /// The series and the version.
        what: String,
    },
    /// There is nothing to roll back to.
    #[error("{what} has no earlier live version to roll back to{}", .live.map(|v| format!(" from {v}")).unwrap_or_default())]
    NoRollbackTarget {
        /// The URI of the series.
        what: String,
        /// The live version, if any.
        live: Option<Version>,
    },
    /// There is no such release, or none that could be live.
    #[error("{what}: {reason}")]
    NoRelease {
        /// The URI of `release.json`.
        what: String,
        /// Which one was expected, and what was found.
        reason: String,
    },
    /// A release is live by `release.json`, and not by every `latest.txt`.
    #[error(
        "release {release} is live, but latest.txt of {left} could not be updated; \
         the next command that writes to the lake updates it: {source}"
    )]
    NotCarriedOut {
        /// The number of the release.
        release: u64,
        /// The series whose `latest.txt` is behind.
        left: String,
        /// What happened.
        source: Box<Error>,
    },
    /// A raw table lies there in more than one form.
    #[error("raw table {table} exists more than once: {found}; keep one of them")]
    AmbiguousRaw {
        /// The table's name.
        table: &'static str,
        /// What was found.
        found: String,
    },
    /// The disk or the file system failed.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The store did not answer; the same call may succeed later.
    #[error("{what} did not answer: {reason}")]
    Unavailable {
        /// The URI.
        what: String,
        /// What happened.
        reason: String,
    },
    /// The store limits the rate of requests; the same call may succeed later.
    #[error("{what}: throttled: {reason}")]
    Throttled {
        /// The URI.
        what: String,
        /// What happened.
        reason: String,
    },
}

impl Error {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
