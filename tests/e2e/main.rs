//! The whole day on a directory, as a user meets it.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test panics where it fails, and plays the user who makes and breaks files"
)]

mod laptop;

mod aws;
mod chaos;
mod day;
mod docs;
mod drift;
mod gate;
mod modules;
mod recommend;
mod statemachine;
mod tidy;
mod year;
