//! The command line: what each command takes, and where it goes.

use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use features::Features;
use ingest::Ingest;
use matching::Matching;
use stage::{
    Error,
    cli::{self, Printed, RunOptions},
};

use crate::{day, lake, make};

const EXAMPLES: &str = "Examples:
  mllab demo                                   sample data, a whole day on it, and what came of it
  mllab run --raw ./data --lake ./lake         the day on your own files
  mllab matching score --candidate 31000 --job 4000
  mllab rollback matching                      the model that was live before, live again

Exit codes: 0 done; 2 wrong usage; 65 bad input; 70 a stage failed; 74 the store failed;
75 try again; 77 the gate refused; 78 wrong configuration.";

/// The build that this is, for the manifests.
const BUILD: &str = env!("MLLAB_BUILD");

/// Reads the command line, does what it says, and prints what came of it.
#[must_use]
pub fn main() -> ExitCode {
    let matches = command().get_matches();
    let json = matches.get_flag("json");
    cli::finish(json, dispatch(&matches))
}

fn dispatch(matches: &ArgMatches) -> Result<Printed, Error> {
    let Some((name, given)) = matches.subcommand() else {
        return Err(Error::config("no command given: see `mllab --help`"));
    };
    if name == "completions" {
        return completions(given);
    }
    let options = RunOptions::of(given)?;
    match name {
        "run" => {
            let raw = given.get_one::<String>("raw").map(String::as_str);
            day::run(&options, raw, !given.get_flag("no-promote"), BUILD)
        }
        "demo" => make::demo(&options, given.get_one::<String>("dir").map(String::as_str), BUILD),
        "sample" => make::sample(&options, &make::sample_of(given)?),
        "versions" => lake::versions(&options, artefact(given)),
        "history" => lake::history(&options, artefact(given), given.get_one::<String>("at")),
        "promote" => lake::promote(&options, artefact(given), given.get_one::<String>("version")),
        "rollback" => lake::rollback(&options, artefact(given), given.get_one::<String>("to")),
        "verify" => lake::verify(&options, artefact(given)),
        "prune" => lake::prune(&options, artefact(given), given.get_one::<usize>("keep").copied()),
        "ingest" => cli::dispatch::<Ingest>(given, BUILD),
        "features" => cli::dispatch::<Features>(given, BUILD),
        "matching" => cli::dispatch::<Matching>(given, BUILD),
        other => Err(Error::config(format!("no command `{other}`: see `mllab --help`"))),
    }
}

fn artefact(given: &ArgMatches) -> Option<&str> {
    given.get_one::<String>("stage").map(String::as_str)
}

fn command() -> Command {
    let command = Command::new("mllab")
        .version(env!("CARGO_PKG_VERSION"))
        .about("The daily machine-learning pipeline: raw files to versioned models")
        .after_help(EXAMPLES)
        .subcommand_required(true)
        .arg_required_else_help(true);
    RunOptions::augment(command)
        .subcommand(
            Command::new("run")
                .about("The whole day: ingest, features, matching; what changed is promoted")
                .arg(option("raw", "DIR", "The raw files [default: the lake's raw/]"))
                .arg(flag("no-promote", "Make versions, but leave latest.txt where it is")),
        )
        .subcommand(
            Command::new("demo")
                .about("Make sample data, run the day on it, and show what came of it")
                .arg(option("dir", "DIR", "Where to put data and lake [default: demo]")),
        )
        .subcommand(sample_command())
        .subcommand(stage_command("versions", "List the versions of a stage, or of all").arg(stage_arg(false)))
        .subcommand(
            stage_command("history", "What was live when")
                .arg(stage_arg(true))
                .arg(option("at", "TIME", "Only what was live at this time (RFC 3339)")),
        )
        .subcommand(
            stage_command("promote", "Make a version live")
                .arg(stage_arg(true))
                .arg(Arg::new("version").value_name("VERSION").required(true).help("As in v7")),
        )
        .subcommand(
            stage_command("rollback", "Make the version live that was live before")
                .arg(stage_arg(true))
                .arg(option("to", "VERSION", "This version instead")),
        )
        .subcommand(
            stage_command("verify", "Read every file of every version and check its hash")
                .arg(stage_arg(false)),
        )
        .subcommand(
            stage_command("prune", "Delete old versions, never the live one nor the one before")
                .arg(stage_arg(true))
                .arg(
                    option("keep", "N", "Keep the newest N, however old the others [default: 30, and all of the last 30 days]")
                        .value_parser(value_parser!(usize)),
                ),
        )
        .subcommand(cli::command::<Ingest>())
        .subcommand(cli::command::<Features>())
        .subcommand(cli::command::<Matching>())
        .subcommand(
            Command::new("completions").about("Print the completions of a shell").arg(
                Arg::new("shell")
                    .required(true)
                    .value_parser(value_parser!(clap_complete::Shell))
                    .help("bash, zsh, fish, elvish or powershell"),
            ),
        )
}

fn sample_command() -> Command {
    let number = |name, help| option(name, "N", help).value_parser(value_parser!(usize));
    Command::new("sample")
        .about("Make raw files of any size in the source's shape, from a seed")
        .after_help(
            "Example:\n  mllab sample --out data --candidates 42482 --jobs 14081 --applications 53759",
        )
        .arg(option("out", "DIR", "Where to write them").required(true))
        .arg(number("candidates", "Candidates [default: 42482]"))
        .arg(number("jobs", "Jobs [default: 14081]"))
        .arg(number("applications", "Applications [default: 53759]"))
        .arg(
            option("seed", "N", "The seed: the same one gives the same bytes [default: 42]")
                .value_parser(value_parser!(u64)),
        )
        .arg(
            option("drift", "SHARE", "How far the data has moved, 0 to 1 [default: 0]")
                .value_parser(value_parser!(f64)),
        )
        .arg(flag("hostile", "Add the rare records that no reader expects"))
}

fn stage_command(name: &'static str, about: &'static str) -> Command {
    Command::new(name).about(about)
}

fn stage_arg(required: bool) -> Arg {
    Arg::new("stage").value_name("STAGE").required(required).help("ingest, features or matching")
}

fn option(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

fn completions(given: &ArgMatches) -> Result<Printed, Error> {
    let shell = given.get_one::<clap_complete::Shell>("shell");
    let shell = *shell.ok_or_else(|| Error::config("completions: which shell?"))?;
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut command(), "mllab", &mut bytes);
    let text = String::from_utf8(bytes).map_err(Error::failed)?;
    Ok(Printed { json: serde_json::json!({ "script": text }), text })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_sound() {
        super::command().debug_assert();
    }
}
