//! One page of keys.

use super::{
    S3Store,
    connection::Open,
    failure::{LIST, S3Failure},
};
use crate::{Error, Key, ListRequest, Meta, Page, PageToken};

/// What S3 gives in one page at most.
const MAX_PAGE: usize = 1000;

impl S3Store {
    pub(super) async fn page(&self, open: &Open, request: &ListRequest) -> Result<Page, Error> {
        let folder = match (&self.prefix, &request.folder) {
            (Some(prefix), Some(folder)) => format!("{prefix}/{folder}/"),
            (Some(key), None) | (None, Some(key)) => format!("{key}/"),
            (None, None) => String::new(),
        };
        self.say(LIST, &folder);
        let limit = i32::try_from(request.limit.clamp(1, MAX_PAGE)).unwrap_or(i32::MAX);
        let sent = open
            .client
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(folder)
            .set_delimiter(request.delimiter.then(|| "/".to_owned()))
            .set_continuation_token(request.after.as_ref().map(|token| token.0.clone()))
            .max_keys(limit)
            .send();
        let what = match &request.folder {
            Some(folder) => format!("{}/", self.uri.of(folder)),
            None => self.uri.to_string(),
        };
        let listed = sent.await.map_err(|e| match self.failure_at(LIST, &what, None, &e) {
            S3Failure::Other(error) => error,
            other => Error::Unavailable { what: what.clone(), reason: format!("{other:?}") },
        })?;
        let mut page = Page::default();
        for object in listed.contents() {
            // What is not a key of ours (a console's empty object `folder/`) is passed over.
            let Some(key) = object.key().and_then(|key| self.own(key)) else { continue };
            let meta = match object.e_tag() {
                Some(etag) => Some(self.meta(&key, object.size(), Some(etag))?),
                // Not every server tells it here; none when the object is gone meanwhile.
                None => self.stat(open, &key).await?.map(|stat| stat.meta),
            };
            page.objects.extend::<Option<Meta>>(meta);
        }
        let prefixes = listed.common_prefixes().iter().filter_map(|p| p.prefix());
        page.prefixes = prefixes.filter_map(|p| self.own(p.strip_suffix('/')?)).collect();
        page.next = listed
            .next_continuation_token()
            .filter(|_| listed.is_truncated() == Some(true))
            .map(|token| PageToken(token.to_owned()));
        Ok(page)
    }

    /// A key of the bucket as one of this store.
    fn own(&self, key: &str) -> Option<Key> {
        let own = match &self.prefix {
            Some(prefix) => key.strip_prefix(prefix.as_str())?.strip_prefix('/')?,
            None => key,
        };
        Key::new(own).ok()
    }
}
