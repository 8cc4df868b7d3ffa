//! The stage in a lake: what is compared with what, and what is found.

use bytes::Bytes;
use clap::{FromArgMatches, Subcommand};
use drift::{
    PAGE, REPORT,
    report::{Absence, ColumnKind, MeasureName, Part, Report, Severity, Subject, Term},
};
use serde_json::{Value, json};
use stage::{Call, Commands, Event, Silent};
use versioning::{Artefact, Body, Key, Precondition};

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
    assert!(report.new.is_empty() && report.known.is_empty());
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
    assert_eq!(report.severity, Severity::None, "{:?}", report.new);
    let [live] = report.comparisons.as_slice() else { panic!() };
    assert_eq!((live.term, live.also.len()), (Term::Live, 0));
    assert_eq!(live.baseline.version, "v1");
    assert!(live.tests > 30);
    assert!(matches!(live.classic, Part::Present(_)));
    let Part::Present(classifier) = &live.classifier else { panic!() };
    assert!(classifier.auc_low < 0.5 && classifier.auc_high > 0.5, "{classifier:?}");
    assert_eq!(live.embeddings_absent, Some(Absence::NotMade));
    let columns = live.columns.iter();
    assert!(columns.flat_map(|c| &c.measures).all(|m| m.measure.p.is_some()));
}

#[test]
fn a_reference_that_cannot_be_read_costs_its_comparison_alone() {
    let mut place = Place::new();
    place.features("2025-01-29", &sample(1));
    place.features("2025-01-30", &sample(2));
    let key = Key::new("features/v1/people.parquet").unwrap();
    let whole = place.lake.features().get(&key, None).unwrap().body.bytes().unwrap();
    let put = |bytes: Bytes| {
        place.lake.features().put(&key, &Body::Bytes(bytes), &Precondition::None).unwrap();
    };
    put(whole.slice(..whole.len() / 2));
    let response = place.try_run(json!(null)).unwrap();
    let report = place.report_of(&response);
    assert_eq!(
        (report.comparisons.len(), report.unreadable.as_slice()),
        (0, &["features v1".to_owned()][..])
    );
    let page = place.lake.series(Artefact::Drift);
    let page = page.get(response.version.parse().unwrap()).unwrap().open(PAGE).unwrap();
    let page = String::from_utf8(page.bytes().unwrap().to_vec()).unwrap();
    assert!(page.contains("mllab verify"), "the page tells");
    assert!(place.try_run(json!(null)).unwrap().unchanged);
    put(whole);
    let report = place.report();
    assert_eq!((report.comparisons.len(), report.unreadable.len()), (1, 0));
    // Named by a user, it must be there.
    put(Bytes::from_static(b"x"));
    let named = serde_json::from_value(json!({
        "action": "run", "execution": "e", "logical_date": "2025-01-31",
        "inputs": {"previous": "v1"}, "config": {"level": 0.01}
    }));
    let error = place.call(&named.unwrap()).unwrap_err();
    assert!(
        error.message.contains("mllab rollback features")
            || error.message.contains("mllab retire features v1"),
        "{error}"
    );
}

#[test]
fn a_manifest_that_cannot_be_understood_is_no_reference() {
    let mut place = Place::new();
    place.features("2024-10-01", &sample(1));
    place.features("2025-01-30", &sample(2));
    let key = Key::new("features/v1/manifest.json").unwrap();
    place.lake.features().put(&key, &Body::Bytes("{".into()), &Precondition::None).unwrap();
    // As another process opens it, which has read no manifest yet.
    place.lake = place.lake.through(|store| store);
    let report = place.report();
    assert_eq!(
        (report.comparisons.len(), report.unreadable.as_slice()),
        (0, &["features v1".to_owned()][..])
    );
}

#[test]
fn references_are_what_was_live_three_months_and_a_year_ago_each_compared_once() {
    let mut place = Place::new();
    for (n, day) in [(1, "2023-12-01"), (2, "2024-10-01"), (3, "2025-01-01"), (4, "2025-01-02")] {
        // What is refused is committed and no reference.
        place.goes_live = n != 4;
        place.features(day, &generated(n, 40, 8, 60));
    }
    place.features("2025-01-03", &generated(5, 40, 8, 60));
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
        (response.version, told.collect::<Vec<_>>(), comparisons)
    };
    let of = |term: Term, version: &str| (term, version.to_owned());
    let all = [of(Term::Live, "v3"), of(Term::Quarter, "v2"), of(Term::Year, "v1")];
    let (version, told, _) = terms(json!({}));
    assert_eq!(told, all);
    // The live version by name is the live version, and the same report.
    assert_eq!(terms(json!({ "live": "v3", "year": "v1" })).0, version);
    // Another one is called by its name.
    let (_, told, _) = terms(json!({ "previous": "v4" }));
    assert_eq!(told, [&all[..], &[of(Term::Named, "v4")]].concat());
    let (_, told, compared) = terms(json!({ "live": "v2" }));
    assert_eq!(told, [of(Term::Named, "v2"), of(Term::Year, "v1")]);
    assert_eq!(compared[0].also, [Term::Quarter]);
}

