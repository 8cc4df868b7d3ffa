//! Tables for tests: from rows, or generated.

use std::collections::BTreeMap;

use bytes::Bytes;
use matching::dataset::Tables;
pub(crate) use testlake::Random;

pub(crate) type Row = BTreeMap<String, Option<String>>;
pub(crate) type Rows = testlake::Rows<Option<String>>;

/// The files of the rows.
pub(crate) fn tables(rows: &Rows) -> Tables<Bytes> {
    let mut files: BTreeMap<_, _> = rows.files().into_iter().collect();
    let mut file = |name| files.remove(name);
    Tables {
        people: file("people.parquet").unwrap(),
        jobs: file("jobs.parquet").unwrap(),
        candidates: file("candidates.parquet").unwrap(),
        groups: file("groups.parquet"),
    }
}

/// Gives every `n`th candidate, and every `n`th job, a second code, to which half of its
/// applications go.
pub(crate) fn with_second_codes(mut rows: Rows, n: usize) -> Rows {
    for (table, key) in [("people", "codigo"), ("jobs", "codigo_vaga")] {
        let records = if table == "people" { &mut rows.people } else { &mut rows.jobs };
        let twice: Vec<Row> = records.iter().step_by(n).cloned().collect();
        for mut record in twice {
            let code = record[key].clone().unwrap();
            let second = format!("{code}9");
            for application in
                rows.applications.iter_mut().filter(|a| a[key] == record[key]).step_by(2)
            {
                application.insert(key.to_owned(), Some(second.clone()));
            }
            for of in [&code, &second] {
                rows.groups.push(row([
                    ("tabela", Some(table.to_owned())),
                    ("codigo", Some(of.clone())),
                    ("grupo", Some(code.clone())),
                ]));
            }
            record.insert(key.to_owned(), Some(second));
            records.push(record);
        }
    }
    rows
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
