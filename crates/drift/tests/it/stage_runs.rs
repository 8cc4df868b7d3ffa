//! The stage in a lake: what is compared with what, and what is found.

use drift::{
    PAGE, REPORT,
    report::{Absence, ColumnKind, MeasureName, Part, Report, Severity, Subject, Term},
};
use serde_json::{Value, json};
use stage::{Call, Event, Silent, Stage};
use versioning::Artefact;

use crate::fixture::{Place, Rows, generated};

const SIZE: (usize, usize, usize) = (400, 80, 600);

fn sample(seed: u64) -> Rows {
    generated(seed, SIZE.0, SIZE.1, SIZE.2)
}

/// Sets a column of every `nth` row.
fn set(rows: &mut [crate::fixture::Row], nth: usize, column: &str, value: Option<&str>) {
    for row in rows.iter_mut().step_by(nth) {
        row.insert(column.to_owned(), value.map(str::to_owned));
    }
}

#[test]
fn a_first_version_is_profiled() {
    let mut place = Place::new();
    place.features("2025-01-30", &sample(1));
    let report = place.report();
    assert_eq!((report.severity, report.comparisons.len()), (Severity::None, 0));
    assert!(report.reasons.is_empty());
    assert_eq!(report.current.people, SIZE.0 as u64);
    assert_eq!(report.current.applications, SIZE.2 as u64);
    assert!(report.current.first_application.as_deref() > Some("2020-08"));
    assert_eq!(report.history.len(), 1);
    let of = |name: &str| report.profile.iter().find(|c| c.column == name).unwrap();
    assert_eq!((of("cidade").kind, of("cidade").distinct), (ColumnKind::Category, Some(3)));
    assert_eq!(
        (of("cv_candidato").kind, of("cv_candidato").table.as_str()),
        (ColumnKind::Text, "people")
    );
    assert!(of("cv_candidato").languages.iter().any(|l| l.language == "pt" && l.share > 0.9));
    assert_eq!(of("remuneracao").kind, ColumnKind::Number);
    assert!(of("remuneracao").quantiles.unwrap().min >= 1500.0);
    assert_eq!(of("data_candidatura").table, "candidates");
    // A person's column is measured on people alone, and a key nowhere.
    assert_eq!(report.profile.iter().filter(|c| c.column == "cidade").count(), 1);
    assert!(report.profile.iter().all(|c| c.column != "codigo"));
    // Nothing was ever there.
    assert_eq!(of("pcd").missing, 1.0);
}

#[test]
fn other_people_of_the_same_world_are_no_drift() {
    let mut place = Place::new();
    place.features("2025-01-29", &sample(1));
    place.features("2025-01-30", &sample(2));
    let report = place.report();
    assert_eq!(report.severity, Severity::None, "{:?}", report.reasons);
    let [short, long] = report.comparisons.as_slice() else { panic!() };
    assert_eq!((short.term, long.term), (Term::Short, Term::Long));
    // With two versions, the one before is the oldest.
    assert_eq!(short.baseline, long.baseline);
    assert_eq!(short.baseline.version, "v1");
    assert!(short.tests > 30);
    assert!(matches!(short.classic, Part::Present(_)));
    let Part::Present(classifier) = &short.classifier else { panic!() };
    assert!(classifier.auc_low < 0.5 && classifier.auc_high > 0.5, "{classifier:?}");
    assert_eq!(short.embeddings_absent, Some(Absence::NotMade));
    let columns = short.columns.iter();
    assert!(columns.flat_map(|c| &c.measures).all(|m| m.measure.p.is_some()));
}

