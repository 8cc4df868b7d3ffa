//! Small JSON objects of our own.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

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

/// Reads an object as strictly as can be: what is there must be all that would be written of it.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_strictly<T: Serialize + DeserializeOwned>(
    store: &dyn Store,
    key: &Key,
) -> Result<Option<T>, Error> {
    let Some((bytes, _)) = store::read(store, key)? else { return Ok(None) };
    let parse = || -> serde_json::Result<(Value, Value, T)> {
        let value: T = serde_json::from_slice(&bytes)?;
        Ok((serde_json::from_slice(&bytes)?, serde_json::to_value(&value)?, value))
    };
    let (found, written, value) = parse().map_err(|e| malformed(store, key, &e))?;
    if found != written {
        let reason = "it has fields that nothing writes, or lacks some".to_owned();
        return Err(Error::Malformed { what: store.uri().of(key), reason });
    }
    Ok(Some(value))
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
