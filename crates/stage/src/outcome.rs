//! What a run elsewhere came to: a batch job's state tells who waits for it neither a version nor
//! the name of an error, so both are looked up in the lake.

use serde::{Deserialize, Serialize};
use versioning::Lake;

use crate::{
    Error, ErrorName, Event, Host, Response, Stage,
    execute::{Prepared, response},
};

/// How a run ended that made no version; stored beside the versions as `_failed/<execution>.json`.
#[derive(Debug, Serialize, Deserialize)]
struct Failure {
    error: String,
    message: String,
}

/// Keeps the error that a run of stage `S` ended with, for who asks with [`crate::Action::Result`].
///
/// # Errors
/// What the store says.
pub fn keep_failure<S: Stage>(lake: &Lake, event: &Event, error: &Error) -> Result<(), Error> {
    let failure = Failure { error: error.name.as_str().to_owned(), message: error.message.clone() };
    Ok(lake.series(S::OUTPUT).put_record("_failed", &event.execution, &failure)?)
}

/// The version that a run with the same event has made.
///
/// # Errors
/// The error that it ended with; [`ErrorName::StageFailed`] when it left neither.
pub(crate) fn result<S: Stage>(
    lake: &Lake,
    event: &Event,
    host: &Host<'_>,
) -> Result<Response, Error> {
    let series = lake.series(S::OUTPUT);
    let call = Prepared::<S>::of(lake, event, host)?;
    if let Some(committed) = series.find(&call.key)? {
        return response(&series, &committed, event);
    }
    Err(match series.record::<Failure>("_failed", &event.execution)? {
        Some(Failure { error, message }) => {
            Error::new(ErrorName::parse(&error).unwrap_or(ErrorName::StageFailed), message)
        }
        None => Error::failed(format!(
            "the job of execution {} left neither a version in {} nor an error: it was ended from outside (memory, time, or its machine); its log says more",
            event.execution,
            series.uri()
        )),
    })
}
