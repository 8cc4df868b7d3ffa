//! The stage in a lake, as a host runs it.

use std::collections::BTreeMap;

use features::Features;
use schema::{
    calendar,
    profile::{ColumnProfile, Profile, TableProfile},
    raw,
};
use serde_json::json;
use sha2::{Digest, Sha256};
use stage::{Event, Host, Response, Silent};
use versioning::{Artefact, Body, KeyBuilder, Lake, Manifest, OutputFile, Timestamp};

use crate::world::{Row, World, file, row};

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
    let key = KeyBuilder::new("ingest", "test", &json!({})).finish();
    let now = Timestamp::from_millis(0);
    let claim = lake.series(Artefact::Processed).claim(&key, "test", now).unwrap();
    let profile = serde_json::to_vec(&profile(world)).unwrap();
    let tables = [
        ("applicants.parquet", file(&raw::APPLICANTS, &world.applicants)),
        ("profile.json", profile.into()),
        ("prospects.parquet", file(&raw::PROSPECTS, &world.prospects)),
        ("vagas.parquet", file(&raw::VAGAS, &world.vagas)),
    ];
    let mut outputs = Vec::new();
    for (name, bytes) in tables {
        outputs.push(OutputFile {
            file: name.to_owned(),
            bytes: bytes.len() as u64,
            sha256: versioning::hex(&Sha256::digest(&bytes)),
            rows: None,
        });
        claim.put(name, &Body::Bytes(bytes)).unwrap();
    }
    let manifest = Manifest {
        format: Manifest::FORMAT,
        name: "ingest".to_owned(),
        version: claim.version(),
        key,
        execution: "test".to_owned(),
        logical_date: "2025-01-31".to_owned(),
        created_at: now,
        inputs: vec![],
        outputs,
        config: json!({}),
        code_version: "test".to_owned(),
        metrics: BTreeMap::new(),
        extra: BTreeMap::new(),
        seconds: BTreeMap::new(),
        peak_memory_bytes: None,
    };
    claim.commit(manifest).unwrap();
}

/// Another name at each call: executions differ, so a version made before is "unchanged".
fn execution() -> String {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    format!("e{}", CALLS.fetch_add(1, Ordering::Relaxed))
}

fn run(lake: &Lake) -> Result<Response, stage::Error> {
    run_on(lake, "2025-01-31")
}

pub(crate) fn run_on(lake: &Lake, date: &str) -> Result<Response, stage::Error> {
    let event: Event = serde_json::from_value(json!({
        "execution": execution(), "logical_date": date
    }))
    .unwrap();
    let now = || Timestamp::from_millis(0);
    let host = Host::unmeasured(&Silent, &now, "test");
    stage::execute::<Features>(lake, &event, &host)
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
