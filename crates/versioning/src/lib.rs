//! The versioned artefact store: what a stage made is stored under a number, once, whole, and can
//! be found, verified, put live and taken back.
//!
//! Objects lie in a [`Store`] (a directory, memory; with the feature `s3`, an S3 bucket). On it, a [`Series`]
//! is one sequence of versions:
//!
//! 1. [`Series::claim`] gives the number that belongs to a [`VersionKey`] (the hash of inputs,
//!    config and code): the same key always names the same version, whoever asks;
//! 2. [`Claim::put`] stores files, none of which is part of a version yet;
//! 3. [`Claim::commit`] writes the [`Manifest`] last: only now the version exists;
//! 4. [`Releases::publish`] makes versions of several series live together: `release.json` is moved
//!    by compare-and-swap, and each series' `latest.txt` follows ([`Series::promote`]), both behind
//!    a log that answers what was live at a time.
//!
//! Nothing here reads a clock: who calls says what time it is.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod version;
pub use version::Version;

mod error;
pub use error::Error;

mod time;
pub use time::Timestamp;

mod uri;
pub use uri::{Key, Uri};

mod blob;
pub use blob::{Blob, BlobReader};

mod store;
#[cfg(feature = "s3")]
pub use store::S3Store;
pub use store::{
    Body, DirStore, ETag, ListRequest, MemoryStore, Meta, Object, Page, PageToken, Precondition,
    Scratch, Store,
};

mod json;
mod log;
mod parallel;
pub use parallel::on_threads;
mod retry;

mod digest;
pub use digest::{KeyBuilder, VersionKey, hex};

mod manifest;
pub use manifest::{InputRef, Manifest, OutputFile};

mod versions;
pub use versions::{
    Claim, Committed, Listed, Policy, Promotion, PromotionKind, Pruned, Retired, Series,
};

mod places;

mod artefact;
pub use artefact::{Artefact, RawTable};

mod lake;
pub use lake::{Lake, RawObject};

mod day;
pub use day::PrunedLake;

mod releases;
pub use releases::{
    Completed, LiveRelease, Member, Members, Moved, Pending, Release, ReleaseDraft, ReleaseKind,
    Releases,
};

mod finding;
pub use finding::{Finding, Verified};

mod verify;

mod repair;

mod encoders;
pub use encoders::{Encoders, StoredEncoder};

mod memo;
pub use memo::{Memo, Piece};

mod cache;
pub use cache::Cache;

#[cfg(feature = "conformance")]
pub mod conformance;
