//! The new model beside the live one: a worse one is held back, one that is not goes live, whatever
//! a tree reaches.

use serde_json::{Value, json};
use stage::{Check, ErrorName, GateReport, Question};
use versioning::{Artefact, Lake};

use crate::{
    fixture::{Random, Row, Rows, generated},
    gate::verify,
    lake::{TIMES, add_features, commit_damaged_copy, lake_with, metrics, promote, run, small},
};

/// A lake whose first day's model is live, with the features of a second day.
fn second_day(first: &Rows, second: &Rows) -> Lake {
    let lake = lake_with(first);
    promote(&lake);
    add_features(&lake, second, TIMES[2]);
    lake
}

fn first_day() -> Rows {
    generated(1_500, 60, 3_000)
}

fn is_held_out(application: &Row) -> bool {
    matching::split::is_held_out(application["codigo"].as_deref().unwrap())
}

/// Deals the statuses of the applications that are trained on out anew.
fn with_labels_shuffled(mut rows: Rows) -> Rows {
    let trained_on = |rows: &mut Rows| -> Vec<usize> {
        (0..rows.applications.len()).filter(|&at| !is_held_out(&rows.applications[at])).collect()
    };
    let places = trained_on(&mut rows);
    let of = |&at: &usize| rows.applications[at]["situacao_candidato"].clone();
    let mut statuses: Vec<_> = places.iter().map(of).collect();
    Random(3).shuffle(&mut statuses);
    for (at, status) in places.into_iter().zip(statuses) {
        rows.applications[at].insert("situacao_candidato".to_owned(), status);
    }
    rows
}

/// The report of the newest version, whether it is refused or not.
fn report(lake: &Lake, gate: Value) -> GateReport {
    match verify(lake, gate) {
        Ok(report) => report,
        Err(error) => {
            assert_eq!(error.name, ErrorName::GateRefused, "{error}");
            let series = lake.series(Artefact::Matching);
            let version = series.newest().unwrap().unwrap().version().to_string();
            series.record("_gate", &version).unwrap().unwrap()
        }
    }
}

fn check<'a>(report: &'a GateReport, name: &str) -> &'a Check {
    let found = report.checks.iter().find(|check| check.name == name);
    found.unwrap_or_else(|| panic!("{name}: {:?}", report.checks))
}

fn refused(report: &GateReport) -> Vec<&str> {
    report.checks.iter().filter(|c| !c.passed).map(|c| c.name.as_str()).collect()
}

#[test]
fn a_model_of_one_more_day_is_compared_and_passes() {
    let lake = second_day(&first_day(), &generated(1_500, 60, 3_060));
    run(&lake, small()).unwrap();
    let champion = &metrics(&lake)["champion"];
    assert_eq!((&champion["live"], &champion["not_compared"]), (&json!("v1"), &Value::Null));
    let comparison = &champion["comparison"];
    let held_out = metrics(&lake)["test"]["rows"].as_u64().unwrap();
    assert_eq!(comparison["rows"], held_out);
    assert_eq!(comparison["left_out"], json!({"seen": 0, "seen_by_group": 0}));
    let measures: Vec<_> =
        comparison["measures"].as_array().unwrap().iter().map(|m| &m["measure"]).collect();
    // Two applications a day are too few for the calibration of the newest cohort.
    assert_eq!(measures[..4], ["log_loss", "pr_auc", "order", "impact_ratio"]);
    let report = report(&lake, json!({}));
    assert_eq!(refused(&report), [""; 0]);
    let compared = check(&report, "compared-with-live");
    assert!(compared.found.starts_with("compared with live v1 on "), "{}", compared.found);
    assert_eq!(compared.question, Question::Model);
    check(&report, "not-worse-log-loss");
    check(&report, "not-worse-impact-ratio");
    assert_eq!(check(&report, "carried-model-scores").found, "live v1 scores 32 of 32");
}

