//! What reads a raw file, one at a time and on the caller's thread: for those who try what bytes of
//! others do to it.

use std::ops::Range;

use arrow_array::RecordBatch;
use schema::Table;
use stage::RawFile;

use crate::{
    Config, Error,
    clean::{self, Parsed},
    json::Splitter,
    pipeline,
};

/// Where the entries of a JSON file stand in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryPositions {
    /// Of each entry the key between its quotes, and the value, in file order.
    pub entries: Vec<(Range<usize>, Range<usize>)>,
    /// Where the values begin that are larger than what a record may be.
    pub skipped: Vec<usize>,
}

/// Splits a file that is one JSON object, `block_bytes` (at least 3) at a time.
///
/// # Errors
/// [`Error::BadFile`] when it is none.
pub fn split(
    file: &[u8],
    block_bytes: usize,
    record_bytes: usize,
) -> Result<EntryPositions, Error> {
    let mut split = EntryPositions::default();
    for block in Splitter::new("raw.json".into(), file, block_bytes, record_bytes) {
        let block = block?;
        let start = usize::try_from(block.offset).unwrap_or(usize::MAX);
        let place = |range: &Range<usize>| range.start + start..range.end + start;
        split.entries.extend(block.entries.iter().map(|e| (place(&e.key), place(&e.value))));
        let skipped = block.skipped.iter();
        split.skipped.extend(skipped.map(|s| usize::try_from(s.offset).unwrap_or(usize::MAX)));
    }
    Ok(split)
}

/// A record, element or field that was set aside: its place, its field and why.
pub type SetAside = (u64, Option<&'static str>, &'static str);

/// What was read of a file.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// Its rows, in file order; those of repeated keys among them.
    pub rows: Vec<RecordBatch>,
    /// Records, those set aside among them.
    pub records: u64,
    /// Elements of their lists, those set aside among them.
    pub items: u64,
    pub set_aside: Vec<SetAside>,
    /// How many of those were records or elements, not fields.
    pub rejected: u64,
}

/// Reads a raw file of `table` to its end: JSON, or Parquet where its name says so.
///
/// # Errors
/// [`Error`] when the file is not what it should be.
pub fn read(table: &'static Table, file: &RawFile, config: &Config) -> Result<Read, Error> {
    let mut read = Read::default();
    for part in pipeline::parts(table, file, config) {
        let part = part?;
        read.records += part.records;
        read.items += part.items;
        read.rejected += part.rejects.iter().filter(|r| r.reason.of_record()).count() as u64;
        let set_aside = part.rejects.iter().map(|r| (r.place, r.field, r.reason.code()));
        read.set_aside.extend(set_aside);
        read.rows.extend(part.batch.filter(|batch| batch.num_rows() > 0));
    }
    Ok(read)
}

/// The day, since 1970-01-01, of a text in one of the source's spellings.
#[must_use]
pub fn date(text: &str) -> Option<i32> {
    match clean::date(text) {
        Parsed::Value(day) => Some(day),
        Parsed::Missing | Parsed::Invalid => None,
    }
}
