//! What every reader of bytes that others wrote promises.
//!
//! Each function takes any bytes, reads them as the product does, and panics when a promise is
//! broken: that is what libFuzzer looks for (`fuzz/`, for nights), and what `cargo test` tries with
//! the same corpus and some mutations of it. "Does not panic, ends soon, takes little memory" is
//! promised by all; each function says what more.

#![forbid(unsafe_code)]

mod config;
mod dates;
mod json;
mod models;
mod neighbours;
mod parquet;
mod redaction;

pub mod mutate;

pub use config::config;
pub use dates::dates;
pub use json::{raw_json, split};
pub use models::{decision, preprocessor, trees};
pub use neighbours::{annoy, npy};
pub use parquet::{pairs, raw_parquet, table_parquet};
pub use redaction::redact;

/// A reader's promise: a function of any bytes that panics when it is broken.
pub type Target = fn(&[u8]);
