//! The recommender: jobs for candidates and candidates for jobs, by what their texts mean.
//!
//! The stage reads a version of the feature store and gives a version of the recommender:
//! [`Records`] says who is there and what is open ([`Openings`]); an encoder is chosen (`choose`;
//! the state of the offline one is a version of its own, [`LsaState`]); [`compose`] makes the texts,
//! and [`Embedded`] vectors come of them, those computed before from the `cache`; [`rank`] finds the
//! nearest of all, [`index`] serves those who ask for one; [`evaluate`] says how good the ranking
//! is; [`artefacts`] writes the files, which `query` reads again.
//!
//! Of the texts no more than some thousand are in memory; of the vectors, one copy. The same inputs,
//! configuration and code give the same bytes on any number of threads.

#![forbid(unsafe_code)]

mod config;
pub use config::{Auto, Config, Jobs, LSA, Trees};

mod columns;
pub use columns::Side;

mod day;
pub use day::Day;

mod records;
pub use records::{Records, read};

mod openings;
pub use openings::Openings;

pub mod compose;

mod state;
pub use state::{GROWTH, LsaState, STATE, StateConfig};

mod choose;

mod cache;

mod embed;
pub use embed::{Embedded, EncodedCounts};

mod shards;

pub mod rank;

pub mod index;

pub mod evaluate;

mod report;
pub use report::Report;

pub mod artefacts;

mod query;

pub mod gate;

mod compare;

mod commands;
pub use commands::Commands;

mod recommend;
pub use recommend::Recommend;

mod error;
pub use error::Error;
