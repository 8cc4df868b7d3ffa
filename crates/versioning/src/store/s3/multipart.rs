//! Storing a large object in parts. It comes into being when the upload is completed, and only if
//! its condition holds then; until that nobody sees it.

use aws_sdk_s3::{
    Client,
    primitives::ByteStream,
    types::{ChecksumAlgorithm, ChecksumType, CompletedMultipartUpload, CompletedPart},
};
use tokio::task::JoinSet;

use super::{
    S3Store, TOKEN,
    connection::Open,
    failure::{ABORT, PUT, S3Failure},
    put::Conditions,
};
use crate::{Blob, ETag, Error, Key};

/// How many parts are on their way at once, each in memory.
const PARALLEL: usize = 4;
/// S3's limit.
const MAX_PARTS: u64 = 10_000;

impl S3Store {
    pub(super) async fn store_parts(
        &self,
        open: &Open,
        key: &Key,
        blob: &Blob,
        conditions: &Conditions,
    ) -> Result<ETag, S3Failure> {
        let sent = open
            .client
            .create_multipart_upload()
            .bucket(&self.bucket)
            .key(self.full(key))
            .checksum_algorithm(ChecksumAlgorithm::Crc64Nvme)
            .checksum_type(ChecksumType::FullObject)
            .server_side_encryption(open.encryption.kind.clone())
            .set_ssekms_key_id(open.encryption.key.clone())
            .metadata(TOKEN, &conditions.token)
            .send();
        let created = sent.await.map_err(|e| self.failure(PUT, key, &e))?;
        let Some(id) = created.upload_id() else {
            let reason = "it began an upload and told no id".to_owned();
            return Err(S3Failure::Other(Error::Unavailable { what: self.uri.of(key), reason }));
        };
        let done = match self.send_parts(&open.client, key, blob, id).await {
            Ok(parts) => self.complete(open, key, blob, id, parts, conditions).await,
            Err(failure) => Err(failure),
        };
        if done.is_err() {
            self.abort(open, key, id).await;
        }
        done
    }

    async fn send_parts(
        &self,
        client: &Client,
        key: &Key,
        blob: &Blob,
        id: &str,
    ) -> Result<Vec<CompletedPart>, S3Failure> {
        let part = self.part.max(blob.len().div_ceil(MAX_PARTS));
        let mut starts = (0..blob.len()).step_by(usize::try_from(part).unwrap_or(usize::MAX));
        let (mut tasks, mut parts) = (JoinSet::new(), Vec::new());
        let mut number = 0;
        loop {
            while tasks.len() < PARALLEL
                && let Some(start) = starts.next()
            {
                number += 1;
                let (store, client, blob) = (self.clone(), client.clone(), blob.clone());
                let (key, id) = (key.clone(), id.to_owned());
                tasks.spawn(async move {
                    let length = part.min(blob.len() - start);
                    let length = usize::try_from(length).unwrap_or(usize::MAX);
                    let bytes = blob.bytes_at(start, length).map_err(S3Failure::Other)?;
                    store.send_part(&client, &key, &id, number, bytes).await
                });
            }
            match tasks.join_next().await {
                None => break,
                Some(Ok(sent)) => parts.push(sent?),
                Some(Err(panic)) => {
                    let (what, reason) = (self.uri.of(key), panic.to_string());
                    return Err(S3Failure::Other(Error::Unavailable { what, reason }));
                }
            }
        }
        parts.sort_by_key(CompletedPart::part_number);
        Ok(parts)
    }

    async fn send_part(
        &self,
        client: &Client,
        key: &Key,
        id: &str,
        number: i32,
        bytes: bytes::Bytes,
    ) -> Result<CompletedPart, S3Failure> {
        let sent = client
            .upload_part()
            .bucket(&self.bucket)
            .key(self.full(key))
            .upload_id(id)
            .part_number(number)
            .checksum_algorithm(ChecksumAlgorithm::Crc64Nvme)
            .body(ByteStream::from(bytes))
            .send();
        let sent = sent.await.map_err(|e| self.failure(PUT, key, &e))?;
        Ok(CompletedPart::builder()
            .part_number(number)
            .set_e_tag(sent.e_tag().map(str::to_owned))
            .set_checksum_crc64_nvme(sent.checksum_crc64_nvme().map(str::to_owned))
            .build())
    }

    async fn complete(
        &self,
        open: &Open,
        key: &Key,
        blob: &Blob,
        id: &str,
        parts: Vec<CompletedPart>,
        conditions: &Conditions,
    ) -> Result<ETag, S3Failure> {
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let sent = open
            .client
            .complete_multipart_upload()
            .bucket(&self.bucket)
            .key(self.full(key))
            .upload_id(id)
            .multipart_upload(parts)
            .checksum_type(ChecksumType::FullObject)
            .set_mpu_object_size(i64::try_from(blob.len()).ok())
            .set_if_none_match(conditions.if_none_match.clone())
            .set_if_match(conditions.if_match.clone())
            .customize()
            .interceptor(conditions.sent.clone())
            .send();
        let completed = sent.await.map_err(|e| self.failure(PUT, key, &e))?;
        self.etag(key, completed.e_tag())
    }

    /// Gives an upload up. One that cannot be, like that of a killed process, is removed by the
    /// bucket's lifecycle rule.
    async fn abort(&self, open: &Open, key: &Key, id: &str) {
        let full = self.full(key);
        self.say(ABORT, &full);
        let sent =
            open.client.abort_multipart_upload().bucket(&self.bucket).key(full).upload_id(id);
        drop(sent.send().await);
    }
}
