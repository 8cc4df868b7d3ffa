//! The input of an execution.

use clap::ArgMatches;
use serde_json::{Value, json};
use stage::{Error, cli::RunOptions};

/// The day that the execution stands for, and its input. What the command line does not say is left
/// to the state machine's own defaults.
pub(crate) fn from_arguments(
    given: &ArgMatches,
    options: &RunOptions,
) -> Result<(String, Value), Error> {
    let is_given =
        |name: &str| given.value_source(name) == Some(clap::parser::ValueSource::CommandLine);
    let mut input = match given.get_one::<String>("input") {
        Some(path) => from_file(path)?,
        None => json!({}),
    };
    if is_given("date") {
        input["logical_date"] = json!(options.logical_date);
    }
    // Today is the state machine's to say: by its own clock, which also tells a backfill.
    let today = json!(options.logical_date);
    let day = input.get("logical_date").unwrap_or(&today).as_str().unwrap_or_default();
    let day = day.get(..10).map(str::to_owned).ok_or_else(|| {
        Error::config(format!(
            "--input: logical_date: expected a day as \"2026-11-23\", found {}",
            input["logical_date"]
        ))
    })?;
    if options.force {
        input["force"] = json!(true);
    }
    if let Some(only) = given.get_many::<String>("only") {
        input["only"] = json!(only.collect::<Vec<_>>());
    }
    if let Value::Object(tables) = &options.config {
        let mut config = tables.clone();
        // One file for both; the state machine has a key for each.
        if let Some(gate) = config.remove("gate") {
            input["gate"] = gate;
        }
        if !config.is_empty() {
            input["config"] = Value::Object(config);
        }
    }
    if let Some(prefix) = given.get_one::<String>("raw") {
        input["raw"] = json!(format!("{}/", prefix.trim_end_matches('/')));
    }
    if let Some(rows) = given.get_one::<u64>("batch-rows") {
        input["batch_rows"] = json!(rows);
    }
    Ok((day, input))
}

fn from_file(path: &str) -> Result<Value, Error> {
    let failed =
        |reason: &dyn std::fmt::Display| Error::config(format!("--input {path}: {reason}"));
    let text = std::fs::read_to_string(path).map_err(|e| failed(&e))?;
    let input: Value = serde_json::from_str(&text).map_err(|e| failed(&e))?;
    if input.is_object() { Ok(input) } else { Err(failed(&"expected a JSON object")) }
}
