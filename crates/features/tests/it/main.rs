//! The stage over small clean tables made here, file to file.

#![allow(clippy::unwrap_used, reason = "a test panics where it fails")]

mod bytes;
mod contract;
mod dates;
mod errors;
mod groups;
mod join;
mod lake;
mod morning;
mod planted;
mod redaction;
mod world;
