//! The command line: what each command takes, and where it goes.

use std::{path::Path, process::ExitCode};

use clap::{
    Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
    value_parser,
};
use sample::{Day, Law, breakage::Breakage};
use serde_json::json;
use stage::{
    Error,
    cli::{self, Printed, RunOptions},
};
use versioning::{Timestamp, Version};

use crate::{
    day::{self, From},
    encoder, interrupt, lake, make, release,
    stages::{self, DayStage, STAGES, STATES},
};

const EXAMPLES: &str = "Examples:
  mllab demo                                   sample data, a whole day on it, and what came of it
  mllab run --raw ./data --lake ./lake         the day on your own files
  mllab matching score --candidate 31000 --job 4000
  mllab rollback matching                      the model that was live before, live again

Exit codes: 0 done; 2 wrong usage; 65 bad input; 66 nothing to learn from; 70 a stage failed; 74 the store failed;
75 and 76 try again; 77 refused to go live; 78 wrong configuration; 79 out of time; 130 interrupted.";

/// The build that this is, for the manifests.
const BUILD: &str = env!("MLLAB_BUILD");

/// Reads the command line, does what it says, and prints what came of it.
#[must_use]
pub fn main() -> ExitCode {
    let program = std::env::args().next().unwrap_or_else(|| "mllab".to_owned());
    let matches = cli::parse(command());
    let json = matches.get_flag("json");
    interrupt::listen();
    cli::finish(json, dispatch(&program, &matches))
}

fn dispatch(program: &str, matches: &ArgMatches) -> Result<Printed, Error> {
    let Some((name, given)) = matches.subcommand() else {
        return Err(Error::config("no command given: see `mllab --help`"));
    };
    if name == "completions" {
        return completions(given);
    }
    let mut options = RunOptions::of(given)?;
    let text = |name: &str| given.get_one::<String>(name).map(String::as_str);
    let stage = || text("stage");
    match name {
        "run" => {
            set_preset(&mut options, text("preset"));
            set_encoder(&mut options, text("encoder-dir"))?;
            day::run(&options, From::Raw(text("raw")), !given.get_flag("no-promote"), BUILD)
        }
        "demo" => {
            set_preset(&mut options, text("preset"));
            make::demo(program, &options, text("dir"), BUILD)
        }
        "sample" => make::sample(&options, &make::sample_of(given)?),
        "versions" => lake::versions(&options, stage()),
        "history" => lake::history(&options, stage(), given.get_one("at").copied()),
        "promote" => lake::promote(&options, stage(), &typed(given)?),
        "accept" => release::accept(&options, &typed(given)?, BUILD),
        "release" => release::dispatch(&options, &typed(given)?),
        "rollback" => lake::rollback(&options, stage(), given.get_one("to").copied()),
        "verify" => lake::verify(&options, stage(), given.get_flag("repair")),
        "retire" => lake::retire(&options, stage(), &typed(given)?),
        "encoder" => encoder::dispatch(&options, given),
        #[cfg(feature = "aws")]
        "aws" => crate::aws::dispatch(given),
        #[cfg(not(feature = "aws"))]
        "aws" => Err(Error::config(
            "this build has no command `aws`: build it with `cargo build --release --features aws`",
        )),
        "prune" => lake::prune(&options, stage(), given.get_one("keep").copied()),
        other => match stages::find(other) {
            Some(stage) => (stage.dispatch)(given, BUILD),
            None => Err(Error::config(format!("no command `{other}`: see `mllab --help`"))),
        },
    }
}

/// The arguments of a command whose types clap derives.
fn typed<T: FromArgMatches>(given: &ArgMatches) -> Result<T, Error> {
    T::from_arg_matches(given).map_err(Error::config)
}

/// `--preset` goes before the configuration file's.
fn set_preset(options: &mut RunOptions, preset: Option<&str>) {
    if let Some(preset) = preset {
        set(options, "matching", "preset", preset);
    }
}

/// `--encoder-dir` brings an encoder into the lake and goes before the configuration file's.
fn set_encoder(options: &mut RunOptions, dir: Option<&str>) -> Result<(), Error> {
    let Some(dir) = dir else { return Ok(()) };
    let lake = cli::open_lake(&options.lake)?;
    let (name, revision) = encoder::add_dir(&lake, Path::new(dir), None)?;
    set(options, "recommend", "encoder", &name);
    set(options, "recommend", "revision", &revision);
    Ok(())
}

fn set(options: &mut RunOptions, stage: &str, key: &str, value: &str) {
    if options.config.is_null() {
        options.config = json!({});
    }
    options.config[stage][key] = json!(value);
}

