use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use clap::Subcommand;
use serde_json::Value;
use stage::{
    Answer, Call, Cancelled, Commands, Error, Event, GateReport, Host, Progress, Reply, Response,
    Silent, Stage,
};
use versioning::{Blob, Lake, Timestamp};

/// Keeps the notes of a run.
#[derive(Default)]
pub struct Notes(pub Mutex<Vec<String>>);

impl Progress for Notes {
    fn begin(&self, _: &str, _: Option<u64>, _: &'static str) -> usize {
        0
    }
    fn advance(&self, _: usize, _: u64) -> Result<(), Cancelled> {
        Ok(())
    }
    fn end(&self, _: usize) {}
    fn note(&self, message: &str) {
        self.0.lock().unwrap().push(message.to_owned());
    }
}

/// A call of a day. Executions differ, so that a version made before is "unchanged".
#[must_use]
pub fn event(date: &str, config: Value) -> Event {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let execution = format!("e{}", CALLS.fetch_add(1, Ordering::Relaxed));
    Event { execution, logical_date: date.to_owned(), config, ..Event::default() }
}

/// Runs a stage.
///
/// # Errors
/// As [`stage::execute`].
pub fn execute<S: Stage>(
    lake: &Lake,
    event: &Event,
    at: Timestamp,
    progress: &dyn Progress,
) -> Result<Response, Error> {
    stage::execute::<S>(lake, event, &Host::unmeasured(progress, &|| at, "test"))
}

/// Does what an event asks of a stage.
///
/// # Errors
/// As [`stage::handle`].
pub fn call<S: Stage>(
    lake: &Lake,
    event: &Event,
    at: Timestamp,
    progress: &dyn Progress,
) -> Result<Reply, Error> {
    stage::handle::<S>(lake, event, &Host::unmeasured(progress, &|| at, "test"))
}

/// What the gate of a stage answers about its newest version.
///
/// # Errors
/// As [`stage::verify`].
pub fn verify<S: Stage>(
    lake: &Lake,
    date: &str,
    gate: Value,
    at: Timestamp,
) -> Result<GateReport, Error> {
    let event = Event { gate, ..event(date, Value::Null) };
    stage::verify::<S>(lake, &event, &Host::unmeasured(&Silent, &|| at, "test"))
}

/// Runs a command of a stage; an argument without a value is a flag.
///
/// # Errors
/// Those of the command.
pub fn command<C: Subcommand + Commands>(
    lake: &Lake,
    name: &str,
    args: &[(&str, &str)],
    file: Option<Blob>,
    config: Value,
) -> Result<Answer, Error> {
    let argument = |(name, value): &(&str, &str)| match value.is_empty() {
        true => format!("--{name}"),
        false => format!("--{name}={value}"),
    };
    let line = ["stage", name].map(str::to_owned).into_iter().chain(args.iter().map(argument));
    let given = C::augment_subcommands(clap::Command::new("stage")).get_matches_from(line);
    let call = Call { lake, file, config, progress: &Silent };
    C::from_arg_matches(&given).unwrap().run(&call)
}
