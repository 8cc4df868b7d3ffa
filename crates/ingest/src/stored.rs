//! The parts of a file, kept in the memo: what a shard leaves and a run reads in the place of the
//! file, part by part.
//!
//! They lie in pieces of some MiB, each in a group of its own that is named by what the parts are
//! a function of (code, configuration, table, content of the file) and the piece's number: so they
//! are read one after another, and a piece is all that is held.
//!
//! ```text
//! "MLPARTS2"   last: u32   parts: u32   rows so far: u64
//! parts × ( length: u32   bytes of the part before zstd: u32   zstd of the part )
//! a part: length of its head: u32   head: JSON   its rows: an Arrow IPC stream
//! ```
//!
//! all little-endian. A part's profile is made again of its rows.

use std::borrow::Cow;

use arrow_array::RecordBatch;
use arrow_ipc::{reader::StreamReader, writer::StreamWriter};
use bytes::Bytes;
use schema::Table;
use serde::{Deserialize, Serialize};
use serde_json::json;
use stage::RawFile;
use versioning::{Blob, KeyBuilder, Memo};

use crate::{
    Config, Error,
    keys::Key,
    part::{Kept, TablePart},
    profile::TableFigures,
    rejects::{Reason, Reject},
    unknown::Unknown,
};

const NAME: &[u8; 8] = b"MLPARTS2";

const HEAD: usize = 24;

/// The rows of most parts take 1 MiB: at level 1 they are packed as fast as they are parsed.
const ZSTD_LEVEL: i32 = 1;

/// Bytes of a piece from which on the next part begins another.
pub(crate) const PIECE_BYTES: usize = 32 << 20;

/// A [`Reject`], but for its file.
#[derive(Serialize, Deserialize)]
struct Aside<'a> {
    key: Option<Key>,
    #[serde(borrow)]
    field: Option<Cow<'a, str>>,
    reason: Reason,
    place: u64,
    item: bool,
    form: Option<Box<str>>,
}

/// What a part is, but for its rows.
#[derive(Serialize, Deserialize)]
struct Head<'a> {
    bytes: u64,
    records: u64,
    items: u64,
    present: Vec<u64>,
    kept: Vec<(Key, usize, u64, u32, bool)>,
    #[serde(borrow)]
    rejects: Vec<Aside<'a>>,
    unknown: Vec<(String, u64)>,
    unknown_others: u64,
    has_rows: bool,
}

/// A part as it is kept, and what it stands for.
pub(crate) struct EncodedPart {
    bytes: Vec<u8>,
    rows: u64,
    /// Bytes of the file.
    pub(crate) read: u64,
}

/// Packs a part.
pub(crate) fn encode(table: &'static Table, part: &TablePart) -> Result<EncodedPart, Error> {
    let failed = |e: String| Error::Stored { table: table.name, problem: format!("kept: {e}") };
    let (unknown, unknown_others) = part.unknown.counts();
    let head = Head {
        bytes: part.bytes,
        records: part.records,
        items: part.items,
        present: part.present.clone(),
        kept: part.kept.iter().map(|k| (k.key, k.rows, k.place, k.content, k.is_item)).collect(),
        rejects: part
            .rejects
            .iter()
            .map(|reject| Aside {
                key: reject.key,
                field: reject.field.map(Cow::Borrowed),
                reason: reject.reason,
                place: reject.place,
                item: reject.item,
                form: reject.form.clone(),
            })
            .collect(),
        unknown: unknown.to_vec(),
        unknown_others,
        has_rows: part.batch.is_some(),
    };
    let head = serde_json::to_vec(&head).map_err(|e| failed(e.to_string()))?;
    let mut plain = Vec::with_capacity(4 + head.len());
    plain.extend_from_slice(&length(table, head.len())?);
    plain.extend_from_slice(&head);
    let mut rows = 0;
    if let Some(batch) = &part.batch {
        rows = batch.num_rows() as u64;
        StreamWriter::try_new(&mut plain, &batch.schema())
            .and_then(|mut writer| writer.write(batch).and_then(|()| writer.finish()))
            .map_err(|e| failed(e.to_string()))?;
    }
    let packed = zstd::bulk::compress(&plain, ZSTD_LEVEL).map_err(|e| failed(e.to_string()))?;
    let mut bytes = Vec::with_capacity(8 + packed.len());
    bytes.extend_from_slice(&length(table, packed.len() + 4)?);
    bytes.extend_from_slice(&length(table, plain.len())?);
    bytes.extend_from_slice(&packed);
    Ok(EncodedPart { bytes, rows, read: part.bytes })
}

