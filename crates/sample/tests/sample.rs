//! Samples as their readers see them: files on a disk.
#![allow(clippy::unwrap_used, reason = "helpers of tests, which may")]

use sample::{Error, FIRST_CANDIDATE, FIRST_JOB, SampleConfig, Summary, drift, generate};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

const FILES: [&str; 4] = ["applicants.json", "vagas.json", "prospects.json", "truth.csv"];

/// An eighth of the source's size.
fn eighth() -> SampleConfig {
    SampleConfig { candidates: 5300, jobs: 1760, applications: 6720, ..SampleConfig::default() }
}

fn small() -> SampleConfig {
    SampleConfig { candidates: 600, jobs: 200, applications: 760, ..SampleConfig::default() }
}

fn make(config: &SampleConfig, dir: &Path) -> Summary {
    generate(config, dir, &|_| ControlFlow::Continue(())).unwrap()
}

fn bytes(config: &SampleConfig) -> Vec<Vec<u8>> {
    let dir = tempfile::tempdir().unwrap();
    make(config, dir.path());
    FILES.map(|name| std::fs::read(dir.path().join(name)).unwrap()).to_vec()
}

struct Read {
    applicants: Map<String, Value>,
    jobs: Map<String, Value>,
    prospects: Map<String, Value>,
    truth: Vec<BTreeMap<String, String>>,
}

fn read(config: &SampleConfig) -> Read {
    let files = bytes(config);
    let object = |bytes: &[u8]| serde_json::from_slice::<Map<String, Value>>(bytes).unwrap();
    let csv = String::from_utf8(files[3].clone()).unwrap();
    let mut lines = csv.lines().map(|line| line.split(',').map(str::to_owned));
    let columns: Vec<String> = lines.next().unwrap().collect();
    Read {
        applicants: object(&files[0]),
        jobs: object(&files[1]),
        prospects: object(&files[2]),
        truth: lines.map(|line| columns.iter().cloned().zip(line).collect()).collect(),
    }
}

/// The share of records in which a field of a section holds text.
fn fill(table: &Map<String, Value>, section: &str, field: &str) -> f64 {
    let text =
        |record: &&Value| record[section][field].as_str().is_some_and(|text| !text.is_empty());
    table.values().filter(text).count() as f64 / table.len() as f64
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// Area under the ROC curve, ties counted half.
fn auc(mut scored: Vec<(f64, bool)>) -> f64 {
    scored.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut won, mut bad, mut from) = (0.0, 0.0, 0);
    while from < scored.len() {
        let tied = scored[from..].iter().take_while(|row| row.0 == scored[from].0).count();
        let good = scored[from..from + tied].iter().filter(|row| row.1).count() as f64;
        let others = tied as f64 - good;
        won += good * (bad + others / 2.0);
        bad += others;
        from += tied;
    }
    won / (bad * (scored.len() as f64 - bad))
}

#[test]
fn same_seed_same_bytes_on_any_number_of_threads() {
    let config = SampleConfig { drift: 0.5, hostile: true, ..small() };
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| bytes(&config))
    };
    let one = on(1);
    assert!(one == on(3), "three threads wrote other bytes than one");
    let other = bytes(&SampleConfig { seed: 43, ..config.clone() });
    assert!(one.iter().zip(&other).all(|(a, b)| a != b), "another seed wrote the same file");
}

#[test]
fn records_have_the_sources_shape() {
    let data = read(&small());
    assert_eq!(data.applicants.len(), 600);
    assert_eq!(data.jobs.len(), 200);
    let applicant = &data.applicants[&FIRST_CANDIDATE.to_string()];
    // serde_json sorts keys.
    assert_eq!(
        keys(applicant),
        [
            "cargo_atual",
            "cv_en",
            "cv_pt",
            "formacao_e_idiomas",
            "informacoes_pessoais",
            "informacoes_profissionais",
            "infos_basicas"
        ]
    );
    assert_eq!(
        keys(&applicant["infos_basicas"]),
        [
            "codigo_profissional",
            "data_atualizacao",
            "data_criacao",
            "email",
            "inserido_por",
            "local",
            "nome",
            "objetivo_profissional",
            "sabendo_de_nos_por",
            "telefone",
            "telefone_recado"
        ]
    );
    let job = &data.jobs[&FIRST_JOB.to_string()];
    assert_eq!(keys(job), ["beneficios", "informacoes_basicas", "perfil_vaga"]);
    for field in ["nivel profissional", "areas_atuacao", "competencia_tecnicas_e_comportamentais"] {
        assert_eq!(fill(&data.jobs, "perfil_vaga", field), 1.0, "{field}");
    }
    assert!(
        data.jobs
            .values()
            .all(|job| { job["perfil_vaga"]["areas_atuacao"].as_str().unwrap().ends_with('-') })
    );
    for application in data.prospects.values().flat_map(|job| job["prospects"].as_array().unwrap())
    {
        assert_eq!(
            keys(application),
            [
                "codigo",
                "comentario",
                "data_candidatura",
                "nome",
                "recrutador",
                "situacao_candidado",
                "ultima_atualizacao"
            ]
        );
    }
}

