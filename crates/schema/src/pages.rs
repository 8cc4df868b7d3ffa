//! The headers of a column's pages, read as Thrift's compact protocol has them: the Parquet library
//! makes room for what they say before it looks further.

use std::{
    io::{BufReader, Read},
    ops::Range,
};

use parquet::file::reader::ChunkReader;

/// Headers are some dozen bytes; with the least and the greatest value of a page, which may be
/// texts, some kilobytes.
const HEADER: u64 = 16 << 20;

/// Structs within one another that a header has at most, with some to spare.
const DEPTH: usize = 8;

/// What a page says of itself.
#[derive(Debug, Default)]
struct PageHeader {
    plain: i64,
    stored: i64,
    /// Of a page of a dictionary, its values.
    words: i64,
}

/// The bytes that the pages of a column, which lies at `place` in `source`, say they expand to, all
/// together; what is wrong where they do not fill the column, or have a dictionary of more words
/// than bytes.
pub(crate) fn expanded(source: &impl ChunkReader, place: Range<u64>) -> Result<u64, String> {
    let Range { start: mut at, end } = place;
    let mut plain = 0_u64;
    while at < end {
        let from = source.get_read(at).map_err(|e| e.to_string())?.take(HEADER.min(end - at));
        let mut header = Compact { from: BufReader::with_capacity(512, from), read: 0 };
        let page = header.page().ok_or_else(|| format!("has no page at byte {at}"))?;
        let (stored, expanded) = (u64::try_from(page.stored), u64::try_from(page.plain));
        let next = stored.ok().and_then(|stored| (at + header.read).checked_add(stored));
        let (Some(next), Ok(expanded)) = (next.filter(|next| *next <= end), expanded) else {
            return Err(format!("has a page at byte {at} that ends beyond it"));
        };
        if page.words > page.plain {
            let PageHeader { plain, words, .. } = page;
            return Err(format!("has a dictionary of {words} words in {plain} bytes"));
        }
        plain = plain.saturating_add(expanded);
        at = next;
    }
    Ok(plain)
}

/// Thrift's compact protocol.
struct Compact<R> {
    from: R,
    /// Bytes read so far.
    read: u64,
}

/// A field of a struct: its number and its type.
type Field = (i64, u8);

const I32: u8 = 5;
const STRUCT: u8 = 12;

impl<R: Read> Compact<R> {
    /// `PageHeader`: 2 and 3 are its lengths, 7 is the header of a dictionary, whose 1 is its values.
    fn page(&mut self) -> Option<PageHeader> {
        let (mut page, mut last) = (PageHeader::default(), 0);
        while let Some((field, kind)) = self.field(&mut last)? {
            match (field, kind) {
                (2, I32) => page.plain = self.number()?,
                (3, I32) => page.stored = self.number()?,
                (7, STRUCT) => {
                    let mut last = 0;
                    while let Some((field, kind)) = self.field(&mut last)? {
                        match (field, kind) {
                            (1, I32) => page.words = self.number()?,
                            _ => self.skip(kind, DEPTH)?,
                        }
                    }
                }
                _ => self.skip(kind, DEPTH)?,
            }
        }
        Some(page)
    }

    /// The next field of a struct; none at its end.
    fn field(&mut self, last: &mut i64) -> Option<Option<Field>> {
        let byte = self.byte()?;
        if byte == 0 {
            return Some(None);
        }
        *last = match byte >> 4 {
            0 => self.number()?,
            further => last.checked_add(i64::from(further))?,
        };
        Some(Some((*last, byte & 0xf)))
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            // A boolean field has its value in its type.
            1 | 2 => {}
            3 => self.pass(1)?,
            4..=6 => {
                self.varint()?;
            }
            7 => self.pass(8)?,
            8 => {
                let length = self.varint()?;
                self.pass(length)?;
            }
            9 | 10 => {
                let byte = self.byte()?;
                let (length, kind) = (u64::from(byte >> 4), byte & 0xf);
                let length = if length == 15 { self.varint()? } else { length };
                for _ in 0..length {
                    // In a list, a boolean has a byte of its own.
                    self.skip(if matches!(kind, 1 | 2) { 3 } else { kind }, depth)?;
                }
            }
            STRUCT => {
                let mut last = 0;
                while let Some((_, kind)) = self.field(&mut last)? {
                    self.skip(kind, depth)?;
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let mut byte = [0];
        self.from.read_exact(&mut byte).ok()?;
        self.read += 1;
        Some(byte[0])
    }

    fn pass(&mut self, bytes: u64) -> Option<()> {
        let passed = std::io::copy(&mut self.from.by_ref().take(bytes), &mut std::io::sink());
        self.read += bytes;
        (passed.ok()? == bytes).then_some(())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// A number with a sign, in zigzag.
    fn number(&mut self) -> Option<i64> {
        let zigzag = self.varint()?;
        Some((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed())
    }
}
