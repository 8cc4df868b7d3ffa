//! Storing an object: at once, or in parts.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use aws_sdk_s3::{
    config::{
        ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeTransmitInterceptorContextRef,
    },
    error::BoxError,
    primitives::ByteStream,
    types::ChecksumAlgorithm,
};

use super::{
    S3Store, TOKEN,
    connection::Open,
    failure::{PUT, S3Failure},
};
use crate::{Blob, ETag, Error, Key, Precondition, retry::random};

/// What holds for a put however it is sent.
#[derive(Clone, Debug)]
pub(super) struct Conditions {
    /// Of this call alone.
    pub(super) token: String,
    pub(super) if_none_match: Option<String>,
    pub(super) if_match: Option<String>,
    /// Counts how often the request with the condition was sent.
    pub(super) sent: Sent,
}

/// Counts how often the SDK sends a request.
#[derive(Clone, Debug, Default)]
pub(super) struct Sent(Arc<AtomicU32>);

impl Intercept for Sent {
    fn name(&self) -> &'static str {
        "sent"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

impl Conditions {
    fn new(precondition: &Precondition) -> Self {
        Self {
            token: format!("{:016x}{:016x}", random(), random()),
            if_none_match: (*precondition == Precondition::IfAbsent).then(|| "*".to_owned()),
            if_match: match precondition {
                Precondition::IfMatch(etag) => Some(etag.0.clone()),
                Precondition::None | Precondition::IfAbsent => None,
            },
            sent: Sent::default(),
        }
    }
}

impl S3Store {
    pub(super) async fn store(
        &self,
        open: &Open,
        key: &Key,
        blob: &Blob,
        precondition: &Precondition,
    ) -> Result<ETag, Error> {
        let conditions = Conditions::new(precondition);
        self.say(PUT, &self.full(key));
        for attempt in 1..=open.attempts {
            let sent = match blob.len() <= self.part {
                true => self.store_whole(open, key, blob, &conditions).await,
                false => self.store_parts(open, key, blob, &conditions).await,
            };
            match sent {
                Ok(etag) => return Ok(etag),
                Err(
                    failure @ (S3Failure::Refused | S3Failure::NotFound | S3Failure::NoSuchUpload),
                ) => {
                    let again = conditions.sent.0.load(Ordering::SeqCst) > 1;
                    // An earlier attempt, whose answer was lost, may have been the one.
                    if again
                        && let Some(stat) = self.stat(open, key).await?
                        && stat.token.as_deref() == Some(&conditions.token)
                    {
                        return Ok(stat.meta.etag);
                    }
                    // S3 answers 404 when the object to be matched is gone.
                    if !matches!(failure, S3Failure::NoSuchUpload) {
                        return Err(self.error(key, S3Failure::Refused));
                    }
                }
                Err(S3Failure::Conflict) => {}
                Err(failure) => return Err(self.error(key, failure)),
            }
            open.wait(attempt).await;
        }
        Err(Error::Contended { what: self.uri.of(key), attempts: open.attempts })
    }

    async fn store_whole(
        &self,
        open: &Open,
        key: &Key,
        blob: &Blob,
        conditions: &Conditions,
    ) -> Result<ETag, S3Failure> {
        let bytes = blob.bytes().map_err(S3Failure::Other)?;
        let sent = open
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(self.full(key))
            .body(ByteStream::from(bytes))
            .checksum_algorithm(ChecksumAlgorithm::Crc64Nvme)
            .server_side_encryption(open.encryption.kind.clone())
            .set_ssekms_key_id(open.encryption.key.clone())
            .metadata(TOKEN, &conditions.token)
            .set_if_none_match(conditions.if_none_match.clone())
            .set_if_match(conditions.if_match.clone())
            .customize()
            .interceptor(conditions.sent.clone())
            .send();
        let put = sent.await.map_err(|e| self.failure(PUT, key, &e))?;
        self.etag(key, put.e_tag())
    }

    pub(super) fn etag(&self, key: &Key, etag: Option<&str>) -> Result<ETag, S3Failure> {
        etag.map(|etag| ETag(etag.to_owned())).ok_or_else(|| {
            let reason = "it stored the object and told no ETag".to_owned();
            S3Failure::Other(Error::Unavailable { what: self.uri.of(key), reason })
        })
    }
}
