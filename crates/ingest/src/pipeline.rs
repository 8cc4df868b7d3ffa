//! One table: its files are read by one thread, their blocks parsed by several, and the parts put
//! together, in order, by the thread that writes. What a shard has left of a file ([`crate::shards`])
//! stands for its blocks.
//!
//! Blocks are dealt to the parsers like cards, and the writer takes the parts from them in the same
//! round: so order is kept without a buffer to sort, and every queue holds one item, so memory does
//! not depend on the size of the files.

use std::{
    collections::BTreeMap,
    io::Write,
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
};

use arrow_array::{BooleanArray, RecordBatch};
use arrow_select::filter::filter_record_batch;
use bytes::Bytes;
use roaring::RoaringBitmap;
use schema::{Table, TableWriter, profile::Repeated};
use stage::{Phase, RawFile};
use versioning::Memo;

use crate::{
    Config, Error,
    increments::Increments,
    json::{JsonBlock, Layout, Splitter, read_block},
    keys::{Met, SeenKeys},
    parquet::{RowBlock, RowReader, read_rows},
    part::TablePart,
    profile::{Fields, TableFigures},
    rejects::{Reason, Reject},
    stored::{self, StoredParts},
    unknown::Unknown,
};

/// Parsers of a table. Writing Parquet on one thread takes longer than parsing on two: more would
/// wait, and hold memory.
const PARSERS: usize = 2;

/// Records set aside that are listed for each reason, and fields set aside that are listed for each
/// column and reason; the profile counts all of them. So memory does not grow with a bad file.
const LISTED_RECORDS: u64 = 10_000;
const LISTED_FIELDS: u64 = 1000;

/// Forms of unreadable dates that are told of a column; all others are one.
const FORMS: usize = 20;

/// Records, and elements of their lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RecordCounts {
    pub(crate) records: u64,
    pub(crate) items: u64,
}

impl RecordCounts {
    pub(crate) fn sum(self) -> u64 {
        self.records + self.items
    }
}

#[derive(Debug)]
pub(crate) struct TableOutcome {
    pub(crate) table: &'static Table,
    /// The names of its files, as in `rejects.parquet`.
    pub(crate) files: Vec<String>,
    pub(crate) bytes: u64,
    /// Records and elements of their lists, those set aside among them.
    pub(crate) read: RecordCounts,
    pub(crate) rows: u64,
    /// Records and elements of their lists that were set aside.
    pub(crate) rejected: RecordCounts,
    /// Those of them, and of the fields set aside, that are listed.
    pub(crate) rejects: Vec<Reject>,
    /// Records set aside by reason.
    pub(crate) by_reason: BTreeMap<Reason, u64>,
    pub(crate) fields: Fields,
    /// Records whose key was there before.
    pub(crate) repeated: Repeated,
    pub(crate) increments: Increments,
    pub(crate) unknown: Unknown,
    pub(crate) profile: TableFigures,
}

/// Some neighbouring records of a file.
enum Item {
    Json(u32, JsonBlock),
    Rows(u32, RowBlock),
    /// The part that a shard has made of them.
    Stored(u32, Bytes),
}

/// Cleans a table into `writer`; gives its sink back with what was met.
pub(crate) fn clean_table<W: Write + Send>(
    table: &'static Table,
    files: &[RawFile],
    memo: &Memo,
    config: &Config,
    mut writer: TableWriter<W>,
    phase: &Phase<'_>,
) -> Result<(TableOutcome, W), Error> {
    let mut merge = Merge::new(table, files);
    each_part(table, files, memo, config, Ok, |part| {
        phase.advance(part.bytes)?;
        match merge.add(part)? {
            Some(batch) => writer.write(&batch).map_err(Error::Output),
            None => Ok(()),
        }
    })?;
    let (rows, sink) = writer.finish().map_err(Error::Output)?;
    merge.outcome.rows = rows;
    Ok((merge.outcome, sink))
}

/// Parses the files of a table, and gives what `make` makes of each part, on the parser's thread,
/// to `take`, in order.
pub(crate) fn each_part<T: Send>(
    table: &'static Table,
    files: &[RawFile],
    memo: &Memo,
    config: &Config,
    make: impl Fn(TablePart) -> Result<T, Error> + Sync,
    mut take: impl FnMut(T) -> Result<(), Error>,
) -> Result<(), Error> {
    let layout = Layout::of(table);
    std::thread::scope(|scope| {
        let (mut dealers, mut parts) = (Vec::new(), Vec::new());
        for _ in 0..PARSERS {
            let (deal, items) = sync_channel(1);
            let (send, receive) = sync_channel(1);
            let (layout, make) = (&layout, &make);
            scope.spawn(move || parse(layout, &items, make, &send));
            dealers.push(deal);
            parts.push(receive);
        }
        scope.spawn(move || read(table, files, memo, config, &dealers));
        // A parser ends when there is nothing more for it: the first that is silent is the end.
        for receive in parts.iter().cycle() {
            let Ok(made) = receive.recv() else { break };
            take(made?)?;
        }
        Ok(())
    })
}

