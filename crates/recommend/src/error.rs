//! What can go wrong, and by which name the orchestrator knows it.

use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};

use stage::ErrorName;

/// Every error of this stage. None holds text of a person.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("config of recommend: {key} must be {expected}, found {found}")]
    Config { key: String, expected: String, found: String },
    #[error("config of recommend: {key}: `{column}` {problem}")]
    Column { key: String, column: String, problem: String },
    #[error("{problem}: {remedy}")]
    NoEncoder { problem: String, remedy: String },
    #[error("encoder {name}: {source}")]
    Encoder { name: String, source: Box<encoder::Error> },
    #[error("encoder {name} gives a vector that is not finite for {noun} {id}: {remedy}")]
    NotFinite { name: String, noun: &'static str, id: String, remedy: &'static str },
    #[error(transparent)]
    Table(#[from] schema::Error),
    #[error("{file} has no rows: expected {expected}")]
    Empty { file: &'static str, expected: &'static str },
    #[error(
        "no job has a date, so none is known to be open: configure jobs = \"all\" to recommend all"
    )]
    NoDate,
    #[error("{file}: {source}")]
    Neighbours { file: String, source: neighbours::Error },
    #[error("{file}: expected {expected}, found {found}: {remedy}")]
    Mismatch { file: String, expected: String, found: String, remedy: &'static str },
    #[error("{0}")]
    UnknownId(String),
    #[error("{0}")]
    Argument(String),
    #[error(transparent)]
    Text(#[from] text::Error),
}

impl From<Error> for stage::Error {
    fn from(error: Error) -> Self {
        if let Error::Neighbours { file, source: neighbours::Error::Io(source) } = &error
            && [StorageFull, QuotaExceeded, FileTooLarge].contains(&source.kind())
        {
            let said = format!("{file} cannot be written: {source}; free some disk and run again");
            return Self::failed(said);
        }
        let name = match &error {
            Error::Config { .. } | Error::Column { .. } | Error::NoDate => ErrorName::ConfigInvalid,
            Error::Encoder { source, .. } if matches!(**source, encoder::Error::Cancelled) => {
                ErrorName::DeadlineExceeded
            }
            Error::NotFinite { .. } | Error::Text(_) => ErrorName::StageFailed,
            Error::NoEncoder { .. }
            | Error::Encoder { .. }
            | Error::Table(_)
            | Error::Empty { .. }
            | Error::Neighbours { .. }
            | Error::Mismatch { .. }
            | Error::UnknownId(_)
            | Error::Argument(_) => ErrorName::BadInput,
        };
        Self::caused(name, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_no_bad_input() {
        let of = |kind: std::io::ErrorKind| {
            let source = neighbours::Error::Io(kind.into());
            stage::Error::from(Error::Neighbours { file: "job_embeddings.npy".to_owned(), source })
        };
        let full = of(StorageFull);
        assert_eq!(full.name, ErrorName::StageFailed);
        assert!(full.message.starts_with("job_embeddings.npy cannot be written: "), "{full}");
        assert_eq!(of(std::io::ErrorKind::UnexpectedEof).name, ErrorName::BadInput);
    }
}
