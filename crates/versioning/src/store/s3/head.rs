//! What an object is, without its bytes.

use super::{
    S3Store, TOKEN,
    connection::Open,
    failure::{self, S3Failure},
};
use crate::{ETag, Error, Key, Meta};

impl S3Store {
    /// What an object is; none when there is none.
    pub(super) async fn stat(&self, open: &Open, key: &Key) -> Result<Option<Stat>, Error> {
        let full = self.full(key);
        self.say(failure::GET, &full);
        let sent = open.client.head_object().bucket(&self.bucket).key(full).send().await;
        match sent.map_err(|e| self.failure(failure::GET, key, &e)) {
            Ok(head) => Ok(Some(Stat {
                meta: self.meta(key, head.content_length(), head.e_tag())?,
                token: head.metadata().and_then(|m| m.get(TOKEN)).cloned(),
            })),
            Err(S3Failure::NotFound) => Ok(None),
            Err(failure) => Err(self.error(key, failure)),
        }
    }

    pub(super) fn meta(
        &self,
        key: &Key,
        bytes: Option<i64>,
        etag: Option<&str>,
    ) -> Result<Meta, Error> {
        match (bytes.map(u64::try_from), etag) {
            (Some(Ok(bytes)), Some(etag)) => {
                Ok(Meta { key: key.clone(), bytes, etag: ETag(etag.to_owned()) })
            }
            _ => Err(Error::Unavailable {
                what: self.uri.of(key),
                reason: "the answer has no length or no ETag".into(),
            }),
        }
    }
}

/// What a HEAD tells.
pub(super) struct Stat {
    pub(super) meta: Meta,
    /// The token of the put that made the object.
    pub(super) token: Option<String>,
}
