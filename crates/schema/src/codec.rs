//! Tables as Parquet: zstd, dictionaries, row groups bounded in rows and bytes, checked on reading.

use std::io::Write;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, SchemaRef};
use parquet::{
    arrow::{ArrowWriter, ProjectionMask, arrow_reader::ParquetRecordBatchReader},
    basic::{Compression, ZstdLevel},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::{EnabledStatistics, WriterProperties},
        reader::ChunkReader,
    },
    schema::types::ColumnPath,
};

use crate::{Error, Kind, Table, digits, guarded, open_parquet};

/// How a table is laid out in its file.
#[derive(Clone, Debug)]
pub struct WriterOptions {
    /// Rows of a row group at most.
    pub row_group_rows: usize,
    /// Bytes of a row group's encoded columns, in memory while it is written, at most.
    pub row_group_bytes: usize,
    /// zstd level: 1 is several times as fast as 3 and some 5 % larger on CV text.
    pub zstd_level: i32,
    /// Columns written without a dictionary: long texts that hardly repeat.
    pub plain: &'static [&'static str],
    /// Bytes of a column's dictionary before the writer falls back to plain pages.
    pub dictionary_bytes: usize,
}

impl Default for WriterOptions {
    fn default() -> Self {
        Self {
            row_group_rows: 1 << 16,
            row_group_bytes: 48 << 20,
            zstd_level: 1,
            plain: &[],
            dictionary_bytes: 16 << 20,
        }
    }
}

/// Writes a table's batches as one Parquet file, in bounded memory.
///
/// The same batches give the same bytes: the file holds no time and no creator's version.
pub struct TableWriter<W: Write + Send> {
    file: String,
    writer: ArrowWriter<W>,
    options: WriterOptions,
    rows: u64,
}

impl<W: Write + Send> TableWriter<W> {
    /// A writer of `table` into `sink`; `file` is the name used in errors.
    ///
    /// # Errors
    /// [`Error::Parquet`] when the sink fails.
    pub fn new(
        file: &str,
        sink: W,
        table: &'static Table,
        options: WriterOptions,
    ) -> Result<Self, Error> {
        Self::with_schema(file, sink, table.arrow(), options)
    }

    /// As [`TableWriter::new`], for a table that is not known before the run.
    ///
    /// # Errors
    /// [`Error::Parquet`] when the sink fails.
    pub fn with_schema(
        file: &str,
        sink: W,
        schema: SchemaRef,
        options: WriterOptions,
    ) -> Result<Self, Error> {
        let fail = |source| Error::Parquet { file: file.to_owned(), source };
        let level = ZstdLevel::try_new(options.zstd_level).map_err(fail)?;
        let mut properties = WriterProperties::builder()
            .set_created_by("mllab".to_owned())
            .set_compression(Compression::ZSTD(level))
            .set_max_row_group_row_count(Some(options.row_group_rows))
            .set_dictionary_page_size_limit(options.dictionary_bytes)
            .set_data_page_size_limit(1 << 20)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_key_value_metadata(Some(vec![KeyValue::new(
                "mllab.format".to_owned(),
                "1".to_owned(),
            )]));
        for column in options.plain {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(*column), false);
        }
        let writer = ArrowWriter::try_new(sink, schema, Some(properties.build())).map_err(fail)?;
        Ok(Self { file: file.to_owned(), writer, options, rows: 0 })
    }

    /// Appends a batch.
    ///
    /// # Errors
    /// [`Error::Parquet`] when the batch is of another schema or the sink fails.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.rows += batch.num_rows() as u64;
        self.writer.write(batch).map_err(|e| self.failed(e))?;
        if self.writer.in_progress_size() > self.options.row_group_bytes {
            self.writer.flush().map_err(|e| self.failed(e))?;
        }
        Ok(())
    }

    /// Writes the footer; gives the rows written and the sink back.
    ///
    /// # Errors
    /// [`Error::Parquet`] when the sink fails.
    pub fn finish(self) -> Result<(u64, W), Error> {
        let Self { file, writer, rows, .. } = self;
        let sink = writer.into_inner().map_err(|source| Error::Parquet { file, source })?;
        Ok((rows, sink))
    }

    fn failed(&self, source: ParquetError) -> Error {
        Error::Parquet { file: self.file.clone(), source }
    }
}

