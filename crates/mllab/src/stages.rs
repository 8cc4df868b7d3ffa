//! The stages of a day in their order: the one list that every command goes by.

use std::collections::BTreeMap;

use clap::{ArgMatches, Subcommand};
use drift::Drift;
use features::Features;
use ingest::Ingest;
use matching::Matching;
use recommend::{LsaState, Recommend};
use stage::{
    Commands, Error, Event, GateReport, Host, Response, Stage,
    cli::{self, NoCommands, Printed, RunOptions},
};
use versioning::{Artefact, Lake};

/// Makes a version: options, the build, and URIs of inputs by name.
type RunStage = fn(&RunOptions, &str, BTreeMap<String, String>) -> Result<Response, Error>;

type Find = fn(&Lake, &Event) -> Result<Response, Error>;

/// Looks at the version that the event names.
type Verify = fn(&Lake, &Event, &Host<'_>) -> Result<GateReport, Error>;

/// A stage as the operator's commands know it.
#[derive(Clone, Copy)]
pub(crate) struct DayStage {
    pub(crate) name: &'static str,
    pub(crate) output: Artefact,
    /// Its inputs that are the day's versions of stages before it: input and stage.
    pub(crate) from: &'static [(&'static str, &'static str)],
    /// The lines of `latest.txt` for a version; none where nothing of it is ever live.
    pub(crate) latest: fn(&str) -> Vec<String>,
    /// Gives the version that the event names, without a run.
    pub(crate) find: Find,
    /// Says whether a version is good enough to go live.
    pub(crate) verify: Verify,
    /// Checks its configuration and the bounds of its gate.
    pub(crate) check: fn(&RunOptions) -> Result<(), Error>,
    pub(crate) run: RunStage,
    pub(crate) command: fn() -> clap::Command,
    pub(crate) dispatch: fn(&ArgMatches, &str) -> Result<Printed, Error>,
}

impl DayStage {
    const fn new<S: Stage, C: Commands + Subcommand>(
        from: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self {
            name: S::NAME,
            output: S::OUTPUT,
            from,
            latest: S::latest,
            find: stage::find_made::<S>,
            verify: stage::verify::<S>,
            check: |options| {
                stage::checked_config::<S>(&options.config_of(S::NAME))?;
                stage::checked_gate::<S>(&options.gate_of(S::NAME)).map(drop)
            },
            run: cli::run_stage::<S>,
            command: cli::command::<S, C>,
            dispatch: cli::dispatch::<S, C>,
        }
    }

    /// Whether a version of it can be live.
    pub(crate) fn goes_live(&self) -> bool {
        !(self.latest)("v1").is_empty()
    }
}

/// All stages, each after those that it reads from.
pub(crate) const STAGES: [DayStage; 5] = [
    DayStage::new::<Ingest, NoCommands>(&[]),
    DayStage::new::<Features, NoCommands>(&[("processed", Ingest::NAME)]),
    DayStage::new::<Matching, matching::Commands>(&[("features", Features::NAME)]),
    DayStage::new::<Recommend, recommend::Commands>(&[("features", Features::NAME)]),
    DayStage::new::<Drift, drift::Commands>(&[
        ("features", Features::NAME),
        ("matching", Matching::NAME),
        ("recommend", Recommend::NAME),
    ]),
];

/// What the lake holds beside the stages' versions and is listed and verified like them: the
/// offline encoder's states, which `recommend` makes when it needs one.
pub(crate) const STATES: [DayStage; 1] = [DayStage::new::<LsaState, NoCommands>(&[])];

pub(crate) fn find(name: &str) -> Option<DayStage> {
    STAGES.into_iter().find(|stage| stage.name == name)
}
