//! What goes live and what does not.

use std::sync::LazyLock;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, cast::AsArray, types::Float64Type};
use bytes::Bytes;
use parquet::arrow::{ArrowWriter, arrow_reader::ParquetRecordBatchReaderBuilder};
use recommend::{
    Recommend,
    artefacts::{EVALUATION, INDEX, JOB_EMBEDDINGS, METRICS, RECOMMENDATIONS},
};
use serde_json::{Value, json};
use stage::GateReport;
use versioning::{
    Artefact, Body, Committed, Key, Lake, Manifest, Precondition, Timestamp, Version,
};

use crate::fixture::{Rows, add_features, bytes, generated, lake_with, run, version};

/// What the gate says of the newest version.
fn verify(lake: &Lake, gate: Value) -> Result<GateReport, stage::Error> {
    testlake::verify::<Recommend>(lake, "2025-06-30", gate, Timestamp::from_millis(9_000))
}

/// A lake with a version, which is live.
fn live(config: Value) -> (Lake, Committed) {
    live_of(&generated(120, 90, 200), config)
}

fn live_of(rows: &Rows, config: Value) -> (Lake, Committed) {
    let lake = lake_with(rows);
    let made = version(&lake, &run(&lake, config).unwrap());
    promote(&lake, made.version());
    (lake, made)
}

fn promote(lake: &Lake, version: Version) {
    let lines = [format!("{version}/{INDEX}")];
    let series = lake.series(Artefact::Recommend);
    series.promote(version, &lines, Timestamp::from_millis(6_000), "test").unwrap();
}

/// A version of as many jobs of other texts, of which other jobs are recommended.
static OTHER: LazyLock<Committed> = LazyLock::new(|| {
    let lake = lake_with(&generated(110, 90, 200));
    version(&lake, &run(&lake, json!({})).unwrap())
});

/// Commits the version once more with another file, or manifest.
fn changed(
    lake: &Lake,
    made: &Committed,
    file: Option<(&str, Bytes)>,
    change: impl FnOnce(&mut Manifest),
) {
    testlake::commit_copy(lake, Artefact::Recommend, made, file, change);
}

/// The newest version is refused for what is `said`; that is stored, and nothing moves.
fn refused(lake: &Lake, gate: Value, said: &str) {
    let before = lake.series(Artefact::Recommend).live().unwrap();
    let report = verify(lake, gate).unwrap();
    let failed = report.checks.iter().filter(|check| !check.passed);
    let failed: Vec<String> = failed
        .map(|c| format!("{}: expected {}, found {}", c.check, c.expected, c.found))
        .collect();
    assert!(!report.passed && failed.concat().contains(said), "{failed:?}");
    assert_eq!(lake.series(Artefact::Recommend).live().unwrap(), before);
    let series = lake.series(Artefact::Recommend);
    let version = series.newest().unwrap().unwrap().version().to_string();
    let stored: GateReport = series.record("_gate", &version).unwrap().unwrap();
    assert!(!stored.passed && stored.checks.iter().any(|check| !check.passed));
}

#[test]
fn a_version_that_is_served_as_it_was_made_passes() {
    for config in [json!({}), json!({"jobs": "all", "top_k": 5})] {
        let (lake, _) = live(config);
        let report = verify(&lake, json!({})).unwrap();
        let names: Vec<_> = report.checks.iter().map(|check| check.check.as_str()).collect();
        let expected = [
            "files",
            "records",
            "golden queries",
            "recall of the index",
            "open jobs",
            "reach of the recommendations",
            "ranking against chance",
        ];
        assert_eq!(names, expected);
        assert_eq!(report.checks[1].found, "120 candidates and 90 jobs");
        assert_eq!(report.checks[2].found, "32 of 32, the furthest cosine by 0.0e0");
    }
}

#[test]
fn recommendations_that_the_vectors_do_not_give_are_refused() {
    let (lake, made) = live(json!({}));
    let all = {
        let (_, made) = live(json!({"jobs": "all"}));
        bytes(&made, RECOMMENDATIONS)
    };
    changed(&lake, &made, Some((RECOMMENDATIONS, all)), |_| ());
    refused(&lake, json!({"golden": 10}), "golden queries: expected the recommendations of 10");
}

#[test]
fn an_index_that_finds_other_jobs_is_refused() {
    let (lake, made) = live(json!({}));
    changed(&lake, &made, Some((INDEX, bytes(&OTHER, INDEX))), |_| ());
    refused(&lake, json!({}), "recall of the index: expected at least 0.95 of the 10 nearest jobs");
    assert!(verify(&lake, json!({"recall": 0})).unwrap().passed);
}