fn length(table: &Table, bytes: usize) -> Result<[u8; 4], Error> {
    let problem = || format!("kept: it has {bytes} bytes; expected 4 GiB at most");
    let length = u32::try_from(bytes);
    let length = length.map_err(|_| Error::Stored { table: table.name, problem: problem() })?;
    Ok(length.to_le_bytes())
}

/// The part that was packed; `file` is the number of its file among the table's files.
pub(crate) fn decode(table: &'static Table, file: u32, bytes: &[u8]) -> Result<TablePart, Error> {
    let failed = |e: String| Error::Stored { table: table.name, problem: format!("read: {e}") };
    let short = || failed("it ends too early".to_owned());
    let (plain_bytes, packed) = split_number(bytes).ok_or_else(short)?;
    let plain = zstd::bulk::decompress(packed, plain_bytes).map_err(|e| failed(e.to_string()))?;
    let (head_bytes, rest) = split_number(&plain).ok_or_else(short)?;
    let (head, rows) = rest.split_at_checked(head_bytes).ok_or_else(short)?;
    let head: Head<'_> = serde_json::from_slice(head).map_err(|e| failed(e.to_string()))?;
    let mut part = TablePart::new(file, head.bytes, head.records);
    (part.items, part.present) = (head.items, head.present);
    let kept = head.kept.into_iter();
    part.kept = kept
        .map(|(key, rows, place, content, is_item)| Kept { key, rows, place, content, is_item })
        .collect();
    for aside in head.rejects {
        let Aside { key, field, reason, place, item, form } = aside;
        let known = |field: Cow<'_, str>| {
            let unknown = || failed("it names a field that the table has not".to_owned());
            name_of(table, &field).ok_or_else(unknown)
        };
        let field = field.map(known).transpose()?;
        part.rejects.push(Reject { key, field, reason, place, file, item, form });
    }
    part.unknown = Unknown::of(head.unknown, head.unknown_others);
    if head.has_rows {
        let read =
            StreamReader::try_new(rows, None).and_then(|mut reader| reader.next().transpose());
        let batch = read.map_err(|e| failed(e.to_string()))?.ok_or_else(short)?;
        let batch = RecordBatch::try_new(table.arrow(), batch.columns().to_vec())
            .map_err(|e| failed(e.to_string()))?;
        part.profile = TableFigures::of(&batch);
        part.batch = Some(batch);
    }
    Ok(part)
}

fn split_number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    Some((usize::try_from(u32::from_le_bytes(*number)).ok()?, rest))
}

/// The table's own spelling of what a reject may name: a column, a section, or the list of items.
fn name_of(table: &'static Table, name: &str) -> Option<&'static str> {
    let columns = table.columns.iter().map(|column| column.name);
    let sections = columns.clone().filter_map(|column| Some(column.split_once('.')?.0));
    columns.chain(sections).chain([table.name]).find(|known| *known == name)
}

/// What the parts of a file are a function of. The file's name is not a part of it: no part holds it.
fn group(table: &Table, file: &RawFile, config: &Config) -> String {
    let Config { max_record_bytes, block_bytes, block_rows, .. } = config;
    let mut key = KeyBuilder::new(
        "parts",
        env!("STAGE_CODE"),
        &json!([max_record_bytes, block_bytes, block_rows, file.name.rsplit('.').next()]),
    );
    key.input(table.name, &file.sha256);
    format!("parts-{}", key.finish())
}

/// Keeps the parts of a file.
pub(crate) struct Keeper<'a> {
    memo: &'a Memo,
    group: String,
    piece_bytes: usize,
    piece: Vec<u8>,
    parts: u32,
    number: u32,
    rows: u64,
}

impl<'a> Keeper<'a> {
    /// Of a file; a piece has about `piece_bytes`.
    pub(crate) fn new(
        memo: &'a Memo,
        table: &'static Table,
        file: &RawFile,
        config: &Config,
        piece_bytes: usize,
    ) -> Self {
        let (group, piece) = (group(table, file, config), vec![0; HEAD]);
        Self { memo, group, piece_bytes, piece, parts: 0, number: 0, rows: 0 }
    }

