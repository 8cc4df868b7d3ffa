//! One call of a stage, from its event to its answer.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    deadline::{Stop, Stoppable},
    emf,
    guard::{self, Traffic},
    lakes::Lakes,
    logs::{self, Lines, TARGET},
    panics,
};
use crate::{
    Action, Error, ErrorName, Event, Host, Outcome, Reply, Stage,
    cli::{Console, Style, now, peak_memory},
    handle,
};

/// How a call ends that has no answer.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    Named(Error),
    /// With a panic: a defect of the program.
    Panicked {
        /// File and line.
        place: String,
    },
}

impl Failure {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Named(error) => error.name.as_str(),
            Self::Panicked { .. } => "Panic",
        }
    }

    /// What happened, with the stage that it happened to.
    pub(crate) fn message(&self, stage: &str) -> String {
        format!("{stage}: {}", self.cause())
    }

    fn cause(&self) -> String {
        match self {
            Self::Named(error) => error.message.clone(),
            Self::Panicked { place } => {
                format!(
                    "panicked at {place}: a defect of the program; the same call meets it again"
                )
            }
        }
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Named(error) => error.name,
            Self::Panicked { .. } => ErrorName::StageFailed,
        }
        .exit_code()
    }

    /// Whether the same call may succeed another time.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self, Self::Named(error) if error.name.is_transient())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Named(error)
    }
}

/// Reads an event.
///
/// # Errors
/// [`ErrorName::ConfigInvalid`] that names the field.
pub(crate) fn parse(payload: &Value) -> Result<Event, Error> {
    serde_path_to_error::deserialize(payload).map_err(|e| {
        let path = e.path().to_string();
        let place = if path == "." { String::new() } else { format!(" `{path}`") };
        Error::config(format!("event{place}: {}", e.into_inner()))
    })
}

/// A call: what its thread works with, and what is told of it afterwards.
pub(crate) struct Job {
    stage: &'static str,
    event: Result<Event, Error>,
    request_id: String,
    console: Console,
    stop: Arc<Stop>,
    traffic: Arc<Traffic>,
    peak: AtomicU64,
    begun: Instant,
}

impl Job {
    #[allow(clippy::disallowed_methods, reason = "the host times calls")]
    pub(crate) fn new(
        stage: &'static str,
        event: Result<Event, Error>,
        request_id: &str,
        style: Style,
    ) -> Self {
        let event = event.and_then(|event| event.dated(now()));
        let job = Self {
            stage,
            event,
            request_id: request_id.to_owned(),
            console: Console::new(stage, style),
            stop: Arc::default(),
            traffic: Arc::default(),
            peak: AtomicU64::new(0),
            begun: Instant::now(),
        };
        let execution = job.event.as_ref().map_or("", |event| &event.execution);
        logs::of_call([
            ("request_id", request_id),
            ("execution", execution),
            ("stage", stage),
            ("action", &job.action()),
        ]);
        // What came before this call is not its own: neither memory nor panics.
        let _ = (peak_memory(), panics::place());
        job
    }

