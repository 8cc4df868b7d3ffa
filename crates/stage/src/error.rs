//! Errors, named for the orchestrator.

use std::{io::ErrorKind, sync::Arc};

use serde::Serialize;

/// The names by which the state machine knows an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ErrorName {
    /// The input is not what the stage can read. Never retried.
    BadInput,
    /// The input is whole, and a model cannot be trained on it yet. Never retried; the day goes on
    /// without that model.
    NothingToLearn,
    /// The configuration is wrong. Never retried.
    ConfigInvalid,
    /// The result is not good enough to go live. Never retried.
    GateRefused,
    /// The stage failed in a way that the same call would meet again. Never retried.
    StageFailed,
    /// The host's time was up. Never retried: the same work would take as long again.
    DeadlineExceeded,
    /// The store did not answer. Retried.
    StoreUnavailable,
    /// The store asked for patience. Retried.
    Throttled,
    /// Too many others claimed or promoted at the same time. Retried.
    VersionContended,
}

impl ErrorName {
    pub const ALL: [Self; 9] = [
        Self::BadInput,
        Self::NothingToLearn,
        Self::ConfigInvalid,
        Self::GateRefused,
        Self::StageFailed,
        Self::DeadlineExceeded,
        Self::StoreUnavailable,
        Self::Throttled,
        Self::VersionContended,
    ];

    /// Whether the same call may succeed later.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::StoreUnavailable | Self::Throttled | Self::VersionContended)
    }

    /// The name that a text is; none for another one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == text)
    }

    /// The name as the state machine matches it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadInput => "BadInput",
            Self::NothingToLearn => "NothingToLearn",
            Self::ConfigInvalid => "ConfigInvalid",
            Self::GateRefused => "GateRefused",
            Self::StageFailed => "StageFailed",
            Self::DeadlineExceeded => "DeadlineExceeded",
            Self::StoreUnavailable => "StoreUnavailable",
            Self::Throttled => "Throttled",
            Self::VersionContended => "VersionContended",
        }
    }

    /// The exit code of a command that ends with this error (docs/operating.md lists them): another for each
    /// name, so that who sees only the code of a job knows the name.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::BadInput => 65,
            Self::NothingToLearn => 66,
            Self::ConfigInvalid => 78,
            Self::GateRefused => 77,
            Self::StageFailed => 70,
            Self::DeadlineExceeded => 79,
            Self::StoreUnavailable => 74,
            Self::Throttled => 75,
            Self::VersionContended => 76,
        }
    }
}

impl std::fmt::Display for ErrorName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A named error: what a stage or its host ends with.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    pub name: ErrorName,
    /// What was expected, what was found, and what to do; never personal data.
    pub message: String,
    /// The error that it was made of; the message has its text.
    #[source]
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    pub fn new(name: ErrorName, message: impl std::fmt::Display) -> Self {
        Self { name, message: message.to_string(), source: None }
    }

    /// An error of that name, with the text of its source.
    pub fn caused(name: ErrorName, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self { name, message: source.to_string(), source: Some(Arc::new(source)) }
    }

    pub fn bad_input(message: impl std::fmt::Display) -> Self {
        Self::new(ErrorName::BadInput, message)
    }

    pub fn config(message: impl std::fmt::Display) -> Self {
        Self::new(ErrorName::ConfigInvalid, message)
    }

    pub fn failed(message: impl std::fmt::Display) -> Self {
        Self::new(ErrorName::StageFailed, message)
    }
}

impl From<crate::Cancelled> for Error {
    fn from(cancelled: crate::Cancelled) -> Self {
        Self::new(ErrorName::DeadlineExceeded, cancelled)
    }
}

impl From<versioning::Error> for Error {
    fn from(error: versioning::Error) -> Self {
        use versioning::Error as E;
        match &error {
            E::Io { source, .. } if source.kind() == ErrorKind::StorageFull => Self::failed(
                format!("{error}: its disk is full: give it more (on AWS: ScratchMegabytes)"),
            ),
            _ => Self::caused(name_of(&error), error),
        }
    }
}

fn name_of(error: &versioning::Error) -> ErrorName {
    use versioning::Error as E;
    match error {
        E::BadUri { .. }
        | E::BadKey { .. }
        | E::NotFound { .. }
        | E::Foreign { .. }
        | E::Changed { .. }
        | E::StillLive { .. }
        | E::NoRollbackTarget { .. }
        | E::NoRelease { .. }
        | E::AmbiguousRaw { .. } => ErrorName::BadInput,
        E::PreconditionFailed { .. } | E::Contended { .. } => ErrorName::VersionContended,
        E::Throttled { .. } => ErrorName::Throttled,
        // No file at all: a named pipe as a raw file, say.
        E::Io { source, .. } if source.kind() == ErrorKind::InvalidInput => ErrorName::BadInput,
        E::Io { source, .. } if is_lasting(source.kind()) => ErrorName::StageFailed,
        E::Io { .. } | E::Unavailable { .. } => ErrorName::StoreUnavailable,
        E::NotCarriedOut { source, .. } => name_of(source),
        E::Corrupt { .. }
        | E::DamagedPiece { .. }
        | E::NotByteStable { .. }
        | E::Malformed { .. }
        | E::UnsupportedFormat { .. }
        | E::InvalidManifest { .. }
        | E::InvalidLatest { .. } => ErrorName::StageFailed,
    }
}

/// Whether the same call would meet a disk's error again.
fn is_lasting(kind: ErrorKind) -> bool {
    use ErrorKind as K;
    matches!(
        kind,
        K::StorageFull
            | K::UnexpectedEof
            | K::PermissionDenied
            | K::ReadOnlyFilesystem
            | K::IsADirectory
            | K::NotADirectory
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_disk_that_is_full_is_no_store_that_may_answer_later() {
        let of = |kind: ErrorKind| {
            let path = "/tmp/object".into();
            Error::from(versioning::Error::Io { path, source: kind.into() })
        };
        let full = of(ErrorKind::StorageFull);
        assert_eq!(full.name, ErrorName::StageFailed);
        assert!(full.message.contains("ScratchMegabytes"), "{full}");
        assert_eq!(of(ErrorKind::UnexpectedEof).name, ErrorName::StageFailed);
        assert_eq!(of(ErrorKind::NotADirectory).name, ErrorName::StageFailed);
        assert_eq!(of(ErrorKind::InvalidInput).name, ErrorName::BadInput, "a named pipe, say");
        assert_eq!(of(ErrorKind::TimedOut).name, ErrorName::StoreUnavailable);
    }

    #[test]
    fn an_error_keeps_the_chain_that_it_came_of() {
        use std::error::Error as _;
        let io = std::io::Error::from(ErrorKind::TimedOut);
        let error = Error::from(versioning::Error::Io { path: "/tmp/object".into(), source: io });
        let io = error.source().and_then(|error| error.source()).unwrap();
        let io = io.downcast_ref::<std::io::Error>().unwrap();
        assert_eq!(io.kind(), ErrorKind::TimedOut);
    }

    #[test]
    fn names_and_exit_codes_belong_together_one_to_one() {
        let codes: BTreeSet<u8> = ErrorName::ALL.iter().map(|name| name.exit_code()).collect();
        assert_eq!(codes.len(), ErrorName::ALL.len());
        for name in ErrorName::ALL {
            assert_eq!(ErrorName::parse(name.as_str()), Some(name));
        }
        assert_eq!(ErrorName::parse("Throttle"), None);
    }
}