#[test]
fn fields_are_filled_as_in_the_source() {
    let data = read(&eighth());
    for (section, field, share) in [
        ("infos_basicas", "local", 0.17),
        ("informacoes_pessoais", "sexo", 0.18),
        ("informacoes_pessoais", "estado_civil", 0.16),
        ("informacoes_pessoais", "pcd", 0.16),
        ("informacoes_profissionais", "titulo_profissional", 0.16),
        ("informacoes_profissionais", "area_atuacao", 0.17),
        ("informacoes_profissionais", "conhecimentos_tecnicos", 0.05),
        ("informacoes_profissionais", "certificacoes", 0.02),
        ("informacoes_profissionais", "outras_certificacoes", 0.03),
        ("informacoes_profissionais", "remuneracao", 0.17),
        ("formacao_e_idiomas", "nivel_academico", 0.17),
        ("formacao_e_idiomas", "nivel_ingles", 0.17),
        ("formacao_e_idiomas", "nivel_espanhol", 0.17),
        ("formacao_e_idiomas", "cursos", 0.15),
    ] {
        let found = fill(&data.applicants, section, field);
        assert!((found - share).abs() < 0.02, "{field}: {found}, not {share}");
    }
    let lengths: Vec<usize> =
        data.applicants.values().map(|r| r["cv_pt"].as_str().unwrap().chars().count()).collect();
    let mean = lengths.iter().sum::<usize>() as f64 / lengths.len() as f64;
    assert!((3200.0..3600.0).contains(&mean), "{mean}");
    assert!(lengths.iter().max().is_some_and(|&most| (10_000..31_000).contains(&most)));
    for field in ["principais_atividades", "competencia_tecnicas_e_comportamentais"] {
        let sum: usize = data
            .jobs
            .values()
            .map(|r| r["perfil_vaga"][field].as_str().unwrap().chars().count())
            .sum();
        let mean = sum as f64 / data.jobs.len() as f64;
        assert!((385.0..445.0).contains(&mean), "{field}: {mean}");
    }
}

#[test]
fn truth_joins_the_applications_and_follows_the_law() {
    let config = eighth();
    let data = read(&config);
    let good = ["Aprovado", "Contratado pela Decision", "Encaminhar Proposta", "Proposta Aceita"];
    let mut rows = data.truth.iter();
    let mut applications = 0;
    for (job, record) in &data.prospects {
        for (position, application) in record["prospects"].as_array().unwrap().iter().enumerate() {
            let row = rows.next().unwrap();
            assert_eq!(&row["codigo_vaga"], job);
            assert_eq!(row["position"], position.to_string());
            assert_eq!(row["codigo"], application["codigo"].as_str().unwrap());
            let status = application["situacao_candidado"].as_str().unwrap();
            assert_eq!(row["outcome"] == "1", good.contains(&status), "{status}");
            let orphan = match (data.jobs.get(job), data.applicants.get(&row["codigo"])) {
                (None, _) => "job",
                (_, None) => "candidate",
                _ => "",
            };
            assert_eq!(row["orphan"], orphan);
            applications += 1;
        }
    }
    assert!(rows.next().is_none());
    assert_eq!(applications, config.applications);

    let share = |orphan: &str| {
        data.truth.iter().filter(|row| row["orphan"] == orphan).count() as f64 / 6720.0
    };
    assert!((0.025..0.055).contains(&share("job")), "{}", share("job"));
    assert!((0.005..0.016).contains(&share("candidate")), "{}", share("candidate"));
    let none = data.prospects.values().filter(|job| job["prospects"] == Value::Array(vec![]));
    assert!((0.19..0.25).contains(&(none.count() as f64 / data.prospects.len() as f64)));

    let scored: Vec<(f64, bool)> = data
        .truth
        .iter()
        .map(|row| (row["probability"].parse().unwrap(), row["outcome"] == "1"))
        .collect();
    let rate = scored.iter().filter(|row| row.1).count() as f64 / scored.len() as f64;
    assert!((0.048..0.062).contains(&rate), "{rate}");
    let best = auc(scored);
    assert!((0.87..0.91).contains(&best), "{best}");
}

