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
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::Duration,
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
pub(crate) use logs::TARGET;

use crate::{
    Action, Error, Event, Outcome, Reply, Stage,
    cli::{Style, now},
};

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
    let worker = Arc::new(Worker::default());
    let served = tokio::runtime::Builder::new_current_thread().enable_all().build().map(|rt| {
        rt.block_on(async {
            let answers =
                |event| answer::<S>(Arc::clone(&lakes), Arc::clone(&worker), lines.clone(), event);
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
    worker: Arc<Worker>,
    lines: Lines,
    LambdaEvent { payload, context }: LambdaEvent<Value>,
) -> Result<Value, Diagnostic> {
    let limit = Limit::until(context.deadline, now());
    let event = job::parse(&payload);
    let job = Arc::new(Job::new(S::NAME, event, &context.request_id, Style::Logs));
    let mut result = worker.begin::<S>(&job, &lakes);
    let ended = match timeout(limit.work, &mut result).await {
        Ok(ended) => Some(ended),
        Err(_) => {
            job.stop();
            // A thread that is deep in a computation hears of it later. It can commit nothing then.
            timeout(limit.grace, &mut result).await.ok()
        }
    };
    let ended = ended.and_then(Result::ok).unwrap_or_else(|| {
        Err(Failure::Named(Error::failed("no thread could be had for the stage")))
    });
    let concluded = job.conclude(ended, Some(limit.whole), &lines);
    if let Err(failure) = &concluded
        && job.does(Action::Shard)
        && !failure.is_transient()
    {
        // The other half of it is for the answer to be sent.
        keep_failure::<S>(&job, lakes, failure, limit.grace / 2).await;
    }
    concluded.map_err(|failure| Diagnostic {
        error_type: failure.name().to_owned(),
        error_message: failure.message(S::NAME),
    })
}

/// Keeps why a shard failed, for the run that comes after it: the Distributed Map tells only that
/// one has.
async fn keep_failure<S: Stage + 'static>(
    job: &Arc<Job>,
    lakes: Arc<Lakes>,
    failure: &Failure,
    time: Duration,
) {
    let (job, failure) = (Arc::clone(job), failure.clone());
    let kept = tokio::task::spawn_blocking(move || job.keep_failure::<S>(&lakes, &failure));
    // What takes longer would cost the answer, which names the error too.
    drop(timeout(time, kept).await);
}

/// Has the thread of the call before, which may still be at work when its time was up.
#[derive(Default)]
struct Worker {
    last: Mutex<Option<JoinHandle<()>>>,
}

impl Worker {
    /// Begins the job on a thread of its own, once that of the call before has ended: two of them
    /// would share the memory and the processors that one has.
    fn begin<S: Stage + 'static>(
        &self,
        job: &Arc<Job>,
        lakes: &Arc<Lakes>,
    ) -> oneshot::Receiver<Result<Reply, Failure>> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let before = last.take();
        let (tell, result) = oneshot::channel();
        let (job, lakes) = (Arc::clone(job), Arc::clone(lakes));
        let work = move || {
            if let Some(before) = before {
                // How it ended was its own call's to tell.
                drop(before.join());
            }
            drop(tell.send(job.work::<S>(&lakes)));
        };
        let thread = std::thread::Builder::new().name(S::NAME.to_owned()).stack_size(STACK_BYTES);
        // Where there is no thread to be had, `tell` is dropped, and the receiver says so.
        *last = thread.spawn(work).ok();
        result
    }
}

/// Does what the event in `text` (JSON, or `@` and the file that holds it) asks, once: a job of
/// Batch. Prints the answer, keeps a run's outcome for who asks with [`crate::Action::Result`], and
/// gives the exit code that the error's name has.
pub(crate) fn once<S: Stage>(text: &str) -> ExitCode {
    let terminal = std::io::stderr().is_terminal();
    let lines = if terminal { Lines::none() } else { Lines::to(std::io::stderr()) };
    logs::begin(&lines);
    panics::watch();
    let style = if terminal { Style::Bars } else { Style::Logs };
    let lakes = Lakes::default();
    let job = Job::new(S::NAME, read(text), "", style);
    let result = if job.does(Action::Run) { run::<S>(&job, &lakes) } else { job.work::<S>(&lakes) };
    let (printed, code) = match job.conclude(result, None, &lines) {
        Ok(value) => (value, ExitCode::SUCCESS),
        Err(failure) => (
            json!({"errorType": failure.name(), "errorMessage": failure.message(S::NAME)}),
            ExitCode::from(failure.exit_code()),
        ),
    };
    // A reader that has gone (`| head`) is not an error of ours.
    drop(writeln!(std::io::stdout().lock(), "{printed}"));
    code
}

/// Runs the stage, and keeps how far it has come at each step: of a job that is killed, or never
/// begins, nothing else is known.
fn run<S: Stage>(job: &Job, lakes: &Lakes) -> Result<Reply, Failure> {
    job.keep::<S>(lakes, &Outcome::Begun)?;
    let result = job.work::<S>(lakes);
    match &result {
        Ok(Reply::Made(made)) => {
            let (version, code) = (made.version.clone(), S::CODE.to_owned());
            job.keep::<S>(lakes, &Outcome::Made { version, code })?;
        }
        Ok(_) => {}
        Err(failure) => job.keep_failure::<S>(lakes, failure),
    }
    result
}

fn read(text: &str) -> Result<Event, Error> {
    let failed = |e: &dyn std::fmt::Display| Error::config(format!("--event: {e}"));
    let text = match text.strip_prefix('@') {
        Some(file) => std::fs::read_to_string(file).map_err(|e| failed(&format!("{file}: {e}")))?,
        None => text.to_owned(),
    };
    job::parse(&serde_json::from_str(&text).map_err(|e| failed(&e))?)
}
