//! What may go wrong with a download, whether it may pass, and what to do.

use std::{
    io::{self, ErrorKind},
    time::Duration,
};

use ::encoder::known::{self, Known};
use hf_hub::api::sync::ApiError;
use stage::{Error, ErrorName};

use super::{endpoint::Hub, pin::Wrong};

/// Why an attempt to download a file failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("{0}")]
    Api(#[from] ApiError),
    #[error("no byte came for {} s", .0.as_secs_f64())]
    Silent(Duration),
    #[error("the download broke off at an answer that hf-hub does not expect")]
    Panicked,
    #[error("the hub answers with commit {0}")]
    OtherCommit(String),
    #[error("the hub's file has {0} bytes")]
    OtherLength(u64),
    #[error("the hub sends more than it has said")]
    TooLong,
    #[error("the hub's etag is not a hash")]
    BadEtag,
}

impl Trouble {
    /// Whether the same request may succeed a little later. Not after silence: that attempt still
    /// holds the lock of its file.
    pub(super) fn passes(&self) -> bool {
        match self {
            Self::Api(ApiError::RequestError(error)) => match &**error {
                ureq::Error::StatusCode(status) => matches!(status, 408 | 429 | 500..=599),
                ureq::Error::Io(_)
                | ureq::Error::Timeout(_)
                | ureq::Error::Protocol(_)
                | ureq::Error::ConnectionFailed => true,
                _ => false,
            },
            Self::Api(ApiError::IoError(error)) => of_network(error),
            // The next attempt begins that part anew.
            Self::Api(ApiError::InvalidResume) => true,
            _ => false,
        }
    }
}

/// Whether an error of reading from the hub and writing to the disk is of the former.
fn of_network(error: &io::Error) -> bool {
    use ErrorKind as K;
    match error.kind() {
        K::UnexpectedEof
        | K::ConnectionReset
        | K::ConnectionAborted
        | K::ConnectionRefused
        | K::NotConnected
        | K::BrokenPipe
        | K::TimedOut
        | K::WouldBlock
        | K::Interrupted
        | K::HostUnreachable
        | K::NetworkUnreachable
        | K::NetworkDown => true,
        K::WriteZero => false,
        // What ureq says of a broken answer is not an error of the system.
        _ => error.raw_os_error().is_none(),
    }
}

/// Whether there is no room left.
pub(super) fn is_full(error: &io::Error) -> bool {
    use ErrorKind as K;
    matches!(error.kind(), K::StorageFull | K::QuotaExceeded | K::FileTooLarge)
}

pub(super) struct Context<'a> {
    pub(super) hub: &'a Hub,
    pub(super) known: &'a Known,
    pub(super) file: &'static known::File,
}

