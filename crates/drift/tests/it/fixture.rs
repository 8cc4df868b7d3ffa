//! Small versions of the feature store in a lake in memory, and the stage run on them.

use std::{collections::BTreeMap, sync::Arc};

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use bytes::Bytes;
use drift::{Drift, PAGE, REPORT, report::Report};
use schema::{BatchBuilder, Kind, Table, TableWriter, WriterOptions, tables};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stage::{Event, Host, Response, Silent};
use versioning::{
    Artefact, Body, Committed, InputRef, KeyBuilder, Lake, Manifest, OutputFile, Timestamp,
};

/// A row: text by column (a date as days since 1970-01-01, an amount in cents); what is absent is
/// null.
pub(crate) type Row = BTreeMap<String, Option<String>>;

/// The rows of the three tables.
#[derive(Clone, Default)]
pub(crate) struct Rows {
    pub(crate) people: Vec<Row>,
    pub(crate) jobs: Vec<Row>,
    pub(crate) applications: Vec<Row>,
}

pub(crate) fn row<const N: usize>(values: [(&str, Option<&str>); N]) -> Row {
    values.into_iter().map(|(name, value)| (name.to_owned(), value.map(str::to_owned))).collect()
}

impl Rows {
    pub(crate) fn files(&self) -> [(&'static str, Bytes); 3] {
        [
            ("people.parquet", file(&tables::PEOPLE, &self.people)),
            ("jobs.parquet", file(&tables::JOBS, &self.jobs)),
            ("candidates.parquet", file(&tables::CANDIDATES, &self.joined())),
        ]
    }

    fn joined(&self) -> Vec<Row> {
        let by = |rows: &[Row], key: &str| -> BTreeMap<Option<String>, Row> {
            rows.iter().map(|row| (row[key].clone(), row.clone())).collect()
        };
        let (people, jobs) = (by(&self.people, "codigo"), by(&self.jobs, "codigo_vaga"));
        let join = |application: &Row| {
            let mut row = application.clone();
            row.extend(people.get(&application["codigo"]).cloned().unwrap_or_default());
            row.extend(jobs.get(&application["codigo_vaga"]).cloned().unwrap_or_default());
            row
        };
        self.applications.iter().map(join).collect()
    }
}

fn file(table: &'static Table, rows: &[Row]) -> Bytes {
    // Several row groups, so that the order of batches is put to the test.
    let options = WriterOptions { row_group_rows: 50, ..WriterOptions::default() };
    let mut writer = TableWriter::new(table.name, Vec::new(), table, options).unwrap();
    let mut batch = BatchBuilder::new(table);
    for row in rows {
        for (i, column) in table.columns.iter().enumerate() {
            let value = row.get(column.name).cloned().flatten();
            match column.kind {
                Kind::Text => batch.text(i, value.as_deref()),
                Kind::Date => batch.date(i, value.map(|v| v.parse().unwrap())),
                Kind::Money => batch.money(i, value.map(|v| v.parse().unwrap())),
                Kind::Count => batch.count(i, value.map(|v| v.parse().unwrap())),
            }
        }
        batch.end_row();
    }
    writer.write(&batch.finish().unwrap()).unwrap();
    writer.finish().unwrap().1.into()
}

/// A table of texts with columns of one's own.
pub(crate) fn texts(columns: &[(&str, Vec<Option<&str>>)]) -> Bytes {
    let fields = columns.iter().map(|(name, _)| Field::new(*name, DataType::Utf8, true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let arrays = columns.iter().map(|(_, v)| Arc::new(StringArray::from(v.clone())) as ArrayRef);
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays.collect()).unwrap();
    write(&batch)
}

/// A batch as a file.
pub(crate) fn write(batch: &RecordBatch) -> Bytes {
    let options = WriterOptions::default();
    let mut writer = TableWriter::with_schema("test", Vec::new(), batch.schema(), options).unwrap();
    writer.write(batch).unwrap();
    writer.finish().unwrap().1.into()
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

    fn pick<'a>(&mut self, items: &[&'a str]) -> &'a str {
        items[self.below(items.len())]
    }
}

const WORDS: &[&str] = &[
    "java", "python", "sql", "oracle", "sap", "abap", "gestão", "vendas", "suporte", "linux",
    "windows", "docker", "aws", "scrum", "excel", "fiscal", "inglês", "redes", "testes", "dados",
];

/// Applications of one world: another seed is other people of the same kind.
pub(crate) fn generated(seed: u64, people: usize, jobs: usize, applications: usize) -> Rows {
    let mut r = Random(seed);
    let mut rows = Rows::default();
    for i in 0..people {
        let words = (0..12).map(|_| r.pick(WORDS)).collect::<Vec<_>>().join(" ");
        let cv = format!(
            "profissional com experiência na área de {words}, atuação no levantamento de requisitos"
        );
        let pay = (150_000 + 1_000 * r.below(900)).to_string();
        rows.people.push(row([
            ("codigo", Some(&(31_000 + i).to_string())),
            ("sexo", (r.below(3) > 0).then(|| r.pick(&["Feminino", "Masculino"]))),
            ("cidade", Some(r.pick(&["São Paulo", "Rio de Janeiro", "Curitiba"]))),
            ("ingles", (r.below(2) == 0).then(|| r.pick(&["Básico", "Fluente"]))),
            ("remuneracao", (r.below(4) > 0).then_some(&pay)),
            ("titulo_profissional", Some(r.pick(WORDS))),
            ("cv_candidato", (r.below(17) > 0).then_some(&cv)),
        ]));
    }
    for i in 0..jobs {
        let day = (18_000 + r.below(500)).to_string();
        rows.jobs.push(row([
            ("codigo_vaga", Some(&(5_000 + i).to_string())),
            ("cidade_vaga", Some(r.pick(&["São Paulo", "Curitiba"]))),
            ("competencia_tecnicas_e_comportamentais", Some(r.pick(WORDS))),
            ("data_requicisao", Some(&day)),
        ]));
    }
    for _ in 0..applications {
        let (person, job) = (r.below(people), r.below(jobs));
        let status = if r.below(10) == 0 { "Aprovado" } else { "Prospect" };
        let day = (18_500 + r.below(500)).to_string();
        rows.applications.push(row([
            ("codigo", rows.people[person]["codigo"].as_deref()),
            ("codigo_vaga", rows.jobs[job]["codigo_vaga"].as_deref()),
            ("situacao_candidato", Some(status)),
            ("data_candidatura", Some(&day)),
        ]));
    }
    rows
}

