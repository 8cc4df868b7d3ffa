//! Small versions of the feature store in a lake in memory, and the stage run on them.

use std::{collections::BTreeMap, sync::Arc};

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use bytes::Bytes;
use drift::{Drift, PAGE, REPORT, report::Report};
use serde_json::{Value, json};
use stage::{Event, Response, Silent};
pub(crate) use testlake::{Random, write};
use versioning::{Artefact, Committed, Lake, Timestamp};

pub(crate) type Row = BTreeMap<String, Option<String>>;
pub(crate) type Rows = testlake::Rows<Option<String>>;

pub(crate) fn row<const N: usize>(values: [(&str, Option<&str>); N]) -> Row {
    values.into_iter().map(|(name, value)| (name.to_owned(), value.map(str::to_owned))).collect()
}

/// A table of texts with columns of one's own.
pub(crate) fn texts(columns: &[(&str, Vec<Option<&str>>)]) -> Bytes {
    let fields = columns.iter().map(|(name, _)| Field::new(*name, DataType::Utf8, true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let arrays = columns.iter().map(|(_, v)| Arc::new(StringArray::from(v.clone())) as ArrayRef);
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays.collect()).unwrap();
    write(&batch)
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
        let at = Timestamp::from_millis(self.made * 1000);
        let committed = testlake::commit(&self.lake, artefact, at, files, |manifest| {
            manifest.logical_date = date.to_owned();
            manifest.inputs = inputs.iter().map(|(name, of)| testlake::input(name, of)).collect();
            manifest.metrics = serde_json::from_value(metrics).unwrap();
        });
        if artefact == Artefact::Features && self.goes_live {
            self.promote(artefact, &committed);
        }
        committed
    }

    /// Makes a version live, after all that was committed and before what comes next.
    pub(crate) fn promote(&self, artefact: Artefact, version: &Committed) {
        let at = Timestamp::from_millis(self.made * 1000 + 500);
        let file = &version.manifest().outputs[0].file;
        testlake::promote(&self.lake, artefact, version, file, at);
    }

    /// Commits the rows as a version of the feature store.
    pub(crate) fn features(&mut self, date: &str, rows: &Rows) -> Committed {
        self.commit(Artefact::Features, date, &rows.files(), &[], json!({}))
    }

    /// Runs the stage.
    pub(crate) fn try_run(&self, config: Value) -> Result<Response, stage::Error> {
        self.call(&testlake::event("2025-01-31", config))
    }

    /// Runs the stage as an event says.
    pub(crate) fn call(&self, event: &Event) -> Result<Response, stage::Error> {
        testlake::execute::<Drift>(&self.lake, event, Timestamp::from_millis(1_000_000), &Silent)
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
