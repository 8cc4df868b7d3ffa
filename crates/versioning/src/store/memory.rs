//! A store in memory, for tests and for demonstrations that leave nothing behind.

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;

use super::{Body, ETag, ListRequest, Meta, Object, Page, Pager, Precondition, Scratch, Store};
use crate::{Blob, Error, Key, Uri, digest::sha256};

/// Objects in memory. An ETag is the SHA-256 of the content, so that, as on S3, an object that
/// changes there and back has its first ETag again.
#[derive(Debug)]
pub struct MemoryStore {
    uri: Uri,
    objects: Mutex<BTreeMap<Key, (Bytes, ETag)>>,
}

impl MemoryStore {
    /// An empty store; the name stands in its URI.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { uri: Uri::Memory(name.to_owned()), objects: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, (Bytes, ETag)>> {
        // The map is changed by single inserts and removes: whole, whatever panicked beside.
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new("store")
    }
}

fn meta(key: &Key, bytes: &Bytes, etag: &ETag) -> Meta {
    Meta { key: key.clone(), bytes: bytes.len() as u64, etag: etag.clone() }
}

impl Store for MemoryStore {
    fn get(&self, key: &Key, range: Option<Range<u64>>) -> Result<Object, Error> {
        let objects = self.lock();
        let (bytes, etag) =
            objects.get(key).ok_or_else(|| Error::NotFound { what: self.uri.of(key) })?;
        let meta = meta(key, bytes, etag);
        let whole = Blob::from(bytes.clone());
        drop(objects);
        let body = match range {
            None => whole,
            Some(r) => {
                let len = usize::try_from(r.end.saturating_sub(r.start)).unwrap_or(usize::MAX);
                Blob::from(whole.bytes_at(r.start, len)?)
            }
        };
        Ok(Object { meta, body })
    }

    fn head(&self, key: &Key) -> Result<Option<Meta>, Error> {
        Ok(self.lock().get(key).map(|(bytes, etag)| meta(key, bytes, etag)))
    }

    fn list(&self, request: &ListRequest) -> Result<Page, Error> {
        let folder = request.folder.as_ref().map(|f| format!("{f}/")).unwrap_or_default();
        let after = request.after.as_ref().map_or("", |t| t.0.as_str());
        let objects = self.lock();
        let mut pager = Pager::new(request.limit);
        let mut last_prefix = None;
        for (key, (bytes, etag)) in objects.iter() {
            let Some(rest) = key.as_str().strip_prefix(&folder) else { continue };
            let nested = rest.split_once('/').filter(|_| request.delimiter);
            let added = match nested {
                None if key.as_str() <= after => true,
                None => pager.add(key.clone(), Some(meta(key, bytes, etag))),
                Some((first, _)) => {
                    let prefix = Key::new(format!("{folder}{first}"))?;
                    if format!("{prefix}/").as_str() <= after || last_prefix == Some(prefix.clone())
                    {
                        continue;
                    }
                    last_prefix = Some(prefix.clone());
                    pager.add(prefix, None)
                }
            };
            if !added {
                break;
            }
        }
        Ok(pager.finish())
    }

    fn put(&self, key: &Key, body: &Body, precondition: &Precondition) -> Result<ETag, Error> {
        let bytes = body.blob()?.bytes()?;
        let etag = ETag(sha256(&bytes));
        let mut objects = self.lock();
        let holds = match (precondition, objects.get(key)) {
            (Precondition::None, _) | (Precondition::IfAbsent, None) => true,
            (Precondition::IfMatch(expected), Some((_, found))) => expected == found,
            (Precondition::IfAbsent, Some(_)) | (Precondition::IfMatch(_), None) => false,
        };
        if !holds {
            return Err(Error::PreconditionFailed { what: self.uri.of(key) });
        }
        objects.insert(key.clone(), (bytes, etag.clone()));
        Ok(etag)
    }

    fn delete(&self, key: &Key) -> Result<(), Error> {
        self.lock().remove(key);
        Ok(())
    }

    fn scratch(&self) -> Result<Scratch, Error> {
        Scratch::in_system_folder()
    }

    fn uri(&self) -> &Uri {
        &self.uri
    }
}
