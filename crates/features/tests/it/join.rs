//! The join against a naive one in memory.

use proptest::prelude::*;
use schema::{Column, raw, tables};
use serde_json::json;

use crate::world::{Row, World, row};

/// Harmless values for every column of `columns`: distinct by record, some absent.
fn filled(columns: &[Column], key: &str, salt: usize) -> Row {
    let mut row = Row::new();
    for (i, column) in columns.iter().enumerate() {
        let value = match column.kind {
            _ if i == 0 => key.to_owned(),
            _ if (i + salt).is_multiple_of(4) => continue,
            _ if column.name == "infos_basicas.local" => {
                format!("{}{}{}", letters(i), [", ", ",", " "][salt % 3], letters(salt))
            }
            schema::Kind::Text => format!("{} of {}", letters(i), letters(salt)),
            _ => ((i * 31 + salt * 7) % 20_000).to_string(),
        };
        row.insert(column.name.to_owned(), value);
    }
    row
}

fn letters(mut n: usize) -> String {
    let mut text = String::from("w");
    while n > 0 {
        text.push(char::from(b'a' + u8::try_from(n % 26).unwrap()));
        n /= 26;
    }
    text
}

fn applied(job: &str, person: &str, status: Option<&str>, date: Option<i32>) -> Row {
    let mut row = row(&[("codigo_vaga", job), ("codigo", person)]);
    row.extend(status.map(|s| ("situacao_candidado".to_owned(), s.to_owned())));
    row.extend(date.map(|d| ("data_candidatura".to_owned(), d.to_string())));
    row
}

fn date(row: &Row) -> Option<i32> {
    row.get("data_candidatura").map(|d| d.parse().unwrap())
}

fn update(row: &Row) -> Option<i32> {
    row.get("ultima_atualizacao").map(|d| d.parse().unwrap())
}

/// Why application `i` is not a row, by the definition.
fn reason(world: &World, i: usize) -> Option<&'static str> {
    let this = &world.prospects[i];
    if !world.vagas.iter().any(|v| v["codigo"] == this["codigo_vaga"]) {
        return Some("job_absent");
    }
    if !world.applicants.iter().any(|a| a["codigo"] == this["codigo"]) {
        return Some("candidate_absent");
    }
    let same = |other: &&Row| ["codigo", "codigo_vaga"].iter().all(|key| other[*key] == this[*key]);
    let status = |row: &Row| row.get("situacao_candidado").cloned().unwrap_or_default();
    let open = |row: &Row| ["", "Prospect"].contains(&status(row).as_str());
    let hired = world.prospects.iter().filter(same).any(|row| status(row) == "Aprovado");
    let rank = |row: &Row| (!(hired && open(row)), update(row).or(date(row)), date(row));
    let better = world.prospects.iter().enumerate().any(|(j, other)| {
        same(&other) && (rank(other) > rank(this) || rank(other) == rank(this) && j > i)
    });
    better.then_some("duplicate")
}

/// Year, month and day of days since 1970-01-01.
fn ymd(days: &str) -> (u32, u32, u32) {
    let text = schema::calendar::iso(days.parse().unwrap());
    let parts: Vec<u32> = text.split('-').map(|part| part.parse().unwrap()).collect();
    (parts[0], parts[1], parts[2])
}

/// The state of a place and the age band of an application, by the definition.
fn derived(column: &str, person: &Row, application: &Row) -> Option<String> {
    if column == "estado" {
        let parts: Vec<_> = person.get("infos_basicas.local")?.split(',').collect();
        return (parts.len() > 1).then(|| parts[parts.len() - 1].trim().to_owned());
    }
    let (y, m, d) = ymd(person.get("informacoes_pessoais.data_nascimento")?);
    let on = ymd(application.get("data_candidatura")?);
    let age = on.0.checked_sub(y + u32::from((on.1, on.2) < (m, d)))?;
    let from = [(14, "<25"), (25, "25-34"), (35, "35-44"), (45, "45-54"), (55, "55+")];
    let band = from.iter().rev().find(|(from, _)| age >= *from)?;
    (age <= 90).then(|| band.1.to_owned())
}

