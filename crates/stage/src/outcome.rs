//! What a run elsewhere came to. The state of a batch job tells who waits for it neither a version
//! nor the name of an error, and the failure of a shard is told under the Distributed Map's name:
//! so both are kept in the lake, under the execution.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use versioning::Lake;

use crate::{Error, ErrorName, Event, Host, Response, Stage, execute::response, find::version_of};

/// Where outcomes are, beside the versions: `_outcomes/<execution>.json`.
const FOLDER: &str = "_outcomes";

/// How far the run of an execution has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Outcome {
    /// It has begun. Who finds this when the run is over knows that it was ended from outside.
    Begun,
    /// It has made, or found, a version.
    Made {
        /// As in `v7`.
        version: String,
        /// The code that ran: another than that of who asks, where an image is older.
        code: String,
    },
    /// It, or a shard of its work, ended with an error.
    Failed { error: String, message: String },
}

impl Outcome {
    /// That of an error.
    #[must_use]
    pub fn of(error: &Error) -> Self {
        Self::Failed { error: error.name.as_str().to_owned(), message: error.message.clone() }
    }

    /// Keeps it for who asks with [`crate::Action::Result`], in the place of an earlier one.
    pub fn keep<S: Stage>(&self, lake: &Lake, event: &Event) -> Result<(), Error> {
        Ok(lake.series(S::OUTPUT).put_record(FOLDER, &event.execution, self)?)
    }
}

/// The version that the execution's run has made.
///
/// # Errors
/// The error that it, or a shard of it, ended with; [`ErrorName::StageFailed`] when it left
/// neither, with what is said of the job.
pub(crate) fn result<S: Stage>(
    lake: &Lake,
    event: &Event,
    host: &Host<'_>,
) -> Result<Response, Error> {
    let series = lake.series(S::OUTPUT);
    let ended = match series.record::<Outcome>(FOLDER, &event.execution)? {
        Some(Outcome::Made { version, code }) => {
            if code != S::CODE {
                host.progress.note(&format!(
                    "{version} was made by other code ({code}) than this ({}): build and push the \
                     image of this release, and deploy with its tag",
                    S::CODE
                ));
            }
            let committed = series.get(version_of("version", &version, &series)?)?;
            return response(&series, &committed, event);
        }
        Some(Outcome::Failed { error, message }) => {
            let name = ErrorName::parse(&error).unwrap_or(ErrorName::StageFailed);
            // Batch tries again what may pass, and an attempt that never began keeps nothing: the
            // error may be that of one before it.
            return Err(match said_of(&event.job) {
                Some(said) if name.is_transient() && !said.ends_with(&exit_code(name)) => {
                    Error::failed(format!("{message} ({name}), and then: {said}"))
                }
                _ => Error::new(name, message),
            });
        }
        Some(Outcome::Begun) => "was ended from outside (memory, time, or its machine)",
        None => "never began, or could not keep why it failed",
    };
    let said = said_of(&event.job).map(|said| format!("; Batch says: {said}"));
    Err(Error::failed(format!(
        "the run of execution {} {ended}: it left neither a version in {} nor an error{}",
        event.execution,
        series.uri(),
        said.unwrap_or_default()
    )))
}

/// How the account of a job that ended with an error closes.
fn exit_code(name: ErrorName) -> String {
    format!("exit code {}", name.exit_code())
}

/// What Batch's account of a job says of its end; of any other account, its beginning.
fn said_of(job: &str) -> Option<String> {
    /// Of an account that is none of Batch's.
    const MOST: usize = 200;
    let Ok(account) = serde_json::from_str::<Value>(job) else {
        let beginning: String = job.chars().take(MOST).collect();
        return Some(beginning).filter(|text| !text.trim().is_empty());
    };
    let container = &account["Container"];
    let texts = [&account["StatusReason"], &container["Reason"]];
    let texts = texts.into_iter().filter_map(Value::as_str).map(str::to_owned);
    let code = container["ExitCode"].as_i64().map(|code| format!("exit code {code}"));
    let said: Vec<String> = texts.chain(code).filter(|text| !text.is_empty()).collect();
    Some(said.join(", ")).filter(|said| !said.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_batch_says_of_a_job_is_told_without_the_rest() {
        let job = r#"{"Status": "FAILED", "StatusReason": "Essential container in task exited",
            "Container": {"ExitCode": 137, "Reason": "OutOfMemoryError: Container killed due to memory usage",
            "Environment": [{"Name": "X", "Value": "y"}]}}"#;
        assert_eq!(
            said_of(job).unwrap(),
            "Essential container in task exited, OutOfMemoryError: Container killed due to memory usage, exit code 137"
        );
        let unstarted =
            r#"{"StatusReason": "CannotPullContainerError: manifest unknown", "Container": {}}"#;
        assert_eq!(said_of(unstarted).unwrap(), "CannotPullContainerError: manifest unknown");
        assert_eq!(said_of("gone").unwrap(), "gone");
        assert_eq!((said_of(""), said_of("{}")), (None, None));
    }
}
