//! The drift stage: what has changed between two feature-store versions, and a page that says so.
//!
//! The stage reads the current version of the feature store, the one before and the oldest, and
//! gives a [`report`] (`drift.json`) and a [`page`] drawn from it alone:
//!
//! 1. a table is read with the columns that its file has (`table`), each column is measured where
//!    it stands once and as what it is (`kinds`), and summed up (`summary`);
//! 2. two versions' sums become differences (`columns`, `volumes`), their texts and vectors are told
//!    apart (`parts`), the live model's scores compared (`live`);
//! 3. the differences are judged together ([`stats::verdict`]): what is large and no accident is
//!    told.
//!
//! CVs pass by in batches and leave counts behind. No figure depends on the number of threads, and
//! none on the order of rows but, in the last bit, those of the classic analysis
//! ([`stats::classic`]): the same versions give the same bytes. The report names no term and no value
//! that fewer rows than `min_support` have.

#![forbid(unsafe_code)]

mod config;
pub use config::{Bound, Bounds, Config, Lang};

pub mod report;

mod table;

mod kinds;

mod summary;

mod version;

pub mod stats;

mod observed;

mod distribution;

mod columns;

mod volumes;

mod documents;

mod apart;

mod embeddings;

mod parts;

mod live;

mod comparison;

mod reasons;

mod history;
pub use history::REPORT;

mod charts;

pub mod page;

mod commands;

pub mod gate;

mod drift;
pub use drift::{Drift, PAGE};

mod error;
pub use error::Error;
