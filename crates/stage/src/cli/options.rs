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
use crate::{Error, check_day, day_in_sao_paulo};

#[derive(Clone, Debug)]
pub struct RunOptions {
    /// The lake: a folder, or `s3://NAME`.
    pub lake: String,
    /// URIs of inputs by name.
    pub inputs: BTreeMap<String, String>,
    /// The configuration of all stages, by stage.
    pub config: Value,
    pub execution: String,
    /// The day the data stands for, `YYYY-MM-DD`.
    pub logical_date: String,
    /// Make a new version in any case.
    pub force: bool,
    pub json: bool,
    pub quiet: bool,
}

impl RunOptions {
    /// Adds `--json` and `--quiet`, which every command has.
    #[must_use]
    pub fn output_args(command: clap::Command) -> clap::Command {
        command
            .arg(flag("json", "Print one JSON object, for machines; errors too"))
            .arg(flag("quiet", "Show no progress").short('q'))
    }

    /// Adds what a command needs that makes versions: `--config`, `--date`, `--force`.
    #[must_use]
    pub fn run_args(command: clap::Command) -> clap::Command {
        command
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
                    .value_parser(day)
                    .help("The day that the data stands for [default: today in São Paulo]"),
            )
            .arg(
                Arg::new("force")
                    .long("force")
                    .action(ArgAction::SetTrue)
                    .help("Make new versions even where nothing has changed"),
            )
    }

    /// Adds `--input`, which a stage alone has.
    #[must_use]
    pub fn input_arg(command: clap::Command) -> clap::Command {
        command.arg(
            Arg::new("input")
                .long("input")
                .value_name("NAME=URI")
                .action(ArgAction::Append)
                .value_parser(named_uri)
                .help("An input by name, instead of the newest of its series"),
        )
    }

    /// The options given; those that a command does not have are as if not given.
    ///
    /// # Errors
    /// [`crate::ErrorName::ConfigInvalid`] for a configuration file that is missing, no TOML, or
    /// has a table for a stage that there is not.
    pub fn from_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let given = |name: &str| matches.try_get_one::<String>(name).ok().flatten().cloned();
        let is_set =
            |name: &str| matches.try_get_one::<bool>(name).ok().flatten().copied().unwrap_or(false);
        let inputs = matches.try_get_many::<(String, String)>("input").ok().flatten();
        let now = now();
        let date = given("date").unwrap_or_else(|| day_in_sao_paulo(now));
        check_day(&date, now)?;
        let config = given("config");
        Ok(Self {
            lake: given("lake").unwrap_or_else(|| "lake".to_owned()),
            inputs: inputs.into_iter().flatten().cloned().collect(),
            config: config.map_or(Ok(Value::Null), |path| config_file(path.as_ref()))?,
            execution: format!("{date}-{}", now.as_millis()),
            logical_date: date,
            force: is_set("force"),
            json: is_set("json"),
            quiet: is_set("quiet"),
        })
    }

    /// The configuration of one stage; null where the file has none.
    #[must_use]
    pub fn config_of(&self, stage: &str) -> Value {
        self.config.get(stage).cloned().unwrap_or(Value::Null)
    }

    /// The bounds of one stage's gate; null where the file has none.
    #[must_use]
    pub fn gate_of(&self, stage: &str) -> Value {
        let gate = self.config.get(GATE).and_then(|gate| gate.get(stage));
        gate.cloned().unwrap_or(Value::Null)
    }

    #[must_use]
    pub fn style(&self) -> Style {
        Style::detect(self.quiet || self.json)
    }
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).global(true).help(help)
}

fn day(given: &str) -> Result<String, String> {
    match given.parse::<Timestamp>() {
        Ok(_) if given.len() == 10 => Ok(given.to_owned()),
        _ => Err("expected a day as YYYY-MM-DD, such as 2026-11-23".to_owned()),
    }
}

fn named_uri(given: &str) -> Result<(String, String), String> {
    let (name, uri) = given.split_once('=').ok_or("expected NAME=URI, such as raw=./data")?;
    Ok((name.to_owned(), uri.to_owned()))
}

#[must_use]
pub fn lake_arg() -> Arg {
    Arg::new("lake")
        .long("lake")
        .value_name("DIR")
        .default_value("lake")
        .global(true)
        .help("The folder that holds the lake; s3://NAME for the buckets NAME and NAME-features, in a build for AWS")
}

/// Opens the lake that `--lake` names.
///
/// # Errors
/// [`crate::ErrorName::BadInput`] when it is not a folder, nor, in a build with S3, a bucket.
pub fn open_lake(lake: &str) -> Result<Lake, Error> {
    if Path::new(lake).is_file() {
        return Err(Error::bad_input(format!("--lake {lake}: expected a folder, found a file")));
    }
    Ok(Lake::open(lake)?)
}

/// The stages that a configuration file may have a table for.
const STAGES: [&str; 5] = ["ingest", "features", "matching", "recommend", "drift"];

/// The table that holds a table of bounds for each stage.
const GATE: &str = "gate";

