//! What the state machine is given for a command line.

use serde_json::{Value, json};
use stage::{Error, cli::RunOptions};

use super::given;

fn input(arguments: &[&str]) -> Result<(String, Value), Error> {
    let given = given(arguments);
    super::super::input::from_arguments(&given, &RunOptions::from_matches(&given)?)
}

#[test]
fn what_is_not_given_is_left_to_the_state_machine() {
    let (day, input) = input(&["--date", "2026-11-23"]).unwrap();
    assert_eq!((day.as_str(), input), ("2026-11-23", json!({"logical_date": "2026-11-23"})));
}

#[test]
fn without_a_day_it_is_today() {
    let (day, input) = input(&[]).unwrap();
    assert_eq!(input, json!({}), "the state machine's own");
    assert_eq!(day.len(), 10);
}

#[test]
fn what_is_given_is_passed_on() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("c.toml");
    #[allow(clippy::disallowed_methods, reason = "the test plays the user who writes a file")]
    std::fs::write(&config, "[matching]\npreset = \"classic\"\n").unwrap();
    let (_, input) = input(&[
        "--date=2026-11-23",
        "--force",
        "--only=features",
        "--only=matching",
        "--raw=raw-archive/2026-11-23",
        "--batch-rows=500",
        "--config",
        config.to_str().unwrap(),
    ])
    .unwrap();
    assert_eq!(
        input,
        json!({
            "logical_date": "2026-11-23",
            "force": true,
            "only": ["features", "matching"],
            "raw": "raw-archive/2026-11-23/",
            "batch_rows": 500,
            "config": {"matching": {"preset": "classic"}},
        })
    );
}

#[test]
fn a_whole_input_is_taken_from_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let of = |text: &str, more: &[&str]| {
        let path = dir.path().join("input.json");
        #[allow(clippy::disallowed_methods, reason = "the test plays the user who writes a file")]
        std::fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap();
        input(&[&["--input", path], more].concat())
    };
    let (day, input) =
        of(r#"{"logical_date": "2026-11-20T05:00:00Z", "force": true}"#, &[]).unwrap();
    assert_eq!(day, "2026-11-20");
    assert_eq!(input, json!({"logical_date": "2026-11-20T05:00:00Z", "force": true}));
    let (day, _) = of(r#"{"logical_date": "2026-11-20"}"#, &["--date=2026-11-21"]).unwrap();
    assert_eq!(day, "2026-11-21", "the command line goes before the file");
    for (text, reason) in [
        ("[]", "expected a JSON object"),
        ("{", "EOF while parsing"),
        (r#"{"logical_date": 3}"#, "expected a day as \"2026-11-23\", found 3"),
    ] {
        let error = of(text, &[]).unwrap_err();
        assert_eq!(error.name, stage::ErrorName::ConfigInvalid);
        assert!(error.message.contains(reason), "{error}");
    }
}
