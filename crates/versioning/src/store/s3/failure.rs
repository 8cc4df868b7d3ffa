//! What S3 says no with, in our words.

use aws_sdk_s3::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};

use super::S3Store;
use crate::{Error, Key};

/// The permissions that the operations need; what they are called in the log, too.
pub(super) const GET: &str = "GetObject";
pub(super) const PUT: &str = "PutObject";
pub(super) const DELETE: &str = "DeleteObject";
pub(super) const LIST: &str = "ListBucket";
pub(super) const ABORT: &str = "AbortMultipartUpload";

/// Why a request failed: what the store acts on, or an error for the caller.
#[derive(Debug)]
pub(super) enum S3Failure {
    /// 404.
    NotFound,
    /// 412: an `If-Match` or `If-None-Match` does not hold.
    Refused,
    /// 409: another write of the key is under way; to be sent again.
    Conflict,
    /// The upload was completed or aborted already.
    NoSuchUpload,
    /// 416: the range is not within the object.
    NotWithin,
    /// Anything else.
    Other(Error),
}

impl S3Store {
    /// Reads a failed request.
    pub(super) fn failure<E>(
        &self,
        permission: &str,
        key: &Key,
        error: &SdkError<E, HttpResponse>,
    ) -> S3Failure
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        self.failure_at(permission, &self.uri.of(key), Some(key), error)
    }

    /// [`S3Store::failure`] for a request that need not be about one object.
    pub(super) fn failure_at<E>(
        &self,
        permission: &str,
        what: &str,
        key: Option<&Key>,
        error: &SdkError<E, HttpResponse>,
    ) -> S3Failure
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let code = error.code().unwrap_or_default();
        let status = error.raw_response().map(|r| r.status().as_u16()).unwrap_or_default();
        let what = what.to_owned();
        let reason = match error {
            SdkError::ServiceError(_) => words(status, code, error.message().unwrap_or_default()),
            _ => chain(error),
        };
        // Not to be tried again: something must be set right first.
        let wrong = |reason| S3Failure::Other(Error::BadUri { found: what.clone(), reason });
        match (status, code) {
            (_, "NoSuchBucket") => wrong(format!("there is no bucket {}", self.bucket)),
            (_, "NoSuchUpload") => S3Failure::NoSuchUpload,
            (404, _) => S3Failure::NotFound,
            (412, _) | (_, "PreconditionFailed") => S3Failure::Refused,
            (409, "ConditionalRequestConflict" | "OperationAborted") => S3Failure::Conflict,
            (416, _) => S3Failure::NotWithin,
            (429, _)
            | (_, "SlowDown" | "Throttling" | "ThrottlingException" | "RequestLimitExceeded") => {
                S3Failure::Other(Error::Throttled { what, reason })
            }
            (403, _) => wrong(self.denied(permission, key, &reason)),
            (301 | 307, _) | (_, "AuthorizationHeaderMalformed") => {
                wrong(format!("its bucket is in another region, set AWS_REGION: {reason}"))
            }
            (400 | 401, "ExpiredToken" | "InvalidToken") => {
                wrong(format!("the credentials are no longer good: {reason}"))
            }
            _ => S3Failure::Other(Error::Unavailable { what, reason }),
        }
    }

    fn denied(&self, permission: &str, key: Option<&Key>, reason: &str) -> String {
        let arn = match key {
            Some(key) => format!("arn:aws:s3:::{}/{}", self.bucket, self.full(key)),
            None => format!("arn:aws:s3:::{}", self.bucket),
        };
        let absent = match permission {
            GET => {
                "; without s3:ListBucket on the bucket, S3 says this also of objects that do not exist"
            }
            _ => "",
        };
        format!("access denied ({reason}); it takes s3:{permission} on {arn}{absent}")
    }

    /// A failure that the caller is told of.
    pub(super) fn error(&self, key: &Key, failure: S3Failure) -> Error {
        let what = self.uri.of(key);
        match failure {
            S3Failure::NotFound => Error::NotFound { what },
            S3Failure::Refused => Error::PreconditionFailed { what },
            S3Failure::Conflict => Error::Contended { what, attempts: 1 },
            S3Failure::NoSuchUpload => {
                Error::Unavailable { what, reason: "the upload is gone".into() }
            }
            S3Failure::NotWithin => Error::Io {
                path: what.into(),
                source: std::io::Error::new(
                    std::io::ErrorKind::UnexpectedEof,
                    "the range is not within the object",
                ),
            },
            S3Failure::Other(error) => error,
        }
    }
}

fn words(status: u16, code: &str, message: &str) -> String {
    let mut words = status.to_string();
    for word in [code, message].into_iter().filter(|word| !word.is_empty()) {
        words.push(' ');
        words.extend(word.chars().take(300).flat_map(char::escape_debug));
    }
    words
}

/// An error and what it comes of.
pub(super) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let mut words: Vec<String> = causes.map(ToString::to_string).collect();
    words.dedup();
    words.join(": ").chars().take(600).flat_map(char::escape_debug).collect()
}