#[test]
fn a_model_of_shuffled_labels_is_held_back_by_name() {
    let rows = first_day();
    let lake = second_day(&rows, &with_labels_shuffled(rows.clone()));
    run(&lake, small()).unwrap();
    let report = report(&lake, json!({}));
    let refused = refused(&report);
    for name in ["not-worse-log-loss", "not-worse-pr-auc", "not-worse-order"] {
        assert!(refused.contains(&name), "{refused:?}");
    }
    assert!(report.checks.iter().all(|c| c.passed || c.question == Question::Model));
    let found = &check(&report, "not-worse-log-loss").found;
    assert!(found.contains("live v1 ") && found.contains("worse by +"), "{found}");
    // Bounds of one's own: none is surely worse at p of 0, nor by less than all of it.
    let none = self::report(&lake, json!({"worse_p": 0}));
    assert!(none.passed);
    let error = verify(&lake, json!({"worse_by": {"log_los": 0.1}})).unwrap_err();
    assert!(error.message.contains("did you mean `log_loss`?"), "{error}");
}

#[test]
fn beside_a_live_model_a_trees_lead_is_reported_and_vetoes_nothing() {
    let lake = second_day(&first_day(), &generated(1_500, 60, 3_060));
    run(&lake, small()).unwrap();
    let report = report(&lake, json!({"tree_auc": 0.9, "prior_log_loss": 1}));
    assert!(report.passed);
    for name in ["auc-above-tree", "log-loss-below-constant"] {
        let found = &check(&report, name).found;
        assert!(found.ends_with("(reported only: the comparison with live v1 decides)"), "{found}");
    }
}

#[test]
fn what_the_live_model_knows_is_left_out_and_counted() {
    let rows = first_day();
    let mut second = rows.clone();
    // A person held out turns out to be one who was trained on.
    let of = |held_out: bool| {
        let mut people = rows.applications.iter().filter(|a| is_held_out(a) == held_out);
        let last = rows.applications.iter().rev().find(|a| is_held_out(a) == held_out).unwrap();
        assert!(people.next().is_some());
        last["codigo"].clone()
    };
    let (held_out, trained_on) = (of(true), of(false));
    let count =
        |code: &Option<String>| rows.applications.iter().filter(|a| a["codigo"] == *code).count();
    for code in [&held_out, &trained_on] {
        let row = [
            ("tabela", Some("people".to_owned())),
            ("codigo", code.clone()),
            ("grupo", held_out.clone()),
        ];
        second.groups.push(row.map(|(name, value)| (name.to_owned(), value)).into());
    }
    let lake = second_day(&rows, &second);
    run(&lake, small()).unwrap();
    let left_out = &metrics(&lake)["champion"]["comparison"]["left_out"];
    let expected = json!({"seen": count(&trained_on), "seen_by_group": count(&held_out)});
    assert_eq!(*left_out, expected);
}

#[test]
fn a_live_model_that_cannot_be_compared_leaves_it_to_the_tree_and_says_so() {
    let rows = first_day();
    let lake = lake_with(&rows);
    promote(&lake);
    let live = lake.series(Artefact::Matching).newest().unwrap().unwrap();
    commit_damaged_copy(&lake, &live);
    add_features(&lake, &generated(1_500, 60, 3_060), TIMES[2]);
    run(&lake, small()).unwrap();
    let report = report(&lake, json!({"tree_auc": -0.5}));
    assert!(report.passed, "{:?}", refused(&report));
    let found = &check(&report, "compared-with-live").found;
    assert!(found.starts_with("not compared with live v2: preprocessor.json: "), "{found}");
    assert!(found.ends_with("; the constant model and the tree decide"), "{found}");
    let found = &check(&report, "carried-model-scores").found;
    assert!(found.ends_with("; this version takes its place"), "{found}");
    // Held back, it would leave features that nothing scores: the day is refused.
    let report = self::report(&lake, json!({"tree_auc": 0.9, "sure_from": 0}));
    assert_eq!(refused(&report), ["auc-above-tree", "carried-model-scores"]);
    assert_eq!(check(&report, "carried-model-scores").question, Question::Served);
}

#[test]
fn of_too_few_matches_nothing_is_compared() {
    let lake = second_day(&generated(100, 30, 200), &generated(100, 30, 210));
    run(&lake, small()).unwrap();
    let why = metrics(&lake)["champion"]["not_compared"].as_str().unwrap().to_owned();
    assert!(why.contains("expected 30 of each"), "{why}");
}
