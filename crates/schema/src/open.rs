//! Files of others whose headers cannot be true: lengths that lie outside the file, and pages that
//! expand so much that they are not a table (a cell of a gigabyte compresses to some hundred kilobytes).

use std::ops::Range;

use parquet::{
    arrow::arrow_reader::{
        ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
    },
    errors::ParquetError,
    file::{
        metadata::{ColumnChunkMetaData, ParquetMetaData},
        reader::ChunkReader,
    },
};

use crate::{guarded, pages};

/// Bytes of a row group's column up to which it may expand as it likes.
const ANY: u64 = 256 << 20;

/// How often larger a column may be than what is stored of it. Texts of CVs compress to a third or
/// a fifth; columns that repeat themselves are stored as dictionaries, which are small themselves.
const TIMES: u64 = 100;

/// Rows that a file may have whatever its length: those of constants and nulls take next to nothing.
const ROWS: u64 = 1 << 20;

/// Rows a byte of a longer file. Rows that have keys take more than a byte each.
const ROWS_A_BYTE: u64 = 8;

/// Opens a Parquet file of others: what a writer says of its Arrow types is left aside (every way to
/// hold strings in memory is one and the same column of strings in the file), and before a page is
/// expanded, what the footer and the headers of the pages say is checked: that the columns lie in
/// the file, that their rows are the file's and not more than it can hold, and that none is a bomb.
///
/// A page that is stored as gzip or Brotli may hold more than its header says: the library finds
/// that out when it has expanded it.
///
/// # Errors
/// [`ParquetError`]: no Parquet; [`ParquetError::General`] naming the column, what was expected and
/// what was found.
pub fn open_parquet<R: ChunkReader + 'static>(
    source: R,
) -> Result<ParquetRecordBatchReaderBuilder<R>, ParquetError> {
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let metadata = guarded(|| ArrowReaderMetadata::load(&source, options))?;
    check(metadata.metadata(), &source)?;
    Ok(ParquetRecordBatchReaderBuilder::new_with_metadata(source, metadata))
}

fn check(file: &ParquetMetaData, source: &impl ChunkReader) -> Result<(), ParquetError> {
    let bytes = source.len();
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
            let Some(place) = place(column).filter(|place| place.end <= bytes) else {
                return refuse(format!("{} lies outside the file of {bytes} bytes", name()));
            };
            let stored = place.end - place.start;
            let said = u64::try_from(column.uncompressed_size()).unwrap_or(u64::MAX);
            let plain = match pages::expanded(source, place) {
                Ok(plain) => plain.max(said),
                Err(problem) => return refuse(format!("{} {problem}", name())),
            };
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
    let rows = u64::try_from(rows).unwrap_or(u64::MAX);
    if rows > ROWS && rows / ROWS_A_BYTE > bytes {
        return refuse(format!(
            "it has {rows} rows in {bytes} bytes: expected at most {ROWS_A_BYTE} a byte beyond {ROWS}"
        ));
    }
    Ok(())
}

