//! What can go wrong, and by which name the orchestrator knows it.

use stage::ErrorName;

/// Every error of this stage. None holds text of a person.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("config of drift: {key} must be {expected}, found {found}")]
    Config { key: String, expected: String, found: String },
    #[error("{file}: cannot be read as Parquet: {source}")]
    Parquet { file: String, source: parquet::errors::ParquetError },
    #[error(
        "{file}: {problem}: it was written by another release, run the stage that makes it again"
    )]
    Unfit { file: String, problem: String },
    #[error("drift.json of {version}: {problem}: run `drift` again")]
    Report { version: String, problem: String },
    #[error("{0}")]
    Argument(String),
    #[error(transparent)]
    Text(#[from] text::Error),
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
            Error::Text(_) | Error::Json(_) => ErrorName::StageFailed,
        };
        Self::caused(name, error)
    }
}
