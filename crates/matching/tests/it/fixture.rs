//! Tables for tests: from rows, or generated.

use std::collections::BTreeMap;

use bytes::Bytes;
use matching::dataset::Tables;
use schema::{BatchBuilder, Kind, Table, TableWriter, WriterOptions, tables};

/// A row: text by column, a date as days since 1970-01-01; what is absent is null.
pub(crate) type Row = BTreeMap<String, Option<String>>;

/// The rows of the three tables.
#[derive(Clone, Default)]
pub(crate) struct Rows {
    pub(crate) people: Vec<Row>,
    pub(crate) jobs: Vec<Row>,
    pub(crate) applications: Vec<Row>,
    /// Of `groups.parquet`; without any there is no such file, as in older versions.
    pub(crate) groups: Vec<Row>,
}

impl Rows {
    /// The files, `candidates.parquet` with the columns of both sides.
    pub(crate) fn files(&self) -> Tables<Bytes> {
        Tables {
            people: file(&tables::PEOPLE, &self.people),
            jobs: file(&tables::JOBS, &self.jobs),
            candidates: file(&tables::CANDIDATES, &self.joined()),
            groups: (!self.groups.is_empty()).then(|| file(&tables::GROUPS, &self.groups)),
        }
    }

    /// Gives every `n`th candidate, and every `n`th job, a second code, to which half of its
    /// applications go.
    pub(crate) fn with_second_codes(mut self, n: usize) -> Self {
        for (table, key) in [("people", "codigo"), ("jobs", "codigo_vaga")] {
            let records = if table == "people" { &mut self.people } else { &mut self.jobs };
            let twice: Vec<Row> = records.iter().step_by(n).cloned().collect();
            for mut record in twice {
                let code = record[key].clone().unwrap();
                let second = format!("{code}9");
                for application in
                    self.applications.iter_mut().filter(|a| a[key] == record[key]).step_by(2)
                {
                    application.insert(key.to_owned(), Some(second.clone()));
                }
                for of in [&code, &second] {
                    self.groups.push(row([
                        ("tabela", Some(table.to_owned())),
                        ("codigo", Some(of.clone())),
                        ("grupo", Some(code.clone())),
                    ]));
                }
                record.insert(key.to_owned(), Some(second));
                records.push(record);
            }
        }
        self
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
            match column.kind {
                Kind::Text => batch.text(i, row.get(column.name).cloned().flatten().as_deref()),
                Kind::Date => {
                    let day = row.get(column.name).cloned().flatten();
                    batch.date(i, day.map(|day| day.parse().unwrap()));
                }
                Kind::Money => batch.money(i, None),
                Kind::Count => batch.count(i, None),
            }
        }
        batch.end_row();
    }
    writer.write(&batch.finish().unwrap()).unwrap();
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

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }

    pub(crate) fn pick<'a>(&mut self, items: &[&'a str]) -> &'a str {
        items[self.below(items.len())]
    }
}

const WORDS: &[&str] = &[
    "java", "python", "sql", "oracle", "sap", "abap", "gestão", "vendas", "suporte", "linux",
    "windows", "docker", "aws", "scrum", "excel", "fiscal", "inglês", "redes", "testes", "dados",
];

fn row<const N: usize>(values: [(&str, Option<String>); N]) -> Row {
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Applications whose outcome a model can learn: those who know what the first word of the job
/// asks for are taken more often.
pub(crate) fn generated(people: usize, jobs: usize, applications: usize) -> Rows {
    let mut r = Random(11);
    let some = |s: &str| Some(s.to_owned());
    let mut rows = Rows::default();
    for i in 0..people {
        let cv = (0..12).map(|_| r.pick(WORDS)).collect::<Vec<_>>().join(" ");
        rows.people.push(row([
            ("codigo", Some((31_000 + i).to_string())),
            ("sexo", (i % 3 == 0).then(|| r.pick(&["Feminino", "Masculino"]).to_owned())),
            ("estado_civil", some(r.pick(&["Solteiro", "Casado"]))),
            ("pcd", some(r.pick(&["Sim", "Não"]))),
            ("cidade", some(r.pick(&["São Paulo", "Rio <centro>", "Curitiba"]))),
            ("ingles", (i % 2 == 0).then(|| r.pick(&["Básico", "Fluente"]).to_owned())),
            ("titulo_profissional", some(r.pick(WORDS))),
            ("cv_candidato", (i % 17 != 0).then_some(cv)),
        ]));
    }
    for i in 0..jobs {
        rows.jobs.push(row([
            ("codigo_vaga", Some((5_000 + i).to_string())),
            ("pais_vaga", some("Brasil")),
            ("data_requisicao", Some((17_900 + i).to_string())),
            ("cidade_vaga", some(r.pick(&["São Paulo", "Curitiba"]))),
            ("nivel_ingles_vaga", some(r.pick(&["Básico", "Fluente"]))),
            ("competencia_tecnicas_e_comportamentais", some(r.pick(WORDS))),
        ]));
    }
    let mut seen = std::collections::BTreeSet::new();
    while rows.applications.len() < applications {
        let (person, job) = (r.below(people), r.below(jobs));
        if !seen.insert((person, job)) {
            continue;
        }
        let cv = rows.people[person]["cv_candidato"].clone().unwrap_or_default();
        let luck = r.below(10);
        let taken = if cv.contains("java") { luck < 6 } else { luck < 1 };
        rows.applications.push(row([
            ("codigo", rows.people[person]["codigo"].clone()),
            ("codigo_vaga", rows.jobs[job]["codigo_vaga"].clone()),
            ("data_candidatura", Some((18_000 + rows.applications.len() / 2).to_string())),
            ("situacao_candidato", some(if taken { "Aprovado" } else { "Prospect" })),
        ]));
    }
    rows
}
