//! The stores of a call: they count what goes through them, and refuse all once its time is up.

use std::{
    ops::Range,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use versioning::{
    Body, ETag, Error, Key, Lake, ListRequest, Meta, Object, Page, Precondition, Scratch, Store,
    Uri,
};

use super::deadline::Stop;

/// Bytes that went through the stores of a call.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    read: AtomicU64,
    written: AtomicU64,
}

impl Traffic {
    /// Read and written.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        (self.read.load(Ordering::Relaxed), self.written.load(Ordering::Relaxed))
    }
}

/// The lake as one call sees it.
pub(crate) fn guarded(lake: &Lake, stop: &Arc<Stop>, traffic: &Arc<Traffic>) -> Lake {
    let (stop, traffic) = (Arc::clone(stop), Arc::clone(traffic));
    lake.through(move |inner| {
        Arc::new(Guarded { inner, stop: Arc::clone(&stop), traffic: Arc::clone(&traffic) })
    })
}

/// A thread that is stopped late can commit nothing: its writes are refused, and its reads, so that
/// it ends sooner. What was under way when the time was up may still arrive; a version that is
/// whole then is what the same call repeated would give.
#[derive(Debug)]
struct Guarded {
    inner: Arc<dyn Store>,
    stop: Arc<Stop>,
    traffic: Arc<Traffic>,
}

impl Guarded {
    fn open(&self) -> Result<&dyn Store, Error> {
        if self.stop.is_set() {
            let what = self.inner.uri().to_string();
            return Err(Error::Unavailable { what, reason: "the call's time is up".to_owned() });
        }
        Ok(&*self.inner)
    }
}

impl Store for Guarded {
    fn get(&self, key: &Key, range: Option<Range<u64>>) -> Result<Object, Error> {
        let object = self.open()?.get(key, range)?;
        self.traffic.read.fetch_add(object.body.len(), Ordering::Relaxed);
        Ok(object)
    }

    fn head(&self, key: &Key) -> Result<Option<Meta>, Error> {
        self.open()?.head(key)
    }

    fn list(&self, request: &ListRequest) -> Result<Page, Error> {
        self.open()?.list(request)
    }

    fn put(&self, key: &Key, body: &Body, precondition: &Precondition) -> Result<ETag, Error> {
        let bytes = match body {
            Body::Bytes(bytes) => bytes.len() as u64,
            // A file that is not there is the store's to complain of.
            Body::File(path) => std::fs::metadata(path).map_or(0, |file| file.len()),
        };
        let etag = self.open()?.put(key, body, precondition)?;
        self.traffic.written.fetch_add(bytes, Ordering::Relaxed);
        Ok(etag)
    }

    fn delete(&self, key: &Key) -> Result<(), Error> {
        self.open()?.delete(key)
    }

    fn scratch(&self) -> Result<Scratch, Error> {
        self.open()?.scratch()
    }

    fn uri(&self) -> &Uri {
        self.inner.uri()
    }

    fn local_path(&self, key: &Key) -> Option<PathBuf> {
        self.inner.local_path(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_counted_and_nothing_passes_once_the_time_is_up() {
        let (stop, traffic) = (Arc::<Stop>::default(), Arc::<Traffic>::default());
        let lake = Lake::in_memory();
        let call = guarded(&lake, &stop, &traffic);
        let key = Key::new("a").unwrap();
        let put =
            |lake: &Lake| lake.data().put(&key, &Body::Bytes("four".into()), &Precondition::None);
        put(&call).unwrap();
        call.data().get(&key, Some(1..3)).unwrap();
        assert_eq!(traffic.bytes(), (2, 4));
        stop.set();
        let refused = |error: Error| assert!(error.to_string().contains("time is up"), "{error}");
        refused(put(&call).unwrap_err());
        refused(call.data().delete(&key).unwrap_err());
        refused(call.features().get(&key, None).unwrap_err());
        refused(call.data().scratch().unwrap_err());
        let elsewhere = tempfile::tempdir().unwrap();
        let raw = call.raw_files(elsewhere.path().to_str(), versioning::RawTable::Vagas);
        refused(raw.unwrap_err());
        assert!(lake.data().get(&key, None).is_ok(), "another call's stores are as they were");
    }
}
