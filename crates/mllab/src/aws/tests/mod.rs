//! What is made of a command line, and of how an execution ended.

mod input;

use clap::Command;
use serde_json::json;
use stage::ErrorName;

use super::{arn::Arn, client::Ended, message_of, outcome};

const EXECUTION: &str = "arn:aws:states:sa-east-1:123456789012:execution:mllab:daily-2026-11-24-1";

#[test]
fn a_day_that_succeeded_gives_its_time_its_output_and_its_page() {
    let ended =
        Ended { succeeded: true, seconds: 14.04, output: json!({"a": 1}), ..Ended::default() };
    let printed = outcome(ended, &Arn::of_execution(EXECUTION).unwrap()).unwrap();
    let begin = "daily-2026-11-24-1 succeeded after 14.0 s: https://sa-east-1.console.";
    assert!(printed.text.starts_with(begin), "{}", printed.text);
    let found = ["execution", "arn", "status"].map(|key| printed.json[key].as_str().unwrap());
    assert_eq!(found, ["daily-2026-11-24-1", EXECUTION, "SUCCEEDED"]);
    assert_eq!(printed.json["output"], json!({"a": 1}));
}

#[test]
fn a_failure_keeps_its_name_and_cause_and_gives_the_page_that_shows_it() {
    let failed = |error: &str, cause: &str| {
        let ended = Ended { error: error.into(), cause: cause.into(), ..Ended::default() };
        outcome(ended, &Arn::of_execution(EXECUTION).unwrap()).unwrap_err()
    };
    let error =
        failed("BadInput", r#"{"errorMessage": "ingest: raw/vagas.json: expected an object"}"#);
    assert_eq!(error.name, ErrorName::BadInput);
    assert_eq!(
        error.message,
        "daily-2026-11-24-1 ended with BadInput: ingest: raw/vagas.json: expected an object\n\
         execution: https://sa-east-1.console.aws.amazon.com/states/home?region=sa-east-1#/v2/executions/details/arn:aws:states:sa-east-1:123456789012:execution:mllab:daily-2026-11-24-1"
    );
    for status in ["Timeout", "ABORTED", "TIMED_OUT"] {
        let error = failed(status, "");
        assert_eq!(error.name, ErrorName::StageFailed, "an error of another's: {error}");
        assert!(error.message.contains(&format!("ended with {status}: ")), "{error}");
    }
}

#[test]
fn a_cause_is_printed_as_its_message() {
    let function = r#"{"errorType":"BadInput","errorMessage":"ingest: no table"}"#;
    assert_eq!(message_of(function), "ingest: no table");
    assert_eq!(message_of(&format!("Matching: {function}")), "ingest: no table");
    let job = r#"{"JobId":"1","StatusReason":"Host EC2 terminated"}"#;
    assert_eq!(message_of(job), "Host EC2 terminated");
    for text in ["", "plain: text", "{\"other\":1}", "[1]"] {
        assert_eq!(message_of(text), text);
    }
}

#[test]
fn an_arn_that_is_no_state_machine_is_refused() {
    let machine = "arn:aws:states:sa-east-1:123456789012:stateMachine:mllab";
    assert_eq!(Arn::of_state_machine(machine).unwrap().region(), "sa-east-1");
    assert!(Arn::of_state_machine(&format!("{machine}:live")).is_ok(), "an alias");
    for text in ["mllab", "arn:aws:states:::stateMachine:mllab", EXECUTION, ""] {
        let error = Arn::of_state_machine(text).unwrap_err();
        assert_eq!(error.name, ErrorName::ConfigInvalid);
        assert!(error.message.ends_with(&format!("found {text}")), "{error}");
    }
}

#[test]
fn the_console_of_every_partition_is_found() {
    let of = |partition: &str, region: &str| {
        let text = format!("arn:{partition}:states:{region}:1:execution:m:e");
        Arn::of_execution(&text).unwrap().console()
    };
    assert!(of("aws-cn", "cn-north-1").starts_with("https://console.amazonaws.cn/states/"));
    assert!(of("aws-us-gov", "us-gov-west-1").starts_with("https://console.amazonaws-us-gov.com/"));
}

/// The arguments of `mllab aws run` as clap reads them.
fn given(arguments: &[&str]) -> clap::ArgMatches {
    let line = ["mllab", "aws", "run"].iter().chain(arguments);
    let command = Command::new("mllab").subcommand(super::command());
    let matches = stage::cli::RunOptions::output_args(command).try_get_matches_from(line).unwrap();
    let (_, aws) = matches.subcommand().unwrap();
    aws.subcommand().unwrap().1.clone()
}
