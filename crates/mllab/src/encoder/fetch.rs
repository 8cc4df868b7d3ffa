//! An encoder from the hub into the lake.

use ::encoder::known::Known;
use stage::{Error, ErrorName, Progress};
use versioning::{Lake, StoredEncoder};

use super::{endpoint::Hub, pin, trouble};

/// An encoder that the lake holds now.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) stored: StoredEncoder,
    /// Whether it held it before.
    pub(super) was_there: bool,
}

/// Downloads and checks every file of `known`, then mirrors them; an encoder that the lake holds is
/// left as it is, and no network is touched.
pub(super) fn fetch(
    lake: &Lake,
    known: &Known,
    hub: &Hub,
    progress: &dyn Progress,
) -> Result<Fetched, Error> {
    let shelf = lake.encoders();
    if let Some(stored) = shelf.get(known.name, known.revision)? {
        pin::check_stored(&stored, known)?;
        return Ok(Fetched { stored, was_there: true });
    }
    let mut files = Vec::with_capacity(known.files.len());
    for file in known.files {
        files.push((file.path.to_owned(), hub.file(known, file, progress)?));
    }
    let _phase = progress.phase("mirror", None, "files")?;
    let stored = shelf.put(known.name, known.revision, &files).map_err(lake_error)?;
    // A file may have changed since it was checked.
    pin::check_stored(&stored, known)?;
    Ok(Fetched { stored, was_there: false })
}

/// A full disk is named. The listing comes last, so that the lake holds no half encoder.
pub(super) fn lake_error(error: versioning::Error) -> Error {
    if let versioning::Error::Io { path, source } = &error
        && trouble::is_full(source)
    {
        return Error::new(
            ErrorName::StoreUnavailable,
            format!(
                "the disk of the lake is full: {}: {source}: free some space and run the command \
                 again; until then the lake does not hold the encoder",
                path.display()
            ),
        );
    }
    error.into()
}
