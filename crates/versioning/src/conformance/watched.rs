//! A store that asks before each operation whether it may.

use std::{
    fmt,
    ops::Range,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::{
    Body, ETag, Error, Key, ListRequest, Meta, Object, Page, Precondition, Scratch, Store, Uri,
};

/// What a [`WatchedStore`] is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation<'a> {
    /// Read an object.
    Get(&'a Key),
    /// Ask what an object is.
    Head(&'a Key),
    /// List.
    List,
    /// Store an object.
    Put(&'a Key),
    /// Remove an object.
    Delete(&'a Key),
}

impl Operation<'_> {
    /// Whether it changes the store.
    #[must_use]
    pub fn writes(&self) -> bool {
        matches!(self, Self::Put(_) | Self::Delete(_))
    }
}

type Watch = dyn Fn(&Operation<'_>) -> Result<(), Error> + Send + Sync;

/// A store that calls a function before each operation on another one: to count, to let somebody
/// else in between, to stop for good. An error of the function is the operation's.
pub struct WatchedStore {
    inner: Arc<dyn Store>,
    watch: Box<Watch>,
}

impl WatchedStore {
    /// `inner`, watched.
    pub fn new(
        inner: Arc<dyn Store>,
        watch: impl Fn(&Operation<'_>) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Self {
        Self { inner, watch: Box::new(watch) }
    }

    /// `inner` as a process sees it that is killed when it has done `writes` writes: all that it
    /// tries from then on fails.
    #[must_use]
    pub fn dying(inner: Arc<dyn Store>, writes: usize) -> Self {
        let tried = AtomicUsize::new(0);
        Self::new(inner, move |operation| {
            // The write that is one too many kills; reads live as long as it has not come.
            let tried = match operation.writes() {
                true => tried.fetch_add(1, Ordering::SeqCst) + 1,
                false => tried.load(Ordering::SeqCst),
            };
            match tried <= writes {
                true => Ok(()),
                false => Err(Error::Unavailable {
                    what: "a killed process".into(),
                    reason: format!("it has done {writes} writes"),
                }),
            }
        })
    }
}

impl fmt::Debug for WatchedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WatchedStore({:?})", self.inner)
    }
}

impl Store for WatchedStore {
    fn get(&self, key: &Key, range: Option<Range<u64>>) -> Result<Object, Error> {
        (self.watch)(&Operation::Get(key))?;
        self.inner.get(key, range)
    }

    fn head(&self, key: &Key) -> Result<Option<Meta>, Error> {
        (self.watch)(&Operation::Head(key))?;
        self.inner.head(key)
    }

    fn list(&self, request: &ListRequest) -> Result<Page, Error> {
        (self.watch)(&Operation::List)?;
        self.inner.list(request)
    }

    fn put(&self, key: &Key, body: &Body, precondition: &Precondition) -> Result<ETag, Error> {
        (self.watch)(&Operation::Put(key))?;
        self.inner.put(key, body, precondition)
    }

    fn delete(&self, key: &Key) -> Result<(), Error> {
        (self.watch)(&Operation::Delete(key))?;
        self.inner.delete(key)
    }

    fn scratch(&self) -> Result<Scratch, Error> {
        self.inner.scratch()
    }

    fn uri(&self) -> &Uri {
        self.inner.uri()
    }

    fn local_path(&self, key: &Key) -> Option<PathBuf> {
        self.inner.local_path(key)
    }
}
