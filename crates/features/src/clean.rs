//! Reading a clean table.
//!
//! [`schema::TableReader`] selects columns by path, for which a dot parts a group from its member;
//! the columns of the source's tables have dots in their names, so here they are selected by
//! position. Everything else is as there: the same checks, the same errors.

use arrow_array::RecordBatch;
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder},
    },
    errors::ParquetError,
    file::reader::ChunkReader,
};
use schema::{Error, Table};

/// Reads some columns of a clean table's file, batch by batch.
pub(crate) struct CleanReader {
    file: &'static str,
    reader: ParquetRecordBatchReader,
    rows: u64,
}

impl CleanReader {
    /// Opens `source`, checks that it has `columns` with the types `table` gives them, and reads
    /// only those, `batch_rows` rows at a time, in file order. `file` is the name used in errors.
    ///
    /// # Errors
    /// As [`schema::TableReader::open`].
    pub(crate) fn open<R: ChunkReader + 'static>(
        file: &'static str,
        source: R,
        table: &Table,
        columns: &[&str],
        batch_rows: usize,
    ) -> Result<Self, Error> {
        let fail = |source| Error::Parquet { file: file.to_owned(), source };
        let builder = ParquetRecordBatchReaderBuilder::try_new(source).map_err(fail)?;
        let mut positions = Vec::with_capacity(columns.len());
        for name in columns {
            let Some(position) = table.position(name) else {
                return Err(Error::UnknownColumn {
                    table: table.name.to_owned(),
                    column: (*name).to_owned(),
                });
            };
            let expected = table.columns[position].kind.arrow();
            let Some((at, field)) = builder.schema().column_with_name(name) else {
                let fields = builder.schema().fields().iter();
                return Err(Error::MissingColumn {
                    file: file.to_owned(),
                    column: (*name).to_owned(),
                    found: fields.map(|f| f.name().as_str()).collect::<Vec<_>>().join(", "),
                });
            };
            if *field.data_type() != expected {
                return Err(Error::ColumnType {
                    file: file.to_owned(),
                    column: (*name).to_owned(),
                    expected: expected.to_string(),
                    found: field.data_type().to_string(),
                });
            }
            positions.push(at);
        }
        let mask = ProjectionMask::roots(builder.parquet_schema(), positions);
        let rows = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
        let reader =
            builder.with_projection(mask).with_batch_size(batch_rows).build().map_err(fail)?;
        Ok(Self { file, reader, rows })
    }

    /// Rows of the whole file.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }
}

impl Iterator for CleanReader {
    type Item = Result<RecordBatch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.reader.next()?;
        Some(batch.map_err(|e| Error::Parquet {
            file: self.file.to_owned(),
            source: ParquetError::External(Box::new(e)),
        }))
    }
}
