//! Objects under keys: the one trait that everything else here stands on, and its local stores.

mod memory;
pub use memory::MemoryStore;

mod workspace;
pub use workspace::Scratch;
pub(crate) use workspace::{Patience, Session, lock};

mod dir;
#[cfg(feature = "s3")]
mod s3;
use std::{fmt, ops::Range, path::PathBuf};

use bytes::Bytes;
pub use dir::DirStore;
#[cfg(feature = "s3")]
pub(crate) use s3::Connection;
#[cfg(feature = "s3")]
pub use s3::S3Store;
use serde::{Deserialize, Serialize};

use crate::{Blob, Error, Key, Uri};

/// What an object was when it was read: another ETag, another content.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ETag(pub String);

/// What a store says of an object without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Its key.
    pub key: Key,
    /// Its length.
    pub bytes: u64,
    /// Its ETag.
    pub etag: ETag,
}

/// An object as it was at one moment.
#[derive(Clone, Debug)]
pub struct Object {
    /// What it is; `bytes` is the length of the whole object, whatever range was asked for.
    pub meta: Meta,
    /// Its bytes, or those of the range.
    pub body: Blob,
}

/// What [`Store::put`] stores.
#[derive(Clone, Debug)]
pub enum Body {
    /// These bytes.
    Bytes(Bytes),
    /// The content of a finished file. A file in a [`Scratch`] of a directory store is moved into
    /// place without a copy, and gone once the put has succeeded; any other file is left alone.
    File(PathBuf),
}

impl Body {
    /// The body as it can be read.
    ///
    /// # Errors
    /// As [`Blob::open_path`].
    pub fn blob(&self) -> Result<Blob, Error> {
        match self {
            Self::Bytes(bytes) => Ok(Blob::from(bytes.clone())),
            Self::File(path) => Blob::open_path(path),
        }
    }
}

/// What must hold for a put to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing: an object of that key is replaced.
    None,
    /// There is no object of that key (`If-None-Match: *`).
    IfAbsent,
    /// The object of that key still is what it was when it had this ETag (`If-Match`).
    IfMatch(ETag),
}

/// What to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRequest {
    /// Below this key; none for the whole store.
    pub folder: Option<Key>,
    /// With delimiter `/`: only what lies directly below, deeper keys folded into their prefixes.
    pub delimiter: bool,
    /// Where to go on, from the page before.
    pub after: Option<PageToken>,
    /// How many objects and prefixes a page has at most; at least 1.
    pub limit: usize,
}

impl ListRequest {
    /// The first page of what lies directly below `folder`.
    #[must_use]
    pub fn children(folder: &Key) -> Self {
        Self { folder: Some(folder.clone()), delimiter: true, after: None, limit: 1000 }
    }

    /// The first page of everything below `folder`.
    #[must_use]
    pub fn below(folder: &Key) -> Self {
        Self { delimiter: false, ..Self::children(folder) }
    }
}

/// Where a listing goes on; only its store knows what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageToken(pub String);

/// One page of a listing, in byte order of the keys (a prefix sorts as if it ended with `/`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The objects.
    pub objects: Vec<Meta>,
    /// With a delimiter: the keys, without closing `/`, under which more objects lie.
    pub prefixes: Vec<Key>,
    /// Set when there is more.
    pub next: Option<PageToken>,
}

/// Objects under keys. A put is atomic: readers see the old object or the new one, whole. What was
/// put is seen by every later get, head and list. No key may lie below another object's: not every
/// store (a directory) can hold both `a` and `a/b`.
pub trait Store: Send + Sync + fmt::Debug {
    /// Reads an object, or a range of its bytes (which must lie within it).
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Io`] also for a range that is not within the object.
    fn get(&self, key: &Key, range: Option<Range<u64>>) -> Result<Object, Error>;

    /// What an object is; none when there is none.
    ///
    /// # Errors
    /// That the store failed.
    fn head(&self, key: &Key) -> Result<Option<Meta>, Error>;

    /// One page of keys.
    ///
    /// # Errors
    /// That the store failed. An empty folder is not an error.
    fn list(&self, request: &ListRequest) -> Result<Page, Error>;

    /// Stores an object. It lasts once this has returned.
    ///
    /// # Errors
    /// [`Error::PreconditionFailed`], and then nothing has changed.
    fn put(&self, key: &Key, body: &Body, precondition: &Precondition) -> Result<ETag, Error>;

    /// Removes an object; nothing when there is none.
    ///
    /// # Errors
    /// That the store failed.
    fn delete(&self, key: &Key) -> Result<(), Error>;

    /// A folder for files that are to be put: removed when dropped, or, after a crash, when the
    /// store is next opened.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be made.
    fn scratch(&self) -> Result<Scratch, Error>;

    /// Where the store is.
    fn uri(&self) -> &Uri;

    /// The file that holds an object, where the store has files: readers then open it themselves,
    /// and nothing is cached.
    fn local_path(&self, key: &Key) -> Option<PathBuf> {
        let _ = key;
        None
    }
}

/// Reads a small object whole; none when there is none.
pub(crate) fn read(store: &dyn Store, key: &Key) -> Result<Option<(Bytes, ETag)>, Error> {
    match store.get(key, None) {
        Ok(object) => Ok(Some((object.body.bytes()?, object.meta.etag))),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Lists all pages.
pub(crate) fn list_all(
    store: &dyn Store,
    mut request: ListRequest,
) -> Result<(Vec<Meta>, Vec<Key>), Error> {
    let (mut objects, mut prefixes) = (Vec::new(), Vec::new());
    loop {
        let page = store.list(&request)?;
        objects.extend(page.objects);
        prefixes.extend(page.prefixes);
        match page.next {
            Some(next) => request.after = Some(next),
            None => return Ok((objects, prefixes)),
        }
    }
}

/// A page from keys in byte order, for stores that can walk them so: `(key, meta)`, where a prefix
/// has no meta. The token is the last sort key that was given out.
pub(crate) struct Pager {
    page: Page,
    limit: usize,
    last: Option<String>,
}

impl Pager {
    pub(crate) fn new(limit: usize) -> Self {
        Self { page: Page::default(), limit: limit.max(1), last: None }
    }

    /// Adds an entry; false when the page is full and the entry begins the next one.
    pub(crate) fn add(&mut self, key: Key, meta: Option<Meta>) -> bool {
        if self.page.objects.len() + self.page.prefixes.len() == self.limit {
            self.page.next = self.last.take().map(PageToken);
            return false;
        }
        match meta {
            Some(meta) => {
                self.last = Some(key.as_str().to_owned());
                self.page.objects.push(meta);
            }
            None => {
                self.last = Some(format!("{key}/"));
                self.page.prefixes.push(key);
            }
        }
        true
    }

    pub(crate) fn finish(self) -> Page {
        self.page
    }
}