/// Reads the files in order and deals their blocks; ends early when nobody takes them.
fn read(
    table: &'static Table,
    files: &[RawFile],
    memo: &Memo,
    config: &Config,
    dealers: &[SyncSender<Result<Item, Error>>],
) {
    let blocks = |(number, file)| blocks(table, number, file, memo, config);
    let items = (0..).zip(files).flat_map(blocks);
    for (item, deal) in items.zip(dealers.iter().cycle()) {
        let last = item.is_err();
        if deal.send(item).is_err() || last {
            return;
        }
    }
}

type Items<'a> = Box<dyn Iterator<Item = Result<Item, Error>> + 'a>;

/// The blocks of a file: the parts that a shard has left of them, as far as they go, then those
/// that are read from the file itself.
fn blocks<'a>(
    table: &'static Table,
    number: u32,
    file: &'a RawFile,
    memo: &'a Memo,
    config: &'a Config,
) -> Items<'a> {
    let mut stored = StoredParts::open(memo, table, file, config);
    let mut taken = 0;
    let mut rest: Option<Items<'a>> = None;
    Box::new(std::iter::from_fn(move || {
        if rest.is_none() {
            match stored.next_part() {
                Err(e) => return Some(Err(e)),
                Ok(Some(part)) => {
                    taken += 1;
                    return Some(Ok(Item::Stored(number, part)));
                }
                Ok(None) if stored.is_whole() => return None,
                // What was met before is passed over, an error never.
                Ok(None) => {
                    let all = open(table, number, file, config).enumerate();
                    let new = all.filter(move |(i, item)| *i >= taken || item.is_err());
                    rest = Some(Box::new(new.map(|(_, item)| item)));
                }
            }
        }
        rest.as_mut()?.next()
    }))
}

/// The parts of one file, read and parsed on the caller's thread.
pub(crate) fn parts(
    table: &'static Table,
    file: &RawFile,
    config: &Config,
) -> impl Iterator<Item = Result<TablePart, Error>> {
    let layout = Layout::of(table);
    open(table, 0, file, config).map(move |item| part(&layout, item?))
}

