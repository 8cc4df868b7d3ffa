//! Splits a file that is one JSON object into the byte ranges of its entries, block by block.
//!
//! Only what the split needs is looked at: strings, brackets, and the commas and colons of the
//! outermost object. What an entry holds is for the parser to judge; what stands between entries
//! is judged here, and a fault there is a fault of the file.

use std::{
    io::{Chain, Cursor, Read},
    ops::Range,
    sync::Arc,
};

use crate::{
    Error,
    json::state::{Form, Scan, ScanStep},
};

/// Bytes of a key at most: an id is some digits, a longer string is a quote that was never closed.
const KEY_BYTES: usize = 4096;

/// Bytes that tell how a file holds its records: as many however large the blocks are, so that the
/// blocks do not decide it.
const BEGINNING: u64 = 4096;

/// One entry of the outermost object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JsonEntry {
    /// The key between its quotes, as in the file, within the block's bytes; of a record that names
    /// its key itself, nothing, where the record begins.
    pub(crate) key: Range<usize>,
    /// The value, within the block's bytes.
    pub(crate) value: Range<usize>,
}

/// An entry that was skipped for its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Skipped {
    /// The key between its quotes, as in the file.
    pub(crate) key: Vec<u8>,
    /// Where its value begins in the file.
    pub(crate) offset: u64,
}

/// Some neighbouring entries of a file with their bytes.
#[derive(Debug)]
pub(crate) struct JsonBlock {
    /// The bytes of the entries and what stands between them.
    pub(crate) bytes: Vec<u8>,
    /// Where the bytes begin in the file.
    pub(crate) offset: u64,
    /// The entries, in file order.
    pub(crate) entries: Vec<JsonEntry>,
    /// Entries too large to load.
    pub(crate) skipped: Vec<Skipped>,
    /// Bytes of the file that this block accounts for, skipped ones with it.
    pub(crate) read: u64,
}

/// Reads a file as blocks of entries, holding one block and at most one entry more.
pub(crate) struct Splitter<R> {
    file: Arc<str>,
    /// The beginning, once it has been looked at, and what follows it.
    reader: Chain<Cursor<Vec<u8>>, R>,
    /// What records call their fields: a file that begins with one is none of records by id.
    names: Vec<&'static str>,
    block_bytes: usize,
    record_bytes: usize,
    buffer: Vec<u8>,
    /// Where the buffer begins in the file, and on which line (from 1).
    offset: u64,
    line: u64,
    /// Where the scan stands in the buffer.
    scan: Scan,
    entries: Vec<JsonEntry>,
    skipped: Vec<Skipped>,
    /// The entry under way if it is being skipped, and where its key stands in the file.
    skipping: Option<Skipped>,
    read: u64,
    begun: bool,
    end: bool,
}

impl<R: Read> Splitter<R> {
    /// Splits what `reader` gives into blocks of about `block_bytes`; entries whose value is larger
    /// than `record_bytes` are skipped and named. `file` is for errors.
    pub(crate) fn new(file: Arc<str>, reader: R, block_bytes: usize, record_bytes: usize) -> Self {
        Self {
            file,
            reader: Cursor::new(Vec::new()).chain(reader),
            names: Vec::new(),
            block_bytes,
            record_bytes,
            buffer: Vec::new(),
            offset: 0,
            line: 1,
            scan: Scan::default(),
            entries: Vec::new(),
            skipped: Vec::new(),
            skipping: None,
            read: 0,
            begun: false,
            end: false,
        }
    }

    /// Also reads an array of records, and JSON Lines, where records name their key; `names` are what
    /// they call their fields.
    pub(crate) fn with_names(self, names: Vec<&'static str>) -> Self {
        Self { names, ..self }
    }

    /// The next block; `None` after the last.
    fn next_block(&mut self) -> Result<Option<JsonBlock>, Error> {
        loop {
            self.scan_buffer()?;
            let any = !self.entries.is_empty() || !self.skipped.is_empty();
            if any && (self.end || self.buffer.len() >= self.block_bytes) {
                return Ok(Some(self.take()));
            }
            if self.end {
                return self.scan.finished().then_some(None).ok_or_else(|| self.truncated());
            }
            if !any {
                self.forget();
            }
            self.fill()?;
        }
    }

    /// Reads until the buffer is a block long, or one block longer when it is that already.
    fn fill(&mut self) -> Result<(), Error> {
        if !self.begun && !self.names.is_empty() {
            self.detect_form()?;
        }
        let have = self.buffer.len();
        let goal = if have < self.block_bytes { self.block_bytes } else { have + self.block_bytes };
        let mut limited = self.reader.by_ref().take((goal - have) as u64);
        self.buffer.reserve_exact(goal - have);
        limited.read_to_end(&mut self.buffer).map_err(|source| self.unread(source))?;
        self.end = self.buffer.len() < goal;
        if !self.begun {
            self.begin()?;
        }
        Ok(())
    }

    fn detect_form(&mut self) -> Result<(), Error> {
        let (_, rest) = self.reader.get_mut();
        let mut beginning = Vec::new();
        let read = rest.take(BEGINNING).read_to_end(&mut beginning);
        read.map_err(|source| self.unread(source))?;
        self.scan.form = Form::detect(&beginning, &self.names);
        *self.reader.get_mut().0 = Cursor::new(beginning);
        Ok(())
    }

    fn unread(&self, source: std::io::Error) -> Error {
        Error::Read { file: self.file.to_string(), source }
    }

