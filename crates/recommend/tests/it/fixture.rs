//! Tables for tests, a lake that holds them, and calls of the stage on it.

use std::{collections::BTreeMap, sync::Mutex};

use bytes::Bytes;
use clap::{FromArgMatches, Subcommand};
use recommend::{Commands, Day, Recommend};
use schema::{BatchBuilder, Kind, Table, TableWriter, WriterOptions, tables};
use serde_json::{Value, json};
use stage::{Answer, Call, Event, Host, Progress, Reply, Response, Silent};
use versioning::{
    Artefact, Body, Committed, KeyBuilder, Lake, Manifest, OutputFile, Timestamp, Version,
};

/// A row: text by column; what is absent is null.
pub(crate) type Row = BTreeMap<String, String>;

/// The rows of the tables.
#[derive(Clone, Default)]
pub(crate) struct Rows {
    pub(crate) people: Vec<Row>,
    pub(crate) jobs: Vec<Row>,
    pub(crate) applications: Vec<Row>,
    /// No file where there is none, as in a version of an older release.
    pub(crate) groups: Vec<Row>,
}

pub(crate) fn row<const N: usize>(values: [(&str, &str); N]) -> Row {
    values.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

pub(crate) fn file(table: &'static Table, rows: &[Row]) -> Bytes {
    // Several row groups, so that the order of batches is put to the test.
    let options = WriterOptions { row_group_rows: 50, ..WriterOptions::default() };
    let mut writer = TableWriter::new(table.name, Vec::new(), table, options).unwrap();
    let mut batch = BatchBuilder::new(table);
    for row in rows {
        for (i, column) in table.columns.iter().enumerate() {
            let value = row.get(column.name).map(String::as_str);
            match column.kind {
                Kind::Text => batch.text(i, value),
                Kind::Date => batch.date(i, value.map(|v| v.parse::<Day>().unwrap().days())),
                Kind::Money => batch.money(i, None),
                Kind::Count => batch.count(i, None),
            }
        }
        batch.end_row();
    }
    writer.write(&batch.finish().unwrap()).unwrap();
    writer.finish().unwrap().1.into()
}

impl Rows {
    /// The files of a feature-store version, and their rows.
    pub(crate) fn files(&self) -> Vec<(&'static str, Bytes, u64)> {
        [
            ("people.parquet", &tables::PEOPLE, &self.people),
            ("jobs.parquet", &tables::JOBS, &self.jobs),
            ("candidates.parquet", &tables::CANDIDATES, &self.applications),
        ]
        .into_iter()
        .chain((!self.groups.is_empty()).then_some((
            "groups.parquet",
            &tables::GROUPS,
            &self.groups,
        )))
        .map(|(name, table, rows)| (name, file(table, rows), rows.len() as u64))
        .collect()
    }
}

/// A small generator of numbers (SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
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
pub(crate) fn add_files(
    lake: &Lake,
    files: Vec<(&'static str, Bytes, u64)>,
    date: &str,
) -> Committed {
    let series = lake.series(Artefact::Features);
    let number = series.list().unwrap().len() as i64;
    let key = KeyBuilder::new("features", "test", &json!(number)).finish();
    let now = Timestamp::from_millis(1_000 + number);
    let claim = series.claim(&key, "test", now).unwrap();
    let mut outputs = Vec::new();
    for (file, bytes, rows) in files {
        let sha256 = {
            use sha2::Digest;
            versioning::hex(&sha2::Sha256::digest(&bytes))
        };
        outputs.push(OutputFile {
            file: file.to_owned(),
            bytes: bytes.len() as u64,
            sha256,
            rows: Some(rows),
        });
        claim.put(file, &Body::Bytes(bytes)).unwrap();
    }
    let manifest = Manifest {
        format: Manifest::FORMAT,
        name: "features".to_owned(),
        version: claim.version(),
        key,
        execution: "test".to_owned(),
        logical_date: date.to_owned(),
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
    claim.commit(manifest).unwrap()
}

/// Keeps the notes of a run.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) notes: Mutex<Vec<String>>,
}

impl Progress for Told {
    fn begin(&self, _: &str, _: Option<u64>, _: &'static str) -> usize {
        0
    }
    fn advance(&self, _: usize, _: u64) -> Result<(), stage::Cancelled> {
        Ok(())
    }
    fn end(&self, _: usize) {}
    fn note(&self, message: &str) {
        self.notes.lock().unwrap().push(message.to_owned());
    }
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
    let event: Event = serde_json::from_value(
        json!({"execution": execution(), "logical_date": date, "config": config}),
    )
    .unwrap();
    stage::execute::<Recommend>(lake, &event, &host(progress))
}

/// Does what an event asks.
pub(crate) fn handle(
    lake: &Lake,
    event: &Event,
    progress: &dyn Progress,
) -> Result<Reply, stage::Error> {
    stage::handle::<Recommend>(lake, event, &host(progress))
}

fn host(progress: &dyn Progress) -> Host<'_> {
    Host::unmeasured(progress, &|| Timestamp::from_millis(5_000), "test")
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

pub(crate) fn bytes(version: &Committed, file: &str) -> Bytes {
    version.open(file).unwrap().bytes().unwrap()
}

pub(crate) fn command(
    lake: &Lake,
    name: &str,
    args: &[(&str, &str)],
) -> Result<Answer, stage::Error> {
    let line = args.iter().map(|(name, value)| match value.is_empty() {
        true => format!("--{name}"),
        false => format!("--{name}={value}"),
    });
    let line = ["recommend".to_owned(), name.to_owned()].into_iter().chain(line);
    let given =
        Commands::augment_subcommands(clap::Command::new("recommend")).get_matches_from(line);
    let call = Call { lake, file: None, config: Value::Null, progress: &Silent };
    stage::Commands::run(&Commands::from_arg_matches(&given).unwrap(), &call)
}

/// Another name at each call: executions differ, so a version made before is "unchanged".
fn execution() -> String {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    format!("e{}", CALLS.fetch_add(1, Ordering::Relaxed))
}
