//! A stage's configuration from JSON, with a suggestion for a key that is unknown.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Error, Stage};

/// Reads the configuration of `stage`; `null` is the default one.
///
/// # Errors
/// [`crate::ErrorName::ConfigInvalid`] for an unknown key (with the nearest known one) and for a
/// value of the wrong type.
pub fn parse_config<C: DeserializeOwned + Default>(stage: &str, value: &Value) -> Result<C, Error> {
    if value.is_null() {
        return Ok(C::default());
    }
    serde_path_to_error::deserialize(value).map_err(|e| {
        let path = e.path().to_string();
        let place = if path == "." { stage.to_owned() } else { format!("{stage}.{path}") };
        Error::config(explain(&place, &e.into_inner().to_string()))
    })
}

/// Reads and checks the configuration of a stage, as [`crate::execute`] does before anything runs.
///
/// # Errors
/// As [`parse_config`], and what the stage's own check says.
pub fn checked_config<S: Stage>(value: &Value) -> Result<S::Config, Error> {
    let config = parse_config(S::NAME, value)?;
    S::check(&config)?;
    Ok(config)
}

/// Reads and checks the bounds of a stage's gate: a mistake in them is better told before a day has
/// run than after it.
pub fn checked_gate<S: Stage>(value: &Value) -> Result<S::Gate, Error> {
    let bounds = parse_config(&format!("gate.{}", S::NAME), value)?;
    S::check_gate(&bounds)?;
    Ok(bounds)
}

/// Refuses a value of `stage`'s configuration that lies outside `range`, or is not a number.
///
/// # Errors
/// [`crate::ErrorName::ConfigInvalid`] naming the key, what was expected and what was found.
pub fn within<T: PartialOrd + std::fmt::Display>(
    stage: &str,
    key: &str,
    found: T,
    range: std::ops::RangeInclusive<T>,
) -> Result<(), Error> {
    if range.contains(&found) {
        return Ok(());
    }
    let (least, most) = range.into_inner();
    Err(Error::config(format!("config of {stage}: `{key}` is {found}, expected {least} to {most}")))
}

/// What serde calls Rust's types, in the words of the file.
const WORDS: [(&str, &str); 9] = [
    ("expected u64", "expected a whole number"),
    ("expected u32", "expected a whole number"),
    ("expected usize", "expected a whole number"),
    ("expected i32", "expected a whole number"),
    ("expected f64", "expected a number"),
    ("expected a boolean", "expected true or false"),
    ("expected struct", "expected a table:"),
    ("invalid type: ", "found "),
    ("invalid value: ", "found "),
];

/// serde says "unknown field `dpeth`, expected one of `depth`, `rounds`": that list is where the
/// suggestion comes from.
fn explain(stage: &str, message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let plain = || {
        let words = |text: String, (from, to): &(&str, &str)| text.replace(from, to);
        format!("config of {stage}: {}", WORDS.iter().fold(message.to_owned(), words))
    };
    let ["unknown field" | "unknown variant"] = [message.split(" `").next().unwrap_or_default()]
    else {
        return plain();
    };
    let Some((found, known)) = quoted.split_first() else { return plain() };
    let nearest = known
        .iter()
        .map(|k| (strsim::osa_distance(found, k), *k))
        .filter(|(distance, k)| *distance <= 1 + k.len() / 3)
        .min();
    match nearest {
        Some((_, key)) => {
            format!("config of {stage}: `{found}` is unknown: did you mean `{key}`?")
        }
        None if known.is_empty() => {
            format!("config of {stage}: `{found}` is unknown: there is nothing to set")
        }
        None => {
            format!("config of {stage}: `{found}` is unknown: expected one of {}", known.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;
    use crate::NoBounds;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Config {
        max_depth: u32,
        learning_rate: f64,
    }

    #[test]
    fn absent_keys_have_their_defaults() {
        let config: Config = parse_config("matching", &json!({"max_depth": 7})).unwrap();
        assert_eq!(config, Config { max_depth: 7, learning_rate: 0.0 });
        assert_eq!(parse_config::<Config>("matching", &Value::Null).unwrap(), Config::default());
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_nearest_known_one() {
        let error = parse_config::<Config>("matching", &json!({"max_dpeth": 7})).unwrap_err();
        assert_eq!(
            error.to_string(),
            "config of matching.max_dpeth: `max_dpeth` is unknown: did you mean `max_depth`?"
        );
        let error = parse_config::<Config>("matching", &json!({"zzz": 7})).unwrap_err();
        assert!(error.to_string().ends_with("expected one of max_depth, learning_rate"));
    }

    #[test]
    fn a_gate_without_bounds_takes_none() {
        let read = |gate: &Value| parse_config::<NoBounds>("gate.ingest", gate);
        assert!(read(&Value::Null).is_ok() && read(&json!({})).is_ok());
        let error = read(&json!({"recall": 0.9})).unwrap_err().to_string();
        assert_eq!(
            error,
            "config of gate.ingest.recall: `recall` is unknown: there is nothing to set"
        );
    }

    #[test]
    fn a_value_of_another_type_is_refused() {
        let error = parse_config::<Config>("matching", &json!({"max_depth": "x"})).unwrap_err();
        let error = error.to_string();
        assert_eq!(
            error,
            "config of matching.max_depth: found string \"x\", expected a whole number"
        );
    }
}
