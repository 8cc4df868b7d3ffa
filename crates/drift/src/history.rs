//! What the report said that was live when the features were made: the verdicts so far and what is
//! known.

use serde::Deserialize;
use stage::Inputs;

use crate::{
    Error,
    report::{Finding, PastVerdict},
};

/// The input that is the report which was live when the current features were made.
pub(crate) const REPORTED: &str = "reported";

/// The page: what `latest.txt` names.
pub const PAGE: &str = "drift_report.html";

pub const REPORT: &str = "drift.json";

/// Verdicts that are kept.
const KEPT: usize = 30;

/// What is kept of an earlier report.
#[derive(Default)]
pub(crate) struct Past {
    /// The day that it stands for.
    pub(crate) date: String,
    /// All that it had found.
    pub(crate) findings: Vec<Finding>,
    pub(crate) verdicts: Vec<PastVerdict>,
}

impl Past {
    /// Reads the report that was live. Of a report of an earlier format only the verdicts are read.
    pub(crate) fn read(inputs: &Inputs) -> Result<Self, stage::Error> {
        /// The only parts of an earlier report that a later one depends on.
        #[derive(Deserialize)]
        struct EarlierReport {
            history: Vec<PastVerdict>,
            #[serde(default)]
            new: Vec<Finding>,
            #[serde(default)]
            known: Vec<Finding>,
        }
        if !inputs.has(REPORTED) {
            return Ok(Self::default());
        }
        let bytes = inputs.open(REPORTED, REPORT)?.bytes()?;
        let version = inputs.version(REPORTED)?;
        let stored: EarlierReport = serde_json::from_slice(&bytes).map_err(|e| Error::Report {
            version: version.version().to_string(),
            problem: e.to_string(),
        })?;
        let date = stored.history.last().map(|verdict| verdict.logical_date.clone());
        Ok(Self {
            date: date.unwrap_or_else(|| version.manifest().logical_date.clone()),
            findings: [stored.new, stored.known].concat(),
            verdicts: stored.history,
        })
    }

    /// The verdicts so far, the oldest first, and `verdict` last.
    pub(crate) fn with(self, verdict: PastVerdict) -> Vec<PastVerdict> {
        let mut history = self.verdicts;
        history.push(verdict);
        history.drain(..history.len().saturating_sub(KEPT));
        history
    }
}
