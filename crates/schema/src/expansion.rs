//! Files whose pages expand so much that they are no table: a cell of a gigabyte compresses to some
//! hundred kilobytes.

use parquet::{errors::ParquetError, file::metadata::ParquetMetaData};

/// Bytes of a row group's column up to which it may expand as it likes.
const ANY: u64 = 256 << 20;

/// How often larger a column may be than what is stored of it. Texts of CVs compress to a third or
/// a fifth; columns that repeat themselves are stored as dictionaries, which are small themselves.
const TIMES: u64 = 100;

/// Checks, before a page is read, that no column of a file is a bomb.
///
/// # Errors
/// [`ParquetError::General`] naming the column, and both lengths.
pub fn check_expansion(file: &ParquetMetaData) -> Result<(), ParquetError> {
    for (number, group) in file.row_groups().iter().enumerate() {
        for column in group.columns() {
            let length = |bytes: i64| u64::try_from(bytes).unwrap_or(u64::MAX);
            let (stored, plain) =
                (length(column.compressed_size()), length(column.uncompressed_size()));
            if plain > ANY && plain / TIMES > stored {
                return Err(ParquetError::General(format!(
                    "column `{}` of row group {number} expands from {stored} to {plain} bytes: \
                     expected at most {TIMES} times as many beyond {ANY} bytes",
                    column.column_path().string()
                )));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, RecordBatch, StringArray};
    use parquet::{
        arrow::ArrowWriter,
        basic::{Compression, ZstdLevel},
        file::{
            properties::WriterProperties,
            reader::{FileReader, SerializedFileReader},
        },
    };

    use super::*;

    fn checked(cells: Vec<String>) -> Result<(), ParquetError> {
        let column: ArrayRef = Arc::new(StringArray::from(cells));
        let batch = RecordBatch::try_from_iter([("cv_pt", column)]).unwrap();
        let zstd = Compression::ZSTD(ZstdLevel::default());
        let properties = WriterProperties::builder().set_compression(zstd).build();
        let mut bytes = Vec::new();
        let mut writer =
            ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let file = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
        check_expansion(file.metadata())
    }

    #[test]
    fn a_bomb_is_told_from_a_table_that_repeats_itself() {
        let error = checked(vec!["x".repeat(300 << 20)]).unwrap_err().to_string();
        assert!(error.contains("column `cv_pt` of row group 0 expands from "), "{error}");
        checked(vec!["the same text".repeat(1_000); 20_000]).unwrap();
        checked(vec!["x".repeat(16 << 20)]).unwrap();
    }
}
