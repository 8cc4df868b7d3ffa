//! Samples under the second law as their readers see them.
#![allow(clippy::unwrap_used, reason = "helpers of tests, which may")]

use sample::operations::{CONTRACTS, MASS_CLIENT};
use sample::{Day, Law, SampleConfig, drift, generate};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

fn config() -> SampleConfig {
    SampleConfig {
        candidates: 5300,
        jobs: 1760,
        applications: 6720,
        law: Law::Operations,
        ..SampleConfig::default()
    }
}

fn bytes(config: &SampleConfig) -> [Vec<u8>; 4] {
    let dir = tempfile::tempdir().unwrap();
    generate(config, dir.path(), &|_| ControlFlow::Continue(())).unwrap();
    ["applicants.json", "vagas.json", "prospects.json", "truth.csv"]
        .map(|name| std::fs::read(dir.path().join(name)).unwrap())
}

fn table(bytes: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(bytes).unwrap()
}

fn truth(bytes: &[u8]) -> Vec<BTreeMap<String, String>> {
    let text = std::str::from_utf8(bytes).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned));
    let columns: Vec<String> = lines.next().unwrap().collect();
    lines.map(|line| columns.iter().cloned().zip(line).collect()).collect()
}

#[test]
fn jobs_ask_in_prose_and_not_in_lists() {
    let jobs = table(&bytes(&config())[1]);
    let texts: Vec<&str> = jobs
        .values()
        .map(|job| job["perfil_vaga"]["competencia_tecnicas_e_comportamentais"].as_str().unwrap())
        .collect();
    let share = |f: &dyn Fn(&str) -> bool| {
        texts.iter().filter(|text| f(text)).count() as f64 / texts.len() as f64
    };
    let lists = share(&|text| text.lines().any(|line| line.matches(", ").count() >= 3));
    assert!(lists < 0.02, "{lists}");
    let asked = share(&|text| text.lines().count() > 3);
    assert!(asked > 0.85, "{asked}");
    let english = share(&|text| text.contains("experience") || text.contains("years"));
    assert!((0.05..0.25).contains(&english), "{english}");
    let headings = share(&|text| text.contains("A) Melhorias") || text.contains("Requisitos"));
    assert!((0.1..0.6).contains(&headings), "{headings}");
    let mean = texts.iter().map(|text| text.chars().count()).sum::<usize>() / texts.len();
    assert!((340..480).contains(&mean), "{mean}");
}

#[test]
fn clients_contracts_and_people_belong_to_jobs() {
    let [_, jobs, prospects, truth_file] = bytes(&config());
    let jobs = table(&jobs);
    let field = |job: &Value, name: &str| -> String {
        job["informacoes_basicas"][name].as_str().unwrap().to_owned()
    };
    let mut analysts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for job in jobs.values() {
        let client = field(job, "cliente");
        analysts.entry(client).or_default().insert(field(job, "analista_responsavel"));
        let contract = field(job, "tipo_contratacao");
        assert!(CONTRACTS.iter().any(|(name, ..)| *name == contract), "{contract}");
    }
    assert_eq!(analysts.len(), 20);
    assert!(analysts.values().all(|few| few.len() <= 3));
    let rows = truth(&truth_file);
    let good = |name: &str, value: &str| {
        let of = |row: &&BTreeMap<String, String>| {
            jobs.get(&row["codigo_vaga"]).is_some_and(|job| field(job, name) == value)
        };
        let rows: Vec<_> = rows.iter().filter(of).collect();
        rows.iter().filter(|row| row["outcome"] == "1").count() as f64 / rows.len() as f64
    };
    assert!(good("cliente", MASS_CLIENT) > 0.25);
    assert!(good("tipo_contratacao", "Hunting") < 0.02);
    assert!(good("tipo_contratacao", "Cooperado") > 0.06);
    assert!(table(&prospects).len() > jobs.len());
}

#[test]
fn what_is_seen_is_right_on_average_under_either_law() {
    for law in Law::ALL {
        let rows = truth(&bytes(&SampleConfig { law, ..config() })[3]);
        let number = |row: &BTreeMap<String, String>, name: &str| row[name].parse::<f64>().unwrap();
        let sum = |name: &str| rows.iter().map(|row| number(row, name)).sum::<f64>();
        let (seen, truth) = (sum("seen"), sum("probability"));
        assert!((seen / truth - 1.0).abs() < 0.05, "{law:?}: {seen} {truth}");
        let differ = rows.iter().filter(|row| row["seen"] != row["probability"]).count();
        assert!(differ * 10 > rows.len() * 9, "{law:?}: {differ}");
    }
}

#[test]
fn what_is_seen_is_lowered_by_bias_as_the_truth_is() {
    let of = |bias: f64| truth(&bytes(&SampleConfig { bias, ..config() })[3]);
    let (fair, biased) = (of(0.0), of(0.5));
    let mut lowered = 0;
    for (fair, biased) in fair.iter().zip(&biased) {
        let ratio =
            |name: &str| biased[name].parse::<f64>().unwrap() / fair[name].parse::<f64>().unwrap();
        if fair["probability"].parse::<f64>().unwrap() > 0.01 {
            assert!((ratio("seen") - ratio("probability")).abs() < 0.01);
            lowered += usize::from(ratio("seen") < 0.51);
        }
    }
    assert!(lowered > 500, "{lowered}");
}

#[test]
fn the_dials_work_under_the_second_law() {
    let day: Day = "2022-01-01".parse().unwrap();
    let files = bytes(&SampleConfig { drift: 1.0, ..config() });
    let jobs = String::from_utf8(files[1].clone()).unwrap();
    let count = jobs.matches(drift::PLANTED_TERMS[0]).count();
    assert!((250..480).contains(&count), "{count}");
    let change = bytes(&SampleConfig { change: Some(day), change_over: 365, ..config() });
    let good =
        |files: &[Vec<u8>; 4]| truth(&files[3]).iter().filter(|row| row["outcome"] == "1").count();
    let before = good(&bytes(&config()));
    assert!(good(&change) * 10 < before * 9, "{} {before}", good(&change));
}
