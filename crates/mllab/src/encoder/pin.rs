//! Whether a file is the one that is pinned.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use ::encoder::known;
use sha2::{Digest, Sha256};
use stage::Error;
use versioning::{StoredEncoder, hex};

/// How a file is not the one that is pinned.
#[derive(Debug, thiserror::Error)]
pub(super) enum Wrong {
    #[error("expected {expected} bytes, found {found}")]
    Length { expected: u64, found: u64 },
    #[error("expected SHA-256 {expected}, found {found}")]
    Hash { expected: &'static str, found: String },
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
}

/// Length and SHA-256 of the file at `path`.
pub(super) fn measure(path: &Path) -> io::Result<(u64, String)> {
    let (mut file, mut hash) = (File::open(path)?, Sha256::new());
    let (mut bytes, mut buffer) = (0, vec![0; 1 << 18]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((bytes, hex(&hash.finalize()))),
            n => {
                hash.update(&buffer[..n]);
                bytes += n as u64;
            }
        }
    }
}

/// Whether the file at `path` has the length and the hash of `pinned`.
pub(super) fn check(path: &Path, pinned: &known::File) -> Result<(), Wrong> {
    let (expected, found) = (pinned.bytes, path.metadata()?.len());
    if found != expected {
        return Err(Wrong::Length { expected, found });
    }
    let (_, found) = measure(path)?;
    if found != pinned.sha256 {
        return Err(Wrong::Hash { expected: pinned.sha256, found });
    }
    Ok(())
}

/// Whether an encoder of the lake is the known one of its name: files, lengths and hashes.
pub(super) fn check_stored(stored: &StoredEncoder, known: &known::Known) -> Result<(), Error> {
    let pins = known.files.iter().map(|f| (f.path, f.bytes, f.sha256));
    let files = stored.files().iter().map(|f| (f.file.as_str(), f.bytes, f.sha256.as_str()));
    if pins.eq(files) {
        return Ok(());
    }
    let (name, uri) = (known.name, stored.uri()?);
    Err(Error::failed(format!(
        "{uri} holds other files than are pinned for {name}: remove that folder, then \
         `mllab encoder fetch {name}`"
    )))
}
