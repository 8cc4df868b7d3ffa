//! The stage from tables to artefacts, on small generated tables.

#![allow(clippy::unwrap_used, reason = "tests")]

mod card;

mod champion;

mod explain;

mod fixture;

mod gate;

mod golden;
mod history;

mod invariance;

mod lake;

mod leak;
