//! What can go wrong between the raw files and the clean tables.

/// An error of the stage. None holds a value of a record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A JSON file is not one object of records by id.
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
    /// A Parquet file cannot be read.
    #[error("{file}: cannot be read as Parquet: {message}; fetch or export it again")]
    BadParquet {
        file: String,
        /// What the Parquet library said.
        message: String,
    },
    /// A Parquet file has not the key's column.
    #[error(
        "{file}: expected a key column `{column}`, found the columns {found}; name it so and export the file again"
    )]
    MissingKeyColumn {
        file: String,
        column: &'static str,
        /// The columns that it has.
        found: String,
    },
    /// A column of a Parquet file is of a type that cannot hold its values.
    #[error(
        "{file}: column `{column}`: expected {expected}, found {found}; cast it and export the file again"
    )]
    ColumnType {
        file: String,
        column: &'static str,
        /// The types that are read.
        expected: &'static str,
        found: String,
    },
    /// A raw file cannot be read to its end.
    #[error("{file}: cannot be read: {source}")]
    Read {
        file: String,
        /// What the disk or the store said.
        source: std::io::Error,
    },
    /// Too many records of a table were set aside.
    #[error(
        "{table}: {rejected} of {read} {unit} were set aside ({share:.2} %), expected at most {allowed:.2} %: {reasons}; see that the files are whole and of the usual shape, or raise `max_reject_share`"
    )]
    TooManyRejects {
        table: &'static str,
        /// Records, or items of their lists, that were set aside.
        rejected: u64,
        read: u64,
        /// What they are: `records` or `items`.
        unit: &'static str,
        share: f64,
        /// The share configured, in percent.
        allowed: f64,
        /// The reasons with their counts and where they were met first, most frequent first.
        reasons: String,
    },
    /// A table has no rows.
    #[error(
        "{table}: expected records, found none in {files}; a day without any is a failed export: export the table again"
    )]
    EmptyTable { table: &'static str, files: String },
    /// A clean table could not be written.
    #[error("{0}")]
    Output(#[source] schema::Error),
    /// The rows of a batch could not be selected.
    #[error("{table}: repeated records cannot be taken out: {source}")]
    Select { table: &'static str, source: arrow_schema::ArrowError },
    /// A part that a shard has left cannot be kept or read.
    #[error(
        "{table}: a part left by a shard cannot be {problem}; delete `processed/_shards/` of the lake, which costs time alone, and run again"
    )]
    Stored {
        table: &'static str,
        /// What could not be done, and why.
        problem: String,
    },
    /// An input cannot be opened, or an output not created.
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
            Error::Output(_) | Error::Select { .. } | Error::Stored { .. } => Self::failed(error),
            _ => Self::bad_input(error),
        }
    }
}
