//! What can go wrong.

use std::path::PathBuf;

/// Why no sample was made. Whatever the error, no file of the sample appears under its name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting is outside its range, or settings contradict one another.
    #[error("sample setting `{field}` is {found}: expected {expected}")]
    Config {
        /// The field of [`SampleConfig`](crate::SampleConfig).
        field: &'static str,
        /// What it was.
        found: String,
        /// What it may be.
        expected: String,
    },
    /// A file could not be written.
    #[error("cannot {action} {}: {source}; check that the folder can be written and has room", path.display())]
    Io {
        /// What was being done.
        action: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// What the system said.
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
    /// The progress callback asked to stop.
    #[error("sample stopped on request while making {file}: nothing was kept")]
    Cancelled {
        /// The file in hand.
        file: &'static str,
    },
}
