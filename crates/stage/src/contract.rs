//! What a stage is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Command, Error, Inputs, Outputs, Progress};

/// Figures that a run gives: names with units in them (`rows`, `train_seconds` …), ordered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metrics(pub BTreeMap<String, serde_json::Value>);

impl Metrics {
    /// Sets a figure; a value that is no finite number, text or structure is stored as null.
    pub fn set(&mut self, name: &str, value: impl Into<serde_json::Value>) {
        self.0.insert(name.to_owned(), value.into());
    }
}

/// Where one of a stage's inputs comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputSource {
    /// The raw files of the day.
    Raw,
    /// A version of a series of the lake.
    Series(versioning::Artefact),
}

/// One of a stage's inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputSpec {
    /// Its name in the event's `inputs`.
    pub name: &'static str,
    /// Where it comes from.
    pub source: InputSource,
}

/// A stage of the day: reads versions, writes one version of its own series.
///
/// An implementation is synchronous and pure: no clock, no environment, no network, no global
/// state; the same inputs, config and code give the same output bytes.
pub trait Stage {
    /// Its name, as in `statemachine.asl.json`.
    const NAME: &'static str;
    /// The series that its versions belong to.
    const OUTPUT: versioning::Artefact;
    /// What it reads.
    const INPUTS: &'static [InputSpec];
    /// A hash of the sources that it is built from (`STAGE_CODE`, set by `stage/source_hash.rs`):
    /// part of every version's key, so that changed code makes a new version.
    const CODE: &'static str;
    /// Its configuration: serde's `deny_unknown_fields`, a default for every field.
    type Config: Serialize + DeserializeOwned + Default;

    /// Checks what types cannot say of a configuration.
    ///
    /// # Errors
    /// [`crate::ErrorName::ConfigInvalid`], naming the key, what was expected and what was found.
    fn check(config: &Self::Config) -> Result<(), Error>;

    /// Does the stage's work.
    ///
    /// # Errors
    /// An error named for the orchestrator; nothing of the version is visible then.
    fn run(
        inputs: &Inputs,
        config: &Self::Config,
        out: &mut Outputs,
        progress: &dyn Progress,
    ) -> Result<Metrics, Error>;

    /// The lines of the series' `latest.txt` when `version` (as in `v7`) is promoted; none when
    /// the series has no `latest.txt`.
    fn latest(version: &str) -> Vec<String>;

    /// Its further commands.
    #[must_use]
    fn commands() -> &'static [Command] {
        &[]
    }
}
