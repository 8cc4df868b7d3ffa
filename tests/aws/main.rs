//! The day on AWS: the real state machine runs the real stages' binaries, on servers that stand in for AWS.
//!
//! `emulated` holds the emulator of Lambda and Batch to what AWS does; it needs nothing but Cargo.
//! The rest is the day itself: ignored here, run by `tests/aws/run.sh`, which makes what it needs.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test panics where it fails, says why, and plays the user who makes and breaks files"
)]

mod http;

mod servers;

mod cloud;

mod personal;
mod world;

mod emulated;

mod backfill;
mod batch;
mod examples;
mod gate;
mod inputs;
mod shards;
mod succeeds;
mod troubles;

mod permissions;