#[test]
fn a_baseline_by_name_is_called_by_its_name() {
    let mut place = Place::new();
    place.features("2025-01-29", &sample(1));
    place.features("2025-01-30", &sample(2));
    place.features("2025-01-31", &sample(3));
    let event = |inputs: Value| {
        serde_json::from_value(json!({
            "action": "run", "execution": "e", "logical_date": "2025-01-31", "inputs": inputs
        }))
        .unwrap()
    };
    let terms = |inputs: Value| {
        let response = place.call(&event(inputs)).unwrap();
        let comparisons = place.report_of(&response).comparisons;
        let told = comparisons.iter().map(|c| (c.term, c.baseline.version.clone()));
        (response.version, told.collect::<Vec<_>>())
    };
    let of = |term: Term, version: &str| (term, version.to_owned());
    let (version, told) = terms(json!({}));
    assert_eq!(told, [of(Term::Short, "v2"), of(Term::Long, "v1")]);
    // The version before by name is the version before, and the same report.
    assert_eq!(terms(json!({ "previous": "v2", "oldest": "v1" })).0, version);
    let (_, told) = terms(json!({ "previous": "v1" }));
    assert_eq!(told, [of(Term::Named, "v1"), of(Term::Long, "v1")]);
    let (other, told) = terms(json!({ "oldest": "v2" }));
    assert_eq!(told, [of(Term::Short, "v2"), of(Term::Named, "v2")]);
    assert_ne!(other, version);
}

#[test]
fn the_same_data_twice_is_equal() {
    let mut place = Place::new();
    place.features("2025-01-29", &sample(1));
    place.features("2025-01-30", &sample(1));
    let report = place.report();
    assert_eq!(report.severity, Severity::None);
    let short = &report.comparisons[0];
    assert!(short.equal && short.schema.is_empty() && short.reasons.is_empty());
    assert!(matches!(short.classic, Part::Absent(Absence::Equal)));
    assert_eq!(short.embeddings_absent, Some(Absence::Equal));
}

#[test]
fn what_has_moved_is_found_and_told_first() {
    let mut place = Place::new();
    place.features("2025-01-29", &sample(1));
    let mut moved = sample(2);
    for (i, person) in moved.people.iter_mut().enumerate() {
        if let (0, Some(cv)) = (i % 2, person["cv_candidato"].clone()) {
            person.insert("cv_candidato".to_owned(), Some(cv + " kubernetes"));
        }
    }
    set(&mut moved.people, 3, "cidade", Some("Manaus"));
    set(&mut moved.people, 2, "ingles", None);
    set(&mut moved.applications, 5, "situacao_candidato", Some("Aprovado"));
    moved.jobs.truncate(50);
    moved.applications.retain(|a| moved.jobs.iter().any(|j| j["codigo_vaga"] == a["codigo_vaga"]));
    place.features("2025-01-30", &moved);
    let report = place.report();
    assert_eq!(report.severity, Severity::Alert);
    assert_eq!(report.reasons.len(), 3);
    let short = &report.comparisons[0];
    let of = |name: &str| short.columns.iter().find(|c| c.column == name).unwrap();
    let city = of("cidade");
    assert_eq!(city.severity, Severity::Alert);
    assert_eq!(city.appeared[0].value, "Manaus");
    assert!(city.vanished.is_empty());
    let v = city.measures.iter().find(|m| m.measure.name == MeasureName::CramersV).unwrap();
    assert!(v.measure.p_adjusted.unwrap() >= v.measure.p.unwrap());
    assert!(of("ingles").missing_after > of("ingles").missing_before + 0.1);
    assert_eq!(of("cv_candidato").terms[0].term, "kubernetes");
    assert_eq!(of("cv_candidato").severity, Severity::Alert);
    let rate = short.label_rate.as_ref().unwrap();
    assert!(rate.after > rate.before && rate.measure.severity == Severity::Alert);
    let jobs = short.volumes.iter().find(|v| v.name == "jobs").unwrap();
    assert_eq!((jobs.before, jobs.after), (Some(80), Some(50)));
    assert_eq!(jobs.measure.as_ref().unwrap().severity, Severity::Alert);
    assert_eq!(of("titulo_profissional").severity, Severity::None);
    let Part::Present(classifier) = &short.classifier else { panic!() };
    assert!(classifier.auc_low > 0.55 && classifier.measure.severity == Severity::Alert);
    assert_eq!(classifier.terms[0].term, "kubernetes");
    assert!(classifier.terms[0].weight > 0.0);
    let Part::Present(classic) = &short.classic else { panic!() };
    assert!(classic.is_drift && classic.terms.len() > 20);
    assert_eq!(classic.rows_after, moved.applications.len() as u64);
}

