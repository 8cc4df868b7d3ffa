//! What a stage is called with and what it answers: small JSON objects that hold URIs, never data.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;
use versioning::Timestamp;

use crate::{Error, check_day, day_in_sao_paulo};

/// What a stage is asked to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Make the version of these inputs, or give the one that there is.
    #[default]
    Run,
    /// Say into which shards the work may be cut.
    Plan,
    /// Do one shard of the work, for a later run to use.
    Shard,
    /// Give what the execution's run elsewhere has made, or the error that it, or a shard, ended
    /// with.
    Result,
    /// Give the newest version, whatever it was made from.
    Newest,
    /// Load a version as those who serve it do, and say whether it is good enough to go live.
    Verify,
    /// Decide on a day's versions together, and make the decision live.
    Release,
    /// Accept breaches of the data of the newest refused day.
    Accept,
    /// Publish what a release withheld, whatever the gate found.
    Publish,
    /// Make the versions of an earlier release live again.
    Rollback,
}

/// Where the two halves of a lake are: URIs with a closing `/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LakeUris {
    /// Raw data, clean tables, models and reports.
    pub data: String,
    pub features: String,
}

/// A part of a stage's work that needs none of the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Shard {
    /// One raw file: its key in the lake's data.
    File { key: String },
    /// The `index`-th of `of` parts, from 0.
    Part { index: u32, of: u32 },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardDone {
    pub shard: Shard,
    /// How many rows, or texts, were worked on.
    pub rows: u64,
}

/// Why a shard ended that could not keep its error in the lake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardFailure {
    pub error: String,
    pub cause: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    #[serde(default)]
    pub action: Action,
    /// The name of the execution that the call belongs to.
    pub execution: String,
    /// The day that the data stands for, `YYYY-MM-DD`; of a time, its day in São Paulo. Where
    /// absent, today in São Paulo.
    #[serde(default, deserialize_with = "day", skip_serializing_if = "String::is_empty")]
    pub logical_date: String,
    /// The day on which the execution began: what stands for an earlier one is never promoted.
    #[serde(default, deserialize_with = "day", skip_serializing_if = "String::is_empty")]
    pub started: String,
    /// The lake; where absent, the host's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lake: Option<LakeUris>,
    /// URIs of the inputs by name; one that is absent is the newest of its series.
    #[serde(default)]
    pub inputs: BTreeMap<String, String>,
    /// The stage's configuration; absent keys have their defaults.
    #[serde(default)]
    pub config: Value,
    /// Make a new version even where the same inputs, config and code have given one.
    #[serde(default)]
    pub force: bool,
    /// To verify: the URI of the version; where absent, the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// To verify: the bounds that the version must keep; absent keys have their defaults.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub gate: Value,
    /// To release: the URI of each series' new version, by the series' name; of a series that is
    /// null or not named, what is live stays. Where empty, the newest of every series.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub versions: BTreeMap<String, Option<String>>,
    /// To publish: the number of the release that withheld versions. To roll back: the release to
    /// go back to; where absent, the one before the live one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<u64>,
    /// To accept: the names of the breaches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaches: Vec<String>,
    /// To accept, publish and roll back: why, for the record.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// To accept, publish and roll back: who, for the record; where empty, the execution.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// To run: what became of shards that failed without a word. The run ends with the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shards: Vec<ShardFailure>,
    /// To give a result: what the one who ran it says of how it ended, where that is known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub job: String,
}

impl Event {
    /// The event, with the day of `now` where it has none.
    pub fn dated(mut self, now: Timestamp) -> Result<Self, Error> {
        if self.logical_date.is_empty() {
            self.logical_date = day_in_sao_paulo(now);
        }
        check_day(&self.logical_date, now)?;
        Ok(self)
    }
}

/// A day, or the day in São Paulo of a time such as `2026-11-24T06:00:00Z`, which schedulers send.
fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let day = match text.parse::<Timestamp>() {
        Ok(_) if text.len() == 10 => Some(text.clone()),
        Ok(time) => Some(day_in_sao_paulo(time)),
        Err(_) => None,
    };
    day.ok_or_else(|| {
        let found = text.chars().take(40).flat_map(char::escape_debug).collect::<String>();
        de::Error::custom(format!("`{found}`: expected a day such as 2026-11-24"))
    })
}

