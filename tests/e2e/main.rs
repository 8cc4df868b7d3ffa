//! The whole day on a directory, as a user meets it.

mod day;
mod tidy;