fn candidates(world: &World) -> Vec<Row> {
    let mut rows = Vec::new();
    for person in &world.applicants {
        for (i, application) in world.prospects.iter().enumerate() {
            if application["codigo"] != person["codigo"] || reason(world, i).is_some() {
                continue;
            }
            let job =
                world.vagas.iter().find(|v| v["codigo"] == application["codigo_vaga"]).unwrap();
            let mut row = Row::new();
            for column in tables::CANDIDATES.columns {
                if column.is_derived() {
                    let value = derived(column.name, person, application);
                    row.extend(value.map(|v| (column.name.to_owned(), v)));
                    continue;
                }
                let from = match column.name {
                    "codigo_vaga" | "situacao_candidato" | "data_candidatura" => application,
                    name if tables::PEOPLE.position(name).is_some() => person,
                    _ => job,
                };
                let mut value = from.get(column.source);
                if column.name == "cv_candidato" {
                    value = value.or(person.get("cv_en"));
                }
                row.extend(value.map(|v| (column.name.to_owned(), v.clone())));
            }
            rows.push(row);
        }
    }
    rows
}

fn worlds() -> impl Strategy<Value = World> {
    let ids = |most: usize| {
        prop::collection::btree_set(0..most, 0..most)
            .prop_map(|ids| ids.into_iter().collect::<Vec<_>>())
            .prop_shuffle()
    };
    let statuses = [None, Some("Prospect"), Some("Aprovado"), Some("Desistiu")];
    let application =
        (0..6usize, 0..9usize, prop::sample::select(statuses.to_vec()), 0..4i32, 0..4i32);
    (ids(8), ids(5), prop::collection::vec(application, 0..40)).prop_map(
        |(people, jobs, applications)| World {
            applicants: people
                .iter()
                .map(|p| filled(raw::APPLICANTS.columns, &p.to_string(), *p))
                .collect(),
            vagas: jobs
                .iter()
                .map(|j| filled(raw::VAGAS.columns, &(100 + j).to_string(), 50 + j))
                .collect(),
            prospects: applications
                .iter()
                .map(|(job, person, status, day, update)| {
                    // With the birth dates of `filled`, ages from 22 to 73.
                    let day = (*day > 0).then_some(*day * 9_000);
                    let mut row =
                        applied(&(100 + job).to_string(), &person.to_string(), *status, day);
                    if *update > 0 {
                        let update = (update * 9_000).to_string();
                        row.insert("ultima_atualizacao".to_owned(), update);
                    }
                    row
                })
                .collect(),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_join_is_the_naive_one(world in worlds()) {
        // Every value of a list stays, however few have it.
        let config = features::Config { listed_minimum_records: 1, ..Default::default() };
        let store = world.run_with(&config).unwrap();
        prop_assert_eq!(store.rows(&tables::CANDIDATES), candidates(&world));

        let reasons: Vec<_> = (0..world.prospects.len()).map(|i| reason(&world, i)).collect();
        let dropped: Vec<Row> = world
            .prospects
            .iter()
            .zip(&reasons)
            .filter_map(|(application, reason)| {
                let keys = [("codigo_vaga", application["codigo_vaga"].as_str()),
                    ("codigo", application["codigo"].as_str()), ("reason", (*reason)?)];
                Some(row(&keys))
            })
            .collect();
        prop_assert_eq!(store.rows(&features::DROPPED), dropped);

        let count = |wanted| reasons.iter().filter(|r| **r == wanted).count();
        prop_assert_eq!(store.metric("rows_candidates"), count(None));
        prop_assert_eq!(store.metric("orphans_job"), count(Some("job_absent")));
        prop_assert_eq!(store.metric("orphans_candidate"), count(Some("candidate_absent")));
        prop_assert_eq!(store.metric("duplicates"), count(Some("duplicate")));
        prop_assert_eq!(store.metric("applications"), world.prospects.len());

        let keys = |rows: Vec<Row>, key: &str| -> Vec<String> {
            rows.iter().map(|r| r[key].clone()).collect()
        };
        prop_assert_eq!(
            keys(store.rows(&tables::PEOPLE), "codigo"), keys(world.applicants.clone(), "codigo")
        );
        prop_assert_eq!(
            keys(store.rows(&tables::JOBS), "codigo_vaga"), keys(world.vagas.clone(), "codigo")
        );
        let with: std::collections::BTreeSet<_> =
            candidates(&world).iter().map(|r| r["codigo"].clone()).collect();
        prop_assert_eq!(
            store.metric("people_without_applications"), world.applicants.len() - with.len()
        );
    }
}

fn person(codigo: &str) -> Row {
    row(&[("codigo", codigo), ("cv_pt", "java")])
}

fn job(codigo: &str) -> Row {
    row(&[("codigo", codigo), ("informacoes_basicas.titulo_vaga", "Analista")])
}

#[test]
fn rows_follow_the_candidates_then_the_applications() {
    let world = World {
        applicants: vec![person("9"), person("1")],
        vagas: vec![job("7"), job("8")],
        prospects: vec![
            applied("8", "1", None, None),
            applied("7", "9", None, None),
            applied("7", "1", None, None),
            applied("8", "9", None, None),
        ],
    };
    let rows = world.run().rows(&tables::CANDIDATES);
    let keys: Vec<_> =
        rows.iter().map(|r| (r["codigo"].as_str(), r["codigo_vaga"].as_str())).collect();
    assert_eq!(keys, [("9", "7"), ("9", "8"), ("1", "8"), ("1", "7")]);
}

#[test]
fn of_two_applications_to_a_job_the_latest_stays_and_of_equals_the_last() {
    let world = World {
        applicants: vec![person("1"), person("2")],
        vagas: vec![job("7")],
        prospects: vec![
            applied("7", "1", Some("Prospect"), Some(10)),
            applied("7", "1", Some("Aprovado"), Some(11)),
            applied("7", "1", Some("Desistiu"), None),
            applied("7", "2", Some("Inscrito"), None),
            applied("7", "2", Some("Recusado"), None),
        ],
    };
    let store = world.run();
    let rows = store.rows(&tables::CANDIDATES);
    let statuses: Vec<_> = rows.iter().map(|r| r["situacao_candidato"].as_str()).collect();
    assert_eq!(statuses, ["Aprovado", "Recusado"]);
    assert_eq!(store.metric("duplicates"), 3);
    assert_eq!(store.metric("labels"), &json!({"Aprovado": 1, "Recusado": 1}));
    assert_eq!(store.metric("positives"), 1);
    assert_eq!(store.metric("months"), &json!(["1970-01", "1970-01"]));
}

/// The status that stays of rows of a pair: status, last change and date.
fn stays(rows: &[(&str, Option<i32>, Option<i32>)]) -> String {
    let applications = rows.iter().map(|(status, update, date)| {
        let mut row = applied("7", "1", Some(status), *date);
        row.extend(update.map(|day| ("ultima_atualizacao".to_owned(), day.to_string())));
        row
    });
    let prospects = applications.collect();
    let world = World { applicants: vec![person("1")], vagas: vec![job("7")], prospects };
    let rows = world.run().rows(&tables::CANDIDATES);
    assert_eq!(rows.len(), 1);
    rows[0]["situacao_candidato"].clone()
}

#[test]
fn a_hire_vanishes_only_by_a_later_decision_in_whatever_order_the_rows_stand() {
    let hire = ("Contratado pela Decision", Some(20), Some(10));
    for (other, expected) in [
        (("Prospect", Some(30), Some(30)), hire.0),
        (("Prospect", None, None), hire.0),
        (("Desistiu", Some(30), Some(10)), "Desistiu"),
        (("Desistiu da Contratação", Some(21), Some(9)), "Desistiu da Contratação"),
        (("Desistiu", Some(19), Some(10)), hire.0),
        (("Desistiu", None, Some(10)), hire.0),
        (("Não Aprovado pelo Cliente", Some(15), Some(12)), hire.0),
        (("Ligar para alguém", Some(30), Some(30)), hire.0),
    ] {
        assert_eq!(stays(&[hire, other]), expected, "{other:?}");
        assert_eq!(stays(&[other, hire]), expected, "{other:?}");
    }
    let open = ("Inscrito", Some(40), Some(40));
    let withdrawn = ("Desistiu", Some(30), Some(10));
    assert_eq!(stays(&[open, hire, withdrawn]), "Desistiu");
    // Without a hire the newest change counts; of equals, the last in the file.
    assert_eq!(stays(&[open, withdrawn]), "Inscrito");
    assert_eq!(stays(&[("Recusado", Some(40), Some(40)), open]), "Inscrito");
    assert_eq!(stays(&[open, ("Recusado", Some(40), Some(40))]), "Recusado");
}

#[test]
fn no_applications_and_nothing_at_all_are_fine() {
    let world =
        World { applicants: vec![person("1")], vagas: vec![job("7")], prospects: Vec::new() };
    let store = world.run();
    assert_eq!(store.rows(&tables::CANDIDATES), Vec::<Row>::new());
    assert_eq!(store.rows(&tables::PEOPLE).len(), 1);
    assert_eq!(store.rows(&tables::JOBS).len(), 1);
    assert_eq!(store.metric("people_without_applications"), 1);
    assert_eq!(store.metric("months"), &serde_json::Value::Null);

    let store = World::default().run();
    for table in crate::world::WRITTEN {
        assert_eq!(store.rows(table), Vec::<Row>::new(), "{}", table.name);
    }
}

#[test]
fn a_job_without_applicants_is_a_row_of_jobs() {
    let world = World {
        applicants: vec![person("1")],
        vagas: vec![job("7"), job("8")],
        prospects: vec![applied("8", "1", None, None)],
    };
    let store = world.run();
    assert_eq!(store.rows(&tables::JOBS).len(), 2);
    assert_eq!(store.rows(&tables::CANDIDATES).len(), 1);
}

#[test]
fn the_english_cv_stands_in_where_there_is_no_portuguese_one() {
    let world = World {
        applicants: vec![
            row(&[("codigo", "1"), ("cv_pt", "desenvolvedor"), ("cv_en", "developer")]),
            row(&[("codigo", "2"), ("cv_en", "developer")]),
            row(&[("codigo", "3")]),
        ],
        ..World::default()
    };
    let store = world.run();
    let people = store.rows(&tables::PEOPLE);
    let cvs: Vec<_> = people.iter().map(|r| r.get("cv_candidato").map(String::as_str)).collect();
    assert_eq!(cvs, [Some("desenvolvedor"), Some("developer"), None]);
    assert_eq!(store.metric("cv_in_english"), 1);
}

/// The age bands of applications of one person, born on `born`, on these days.
fn bands(born: Option<&str>, days: &[Option<i32>]) -> Vec<Option<String>> {
    let mut applicant = person("1");
    let born = born.map(|b| ("informacoes_pessoais.data_nascimento".to_owned(), b.to_owned()));
    applicant.extend(born);
    let jobs: Vec<_> = (0..days.len()).map(|i| (100 + i).to_string()).collect();
    let world = World {
        applicants: vec![applicant],
        vagas: jobs.iter().map(|codigo| job(codigo)).collect(),
        prospects: jobs.iter().zip(days).map(|(job, day)| applied(job, "1", None, *day)).collect(),
    };
    let rows = world.run().rows(&tables::CANDIDATES);
    rows.iter().map(|row| row.get("faixa_etaria").cloned()).collect()
}

#[test]
fn the_age_band_is_that_of_each_applications_own_day() {
    // Born on 1996-02-29; 2021-02-28, 2021-03-01, 2031-03-01, no date, before the birth.
    let days = [Some(18_686), Some(18_687), Some(22_339), None, Some(1)];
    let some = |band: &str| Some(band.to_owned());
    let expected = [some("<25"), some("25-34"), some("35-44"), None, None];
    assert_eq!(bands(Some("9555"), &days), expected);
    assert_eq!(bands(None, &days), [None, None, None, None, None]);
}

#[test]
fn the_state_is_in_people_and_in_candidates_and_the_age_band_in_candidates_alone() {
    let mut applicant = person("1");
    applicant.insert("infos_basicas.local".to_owned(), "Curitiba, Paraná".to_owned());
    applicant.insert("informacoes_pessoais.data_nascimento".to_owned(), "9555".to_owned());
    let world = World {
        applicants: vec![applicant, person("2")],
        vagas: vec![job("7")],
        prospects: vec![
            applied("7", "1", None, Some(18_687)),
            applied("7", "2", None, Some(18_687)),
        ],
    };
    let store = world.run();
    for table in [&tables::PEOPLE, &tables::CANDIDATES] {
        let rows = store.rows(table);
        let found: Vec<_> = rows.iter().map(|row| (row.get("cidade"), row.get("estado"))).collect();
        let (place, state) = ("Curitiba, Paraná".to_owned(), "Paraná".to_owned());
        assert_eq!(found, [(Some(&place), Some(&state)), (None, None)], "{}", table.name);
    }
    assert_eq!(store.rows(&tables::CANDIDATES)[0]["faixa_etaria"], "25-34");
    assert_eq!(tables::PEOPLE.position("faixa_etaria"), None);
}
