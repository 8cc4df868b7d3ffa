//! Files that add to the files before them.

use versioning::RawTable::{self, Applicants, Prospects, Vagas};

use crate::world::{Day, Row, World};

fn parts(table: RawTable, parts: &[&str]) -> Day {
    let name = |i| format!("raw/{}/part-{i}.json", table.name());
    let files = (1..).zip(parts).map(|(i, part)| (name(i), part.as_bytes().to_vec()));
    World::default().with_files(table, files.collect()).run().unwrap()
}

fn cells(rows: &[Row], columns: &[&str]) -> Vec<String> {
    let cell = |row: &Row, name: &&str| row.get(name).map_or("·", String::as_str).to_owned();
    let mut lines: Vec<String> = rows
        .iter()
        .map(|row| columns.iter().map(|name| cell(row, name)).collect::<Vec<_>>().join(" "))
        .collect();
    lines.sort();
    lines
}

fn repeated(day: &Day, table: RawTable) -> [u64; 3] {
    let repeated = &day.profile()[table.name()]["repeated"];
    ["identical", "differing", "merged"].map(|name| repeated[name].as_u64().unwrap())
}

#[test]
fn a_persons_newer_record_stays_by_its_own_date_else_by_the_order_of_files() {
    let person = |id: u32, day: &str, cv: &str| {
        format!(r#""{id}": {{"infos_basicas": {{"data_atualizacao": "{day}"}}, "cv_pt": "{cv}"}}"#)
    };
    let file = |people: &[String]| format!("{{{}}}", people.join(","));
    let first = file(&[
        person(1, "01-02-2021", "old"),
        person(2, "09-02-2021", "newer"),
        person(3, "", "old"),
        person(4, "01-02-2021", "same"),
        person(5, "01-02-2021", "alone"),
    ]);
    let second = file(&[
        person(1, "02-02-2021", "between"),
        person(2, "08-02-2021", "older"),
        person(3, "01-02-2021", "new"),
        person(4, "01-02-2021", "same"),
    ]);
    let third = file(&[person(1, "03-02-2021", "new"), person(6, "", "fresh")]);
    let day = parts(Applicants, &[&first, &second, &third]);
    assert_eq!(
        cells(&day.applicants(), &["codigo", "cv_pt"]),
        ["1 new", "2 newer", "3 new", "4 same", "5 alone", "6 fresh"]
    );
    assert_eq!(repeated(&day, Applicants), [1, 0, 4]);
    assert_eq!(day.rejects(), ["applicants 4 · record duplicate_key"]);
    let profile = &day.profile()["applicants"];
    assert_eq!((&profile["rows"], &profile["columns"]["cv_pt"]["filled"]), (&6.into(), &6.into()));
}

#[test]
fn what_is_said_again_after_something_else_is_the_newest() {
    let job = |title: &str| {
        format!(r#"{{"4000": {{"informacoes_basicas": {{"titulo_vaga": "{title}"}}}}}}"#)
    };
    let day = parts(Vagas, &[&job("Dev"), &job("Analista"), &job("Dev")]);
    assert_eq!(cells(&day.vagas(), &["informacoes_basicas.titulo_vaga"]), ["Dev"]);
    assert_eq!(repeated(&day, Vagas), [0, 0, 2]);
}

#[test]
fn applications_of_a_job_are_put_together_and_the_newer_of_one_stays() {
    let job = |items: &[(u32, &str, &str)]| {
        let item = |(person, updated, status): &(u32, &str, &str)| {
            format!(
                r#"{{"codigo": "{person}", "data_candidatura": "01-01-2021", "ultima_atualizacao": "{updated}", "comentario": "{status}"}}"#
            )
        };
        let items: Vec<_> = items.iter().map(item).collect();
        format!(r#"{{"4000": {{"titulo": "T", "prospects": [{}]}}}}"#, items.join(","))
    };
    let first = job(&[(1, "01-01-2021", "one"), (2, "01-01-2021", "two"), (2, "", "again")]);
    let second = job(&[(1, "05-01-2021", "hired"), (3, "01-01-2021", "three")]);
    let expected = ["1 hired", "2 again", "2 two", "3 three"];
    let day = parts(Prospects, &[&first, &second]);
    assert_eq!(cells(&day.prospects(), &["codigo", "comentario"]), expected);
    assert_eq!(repeated(&day, Prospects), [0, 0, 1]);
    assert!(day.rejects().is_empty());
    // The order of the files decides only where the dates do not.
    let day = parts(Prospects, &[&second, &first]);
    assert_eq!(cells(&day.prospects(), &["codigo", "comentario"]), expected);
}

#[test]
fn within_a_file_the_first_record_stays() {
    let day = parts(Applicants, &[r#"{"1": {"cv_pt": "a"}, "1": {"cv_pt": "b"}}"#, "{}"]);
    assert_eq!(cells(&day.applicants(), &["codigo", "cv_pt"]), ["1 a"]);
    assert_eq!(repeated(&day, Applicants), [0, 1, 0]);
}

#[test]
fn parquet_of_one_row_an_application_is_put_together_too() {
    let job = |items: &str| format!(r#"{{"4000": {{"titulo": "T", "prospects": [{items}]}}}}"#);
    let one = r#"{"codigo": "1", "data_candidatura": "01-01-2021", "comentario": "one"}"#;
    let again = r#"{"codigo": "1", "data_candidatura": "01-01-2021", "comentario": "later"}"#;
    let two = r#"{"codigo": "2", "comentario": "two"}"#;
    let as_parquet = |items: &str| {
        World::default().with(Prospects, job(items)).run().unwrap().bytes("prospects.parquet")
    };
    let files = [as_parquet(one), as_parquet(&format!("{again}, {two}"))];
    let names = ["raw/prospects/part-1.parquet", "raw/prospects/part-2.parquet"].map(str::to_owned);
    let files = names.into_iter().zip(files).collect();
    let day = World::default().with_files(Prospects, files).run().unwrap();
    assert_eq!(cells(&day.prospects(), &["codigo", "comentario"]), ["1 later", "2 two"]);
    assert_eq!(repeated(&day, Prospects), [0, 0, 2]);
}

#[test]
fn a_part_of_applications_that_repeats_another_is_counted_and_each_stays_once() {
    let rows: Vec<_> = (0..9)
        .map(|i| format!(r#"{{"codigo_vaga": {}, "codigo": "{i}", "comentario": "c{i}"}}"#, i % 3))
        .collect();
    let part = format!("[{}]", rows.join(","));
    let day = parts(Prospects, &[&part, &part]);
    assert_eq!(day.prospects().len(), 9);
    assert_eq!(repeated(&day, Prospects), [9, 0, 0]);
    // A list of one application, then the same as a record of its own.
    let list = r#"{"0": {"prospects": [{"codigo": "0", "comentario": "c0"}]}}"#;
    let day = parts(Prospects, &[list, &format!("[{}]", rows[0])]);
    assert_eq!(day.prospects().len(), 1);
    assert_eq!(repeated(&day, Prospects), [1, 0, 0]);
}