#[test]
fn only_the_hired_have_a_position() {
    let data = read(&small());
    let hired: Vec<&str> = data
        .prospects
        .values()
        .flat_map(|job| job["prospects"].as_array().unwrap())
        .filter(|application| application["situacao_candidado"] == "Contratado pela Decision")
        .map(|application| application["codigo"].as_str().unwrap())
        .collect();
    for (code, record) in &data.applicants {
        let filled = !record["cargo_atual"].as_object().unwrap().is_empty();
        assert_eq!(filled, hired.contains(&code.as_str()));
    }
}

#[test]
fn nobody_in_the_files_can_be_written_to() {
    let files = bytes(&small());
    for text in files.iter().map(|bytes| std::str::from_utf8(bytes).unwrap()) {
        for (_, after) in text.match_indices('@').map(|(at, _)| text.split_at(at + 1)) {
            let domain: String =
                after.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '.').collect();
            let reserved = ["exemplo.com.br", "exemplo.net.br", "example.com", "example.org"];
            assert!(reserved.contains(&domain.as_str()), "an address at {domain}");
        }
        for (_, after) in text.match_indices("://").map(|(at, _)| text.split_at(at + 3)) {
            assert!(after.starts_with("www.exemplo.com/"));
        }
    }
}

#[test]
fn the_dial_plants_its_terms() {
    let count = |drift: f64| {
        let files = bytes(&SampleConfig { drift, ..small() });
        let text = files.iter().take(2).map(|bytes| std::str::from_utf8(bytes).unwrap());
        let text: Vec<&str> = text.collect();
        drift::PLANTED_TERMS.map(|term| text.iter().map(|t| t.matches(term).count()).sum::<usize>())
    };
    assert_eq!(count(0.0), [0; drift::PLANTED_TERMS.len()]);
    let (some, most) = (count(0.3), count(1.0));
    for (less, more) in some.iter().zip(most) {
        assert!(0 < *less && *less < more);
        // A quarter of 600 CVs and a fifth of 200 jobs.
        assert!((140..250).contains(&more), "{more}");
    }
}

#[test]
fn the_dial_moves_areas_and_labels() {
    let still = read(&eighth());
    let moved = read(&SampleConfig { drift: 1.0, ..eighth() });
    let data_jobs = |data: &Read| {
        let of_data = |job: &&Value| {
            job["perfil_vaga"]["areas_atuacao"].as_str().unwrap().starts_with("TI - Dados/BI")
        };
        data.jobs.values().filter(of_data).count() as f64 / data.jobs.len() as f64
    };
    assert!(data_jobs(&moved) > 2.0 * data_jobs(&still));
    let good = |data: &Read| data.truth.iter().filter(|row| row["outcome"] == "1").count();
    assert!(good(&moved) > good(&still));
}

/// Rows of the truth with whether the candidate is a woman, by her first name: no name in the files
/// is both.
fn women(data: &Read) -> Vec<(&BTreeMap<String, String>, bool)> {
    // Some records show the sex: they say it of all who bear the name.
    let first = |record: &Value| {
        let name = record["infos_basicas"]["nome"].as_str().unwrap();
        name.split(' ').next().unwrap().to_owned()
    };
    let mut sexes = BTreeMap::new();
    for record in data.applicants.values() {
        let sex = record["informacoes_pessoais"]["sexo"].as_str().unwrap();
        if !sex.is_empty() {
            assert_eq!(*sexes.entry(first(record)).or_insert(sex), sex);
        }
    }
    data.truth
        .iter()
        .filter_map(|row| Some((row, data.applicants.get(&row["codigo"])?)))
        .filter_map(|(row, record)| Some((row, *sexes.get(&first(record))? == "Feminino")))
        .collect()
}

#[test]
fn bias_lowers_the_probability_of_women_alone_whether_their_record_shows_it_or_not() {
    let fair = read(&eighth());
    let biased = read(&SampleConfig { bias: 0.3, ..eighth() });
    let (before, after) = (women(&fair), women(&biased));
    assert!(before.len() > 6_400, "{}", before.len());
    assert_eq!(before.len(), after.len());
    let number = |row: &BTreeMap<String, String>, column: &str| row[column].parse::<f64>().unwrap();
    let mut ends = [[0.0; 2]; 2];
    for ((fair, woman), (biased, again)) in before.into_iter().zip(after) {
        assert_eq!((&fair["codigo"], woman), (&biased["codigo"], again));
        let share = if woman { 0.7 } else { 1.0 };
        let (law, shown) = (number(fair, "probability"), number(biased, "probability"));
        assert!((law * share - shown).abs() <= 1e-6, "{law} {shown} {woman}");
        for part in ["skills", "level", "language", "place"] {
            assert_eq!(fair[part], biased[part]);
        }
        assert!(woman || fair["outcome"] == biased["outcome"]);
        ends[usize::from(woman)][0] += number(fair, "outcome");
        ends[usize::from(woman)][1] += number(biased, "outcome");
    }
    assert_eq!(ends[0][0], ends[0][1]);
    let left = ends[1][1] / ends[1][0];
    assert!((0.55..0.85).contains(&left), "{left}");
}

