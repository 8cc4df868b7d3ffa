//! The stage over small raw files made here, file to file.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bad_files;
mod bad_records;
mod increments;
mod odd_values;
mod parquet_input;
mod profile;
mod same_result;
mod shards;
mod world;