/// Reads some columns of a table's Parquet file, batch by batch.
///
/// Files of other writers (pandas, polars) are read too: a text may be stored as large string,
/// string view or dictionary, and a whole number stands for its decimal text where the table has
/// a text (keys are numbers to many).
pub struct TableReader {
    file: String,
    reader: ParquetRecordBatchReader,
    rows: u64,
    /// Positions, in a batch, of the texts that the file has as whole numbers.
    numbers: Vec<usize>,
}

impl TableReader {
    /// Opens `source`, checks that it has `columns` with the types `table` gives them, and reads
    /// only those, `batch_rows` rows at a time, in file order. `file` is the name used in errors.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`] when the table has not such a column; [`Error::MissingColumn`] or
    /// [`Error::ColumnType`] when the file does not fit the table; [`Error::Parquet`] when it is no
    /// Parquet file.
    pub fn open<R: ChunkReader + 'static>(
        file: &str,
        source: R,
        table: &Table,
        columns: &[&str],
        batch_rows: usize,
    ) -> Result<Self, Error> {
        let fail = |source| Error::Parquet { file: file.to_owned(), source };
        let builder = open_parquet(source).map_err(fail)?;
        check(file, builder.schema(), table, columns)?;
        let rows = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
        // By position: `ProjectionMask::columns` would take the dots of a name for a path.
        let fields = builder.schema().fields().iter().enumerate();
        let wanted: Vec<usize> =
            fields.filter(|(_, f)| columns.contains(&f.name().as_str())).map(|(i, _)| i).collect();
        let is_number = |name: &str, found: &DataType| {
            let kind = table.position(name).map(|i| table.columns[i].kind);
            kind == Some(Kind::Text) && found.is_integer()
        };
        let read = wanted.iter().map(|i| builder.schema().field(*i)).enumerate();
        let numbers =
            read.filter(|(_, f)| is_number(f.name(), f.data_type())).map(|(i, _)| i).collect();
        let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
        let reader = guarded(|| builder.with_projection(mask).with_batch_size(batch_rows).build())
            .map_err(fail)?;
        Ok(Self { file: file.to_owned(), reader, rows, numbers })
    }

    /// Rows of the whole file.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }
}

impl Iterator for TableReader {
    type Item = Result<RecordBatch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = guarded(|| self.reader.next().transpose()).transpose()?;
        let batch = batch.and_then(|batch| digits::spell(batch, &self.numbers));
        Some(batch.map_err(|e| Error::Parquet {
            file: self.file.clone(),
            source: ParquetError::External(Box::new(e)),
        }))
    }
}

fn check(file: &str, found: &SchemaRef, table: &Table, columns: &[&str]) -> Result<(), Error> {
    for name in columns {
        let Some(position) = table.position(name) else {
            return Err(Error::UnknownColumn {
                table: table.name.to_owned(),
                column: (*name).to_owned(),
            });
        };
        let kind = table.columns[position].kind;
        let expected = kind.arrow();
        let Ok(field) = found.field_with_name(name) else {
            let names: Vec<_> = found.fields().iter().map(|f| f.name().as_str()).collect();
            return Err(Error::MissingColumn {
                file: file.to_owned(),
                column: (*name).to_owned(),
                found: names.join(", "),
            });
        };
        let readable =
            *field.data_type() == expected || kind == Kind::Text && field.data_type().is_integer();
        if !readable {
            return Err(Error::ColumnType {
                file: file.to_owned(),
                column: (*name).to_owned(),
                expected: describe(&expected),
                found: describe(field.data_type()),
            });
        }
    }
    Ok(())
}