#[test]
fn the_version_before_and_the_oldest_are_compared_and_verdicts_are_handed_on() {
    let mut place = Place::new();
    let mut moved = sample(3);
    set(&mut moved.people, 1, "cidade", Some("Manaus"));
    for (day, rows) in [(27, sample(1)), (28, sample(2)), (29, moved.clone())] {
        place.features(&format!("2025-01-{day}"), &rows);
        place.report();
    }
    set(&mut moved.people, 90, "cidade", Some("Recife"));
    place.features("2025-01-30", &moved);
    let report = place.report();
    let [short, long] = report.comparisons.as_slice() else { panic!() };
    assert_eq!((short.baseline.version.as_str(), long.baseline.version.as_str()), ("v3", "v1"));
    assert_eq!((short.severity, long.severity), (Severity::None, Severity::Alert));
    assert_eq!(long.reasons[0].term, Some(Term::Long));
    let about = Subject::Column { table: "people".to_owned(), column: "cidade".to_owned() };
    assert_eq!(long.reasons[0].subject, about);
    let history: Vec<_> =
        report.history.iter().map(|v| (v.features.as_str(), v.severity)).collect();
    use Severity::{Alert, None};
    assert_eq!(history, [("v1", None), ("v2", None), ("v3", Alert), ("v4", Alert)]);
    // A rerun of the day is the same version.
    assert!(place.try_run(json!(null)).unwrap().unchanged);
}

#[test]
fn at_most_thirty_verdicts_are_kept() {
    let mut place = Place::new();
    for n in 1..=32 {
        let rows = generated(n, 5, 3, 8);
        place.features(&format!("2025-0{}-{:02}", 1 + n / 20, 1 + n % 20), &rows);
        place.report();
    }
    let history = place.report().history;
    assert_eq!(history.len(), 30);
    assert_eq!(history[0].features, "v3");
    assert_eq!(history[29].features, "v32");
}

#[test]
fn any_version_may_be_named() {
    let mut place = Place::new();
    for n in 1..=3 {
        place.features(&format!("2025-01-2{n}"), &sample(n));
    }
    let event: Event = serde_json::from_value(json!({
        "action": "run", "execution": "e", "logical_date": "2025-01-31",
        "inputs": {"features": "v2", "previous": "v3"}
    }))
    .unwrap();
    let response = place.call(&event).unwrap();
    assert_eq!(response.metrics.0["features"], "v2");
    assert_eq!(response.metrics.0["baseline_named"], "v3");
    assert_eq!(response.metrics.0["severity_named"], "none");
    assert!(response.metrics.0["baseline_short_term"].is_null());
    assert_eq!(response.metrics.0["baseline_long_term"], "v1");
    assert_eq!(response.metrics.0["severity"], "none");
}

