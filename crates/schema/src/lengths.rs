//! Files of others whose headers cannot be true: lengths that lie outside the file, and pages that
//! expand so much that they are no table (a cell of a gigabyte compresses to some hundred kilobytes).

use parquet::{
    errors::ParquetError,
    file::metadata::{ColumnChunkMetaData, ParquetMetaData},
};

/// Bytes of a row group's column up to which it may expand as it likes.
const ANY: u64 = 256 << 20;

/// How often larger a column may be than what is stored of it. Texts of CVs compress to a third or
/// a fifth; columns that repeat themselves are stored as dictionaries, which are small themselves.
const TIMES: u64 = 100;

/// Checks, before a page is read, what a file of `bytes` bytes says of its columns: that they lie
/// in it, that their rows are the file's, and that none is a bomb.
///
/// # Errors
/// [`ParquetError::General`] naming the column, what was expected and what was found.
pub fn check_lengths(file: &ParquetMetaData, bytes: u64) -> Result<(), ParquetError> {
    let refuse = |problem: String| Err(ParquetError::General(problem));
    let (mut rows, said) = (0_i64, file.file_metadata().num_rows());
    for (number, group) in file.row_groups().iter().enumerate() {
        let of_group = group.num_rows();
        if of_group < 0 {
            return refuse(format!(
                "row group {number} has {of_group} rows: expected no less than 0"
            ));
        }
        rows = rows.saturating_add(of_group);
        for column in group.columns() {
            let name =
                || format!("column `{}` of row group {number}", column.column_path().string());
            let Some(stored) = stored(column).filter(|(_, end)| *end <= bytes) else {
                return refuse(format!("{} lies outside the file of {bytes} bytes", name()));
            };
            let stored = stored.1 - stored.0;
            let plain = u64::try_from(column.uncompressed_size()).unwrap_or(u64::MAX);
            if plain > ANY && plain / TIMES > stored {
                return refuse(format!(
                    "{} expands from {stored} to {plain} bytes: expected at most {TIMES} times as \
                     many beyond {ANY} bytes",
                    name()
                ));
            }
        }
    }
    if rows != said {
        return refuse(format!(
            "its row groups have {rows} rows: expected {said}, as its footer says"
        ));
    }
    Ok(())
}

/// Where a column begins and ends in its file; none where it begins before the file or ends beyond
/// what a file can be.
fn stored(column: &ColumnChunkMetaData) -> Option<(u64, u64)> {
    let start = column.dictionary_page_offset().unwrap_or(column.data_page_offset());
    let start = u64::try_from(start).ok()?;
    let length = u64::try_from(column.compressed_size()).ok()?;
    Some((start, start.checked_add(length)?))
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
        let length = bytes.len() as u64;
        let file = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
        check_lengths(file.metadata(), length)
    }

    #[test]
    fn a_bomb_is_told_from_a_table_that_repeats_itself() {
        let error = checked(vec!["x".repeat(300 << 20)]).unwrap_err().to_string();
        assert!(error.contains("column `cv_pt` of row group 0 expands from "), "{error}");
        checked(vec!["the same text".repeat(1_000); 20_000]).unwrap();
        checked(vec!["x".repeat(16 << 20)]).unwrap();
    }
}
