//! The stage in a lake: one version a key, its files, and the commands that read them.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use matching::{
    Commands, Matching,
    artefacts::{METRICS, MODEL, PREDICTIONS, PREPROCESSOR},
    card::{CARD, PAGE_EN, PAGE_PT},
    decision::DECISION,
    live::LIVE_SCORES,
};
use parquet::{arrow::arrow_reader::ParquetRecordBatchReaderBuilder, file::reader::ChunkReader};
use schema::text_column;
use serde_json::{Value, json};
use stage::{Answer, Progress, Response, Silent};
use testlake::Notes;
use versioning::{Artefact, Blob, Committed, Lake, Timestamp, Version};

use crate::fixture::{Rows, generated, tables, with_second_codes};

const DATE: &str = "2025-01-31";

/// When the first features are made, when all models are, and when the second features are.
pub(crate) const TIMES: [i64; 3] = [1000, 1500, 2000];

/// A lake with the tables as its one version of the feature store.
pub(crate) fn lake_with(rows: &Rows) -> Lake {
    let lake = Lake::in_memory();
    add_features(&lake, rows, TIMES[0]);
    lake
}

/// Commits the tables as a version of the feature store, made at a time.
pub(crate) fn add_features(lake: &Lake, rows: &Rows, millis: i64) {
    let at = Timestamp::from_millis(millis);
    testlake::commit(lake, Artefact::Features, at, &rows.files(), |manifest| {
        manifest.logical_date = DATE.to_owned();
    });
}

/// Commits and puts live a model whose preprocessor is no such thing.
pub(crate) fn commit_damaged_copy(lake: &Lake, model: &Committed) {
    let damaged = Some((PREPROCESSOR, Bytes::from_static(b"{}")));
    let copy = testlake::commit_copy(lake, Artefact::Matching, model, damaged, |_| ());
    let at = Timestamp::from_millis(TIMES[1] + 1);
    testlake::promote(lake, Artefact::Matching, &copy, MODEL, at);
}

pub(crate) fn run(lake: &Lake, config: Value) -> Result<Response, stage::Error> {
    run_told(lake, config, &Silent)
}

/// Makes the version of the newest features live.
pub(crate) fn promote(lake: &Lake) {
    run(lake, small()).unwrap();
    let version = lake.series(Artefact::Matching).newest().unwrap().unwrap();
    let at = Timestamp::from_millis(TIMES[1]);
    testlake::promote(lake, Artefact::Matching, &version, MODEL, at);
}

fn run_told(lake: &Lake, config: Value, progress: &dyn Progress) -> Result<Response, stage::Error> {
    let at = Timestamp::from_millis(TIMES[1]);
    testlake::execute::<Matching>(lake, &testlake::event(DATE, config), at, progress)
}

pub(crate) fn small() -> Value {
    // Of so few people, every word counts; ten trees learn something if they are not shrunk much.
    json!({"boost": {"n_estimators": 10, "lambda": 1}, "unresolved": "negative", "replicates": 20, "min_texts": 1})
}

pub(crate) fn command(
    lake: &Lake,
    name: &str,
    args: &[(&str, &str)],
    pairs: Option<Blob>,
) -> Result<Answer, stage::Error> {
    testlake::command::<Commands>(lake, name, args, pairs, small())
}

/// Keys, part, label and probability of a file of predictions or scores.
fn probabilities(file: impl ChunkReader + 'static) -> Vec<(String, String, Option<f32>)> {
    use arrow_array::{Array, cast::AsArray, types::Float32Type};
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch.unwrap();
        let of = |name: &str| text_column(&batch, name).iter().map(|v| v.unwrap().to_owned());
        let column = batch.column_by_name("probability").unwrap();
        let column = column.as_primitive::<Float32Type>();
        let values = (0..column.len()).map(|i| column.is_valid(i).then(|| column.value(i)));
        rows.extend(of("codigo").zip(of("codigo_vaga")).zip(values).map(|((p, j), v)| (p, j, v)));
    }
    rows
}

/// A column of a file of live scores.
fn marks(file: impl ChunkReader + 'static, name: &str) -> Vec<bool> {
    use arrow_array::cast::AsArray;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let batches: Vec<_> = reader.map(Result::unwrap).collect();
    let columns = batches.iter().map(|batch| batch.column_by_name(name).unwrap());
    columns.flat_map(|c| c.as_boolean().iter().map(Option::unwrap).collect::<Vec<_>>()).collect()
}

