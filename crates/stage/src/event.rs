//! What a stage is called with and what it answers: small JSON objects that hold URIs, never data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Metrics;

/// What a stage is asked to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Make the version of these inputs, or give the one that there is.
    #[default]
    Run,
    /// Move the series' `latest.txt` to the version of these inputs.
    Promote,
}

/// A call of a stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// What to do.
    #[serde(default)]
    pub action: Action,
    /// The name of the execution that the call belongs to.
    pub execution: String,
    /// The day that the data stands for, `YYYY-MM-DD`.
    pub logical_date: String,
    /// URIs of the inputs by name; one that is absent is the newest of its series.
    #[serde(default)]
    pub inputs: BTreeMap<String, String>,
    /// The stage's configuration; absent keys have their defaults.
    #[serde(default)]
    pub config: serde_json::Value,
    /// Make a new version even where the same inputs, config and code have given one.
    #[serde(default)]
    pub force: bool,
}

/// What a stage answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// The version, as in `v7`.
    pub version: String,
    /// Its folder in the lake.
    pub uri: String,
    /// The figures of the run that made it.
    pub metrics: Metrics,
    /// Whether the version was there already.
    pub unchanged: bool,
}
