//! What can go wrong between the raw files and the clean tables.

use stage::ErrorName;

/// An error of the stage. None holds a value of a record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("{file}: byte {byte} (line {line}): expected {expected}, found {found}; {remedy}")]
    BadFile {
        file: String,
        /// Where, from 0.
        byte: u64,
        /// On which line, from 1.
        line: u64,
        expected: &'static str,
        found: String,
        remedy: &'static str,
    },
    #[error("{file}: cannot be read as Parquet: {message}; fetch or export it again")]
    BadParquet { file: String, message: String },
    #[error(
        "{file}: expected a key column `{column}`, found the columns {found}; name it so and export the file again"
    )]
    MissingKeyColumn { file: String, column: &'static str, found: String },
    #[error(
        "{file}: column `{column}`: expected {expected}, found {found}; cast it and export the file again"
    )]
    ColumnType { file: String, column: &'static str, expected: &'static str, found: String },
    #[error("{file}: cannot be read: {source}")]
    Read { file: String, source: std::io::Error },
    #[error(
        "{table}: {rejected} of {read} {unit} were set aside ({share:.2} %), expected at most {allowed:.2} %: {reasons}; see that the files are whole and of the usual shape, or raise `max_reject_share`"
    )]
    TooManyRejects {
        table: &'static str,
        rejected: u64,
        read: u64,
        /// What they are: `records` or `items`.
        unit: &'static str,
        share: f64,
        /// The share configured, in percent.
        allowed: f64,
        reasons: String,
    },
    #[error(
        "{table}: expected records, found none in {files}; a day without any is a failed export: export the table again"
    )]
    EmptyTable { table: &'static str, files: String },
    #[error("{0}")]
    Output(#[source] schema::Error),
    #[error("{table}: repeated records cannot be taken out: {source}")]
    Select { table: &'static str, source: arrow_schema::ArrowError },
    #[error(
        "{table}: a part left by a shard cannot be {problem}; delete `processed/_shards/` of the lake, which costs time alone, and run again"
    )]
    Stored { table: &'static str, problem: String },
    #[error("{0}")]
    Handle(#[from] stage::Error),
    #[error(transparent)]
    Cancelled(#[from] stage::Cancelled),
}

impl From<Error> for stage::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Handle(error) => error,
            Error::Cancelled(cancelled) => cancelled.into(),
            Error::Output(_) | Error::Select { .. } | Error::Stored { .. } => {
                Self::caused(ErrorName::StageFailed, error)
            }
            _ => Self::caused(ErrorName::BadInput, error),
        }
    }
}