/// The configuration of all stages, and the bounds of their gates, from a TOML file.
///
/// # Errors
/// [`crate::ErrorName::ConfigInvalid`] when the file is missing, is not TOML, or has anything but
/// tables of stages and of gates: what no stage reads is a mistake that would otherwise pass in silence.
pub fn config_file(path: &Path) -> Result<Value, Error> {
    let failed = |reason: &dyn std::fmt::Display| {
        Error::config(format!("--config {}: {reason}", path.display()))
    };
    let text = std::fs::read_to_string(path).map_err(|e| failed(&e))?;
    let table: toml::Table = toml::from_str(&text).map_err(|e| failed(&e))?;
    tables("", &table).map_err(|reason| failed(&reason))?;
    serde_json::to_value(table).map_err(|e| failed(&e))
}

/// Refuses what is not a table of a stage; `of` is `gate.` within the gate's own table.
fn tables(of: &str, table: &toml::Table) -> Result<(), String> {
    for (name, value) in table {
        let is_gate = of.is_empty() && name == GATE;
        if !is_gate && !STAGES.contains(&name.as_str()) {
            let near = STAGES.iter().min_by_key(|s| strsim::osa_distance(s, name));
            let near = near.copied().unwrap_or_default();
            return Err(format!(
                "[{of}{name}] is not a stage: did you mean [{of}{near}]? expected {}",
                STAGES.join(", ")
            ));
        }
        finite(&format!("{of}{name}"), value)?;
        let Some(inner) = value.as_table() else {
            return Err(format!(
                "{of}{name}: expected a table, as in [{of}{name}], found {}",
                value.type_str()
            ));
        };
        if is_gate {
            tables("gate.", inner)?;
        }
    }
    Ok(())
}

/// Refuses NaN and infinity, which JSON lacks: they would pass for values that are not given.
fn finite(key: &str, value: &toml::Value) -> Result<(), String> {
    match value {
        toml::Value::Float(x) if !x.is_finite() => {
            Err(format!("{key}: expected a finite number, found {x}"))
        }
        toml::Value::Table(table) => {
            table.iter().try_for_each(|(name, inner)| finite(&format!("{key}.{name}"), inner))
        }
        toml::Value::Array(items) => items.iter().try_for_each(|item| finite(key, item)),
        _ => Ok(()),
    }
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
pub(crate) fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    // "5" resets the peak (proc_pid_clear_refs(5)); where it may not, peaks only grow.
    if let Ok(mut file) = std::fs::OpenOptions::new().write(true).open("/proc/self/clear_refs") {
        let _ = file.write_all(b"5");
    }
    Some(kib * 1024)
}

/// Writes a file that is whole or not there; to a device or a pipe it writes as it comes.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |e: std::io::Error| {
        Error::failed(format!("--output {}: cannot be written: {e}", path.display()))
    };
    if path.exists() && !path.is_file() {
        let mut sink = std::fs::OpenOptions::new().write(true).open(path).map_err(failed)?;
        return sink.write_all(bytes).map_err(failed);
    }
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let write = || {
        let mut file = std::fs::File::create(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        #[allow(clippy::disallowed_methods, reason = "the user asked for this path")]
        std::fs::rename(&part, path)
    };
    write().map_err(|e| {
        let _ = std::fs::remove_file(&part);
        failed(e)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Result<Value, Error> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("c.toml");
        write_whole(&path, text.as_bytes()).unwrap();
        config_file(&path)
    }

    #[test]
    fn a_configuration_has_tables_of_stages_and_nothing_else() {
        assert!(config("[matching]\npreset = \"classic\"\n").is_ok());
        let error = config("[matchng]\n").unwrap_err().to_string();
        assert!(error.contains("did you mean [matching]"), "{error}");
        let error = config("matching = 3\n").unwrap_err().to_string();
        assert!(error.contains("expected a table, as in [matching], found integer"), "{error}");
        assert!(config("[").is_err());
        let bounds = config("[gate.drift]\nrefuse_at = \"never\"\n").unwrap();
        assert_eq!(bounds["gate"]["drift"]["refuse_at"], "never");
        let error = config("[gate.drfit]\n").unwrap_err().to_string();
        assert!(
            error.contains("[gate.drfit] is not a stage: did you mean [gate.drift]"),
            "{error}"
        );
        let error = config("[gate]\ndrift = \"never\"\n").unwrap_err().to_string();
        assert!(error.contains("expected a table, as in [gate.drift], found string"), "{error}");
    }

    #[test]
    fn a_number_that_is_not_finite_is_refused_by_its_key() {
        for (text, key) in [
            ("[matching.boost]\nlearning_rate = nan", "matching.boost.learning_rate"),
            ("[gate.features]\nmax_fall = -inf", "gate.features.max_fall"),
            ("[matching]\nshares = [0.5, inf]", "matching.shares"),
        ] {
            let error = config(text).unwrap_err().to_string();
            assert!(error.contains(&format!("{key}: expected a finite number, found ")), "{error}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_written_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        assert!(write_whole(&dir.path().join("none/x"), b"x").is_err());
        assert!(write_whole(dir.path(), b"x").is_err());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_there_is_replaced_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        write_whole(&path, b"longer before").unwrap();
        write_whole(&path, b"now").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"now");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
