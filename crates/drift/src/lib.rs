//! The drift stage: whether the world has moved, and a page that says so.
//!
//! It answers the second question before a release, and is told, not obeyed: training again is the
//! remedy, and the day has trained again. The stage reads the current version of the feature store
//! and its references (the version that was live when it was made, those of some 90 and 365 days
//! before, any that is named), and gives a [`report`] (`drift.json`) and the page that [`reports`]
//! makes of it alone:
//!
//! 1. a table is read with the columns that its file has (`table`), each column is measured where
//!    it stands once and as what it is (`kinds`), and summed up (`summary`);
//! 2. two versions' sums become differences (`columns`, `volumes`), their texts and vectors are told
//!    apart (`parts`);
//! 3. what arrived lately stands beside what arrived before (`arrivals`), the share of matches by
//!    quarter (`cohorts`), the live model's scores and what it expected beside what came (`live`);
//! 4. the differences are judged together ([`stats::verdict`]): only those that are both large and
//!    statistically significant make a finding, and only in columns that a model reads (`reads`);
//! 5. a finding that the live report has already is known and raises nothing (`reasons`, `history`).
//!
//! A reference that cannot be read costs its comparison alone: the report and the gate say which.
//!
//! CVs pass by in batches and leave counts behind. No figure depends on the number of threads or the
//! order of rows: the same versions give the same bytes. The report names no term and no value that
//! fewer rows than `min_support` have.

#![forbid(unsafe_code)]

mod config;
pub use config::{Bound, Config, SeverityBounds};
pub use reports::report;

mod table;

mod kinds;

mod summary;

mod version;

pub mod stats;

mod observed;

mod distribution;

mod columns;

mod reads;

mod volumes;

mod documents;

mod apart;

mod embeddings;

mod parts;

mod applications;

mod cohorts;

mod arrivals;

mod live;

mod comparison;

mod reasons;

mod history;
pub use history::{PAGE, REPORT};

mod commands;
pub use commands::Commands;

pub mod gate;

mod drift;
pub use drift::Drift;

mod error;
pub use error::Error;
