//! One world seen on several days.
#![allow(clippy::unwrap_used, reason = "helpers of tests, which may")]

use sample::{Day, Law, SampleConfig, generate};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// Three years of a small company.
fn world() -> SampleConfig {
    SampleConfig {
        candidates: 1500,
        jobs: 500,
        applications: 2500,
        start: day("2020-01-01"),
        end: day("2022-12-31"),
        ..SampleConfig::default()
    }
}

fn worlds() -> [SampleConfig; 2] {
    Law::ALL.map(|law| SampleConfig { law, ..world() })
}

fn on(date: Day, world: &SampleConfig) -> SampleConfig {
    SampleConfig { day: Some(date), ..world.clone() }
}

fn bytes(config: &SampleConfig) -> [Vec<u8>; 4] {
    let dir = tempfile::tempdir().unwrap();
    generate(config, dir.path(), &|_| ControlFlow::Continue(())).unwrap();
    ["applicants.json", "vagas.json", "prospects.json", "truth.csv"]
        .map(|name| std::fs::read(dir.path().join(name)).unwrap())
}

type Table = Map<String, Value>;

fn read(config: &SampleConfig) -> [Table; 3] {
    let [applicants, jobs, prospects, _] = bytes(config);
    [applicants, jobs, prospects].map(|file| serde_json::from_slice(&file).unwrap())
}

/// The day of `04-05-2021`.
fn dated(text: &str) -> Day {
    let parts: Vec<&str> = text[..10].split('-').collect();
    day(&format!("{}-{}-{}", parts[2], parts[1], parts[0]))
}

/// Applications by job and what of them never changes.
fn applications(prospects: &Table) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for (job, record) in prospects {
        for application in record["prospects"].as_array().unwrap() {
            let (code, date) = (&application["codigo"], &application["data_candidatura"]);
            let (remark, recruiter) = (&application["comentario"], &application["recrutador"]);
            let key = format!("{job} {code} {date} {remark} {recruiter}");
            assert!(found.insert(key, application.clone()).is_none());
        }
    }
    found
}

#[test]
fn a_day_shows_nothing_of_the_days_after_it() {
    let days = ["2020-02-01", "2021-03-15", "2022-12-31"].map(day);
    for (date, world) in days.into_iter().flat_map(|date| worlds().map(|world| (date, world))) {
        let [people, jobs, prospects] = read(&on(date, &world));
        for record in people.values() {
            for field in ["data_criacao", "data_atualizacao"] {
                assert!(dated(record["infos_basicas"][field].as_str().unwrap()) <= date);
            }
            if let Some(hired) = record["cargo_atual"].get("data_admissao") {
                assert!(dated(hired.as_str().unwrap()) <= date);
            }
            let accepted = record["informacoes_pessoais"]["data_aceite"].as_str().unwrap();
            if accepted.contains('/') {
                assert!(dated(&accepted.replace('/', "-")) <= date, "{accepted}");
            }
        }
        for record in jobs.values() {
            assert!(
                dated(record["informacoes_basicas"]["data_requicisao"].as_str().unwrap()) <= date
            );
        }
        for application in applications(&prospects).values() {
            for field in ["data_candidatura", "ultima_atualizacao"] {
                let shown = application[field].as_str().unwrap();
                assert!(shown.is_empty() || dated(shown) <= date, "{field} {shown} on {date}");
            }
        }
    }
}

#[test]
fn from_day_to_day_things_come_and_outcomes_mature_and_all_else_stays() {
    worlds().iter().for_each(day_to_day);
}