impl Context<'_> {
    /// The error of a file that is not the pinned one, and is removed.
    pub(super) fn wrong(&self, wrong: &Wrong) -> Error {
        let message = self.message(
            &format!("{wrong}; the download is removed"),
            "run the command again; if it is wrong again, the hub or a mirror gives another file \
             than is pinned",
        );
        match wrong {
            Wrong::Unreadable(_) => Error::new(ErrorName::StoreUnavailable, message),
            Wrong::Length { .. } | Wrong::Hash { .. } => Error::bad_input(message),
        }
    }

    /// The error that `mllab` ends with.
    pub(super) fn named(&self, trouble: &Trouble) -> Error {
        use ErrorName::{BadInput, ConfigInvalid, StageFailed, StoreUnavailable, Throttled};
        let later = "run the command again when the hub can be reached: what is downloaded is kept";
        let (name, problem, remedy) = match trouble {
            Trouble::Api(ApiError::RequestError(error)) => match &**error {
                ureq::Error::StatusCode(404) => (
                    BadInput,
                    "the hub has no such file at that revision (404)".to_owned(),
                    "check that the endpoint is a hub, or a mirror that has this repository",
                ),
                ureq::Error::StatusCode(status @ (401 | 403)) => (
                    BadInput,
                    format!("the hub refuses it without a login ({status})"),
                    "check that the endpoint is a hub, or a mirror that has this repository",
                ),
                ureq::Error::StatusCode(429) => {
                    (Throttled, "the hub throttles the requests (429)".to_owned(), later)
                }
                ureq::Error::StatusCode(status @ 400..=499) => (
                    BadInput,
                    format!("the hub refuses the request ({status})"),
                    "check that the endpoint is a hub, or a mirror that has this repository",
                ),
                ureq::Error::BadUri(_) | ureq::Error::Http(_) | ureq::Error::InvalidProxyUrl => {
                    (ConfigInvalid, error.to_string(), "check the endpoint")
                }
                ureq::Error::TooManyRedirects => (
                    ConfigInvalid,
                    "the answer is not a hub's: it redirects more than five times".to_owned(),
                    "check that the endpoint is a hub, and that no proxy or login page answers for it",
                ),
                error => (StoreUnavailable, format!("the hub does not answer: {error}"), later),
            },
            Trouble::Api(ApiError::IoError(error)) if is_full(error) => (
                StoreUnavailable,
                format!("the disk of {} is full: {error}", self.hub.downloads.display()),
                "free some space, or name a folder on another disk with --download-dir, and run \
                 the command again: what is downloaded is kept",
            ),
            Trouble::Api(ApiError::IoError(error)) if !of_network(error) => (
                StoreUnavailable,
                format!("cannot download into {}: {error}", self.hub.downloads.display()),
                "make that folder writable, or name another with --download-dir",
            ),
            Trouble::Api(ApiError::IoError(error)) => {
                (StoreUnavailable, format!("the connection broke off: {error}"), later)
            }
            Trouble::Api(ApiError::LockAcquisition(lock)) => (
                ErrorName::VersionContended,
                format!("another process downloads it: it holds {}", lock.display()),
                "run the command again when that one has ended",
            ),
            Trouble::Api(
                ApiError::MissingHeader(_)
                | ApiError::InvalidHeader(_)
                | ApiError::ParseIntError(_),
            )
            | Trouble::BadEtag => (
                ConfigInvalid,
                format!("the answer is not a hub's: {trouble}"),
                "check that the endpoint is a hub, and that no proxy or login page answers for it",
            ),
            Trouble::Silent(_) => {
                (StoreUnavailable, format!("the hub is silent: {trouble}"), later)
            }
            Trouble::OtherCommit(found) => (
                BadInput,
                format!("expected commit {}, found {found}", self.known.revision),
                "check that the endpoint is a hub, or a mirror that has this revision",
            ),
            Trouble::OtherLength(found) => (
                BadInput,
                format!("expected {} bytes, found {found}", self.file.bytes),
                "check that the endpoint is a hub, or a mirror that has this revision",
            ),
            Trouble::TooLong => (
                BadInput,
                format!("expected {} bytes, found more; the download is removed", self.file.bytes),
                "check that the endpoint is a hub, or a mirror that has this revision",
            ),
            Trouble::Panicked => (
                StageFailed,
                trouble.to_string(),
                "check that the endpoint is a hub, and that the download folder can be written",
            ),
            Trouble::Api(_) => (StoreUnavailable, trouble.to_string(), later),
        };
        Error::new(name, self.message(&problem, remedy))
    }

    fn message(&self, problem: &str, remedy: &str) -> String {
        let Known { name, repository, revision, .. } = self.known;
        let (endpoint, file) = (&self.hub.endpoint, self.file.path);
        format!(
            "{endpoint}/{repository}/resolve/{revision}/{file}: {problem}: {remedy}; {}",
            ways_out(name)
        )
    }
}

/// What to do where an encoder cannot be fetched.
pub(super) fn ways_out(name: &str) -> String {
    format!(
        "where no hub can be reached, `mllab encoder add DIR --name {name}` brings the encoder \
         into the lake from a directory that has its files, as does `mllab run --encoder-dir \
         DIR`; or configure encoder = \"lsa\", which needs nothing to fetch"
    )
}
