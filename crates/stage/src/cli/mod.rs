//! The command-line host: a stage's binary, and the same commands inside `mllab`.

mod console;
mod options;

use std::{collections::BTreeMap, io::Write, process::ExitCode};

use clap::ArgMatches;
pub use console::{Console, Style};
#[cfg(feature = "lambda")]
pub(crate) use options::peak_memory;
pub use options::{RunOptions, config_file, lake_arg, now, open_lake};
use serde_json::{Value, json};
use versioning::Blob;

use crate::{
    Answer, ArgKind, Call, Command, Error, ErrorName, Event, Host, Response, Stage, execute,
};

/// The whole of a stage's `main`: `<stage> --lake D [run options]`, or one of its further commands.
/// With the feature `lambda` also `<stage> --event JSON`, and, where the process is a function of
/// Lambda, its calls.
pub fn main<S: Stage + 'static>() -> ExitCode {
    #[cfg(feature = "lambda")]
    if crate::lambda::is_called() {
        return crate::lambda::serve::<S>();
    }
    let command = RunOptions::output_args(command::<S>());
    #[cfg(feature = "lambda")]
    let command = command.arg(event_arg());
    let matches = parse(command);
    #[cfg(feature = "lambda")]
    if let Some(event) = matches.get_one::<String>("event") {
        return crate::lambda::once::<S>(event);
    }
    let json = matches.get_flag("json");
    finish(json, dispatch::<S>(&matches, "unknown"))
}

#[cfg(feature = "lambda")]
fn event_arg() -> clap::Arg {
    clap::Arg::new("event")
        .long("event")
        .value_name("JSON|@FILE")
        .conflicts_with_all(["lake", "input", "config", "date", "force"])
        .help("Do what an event asks, as a function of Lambda does, and print its answer")
}

/// What a command prints: for people, and for machines.
#[derive(Debug)]
pub struct Printed {
    /// For people.
    pub text: String,
    /// For machines, with `--json`.
    pub json: Value,
}

/// What was read or given, as it may stand on a terminal: what neither prints nor ends a line or
/// column is escaped, so that no name, argument or key of a configuration moves the cursor, sets a
/// title or turns the direction of the text.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        // The last are accents of letters that are written in two characters.
        let stays = matches!(c, '"' | '\'' | '\\' | '\n' | '\t' | '\u{300}'..='\u{36f}');
        match stays {
            true => plain.push(c),
            false => plain.extend(c.escape_debug()),
        }
    }
    plain
}

/// Reads the command line; one that is wrong ends the process, as clap does it.
#[must_use]
pub fn parse(command: clap::Command) -> ArgMatches {
    command.try_get_matches().unwrap_or_else(|error| {
        let said = error.render().to_string();
        if plain(&said) == said {
            error.exit();
        }
        drop(write!(std::io::stderr(), "{}", plain(&said)));
        std::process::exit(error.exit_code())
    })
}

/// Prints what a command gave, or why it failed, and gives the exit code (docs/operating.md lists them).
pub fn finish(json: bool, result: Result<Printed, Error>) -> ExitCode {
    let (mut out, mut err) = (std::io::stdout().lock(), std::io::stderr().lock());
    let written = match result {
        Ok(printed) if json => writeln!(out, "{:#}", printed.json),
        Ok(printed) => writeln!(out, "{}", plain(printed.text.trim_end())),
        Err(error) => {
            if json {
                let object = json!({"error": error.name.as_str(), "message": error.message});
                drop(writeln!(out, "{object:#}"));
            } else {
                drop(writeln!(err, "error: {} ({})", plain(&error.message), error.name));
            }
            return ExitCode::from(error.name.exit_code());
        }
    };
    match written.and_then(|()| out.flush()) {
        // A reader that has gone (`| head`) is no error of ours.
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            drop(writeln!(err, "error: the answer cannot be written: {e} (StoreUnavailable)"));
            ExitCode::from(ErrorName::StoreUnavailable.exit_code())
        }
        _ => ExitCode::SUCCESS,
    }
}

/// The command line of a stage: its run options and its further commands.
#[must_use]
pub fn command<S: Stage>() -> clap::Command {
    let name = S::NAME;
    let command = clap::Command::new(name)
        .about(format!("Stage `{name}` alone: make the version of its inputs"))
        .after_help(format!("Example:\n  {name} --lake ./lake    the newest version of each input"))
        .arg(lake_arg());
    let mut command = RunOptions::run_args(RunOptions::input_arg(command));
    for further in S::commands() {
        command = command.subcommand(further_command(further));
    }
    command
}