fn day_to_day(world: &SampleConfig) {
    let days = [
        "2020-06-01",
        "2020-06-02",
        "2021-06-01",
        "2022-06-01",
        "2022-10-01",
        "2022-12-31",
        "2030-01-01",
    ]
    .map(day);
    let states = days.map(|date| read(&on(date, world)));
    let mut matured = 0;
    for pair in states.windows(2) {
        let [before, after] = pair else { unreachable!() };
        for (key, job) in &before[1] {
            assert_eq!(job, &after[1][key], "job {key}");
        }
        for (key, person) in &before[0] {
            let still = |person: &Value| {
                let mut person = person.clone();
                person["infos_basicas"]["data_atualizacao"] = Value::Null;
                person["cargo_atual"] = Value::Null;
                person
            };
            assert_eq!(still(person), still(&after[0][key]), "candidate {key}");
        }
        for (job, record) in &before[2] {
            // A list grows at its end.
            let (old, new) = (&record["prospects"], &after[2][job]["prospects"]);
            for (old, new) in old.as_array().unwrap().iter().zip(new.as_array().unwrap()) {
                for field in ["codigo", "nome", "data_candidatura", "comentario", "recrutador"] {
                    assert_eq!(old[field], new[field], "job {job}");
                }
                if old == new {
                    continue;
                }
                matured += 1;
                let status = old["situacao_candidado"].as_str().unwrap();
                let open = ["Prospect", "Inscrito", "Encaminhado ao Requisitante"];
                assert!(open.contains(&status), "{status} became {}", new["situacao_candidado"]);
                assert_ne!(old["ultima_atualizacao"], new["ultima_atualizacao"]);
            }
        }
    }
    let shown =
        |state: &[Table; 3]| [state[0].len(), state[1].len(), applications(&state[2]).len()];
    let grown = states.each_ref().map(shown);
    assert!(grown.is_sorted() && grown[0] < grown[1] && grown[1][2] * 2 < grown[2][2], "{grown:?}");
    assert!(matured > 15, "{matured}");
    let [people, jobs, _] = states.last().unwrap();
    assert_eq!((people.len(), jobs.len()), (1500, 500));
    let end = read(world);
    assert_eq!(states.last().unwrap(), &end, "without a day all is over");
    assert_eq!(applications(&end[2]).len(), 2500);
}

#[test]
fn a_hire_shows_in_the_record_of_the_hired_on_the_day_it_shows_in_the_status() {
    let mut hired = [0; 2];
    for (date, count) in ["2021-06-01", "2022-12-31"].map(day).into_iter().zip(&mut hired) {
        let [people, _, prospects] = read(&on(date, &world()));
        let applications = applications(&prospects);
        let hires: Vec<&Value> = applications
            .values()
            .filter(|application| application["situacao_candidado"] == "Contratado pela Decision")
            .map(|application| &application["codigo"])
            .collect();
        for (code, person) in &people {
            let filled = !person["cargo_atual"].as_object().unwrap().is_empty();
            assert_eq!(filled, hires.iter().any(|hire| *hire == code), "candidate {code}");
        }
        *count = hires.len();
    }
    assert!(10 < hired[0] && hired[0] < hired[1], "{hired:?}");
}

#[test]
fn candidates_come_the_day_before_their_first_application() {
    let [people, _, prospects] = read(&world());
    let mut first = BTreeMap::new();
    for application in applications(&prospects).into_values() {
        let date = dated(application["data_candidatura"].as_str().unwrap());
        let code = application["codigo"].as_str().unwrap().to_owned();
        let earliest = first.entry(code).or_insert(date);
        *earliest = date.min(*earliest);
    }
    for (code, person) in &people {
        let came = dated(person["infos_basicas"]["data_criacao"].as_str().unwrap());
        if let Some(first) = first.get(code) {
            assert_eq!(first.since(came), 1, "candidate {code}");
        }
    }
}

#[test]
fn enough_arrives_a_month_and_keys_rise_with_the_days() {
    let [_, jobs, prospects] = read(&world());
    let mut months = BTreeMap::new();
    for application in applications(&prospects).into_values() {
        let date = application["data_candidatura"].as_str().unwrap();
        *months.entry(format!("{}-{}", &date[6..], &date[3..5])).or_insert(0) += 1;
    }
    // The last are the weeks after the end.
    let within: Vec<_> = months.iter().filter(|(month, _)| month.as_str() < "2023").collect();
    assert_eq!(within.len(), 36);
    // Applications follow the first jobs.
    assert!(within[1..].iter().all(|(_, count)| **count >= 20), "{months:?}");
    let of = |year: &str| {
        within.iter().filter(|(month, _)| month.starts_with(year)).map(|(_, n)| **n).sum::<i32>()
    };
    assert!(of("2022") * 10 > of("2020") * 16, "{months:?}");
    let mut opened: Vec<(u32, Day)> = jobs
        .iter()
        .map(|(key, job)| {
            let date = job["informacoes_basicas"]["data_requicisao"].as_str().unwrap();
            (key.parse().unwrap(), dated(date))
        })
        .collect();
    opened.sort_unstable();
    assert!(opened.is_sorted_by_key(|job| job.1));
}

