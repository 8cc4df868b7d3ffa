//! The operations of a store, each on the runtime of the connection.

use std::ops::Range;

use super::{
    S3Store,
    failure::{self, S3Failure},
};
use crate::{
    Body, ETag, Error, Key, ListRequest, Meta, Object, Page, Precondition, Scratch, Store, Uri,
};

impl Store for S3Store {
    fn get(&self, key: &Key, range: Option<Range<u64>>) -> Result<Object, Error> {
        let open = self.connection.open(&self.uri)?;
        open.block_on(self.fetch(&open, key, range))
    }

    fn head(&self, key: &Key) -> Result<Option<Meta>, Error> {
        let open = self.connection.open(&self.uri)?;
        Ok(open.block_on(self.stat(&open, key))?.map(|stat| stat.meta))
    }

    fn list(&self, request: &ListRequest) -> Result<Page, Error> {
        let open = self.connection.open(&self.uri)?;
        open.block_on(self.page(&open, request))
    }

    fn put(&self, key: &Key, body: &Body, precondition: &Precondition) -> Result<ETag, Error> {
        let open = self.connection.open(&self.uri)?;
        open.block_on(self.store(&open, key, &body.blob()?, precondition))
    }

    fn delete(&self, key: &Key) -> Result<(), Error> {
        let open = self.connection.open(&self.uri)?;
        let full = self.full(key);
        self.say(failure::DELETE, &full);
        let sent = open.client.delete_object().bucket(&self.bucket).key(full).send();
        match open.block_on(sent).map_err(|e| self.failure(failure::DELETE, key, &e)) {
            Ok(_) | Err(S3Failure::NotFound) => Ok(()),
            Err(failure) => Err(self.error(key, failure)),
        }
    }

    fn scratch(&self) -> Result<Scratch, Error> {
        self.connection.scratch()
    }

    fn uri(&self) -> &Uri {
        &self.uri
    }
}