fn command() -> Command {
    let command = Command::new("mllab")
        .version(env!("CARGO_PKG_VERSION"))
        .about("The daily machine-learning pipeline: raw files to versioned models")
        .after_help(EXAMPLES)
        .subcommand_required(true)
        .arg_required_else_help(true);
    #[cfg(feature = "aws")]
    let command = command.subcommand(crate::aws::command());
    #[cfg(not(feature = "aws"))]
    let command = command.subcommand(
        Command::new("aws")
            .hide(true)
            .arg(Arg::new("rest").num_args(0..).trailing_var_arg(true).allow_hyphen_values(true)),
    );
    RunOptions::output_args(command)
        .subcommands(day_commands())
        .subcommand(sample_command())
        .subcommands(lake_commands())
        .subcommand(encoder::command())
        .subcommands(STAGES.iter().map(|stage| (stage.command)()))
        .subcommand(
            example(
                "completions",
                "completions bash > ~/.local/share/bash-completion/completions/mllab",
            )
            .about("Print the completions of a shell")
            .arg(
                Arg::new("shell")
                    .required(true)
                    .value_parser(value_parser!(clap_complete::Shell))
                    .help("bash, zsh, fish, elvish or powershell"),
            ),
        )
}

fn day_commands() -> [Command; 2] {
    let preset = || {
        option("preset", "NAME", "Matching's preset, whatever the configuration file says")
            .value_parser(["default", "classic"])
    };
    [
        RunOptions::run_args(example("run", "run --raw ./data --lake ./lake"))
            .about(
                "The whole day, every stage in its order; what is new and good enough is made live",
            )
            .arg(cli::lake_arg())
            .arg(option("raw", "DIR", "The raw files [default: the lake's raw/]"))
            .arg(preset())
            .arg(option(
                "encoder-dir",
                "DIR",
                "A sentence-transformers directory: brought into the lake, and used by recommend",
            ))
            .arg(flag("no-promote", "Make versions, but leave latest.txt where it is")),
        RunOptions::run_args(example("demo", "demo --dir /tmp/demo"))
            .about("Make sample data, run the day on it, and show what came of it")
            .arg(preset())
            .arg(option("dir", "DIR", "Where to put data and lake [default: demo]")),
    ]
}

fn sample_command() -> Command {
    let number = |name, help| option(name, "N", help).value_parser(value_parser!(usize));
    let day = |name, help| option(name, "DAY", help).value_parser(value_parser!(Day));
    let share = |name, help| option(name, "SHARE", help).value_parser(value_parser!(f64));
    let line = "sample --out data --candidates 42482 --jobs 14081 --applications 53759\n  \
        mllab sample --out data/2021-06-01 --law operations --start 2020-01-01 --end 2022-12-31 \
        --candidates 1500 --jobs 500 --applications 2500 --day 2021-06-01\n  \
        mllab sample --out morning --day 2021-06-02 --break all-cvs-empty";
    let laws =
        PossibleValuesParser::new(Law::ALL.map(Law::name)).try_map(|name| name.parse::<Law>());
    let breakages = PossibleValuesParser::new(Breakage::ALL.iter().map(|breakage| breakage.name()))
        .try_map(|name| name.parse::<Breakage>());
    example("sample", line)
        .about("Make raw files of any size in the source's shape, from a seed")
        .arg(option("out", "DIR", "Where to write them").required(true))
        .arg(number("candidates", "Candidates [default: 42482]"))
        .arg(number("jobs", "Jobs [default: 14081]"))
        .arg(number("applications", "Applications [default: 53759]"))
        .arg(
            option("seed", "N", "The seed: the same one gives the same bytes [default: 42]")
                .value_parser(value_parser!(u64)),
        )
        .arg(
            option(
                "law",
                "NAME",
                "What decides how an application ends: the relation of candidate and job, or mostly \
                the job, as in real operations [default: relation]",
            )
            .value_parser(laws),
        )
        .arg(day("day", "The cumulative export of this day: what comes and ends later is not there"))
        .arg(day("start", "The first day on which jobs open [default: 2018-01-01]"))
        .arg(day("end", "The last day on which jobs open [default: 2025-12-31]"))
        .arg(day("change", "From this day on, what arrives is another mix, for good"))
        .arg(
            option("change-over", "N", "Days over which the change comes [default: 0, all at once]")
                .value_parser(value_parser!(u16)),
        )
        .arg(share("drift", "How far the data has moved, 0 to 1 [default: 0]"))
        .arg(share("bias", "How much less often women end well, 0 to 1 [default: 0]"))
        .arg(flag("hostile", "Add the rare records that no reader expects"))
        .arg(flag("personal", "Plant personal data in CVs, and write what was planted to personal.csv"))
        .arg(
            option("break", "NAME", "Then break the files, as exports break").value_parser(breakages),
        )
}

