//! Whether a version is good enough to go live.

use versioning::{Artefact, Lake};

use crate::{
    Asked, Check, Error, ErrorName, Event, GateReport, Host, Question, Stage, checked_gate,
    decision::{GATE, acceptance},
    find::meant,
    release::acceptances,
};

/// Every file is as the manifest says.
const FILES: Asked = Asked { question: Question::Served, name: "files", check: "files" };

/// Looks at the version that the event means, and stores what was found beside the versions. What
/// it means for the day is decided on all of its versions together ([`crate::release`]).
///
/// # Errors
/// [`ErrorName::BadInput`] when there is no such version; what the store says.
pub fn verify<S: Stage>(lake: &Lake, event: &Event, host: &Host<'_>) -> Result<GateReport, Error> {
    let bounds = checked_gate::<S>(&event.gate)?;
    let committed = meant::<S>(lake, event)?;
    let mut checks = vec![files(&committed)?];
    if checks.iter().all(|check| check.passed) {
        checks.extend(S::verify(&committed, lake, &bounds, host.progress)?);
    }
    let version = committed.version();
    let accepted = match S::OUTPUT {
        Artefact::Features => acceptances(lake, Some(version))?,
        _ => Vec::new(),
    };
    let stands = |check: &Check| check.passed || acceptance(check, &accepted).is_some();
    let report = GateReport {
        version: version.to_string(),
        uri: committed.uri(),
        execution: event.execution.clone(),
        lines: S::latest(&version.to_string()),
        passed: checks.iter().all(stands),
        checks,
    };
    lake.series(S::OUTPUT).put_record(GATE, &version.to_string(), &report)?;
    Ok(report)
}

impl Asked {
    /// The check of what was `found`, and whether it is within the bound.
    #[must_use]
    pub fn answer(
        self,
        expected: impl Into<String>,
        found: impl Into<String>,
        passed: bool,
    ) -> Check {
        Check {
            name: self.name.to_owned(),
            question: self.question,
            check: self.check.to_owned(),
            expected: expected.into(),
            found: found.into(),
            passed,
            size: None,
        }
    }

    /// As [`Asked::answer`], of what may have failed: that the serving code cannot read a version is
    /// a finding too.
    pub fn answer_or_failure(
        self,
        expected: impl Into<String>,
        found: Result<(String, bool), Error>,
    ) -> Result<Check, Error> {
        let (found, passed) = match found {
            Ok(found) => found,
            Err(Error { name: ErrorName::BadInput | ErrorName::StageFailed, message, .. }) => {
                (message, false)
            }
            Err(error) => return Err(error),
        };
        Ok(self.answer(expected, found, passed))
    }
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
    Ok(FILES.answer("every file with the length and SHA-256 of the manifest", found, passed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_served_is_a_finding_and_what_may_be_met_only_once_is_none() {
        let check = |found| FILES.answer_or_failure("at least 0.8", found);
        let passed = check(Ok((".95".to_owned(), true))).unwrap();
        assert_eq!((passed.found.as_str(), passed.passed), (".95", true));
        let broken = check(Err(Error::bad_input("the file is cut"))).unwrap();
        assert_eq!((broken.found.as_str(), broken.passed), ("the file is cut", false));
        let throttled = check(Err(Error::new(ErrorName::Throttled, "slower")));
        assert_eq!(throttled.unwrap_err().name, ErrorName::Throttled);
    }
}