    /// Adds the next part.
    pub(crate) fn add(&mut self, part: &EncodedPart) -> Result<(), Error> {
        if self.parts > 0 && self.piece.len() >= self.piece_bytes {
            self.put(false)?;
        }
        self.piece.extend_from_slice(&part.bytes);
        self.parts += 1;
        self.rows += part.rows;
        Ok(())
    }

    /// Says that these were all; gives how many rows they have.
    pub(crate) fn finish(mut self) -> Result<u64, Error> {
        self.put(true)?;
        Ok(self.rows)
    }

    fn put(&mut self, last: bool) -> Result<(), Error> {
        let mut piece = std::mem::replace(&mut self.piece, vec![0; HEAD]);
        piece[..8].copy_from_slice(NAME);
        piece[8..12].copy_from_slice(&u32::from(last).to_le_bytes());
        piece[12..16].copy_from_slice(&self.parts.to_le_bytes());
        piece[16..HEAD].copy_from_slice(&self.rows.to_le_bytes());
        let group = format!("{}-{:05}", self.group, self.number);
        self.memo.add(&group, piece.into()).map_err(stage::Error::from)?;
        self.number += 1;
        self.parts = 0;
        Ok(())
    }
}

/// What is kept of a file's parts, read in order.
pub(crate) struct StoredParts<'a> {
    memo: &'a Memo,
    group: String,
    number: u32,
    piece: Option<Piece>,
    whole: bool,
    rows: u64,
}

/// A piece that is being read.
struct Piece {
    blob: Blob,
    at: u64,
    /// Parts from there on.
    parts: u32,
    last: bool,
}

impl<'a> StoredParts<'a> {
    /// Of a file; nothing is read yet.
    pub(crate) fn open(
        memo: &'a Memo,
        table: &'static Table,
        file: &RawFile,
        config: &Config,
    ) -> Self {
        let group = group(table, file, config);
        Self { memo, group, number: 0, piece: None, whole: false, rows: 0 }
    }

    /// The next part; none when no more are kept, which need not be all ([`StoredParts::is_whole`]).
    pub(crate) fn next_part(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            if let Some(piece) = &mut self.piece {
                if piece.parts > 0 {
                    return piece.next_part().map(Some).map_err(|e| Error::Handle(e.into()));
                }
                self.whole = piece.last;
            }
            if self.whole || !self.next_piece().map_err(stage::Error::from)? {
                return Ok(None);
            }
        }
    }

    /// Whether the part that came last is the file's last.
    pub(crate) fn is_whole(&self) -> bool {
        self.whole
    }

    /// Rows of all parts; none where not all are kept.
    pub(crate) fn rows(mut self) -> Result<Option<u64>, Error> {
        while self.next_piece().map_err(stage::Error::from)? {
            if self.piece.as_ref().is_some_and(|piece| piece.last) {
                return Ok(Some(self.rows));
            }
        }
        Ok(None)
    }

    /// Goes to the next piece; whether there is one.
    fn next_piece(&mut self) -> Result<bool, versioning::Error> {
        self.piece = None;
        let pieces = self.memo.pieces(&format!("{}-{:05}", self.group, self.number))?;
        self.number += 1;
        // Whoever made them, they hold the same parts.
        let Some(found) = pieces.into_iter().next() else { return Ok(false) };
        if found.blob.len() < HEAD as u64 {
            return Ok(false);
        }
        let head = found.blob.bytes_at(0, HEAD)?;
        let number =
            |at: usize| u32::from_le_bytes(head[at..at + 4].try_into().unwrap_or_default());
        if head[..8] != *NAME {
            return Ok(false);
        }
        self.rows = u64::from_le_bytes(head[16..HEAD].try_into().unwrap_or_default());
        let (parts, last) = (number(12), number(8) == 1);
        self.piece = Some(Piece { blob: found.blob, at: HEAD as u64, parts, last });
        Ok(true)
    }
}

impl Piece {
    fn next_part(&mut self) -> Result<Bytes, versioning::Error> {
        let length = self.blob.bytes_at(self.at, 4)?;
        let length = u32::from_le_bytes(length[..].try_into().unwrap_or_default());
        let bytes = usize::try_from(length).unwrap_or(usize::MAX);
        let part = self.blob.bytes_at(self.at + 4, bytes)?;
        self.at += 4 + u64::from(length);
        self.parts -= 1;
        Ok(part)
    }
}