/// The blocks of a file, or the error that keeps it from being opened.
fn open(table: &'static Table, number: u32, file: &RawFile, config: &Config) -> Items<'static> {
    let name: Arc<str> = file.name.as_str().into();
    // Opened here, so that a store that fails is not taken for a file that is not Parquet.
    let reader = match file.blob.reader_at(0) {
        Ok(reader) => reader,
        Err(e) => return Box::new(std::iter::once(Err(Error::Handle(e.into())))),
    };
    if file.is_parquet() {
        return match RowReader::open(name, file.blob.clone(), table, config) {
            Ok(reader) => Box::new(reader.map(move |rows| Ok(Item::Rows(number, rows?)))),
            Err(e) => Box::new(std::iter::once(Err(e))),
        };
    }
    let reader: Box<dyn std::io::Read> = match file.name.rsplit('.').next() {
        Some("gz") => Box::new(flate2::read::MultiGzDecoder::new(reader)),
        Some("zst") => match zstd::Decoder::new(reader) {
            Ok(decoder) => Box::new(decoder),
            Err(source) => {
                let file = file.name.clone();
                return Box::new(std::iter::once(Err(Error::Read { file, source })));
            }
        },
        _ => Box::new(reader),
    };
    let names = Layout::of(table).top.names().collect();
    let blocks = Splitter::new(name, reader, config.block_bytes, config.max_record_bytes);
    let blocks = blocks.with_names(names);
    Box::new(blocks.map(move |block| Ok(Item::Json(number, block?))))
}

/// Parses what it is dealt until there is no more, or nobody wants it.
fn parse<T>(
    layout: &Layout,
    items: &Receiver<Result<Item, Error>>,
    make: &impl Fn(TablePart) -> Result<T, Error>,
    made: &SyncSender<Result<T, Error>>,
) {
    for item in items {
        let part = item.and_then(|item| part(layout, item));
        if made.send(part.and_then(make)).is_err() {
            return;
        }
    }
}

fn part(layout: &Layout, item: Item) -> Result<TablePart, Error> {
    match item {
        Item::Json(file, block) => read_block(layout, file, &block),
        Item::Rows(file, rows) => read_rows(layout.table, file, &rows),
        Item::Stored(file, bytes) => stored::decode(layout.table, file, &bytes),
    }
}

/// Puts parts together, in order.
struct Merge {
    outcome: TableOutcome,
    seen: SeenKeys,
    /// The contents ([`Kept::content`]) of the records that stay: 2 bytes each and some. Of ten
    /// million records, two in a thousand repeated ones are taken for identical that are not.
    contents: RoaringBitmap,
}

impl Merge {
    fn new(table: &'static Table, files: &[RawFile]) -> Self {
        let outcome = TableOutcome {
            table,
            files: files.iter().map(|file| short_name(table, &file.name)).collect(),
            bytes: 0,
            read: RecordCounts::default(),
            rows: 0,
            rejected: RecordCounts::default(),
            rejects: Vec::new(),
            by_reason: BTreeMap::new(),
            fields: Fields { present: vec![0; table.columns.len()], ..Fields::default() },
            repeated: Repeated::default(),
            increments: Increments::default(),
            unknown: Unknown::default(),
            profile: TableFigures::default(),
        };
        Self { outcome, seen: SeenKeys::default(), contents: RoaringBitmap::new() }
    }

    /// Adds a part; gives the rows of it that stay.
    fn add(&mut self, mut part: TablePart) -> Result<Option<RecordBatch>, Error> {
        self.drop_repeated(&mut part)?;
        let rows = part.batch.as_ref().map_or(0, RecordBatch::num_rows);
        self.outcome.increments.add_rows(part.file, rows);
        let outcome = &mut self.outcome;
        outcome.bytes += part.bytes;
        outcome.read.records += part.records;
        outcome.read.items += part.items;
        for (all, of_part) in outcome.fields.present.iter_mut().zip(&part.present) {
            *all += of_part;
        }
        outcome.unknown.merge(part.unknown);
        outcome.profile.merge(part.profile);
        for reject in part.rejects {
            let (met, listed) = if reject.reason.of_record() {
                let rejected = &mut outcome.rejected;
                *if reject.item { &mut rejected.items } else { &mut rejected.records } += 1;
                (outcome.by_reason.entry(reject.reason).or_default(), LISTED_RECORDS)
            } else {
                let field = reject.field.unwrap_or_default();
                if let Some(form) = &reject.form {
                    let forms = outcome.fields.forms.entry(field).or_default();
                    let is_told = forms.len() < FORMS || forms.contains_key(form);
                    *forms.entry(if is_told { form.clone() } else { "…".into() }).or_default() += 1;
                }
                let by_reason = outcome.fields.by_reason.entry(field).or_default();
                (by_reason.entry(reject.reason).or_default(), LISTED_FIELDS)
            };
            *met += 1;
            if *met <= listed {
                outcome.rejects.push(reject);
            }
        }
        Ok(part.batch.filter(|batch| batch.num_rows() > 0))
    }

    /// Takes out the records whose key was there before, with what was said of their fields. One
    /// that says something else than an earlier file's stays: it is an increment.
    fn drop_repeated(&mut self, part: &mut TablePart) -> Result<(), Error> {
        let mut fresh = Vec::with_capacity(part.kept.len());
        for kept in &part.kept {
            let met = match kept.is_item {
                true => self.seen.insert_shared(part.file, kept.key),
                false => self.seen.insert(part.file, kept.key),
            };
            // What was said before is news where something else has been said since.
            let since =
                met == Met::InEarlierFile && !kept.is_item && self.outcome.increments.has(kept.key);
            let is_known = met != Met::Nowhere && !since && self.contents.contains(kept.content);
            let repeated = &mut self.outcome.repeated;
            match (met, is_known) {
                (Met::Nowhere, _) => {}
                (Met::InThisFile, _) if kept.is_item => {}
                (_, true) => repeated.identical += 1,
                (Met::InThisFile, false) => repeated.differing += 1,
                (Met::InEarlierFile, false) => repeated.merged += 1,
            }
            // An item is known by more than its job's key: the increments tell which one stays.
            let is_new = kept.is_item || !is_known && met != Met::InThisFile;
            if is_new {
                self.contents.insert(kept.content);
                if met == Met::InEarlierFile {
                    self.outcome.increments.add_key(kept.key);
                }
            }
            fresh.push(is_new);
        }
        if fresh.iter().all(|fresh| *fresh) {
            return Ok(());
        }
        let file = part.file;
        for kept in part.kept.iter().zip(&fresh).filter(|(_, fresh)| !**fresh).map(|(k, _)| k) {
            part.rejects.retain(|reject| reject.place != kept.place);
            part.rejects.push(Reject {
                key: Some(kept.key),
                field: None,
                reason: Reason::DuplicateKey,
                place: kept.place,
                file,
                item: false,
                form: None,
            });
        }
        part.rejects.sort_by_key(|reject| reject.place);
        let rows = part.kept.iter().zip(&fresh);
        let stay: BooleanArray =
            rows.flat_map(|(kept, fresh)| std::iter::repeat_n(Some(*fresh), kept.rows)).collect();
        if let Some(batch) = &mut part.batch {
            let table = self.outcome.table.name;
            *batch = filter_record_batch(batch, &stay)
                .map_err(|source| Error::Select { table, source })?;
            part.profile = TableFigures::of(batch);
        }
        Ok(())
    }
}

/// The name of a file without its folder, but with the table's where the table is one.
fn short_name(table: &Table, name: &str) -> String {
    let file = name.rsplit('/').next().unwrap_or(name);
    if file.starts_with(table.name) { file.to_owned() } else { format!("{}/{file}", table.name) }
}