#[test]
fn what_the_serving_code_cannot_read_is_refused() {
    let (lake, made) = live(json!({}));
    let cut = bytes(&made, JOB_EMBEDDINGS).slice(..4_000);
    changed(&lake, &made, Some((JOB_EMBEDDINGS, cut)), |_| ());
    refused(&lake, json!({}), "vectors and index: expected");
    refused(&lake, json!({}), "the file is cut");
}

#[test]
fn a_version_of_other_records_than_its_features_is_refused() {
    let (lake, made) = live(json!({}));
    add_features(&lake, &generated(121, 90, 200), "2025-07-01");
    changed(&lake, &made, None, |manifest| {
        manifest.inputs.iter_mut().for_each(|input| {
            if input.name == "features" {
                input.version = Version::new(2);
            }
        });
    });
    refused(
        &lake,
        json!({}),
        "records: expected 121 candidates and 90 jobs, as features v2 has, found 120 candidates and 90 jobs",
    );
}

/// The figures with another number at a place.
fn metrics_with(made: &Committed, numbers: &[(&str, Value)]) -> Bytes {
    let mut metrics: Value = serde_json::from_slice(&bytes(made, METRICS)).unwrap();
    for (pointer, number) in numbers {
        *metrics.pointer_mut(pointer).unwrap() = number.clone();
    }
    serde_json::to_vec(&metrics).unwrap().into()
}

/// A check of the report, by its name.
fn found(report: &GateReport, name: &str) -> String {
    report.checks.iter().find(|check| check.name == name).unwrap().found.clone()
}

#[test]
fn a_collapse_of_the_open_jobs_is_refused_and_a_season_is_not() {
    const OPEN: &str = "/recommendations/open_jobs";
    let (lake, made) = live(json!({}));
    let metrics: Value = serde_json::from_slice(&bytes(&made, METRICS)).unwrap();
    let open = metrics.pointer(OPEN).unwrap().as_u64().unwrap();
    assert!(open >= 20, "{open}");
    let with = |number: u64| metrics_with(&made, &[(OPEN, json!(number))]);
    changed(&lake, &made, Some((METRICS, with(open / 2))), |_| ());
    assert!(verify(&lake, json!({})).unwrap().passed);
    changed(&lake, &made, Some((METRICS, with(1))), |_| ());
    refused(
        &lake,
        json!({}),
        &format!("open jobs: expected at least 0.25 of the {open} of v1 (live), found 1"),
    );
    assert!(verify(&lake, json!({"open_jobs": 0})).unwrap().passed);
    // Another span of days is not a collapse; to have none is.
    let other_days = |manifest: &mut Manifest| manifest.config["open_days"] = json!(1);
    let few = [(OPEN, json!(1)), ("/recommendations/jobs", json!(1))];
    changed(&lake, &made, Some((METRICS, metrics_with(&made, &few))), other_days);
    // With other days the golden queries are other ones; the open jobs are not what is refused.
    let report = verify(&lake, json!({"golden": 1})).unwrap();
    assert!(report.checks.iter().all(|check| check.name != "open-jobs" || check.passed));
    changed(&lake, &made, Some((METRICS, with(0))), other_days);
    refused(
        &lake,
        json!({}),
        "open jobs: expected at least 1 (not compared with v1 (live), which has another open_days), found 0",
    );
}

#[test]
fn one_job_for_everybody_is_refused() {
    const COVERAGE: &str = "/recommendations/coverage";
    const CANDIDATES: &str = "/recommendations/candidates";
    let (lake, made) = live(json!({}));
    let with = |numbers: &[(&str, Value)]| Some((METRICS, metrics_with(&made, numbers)));
    changed(&lake, &made, with(&[(COVERAGE, json!(0.5)), (CANDIDATES, json!(80))]), |_| ());
    assert!(verify(&lake, json!({})).unwrap().passed);
    changed(&lake, &made, with(&[(COVERAGE, json!(0.02))]), |_| ());
    refused(&lake, json!({}), "reach of the recommendations: expected recommendations for");
    refused(&lake, json!({"coverage": 0}), "1 different jobs of");
    changed(&lake, &made, with(&[(CANDIDATES, json!(20))]), |_| ());
    refused(&lake, json!({}), "found for 0.167 of the candidates");
    // On a first day there is nothing to compare with, and one job is still too few.
    let lake = lake_with(&generated(120, 90, 200));
    let made = version(&lake, &run(&lake, json!({})).unwrap());
    assert!(verify(&lake, json!({})).unwrap().passed);
    changed(&lake, &made, with(&[(COVERAGE, json!(0.02))]), |_| ());
    refused(&lake, json!({}), "at least 2 different jobs (no other version is live)");
}

