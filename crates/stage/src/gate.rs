//! Whether a version is good enough to go live.

use versioning::Lake;

use crate::{Check, Error, ErrorName, Event, GateReport, Host, Stage, handle::meant};

/// Looks at the version that the event means, and stores what was found beside the versions.
///
/// # Errors
/// [`ErrorName::GateRefused`], naming each bound that is not kept: the report is stored then too,
/// and nothing has moved.
pub(crate) fn verify<S: Stage>(
    lake: &Lake,
    event: &Event,
    host: &Host<'_>,
) -> Result<GateReport, Error> {
    let committed = meant::<S>(lake, event)?;
    let mut checks = vec![files(&committed)?];
    if checks.iter().all(|check| check.passed) {
        checks.extend(S::verify(&committed, lake, &event.gate, host.progress)?);
    }
    let version = committed.version();
    let report = GateReport {
        version: version.to_string(),
        uri: committed.uri(),
        execution: event.execution.clone(),
        passed: checks.iter().all(|check| check.passed),
        checks,
    };
    lake.series(S::OUTPUT).put_record("_gate", &version.to_string(), &report)?;
    if report.passed {
        return Ok(report);
    }
    let failed = report.checks.iter().filter(|check| !check.passed);
    let said: Vec<String> = failed
        .map(|c| format!("{}: expected {}, found {}", c.check, c.expected, c.found))
        .collect();
    Err(Error::new(
        ErrorName::GateRefused,
        format!("{} {version} does not go live: {}", S::NAME, said.join("; ")),
    ))
}

fn files(committed: &versioning::Committed) -> Result<Check, Error> {
    let files = committed.manifest().outputs.len();
    let (found, passed) = match committed.verify() {
        Ok(()) => (format!("{files} files as the manifest has them"), true),
        Err(error @ (versioning::Error::Corrupt { .. } | versioning::Error::NotFound { .. })) => {
            (error.to_string(), false)
        }
        Err(error) => return Err(error.into()),
    };
    let expected = "every file with the length and SHA-256 of the manifest".to_owned();
    Ok(Check { check: "files".to_owned(), expected, found, passed })
}
