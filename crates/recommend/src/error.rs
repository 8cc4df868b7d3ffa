//! What can go wrong, and by which name the orchestrator knows it.

use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};

use stage::ErrorName;

/// Every error of this stage. None holds text of a person.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A configured value is out of its range.
    #[error("config of recommend: {key} must be {expected}, found {found}")]
    Config {
        key: String,
        /// The values that are allowed.
        expected: String,
        found: String,
    },
    /// A configured column can be no part of a text.
    #[error("config of recommend: {key}: `{column}` {problem}")]
    Column {
        /// The key that names it.
        key: String,
        column: String,
        /// Why not.
        problem: String,
    },
    /// The configured encoder is not in the lake.
    #[error("{problem}: {remedy}")]
    NoEncoder {
        /// What was looked for, and where.
        problem: String,
        remedy: String,
    },
    /// The encoder cannot be loaded, or cannot encode.
    #[error("encoder {name}: {source}")]
    Encoder {
        name: String,
        /// Why not.
        source: Box<encoder::Error>,
    },
    /// The encoder has given a number that is none.
    #[error("encoder {name} gives a vector that is not finite for {noun} {id}: {remedy}")]
    NotFinite {
        name: String,
        /// Candidate or job.
        noun: &'static str,
        id: String,
        remedy: &'static str,
    },
    /// A file is not the table that it should be.
    #[error(transparent)]
    Table(#[from] schema::Error),
    /// An id stands twice where it should stand once.
    #[error("{file}: id {id} is there twice, expected one row each: run `features` again")]
    TwiceThere { file: &'static str, id: String },
    /// An application or a group names a record that is not there.
    #[error(
        "{names} names {noun} {id}, which {file} has not: the files are not of one version, run `features` again"
    )]
    Orphan {
        /// The file that names it.
        names: &'static str,
        /// Candidate or job.
        noun: &'static str,
        id: String,
        /// Where it was looked for.
        file: &'static str,
    },
    /// A table has no rows.
    #[error("{file} has no rows: expected {expected}")]
    Empty { file: &'static str, expected: &'static str },
    /// No date says which jobs are open.
    #[error(
        "no job has a date, so none is known to be open: configure jobs = \"all\" to recommend all"
    )]
    NoDate,
    /// Nearest neighbours could not be found, written or read.
    #[error("{file}: {source}")]
    Neighbours {
        /// The file, or what was computed.
        file: String,
        /// Why not.
        source: neighbours::Error,
    },
    /// Two files of a version do not belong together.
    #[error("{file}: expected {expected}, found {found}: {remedy}")]
    Mismatch {
        file: String,
        /// What was expected, and why.
        expected: String,
        found: String,
        remedy: &'static str,
    },
    /// An id is not among those of the version.
    #[error("{0}")]
    UnknownId(String),
    /// An argument of a command is missing or wrong.
    #[error("{0}")]
    Argument(String),
    /// The words that two texts share could not be weighted.
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
            | Error::TwiceThere { .. }
            | Error::Orphan { .. }
            | Error::Empty { .. }
            | Error::Neighbours { .. }
            | Error::Mismatch { .. }
            | Error::UnknownId(_)
            | Error::Argument(_) => ErrorName::BadInput,
        };
        Self::new(name, error)
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