/// Figures that a run gives: names with units in them (`rows`, `train_seconds` …), ordered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metrics(pub BTreeMap<String, serde_json::Value>);

impl Metrics {
    /// Sets a figure; a value that is not a finite number, text or structure is stored as null.
    pub fn set(&mut self, name: &str, value: impl Into<serde_json::Value>) {
        self.0.insert(name.to_owned(), value.into());
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// The version, as in `v7`.
    pub version: String,
    /// Its folder in the lake.
    pub uri: String,
    /// The figures of the run that made it.
    pub metrics: Metrics,
    /// Whether another execution had made the version already.
    pub unchanged: bool,
    /// Whether it is the live one of its series.
    pub live: bool,
}

/// The shards of a stage's work, as stored for who hands them out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// The bucket (or folder) that the list lies in.
    pub bucket: String,
    /// Its key there: a JSON array of shards.
    pub key: String,
    pub shards: usize,
}

/// The question that a check answers; it decides what a "no" does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Is the input whole? A "no" refuses the day.
    Input,
    /// Has the world moved? A "no" is reported; it refuses only where the configuration says so.
    World,
    /// Is the new model worse than the live one? A "no" holds that model back.
    Model,
    /// Does what is served work? A "no" refuses the day.
    Served,
}

/// One bound that a version must keep to go live.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Its name in commands and records, kebab-case and the same every day: `open-jobs`.
    pub name: String,
    pub question: Question,
    pub check: String,
    pub expected: String,
    pub found: String,
    pub passed: bool,
    /// How large the breach is, where it has a size: a larger one is worse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<f64>,
}

/// What a check asks: constants of a stage, from which its checks are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    pub question: Question,
    pub name: &'static str,
    pub check: &'static str,
}

/// What verifying a version has found; stored beside the versions as `_gate/v7.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GateReport {
    pub version: String,
    /// Its folder in the lake.
    pub uri: String,
    pub execution: String,
    /// The lines of `latest.txt` when the version is live.
    #[serde(default)]
    pub lines: Vec<String>,
    pub passed: bool,
    pub checks: Vec<Check>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(value: Value) -> Result<Event, String> {
        serde_json::from_value(value).map_err(|e| e.to_string())
    }

    #[test]
    fn a_time_is_cut_to_its_day_and_what_is_none_is_refused() {
        let at = |date: &str| event(json!({"execution": "e", "logical_date": date}));
        assert_eq!(at("2026-11-24T06:00:00Z").unwrap().logical_date, "2026-11-24");
        assert_eq!(at("2026-11-24T02:00:00.000Z").unwrap().logical_date, "2026-11-23");
        assert_eq!(at("2026-11-24").unwrap().logical_date, "2026-11-24");
        assert!(at("tomorrow").unwrap_err().contains("expected a day such as 2026-11-24"));
        assert!(at("2026-13-24").is_err() && at("").is_err());
        let undated = event(json!({"execution": "e"})).unwrap();
        let noon = "2026-11-24T12:00:00Z".parse().unwrap();
        assert_eq!(undated.dated(noon).unwrap().logical_date, "2026-11-24");
        assert!(at("2062-11-24").unwrap().dated(noon).is_err());
    }

    #[test]
    fn a_shard_is_a_file_or_a_part_and_nothing_between() {
        let at = |shard: Value| {
            event(
                json!({"action": "shard", "execution": "e", "logical_date": "2026-11-24", "shard": shard}),
            )
        };
        let key = "raw/vagas.json".to_owned();
        assert_eq!(at(json!({"key": "raw/vagas.json"})).unwrap().shard, Some(Shard::File { key }));
        let part = Shard::Part { index: 1, of: 3 };
        assert_eq!(at(json!({"index": 1, "of": 3})).unwrap().shard, Some(part));
        assert!(at(json!({"index": 1})).is_err());
    }

    #[test]
    fn a_misspelt_field_is_refused() {
        let error = event(json!({"execution": "e", "logical_date": "2026-11-24", "forced": true}));
        assert!(error.unwrap_err().contains("unknown field `forced`"));
    }
}
