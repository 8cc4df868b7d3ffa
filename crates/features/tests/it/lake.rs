//! The stage in a lake, as a host runs it.

use std::collections::BTreeMap;

use features::Features;
use schema::{
    calendar,
    profile::{ColumnProfile, Profile, TableProfile},
    raw,
};
use serde_json::json;
use stage::{Response, Silent};
use testlake::file;
use versioning::{Artefact, Lake, Timestamp};

use crate::world::{Row, World, row};

const DATE: &str = "2025-01-31";

/// The profile that `ingest` would write of `world`, as far as this stage reads it.
fn profile(world: &World) -> Profile {
    let days = |rows: &[Row], column: &str| {
        let mut days: BTreeMap<String, u64> = BTreeMap::new();
        for day in rows.iter().filter_map(|row| row.get(column)) {
            *days.entry(calendar::iso(day.parse().unwrap())).or_default() += 1;
        }
        let profile = ColumnProfile { days, ..ColumnProfile::default() };
        TableProfile { columns: [(column.to_owned(), profile)].into(), ..TableProfile::default() }
    };
    Profile {
        vagas: days(&world.vagas, "informacoes_basicas.data_requicisao"),
        prospects: days(&world.prospects, "data_candidatura"),
        ..Profile::default()
    }
}

/// Commits the clean tables of `world` as a version of `processed/`.
pub(crate) fn commit(lake: &Lake, world: &World) {
    let profile = serde_json::to_vec(&profile(world)).unwrap();
    let tables = [
        ("applicants.parquet", file(&raw::APPLICANTS, &world.applicants)),
        ("profile.json", profile.into()),
        ("prospects.parquet", file(&raw::PROSPECTS, &world.prospects)),
        ("vagas.parquet", file(&raw::VAGAS, &world.vagas)),
    ];
    testlake::commit(lake, Artefact::Processed, Timestamp::from_millis(0), &tables, |manifest| {
        manifest.name = "ingest".to_owned();
        manifest.logical_date = DATE.to_owned();
    });
}

fn run(lake: &Lake) -> Result<Response, stage::Error> {
    run_on(lake, DATE)
}

pub(crate) fn run_on(lake: &Lake, date: &str) -> Result<Response, stage::Error> {
    let at = Timestamp::from_millis(0);
    testlake::execute::<Features>(lake, &testlake::event(date, json!(null)), at, &Silent)
}

#[test]
fn a_run_makes_one_version_of_six_tables_and_says_what_their_columns_are() {
    let lake = Lake::in_memory();
    let world = World {
        applicants: vec![row(&[("codigo", "1"), ("cv_pt", "java")])],
        vagas: vec![row(&[("codigo", "7")])],
        prospects: vec![row(&[("codigo_vaga", "7"), ("codigo", "1")])],
    };
    commit(&lake, &world);
    let first = run(&lake).unwrap();
    assert!(!first.unchanged);
    assert_eq!(first.metrics.0["rows_candidates"], 1);
    let again = run(&lake).unwrap();
    assert!(again.unchanged);
    assert_eq!(again.version, first.version);

    let series = lake.series(Artefact::Features);
    let version = series.newest().unwrap().unwrap();
    version.verify().unwrap();
    let outputs = &version.manifest().outputs;
    let files: Vec<_> = outputs.iter().map(|f| (f.file.as_str(), f.rows)).collect();
    assert_eq!(
        files,
        [
            ("candidates.parquet", Some(1)),
            ("dropped.parquet", Some(0)),
            ("future_dates.parquet", Some(0)),
            ("groups.parquet", Some(0)),
            ("jobs.parquet", Some(1)),
            ("people.parquet", Some(1)),
        ]
    );
    let columns = version.manifest().extra["columns"]["candidates"].as_array().unwrap();
    let label = columns.iter().find(|c| c["name"] == "situacao_candidato").unwrap();
    assert_eq!((&label["role"], &label["known_at"]), (&json!("label"), &json!("outcome")));
}

#[test]
fn without_clean_tables_the_input_is_bad() {
    let error = run(&Lake::in_memory()).unwrap_err();
    assert_eq!(error.name, stage::ErrorName::BadInput);
}
