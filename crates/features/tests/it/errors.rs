//! Inputs that are not what `ingest` writes.

use features::Config;
use schema::{raw, tables};
use stage::ErrorName;

use crate::world::{Store, World, file, row, run};

fn refused(result: Result<Store, features::Error>) -> (ErrorName, String) {
    let error = stage::Error::from(result.err().unwrap());
    (error.name, error.message)
}

#[test]
fn a_table_without_a_column_is_refused_by_file_and_column() {
    let mut clean = World::default().clean();
    clean.vagas = file::<String>(&raw::PROSPECTS, &[]);
    let (name, message) = refused(run(clean, &Config::default()));
    assert_eq!(name, ErrorName::BadInput);
    assert!(message.starts_with("vagas.parquet: column `"), "{message}");
    assert!(message.ends_with("run the stage that makes it again"), "{message}");
}

#[test]
fn a_file_that_is_no_parquet_is_refused() {
    let mut clean = World::default().clean();
    clean.applicants = bytes::Bytes::from_static(b"{}");
    let (name, message) = refused(run(clean, &Config::default()));
    assert_eq!(name, ErrorName::BadInput);
    assert!(message.starts_with("applicants.parquet: "), "{message}");
}

#[test]
fn a_truncated_file_is_refused() {
    let mut clean = World::default().clean();
    clean.prospects = clean.prospects.slice(..clean.prospects.len() / 2);
    assert_eq!(refused(run(clean, &Config::default())).0, ErrorName::BadInput);
}

#[test]
fn a_key_that_is_there_twice_is_refused_without_telling_it() {
    let twice = vec![row(&[("codigo", "4711")]), row(&[("codigo", "4711")])];
    let world = World { applicants: twice.clone(), ..World::default() };
    let (name, message) = refused(world.run_with(&Config::default()));
    assert_eq!(name, ErrorName::BadInput);
    assert_eq!(
        message,
        "applicants.parquet: rows 0 and 1 have the same `codigo`, expected one row a key; run ingest again"
    );
    let world = World { vagas: twice, ..World::default() };
    let (_, message) = refused(world.run_with(&Config::default()));
    assert!(message.starts_with("vagas.parquet: rows 0 and 1"), "{message}");
}

#[test]
fn the_tables_asked_for_are_those_of_the_feature_store() {
    let store = World::default().run();
    for table in tables::ALL {
        assert_eq!(store.rows(table), Vec::new(), "{}", table.name);
    }
}
