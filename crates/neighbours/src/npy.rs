//! NumPy's `.npy` file of a two-dimensional array of `f32` in C order (format 1.0, `<f4`).

use crate::Error;
use std::io::{Read, Write};

const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// Writes the header of `(rows, columns)`; the values follow it as little-endian `f32`, row by row.
pub fn write_header(out: &mut impl Write, rows: usize, columns: usize) -> Result<(), Error> {
    let dict =
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    // Magic, version and length take 10 bytes; the header ends with a line feed at a multiple of 64.
    let length = (10 + dict.len() + 1).next_multiple_of(64) - 10;
    out.write_all(MAGIC)?;
    out.write_all(&[1, 0])?;
    out.write_all(&(length as u16).to_le_bytes())?;
    writeln!(out, "{dict:<width$}", width = length - 1)?;
    Ok(())
}

/// Writes rows as they come: the header first, so their number must be known.
pub struct Writer<W> {
    out: W,
    columns: usize,
    missing: usize,
    bytes: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Writes the header.
    pub fn new(mut out: W, rows: usize, columns: usize) -> Result<Self, Error> {
        write_header(&mut out, rows, columns)?;
        Ok(Self { out, columns, missing: rows, bytes: Vec::new() })
    }

    /// Writes whole rows; refuses a part of a row, and more rows than were announced.
    pub fn rows(&mut self, values: &[f32]) -> Result<(), Error> {
        let rows = values.len().checked_div(self.columns).unwrap_or(0);
        if rows * self.columns != values.len() {
            return Err(Error::Shape { values: values.len(), dimensions: self.columns });
        }
        let Some(missing) = self.missing.checked_sub(rows) else {
            let problem = format!("{} rows too many were given", rows - self.missing);
            return Err(Error::Npy(problem));
        };
        for part in values.chunks(16_384) {
            self.bytes.clear();
            self.bytes.extend(part.iter().flat_map(|value| value.to_le_bytes()));
            self.out.write_all(&self.bytes)?;
        }
        self.missing = missing;
        Ok(())
    }

    /// Flushes, and gives the writer back; refuses an array that lacks rows.
    pub fn finish(mut self) -> Result<W, Error> {
        if self.missing > 0 && self.columns > 0 {
            return Err(Error::Npy(format!("{} announced rows were not given", self.missing)));
        }
        self.out.flush()?;
        Ok(self.out)
    }
}

/// An array read whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Row after row.
    pub values: Vec<f32>,
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
}

/// Reads an array to its end. Another type of values, Fortran's order, another number of dimensions, a cut
/// file and bytes after the last row are refused.
pub fn read(mut from: impl Read) -> Result<Array, Error> {
    let (rows, columns) = read_header(&mut from)?;
    let bytes = rows.checked_mul(columns).and_then(|n| n.checked_mul(4));
    let bytes =
        bytes.ok_or_else(|| Error::Npy(format!("shape ({rows}, {columns}) is too large")))?;
    // Read part by part: a header may announce more than there is.
    let (mut values, mut buffer, mut left) = (Vec::new(), vec![0u8; 1 << 16], bytes);
    while left > 0 {
        let part = &mut buffer[..left.min(1 << 16)];
        from.read_exact(part).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => {
                Error::Npy(format!("the file is cut: {bytes} bytes of values expected"))
            }
            _ => Error::Io(error),
        })?;
        left -= part.len();
        let (words, _) = part.as_chunks::<4>();
        values.extend(words.iter().map(|word| f32::from_le_bytes(*word)));
    }
    if from.read(&mut buffer[..1])? > 0 {
        return Err(Error::Npy("bytes follow the last row".into()));
    }
    Ok(Array { values, rows, columns })
}

/// Reads a header: `(rows, columns)`. The values follow it.
pub fn read_header(from: &mut impl Read) -> Result<(usize, usize), Error> {
    let cut = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => Error::Npy("the header is cut".into()),
        _ => Error::Io(error),
    };
    let mut start = [0u8; 8];
    from.read_exact(&mut start).map_err(cut)?;
    if &start[..6] != MAGIC {
        return Err(Error::Npy("it does not begin as a .npy file does".into()));
    }
    let length = match start[6] {
        1 => {
            let mut length = [0u8; 2];
            from.read_exact(&mut length).map_err(cut)?;
            usize::from(u16::from_le_bytes(length))
        }
        2 | 3 => {
            let mut length = [0u8; 4];
            from.read_exact(&mut length).map_err(cut)?;
            u32::from_le_bytes(length) as usize
        }
        version => return Err(Error::Npy(format!("version {version} of the format is unknown"))),
    };
    if length > 1 << 16 {
        return Err(Error::Npy(format!("a header of {length} bytes")));
    }
    let mut header = vec![0u8; length];
    from.read_exact(&mut header).map_err(cut)?;
    let header = String::from_utf8_lossy(&header);

    let descr = entry(&header, "descr")?;
    if !descr.starts_with("'<f4'") {
        let found: String = descr.chars().take_while(|c| *c != ',').collect();
        return Err(Error::Npy(format!("its values are {found}, expected '<f4'")));
    }
    if !entry(&header, "fortran_order")?.starts_with("False") {
        return Err(Error::Npy("its order is Fortran's".into()));
    }
    let shape = entry(&header, "shape")?;
    let inside = shape.strip_prefix('(').and_then(|s| s.split_once(')')).map(|(inside, _)| inside);
    let lengths: Option<Vec<usize>> = inside.and_then(|inside| {
        let parts = inside.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| part.parse().ok()).collect()
    });
    match lengths.as_deref() {
        Some(&[rows, columns]) => Ok((rows, columns)),
        Some(other) => Err(Error::Npy(format!("it has {} dimensions, expected 2", other.len()))),
        None => Err(Error::Npy("its shape cannot be read".into())),
    }
}

/// What follows `'key':` in the header.
fn entry<'a>(header: &'a str, key: &str) -> Result<&'a str, Error> {
    let quoted = format!("'{key}':");
    let at = header.find(&quoted).ok_or_else(|| Error::Npy(format!("its header lacks {key}")))?;
    Ok(header[at + quoted.len()..].trim_start())
}