/// Where a column lies in its file; none where it begins before the file or ends beyond what a file
/// can be.
fn place(column: &ColumnChunkMetaData) -> Option<Range<u64>> {
    let start = column.dictionary_page_offset().unwrap_or(column.data_page_offset());
    let start = u64::try_from(start).ok()?;
    let length = u64::try_from(column.compressed_size()).ok()?;
    Some(start..start.checked_add(length)?)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
    use bytes::Bytes;
    use parquet::{
        arrow::ArrowWriter,
        basic::{Compression, ZstdLevel},
        file::{
            metadata::{ColumnChunkMetaDataBuilder, FileMetaData, ParquetMetaDataBuilder},
            properties::{EnabledStatistics, WriterProperties},
        },
    };

    use super::*;

    fn file(column: ArrayRef) -> Vec<u8> {
        let batch = RecordBatch::try_from_iter([("cv_pt", column)]).unwrap();
        let zstd = Compression::ZSTD(ZstdLevel::default());
        let properties = WriterProperties::builder()
            .set_compression(zstd)
            .set_statistics_enabled(EnabledStatistics::None)
            .build();
        let mut bytes = Vec::new();
        let mut writer =
            ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        bytes
    }

    fn opened(bytes: Vec<u8>) -> Result<(), ParquetError> {
        open_parquet(Bytes::from(bytes)).map(drop)
    }

    fn texts(cells: Vec<String>) -> Vec<u8> {
        file(Arc::new(StringArray::from(cells)))
    }

    /// Checks a file whose footer says something else of its one column.
    fn checked(
        bytes: &[u8],
        lie: impl Fn(ColumnChunkMetaDataBuilder) -> ColumnChunkMetaDataBuilder,
    ) -> Result<(), ParquetError> {
        let bytes = Bytes::copy_from_slice(bytes);
        let read = ArrowReaderMetadata::load(&bytes, ArrowReaderOptions::new()).unwrap();
        let mut file = read.metadata().as_ref().clone().into_builder();
        for group in file.take_row_groups() {
            let columns = group.columns().iter().cloned();
            let columns = columns.map(|c| lie(c.into_builder()).build().unwrap()).collect();
            let group = group.into_builder().set_column_metadata(columns).build().unwrap();
            file = file.add_row_group(group);
        }
        check(&file.build(), &bytes)
    }

    #[test]
    fn a_bomb_is_told_from_a_table_that_repeats_itself() {
        let bomb = texts(vec!["x".repeat(300 << 20)]);
        // The headers of its pages tell one whose footer says that it is none.
        let told = checked(&bomb, |column| column.set_total_uncompressed_size(1)).unwrap_err();
        for error in [told, opened(bomb).unwrap_err()] {
            let error = error.to_string();
            assert!(error.contains("column `cv_pt` of row group 0 expands from "), "{error}");
        }
        opened(texts(vec!["the same text".repeat(1_000); 20_000])).unwrap();
        opened(texts(vec!["x".repeat(16 << 20)])).unwrap();
    }

    #[test]
    fn a_dictionary_has_no_more_words_than_bytes() {
        let mut bytes = file(Arc::new(Int64Array::from(vec![7; 600])));
        opened(bytes.clone()).unwrap();
        // The header of the dictionary: one word, plain; then that it is not sorted.
        let header = [0x15, 0x02, 0x15, 0x00, 0x12];
        let at = bytes.windows(header.len()).position(|w| w == header).unwrap();
        bytes[at + 1] = 0x7e;
        let error = opened(bytes).unwrap_err().to_string();
        assert!(error.contains("has a dictionary of 63 words in 8 bytes"), "{error}");
    }

    #[test]
    fn a_column_lies_in_its_file_and_its_pages_fill_it() {
        let bytes = file(Arc::new(Int64Array::from(vec![7; 3])));
        checked(&bytes, |column| column).unwrap();
        let said = |lie: fn(ColumnChunkMetaDataBuilder) -> ColumnChunkMetaDataBuilder| {
            checked(&bytes, lie).unwrap_err().to_string()
        };
        for error in [
            said(|column| column.set_total_compressed_size(-1)),
            said(|column| column.set_total_compressed_size(i64::MAX)),
            said(|column| column.set_dictionary_page_offset(Some(-7))),
            said(|column| column.set_dictionary_page_offset(None).set_data_page_offset(1 << 40)),
        ] {
            assert!(error.contains("column `cv_pt` of row group 0 lies outside"), "{error}");
        }
        for error in [
            said(|column| column.set_total_compressed_size(20)),
            said(|column| column.set_dictionary_page_offset(Some(5))),
        ] {
            assert!(error.contains("column `cv_pt` of row group 0 has "), "{error}");
        }
    }

    #[test]
    fn the_rows_of_its_groups_are_those_of_a_file() {
        let bytes = Bytes::from(file(Arc::new(Int64Array::from(vec![7; 3]))));
        let read = ArrowReaderMetadata::load(&bytes, ArrowReaderOptions::new()).unwrap();
        for (rows, problem) in [(4, "have 4 rows: expected 3"), (-1, "row group 0 has -1 rows")] {
            let mut file = read.metadata().as_ref().clone().into_builder();
            let group = file.take_row_groups().remove(0).into_builder().set_num_rows(rows);
            let file = file.add_row_group(group.build().unwrap()).build();
            let error = check(&file, &bytes).unwrap_err().to_string();
            assert!(error.contains(problem), "{error}");
        }
    }

    #[test]
    fn a_short_file_has_not_a_million_times_as_many_rows() {
        let bytes = Bytes::from(file(Arc::new(Int64Array::from(vec![7; 3]))));
        let read = ArrowReaderMetadata::load(&bytes, ArrowReaderOptions::new()).unwrap();
        let said = |rows| {
            let schema = read.metadata().file_metadata().schema_descr_ptr();
            let group = read.metadata().row_group(0).clone().into_builder().set_num_rows(rows);
            let footer = FileMetaData::new(1, rows, None, None, schema, None);
            let file = ParquetMetaDataBuilder::new(footer).add_row_group(group.build().unwrap());
            check(&file.build(), &bytes)
        };
        said(1 << 20).unwrap();
        let error = said(1 << 31).unwrap_err().to_string();
        assert!(error.contains("it has 2147483648 rows in "), "{error}");
    }
}
