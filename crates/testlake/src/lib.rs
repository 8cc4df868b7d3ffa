//! For tests alone: tables from rows, versions in a lake, and calls of a stage on it.

#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "a test stops where its lake cannot be made")]

mod random;
pub use random::Random;

mod rows;
pub use rows::{Cell, Rows, file, write};

mod versions;
pub use versions::{bytes, commit, commit_copy, input, latest, promote};

mod calls;
pub use calls::{Notes, call, command, event, execute, verify};
