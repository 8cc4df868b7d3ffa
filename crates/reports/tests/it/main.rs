//! What pages promise.

#![allow(clippy::unwrap_used, reason = "tests")]

mod browser;

mod made;

mod page;
