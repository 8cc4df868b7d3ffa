//! What can go wrong between the clean tables and the feature store.

use stage::ErrorName;

/// An error of the stage. None holds a value of a record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("{0}")]
    Input(#[source] schema::Error),
    #[error("{0}")]
    Output(#[source] schema::Error),
    #[error(
        "{file}: rows {first} and {second} have the same `{column}`, expected one row a key; run ingest again"
    )]
    RepeatedKey {
        file: &'static str,
        column: &'static str,
        /// The first of the two rows, from 0.
        first: usize,
        second: usize,
    },
    #[error("{table}: columns cannot be assembled: {source}")]
    Assemble { table: &'static str, source: arrow_schema::ArrowError },
    #[error("the writer of {table} has stopped")]
    Stopped { table: &'static str },
    #[error("{0}")]
    Handle(#[from] stage::Error),
    #[error(transparent)]
    Cancelled(#[from] stage::Cancelled),
}

impl Error {
    /// For `map_err`: an Arrow error while `table` was assembled.
    pub(crate) fn assemble(table: &'static str) -> impl Fn(arrow_schema::ArrowError) -> Self {
        move |source| Self::Assemble { table, source }
    }
}

impl From<Error> for stage::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Handle(error) => error,
            Error::Cancelled(cancelled) => cancelled.into(),
            Error::Input(_) | Error::RepeatedKey { .. } => Self::caused(ErrorName::BadInput, error),
            Error::Output(_) | Error::Assemble { .. } | Error::Stopped { .. } => {
                Self::caused(ErrorName::StageFailed, error)
            }
        }
    }
}
