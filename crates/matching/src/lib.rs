//! The match model: how likely it is that an application of a candidate for a job ends in a match.
//!
//! The stage reads a version of the feature store and gives a version of the model, in five steps:
//! [`dataset`] reads who applied for what; [`split`] holds some out; [`fit`](mod@fit) makes the
//! matrix (one-hot columns and TF-IDF, a [`Preprocessor`]) and grows the trees; [`evaluate`] judges
//! them on the part held out, beside a decision tree ([`baseline`]); [`artefacts`] writes the files.
//! A [`Scorer`] applies them again; [`live`] scores today's applications with the model that was
//! live, and [`champion`] says whether the new one is worse than that.
//!
//! Texts are encoded once for each candidate and each job, not once for each application, in
//! streams: no more than a few batches of CVs are in memory. Nothing depends on the order of rows
//! in the input files nor on the number of threads: the same applications give the same bytes.

#![forbid(unsafe_code)]

mod config;
pub use config::{
    Auto, Baseline as BaselineConfig, Boost, Config, Preset, Split, TextColumn, Weight,
};

mod preset;

mod columns;
pub use columns::Side;

pub mod dataset;

pub mod identity;

pub mod labels;
pub use labels::Unresolved;

pub mod split;

mod history;
pub use history::{History, Moment};

pub mod relations;

mod encode;

mod preprocessor;
pub use preprocessor::{Block, Preprocessor};

mod matrix;

pub mod fit;

pub mod baseline;

pub mod decision;
pub use decision::Decision;

pub mod groups;

pub mod compare;

pub mod evaluate;

pub mod judge;

pub mod fairness;

mod attributes;

pub mod card;

pub mod leak;

pub mod artefacts;

mod scorer;
pub use scorer::Scorer;

pub mod live;

pub mod champion;

pub mod explain;

mod commands;
pub use commands::Commands;

pub mod pairs;

mod score;

pub mod gate;

mod matching;
pub use matching::Matching;

mod error;
pub use error::Error;