    /// The name of the action, as in the event.
    fn action(&self) -> String {
        let action = self.event.as_ref().ok().and_then(|e| serde_json::to_value(e.action).ok());
        action.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    pub(crate) fn stop(&self) {
        self.stop.set();
    }

    /// Does the work, on the calling thread, which may block.
    ///
    /// # Errors
    /// As [`handle`]; [`ErrorName::ConfigInvalid`] for an event that is none, or has no lake.
    pub(crate) fn work<S: Stage>(&self, lakes: &Lakes) -> Result<Reply, Failure> {
        let work = || -> Result<Reply, Error> {
            let event = self.event()?;
            let date = event.logical_date.as_str();
            tracing::info!(target: TARGET, logical_date = date, "called");
            let lake = lakes.open(event.lake.as_ref())?;
            let lake = guard::guarded(&lake, &self.stop, &self.traffic);
            let host = Host {
                progress: &Stoppable { inner: &self.console, stop: &self.stop },
                now: &now,
                seconds: &|| self.console.seconds(),
                peak_memory: &|| self.peak_memory(),
                code_version: S::CODE,
            };
            handle::<S>(&lake, event, &host)
        };
        let panicked = |_| {
            let place = panics::place().unwrap_or_else(|| "a place unknown".to_owned());
            Failure::Panicked { place }
        };
        catch_unwind(AssertUnwindSafe(work)).map_err(panicked)?.map_err(Failure::Named)
    }

    fn event(&self) -> Result<&Event, Error> {
        self.event.as_ref().map_err(Clone::clone)
    }

    /// The greatest memory of this call so far, although asking begins the count anew.
    fn peak_memory(&self) -> Option<u64> {
        let peak = peak_memory()?;
        Some(self.peak.fetch_max(peak, Ordering::Relaxed).max(peak))
    }

    /// Whether the call does what the event has as `action`.
    pub(crate) fn does(&self, action: Action) -> bool {
        self.event.as_ref().is_ok_and(|event| event.action == action)
    }

    /// Keeps how far the call has come for who asks with [`Action::Result`], on the lake itself: its
    /// own time may be up.
    pub(crate) fn keep<S: Stage>(&self, lakes: &Lakes, outcome: &Outcome) -> Result<(), Error> {
        let event = self.event()?;
        outcome.keep::<S>(&lakes.open(event.lake.as_ref())?, event)
    }

    /// Keeps why it failed. That this fails too is told, and the first failure stays the call's.
    pub(crate) fn keep_failure<S: Stage>(&self, lakes: &Lakes, failure: &Failure) {
        let outcome = Outcome::from_error(&match failure {
            Failure::Named(error) => error.clone(),
            panicked @ Failure::Panicked { .. } => Error::failed(panicked.cause()),
        });
        if let Err(error) = self.keep::<S>(lakes, &outcome) {
            let reason = error.message;
            tracing::warn!(target: TARGET, reason, "why the call failed could not be kept");
        }
    }

    /// Ends the call: says what became of it, in the log and as metrics, and gives the answer.
    /// `limit` is the time that it had.
    pub(crate) fn conclude(
        &self,
        result: Result<Reply, Failure>,
        limit: Option<Duration>,
        lines: &Lines,
    ) -> Result<Value, Failure> {
        let result = self.in_time(result, limit);
        let (message, error) = match &result {
            Ok(reply) => (said(reply), None),
            Err(failure) => (failure.message(self.stage), Some(failure.name())),
        };
        let version = result.as_ref().ok().and_then(version);
        let seconds = self.begun.elapsed().as_secs_f64();
        match error {
            None => tracing::info!(target: TARGET, version, seconds, "{message}"),
            Some(error) => tracing::error!(target: TARGET, error, seconds, "{message}"),
        }
        let (bytes_read, bytes_written) = self.traffic.bytes();
        lines.write(&emf::line(&emf::Facts {
            stage: self.stage,
            action: &self.action(),
            execution: self.event.as_ref().map_or("", |event| &event.execution),
            request_id: &self.request_id,
            at_millis: now().as_millis(),
            seconds,
            phases: self.console.seconds(),
            peak_memory_bytes: self.peak_memory(),
            bytes_read,
            bytes_written,
            reply: result.as_ref().ok(),
            error,
        }));
        serde_json::to_value(result?).map_err(|e| Failure::Named(Error::failed(e)))
    }

    /// Once the time is up, whatever a stage ended with came of that; a result that it had reached
    /// by then is one.
    fn in_time(
        &self,
        result: Result<Reply, Failure>,
        limit: Option<Duration>,
    ) -> Result<Reply, Failure> {
        let Some(limit) = limit.filter(|_| self.stop.is_set()) else { return result };
        match result {
            Ok(reply) => Ok(reply),
            Err(_) => Err(Failure::Named(Error::new(
                ErrorName::DeadlineExceeded,
                format!(
                    "stopped before its time was up, with nothing committed: the function has \
                     {:.0} s: raise its timeout, give it more memory, cut it into shards, or send \
                     it to Batch",
                    limit.as_secs_f64()
                ),
            ))),
        }
    }
}

fn version(reply: &Reply) -> Option<&str> {
    match reply {
        Reply::Made(made) => Some(&made.version),
        Reply::Gate(report) => Some(&report.version),
        Reply::Planned(_) | Reply::Shard(_) | Reply::Released(_) | Reply::Accepted(_) => None,
    }
}

/// What a reply says, for the log.
fn said(reply: &Reply) -> String {
    match reply {
        Reply::Made(made) if made.unchanged => format!("{} is unchanged", made.version),
        Reply::Made(made) => format!("{} is made", made.version),
        Reply::Planned(planned) => format!("{} shards are planned", planned.shards),
        Reply::Shard(done) => format!("the shard is done: {} rows", done.rows),
        Reply::Gate(report) => {
            let passed = report.checks.iter().filter(|check| check.passed).count();
            format!("{}: {passed} of {} checks passed", report.version, report.checks.len())
        }
        Reply::Released(released) => released.to_string(),
        Reply::Accepted(accepted) => format!("accepted: {}", accepted.accepted.join(", ")),
    }
}