#[test]
fn bytes_do_not_depend_on_threads_or_the_order_of_rows() {
    let bytes = |threads: usize, turn: usize| {
        let mut place = Place::new();
        for seed in [1, 2] {
            let mut rows = sample(seed);
            rows.people.rotate_left(turn);
            rows.jobs.rotate_left(turn);
            rows.applications.rotate_left(turn);
            place.features(&format!("2025-01-2{seed}"), &rows);
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let version = pool.install(|| place.try_run(json!(null))).unwrap().version;
        let series = place.lake.series(Artefact::Drift);
        let version = series.get(version.parse().unwrap()).unwrap();
        [REPORT, PAGE].map(|file| version.open(file).unwrap().bytes().unwrap())
    };
    let one = bytes(1, 0);
    assert!(one == bytes(3, 0));
    // The classic analysis alone goes by the order of rows, as scikit-learn does: in the last bit.
    let but_classic = |bytes: &[u8]| {
        let mut report: Report = serde_json::from_slice(bytes).unwrap();
        for comparison in &mut report.comparisons {
            assert!(matches!(comparison.classic, Part::Present(_)));
            comparison.classic = Part::Absent(Absence::TooFew);
        }
        report
    };
    let turned = bytes(2, 17);
    assert_eq!(but_classic(&one[0]), but_classic(&turned[0]));
    assert!(turned == bytes(1, 17));
}

#[test]
fn a_stored_report_is_written_in_the_other_language() {
    let mut place = Place::new();
    place.features("2025-01-29", &sample(1));
    place.features("2025-01-30", &sample(2));
    let command = drift::Drift::commands().iter().find(|c| c.name == "report").unwrap();
    let call = |args: &[(&str, &str)]| {
        (command.run)(&Call {
            lake: &place.lake,
            args: args.iter().map(|&(k, v)| (k.to_owned(), v.to_owned())).collect(),
            files: Default::default(),
            config: json!(null),
            has_output: true,
            progress: &Silent,
        })
    };
    assert!(call(&[]).unwrap_err().message.contains("run `drift` first"));
    place.report();
    let english = call(&[("lang", "en")]).unwrap();
    assert_eq!(english.json["severity"], "none");
    let page = String::from_utf8(english.file.unwrap()).unwrap();
    assert!(page.contains("lang=\"en\""));
    let portuguese = call(&[("version", "v1")]).unwrap().file.unwrap();
    let series = place.lake.series(Artefact::Drift);
    let stored = series.newest().unwrap().unwrap().open(PAGE).unwrap().bytes().unwrap();
    assert!(portuguese == stored);
    for (args, said) in [
        ([("lang", "fr")], "lang must be `pt` or `en`"),
        ([("version", "seven")], "such as v7"),
        ([("version", "v9")], "v9"),
    ] {
        let error = call(&args).unwrap_err();
        assert_eq!(error.name, stage::ErrorName::BadInput);
        assert!(error.message.contains(said), "{error}");
    }
}

#[test]
fn a_damaged_file_and_a_damaged_report_are_named() {
    let mut place = Place::new();
    let mut files = sample(1).files();
    files[0].1 = bytes::Bytes::from_static(b"no table");
    place.commit(Artefact::Features, "2025-01-28", &files, &[], json!({}));
    let error = place.try_run(json!(null)).unwrap_err();
    assert_eq!(error.name, stage::ErrorName::BadInput);
    assert!(error.message.starts_with("people.parquet of v1: cannot be read"), "{error}");

    let mut place = Place::new();
    let before = place.features("2025-01-29", &sample(1));
    let report = [(REPORT, bytes::Bytes::from_static(b"{}"))];
    place.commit(Artefact::Drift, "2025-01-29", &report, &[("features", &before)], json!({}));
    place.features("2025-01-30", &sample(2));
    let error = place.try_run(json!(null)).unwrap_err();
    assert!(error.message.starts_with("drift.json of v1: missing field `history`"), "{error}");
}

#[test]
fn what_ingest_set_aside_is_compared_where_it_was_recorded() {
    let mut place = Place::new();
    let files = sample(1).files();
    let ingest = |rejected: u64| json!({"rejected_applicants": rejected, "rows_applicants": 1000 - rejected});
    let metrics = |orphans: u64, ingest| {
        json!({"applications": 700, "orphans_job": orphans, "orphans_candidate": 0,
               "duplicates": 3, "ingest": ingest})
    };
    place.commit(Artefact::Features, "2025-01-28", &files, &[], json!({}));
    place.commit(Artefact::Features, "2025-01-29", &files, &[], metrics(10, ingest(2)));
    let volume = |report: &Report, name: &str| {
        report.comparisons[0].volumes.iter().find(|v| v.name == name).unwrap().clone()
    };
    let report = place.report();
    let rejected = volume(&report, "rejected_applicants");
    assert_eq!((rejected.before, rejected.after), (None, Some(2)));
    assert!(rejected.measure.is_none());
    place.commit(
        Artefact::Features,
        "2025-01-30",
        &sample(2).files(),
        &[],
        metrics(90, ingest(300)),
    );
    let report = place.report();
    for name in ["rejected_applicants", "orphans_job"] {
        let volume = volume(&report, name);
        assert_eq!(volume.measure.unwrap().severity, Severity::Alert, "{name}");
    }
    assert_eq!(volume(&report, "duplicates").measure.unwrap().severity, Severity::None);
    assert_eq!(volume(&report, "rejected_vagas").after, None);
}
