//! The command-line host: a stage's binary, and the same commands inside `mllab`.

mod console;
mod options;

use std::{collections::BTreeMap, io::Write, process::ExitCode};

use clap::{ArgMatches, Subcommand};
pub use console::{Console, Style};
#[cfg(feature = "lambda")]
pub(crate) use options::peak_memory;
pub use options::{RunOptions, config_file, lake_arg, now, open_lake};
use serde_json::{Value, json};
use versioning::Blob;

use crate::{Answer, Call, Commands, Error, ErrorName, Event, Host, Response, Stage, execute};

/// The whole of a stage's `main`: `<stage> --lake D [run options]`, or one of its further commands.
/// With the feature `lambda` also `<stage> --event JSON`, and, where the process is a function of
/// Lambda, its calls.
pub fn main<S: Stage + 'static, C: Commands + Subcommand>() -> ExitCode {
    #[cfg(feature = "lambda")]
    if crate::lambda::is_called() {
        return crate::lambda::serve::<S>();
    }
    let command = RunOptions::output_args(command::<S, C>());
    #[cfg(feature = "lambda")]
    let command = command.arg(event_arg());
    let matches = parse(command);
    #[cfg(feature = "lambda")]
    if let Some(event) = matches.get_one::<String>("event") {
        return crate::lambda::once::<S>(event);
    }
    let json = matches.get_flag("json");
    finish(json, dispatch::<S, C>(&matches, "unknown"))
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
        // A reader that has gone (`| head`) is not an error of ours.
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            drop(writeln!(err, "error: the answer cannot be written: {e} (StoreUnavailable)"));
            ExitCode::from(ErrorName::StoreUnavailable.exit_code())
        }
        _ => ExitCode::SUCCESS,
    }
}

/// The command line of a stage: its run options and its further commands.
#[must_use]
pub fn command<S: Stage, C: Subcommand>() -> clap::Command {
    let name = S::NAME;
    let command = clap::Command::new(name)
        .about(format!("Stage `{name}` alone: make the version of its inputs"))
        .after_help(format!("Example:\n  {name} --lake ./lake    the newest version of each input"))
        .arg(lake_arg());
    C::augment_subcommands(RunOptions::run_args(RunOptions::input_arg(command)))
}

/// Does what a stage's command line asks for. `code_version` names the build in the manifest.
pub fn dispatch<S: Stage, C: Commands + Subcommand>(
    matches: &ArgMatches,
    code_version: &str,
) -> Result<Printed, Error> {
    let options = RunOptions::from_matches(matches)?;
    match matches.subcommand() {
        None => run::<S>(&options, code_version),
        Some(_) => {
            run_further(S::NAME, &options, &C::from_arg_matches(matches).map_err(Error::config)?)
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

fn run_further(
    stage: &str,
    options: &RunOptions,
    further: &impl Commands,
) -> Result<Printed, Error> {
    let lake = open_lake(&options.lake)?;
    let open = |(option, path): (_, &str)| {
        Blob::open_path(path.as_ref())
            .map_err(|e| Error::bad_input(format!("--{option} {path}: cannot be read: {e}")))
    };
    let call = Call {
        lake: &lake,
        file: further.reads().map(open).transpose()?,
        config: options.config_of(stage),
        progress: &Console::new(stage, options.style()),
    };
    let Answer { text, json, file } = further.run(&call)?;
    if let (Some(bytes), Some(path)) = (&file, further.writes()) {
        options::write_whole(path.as_ref(), bytes)?;
    }
    Ok(Printed { text, json })
}

// Of a stage that has no further commands; documentation would be its help.
#[derive(Debug, Subcommand)]
pub enum NoCommands {}

impl Commands for NoCommands {
    fn run(&self, _: &Call<'_>) -> Result<Answer, Error> {
        match *self {}
    }
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