fn further_command(further: &'static Command) -> clap::Command {
    let mut command = clap::Command::new(further.name)
        .about(further.about)
        .after_help(format!("Examples:\n{}", further.examples));
    for arg in further.args {
        let mut it = clap::Arg::new(arg.name).long(arg.name).help(arg.help).required(arg.required);
        it = match arg.kind {
            ArgKind::Flag => it.action(clap::ArgAction::SetTrue),
            ArgKind::Text | ArgKind::File => it.value_name(arg.value),
        };
        command = command.arg(it);
    }
    if further.writes_file {
        let help = "Where to write the result";
        command =
            command.arg(clap::Arg::new("output").long("output").value_name("FILE").help(help));
    }
    command
}

/// Does what a stage's command line asks for. `code_version` names the build in the manifest.
///
/// # Errors
/// The stage's, or that an argument is wrong.
pub fn dispatch<S: Stage>(matches: &ArgMatches, code_version: &str) -> Result<Printed, Error> {
    let options = RunOptions::of(matches)?;
    match matches.subcommand() {
        None => run::<S>(&options, code_version),
        Some((name, given)) => {
            let further = S::commands().iter().find(|c| c.name == name);
            let further = further.ok_or_else(|| Error::config(format!("no command `{name}`")))?;
            run_further::<S>(&options, further, given)
        }
    }
}

fn run<S: Stage>(options: &RunOptions, code_version: &str) -> Result<Printed, Error> {
    let response = run_stage::<S>(options, code_version, BTreeMap::new())?;
    let json = serde_json::to_value(&response).map_err(Error::failed)?;
    Ok(Printed { text: describe(S::NAME, &response), json })
}

/// Runs a stage with the options of a command line; `inputs` are URIs that go before the newest
/// version of their series.
///
/// # Errors
/// The stage's.
pub fn run_stage<S: Stage>(
    options: &RunOptions,
    code_version: &str,
    inputs: BTreeMap<String, String>,
) -> Result<Response, Error> {
    let lake = open_lake(&options.lake)?;
    let console = Console::new(S::NAME, options.style());
    let mut all = options.inputs.clone();
    all.extend(inputs);
    let event = Event {
        action: crate::Action::Run,
        execution: options.execution.clone(),
        logical_date: options.logical_date.clone(),
        inputs: all,
        config: options.config_of(S::NAME),
        force: options.force,
        ..Event::default()
    };
    let host = Host {
        progress: &console,
        now: &now,
        seconds: &|| console.seconds(),
        peak_memory: &options::peak_memory,
        code_version,
    };
    execute::<S>(&lake, &event, &host)
}

/// One paragraph on a response, for people.
#[must_use]
pub fn describe(stage: &str, response: &Response) -> String {
    let state = if response.unchanged { "unchanged" } else { "made" };
    let mut text = format!("{stage} {} {state}: {}\n", response.version, response.uri);
    for (name, value) in &response.metrics.0 {
        if value.is_number() || value.is_boolean() || value.is_string() {
            text.push_str(&format!("  {name} {value}\n"));
        }
    }
    text
}

fn run_further<S: Stage>(
    options: &RunOptions,
    further: &Command,
    given: &ArgMatches,
) -> Result<Printed, Error> {
    let lake = open_lake(&options.lake)?;
    let console = Console::new(S::NAME, options.style());
    let mut call = Call {
        lake: &lake,
        args: BTreeMap::new(),
        files: BTreeMap::new(),
        config: options.config_of(S::NAME),
        has_output: false,
        progress: &console,
    };
    for arg in further.args {
        match arg.kind {
            ArgKind::Flag if given.get_flag(arg.name) => {
                call.args.insert(arg.name.to_owned(), String::new());
            }
            ArgKind::Flag => {}
            ArgKind::Text | ArgKind::File => {
                let Some(value) = given.get_one::<String>(arg.name) else { continue };
                call.args.insert(arg.name.to_owned(), value.clone());
                if arg.kind == ArgKind::File {
                    let blob = Blob::open_path(value.as_ref()).map_err(|e| {
                        Error::bad_input(format!("--{} {value}: cannot be read: {e}", arg.name))
                    })?;
                    call.files.insert(arg.name.to_owned(), blob);
                }
            }
        }
    }
    let output = further.writes_file.then(|| given.get_one::<String>("output")).flatten();
    call.has_output = output.is_some();
    let answer = (further.run)(&call)?;
    write_answer(answer, output.map(String::as_str))
}

fn write_answer(answer: Answer, output: Option<&str>) -> Result<Printed, Error> {
    if let (Some(bytes), Some(path)) = (&answer.file, output) {
        options::write_whole(path.as_ref(), bytes)?;
    }
    Ok(Printed { text: answer.text, json: answer.json })
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn nothing_that_is_echoed_writes_on_the_terminal() {
        assert_eq!(plain("\u{1b}]0;x\u{7}\u{9b}1m\u{202e}"), "\\u{1b}]0;x\\u{7}\\u{9b}1m\\u{202e}");
        let text = "São \"Paulo\"\n\tfile `a\\b` e\u{301}";
        assert_eq!(plain(text), text);
    }
}