    /// A byte-order mark is passed over; those of other encodings are refused.
    fn begin(&mut self) -> Result<(), Error> {
        // A block is at least 3 bytes (`Config::check`), or the file is shorter.
        self.begun = true;
        if self.buffer.starts_with(b"\xef\xbb\xbf") {
            self.scan.at = 3;
        }
        let other = match self.buffer.as_slice() {
            [0xfe, 0xff, ..] | [0xff, 0xfe, ..] => "UTF-16",
            [0x1f, 0x8b, ..] => "gzip data (name it .json.gz)",
            [0x28, 0xb5, 0x2f, 0xfd, ..] => "zstd data (name it .json.zst)",
            [b'P', b'A', ..] => "Parquet (name it .parquet)",
            [b'P', b'K', ..] => "a zip archive",
            _ => return Ok(()),
        };
        Err(self.fault("UTF-8 text", other.to_owned(), "convert the file"))
    }

    fn scan_buffer(&mut self) -> Result<(), Error> {
        loop {
            match self.scan.step(&self.buffer) {
                ScanStep::More => break,
                ScanStep::Entry { key, value } if value.start - key.start > KEY_BYTES => {
                    return Err(self.long_key());
                }
                ScanStep::Entry { key, value } => match self.skipping.take() {
                    Some(skipped) => self.skipped.push(skipped),
                    None if value.len() > self.record_bytes => self.skipped.push(Skipped {
                        key: self.buffer[key].to_vec(),
                        offset: self.offset + value.start as u64,
                    }),
                    None => self.entries.push(JsonEntry { key, value }),
                },
                ScanStep::Fault { expected } => return Err(self.unexpected(expected)),
            }
        }
        if self.skipping.is_none()
            && self.scan.open_key().is_some_and(|from| self.scan.at - from > KEY_BYTES)
        {
            return Err(self.long_key());
        }
        Ok(())
    }

    fn long_key(&self) -> Error {
        self.fault(
            "a key of digits",
            format!("a key or a gap longer than {KEY_BYTES} bytes"),
            "look for an unclosed quote before this place",
        )
    }

    /// The entries so far with their bytes; what belongs to the next one stays.
    fn take(&mut self) -> JsonBlock {
        let cut = self.scan.keep_from().unwrap_or(self.scan.at);
        let mut rest = Vec::with_capacity(self.block_bytes.max(self.buffer.len() - cut));
        rest.extend_from_slice(&self.buffer[cut..]);
        self.buffer.truncate(cut);
        let bytes = std::mem::replace(&mut self.buffer, rest);
        let offset = self.offset;
        self.passed(&bytes);
        self.scan.shift(cut);
        JsonBlock {
            bytes,
            offset,
            entries: std::mem::take(&mut self.entries),
            skipped: std::mem::take(&mut self.skipped),
            read: std::mem::take(&mut self.read),
        }
    }

    /// Drops scanned bytes that no entry needs: what stands between entries, and an entry that has
    /// become too large.
    fn forget(&mut self) {
        if let Some((key, value)) = self.scan.open_value() {
            if self.scan.at - value <= self.record_bytes && self.skipping.is_none() {
                return;
            }
            let key = self.buffer[key].to_vec();
            let offset = self.offset + value as u64;
            self.skipping.get_or_insert(Skipped { key, offset });
            self.cut(self.scan.at);
            self.scan.reopen();
        } else if self.scan.keep_from().is_none() {
            self.cut(self.scan.at);
        }
    }

    fn cut(&mut self, at: usize) {
        let rest = self.buffer.split_off(at);
        let gone = std::mem::replace(&mut self.buffer, rest);
        self.passed(&gone);
        self.scan.shift(at);
    }

    fn passed(&mut self, bytes: &[u8]) {
        self.offset += bytes.len() as u64;
        self.read += bytes.len() as u64;
        self.line += newlines(bytes);
    }

    fn unexpected(&self, expected: &'static str) -> Error {
        let found = match self.buffer.get(self.scan.at) {
            Some(b'[') => "an array (`[`)".to_owned(),
            Some(b @ 0x21..0x7f) => format!("`{}`", char::from(*b)),
            Some(b) => format!("byte 0x{b:02x}"),
            None => "nothing".to_owned(),
        };
        self.fault(expected, found, "the file must be one object of records by id, an array of records, or JSON Lines: export it again")
    }

    fn fault(&self, expected: &'static str, found: String, remedy: &'static str) -> Error {
        let at = self.scan.at.min(self.buffer.len());
        Error::BadFile {
            file: self.file.to_string(),
            byte: self.offset + at as u64,
            line: self.line + newlines(&self.buffer[..at]),
            expected,
            found,
            remedy,
        }
    }

    fn truncated(&self) -> Error {
        let remedy = "the file is empty or cut off: fetch or export it again";
        if self.scan.at_start() {
            return self.fault("an object of records by id", "an empty file".to_owned(), remedy);
        }
        let found = match self.scan.keep_from() {
            _ if self.skipping.is_some() => "the end of the file within a record".to_owned(),
            Some(from) => {
                let (byte, line) =
                    (self.offset + from as u64, self.line + newlines(&self.buffer[..from]));
                format!(
                    "the end of the file within the entry that begins at byte {byte} (line {line})"
                )
            }
            None => "the end of the file".to_owned(),
        };
        self.fault("`}` at the end of the object", found, remedy)
    }
}

impl<R: Read> Iterator for Splitter<R> {
    type Item = Result<JsonBlock, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_block().transpose()
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

#[cfg(test)]
#[path = "split_tests.rs"]
mod tests;
