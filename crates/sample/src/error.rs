//! What can go wrong.

use std::path::PathBuf;

/// Why no sample was made, or none was broken. Whatever the error, no file is half written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("sample setting `{field}` is {found}: expected {expected}")]
    Config {
        /// The field of [`SampleConfig`](crate::SampleConfig).
        field: &'static str,
        found: String,
        expected: String,
    },
    #[error("cannot {action} {}: {source}; check that the folder can be written and has room", path.display())]
    Io { action: &'static str, path: PathBuf, source: std::io::Error },
    #[error(
        "{} is there and is not a sample (no truth.csv beside it): expected an empty folder or an earlier sample; choose another folder, nothing was overwritten",
        path.display()
    )]
    NotASample { path: PathBuf },
    #[error(
        "cannot break {}: {reason}; expected a JSON object of records in UTF-8, as a sample without hostile records has it",
        path.display()
    )]
    Unreadable { path: PathBuf, reason: String },
    #[error("sample stopped on request while making {file}: nothing was kept")]
    Cancelled { file: &'static str },
}