/// A lake, and how often something was committed to it.
pub(crate) struct Place {
    pub(crate) lake: Lake,
    made: i64,
    /// Whether features go live at once, as on a day that nothing refuses.
    pub(crate) goes_live: bool,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { lake: Lake::in_memory(), made: 0, goes_live: true }
    }

    /// Commits the files as a version made from `inputs`.
    pub(crate) fn commit(
        &mut self,
        artefact: Artefact,
        date: &str,
        files: &[(&str, Bytes)],
        inputs: &[(&str, &Committed)],
        metrics: Value,
    ) -> Committed {
        self.made += 1;
        let series = self.lake.series(artefact);
        let key = KeyBuilder::new(artefact.name(), "test", &json!(self.made)).finish();
        let now = Timestamp::from_millis(self.made * 1000);
        let claim = series.claim(&key, "test", now).unwrap();
        let mut outputs = Vec::new();
        for (name, bytes) in files {
            claim.put(name, &Body::Bytes(bytes.clone())).unwrap();
            outputs.push(OutputFile {
                file: (*name).to_owned(),
                bytes: bytes.len() as u64,
                sha256: versioning::hex(&Sha256::digest(bytes)),
                rows: None,
            });
        }
        let reference = |(name, of): &(&str, &Committed)| InputRef {
            name: (*name).to_owned(),
            uri: of.uri(),
            version: Some(of.version()),
            sha256: of.manifest().content_hash(),
            rows: None,
        };
        let manifest = Manifest {
            format: Manifest::FORMAT,
            name: artefact.name().to_owned(),
            version: claim.version(),
            key,
            execution: "test".to_owned(),
            logical_date: date.to_owned(),
            created_at: now,
            inputs: inputs.iter().map(reference).collect(),
            outputs,
            config: json!({}),
            code_version: "test".to_owned(),
            metrics: serde_json::from_value(metrics).unwrap(),
            extra: BTreeMap::new(),
            seconds: BTreeMap::new(),
            peak_memory_bytes: None,
        };
        let committed = claim.commit(manifest).unwrap();
        if artefact == Artefact::Features && self.goes_live {
            self.promote(artefact, &committed);
        }
        committed
    }

    /// Makes a version live, after all that was committed and before what comes next.
    pub(crate) fn promote(&self, artefact: Artefact, version: &Committed) {
        let (number, at) = (version.version(), Timestamp::from_millis(self.made * 1000 + 500));
        let file = &version.manifest().outputs[0].file;
        let lines = [format!("{number}/{file}")];
        self.lake.series(artefact).promote(number, &lines, at, "test").unwrap();
    }

    /// Commits the rows as a version of the feature store.
    pub(crate) fn features(&mut self, date: &str, rows: &Rows) -> Committed {
        self.commit(Artefact::Features, date, &rows.files(), &[], json!({}))
    }

    /// Runs the stage.
    pub(crate) fn try_run(&self, config: Value) -> Result<Response, stage::Error> {
        let event: Event = serde_json::from_value(json!({
            "action": "run", "execution": execution(), "logical_date": "2025-01-31", "config": config
        }))
        .unwrap();
        self.call(&event)
    }

    /// Runs the stage as an event says.
    pub(crate) fn call(&self, event: &Event) -> Result<Response, stage::Error> {
        let now = || Timestamp::from_millis(1_000_000);
        let host = Host::unmeasured(&Silent, &now, "test");
        stage::execute::<Drift>(&self.lake, event, &host)
    }

    /// Runs the stage and gives its report, once its files are those that it promises.
    pub(crate) fn report(&self) -> Report {
        self.report_of(&self.try_run(json!(null)).unwrap())
    }

    /// Runs the stage, makes its report live, and gives it.
    pub(crate) fn live_report(&self) -> Report {
        let response = self.try_run(json!(null)).unwrap();
        let series = self.lake.series(Artefact::Drift);
        self.promote(Artefact::Drift, &series.get(response.version.parse().unwrap()).unwrap());
        self.report_of(&response)
    }

    /// The report of a run, once its files are those that it promises.
    pub(crate) fn report_of(&self, response: &Response) -> Report {
        let series = self.lake.series(Artefact::Drift);
        let version = series.get(response.version.parse().unwrap()).unwrap();
        version.verify().unwrap();
        let files: Vec<_> = version.manifest().outputs.iter().map(|f| f.file.as_str()).collect();
        assert_eq!(files, [REPORT, PAGE]);
        let report = version.open(REPORT).unwrap().bytes().unwrap();
        serde_json::from_slice(&report).unwrap()
    }
}

/// Another name at each call: executions differ, so a version made before is "unchanged".
fn execution() -> String {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    format!("e{}", CALLS.fetch_add(1, Ordering::Relaxed))
}
