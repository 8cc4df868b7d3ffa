//! What can go wrong.

use std::path::PathBuf;

/// Why no sample was made, or none was broken. Whatever the error, no file is half written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting is outside its range, or settings contradict one another.
    #[error("sample setting `{field}` is {found}: expected {expected}")]
    Config {
        /// The field of [`SampleConfig`](crate::SampleConfig).
        field: &'static str,
        found: String,
        expected: String,
    },
    /// A file could not be written.
    #[error("cannot {action} {}: {source}; check that the folder can be written and has room", path.display())]
    Io {
        action: &'static str,
        /// To which file or folder.
        path: PathBuf,
        source: std::io::Error,
    },
    /// The folder holds raw files that no sample made.
    #[error(
        "{} is there and is no sample (no truth.csv beside it): expected an empty folder or an earlier sample; choose another folder, nothing was overwritten",
        path.display()
    )]
    NotASample {
        /// The file in the way.
        path: PathBuf,
    },
    /// A raw file that a breakage changes is absent, or not what a sample writes.
    #[error(
        "cannot break {}: {reason}; expected a JSON object of records in UTF-8, as a sample without hostile records has it",
        path.display()
    )]
    Unreadable {
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The progress callback asked to stop.
    #[error("sample stopped on request while making {file}: nothing was kept")]
    Cancelled { file: &'static str },
}
