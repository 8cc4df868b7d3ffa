//! What can go wrong between a table and its file.

/// An error of the table codec.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file has not the column that the table asks for.
    #[error(
        "{file}: column `{column}` is missing (the file has {found}); it was written by another schema: run the stage that makes it again"
    )]
    MissingColumn {
        /// The file's name.
        file: String,
        /// The column asked for.
        column: String,
        /// The columns found.
        found: String,
    },
    /// The file has the column with another type.
    #[error(
        "{file}: column `{column}` is {found}, expected {expected}; it was written by another schema: run the stage that makes it again"
    )]
    ColumnType {
        /// The file's name.
        file: String,
        /// The column.
        column: String,
        /// The type that the table gives it.
        expected: String,
        /// The type in the file.
        found: String,
    },
    /// The table has no such column.
    #[error("table `{table}` has no column `{column}`")]
    UnknownColumn {
        /// The table's name.
        table: String,
        /// The column asked for.
        column: String,
    },
    /// The bytes are not a Parquet file, or the disk failed.
    #[error("{file}: cannot be read or written as Parquet: {source}")]
    Parquet {
        /// The file's name.
        file: String,
        /// What the Parquet library said.
        source: parquet::errors::ParquetError,
    },
    /// An id stands twice where it should stand once.
    #[error("{file}: id {id} is there twice, expected one row each: run `features` again")]
    TwiceThere {
        /// The file's name.
        file: &'static str,
        /// The id.
        id: String,
    },
    /// An application or a group names a record that is not there.
    #[error(
        "{by} names {noun} {id}, which {file} has not: the files are not of one version, run `features` again"
    )]
    Orphan {
        /// The file that names it.
        by: &'static str,
        /// Candidate or job.
        noun: &'static str,
        /// Its id.
        id: String,
        /// Where it was looked for.
        file: &'static str,
    },
    /// A profile of clean tables is not what `ingest` writes.
    #[error(
        "profile.json: expected the profile that `ingest` writes, found another: {source}; run ingest again"
    )]
    Profile {
        /// What the JSON library said.
        source: serde_json::Error,
    },
    /// A batch could not be assembled.
    #[error("{table}: rows do not fit the table's columns: {source}")]
    Batch {
        /// The table's name.
        table: String,
        /// What Arrow said.
        source: arrow_schema::ArrowError,
    },
}