fn describe(data_type: &DataType) -> String {
    data_type.to_string()
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;
    use bytes::Bytes;

    use super::*;
    use crate::{BatchBuilder, raw, tables, text_column};

    fn jobs(rows: usize) -> Bytes {
        let mut batch = BatchBuilder::new(&tables::JOBS);
        for row in 0..rows {
            for (i, column) in tables::JOBS.columns.iter().enumerate() {
                match column.kind {
                    crate::Kind::Date => batch.date(i, (row % 2 == 0).then_some(19_000)),
                    _ if i == 0 => batch.text(i, Some(&row.to_string())),
                    _ => batch.text(i, Some("")),
                }
            }
            batch.end_row();
        }
        let options = WriterOptions { row_group_rows: 10, ..WriterOptions::default() };
        let mut writer =
            TableWriter::new("jobs.parquet", Vec::new(), &tables::JOBS, options).unwrap();
        writer.write(&batch.finish().unwrap()).unwrap();
        let (written, bytes) = writer.finish().unwrap();
        assert_eq!(written, rows as u64);
        Bytes::from(bytes)
    }

    #[test]
    fn a_table_reads_back_in_order_and_empty_text_is_null() {
        let reader = TableReader::open(
            "jobs.parquet",
            jobs(25),
            &tables::JOBS,
            &["codigo_vaga", "titulo_vaga"],
            7,
        )
        .unwrap();
        assert_eq!(reader.rows(), 25);
        let mut keys = Vec::new();
        for batch in reader {
            let batch = batch.unwrap();
            assert_eq!(batch.num_columns(), 2);
            assert_eq!(text_column(&batch, "titulo_vaga").null_count(), batch.num_rows());
            keys.extend(text_column(&batch, "codigo_vaga").iter().map(|k| k.unwrap().to_owned()));
        }
        assert_eq!(keys, (0..25).map(|k| k.to_string()).collect::<Vec<_>>());
    }

    #[test]
    fn columns_with_dots_in_their_names_are_read() {
        let mut batch = BatchBuilder::new(&raw::VAGAS);
        for (i, column) in raw::VAGAS.columns.iter().enumerate() {
            match column.kind {
                crate::Kind::Date => batch.date(i, None),
                crate::Kind::Money => batch.money(i, None),
                _ => batch.text(i, Some(column.name)),
            }
        }
        batch.end_row();
        let options = WriterOptions::default();
        let mut writer = TableWriter::new("vagas", Vec::new(), &raw::VAGAS, options).unwrap();
        writer.write(&batch.finish().unwrap()).unwrap();
        let bytes = Bytes::from(writer.finish().unwrap().1);
        let columns = ["codigo", "perfil_vaga.nivel profissional"];
        let mut reader = TableReader::open("vagas", bytes, &raw::VAGAS, &columns, 7).unwrap();
        let batch = reader.next().unwrap().unwrap();
        assert_eq!(batch.num_columns(), 2);
        assert_eq!(text_column(&batch, columns[1]).value(0), columns[1]);
    }

    #[test]
    fn the_same_rows_give_the_same_bytes() {
        assert_eq!(jobs(30), jobs(30));
    }

    #[test]
    fn a_file_of_another_schema_is_refused_by_name() {
        let error =
            TableReader::open("x.parquet", jobs(1), &tables::PEOPLE, &["codigo"], 7).err().unwrap();
        assert!(error.to_string().starts_with("x.parquet: column `codigo` is missing"), "{error}");
    }

    #[test]
    fn bytes_that_are_no_parquet_are_refused_by_name() {
        let error = TableReader::open(
            "x.parquet",
            Bytes::from_static(b"not parquet"),
            &tables::JOBS,
            &["codigo_vaga"],
            7,
        )
        .err()
        .unwrap();
        assert!(error.to_string().contains("x.parquet"), "{error}");
    }

    #[test]
    fn a_null_key_is_refused() {
        let mut batch = BatchBuilder::new(&tables::JOBS);
        for (i, column) in tables::JOBS.columns.iter().enumerate() {
            match column.kind {
                crate::Kind::Date => batch.date(i, None),
                _ => batch.text(i, None),
            }
        }
        assert!(matches!(batch.finish(), Err(Error::Batch { .. })));
    }
}