#[test]
fn the_same_data_twice_is_equal() {
    let mut place = Place::new();
    place.features("2025-01-29", &sample(1));
    place.features("2025-01-30", &sample(1));
    let report = place.report();
    assert_eq!(report.severity, Severity::None);
    let short = &report.comparisons[0];
    assert_eq!(short.term, Term::Live);
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
    assert!(report.new.len() > 3 && report.new.iter().all(|f| f.severity > Severity::None));
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
fn a_lasting_change_is_told_once_and_the_third_day_is_quiet() {
    let mut place = Place::new();
    let mut moved = sample(3);
    set(&mut moved.people, 1, "cidade", Some("Manaus"));
    let cities = |report: &Report, known: bool| {
        let found = if known { &report.known } else { &report.new };
        let of_city = |f: &&drift::report::Finding| {
            f.subject == Subject::Column { table: "people".to_owned(), column: "cidade".to_owned() }
        };
        found.iter().filter(of_city).cloned().collect::<Vec<_>>()
    };
    place.features("2024-01-01", &sample(9));
    place.live_report();
    place.features("2025-01-28", &sample(1));
    assert_eq!(place.live_report().severity, Severity::None);
    place.features("2025-01-29", &moved);
    let first = place.live_report();
    assert_eq!((first.severity, cities(&first, false).len()), (Severity::Alert, 1));
    // Since a year ago it is an alert still, but a known one.
    for day in ["2025-01-30", "2025-01-31"] {
        set(&mut moved.people, 90, "titulo_profissional", Some(day));
        place.features(day, &moved);
        let report = place.live_report();
        assert_eq!(report.severity, Severity::None, "{:?}", report.new);
        let [known] = &cities(&report, true)[..] else { panic!("{:?}", report.known) };
        assert_eq!((known.term, known.severity), (Some(Term::Quarter), Severity::Alert));
        assert_eq!(known.known.as_ref().unwrap().since, "2025-01-29");
        assert!(report.comparisons.iter().any(|c| c.severity == Severity::Alert));
    }
    let history = place.report().history;
    let history: Vec<_> = history.iter().map(|v| (v.features.as_str(), v.severity)).collect();
    use Severity::{Alert, None};
    assert_eq!(history, [("v1", None), ("v2", None), ("v3", Alert), ("v4", None), ("v5", None)]);
    // A rerun of the day is the same version.
    assert!(place.try_run(json!(null)).unwrap().unchanged);
}

/// The day after a day that was refused is not quieter than it.
#[test]
fn what_did_not_go_live_is_no_reference_and_told_again() {
    let mut place = Place::new();
    place.features("2025-01-28", &sample(1));
    place.live_report();
    place.goes_live = false;
    let mut moved = sample(3);
    set(&mut moved.people, 1, "cidade", Some("Manaus"));
    for day in ["2025-01-29", "2025-01-30", "2025-01-31"] {
        set(&mut moved.people, 90, "titulo_profissional", Some(day));
        place.features(day, &moved);
        let report = place.report();
        assert_eq!(report.comparisons[0].baseline.version, "v1");
        assert_eq!(report.severity, Severity::Alert, "{day}");
    }
}

#[test]
fn a_report_of_an_earlier_release_gives_its_verdicts() {
    let mut place = Place::new();
    let before = place.features("2025-01-29", &sample(1));
    let old = br#"{"format": 1, "severity": "watch", "reasons": [], "history": [
        {"logical_date": "2025-01-29", "features": "v1", "severity": "watch"}]}"#;
    let files = [(REPORT, bytes::Bytes::from_static(old))];
    let old =
        place.commit(Artefact::Drift, "2025-01-29", &files, &[("features", &before)], json!({}));
    place.promote(Artefact::Drift, &old);
    place.features("2025-01-30", &sample(2));
    let report = place.report();
    assert_eq!(report.history[0].severity, Severity::Watch);
    assert_eq!((report.history.len(), report.known.len()), (2, 0));
}

#[test]
fn at_most_thirty_verdicts_are_kept() {
    let mut place = Place::new();
    for n in 1..=32 {
        let rows = generated(n, 5, 3, 8);
        place.features(&format!("2025-0{}-{:02}", 1 + n / 20, 1 + n % 20), &rows);
        place.live_report();
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
    assert_eq!(response.metrics.0["baseline_live"], "v1");
    assert!(response.metrics.0["baseline_year"].is_null());
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
    assert!(one == bytes(2, 17));
}

#[test]
fn a_stored_report_is_written_in_the_other_language() {
    let mut place = Place::new();
    place.features("2025-01-29", &sample(1));
    place.features("2025-01-30", &sample(2));
    let call = |args: &[(&str, &str)]| {
        let line = args.iter().map(|(name, value)| format!("--{name}={value}"));
        let line = ["drift", "report"].map(str::to_owned).into_iter().chain(line);
        let given = drift::Commands::augment_subcommands(clap::Command::new("drift"));
        let given = drift::Commands::from_arg_matches(&given.get_matches_from(line)).unwrap();
        let lake = &place.lake;
        given.run(&Call { lake, file: None, config: json!(null), progress: &Silent })
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
    let report =
        place.commit(Artefact::Drift, "2025-01-29", &report, &[("features", &before)], json!({}));
    place.promote(Artefact::Drift, &report);
    place.features("2025-01-30", &sample(2));
    let error = place.try_run(json!(null)).unwrap_err();
    assert!(error.message.starts_with("drift.json of v1: missing field `history`"), "{error}");
}

#[test]
fn what_ingest_set_aside_is_compared_where_it_was_recorded() {
    let mut place = Place::new();
    let files = sample(1).files();
    // Of 200 lists of applications, as of 1,000 people, some are rejected.
    let ingest = |rejected: u64| {
        json!({"rejected_records_applicants": rejected, "records_applicants": 1000,
               "rejected_records_prospects": rejected.min(100), "records_prospects": 200,
               "rows_prospects": 100_000})
    };
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
    let rejected = volume(&report, "rejected_records_applicants");
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
    for name in ["rejected_records_applicants", "rejected_records_prospects", "orphans_job"] {
        let volume = volume(&report, name);
        assert_eq!(volume.measure.unwrap().severity, Severity::Alert, "{name}");
    }
    assert_eq!(volume(&report, "duplicates").measure.unwrap().severity, Severity::None);
    assert_eq!(volume(&report, "rejected_records_vagas").after, None);
}
