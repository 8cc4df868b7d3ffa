//! The operator's command: run the day, look at what it made, promote, roll back.
//!
//! `mllab` only tells others what to do: the stages make versions (`day`), `versioning` keeps
//! them (`lake`), `sample` makes raw files (`make`). The stages' own commands are subcommands
//! here too (`mllab matching score`). The same day on AWS is started by `aws`.

#![forbid(unsafe_code)]

mod cli;
pub use cli::main;

mod interrupt;

mod stages;

mod day;

mod lake;

mod release;

mod encoder;

mod make;

#[cfg(feature = "aws")]
mod aws;

mod table;
