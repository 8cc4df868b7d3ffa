//! The stage over small clean tables made here, file to file.

mod bytes;
mod errors;
mod join;
mod redaction;
mod world;
