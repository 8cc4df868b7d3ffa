//! Raw files of JSON: how they are split into records, and how the records are read.

use std::ops::Range;

use arrow_array::{Array, RecordBatch, cast::AsArray, types::Date32Type};
use arrow_select::concat::concat_batches;
use ingest::{
    Config,
    foreign::{self, EntryPositions, Read, SetAside},
};
use schema::{Table, calendar, raw};
use serde_json::{Map, Value};
use stage::RawFile;
use versioning::Blob;

/// Larger than any file of a corpus, so that nothing is skipped and all is one block.
const WHOLE: usize = 1 << 20;

/// Splitting a file of records.
///
/// - However large its blocks, the result is the same.
/// - Between the entries nothing stands but blanks and JSON's punctuation, so entries and what
///   stands between them are the file.
/// - Of valid JSON, the entries are those of `serde_json`.
/// - A record that is too large is named by its place, and costs no other one.
pub fn split(file: &[u8]) {
    let whole = foreign::split(file, WHOLE, WHOLE);
    for block in [3, 7, 64, 1000] {
        match (&whole, foreign::split(file, block, WHOLE)) {
            (Ok(whole), Ok(split)) => assert_eq!(*whole, split, "in blocks of {block}"),
            (Err(_), Err(_)) => {}
            (whole, split) => panic!("in blocks of {block}: {split:?} instead of {whole:?}"),
        }
    }
    let json: Result<Map<String, Value>, _> = serde_json::from_slice(without_mark(file));
    let Ok(whole) = whole else {
        assert!(json.is_err() || has_long_key(file), "valid JSON was refused");
        return;
    };
    punctuation_alone(file, &whole);
    if let Ok(json) = json {
        let entries = whole.entries.iter().map(|(key, value)| {
            let key = format!("\"{}\"", str::from_utf8(&file[key.clone()]).unwrap_or("no UTF-8"));
            let value = serde_json::from_slice(&file[value.clone()]);
            (serde_json::from_str(&key).expect("a key"), value.expect("a value"))
        });
        assert_eq!(entries.collect::<Map<String, Value>>(), json);
    }
    let few = foreign::split(file, 7, 16).expect("what is too large is skipped");
    let (large, small): (Vec<_>, Vec<_>) =
        whole.entries.into_iter().partition(|(_, value)| value.len() > 16);
    let large = large.into_iter().map(|(_, value)| value.start).collect::<Vec<_>>();
    assert_eq!(few, EntryPositions { entries: small, skipped: large });
}

fn without_mark(file: &[u8]) -> &[u8] {
    file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file)
}

/// A key, or a gap, longer than any id is refused: an unclosed quote would be one.
fn has_long_key(file: &[u8]) -> bool {
    file.len() > 4096
}

fn punctuation_alone(file: &[u8], split: &EntryPositions) {
    let mut at = 0;
    for (key, value) in &split.entries {
        for gap in [at..key.start, key.end..value.start] {
            let bytes = file.get(gap).expect("entries stand in order");
            let other = bytes.iter().find(|b| !b"\xef\xbb\xbf {:,\"\t\r\n".contains(b));
            assert!(other.is_none(), "{other:?} stands between entries");
        }
        at = value.end;
    }
    let rest = &file[at..];
    assert!(rest.iter().all(|b| b"\xef\xbb\xbf {}\t\r\n".contains(b)), "bytes lie behind the last");
}

/// Reading a raw file of JSON as each of the three tables.
///
/// - However large its blocks, the rows are the same, and so is what was set aside.
/// - Every record is a row or is set aside (of `prospects`, every item).
/// - A date is one of the years that the source can mean.
pub fn raw_json(file: &[u8]) {
    for table in [&raw::APPLICANTS, &raw::VAGAS, &raw::PROSPECTS] {
        let read = |block_bytes| {
            let config = Config { block_bytes, max_record_bytes: 1 << 12, ..Config::default() };
            read_raw(table, "json", file, &config)
        };
        let (Some(whole), Some(blocks)) = (read(WHOLE), read(64)) else {
            assert!(read(WHOLE).is_none() && read(64).is_none(), "blocks decide what is refused");
            continue;
        };
        assert_eq!(whole, blocks, "{}", table.name);
    }
}

/// Reads a raw file, keeps to what is promised of all of them, and gives its rows and what was set
/// aside; none where it is refused.
pub(crate) fn read_raw(
    table: &'static Table,
    extension: &str,
    bytes: &[u8],
    config: &Config,
) -> Option<(RecordBatch, Vec<SetAside>)> {
    let name = format!("raw/{}.{extension}", table.name);
    let blob = Blob::from(bytes.to_vec());
    let file = RawFile { name: name.clone(), blob, sha256: String::new() };
    let Read { rows, records, items, set_aside, rejected } =
        match foreign::read(table, &file, config) {
            Ok(read) => read,
            Err(error) => {
                let error = error.to_string();
                assert!(error.starts_with(&name), "the file is not named: {error}");
                return None;
            }
        };
    let batch = concat_batches(&table.arrow(), &rows).expect("batches of one table");
    let units = if table.name == raw::PROSPECTS.name { items } else { records };
    assert!(batch.num_rows() as u64 <= units, "more rows than there were");
    assert!(units <= batch.num_rows() as u64 + rejected, "a record is neither row nor reject");
    let days: Range<i32> = calendar::parse("1900-01-01").expect("a day")
        ..calendar::parse("2199-12-31").expect("a day") + 1;
    for column in batch.columns() {
        if let Some(dates) = column.as_primitive_opt::<Date32Type>() {
            let mut dates = (0..dates.len()).filter(|i| dates.is_valid(*i)).map(|i| dates.value(i));
            assert!(dates.all(|day| days.contains(&day)), "a date of another age");
        }
    }
    Some((batch, set_aside))
}
