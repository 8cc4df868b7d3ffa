//! Reading an object, or a range of one.
//!
//! What is longer than a part is read in ranges, side by side, into a scratch file. All of them are
//! of the object that was there at the beginning (`If-Match`): when it changes, the download begins
//! again with the new one.

use std::{fs::File, ops::Range, path::Path, sync::Arc};

use aws_sdk_s3::{operation::get_object::GetObjectOutput, primitives::ByteStream};
use tokio::task::JoinSet;

use super::{
    S3Store,
    connection::Open,
    failure::{GET, S3Failure, chain},
};
use crate::{Blob, ETag, Error, Key, Meta, Object, blob};

/// How many ranges are on their way at once.
const PARALLEL: usize = 8;
/// How often a download begins again because the object has changed.
const CHANGES: u32 = 10;

/// What the first answer has told.
enum FirstAnswer {
    Whole(Object),
    /// It is longer than a part.
    Large(Meta),
}

impl S3Store {
    pub(super) async fn fetch(
        &self,
        open: &Arc<Open>,
        key: &Key,
        range: Option<Range<u64>>,
    ) -> Result<Object, Error> {
        self.say(GET, &self.full(key));
        // S3 has no empty range.
        let large = |r: &Range<u64>| r.is_empty() || r.end - r.start > self.part;
        if range.as_ref().is_some_and(large) {
            return self.fetch_large(open, key, range, None).await;
        }
        match self.fetch_small(open, key, range).await? {
            FirstAnswer::Whole(object) => Ok(object),
            FirstAnswer::Large(meta) => self.fetch_large(open, key, None, Some(meta)).await,
        }
    }

    /// Reads what fits into one answer; asks again when its body breaks off.
    async fn fetch_small(
        &self,
        open: &Open,
        key: &Key,
        range: Option<Range<u64>>,
    ) -> Result<FirstAnswer, Error> {
        let mut attempt = 1;
        loop {
            let asked = self.ask(open, key, range.as_ref(), None).await;
            let answer = asked.map_err(|failure| self.error(key, failure))?;
            let meta = self.meta(key, total(&answer), answer.e_tag())?;
            let length = match &range {
                None if meta.bytes > self.part => return Ok(FirstAnswer::Large(meta)),
                None => meta.bytes,
                Some(range) => {
                    self.check_within(&meta, range)?;
                    range.end - range.start
                }
            };
            let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
            let keep = |chunk: &[u8]| {
                bytes.extend_from_slice(chunk);
                Ok(())
            };
            match self.receive(key, answer.body, length, keep).await?.broken {
                None => return Ok(FirstAnswer::Whole(Object { meta, body: Blob::from(bytes) })),
                Some(error) if attempt >= open.attempts => return Err(error),
                Some(_) => open.wait(attempt).await,
            }
            attempt += 1;
        }
    }

    async fn fetch_large(
        &self,
        open: &Arc<Open>,
        key: &Key,
        range: Option<Range<u64>>,
        mut known: Option<Meta>,
    ) -> Result<Object, Error> {
        for _ in 0..CHANGES {
            let meta = match known.take() {
                Some(meta) => meta,
                None => match self.stat(open, key).await? {
                    Some(stat) => stat.meta,
                    None => return Err(self.error(key, S3Failure::NotFound)),
                },
            };
            let range = range.clone().unwrap_or(0..meta.bytes);
            self.check_within(&meta, &range)?;
            if let Some(body) = self.download(open, key, &meta.etag, range).await? {
                return Ok(Object { meta, body });
            }
        }
        Err(Error::Contended { what: self.uri.of(key), attempts: CHANGES })
    }

    /// Downloads a range into a scratch file, which goes with the blob; none when the object is
    /// not `etag` any more.
    async fn download(
        &self,
        open: &Arc<Open>,
        key: &Key,
        etag: &ETag,
        range: Range<u64>,
    ) -> Result<Option<Blob>, Error> {
        let scratch = self.connection.scratch()?;
        let path: Arc<Path> = scratch.path().join("object").into();
        let file = File::options().write(true).create_new(true).open(&path);
        let file = Arc::new(file.map_err(Error::io(&*path))?);
        file.set_len(range.end - range.start).map_err(Error::io(&*path))?;
        let mut starts = range.clone().step_by(usize::try_from(self.part).unwrap_or(usize::MAX));
        // Dropped at an error, and the tasks with it.
        let mut tasks = JoinSet::new();
        loop {
            while tasks.len() < PARALLEL
                && let Some(start) = starts.next()
            {
                let part = start..range.end.min(start + self.part);
                let target =
                    Target { file: Arc::clone(&file), path: path.clone(), base: range.start };
                let (store, open) = (self.clone(), Arc::clone(open));
                let (key, etag) = (key.clone(), etag.clone());
                tasks.spawn(async move { store.fill(&open, &key, &etag, part, &target).await });
            }
            match tasks.join_next().await {
                None => return Blob::open_in(scratch, &path).map(Some),
                Some(Ok(Ok(true))) => {}
                Some(Ok(Ok(false))) => return Ok(None),
                Some(Ok(Err(error))) => return Err(error),
                Some(Err(panic)) => {
                    let (what, reason) = (self.uri.of(key), panic.to_string());
                    return Err(Error::Unavailable { what, reason });
                }
            }
        }
    }

