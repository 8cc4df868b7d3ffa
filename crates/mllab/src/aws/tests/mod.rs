//! Histories as `aws stepfunctions get-execution-history` prints them, and what is made of them.

mod input;

use clap::Command;
use serde_json::Value;
use stage::ErrorName;

use super::{
    arn::Arn,
    history::{Event, History, Outcome, Standing, cause},
    view,
};

const EXECUTION: &str = "arn:aws:states:sa-east-1:123456789012:execution:mllab:daily-2026-11-24-1";

fn recorded(text: &str) -> Vec<Event> {
    let recorded: Value = serde_json::from_str(text).unwrap();
    recorded["events"].as_array().unwrap().iter().map(event).collect()
}

fn event(told: &Value) -> Event {
    let details = told.as_object().unwrap().iter().find(|(key, _)| key.ends_with("EventDetails"));
    let details = details.map(|(_, details)| details.clone()).unwrap_or_default();
    let text = |key: &str| details[key].as_str().map(str::to_owned);
    let number = |key: &str| told[key].as_i64().unwrap();
    let at: versioning::Timestamp = told["timestamp"].as_str().unwrap().parse().unwrap();
    Event {
        id: number("id"),
        previous: number("previousEventId"),
        at: at.as_millis(),
        kind: told["type"].as_str().unwrap().to_owned(),
        state: text("name"),
        error: text("error"),
        cause: text("cause"),
        output: text("output"),
        parameters: text("parameters"),
        map_run: text("mapRunArn"),
    }
}

/// What a reader sees who follows without a terminal.
fn lines(history: &mut History, events: &[Event]) -> Vec<String> {
    let mut lines = Vec::new();
    history.take(events, |history, change| lines.extend(view::line(history, change)));
    lines
}

fn step<'a>(history: &'a History, state: &str) -> &'a super::history::Step {
    history.steps.iter().rfind(|step| step.state == state).unwrap()
}

#[test]
fn a_day_that_succeeds_after_two_retries_is_told_step_by_step() {
    let events = recorded(include_str!("retried.json"));
    let mut history = History::default();
    let said = lines(&mut history, &events);
    let of = |state: &str| -> Vec<String> {
        let prefix = format!("{state:>16}  ");
        said.iter().filter_map(|line| line.strip_prefix(&prefix)).map(str::to_owned).collect()
    };
    assert_eq!(
        of("Matching"),
        [
            "started",
            "try 1 failed with StoreUnavailable: matching: the store does not answer",
            "try 2 failed with StoreUnavailable: matching: the store does not answer",
            "done after 7.5 s  v1, new",
        ]
    );
    assert_eq!(of("Recommend"), ["started", "done after 2.0 s  v1, new"]);
    assert_eq!(
        of("Release"),
        ["started", "done after 0.1 s  release 1 is live: matching v1, recommend v1"]
    );
    let printed = view::ended(&history, &Arn::of_execution(EXECUTION).unwrap()).unwrap();
    assert!(printed.text.contains("daily-2026-11-24-1 succeeded after 14.0 s"), "{}", printed.text);
    assert_eq!(printed.json["status"], "SUCCEEDED");
    let steps = printed.json["steps"].as_array().unwrap();
    let matching = steps.iter().find(|step| step["state"] == "Matching").unwrap();
    assert_eq!(matching["failed_tries"].as_array().unwrap().len(), 2);
    assert_eq!(matching["version"], "v1");
}

