//! The host on AWS: a function that Lambda calls, and the same call once, as a job of Batch.
//!
//! Nothing is made before the first poll: neither a configuration nor a client nor a store. The
//! lake is opened by the first call and kept for the next ones. Each call runs on a thread of its
//! own, so that its deadline can be kept whatever the stage does.

mod deadline;
mod emf;
mod guard;
mod job;
mod lakes;
mod logs;
mod panics;

use std::{
    io::{IsTerminal, Write},
    process::ExitCode,
    sync::Arc,
};

use lambda_runtime::{Diagnostic, LambdaEvent, Runtime, service_fn};
use serde_json::{Value, json};
use tokio::{sync::oneshot, time::timeout};

use self::{
    deadline::Limit,
    job::{Failure, Job},
    lakes::Lakes,
    logs::Lines,
};
use crate::{
    Error, Event, Reply, Stage,
    cli::{Style, now},
};

/// The target of our own log lines; those of the store have `store`.
pub(crate) const TARGET: &str = "stage";

/// What the main thread of a program has. Stages are tested on that one.
const STACK_BYTES: usize = 8 << 20;

/// Whether the process is a function of Lambda.
pub(crate) fn is_called() -> bool {
    std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some()
}

/// Answers calls of stage `S` until Lambda ends the process.
pub(crate) fn serve<S: Stage + 'static>() -> ExitCode {
    let lines = Lines::to(std::io::stdout());
    logs::begin(&lines);
    panics::watch();
    let lakes = Arc::new(Lakes::default());
    let served = tokio::runtime::Builder::new_current_thread().enable_all().build().map(|rt| {
        rt.block_on(async {
            let answers = |event| answer::<S>(Arc::clone(&lakes), lines.clone(), event);
            Runtime::new(service_fn(answers)).run().await
        })
    });
    let reason = match served {
        Ok(Ok(())) => return ExitCode::SUCCESS,
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    };
    tracing::error!(target: TARGET, reason, "the function cannot go on");
    ExitCode::FAILURE
}

/// Does what one event asks, within the time that the function has.
async fn answer<S: Stage + 'static>(
    lakes: Arc<Lakes>,
    lines: Lines,
    LambdaEvent { payload, context }: LambdaEvent<Value>,
) -> Result<Value, Diagnostic> {
    let limit = Limit::until(context.deadline, now());
    let event = job::parse(&payload);
    let job = Arc::new(Job::new(S::NAME, event, &context.request_id, Style::Logs));
    let mut result = begin::<S>(&job, lakes);
    let ended = match timeout(limit.work, &mut result).await {
        Ok(ended) => Some(ended),
        Err(_) => {
            job.stop();
            // A thread that is deep in a computation hears of it later. It can do no harm then.
            timeout(limit.grace, &mut result).await.ok()
        }
    };
    let ended = ended.and_then(Result::ok).unwrap_or_else(|| {
        Err(Failure::Named(Error::failed("no thread could be had for the stage")))
    });
    job.conclude(ended, Some(limit.whole), &lines).map_err(|failure| Diagnostic {
        error_type: failure.name().to_owned(),
        error_message: failure.message(S::NAME),
    })
}

/// Begins the job on a thread of its own.
fn begin<S: Stage + 'static>(
    job: &Arc<Job>,
    lakes: Arc<Lakes>,
) -> oneshot::Receiver<Result<Reply, Failure>> {
    let (tell, result) = oneshot::channel();
    let job = Arc::clone(job);
    let work = move || drop(tell.send(job.work::<S>(&lakes)));
    // Where there is no thread to be had, `tell` is dropped, and the receiver says so.
    let _ =
        std::thread::Builder::new().name(S::NAME.to_owned()).stack_size(STACK_BYTES).spawn(work);
    result
}

/// Does what the event in `text` (JSON, or `@` and the file that holds it) asks, once: a job of
/// Batch. Prints the answer, keeps a run's failure for who asks with [`crate::Action::Result`], and
/// gives the exit code that the error's name has.
pub(crate) fn once<S: Stage>(text: &str) -> ExitCode {
    let terminal = std::io::stderr().is_terminal();
    let lines = if terminal { Lines::none() } else { Lines::to(std::io::stderr()) };
    logs::begin(&lines);
    panics::watch();
    let style = if terminal { Style::Bars } else { Style::Logs };
    let lakes = Lakes::default();
    let job = Job::new(S::NAME, read(text), "", style);
    let result = job.work::<S>(&lakes);
    if let Err(failure) = &result {
        job.keep::<S>(&lakes, failure);
    }
    let (printed, code) = match job.conclude(result, None, &lines) {
        Ok(value) => (value, ExitCode::SUCCESS),
        Err(failure) => (
            json!({"errorType": failure.name(), "errorMessage": failure.message(S::NAME)}),
            ExitCode::from(failure.exit_code()),
        ),
    };
    // A reader that has gone (`| head`) is no error of ours.
    drop(writeln!(std::io::stdout().lock(), "{printed}"));
    code
}

fn read(text: &str) -> Result<Event, Error> {
    let failed = |e: &dyn std::fmt::Display| Error::config(format!("--event: {e}"));
    let text = match text.strip_prefix('@') {
        Some(file) => std::fs::read_to_string(file).map_err(|e| failed(&format!("{file}: {e}")))?,
        None => text.to_owned(),
    };
    job::parse(&serde_json::from_str(&text).map_err(|e| failed(&e))?)
}