#[test]
fn what_another_system_left_live_is_not_compared_with() {
    let lake = lake_with(&generated(120, 90, 200));
    run(&lake, json!({})).unwrap();
    let key = Key::new("models/Modelo_Recomendacao_Vagas/latest.txt").unwrap();
    let line = Body::Bytes("v7/annoy_index.ann\n".into());
    lake.data().put(&key, &line, &Precondition::None).unwrap();
    let report = verify(&lake, json!({})).unwrap();
    assert!(report.passed, "{report:?}");
    assert!(report.checks.iter().all(|check| check.name != "not-worse-than-live"));
}

/// The answers with other ranks of the recommendations: of `recall_10`, what `change` makes of it and
/// of chance's.
fn answers_with(made: &Committed, change: impl Fn(f64, f64) -> f64) -> Bytes {
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes(made, EVALUATION)).unwrap();
    let batches: Vec<RecordBatch> = reader.build().unwrap().map(Result::unwrap).collect();
    assert_eq!(batches.len(), 1);
    let column =
        |name: &str| batches[0].column_by_name(name).unwrap().as_primitive::<Float64Type>().clone();
    let both = |own: &str, random: &str| -> ArrayRef {
        let (own, random) = (column(own), column(random));
        let each = (0..own.len()).map(|row| change(own.value(row), random.value(row)));
        std::sync::Arc::new(Float64Array::from_iter_values(each))
    };
    let mut columns = batches[0].columns().to_vec();
    columns[4] = both("recall_10", "random_recall_10");
    columns[5] = both("reciprocal_rank", "random_reciprocal_rank");
    let batch = RecordBatch::try_new(batches[0].schema(), columns).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap().into()
}

#[test]
fn a_ranking_that_is_surely_worse_is_refused() {
    let (lake, made) = live_of(&generated(400, 90, 1_500), json!({}));
    let change = |lake: &Lake, change: &dyn Fn(f64, f64) -> f64| {
        changed(lake, &made, Some((EVALUATION, answers_with(&made, change))), |_| ());
    };
    change(&lake, &|own, _| own);
    let report = verify(&lake, json!({})).unwrap();
    let said = found(&report, "not-worse-than-live");
    assert!(
        said.contains("(+0.0000, standard error 0.0000)") && said.contains("p = 1.0000"),
        "{said}"
    );
    let queries = said.rsplit("; on ").next().unwrap().to_owned();
    let [same, of] =
        queries.split(" of ").map(|n| n.split(' ').next().unwrap()).collect::<Vec<_>>()[..]
    else {
        panic!("{queries}")
    };
    assert!(same == of && of.parse::<u32>().unwrap() > 100, "{queries}");
    // A hair behind is within the margin; as chance is surely behind the live one, and not behind chance.
    change(&lake, &|own, _| own - 0.005);
    assert!(verify(&lake, json!({})).unwrap().passed);
    refused(
        &lake,
        json!({"margin": 0}),
        "ranking against the live version's: expected not surely behind v1 (live) by more than 0",
    );
    change(&lake, &|_, random| random);
    refused(&lake, json!({}), "ranking against the live version's: expected");
    assert!(verify(&lake, json!({"margin": 1})).unwrap().passed);
    change(&lake, &|_, _| 0.0);
    refused(
        &lake,
        json!({"margin": 1}),
        "ranking against chance: expected not surely worse than chance (p at least 0.001)",
    );
}

#[test]
fn few_queries_other_questions_and_older_releases_are_not_compared() {
    let few = live_of(&generated(30, 30, 60), json!({}));
    changed(&few.0, &few.1, Some((EVALUATION, answers_with(&few.1, |_, _| 0.0))), |_| ());
    let report = verify(&few.0, json!({})).unwrap();
    assert!(found(&report, "not-worse-than-random").starts_with("too few queries to say: "));

    // With other open days other jobs are open, so the questions are others.
    let rows = generated(400, 90, 1_500);
    let (lake, _) = live_of(&rows, json!({"open_days": 20}));
    run(&lake, json!({})).unwrap();
    let said = found(&verify(&lake, json!({})).unwrap(), "not-worse-than-live");
    assert!(said.starts_with("too few queries to say: 0; on 0 of "), "{said}");

    let (lake, made) = live_of(&rows, json!({}));
    changed(&lake, &made, None, |manifest| manifest.outputs.retain(|of| of.file != EVALUATION));
    promote(&lake, Version::new(2).unwrap());
    changed(&lake, &made, None, |_| ());
    let said = found(&verify(&lake, json!({})).unwrap(), "not-worse-than-live");
    assert_eq!(said, "not compared: v2 is of an older release and has no evaluation.parquet");
}
