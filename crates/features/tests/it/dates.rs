//! Dates that lie ahead.

use features::{Config, FUTURE_DATES, Features, Newest};
use schema::{calendar, tables};
use serde_json::json;
use stage::Stage;
use versioning::{Artefact, Lake};

use crate::{
    lake::{commit, run_on},
    world::{Row, World, row, run_until},
};

fn day(date: &str) -> i32 {
    calendar::parse(date).unwrap()
}

const JOB_DATE: &str = "informacoes_basicas.data_requicisao";

/// A job and an application every day of some 1,000 days up to this one.
fn world(last: &str) -> World {
    let person = row(&[("codigo", "1"), ("cv_pt", "java")]);
    let (mut vagas, mut prospects) = (Vec::new(), Vec::new());
    for i in 0..1000 {
        let (code, date) = ((5000 + i).to_string(), (day(last) - i).to_string());
        vagas.push(row(&[("codigo", &code), (JOB_DATE, &date)]));
        let keys = [("codigo_vaga", code.as_str()), ("codigo", "1"), ("data_candidatura", &date)];
        prospects.push(row(&keys));
    }
    World { applicants: vec![person], vagas, prospects }
}

fn dates(rows: &[Row], column: &str) -> Vec<Option<i32>> {
    rows.iter().map(|row| row.get(column).map(|d| d.parse().unwrap())).collect()
}

/// Jobs that opened in the 90 days before the newest one's date, as the recommender counts them.
fn open_jobs(rows: &[Row]) -> usize {
    let dates: Vec<i32> = dates(rows, "data_requicisao").into_iter().flatten().collect();
    let newest = dates.iter().max().unwrap();
    dates.iter().filter(|date| *newest - **date < 90).count()
}

#[test]
fn one_job_of_2099_closes_no_other() {
    let mut world = world("2025-08-31");
    let before = open_jobs(&world.run().rows(&tables::JOBS));
    world.vagas[7].insert(JOB_DATE.to_owned(), day("2099-03-15").to_string());
    world.prospects[3].insert("data_candidatura".to_owned(), day("2199-03-14").to_string());
    let newest = Newest {
        jobs: Some(day("2025-08-31")),
        applications: Some(day("2025-08-31")),
        logical_date: "2025-09-01".to_owned(),
    };
    let store = run_until(world.clean(), &newest, &Config::default()).unwrap();
    let jobs = store.rows(&tables::JOBS);
    assert_eq!((jobs.len(), open_jobs(&jobs)), (1000, before - 1));
    let candidates = store.rows(&tables::CANDIDATES);
    assert_eq!(candidates.len(), 1000);
    assert_eq!(dates(&candidates, "data_candidatura").iter().filter(|d| d.is_none()).count(), 1);
    assert_eq!(
        store.metric("future_dates"),
        &json!({"jobs.data_requicisao": 1, "candidates.data_candidatura": 1})
    );
    let expected = [
        row(&[
            ("coluna", "jobs.data_requicisao"),
            ("codigo_vaga", "5007"),
            ("data", &day("2099-03-15").to_string()),
        ]),
        row(&[
            ("coluna", "candidates.data_candidatura"),
            ("codigo_vaga", "5003"),
            ("codigo", "1"),
            ("data", &day("2199-03-14").to_string()),
        ]),
    ];
    assert_eq!(store.rows(&FUTURE_DATES), expected);
}

/// The version that each of some days makes.
fn versions(lake: &Lake, from: &str, days: i32) -> Vec<String> {
    let days = (0..days).map(|i| calendar::iso(day(from) + i));
    days.map(|date| run_on(lake, &date).unwrap().version).collect()
}

#[test]
fn ten_days_with_the_same_clean_tables_are_one_version() {
    let lake = Lake::in_memory();
    commit(&lake, &world("2025-08-31"));
    assert_eq!(versions(&lake, "2025-09-01", 10), vec!["v1"; 10]);
}

#[test]
fn with_a_date_set_aside_too_until_it_comes_of_age() {
    let lake = Lake::in_memory();
    let mut world = world("2025-08-31");
    world.vagas[7].insert(JOB_DATE.to_owned(), day("2099-03-15").to_string());
    // A Tuesday within a month of the data: of age from the Monday of its week on.
    world.vagas[9].insert(JOB_DATE.to_owned(), day("2025-09-09").to_string());
    commit(&lake, &world);
    let versions = versions(&lake, "2025-09-01", 20);
    assert_eq!(versions[..7], ["v1"; 7]);
    assert_eq!(versions[7..], ["v2"; 13]);
    let series = lake.series(Artefact::Features);
    let found = |version: &str| {
        let version = series.get(version.parse().unwrap()).unwrap();
        version.manifest().metrics["future_dates"]["jobs.data_requicisao"].clone()
    };
    assert_eq!([found("v1"), found("v2")], [json!(2), json!(1)]);
    assert_eq!(Features::NAME, "features");
}

#[test]
fn applications_dated_a_year_ahead_are_set_aside() {
    let lake = Lake::in_memory();
    let mut world = world("2025-08-31");
    // 2 % of them, all of the last year.
    for i in 0..20 {
        let date = day("2026-08-31") - i * 15;
        world.prospects[i as usize * 15].insert("data_candidatura".to_owned(), date.to_string());
    }
    commit(&lake, &world);
    let metrics = run_on(&lake, "2025-09-01").unwrap().metrics;
    assert_eq!(metrics.0["future_dates"]["candidates.data_candidatura"], 20);
}