#[test]
fn a_run_makes_one_version_of_its_files() {
    let lake = lake_with(&generated(200, 30, 600));
    let first = run(&lake, small()).unwrap();
    assert!(!first.unchanged);
    assert!(first.metrics.0["auc"].as_f64().unwrap() > 0.5);
    let rows = |part: &str| first.metrics.0[&format!("rows_{part}")].as_u64().unwrap();
    assert_eq!(rows("train") + rows("aside") + rows("test"), 600);
    let again = run(&lake, small()).unwrap();
    assert!(again.unchanged);
    assert_eq!(again.version, first.version);

    let series = lake.series(Artefact::Matching);
    let version = series.newest().unwrap().unwrap();
    version.verify().unwrap();
    let files: Vec<_> = version.manifest().outputs.iter().map(|f| f.file.as_str()).collect();
    let expected = [DECISION, METRICS, PAGE_EN, PAGE_PT, CARD, MODEL, PREDICTIONS, PREPROCESSOR];
    assert_eq!(files, expected);
    let columns = version.manifest().extra["columns"].as_array().unwrap();
    assert!(columns.iter().all(|c| c["known_at"] == "application" && c["role"] == "feature"));
    let metrics: Value =
        serde_json::from_slice(&version.open(METRICS).unwrap().bytes().unwrap()).unwrap();
    assert_eq!(metrics["auc"], first.metrics.0["auc"]);
    assert_eq!(metrics["curves"]["calibration"].as_array().unwrap().len(), 10);
    let names = |list: &str, key: &str| -> Vec<String> {
        let list = metrics[list].as_array().unwrap().iter();
        list.map(|one| one[key].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("splits", "split"), ["candidate", "job", "temporal"]);
    let others = ["prior", "decision_tree", "job_only", "candidate_only", "without_relations"];
    assert_eq!(names("baselines", "name"), others);
    assert_eq!(names("slices", "by"), ["cv_language", "area", "level", "month", "candidate"]);

    let predictions = probabilities(version.open(PREDICTIONS).unwrap());
    assert_eq!(predictions.len(), 600);
    let pairs: BTreeSet<_> = predictions.iter().map(|(p, j, _)| (p, j)).collect();
    assert_eq!(pairs.len(), 600);
    for (person, _, probability) in &predictions {
        assert_eq!(probability.is_some(), matching::split::is_held_out(person));
    }
}

/// The applications held out of the newest model, with their probabilities.
pub(crate) fn held_out(lake: &Lake) -> Vec<(String, String, Option<f32>)> {
    let version = lake.series(Artefact::Matching).newest().unwrap().unwrap();
    let all = probabilities(version.open(PREDICTIONS).unwrap()).into_iter();
    all.filter(|(.., probability)| probability.is_some()).collect()
}

#[test]
fn scores_are_those_of_the_predictions() {
    let lake = lake_with(&generated(200, 30, 600));
    run(&lake, small()).unwrap();
    let predictions = held_out(&lake);

    let (person, job, probability) = &predictions[0];
    let one = command(&lake, "score", &[("candidate", person), ("job", job)], None).unwrap();
    assert_eq!(one.json["probability"].as_f64().unwrap() as f32, probability.unwrap());
    assert_eq!(one.json["model"]["chosen"], "the newest: none is live");
    promote(&lake);
    let one = command(&lake, "score", &[("candidate", person), ("job", job)], None).unwrap();
    assert_eq!(one.json["model"], json!({"version": "v1", "chosen": "live"}));
    let newest = json!({"version": "v1", "chosen": "the newest: none is live"});
    assert_eq!(one.json["features"], newest);

    // A file of scores is a file of pairs too.
    let pairs = Blob::from(one.file.unwrap());
    let version = [("version", "v1")];
    let file = command(&lake, "score", &version, Some(pairs)).unwrap();
    assert_eq!(probabilities(Blob::from(file.file.unwrap()))[0].2, *probability);
}

#[test]
fn a_joined_table_is_scored_by_its_own_columns() {
    let rows = generated(200, 30, 600);
    let lake = lake_with(&rows);
    // Such a table tells nothing of a job's and a candidate's past: relations would differ.
    let mut config = small();
    config["relations"] = json!(false);
    run(&lake, config).unwrap();
    let joined = Blob::from(tables(&rows).candidates);
    let file = command(&lake, "score", &[], Some(joined)).unwrap();
    let scores: BTreeMap<_, _> = probabilities(Blob::from(file.file.unwrap()))
        .into_iter()
        .map(|(person, job, score)| ((person, job), score))
        .collect();
    for (person, job, probability) in held_out(&lake) {
        assert_eq!(scores[&(person, job)], probability);
    }

    // Without --output, the first are shown and all are in the JSON.
    assert_eq!(file.json["count"], 600);
    assert_eq!(file.json["features"], Value::Null);
    let listed = file.json["pairs"].as_array().unwrap();
    assert_eq!(listed.len(), 600);
    let first = &listed[0];
    let key = |name: &str| first[name].as_str().unwrap().to_owned();
    let probability = first["probability"].as_f64().unwrap() as f32;
    assert_eq!(scores[&(key("codigo"), key("codigo_vaga"))], Some(probability));
    assert_eq!(file.text.lines().count(), 2 + 1 + 10 + 1, "{}", file.text);
    assert!(file.text.contains("and 590 more: --output FILE"), "{}", file.text);
}

/// What `metrics.json` of the newest version holds.
pub(crate) fn metrics(lake: &Lake) -> Value {
    let version = lake.series(Artefact::Matching).newest().unwrap().unwrap();
    serde_json::from_slice(&version.open(METRICS).unwrap().bytes().unwrap()).unwrap()
}

#[test]
fn a_person_under_two_codes_is_one_person() {
    let lake = lake_with(&with_second_codes(generated(200, 30, 600), 4));
    run(&lake, small()).unwrap();
    let metrics = metrics(&lake);
    let counts = |records: u32, groups: u32| json!({"records": records, "groups": groups, "in_groups": 2 * groups});
    assert_eq!(metrics["same"], json!({"people": counts(250, 50), "jobs": counts(38, 8)}));
    let version = lake.series(Artefact::Matching).newest().unwrap().unwrap();
    let mut held_out = BTreeMap::new();
    for (person, _, probability) in probabilities(version.open(PREDICTIONS).unwrap()) {
        // The second code is the first and a 9.
        let group = person[..5].to_owned();
        assert_eq!(matching::split::is_held_out(&group), probability.is_some(), "{person}");
        held_out.entry(group).or_insert(probability.is_some());
    }
    // Intervals are over people, not codes.
    let people = held_out.values().filter(|held_out| **held_out).count();
    assert_eq!(metrics["splits"][0]["figures"]["candidates"], people);
    assert!(metrics["splits"][0]["test"]["candidates"].as_u64().unwrap() > people as u64);

    // A group of a record that is not there is no group of this version.
    let mut rows = with_second_codes(generated(200, 30, 600), 4);
    rows.groups[1].insert("codigo".to_owned(), Some("77".to_owned()));
    let error = run(&lake_with(&rows), small()).unwrap_err();
    assert_eq!(error.name, stage::ErrorName::BadInput);
    assert!(error.message.starts_with("groups.parquet names candidate 77, which"), "{error}");
}

#[test]
fn hires_of_another_kind_and_the_last_weeks_are_no_refusals() {
    let mut rows = generated(400, 30, 1_200);
    for (at, application) in rows.applications.iter_mut().enumerate() {
        let status = match (application["situacao_candidato"].as_deref(), at % 20) {
            (_, 3) => "Contratado como Hunting",
            (_, 4) => "Documentação CLT",
            (_, 5) => "Outro",
            (Some("Prospect"), 6) => "Recusado",
            _ => continue,
        };
        application.insert("situacao_candidato".to_owned(), Some(status.to_owned()));
    }
    // Two applications a day, so 180 are younger than 90 days.
    let of = |unresolved: Value, positive: &[&str]| {
        let lake = lake_with(&rows);
        let mut config = small();
        config["unresolved"] = unresolved;
        if !positive.is_empty() {
            config["positive"] = json!(positive);
        }
        run(&lake, config).unwrap();
        let metrics = metrics(&lake);
        let count = |key: &str| metrics["labels"][key].as_u64().unwrap();
        let learnt_from = ["train", "aside", "test"].map(|part| {
            let part = &metrics[part];
            (part["rows"].as_u64().unwrap(), part["positives"].as_u64().unwrap())
        });
        let rows: u64 = learnt_from.iter().map(|part| part.0).sum();
        let positives: u64 = learnt_from.iter().map(|part| part.1).sum();
        let kept = ["matches", "resolved_others", "unresolved_as_others"].map(count);
        assert_eq!((rows, positives), (kept.iter().sum(), kept[0]));
        assert_eq!(rows + count("left_out"), 1_200);
        let why = ["left_out_young", "left_out_other"].map(count);
        (rows, positives, why)
    };
    let (all, positives, _) = of(json!("negative"), &[]);
    assert_eq!(all, 1_200);
    let (rows, fewer, why) = of(json!({"drop_younger_than": 90}), &[]);
    assert_eq!((rows, why), (1_020 - 153, [180, 153]));
    assert!(fewer < positives);
    // Named as a match, hunting is one; papers and what is not known stay out.
    let positive = ["Aprovado", "Contratado como Hunting"];
    let (rows, more, why) = of(json!({"drop_younger_than": 90}), &positive);
    assert_eq!((rows, more, why), (1_020 - 102, fewer + 51, [180, 102]));
}

#[test]
fn the_model_that_was_live_when_the_features_were_made_scores_them_too() {
    let second_day = generated(220, 30, 660);
    let mut first_day = second_day.clone();
    first_day.applications.truncate(600);
    let lake = lake_with(&first_day);
    promote(&lake);
    // Before the promotion: the first day's rerun finds the first day's version.
    assert!(run(&lake, small()).unwrap().unchanged);
    add_features(&lake, &second_day, TIMES[2]);
    let second = run(&lake, small()).unwrap();
    assert_eq!((second.version.as_str(), &second.metrics.0["live_version"]), ("v2", &json!("v1")));
    let series = lake.series(Artefact::Matching);
    let [first, second] = [1, 2].map(|n| series.get(Version::new(n).unwrap()).unwrap());
    assert!(first.manifest().output(LIVE_SCORES).is_none());
    let live = second.manifest().inputs.iter().find(|input| input.name == "live").unwrap();
    assert_eq!(live.version, Some(first.version()));
    assert_eq!(live.sha256, first.manifest().content_hash());

    let scores = probabilities(second.open(LIVE_SCORES).unwrap());
    assert_eq!(scores.len(), 660);
    let predictions = probabilities(first.open(PREDICTIONS).unwrap());
    let trained_on: BTreeSet<_> =
        predictions.iter().filter(|(.., p)| p.is_none()).map(|(p, ..)| p.clone()).collect();
    assert!(!trained_on.is_empty());
    let held_out: BTreeMap<_, _> = predictions
        .into_iter()
        .filter_map(|(person, job, probability)| Some(((person, job), probability?)))
        .collect();
    let unseen = marks(second.open(LIVE_SCORES).unwrap(), "unseen");
    // The rule that keeps all calls all mature.
    let mature = marks(second.open(LIVE_SCORES).unwrap(), "mature");
    assert!(mature.len() == 660 && mature.iter().all(|&mature| mature));
    let mut same = 0;
    for ((person, job, probability), unseen) in scores.into_iter().zip(unseen) {
        assert_eq!(unseen, !trained_on.contains(&person), "{person}");
        let Some(before) = held_out.get(&(person, job)) else { continue };
        assert_eq!(probability.as_ref(), Some(before));
        same += 1;
    }
    assert!(same > 10, "only {same} applications are in both days");
}

#[test]
fn features_are_compared_with_the_version_before() {
    let mut rows = generated(600, 30, 1_200);
    let mut first_day = rows.clone();
    for application in first_day.applications.iter_mut().skip(900) {
        let open = Some("Prospect".to_owned());
        application.insert("situacao_candidato".to_owned(), open);
    }
    let lake = lake_with(&first_day);
    let input = |version: u64| {
        let version = lake.series(Artefact::Matching).get(Version::new(version).unwrap()).unwrap();
        let inputs = version.manifest().inputs.clone();
        inputs.into_iter().find(|input| input.name == "before").and_then(|input| input.version)
    };
    // The first version of the features has none before.
    run(&lake, small()).unwrap();
    assert_eq!(input(1), None);
    // The second has, again and again.
    add_features(&lake, &rows, TIMES[2]);
    assert_eq!(run(&lake, small()).unwrap().version, "v2");
    assert_eq!(input(2), Version::new(1));
    assert!(run(&lake, small()).unwrap().unchanged);
    // A column that was written anew for those who were taken in between.
    for (person, taken) in people_taken(&rows, 900) {
        if taken {
            rows.people[person].insert("cidade".to_owned(), Some("Recife".to_owned()));
        }
    }
    let lake = lake_with(&first_day);
    add_features(&lake, &rows, TIMES[2]);
    let error = run(&lake, small()).unwrap_err();
    assert_eq!(error.name, stage::ErrorName::BadInput);
    assert!(error.message.starts_with("cidade has changed since"), "{error}");
    assert!(lake.series(Artefact::Matching).newest().unwrap().is_none());
}

/// The candidates, and whether one of their applications from `first` on is a match.
fn people_taken(rows: &Rows, first: usize) -> Vec<(usize, bool)> {
    let of = |person: &crate::fixture::Row| {
        rows.applications[first..].iter().any(|a| {
            a["codigo"] == person["codigo"]
                && a["situacao_candidato"].as_deref() == Some("Aprovado")
        })
    };
    rows.people.iter().map(of).enumerate().collect()
}

#[test]
fn a_live_model_that_cannot_be_read_is_told_and_training_goes_on() {
    let rows = generated(200, 30, 600);
    let lake = lake_with(&rows);
    promote(&lake);
    let live = lake.series(Artefact::Matching).newest().unwrap().unwrap();
    commit_damaged_copy(&lake, &live);
    add_features(&lake, &generated(220, 30, 660), TIMES[2]);
    let told = Notes::default();
    let response = run_told(&lake, small(), &told).unwrap();
    assert_eq!(response.metrics.0["live_version"], Value::Null);
    let notes = told.0.lock().unwrap().join("\n");
    assert!(
        notes.contains("live_scores.parquet is left out: live v2: preprocessor.json"),
        "{notes}"
    );
}

#[test]
fn wrong_arguments_say_what_to_do() {
    let lake = lake_with(&generated(200, 30, 600));
    let said = |args: &[(&str, &str)]| {
        let error = command(&lake, "score", args, None).unwrap_err();
        assert_eq!(error.name, stage::ErrorName::BadInput);
        error.message
    };
    assert!(said(&[("candidate", "31001"), ("job", "5001")]).contains("run `matching` first"));
    run(&lake, small()).unwrap();
    let message = said(&[("candidate", "41001"), ("job", "5999")]);
    assert!(message.contains("candidate 41001 (near: 31001"), "{message}");
    assert!(message.contains("job 5999 (near: 5009"), "{message}");
    assert!(said(&[("candidate", "31001")]).contains("--job"));
    assert!(said(&[("version", "seven")]).contains("such as v7"));

    let csv = Blob::from(b"codigo,codigo_vaga\n1,2\n".to_vec());
    let error = command(&lake, "score", &[("pairs", "d/truth.csv")], Some(csv)).unwrap_err();
    assert_eq!(error.name, stage::ErrorName::BadInput);
    assert!(error.message.starts_with("--pairs d/truth.csv: expected Parquet"), "{error}");
}

#[test]
fn evaluate_compares_the_splits_and_makes_no_version() {
    let lake = lake_with(&generated(200, 30, 600));
    let answer = command(&lake, "evaluate", &[], None).unwrap();
    assert_eq!(answer.json["splits"].as_array().unwrap().len(), 4);
    let lines: Vec<Vec<_>> =
        answer.text.lines().map(|line| line.split_whitespace().collect()).collect();
    assert!(
        lines.contains(&vec!["split", "candidate", "job", "temporal", "stratified"]),
        "{}",
        answer.text
    );
    let auc =
        [0, 1, 2, 3].map(|i| format!("{:.4}", answer.json["splits"][i]["auc"].as_f64().unwrap()));
    let line: Vec<_> = std::iter::once("AUC").chain(auc.iter().map(String::as_str)).collect();
    assert!(lines.contains(&line), "{}", answer.text);
    assert!(lake.series(Artefact::Matching).newest().unwrap().is_none());
}

#[test]
fn tables_of_two_versions_are_refused() {
    let mut rows = generated(50, 10, 100);
    let full = tables(&rows);
    rows.people.truncate(20);
    let mixed = matching::dataset::Tables { people: tables(&rows).people, ..full };
    let error = matching::dataset::Dataset::read(&mixed, &[]).unwrap_err();
    assert!(error.to_string().contains("which people.parquet has not"), "{error}");
}
