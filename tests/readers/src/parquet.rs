//! Parquet: raw tables, tables between the stages, and files of pairs.

use arrow_array::RecordBatch;
use bytes::Bytes;
use ingest::Config;
use matching::pairs::PairFile;
use schema::{TableReader, TableWriter, WriterOptions, raw, tables};
use versioning::Blob;

use crate::json::read_raw;

/// A raw table of jobs, or of applications.
///
/// - What is promised of [`raw_json`](crate::raw_json) but for blocks of bytes: here, however many
///   rows are read at a time, the rows are the same, and so is what was set aside.
pub fn raw_parquet(bytes: &[u8]) {
    for table in [&raw::VAGAS, &raw::PROSPECTS] {
        let read = |block_rows| {
            read_raw(table, "parquet", bytes, &Config { block_rows, ..Config::default() })
        };
        let (whole, blocks) = (read(1024), read(3));
        assert!(whole == blocks, "blocks decide what is read");
    }
}

/// A table of the feature store.
///
/// - A file that is read to its end has as many rows as it said.
/// - What was read, written and read again, is the same.
pub fn table_parquet(bytes: &[u8]) {
    let columns = ["codigo_vaga", "titulo_vaga", "data_requicisao"];
    let read = |bytes: Bytes| -> Result<(u64, Vec<RecordBatch>), schema::Error> {
        let reader = TableReader::open("jobs.parquet", bytes, &tables::JOBS, &columns, 5)?;
        Ok((reader.rows(), reader.collect::<Result<_, _>>()?))
    };
    let (rows, batches) = match read(Bytes::copy_from_slice(bytes)) {
        Ok(read) => read,
        Err(error) => {
            let error = error.to_string();
            return assert!(error.starts_with("jobs.parquet: "), "the file is not named: {error}");
        }
    };
    assert_eq!(rows, batches.iter().map(|b| b.num_rows() as u64).sum::<u64>());
    let Some(first) = batches.first() else { return };
    let options = WriterOptions::default();
    let mut writer = TableWriter::with_schema("jobs.parquet", Vec::new(), first.schema(), options)
        .expect("a table");
    batches.iter().for_each(|batch| writer.write(batch).expect("room in memory"));
    let (written, sink) = writer.finish().expect("room in memory");
    assert_eq!(written, rows);
    let (again, read_again) = read(sink.into()).expect("what we write, we read");
    assert_eq!(again, rows);
    let rows_of = |batches: &[RecordBatch]| {
        arrow_select::concat::concat_batches(&batches[0].schema(), batches).expect("one schema")
    };
    assert_eq!(rows_of(&batches).columns(), rows_of(&read_again).columns());
}

/// A file of pairs to be scored.
///
/// - What is refused names the file.
/// - What is taken has a candidate and a job a row, and no more rows than it has bytes for.
pub fn pairs(bytes: &[u8]) {
    let file = PairFile::new("p.parquet", Blob::from(bytes.to_vec()));
    match file.pairs() {
        Ok(pairs) => assert!(pairs.len() <= 1_000_000),
        Err(error) => {
            let error = error.to_string();
            assert!(error.starts_with("--pairs p.parquet: "), "the file is not named: {error}");
        }
    }
}