fn lake_commands() -> [Command; 9] {
    let command = |name, line| example(name, line).arg(cli::lake_arg());
    let version = |arg: Arg| arg.value_parser(value_parser!(Version));
    [
        command("versions", "versions matching")
            .about("List the versions of a stage, or of all")
            .arg(any_stage().required(false)),
        command("history", "history matching --at 2026-11-23T06:00:00Z")
            .about("What was live when")
            .arg(live_stage())
            .arg(
                option("at", "TIME", "Only what was live at this time (RFC 3339, UTC)")
                    .value_parser(value_parser!(Timestamp)),
            ),
        lake::PromoteArgs::augment_args(
            command(
                "promote",
                "promote matching v7\n  mllab promote matching v7 --anyway --reason \"the gate is wrong\"",
            )
            .arg(live_stage()),
        ),
        command("rollback", "rollback matching\n  mllab rollback matching --to v5")
            .about("Make the version live that was live before")
            .arg(live_stage())
            .arg(version(option("to", "VERSION", "This version instead"))),
        RunOptions::run_args(release::AcceptArgs::augment_args(command(
            "accept",
            "accept open-jobs --reason \"we closed a branch\"",
        ))),
        release::ReleaseCommand::augment_subcommands(
            command("release", "release list\n  mllab release rollback")
                .about("The sets of versions that were live together: list, show, publish, roll back")
                .subcommand_required(true),
        ),
        command("verify", "verify\n  mllab verify --repair")
            .about("Look whether the lake can be served: files, manifests, logs and pointers")
            .arg(any_stage().required(false))
            .arg(flag(
                "repair",
                "First put right what is safe: pointers from the logs, keys from the manifests",
            )),
        lake::RetireArgs::augment_args(
            command("retire", "retire features v1 --reason \"people.parquet is damaged\"")
                .about("Take out a version that is not live: damaged, say, or made by mistake")
                .arg(any_stage()),
        ),
        command("prune", "prune matching --keep 10")
            .about("Delete old versions")
            .long_about(
                "Delete old versions. These always stay: the live one, the one that a rollback \
                 would bring back, the one of the highest number, and all of the last 7 days.",
            )
            .arg(any_stage())
            .arg(
                option("keep", "N", "Keep the newest N [default: 30, and all of the last 30 days]")
                    .value_parser(value_parser!(usize)),
            ),
    ]
}

fn any_stage() -> Arg {
    stage_arg(|_| true)
}

/// A stage of which a version can be live.
fn live_stage() -> Arg {
    stage_arg(DayStage::goes_live)
}

fn stage_arg(holds: fn(&DayStage) -> bool) -> Arg {
    let all = STAGES.iter().chain(&STATES);
    let names: Vec<_> = all.filter(|s| holds(s)).map(|stage| stage.name).collect();
    Arg::new("stage").value_name("STAGE").required(true).value_parser(names)
}

fn example(name: &'static str, line: &str) -> Command {
    Command::new(name).after_help(format!("Example:\n  mllab {line}"))
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
    Ok(Printed { json: json!({ "script": text }), text })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_sound() {
        super::command().debug_assert();
    }

    /// What `mllab sample --out x …` asks for.
    fn sample_call(line: &str) -> crate::make::SampleCall {
        let words = ["mllab", "sample", "--out", "x"].into_iter().chain(line.split(' '));
        let matches = super::command().try_get_matches_from(words).unwrap();
        crate::make::sample_of(matches.subcommand().unwrap().1).unwrap()
    }

    #[test]
    fn a_samples_world_is_what_its_arguments_say() {
        let call = sample_call(
            "--law operations --start 2020-01-01 --end 2022-12-31 --day 2021-06-02 \
             --change 2021-03-01 --change-over 90 --break all-cvs-empty",
        );
        let day = |text: &str| text.parse::<sample::Day>().unwrap();
        let expected = sample::SampleConfig {
            law: sample::Law::Operations,
            start: day("2020-01-01"),
            end: day("2022-12-31"),
            day: Some(day("2021-06-02")),
            change: Some(day("2021-03-01")),
            change_over: 90,
            ..sample::SampleConfig::default()
        };
        assert_eq!(call.config, expected);
        assert_eq!(call.breakage, Some(sample::breakage::Breakage::AllCvsEmpty));
        let plain = sample_call("--seed 42");
        assert_eq!((plain.config, plain.breakage), (sample::SampleConfig::default(), None));
    }

    #[cfg(not(feature = "aws"))]
    #[test]
    fn a_build_without_aws_names_the_flag() {
        let given = super::command().try_get_matches_from(["mllab", "aws", "run", "--date=x"]);
        let error = super::dispatch("mllab", &given.unwrap()).unwrap_err();
        assert!(error.message.contains("--features aws"), "{error}");
        let given =
            super::command().try_get_matches_from(["mllab", "versions", "--lake=s3://my-lake"]);
        let error = super::dispatch("mllab", &given.unwrap()).unwrap_err();
        assert!(error.message.contains("--features aws"), "{error}");
    }

    /// Clap would take the documentation of a type of subcommands for it.
    #[test]
    fn a_command_with_subcommands_keeps_what_it_says_about_itself() {
        let command = super::command();
        for (name, begin) in [
            ("release", "The sets of versions that were live together"),
            ("matching", "Stage `matching` alone"),
            ("ingest", "Stage `ingest` alone"),
        ] {
            let about = command.find_subcommand(name).unwrap().get_about().unwrap().to_string();
            assert!(about.starts_with(begin), "{name}: {about}");
        }
    }

    #[test]
    fn every_command_shows_an_example() {
        let mut todo: Vec<_> = super::command().get_subcommands().cloned().collect();
        todo.retain(|command| !command.is_hide_set());
        while let Some(command) = todo.pop() {
            assert!(command.get_after_help().is_some(), "{}", command.get_name());
            todo.extend(command.get_subcommands().cloned());
        }
    }
}
