//! What can go wrong, and by which name the orchestrator knows it.

use stage::ErrorName;

/// Every error of this stage. None holds text of a person.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A configured value is out of its range.
    #[error("config of drift: {key} must be {expected}, found {found}")]
    Config {
        key: String,
        /// The values that are allowed.
        expected: String,
        found: String,
    },
    /// A file of a version cannot be read as a table.
    #[error("{file}: cannot be read as Parquet: {source}")]
    Parquet {
        /// The file and its version.
        file: String,
        /// What the Parquet library said.
        source: parquet::errors::ParquetError,
    },
    /// A file lacks what it must have, or has it in another form.
    #[error(
        "{file}: {problem}: it was written by another release, run the stage that makes it again"
    )]
    Unfit {
        /// The file and its version.
        file: String,
        problem: String,
    },
    /// A stored report cannot be read.
    #[error("drift.json of {version}: {problem}: run `drift` again")]
    Report { version: String, problem: String },
    /// An argument of a command is wrong.
    #[error("{0}")]
    Argument(String),
    /// The words could not be counted.
    #[error(transparent)]
    Text(#[from] text::Error),
    /// The page could not be made.
    #[error(transparent)]
    Page(crate::page::Error),
    /// The report could not be written.
    #[error("drift.json cannot be written: {0}")]
    Json(#[from] serde_json::Error),
}

impl From<Error> for stage::Error {
    fn from(error: Error) -> Self {
        let name = match &error {
            Error::Config { .. } => ErrorName::ConfigInvalid,
            Error::Parquet { .. }
            | Error::Unfit { .. }
            | Error::Report { .. }
            | Error::Argument(_) => ErrorName::BadInput,
            Error::Text(_) | Error::Page(_) | Error::Json(_) => ErrorName::StageFailed,
        };
        Self::new(name, error)
    }
}