    /// Writes a part of the object to its place, going on where a body broke off; false when the
    /// object has changed.
    async fn fill(
        &self,
        open: &Open,
        key: &Key,
        etag: &ETag,
        mut part: Range<u64>,
        target: &Target,
    ) -> Result<bool, Error> {
        let mut attempt = 1;
        loop {
            let answer = match self.ask(open, key, Some(&part), Some(etag)).await {
                Ok(answer) => answer,
                Err(S3Failure::Refused) => return Ok(false),
                Err(failure) => return Err(self.error(key, failure)),
            };
            // A server that does not know If-Match gives what is there now.
            if answer.e_tag() != Some(etag.0.as_str()) {
                return Ok(false);
            }
            let mut at = part.start;
            let write = |chunk: &[u8]| {
                target.write(chunk, at)?;
                at += chunk.len() as u64;
                Ok(())
            };
            let received = self.receive(key, answer.body, part.end - part.start, write).await?;
            match received.broken {
                None => return Ok(true),
                Some(error) if attempt >= open.attempts => return Err(error),
                Some(_) => open.wait(attempt).await,
            }
            part.start += received.bytes;
            // Progress is not a failure.
            attempt = if received.bytes > 0 { 1 } else { attempt + 1 };
        }
    }

    async fn ask(
        &self,
        open: &Open,
        key: &Key,
        range: Option<&Range<u64>>,
        etag: Option<&ETag>,
    ) -> Result<GetObjectOutput, S3Failure> {
        let sent = open
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(self.full(key))
            .set_range(range.map(|r| format!("bytes={}-{}", r.start, r.end.saturating_sub(1))))
            .set_if_match(etag.map(|etag| etag.0.clone()))
            .send();
        sent.await.map_err(|e| self.failure(GET, key, &e))
    }

    /// Reads a body to its end, which must come after `length` bytes.
    async fn receive(
        &self,
        key: &Key,
        mut body: ByteStream,
        length: u64,
        mut keep: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<Received, Error> {
        let mut bytes = 0;
        let reason = loop {
            match body.next().await {
                Some(Ok(chunk)) if bytes + chunk.len() as u64 <= length => {
                    keep(&chunk)?;
                    bytes += chunk.len() as u64;
                }
                Some(Ok(_)) => break format!("expected {length} bytes, there are more"),
                Some(Err(error)) => break chain(&error),
                None if bytes == length => return Ok(Received { bytes, broken: None }),
                None => break format!("expected {length} bytes, found {bytes}"),
            }
        };
        let reason = format!("its body broke off: {reason}");
        Ok(Received { bytes, broken: Some(Error::Unavailable { what: self.uri.of(key), reason }) })
    }

    fn check_within(&self, meta: &Meta, range: &Range<u64>) -> Result<(), Error> {
        match range.start <= range.end && range.end <= meta.bytes {
            true => Ok(()),
            false => Err(self.error(&meta.key, S3Failure::NotWithin)),
        }
    }
}

/// How far a body was read.
struct Received {
    bytes: u64,
    /// Why it was not read to its end.
    broken: Option<Error>,
}

/// The file of a download.
struct Target {
    file: Arc<File>,
    path: Arc<Path>,
    /// Where in the object the file begins.
    base: u64,
}

impl Target {
    fn write(&self, bytes: &[u8], at: u64) -> Result<(), Error> {
        blob::write_all_at(&self.file, bytes, at - self.base).map_err(Error::io(&*self.path))
    }
}

/// The length of the whole object, whatever range was asked for.
fn total(answer: &GetObjectOutput) -> Option<i64> {
    match answer.content_range() {
        Some(range) => range.rsplit_once('/')?.1.parse().ok(),
        None => answer.content_length(),
    }
}
