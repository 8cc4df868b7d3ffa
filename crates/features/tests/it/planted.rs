//! What of the personal data that a sample plants comes through the stage, kind by kind.

use std::{collections::BTreeMap, fs, ops::ControlFlow};

use sample::SampleConfig;
use schema::{Kind, raw, tables};
use serde_json::Value;

use crate::world::{Row, World};

/// Kinds of which one in twenty may come through: people who are not the record's own.
const OTHERS: [&str; 3] = ["parents", "referee", "spouse"];

/// The texts of the sample's candidates, as `ingest` has them.
fn applicants(json: &Value) -> Vec<Row> {
    let texts = raw::APPLICANTS.columns.iter().filter(|column| column.kind == Kind::Text);
    let texts: Vec<_> = texts.map(|column| column.name).collect();
    let row = |(key, record): (&String, &Value)| {
        let value = |name: &&str| {
            let path = format!("/{}", name.replace('.', "/"));
            let text = record.pointer(&path)?.as_str().filter(|text| !text.is_empty())?;
            Some(((*name).to_owned(), text.to_owned()))
        };
        let mut row: Row = texts.iter().filter_map(value).collect();
        row.insert("codigo".to_owned(), key.clone());
        row
    };
    json.as_object().unwrap().iter().map(row).collect()
}

#[test]
fn what_a_sample_plants_does_not_come_through() {
    let dir = tempfile::tempdir().unwrap();
    let config = SampleConfig {
        candidates: 1500,
        jobs: 20,
        applications: 30,
        personal: true,
        ..SampleConfig::default()
    };
    sample::generate(&config, dir.path(), &|_| ControlFlow::Continue(())).unwrap();
    let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    let applicants = applicants(&serde_json::from_str(&read("applicants.json")).unwrap());
    let given: BTreeMap<String, String> = applicants
        .iter()
        .map(|row| (row["codigo"].clone(), row.get("cv_pt").cloned().unwrap_or_default()))
        .collect();
    let store = World { applicants, ..World::default() }.run();
    let people = store.rows(&tables::PEOPLE);
    let left: BTreeMap<&str, &str> = people
        .iter()
        .map(|row| (&*row["codigo"], row.get("cv_candidato").map_or("", String::as_str)))
        .collect();

    let mut kinds: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for line in read("personal.csv").lines().skip(1) {
        let [key, kind, personal] = line.splitn(3, ',').collect::<Vec<_>>()[..] else {
            panic!("three cells in {line}")
        };
        let personal = personal.trim_matches('"');
        assert!(given[key].contains(personal), "{kind} of {key} is not in the CV");
        let (planted, through) = kinds.entry(kind.to_owned()).or_default();
        *planted += 1;
        *through += usize::from(left[key].contains(personal));
    }
    println!("{kinds:?}");
    assert_eq!(kinds.len(), 12);
    for (kind, (planted, through)) in kinds {
        assert!(planted > 200, "{planted} of {kind}");
        let may = if OTHERS.contains(&kind.as_str()) { planted / 20 } else { 0 };
        assert!(through <= may, "{through} of {planted} of {kind} come through");
    }
    // And the rest is there: words that belong to nobody.
    let words =
        |texts: Vec<&str>| texts.iter().map(|t| t.split_whitespace().count()).sum::<usize>();
    let before = words(given.values().map(String::as_str).collect());
    let after = words(left.values().copied().collect());
    assert!(after * 100 > before * 95, "{after} of {before} words are left");
}
