//! The options that every command shares, and the host's own clock, memory and files.

use std::{
    collections::BTreeMap,
    io::Write,
    path::{Path, PathBuf},
};

use clap::{Arg, ArgAction, ArgMatches};
use serde_json::Value;
use versioning::{Lake, Timestamp};

use super::Style;
use crate::Error;

/// The options of a run.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// The lake: a folder.
    pub lake: String,
    /// URIs of inputs by name.
    pub inputs: BTreeMap<String, String>,
    /// The configuration of all stages, by stage.
    pub config: Value,
    /// The name of the execution.
    pub execution: String,
    /// The day the data stands for, `YYYY-MM-DD`.
    pub logical_date: String,
    /// Make a new version in any case.
    pub force: bool,
    /// Print JSON.
    pub json: bool,
    /// Show no progress.
    pub quiet: bool,
}

impl RunOptions {
    /// Adds the options to a command; they may stand before or after a subcommand.
    #[must_use]
    pub fn augment(command: clap::Command) -> clap::Command {
        command
            .arg(lake_arg())
            .arg(
                Arg::new("input")
                    .long("input")
                    .value_name("NAME=URI")
                    .action(ArgAction::Append)
                    .global(true)
                    .help("An input by name, instead of the newest of its series"),
            )
            .arg(
                Arg::new("config")
                    .long("config")
                    .value_name("FILE")
                    .global(true)
                    .help("A TOML file with a table for each stage: [ingest], [matching], …"),
            )
            .arg(
                Arg::new("date")
                    .long("date")
                    .value_name("YYYY-MM-DD")
                    .global(true)
                    .help("The day that the data stands for [default: today]"),
            )
            .arg(
                Arg::new("force")
                    .long("force")
                    .action(ArgAction::SetTrue)
                    .global(true)
                    .help("Make new versions even where nothing has changed"),
            )
            .arg(
                Arg::new("json")
                    .long("json")
                    .action(ArgAction::SetTrue)
                    .global(true)
                    .help("Print one JSON object, for machines; errors too"),
            )
            .arg(
                Arg::new("quiet")
                    .long("quiet")
                    .short('q')
                    .action(ArgAction::SetTrue)
                    .global(true)
                    .help("Show no progress"),
            )
    }

    /// The options given.
    ///
    /// # Errors
    /// [`crate::ErrorName::ConfigInvalid`] for a date or an input that cannot be understood, and
    /// for a configuration file that is missing or no TOML.
    pub fn of(matches: &ArgMatches) -> Result<Self, Error> {
        let mut inputs = BTreeMap::new();
        for given in matches.get_many::<String>("input").into_iter().flatten() {
            let (name, uri) = given.split_once('=').ok_or_else(|| {
                Error::config(format!("--input {given}: expected NAME=URI, such as raw=./data"))
            })?;
            inputs.insert(name.to_owned(), uri.to_owned());
        }
        let now = now();
        let today = now.to_string().chars().take(10).collect();
        let date = match matches.get_one::<String>("date") {
            None => today,
            Some(date) if date.len() == 10 && date.parse::<Timestamp>().is_ok() => date.clone(),
            Some(date) => {
                return Err(Error::config(format!(
                    "--date {date}: expected a day as YYYY-MM-DD, such as {today}"
                )));
            }
        };
        let config = matches.get_one::<String>("config");
        Ok(Self {
            lake: matches.get_one::<String>("lake").cloned().unwrap_or_else(|| "lake".to_owned()),
            inputs,
            config: config.map_or(Ok(Value::Null), |path| config_file(path.as_ref()))?,
            execution: format!("{date}-{}", now.as_millis()),
            logical_date: date,
            force: matches.get_flag("force"),
            json: matches.get_flag("json"),
            quiet: matches.get_flag("quiet"),
        })
    }

    /// The configuration of one stage; null where the file has none.
    #[must_use]
    pub fn config_of(&self, stage: &str) -> Value {
        self.config.get(stage).cloned().unwrap_or(Value::Null)
    }

    /// How progress is shown.
    #[must_use]
    pub fn style(&self) -> Style {
        Style::detect(self.quiet || self.json)
    }
}

/// `--lake D`.
#[must_use]
pub fn lake_arg() -> Arg {
    Arg::new("lake")
        .long("lake")
        .value_name("DIR")
        .default_value("lake")
        .global(true)
        .help("The folder that holds the lake")
}

/// Opens the lake that `--lake` names.
///
/// # Errors
/// [`crate::ErrorName::StoreUnavailable`] when it cannot be made or read.
pub fn open_lake(lake: &str) -> Result<Lake, Error> {
    Ok(Lake::open(lake)?)
}

/// The configuration of all stages from a TOML file.
///
/// # Errors
/// [`crate::ErrorName::ConfigInvalid`] when the file is missing, is no TOML, or has a table for a
/// stage that there is not.
pub fn config_file(path: &Path) -> Result<Value, Error> {
    let name = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|e| Error::config(format!("--config {name}: cannot be read: {e}")))?;
    let table: toml::Table =
        toml::from_str(&text).map_err(|e| Error::config(format!("--config {name}: {e}")))?;
    serde_json::to_value(table).map_err(|e| Error::config(format!("--config {name}: {e}")))
}

/// The time, by the host's clock.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "the host has the clock that stages have not")]
pub fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let millis = since.map_or(0, |d| d.as_millis());
    Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}

/// The greatest resident memory of the process so far in bytes, where the system says it; starts
/// counting anew, so that each stage has its own.
pub(super) fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    // "5" resets the peak (proc_pid_clear_refs(5)); where it may not, peaks only grow.
    if let Ok(mut file) = std::fs::OpenOptions::new().write(true).open("/proc/self/clear_refs") {
        let _ = file.write_all(b"5");
    }
    Some(kib * 1024)
}

/// Writes a file that is whole or not there.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |e: std::io::Error| {
        Error::failed(format!("--output {}: cannot be written: {e}", path.display()))
    };
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut file = std::fs::File::create(&part).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    #[allow(clippy::disallowed_methods, reason = "the user asked for this path to be replaced")]
    std::fs::rename(&part, path).map_err(failed)
}
