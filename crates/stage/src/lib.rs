//! The contract between a stage of the day and whatever runs it.
//!
//! A stage is a pure function over handles ([`Stage::run`]): it reads its [`Inputs`], writes its
//! [`Outputs`], tells its [`Progress`], and knows neither clock, environment nor network. A host
//! gives it those handles: [`execute`] finds the inputs in the lake, asks whether the same inputs,
//! config and code have already given a version, claims one if not, runs the stage, and commits.
//! [`handle`] does whatever an event asks: that, or to plan, do a shard, verify, release.
//!
//! In reading order: the trait, what passes in and out ([`Event`], [`Response`]), how errors are
//! named for the orchestrator ([`ErrorName`]), the handles, then the execution and its hosts.

#![forbid(unsafe_code)]

mod contract;
pub use contract::{Context, InputSource, InputSpec, NoBounds, Pick, Stage};

mod calendar;
pub use calendar::{check_day, day_in_sao_paulo};

mod event;
pub use event::{
    Action, Asked, Check, Event, GateReport, LakeUris, Metrics, Planned, Question, Response, Shard,
    ShardDone, ShardFailure,
};

mod error;
pub use error::{Error, ErrorName};

mod config;
pub use config::{checked_config, checked_gate, parse_config, within};

mod progress;
pub use progress::{Cancelled, Phase, Progress, Silent, Within};

mod handles;
pub use handles::{Asset, Inputs, OutputFile, Outputs, RawFile};

mod command;
pub use command::{Answer, Call, Commands};

mod find;

mod pick;

mod host;
pub use host::Host;

mod execute;
pub use execute::execute;

mod gate;
pub use gate::verify;

mod decision;
pub use decision::{Acceptance, Decision, NewVersion, Ruling, Verdict};

mod release;
pub use release::{
    Accepted, Released, accept, decision_of, gate_report, promote, publish_anyway, release,
    rollback, stays,
};

mod shards;

mod outcome;
pub use outcome::Outcome;

mod handle;
pub use handle::{Reply, find_made, handle};

#[cfg(test)]
mod counting;

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
pub use cli::main;

#[cfg(feature = "lambda")]
mod lambda;
