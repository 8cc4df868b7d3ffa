//! The nouns of ML Lab: every table that passes between two stages, column by column, and the one
//! codec that writes and reads them as Parquet.
//!
//! A [`Column`] says its name, its type, what it is used for ([`Role`]) and when its value is
//! known ([`KnownAt`]). The constructor of a feature refuses, at compile time, a column that is
//! known only after the outcome: what must not be a feature cannot be written down as one.
//!
//! - [`raw`]: the source's three tables, as `ingest` cleans them into `processed/`.
//! - [`tables`]: the feature store's three tables, as `features` writes them.
//! - [`statuses`]: the values of the label, and which of them are a match.
//! - [`ages`]: the values of the age band.
//! - [`calendar`]: days as numbers and as text.
//! - [`store`]: ids, days, groups and applications of the feature store.
//! - [`profile`]: what `ingest` says of the raw files beside the clean tables.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

/// People, or jobs, that must write a word for it to enter a vocabulary or a page: what only one or
/// two write may be a name.
pub const FEWEST: u32 = 3;

mod column;
pub use column::{Column, Kind, KnownAt, Role, Rule, Table};

pub mod raw;

pub mod tables;

pub mod statuses;

pub mod ages;

pub mod calendar;

pub mod profile;

pub mod store;

mod batch;
pub use batch::{BatchBuilder, date_column, money_column, text_column};

mod digits;

mod guard;
pub use guard::guarded;

mod pages;

mod open;
pub use open::open_parquet;

mod codec;
pub use codec::{TableReader, TableWriter, WriterOptions};

mod error;
pub use error::Error;
