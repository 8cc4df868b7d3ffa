//! Small JSON objects of our own.

use serde::{Serialize, de::DeserializeOwned};

use crate::{Body, ETag, Error, Key, Precondition, Store, store};

/// Reads an object; none when there is none.
///
/// # Errors
/// [`Error::Malformed`]; that the store failed.
pub(crate) fn read<T: DeserializeOwned>(
    store: &dyn Store,
    key: &Key,
) -> Result<Option<(T, ETag)>, Error> {
    let Some((bytes, etag)) = store::read(store, key)? else { return Ok(None) };
    let value = serde_json::from_slice(&bytes).map_err(|e| malformed(store, key, &e))?;
    Ok(Some((value, etag)))
}

/// Writes an object, indented and with a closing line feed; false when the condition does not hold.
///
/// # Errors
/// [`Error::Malformed`] when the value cannot be written; that the store failed.
pub(crate) fn write<T: Serialize>(
    store: &dyn Store,
    key: &Key,
    value: &T,
    condition: &Precondition,
) -> Result<bool, Error> {
    let mut json = serde_json::to_vec_pretty(value).map_err(|e| malformed(store, key, &e))?;
    json.push(b'\n');
    match store.put(key, &Body::Bytes(json.into()), condition) {
        Ok(_) => Ok(true),
        Err(Error::PreconditionFailed { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

fn malformed(store: &dyn Store, key: &Key, error: &serde_json::Error) -> Error {
    Error::Malformed { what: store.uri().of(key), reason: error.to_string() }
}
