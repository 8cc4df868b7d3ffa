//! Tables for tests, a lake that holds them, and calls of the stage on it.

use std::collections::BTreeMap;

use bytes::Bytes;
use recommend::{Commands, Recommend};
use serde_json::Value;
use stage::{Answer, Event, Progress, Reply, Response, Silent};
use testlake::Random;
pub(crate) use testlake::{Notes, bytes};
use versioning::{Artefact, Committed, Lake, Timestamp, Version};

pub(crate) type Row = BTreeMap<String, String>;
pub(crate) type Rows = testlake::Rows<String>;

pub(crate) fn row<const N: usize>(values: [(&str, &str); N]) -> Row {
    values.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Fields of work, each with words that belong together.
pub(crate) const FIELDS: [(&str, &[&str]); 5] = [
    ("Desenvolvedor", &["java", "programação", "microsserviços", "servidores", "código", "testes"]),
    ("Contador", &["fiscal", "tributos", "balanço", "contabilidade", "impostos", "auditoria"]),
    ("Enfermeiro", &["hospital", "pacientes", "enfermagem", "triagem", "vacinas", "plantão"]),
    ("Vendedor", &["vendas", "clientes", "metas", "comissão", "prospecção", "varejo"]),
    (
        "Analista de dados",
        &["consultas", "python", "estatística", "painéis", "modelos", "relatórios"],
    ),
];

fn words(random: &mut Random, field: usize, n: usize) -> String {
    let all = FIELDS[field].1;
    (0..n).map(|_| all[random.below(all.len())]).collect::<Vec<_>>().join(" ")
}

/// Candidates and jobs of five fields of work; who applies, applies in the field of his own.
pub(crate) fn generated(people: usize, jobs: usize, applications: usize) -> Rows {
    let mut random = Random(7);
    let mut rows = Rows::default();
    for i in 0..people {
        let field = i % FIELDS.len();
        let mut person = row([
            ("codigo", &(31_000 + i).to_string()),
            ("sexo", "Feminino"),
            ("titulo_profissional", FIELDS[field].0),
            ("ingles", "Fluente"),
            ("cidade", ["São Paulo, São Paulo", "Curitiba, Paraná"][random.below(2)]),
            ("conhecimentos_tecnicos", &words(&mut random, field, 5)),
            ("cv_candidato", &format!("{} referência{i}", words(&mut random, field, 20))),
        ]);
        if i % 41 == 40 {
            // Nothing is known of this one.
            person = row([("codigo", &(31_000 + i).to_string())]);
        }
        rows.people.push(person);
    }
    for i in 0..jobs {
        let field = i % FIELDS.len();
        let month = 1 + i % 6;
        let mut job = row([
            ("codigo_vaga", &(5_000 + i).to_string()),
            ("titulo_vaga", FIELDS[field].0),
            ("estado_vaga", ["São Paulo", "Paraná"][i / 5 % 2]),
            ("cidade_vaga", ["São Paulo", "Curitiba"][i / 5 % 2]),
            ("nivel_profissional_vaga", ["Sênior", "Júnior"][random.below(2)]),
            ("vaga_especifica_para_pcd", "Não"),
            ("principais_atividades", &words(&mut random, field, 12)),
            ("data_requicisao", &format!("2025-{month:02}-10")),
        ]);
        if i % 37 == 36 {
            job.remove("data_requicisao");
        }
        rows.jobs.push(job);
    }
    let mut seen = std::collections::BTreeSet::new();
    while rows.applications.len() < applications {
        let person = random.below(people);
        let job = random.below(jobs / 5) * 5 + person % 5;
        if !seen.insert((person, job)) {
            continue;
        }
        let status = ["Encaminhado ao Requisitante", "Contratado pela Decision", "Prospect"];
        let date = rows.jobs[job].get("data_requicisao").map(|d| format!("{}20", &d[..8]));
        let mut application = row([
            ("codigo", &rows.people[person]["codigo"]),
            ("codigo_vaga", &rows.jobs[job]["codigo_vaga"]),
            ("situacao_candidato", status[random.below(3)]),
        ]);
        application.extend(date.map(|date| ("data_candidatura".to_owned(), date)));
        rows.applications.push(application);
    }
    rows
}

/// A lake with the tables as its one version of the feature store.
pub(crate) fn lake_with(rows: &Rows) -> Lake {
    let lake = Lake::in_memory();
    add_features(&lake, rows, "2025-06-30");
    lake
}

/// Commits the tables as a version of the feature store.
pub(crate) fn add_features(lake: &Lake, rows: &Rows, date: &str) -> Committed {
    add_files(lake, rows.files(), date)
}

/// Commits files as a version of the feature store.
pub(crate) fn add_files(lake: &Lake, files: Vec<(&'static str, Bytes)>, date: &str) -> Committed {
    let number = lake.series(Artefact::Features).list().unwrap().len() as i64;
    let at = Timestamp::from_millis(1_000 + number);
    testlake::commit(lake, Artefact::Features, at, &files, |manifest| {
        manifest.logical_date = date.to_owned();
    })
}

pub(crate) fn run(lake: &Lake, config: Value) -> Result<Response, stage::Error> {
    run_on(lake, "2025-06-30", config, &Silent)
}

pub(crate) fn run_on(
    lake: &Lake,
    date: &str,
    config: Value,
    progress: &dyn Progress,
) -> Result<Response, stage::Error> {
    testlake::execute::<Recommend>(lake, &testlake::event(date, config), now(), progress)
}

/// Does what an event asks.
pub(crate) fn handle(
    lake: &Lake,
    event: &Event,
    progress: &dyn Progress,
) -> Result<Reply, stage::Error> {
    testlake::call::<Recommend>(lake, event, now(), progress)
}

fn now() -> Timestamp {
    Timestamp::from_millis(5_000)
}

/// A version of the recommender.
pub(crate) fn version(lake: &Lake, response: &Response) -> Committed {
    let number: Version = response.version.parse().unwrap();
    lake.series(Artefact::Recommend).get(number).unwrap()
}

/// A figure of a run's metrics.
pub(crate) fn figure(response: &Response, name: &str) -> u64 {
    response.metrics.0[name].as_u64().unwrap_or_else(|| panic!("{name}"))
}

pub(crate) fn command(
    lake: &Lake,
    name: &str,
    args: &[(&str, &str)],
) -> Result<Answer, stage::Error> {
    testlake::command::<Commands>(lake, name, args, None, Value::Null)
}
