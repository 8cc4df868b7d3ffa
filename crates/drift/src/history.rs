//! The verdicts of the reports before this one, handed on from report to report.

use serde::Deserialize;
use stage::Inputs;

use crate::{Error, report::PastVerdict};

/// The input that is the report of the version before.
pub(crate) const LAST_REPORT: &str = "last_report";

/// The report as data.
pub const REPORT: &str = "drift.json";

/// Verdicts that are kept.
const KEPT: usize = 30;

/// The verdicts so far, the oldest first, and `verdict` last.
///
/// # Errors
/// What the store says; [`Error::Report`] when the last report cannot be read.
pub(crate) fn history(
    inputs: &Inputs,
    verdict: PastVerdict,
) -> Result<Vec<PastVerdict>, stage::Error> {
    /// The only part of an earlier report that a later one depends on.
    #[derive(Deserialize)]
    struct Past {
        history: Vec<PastVerdict>,
    }
    let mut history = Vec::new();
    if inputs.has(LAST_REPORT) {
        let bytes = inputs.open(LAST_REPORT, REPORT)?.bytes()?;
        let past: Past = serde_json::from_slice(&bytes).map_err(|e| Error::Report {
            version: inputs
                .version(LAST_REPORT)
                .map(|c| c.version().to_string())
                .unwrap_or_default(),
            problem: e.to_string(),
        })?;
        history = past.history;
    }
    history.push(verdict);
    history.drain(..history.len().saturating_sub(KEPT));
    Ok(history)
}
