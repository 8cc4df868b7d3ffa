//! A store in an S3 bucket, or below a prefix of one.
//!
//! [`crate::Store`] is synchronous and the SDK is not: each operation blocks its thread on the runtime of
//! the [`Connection`]. It may be called from any thread that may block (rayon's, `spawn_blocking`'s),
//! not from within async code.

mod connection;
mod failure;
mod get;
mod head;
mod list;
mod multipart;
mod objects;
mod put;

use std::fmt;

pub(crate) use connection::Connection;

use crate::{Error, Key, Uri};

/// S3's lower limit for all parts of an upload but the last.
const MIN_PART: u64 = 5 << 20;
/// What a part, or a range of a download, has when nobody says otherwise.
const PART: u64 = 8 << 20;

/// The name of the metadata that says which put has made an object.
const TOKEN: &str = "mllab-put";

/// Objects of an S3 bucket.
///
/// Nothing is asked of the network, and no client is made, before the first operation. Region,
/// credentials and endpoint come by the SDK's own chain (`AWS_REGION`, `AWS_ENDPOINT_URL`, profiles,
/// roles); with an endpoint, buckets are addressed by path. Objects are encrypted with the key
/// that `MLLAB_SSE_KMS_KEY_ID` names (`aws:kms`), else with S3's own (`AES256`).
///
/// **Conditional puts** are S3's (`If-None-Match`, `If-Match`). A put whose answer was lost is sent
/// again, and may then be refused because of itself: every put carries a token of its own in the
/// object's metadata, so that this is told from somebody else's object. One case cannot be told:
/// when another has already replaced, by `If-Match`, what we wrote, the put fails.
///
/// **Memory.** Objects up to one part (8 MiB) are held in memory. Larger ones are downloaded into a
/// scratch file, in ranges side by side, and uploaded in parts; four parts are in memory at most.
#[derive(Clone)]
pub struct S3Store {
    connection: Connection,
    uri: Uri,
    bucket: String,
    prefix: Option<Key>,
    part: u64,
}

impl S3Store {
    /// The store at `s3://bucket/` or `s3://bucket/prefix/`, configured by the environment.
    ///
    /// # Errors
    /// [`Error::BadUri`] for anything else.
    pub fn open(uri: &Uri) -> Result<Self, Error> {
        Self::over(Connection::default(), uri)
    }

    /// The store at a URI, with a configuration that the caller has made. Retries and timeouts are
    /// those that it names.
    ///
    /// # Errors
    /// As [`S3Store::open`].
    pub fn with_config(uri: &Uri, config: aws_config::SdkConfig) -> Result<Self, Error> {
        Self::over(Connection::given(config), uri)
    }

    /// The store with parts of another length: what is longer than one is moved in parts. At least
    /// 5 MiB, which is S3's limit.
    #[must_use]
    pub fn with_part_bytes(self, bytes: u64) -> Self {
        Self { part: bytes.max(MIN_PART), ..self }
    }

    /// A store that shares the client of others.
    pub(crate) fn over(connection: Connection, uri: &Uri) -> Result<Self, Error> {
        let Uri::S3 { bucket, prefix } = uri else {
            return Err(Error::BadUri {
                found: uri.to_string(),
                reason: "expected s3://bucket/prefix/".into(),
            });
        };
        let (bucket, prefix) = (bucket.clone(), prefix.clone());
        Ok(Self { connection, uri: uri.clone(), bucket, prefix, part: PART })
    }

    /// The key in the bucket.
    fn full(&self, key: &Key) -> String {
        match &self.prefix {
            Some(prefix) => format!("{prefix}/{key}"),
            None => key.to_string(),
        }
    }

    /// Says what is done, under the name that the permission for it has. The tests of the
    /// permissions go by these lines.
    fn say(&self, permission: &'static str, key: &str) {
        let bucket = self.bucket.as_str();
        tracing::debug!(target: "store", op = permission, bucket, key);
    }
}

impl fmt::Debug for S3Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S3Store({})", self.uri)
    }
}