#[test]
fn with_the_whole_bias_no_woman_ends_well() {
    let data = read(&SampleConfig { bias: 1.0, ..small() });
    let ends = |wanted| {
        let rows = women(&data).into_iter().filter(|(_, woman)| *woman == wanted);
        rows.filter(|(row, _)| row["outcome"] == "1").count()
    };
    assert_eq!(ends(true), 0);
    assert!(ends(false) > 10);
}

/// Other bytes for the same seed are a change that users must be told of: every figure that they
/// have measured on a sample is then of another sample.
#[test]
fn the_bytes_of_a_seed_are_those_of_earlier_versions() {
    let raw = |config: &SampleConfig| {
        let digest = Sha256::digest(bytes(config)[..3].concat());
        digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let moved = SampleConfig { drift: 0.5, hostile: true, ..small() };
    assert_eq!(raw(&small()), "d2b07ecd33eef2fbca029db2040008e6b80deeecd6255aac57b692315422d9a5");
    assert_eq!(raw(&moved), "830662a00917c4d0110f3636810115a10ea4a54cc4b56c2b9869d9415b02c78e");
}

#[test]
fn hostile_records_are_few_and_of_every_kind() {
    // Eleven ways, one record in 256: 3,000 records see them all.
    let config = SampleConfig {
        candidates: 3000,
        jobs: 3000,
        applications: 9000,
        hostile: true,
        ..SampleConfig::default()
    };
    let files = bytes(&config);
    assert!(files[1].starts_with(b"\xef\xbb\xbf{"));
    for (name, file) in FILES.iter().zip(&files).take(3) {
        assert!(std::str::from_utf8(file).is_err() || *name == "prospects.json", "{name}");
        let text = String::from_utf8_lossy(file);
        for mark in ["campo_novo_2031", "31-02-2021", "fora do formato"] {
            let found = text.matches(mark).count();
            assert!((1..12).contains(&found), "{name}: {mark} {found} times");
        }
        let json = text.trim_start_matches('\u{feff}');
        let records: Map<String, Value> = serde_json::from_str(json).unwrap();
        let wrong = records.values().filter(|record| !record.is_object()).count();
        assert!(wrong >= 1 && wrong * 200 < records.len(), "{name}: {wrong}");
    }
    let plain = bytes(&SampleConfig { hostile: false, ..config });
    assert_eq!(plain[3], files[3], "damage touched the truth");
}

#[test]
fn a_stop_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let stop = |progress: sample::Progress| match progress.file {
        "vagas.json" => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    let error = generate(&small(), dir.path(), &stop).unwrap_err();
    assert!(matches!(error, Error::Cancelled { file: "vagas.json" }));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_folder_that_cannot_be_is_an_error_that_names_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::File::create(&file).unwrap();
    let error = generate(&small(), &file, &|_| ControlFlow::Continue(())).unwrap_err();
    assert!(error.to_string().contains("cannot create folder"), "{error}");
}

#[test]
fn the_smallest_sizes_work() {
    for (candidates, jobs, applications) in
        [(0, 0, 0), (1, 1, 1), (1, 1, 25), (3, 0, 0), (30, 2, 50)]
    {
        let config = SampleConfig { candidates, jobs, applications, ..SampleConfig::default() };
        let data = read(&config);
        assert_eq!(data.truth.len(), applications, "{config:?}");
        assert_eq!((data.applicants.len(), data.jobs.len()), (candidates, jobs));
    }
}

#[test]
fn own_raw_files_are_never_overwritten_and_an_earlier_sample_is() {
    let dir = tempfile::tempdir().unwrap();
    #[expect(clippy::disallowed_methods, reason = "the test plays somebody's own file")]
    std::fs::write(dir.path().join("vagas.json"), "{}").unwrap();
    let refused = generate(&small(), dir.path(), &|_| ControlFlow::Continue(()));
    assert!(matches!(refused, Err(Error::NotASample { path }) if path.ends_with("vagas.json")));
    assert_eq!(std::fs::read_to_string(dir.path().join("vagas.json")).unwrap(), "{}");
    let earlier = tempfile::tempdir().unwrap();
    make(&small(), earlier.path());
    make(&SampleConfig { seed: 7, ..small() }, earlier.path());
}
