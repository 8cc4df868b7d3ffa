//! The day on AWS: starts an execution of the state machine and waits for its end.

mod arn;
mod client;
mod input;

#[cfg(test)]
mod tests;

use std::{io::Write, thread, time::Duration};

use arn::Arn;
use clap::{Arg, ArgAction, ArgMatches, Command};
use client::{Client, Ended};
use serde_json::{Map, Value, json};
use stage::{
    Error, ErrorName,
    cli::{Printed, RunOptions, Style},
};

use crate::interrupt;

/// Where the state machine's ARN is looked for when the command line has none.
const STATE_MACHINE: &str = "MLLAB_STATE_MACHINE";

/// Between two requests for an execution's status.
const PAUSE: Duration = Duration::from_millis(500);
/// As many in a row may fail: five minutes with the SDK's own repetitions are not the network.
const PATIENCE: u32 = 60;

const EXAMPLES: &str = "Examples:
  mllab aws run --state-machine arn:aws:states:sa-east-1:123456789012:stateMachine:mllab
  mllab aws run --only matching --force       matching alone, whatever has changed
  mllab aws run --date 2026-11-20 --raw raw-archive/2026-11-20
                                              a past day: versions, but nothing goes live
  mllab aws run --input events/state-machine/with-config.json

Region and credentials are found as every tool of AWS finds them (profiles, AWS_* variables, roles).
Exit codes are those of the error that the day ended with: 65 bad input, 77 the gate refused, …";

/// `mllab aws …`
pub(crate) fn command() -> Command {
    let option = |name, value, help| Arg::new(name).long(name).value_name(value).help(help);
    let alone = ["config", "force", "only", "raw", "batch-rows"];
    let run = RunOptions::run_args(Command::new("run"))
        .about("The whole day on AWS: start the state machine, wait for its end, print the outcome")
        .after_help(EXAMPLES)
        .arg(option("state-machine", "ARN", "The state machine [default: $MLLAB_STATE_MACHINE]"))
        .arg(
            option("only", "STAGE", "This stage and no other; may be given again")
                .action(ArgAction::Append)
                .value_parser(crate::stages::STAGES.map(|stage| stage.name)),
        )
        .arg(option(
            "raw",
            "PREFIX",
            "Where the raw files lie in the data bucket; begins with raw, as in raw-archive/2026-11-20 [default: raw/]",
        ))
        .arg(
            option("batch-rows", "N", "Train on Batch from this many applications on")
                .value_parser(clap::value_parser!(u64)),
        )
        .arg(
            option("input", "FILE", "The execution's whole input, as JSON")
                .conflicts_with_all(alone),
        )
        .arg(
            Arg::new("detach")
                .long("detach")
                .action(ArgAction::SetTrue)
                .help("Start it, and do not wait for its end"),
        );
    Command::new("aws")
        .about("The day on AWS")
        .after_help("Example:\n  mllab aws run")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(run)
}

pub(crate) fn dispatch(given: &ArgMatches) -> Result<Printed, Error> {
    match given.subcommand() {
        Some(("run", given)) => run(given),
        _ => Err(Error::config("aws: no command given: see `mllab aws --help`")),
    }
}

fn run(given: &ArgMatches) -> Result<Printed, Error> {
    let options = RunOptions::from_matches(given)?;
    let machine = state_machine(given)?;
    let (day, input) = input::from_arguments(given, &options)?;
    let client = Client::connect(&machine)?;
    let execution = client.start(&machine, &day, &input)?;
    let console = execution.console();
    if given.get_flag("detach") {
        let text = format!("{} runs: {console}", execution.name());
        return Ok(Printed { text, json: started(&execution, &console) });
    }
    let line = |line: String| {
        if options.style() != Style::Hidden {
            // A closed standard error does not end the day.
            drop(writeln!(std::io::stderr().lock(), "{line}"));
        }
    };
    line(format!("{} runs: {console}", execution.name()));
    let _guard = interrupt::cooperate();
    let ended = wait(&client, &execution).inspect_err(|_| {
        line(format!(
            "{} goes on; to stop it: aws stepfunctions stop-execution --execution-arn {execution}",
            execution.name()
        ));
    })?;
    outcome(ended, &execution)
}

/// How an execution ended, once it has.
fn wait(client: &Client, execution: &Arn) -> Result<Ended, Error> {
    let mut failed = 0;
    loop {
        match client.ended(execution) {
            Ok(Some(ended)) => return Ok(ended),
            Ok(None) => failed = 0,
            Err(error) if failed < PATIENCE && error.name.is_transient() => failed += 1,
            Err(error) => return Err(error),
        }
        if interrupt::asked().is_break() {
            return Err(Error::failed("interrupted"));
        }
        thread::sleep(PAUSE);
    }
}

/// What is printed of an execution that succeeded.
///
/// # Errors
/// What it ended with: by its own name where that is one of ours, else as `StageFailed`.
fn outcome(ended: Ended, execution: &Arn) -> Result<Printed, Error> {
    let (name, console) = (execution.name(), execution.console());
    if !ended.succeeded {
        let Ended { error, cause, .. } = ended;
        let cause = message_of(&cause);
        let text = format!("{name} ended with {error}: {cause}\nexecution: {console}");
        return Err(Error::new(ErrorName::parse(&error).unwrap_or(ErrorName::StageFailed), text));
    }
    let mut json = started(execution, &console);
    json["status"] = json!("SUCCEEDED");
    json["seconds"] = json!(ended.seconds);
    json["output"] = ended.output;
    let text = format!("{name} succeeded after {:.1} s: {console}", ended.seconds);
    Ok(Printed { text, json })
}

/// A cause for people: of a function's error its message, of a job's its reason. Within a Parallel
/// the state machine puts the state's name before it, as in `Matching: {"errorType":…}`.
fn message_of(cause: &str) -> String {
    let object = |text: &str| serde_json::from_str::<Map<String, Value>>(text).ok();
    let message = object(cause).or_else(|| object(cause.split_once(": ")?.1)).and_then(|told| {
        ["errorMessage", "StatusReason"]
            .iter()
            .find_map(|key| told.get(*key)?.as_str().map(str::to_owned))
    });
    message.unwrap_or_else(|| cause.to_owned())
}

fn started(execution: &Arn, console: &str) -> Value {
    json!({"execution": execution.name(), "arn": execution.to_string(), "console": console})
}

fn state_machine(given: &ArgMatches) -> Result<Arn, Error> {
    #[allow(clippy::disallowed_methods, reason = "a command reads its environment; stages do not")]
    let by_environment = || std::env::var(STATE_MACHINE).ok().filter(|arn| !arn.is_empty());
    let arn = given.get_one::<String>("state-machine").cloned().or_else(by_environment);
    let arn = arn.ok_or_else(|| {
        Error::config(format!(
            "which state machine? give --state-machine ARN or set {STATE_MACHINE}; the stack's output StateMachineArn has it"
        ))
    })?;
    Arn::parse_state_machine(&arn)
}
