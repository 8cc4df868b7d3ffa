//! The match model: how likely it is that an application of a candidate for a job ends in a match.
//!
//! The stage reads a version of the feature store and gives a version of the model, in five steps:
//! [`dataset`] reads who applied for what; [`split`] holds some out; [`fit`](mod@fit) makes the
//! matrix (one-hot columns and TF-IDF, a [`Preprocessor`]) and grows the trees; [`evaluation`] judges
//! them on the part held out, beside a decision tree ([`baseline`]); [`artefacts`] writes the files.
//! A [`Scorer`] applies them again; [`live`] scores today's applications with the model that was
//! live, and [`champion`] says whether the new one is worse than that.
//!
//! Texts are encoded once for each candidate and each job, not once for each application, in
//! streams: no more than a few batches of CVs are in memory. Nothing depends on the order of rows
//! in the input files nor on the number of threads: the same applications give the same bytes.

#![forbid(unsafe_code)]

// The stage, what a user may set, and what can go wrong.
#[macro_use]
mod trees;
mod commands;
mod config;
mod error;
mod matching;
pub use commands::Commands;
pub use config::{Config, Preset};
pub use error::Error;
pub use matching::Matching;
pub use trees::{Auto, Boost, Weight};

// Who applied for what, with which label, and who is held out.
mod columns;
mod keys;

pub mod dataset;
mod history;
pub mod identity;
pub mod labels;
pub mod split;
pub use columns::Side;
pub use history::{EarlierOutcomes, History, Moment};
pub use labels::Unresolved;
pub use split::Split;

// The matrix and the model.
pub mod fit;
pub mod relations;
mod vectorise;
pub(crate) use vectorise::{encode, matrix, preprocessor};
pub use vectorise::{
    encode::Block,
    preprocessor::{Preprocessor, TextColumn},
};

// How good it is, how candidates fare, and whether it may be used.
pub mod decision;
pub mod evaluation;
pub mod fairness;
pub mod gate;
pub mod leak;
pub use decision::Decision;
pub use evaluation::{baseline, champion, compare, groups, judge};
pub(crate) use fairness::attributes;

// What is written, and applied again.
pub mod artefacts;
pub mod card;
pub mod explain;
mod scoring;
mod write;
pub(crate) use scoring::score;
pub use scoring::{Scorer, live, pairs};
