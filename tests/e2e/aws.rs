//! What runs on AWS is named alike everywhere: state machine, template, events, docs and their
//! diagram of the day.

use std::{collections::BTreeSet, fs};

use serde_json::Value;

use crate::{
    statemachine::{capital, machine},
    tidy::{STAGES, root},
};

/// All states of a machine and of the machines inside it, each with its name.
fn states(machine: &Value) -> Vec<(&str, &Value)> {
    let mut all = Vec::new();
    for (name, state) in machine["States"].as_object().unwrap() {
        let inside = state["Branches"].as_array().into_iter().flatten();
        all.extend(inside.chain(state.get("ItemProcessor")).flat_map(states));
        all.push((name, state));
    }
    all
}

/// The tasks, each with who does it: `Ingest` … `Drift`, `Batch`, `SNS`.
fn tasks(machine: &Value) -> BTreeSet<(String, String)> {
    let tasks = states(machine).into_iter().filter(|(_, state)| state["Type"] == "Task");
    tasks
        .map(|(state, task)| {
            let function = task["Parameters"]["FunctionName"].as_str().unwrap_or_default();
            let by = match task["Resource"].as_str().unwrap() {
                resource if resource.contains(":batch:") => "Batch",
                resource if resource.contains(":sns:") => "SNS",
                _ => function.trim_start_matches("${").trim_end_matches("FunctionAlias}"),
            };
            (state.to_owned(), by.to_owned())
        })
        .collect()
}

#[test]
fn the_diagram_in_the_docs_is_the_state_machine() {
    let page = fs::read_to_string(root().join("docs/aws.md")).unwrap();
    let diagram = page.split("```mermaid").nth(1).unwrap().split("```").next().unwrap();
    let calls = diagram.lines().filter_map(|line| line.trim().strip_prefix("Steps->>"));
    let told: BTreeSet<_> = calls
        .map(|call| {
            let (by, state) = call.trim_start_matches('+').split_once(": ").unwrap();
            (state.split_whitespace().next().unwrap().to_owned(), by.to_owned())
        })
        .collect();
    assert_eq!(
        told,
        tasks(&machine()),
        "left: the diagram in docs/aws.md; right: the state machine"
    );
}

#[test]
fn every_stage_has_its_state_function_event_and_row() {
    let template = fs::read_to_string(root().join("infra/template.yaml")).unwrap();
    let machine = machine();
    let by = tasks(&machine).into_iter().map(|(_, by)| by);
    let functions: BTreeSet<String> = by.filter(|by| by != "Batch" && by != "SNS").collect();
    let stages: BTreeSet<String> = STAGES.iter().map(|stage| capital(stage)).collect();
    assert_eq!(functions, stages, "the functions that the state machine calls are the stages");
    let names: BTreeSet<&str> = states(&machine).into_iter().map(|(name, _)| name).collect();
    for stage in STAGES {
        let function = format!("{}Function", capital(stage));
        assert!(names.contains(&*capital(stage)), "no state is called after {stage}");
        assert!(template.contains(&format!("\n  {function}:\n")), "no {function} in the template");
        assert!(
            template.contains(&format!("{function}Alias:")),
            "the template gives the state machine no {function}Alias"
        );
        let event = root().join(format!("events/{stage}.json"));
        let event: Value = serde_json::from_str(&fs::read_to_string(&event).unwrap()).unwrap();
        let event: stage::Event = serde_json::from_value(event).unwrap();
        assert_eq!(event.action, stage::Action::Run, "events/{stage}.json runs the stage");
    }
}

#[test]
fn every_event_is_one_that_a_stage_takes() {
    for entry in fs::read_dir(root().join("events")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "json") {
            // `matching.json` runs it, `matching-verify.json` does something else.
            let name = path.file_stem().unwrap().to_str().unwrap();
            let stage = name.split('-').next().unwrap();
            assert!(STAGES.contains(&stage), "{}: no stage `{stage}`", path.display());
            let text = fs::read_to_string(&path).unwrap();
            let event = serde_json::from_str::<stage::Event>(&text);
            assert!(event.is_ok(), "{}: {}", path.display(), event.unwrap_err());
        }
    }
}

#[test]
fn every_task_has_a_time_limit_retries_and_somewhere_for_its_failure_to_go() {
    let machine = machine();
    for (name, state) in states(&machine) {
        let kind = state["Type"].as_str().unwrap();
        if kind == "Task" {
            assert!(state["TimeoutSeconds"].is_u64(), "{name} may take for ever");
            let retries = state["Retry"].as_array().unwrap_or_else(|| panic!("{name}: no Retry"));
            for retry in retries.iter().filter(|retry| retry["MaxAttempts"] != 0) {
                assert!(
                    retry["MaxDelaySeconds"].is_u64() && retry["JitterStrategy"] == "FULL",
                    "{name}"
                );
            }
        }
        if ["Task", "Map", "Parallel"].contains(&kind) {
            let caught = state["Catch"].as_array().unwrap_or_else(|| panic!("{name}: no Catch"));
            let all = caught.last().unwrap()["ErrorEquals"].as_array().unwrap();
            assert_eq!(all, &["States.ALL"], "{name} catches everything at last");
        }
    }
}

/// A throttled function is a shard's everyday: as many wait as the account's limit keeps out.
#[test]
fn a_shard_waits_for_its_function_longer_than_any_other_task() {
    let machine = machine();
    let all = states(&machine);
    let maps: Vec<&Value> =
        all.iter().map(|(_, state)| *state).filter(|state| state["Type"] == "Map").collect();
    assert_eq!(maps.len(), 2);
    for map in maps {
        assert_eq!(map["ToleratedFailureCount"], 0, "the first failure ends it");
        assert_eq!(map["MaxConcurrencyPath"], "$.run.shards_at_once");
        let shards = states(&map["ItemProcessor"]);
        let (name, shard) = shards.iter().find(|(_, state)| state["Type"] == "Task").unwrap();
        let throttled = &shard["Retry"][0];
        assert_eq!(
            throttled["ErrorEquals"],
            serde_json::json!(["Lambda.TooManyRequestsException"]),
            "{name}"
        );
        assert!(throttled["MaxAttempts"].as_u64() >= Some(40), "{name}");
        // Each adds to the output of the Map, which is limited.
        for (name, state) in shards.iter().filter(|(_, state)| state["End"] == true) {
            let given = state["Parameters"].to_string();
            assert!(!given.contains("$.caught.Cause"), "{name}: of any length: {given}");
        }
    }
}