#[test]
fn a_failure_is_told_by_stage_name_and_cause_with_the_pages_that_show_it() {
    let mut history = History::default();
    history.take(&recorded(include_str!("bad_input.json")), |_, _| {});
    let error = view::ended(&history, &Arn::of_execution(EXECUTION).unwrap()).unwrap_err();
    assert_eq!(error.name, ErrorName::BadInput);
    assert_eq!(
        error.message,
        "daily-2026-11-24-1 ended in Ingest: ingest: raw/vagas.json: expected an object\n\
         execution: https://sa-east-1.console.aws.amazon.com/states/home?region=sa-east-1#/v2/executions/details/arn:aws:states:sa-east-1:123456789012:execution:mllab:daily-2026-11-24-1\n\
         log: https://sa-east-1.console.aws.amazon.com/cloudwatch/home?region=sa-east-1#logsV2:log-groups/log-group/$252Faws$252Flambda$252Fmllab-ingest"
    );
    assert_eq!(step(&history, "Ingest").standing, Standing::Failed);
    assert_eq!(step(&history, "NotifyFailure").standing, Standing::Done);
}

#[test]
fn what_runs_beside_a_failure_is_told_as_stopped() {
    let mut history = History::default();
    history.take(&recorded(include_str!("stopped.json")), |_, _| {});
    assert_eq!(step(&history, "MatchingBatch").standing, Standing::Failed);
    assert_eq!(step(&history, "RecommendShards").standing, Standing::Stopped);
    let error = view::ended(&history, &Arn::of_execution(EXECUTION).unwrap()).unwrap_err();
    assert_eq!(error.name, ErrorName::StageFailed, "an error of another's: {error}");
    let begin = "daily-2026-11-24-1 ended in MatchingBatch with States.Timeout: ";
    assert!(error.message.starts_with(begin), "{error}");
}

#[test]
fn a_cause_is_told_as_its_message() {
    let function = r#"{"errorType":"BadInput","errorMessage":"ingest: no table"}"#;
    assert_eq!(cause(function), "ingest: no table");
    assert_eq!(cause(&format!("Matching: {function}")), "ingest: no table");
    assert_eq!(
        cause(r#"{"JobId":"1","StatusReason":"Host EC2 terminated"}"#),
        "Host EC2 terminated"
    );
    for text in ["", "plain: text", "{\"other\":1}", "[1]"] {
        assert_eq!(cause(text), text);
    }
}

#[test]
fn a_history_may_be_read_in_pieces_and_twice() {
    let events = recorded(include_str!("retried.json"));
    let mut whole = History::default();
    whole.take(&events, |_, _| {});
    let mut pieces = History::default();
    for end in 1..=events.len() {
        pieces.take(&events[..end], |_, _| {});
        let open = pieces.under_way().count();
        assert!(pieces.outcome.is_none() || open == 0, "nothing runs in a day that has ended");
    }
    pieces.take(&events, |_, change| panic!("told twice: {change:?}"));
    assert_eq!(format!("{:?}", pieces.steps), format!("{:?}", whole.steps));
}

#[test]
fn a_bar_says_which_try_it_is() {
    let events = recorded(include_str!("retried.json"));
    let failed = events.iter().position(|event| event.kind == "TaskFailed").unwrap();
    let mut history = History::default();
    history.take(&events[..failed], |_, _| {});
    assert_eq!(view::doing(step(&history, "Matching")), "");
    history.take(&events[..=failed], |_, _| {});
    assert_eq!(view::doing(step(&history, "Matching")), "waits after StoreUnavailable");
    let again = events.iter().skip(failed).position(|e| e.kind == "TaskScheduled").unwrap();
    history.take(&events[..=failed + again], |_, _| {});
    assert_eq!(view::doing(step(&history, "Matching")), "try 2 after StoreUnavailable");
}

#[test]
fn an_execution_that_was_stopped_or_ran_out_of_time_has_failed() {
    for (kind, name) in
        [("ExecutionAborted", "States.Aborted"), ("ExecutionTimedOut", "States.Timeout")]
    {
        let mut history = History::default();
        let event = Event { id: 1, kind: kind.to_owned(), ..Event::default() };
        history.take(&[event], |_, _| {});
        let Some(Outcome::Failed(failure)) = &history.outcome else { panic!("{history:?}") };
        assert_eq!(failure.error, name);
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