#[test]
fn the_truth_is_of_the_applications_that_the_day_shows() {
    let [_, _, prospects, truth] = bytes(&on(day("2021-06-01"), &world()));
    let prospects: Table = serde_json::from_slice(&prospects).unwrap();
    let whole = bytes(&world());
    let lines = |file: &[u8]| -> BTreeMap<String, Vec<String>> {
        let text = String::from_utf8(file.to_vec()).unwrap();
        let rows = text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect());
        rows.map(|row: Vec<String>| (row[..3].join(","), row)).collect()
    };
    let (shown, whole) = (lines(&truth), lines(&whole[3]));
    assert_eq!(shown.len(), applications(&prospects).len());
    for (key, row) in &shown {
        let all = &whole[key];
        assert_eq!((&row[3], &row[5..]), (&all[3], &all[5..]), "{key}");
        assert_eq!(row.len(), 11);
        assert!(row[4] <= all[4], "{key}: a good end was known before it came");
    }
}

#[test]
fn a_change_for_good_moves_what_comes_after_it_and_nothing_before() {
    let date = day("2021-09-01");
    let size = SampleConfig { candidates: 6000, jobs: 3000, applications: 12_000, ..world() };
    let changed = SampleConfig { change: Some(date), ..size.clone() };
    let (before, after) = (read(&size), read(&changed));
    // Share of jobs of a contract, of an area, and of good ends, after the change.
    let shares = |[_, jobs, prospects]: &[Table; 3]| {
        let later = |job: &&Value| {
            dated(job["informacoes_basicas"]["data_requicisao"].as_str().unwrap()) >= date
        };
        let jobs: Vec<&Value> = jobs.values().filter(later).collect();
        let share = |f: &dyn Fn(&Value) -> bool| {
            jobs.iter().filter(|job| f(job)).count() as f64 / jobs.len() as f64
        };
        let ends = applications(prospects);
        let ends: Vec<&Value> = ends
            .values()
            .filter(|one| dated(one["data_candidatura"].as_str().unwrap()) >= date)
            .collect();
        let good =
            ends.iter().filter(|one| one["situacao_candidado"] == "Contratado pela Decision");
        [
            share(&|job| job["informacoes_basicas"]["tipo_contratacao"] == "Cooperado"),
            share(&|job| {
                job["perfil_vaga"]["areas_atuacao"].as_str().unwrap().starts_with("TI - Dados")
            }),
            good.count() as f64 / ends.len() as f64,
        ]
    };
    let ([contract, area, good], [contract_after, area_after, good_after]) =
        (shares(&before), shares(&after));
    assert!(contract_after > 2.0 * contract, "{contract} {contract_after}");
    assert!(area_after > 2.0 * area, "{area} {area_after}");
    assert!(good_after < 0.7 * good, "{good} {good_after}");
    let early = |tables: &[Table; 3]| -> Vec<Value> {
        let opened = |job: &&Value| {
            dated(job["informacoes_basicas"]["data_requicisao"].as_str().unwrap()) < date
        };
        tables[1].values().filter(opened).cloned().collect()
    };
    assert!(early(&before).len() > 500);
    assert_eq!(early(&before), early(&after));
}

#[test]
fn a_history_has_the_same_bytes_on_any_number_of_threads() {
    let config = SampleConfig { hostile: true, drift: 0.3, ..on(day("2021-06-01"), &world()) };
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| bytes(&config))
    };
    assert!(on(1) == on(3));
}
