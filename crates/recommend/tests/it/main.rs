//! The stage from tables to artefacts and answers, on small made tables.

#![allow(clippy::unwrap_used, reason = "tests")]

mod fixture;

mod gate;

mod run;

mod reuse;

mod shards;

mod encoders;

mod query;
