//! Pages over typed reports: what a stage found, as somebody reads it who does not know the code.
//!
//! A page is a pure function of a struct: of the very [`report::Report`] that is written as
//! `drift.json`, and of the [`card::Card`] that is taken from `model_card.json`'s. A field that is
//! misspelt does not compile. The page needs nothing from anywhere: style, script and pictures are
//! in it, and its content-security policy lets nothing else in. What people wrote becomes text and
//! never markup (`maud` escapes whatever is spliced).
//!
//! **All words of pages stand here, and no stage's key depends on them**: `stage/source_hash.rs`
//! leaves this crate out, but for [`report`], which says what `drift.json` holds.

#![forbid(unsafe_code)]

mod lang;
pub use lang::{Error, Lang};

pub mod report;

mod markup;

mod draw;

mod charts;

mod table;

mod policy;

mod page;

pub mod drift;

pub mod card;
