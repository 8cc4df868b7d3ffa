//! The stage's work: the three tables side by side, then what is said of them.

use schema::{BatchBuilder, Table, TableWriter, raw};
use serde_json::{Map, Value, json};
use stage::{Inputs, Metrics, OutputFile, Outputs, Progress};
use versioning::RawTable;

use crate::{
    Config, Error,
    pipeline::{Outcome, clean_table},
    rejects::{self, REJECTS, Reason, Reject},
};

/// The source's tables, with the columns of each that are long and hardly repeat: no dictionary.
pub(crate) const TABLES: [(RawTable, &Table, &[&str]); 3] = [
    (
        RawTable::Applicants,
        &raw::APPLICANTS,
        &[
            "cv_pt",
            "cv_en",
            "infos_basicas.email",
            "infos_basicas.telefone",
            "informacoes_pessoais.email",
            "informacoes_pessoais.telefone_celular",
            "informacoes_pessoais.cpf",
            "informacoes_pessoais.endereco",
            "codigo",
            "infos_basicas.codigo_profissional",
        ],
    ),
    (
        RawTable::Vagas,
        &raw::VAGAS,
        &[
            "codigo",
            "perfil_vaga.principais_atividades",
            "perfil_vaga.competencia_tecnicas_e_comportamentais",
            "perfil_vaga.demais_observacoes",
        ],
    ),
    (RawTable::Prospects, &raw::PROSPECTS, &["codigo", "comentario"]),
];

/// Rows of `rejects.parquet` that are written at a time.
const ROWS: usize = 4096;

/// Writes the three clean tables, `rejects.parquet` and `profile.json` to `out`; gives the run's
/// figures. Rows stand in the order of their sources.
///
/// # Errors
/// [`Error`] when a file is not what it should be, too many records of a table are, or the disk
/// fails. Of several errors, the one of the table that comes first is given.
pub fn clean(
    inputs: &Inputs,
    config: &Config,
    out: &Outputs,
    progress: &dyn Progress,
) -> Result<Metrics, Error> {
    let outcomes: Vec<Result<Outcome, Error>> = std::thread::scope(|scope| {
        let workers: Vec<_> = TABLES
            .iter()
            .map(|(raw, table, plain)| {
                scope.spawn(move || {
                    let files = inputs.raw(*raw);
                    let bytes = files.iter().map(|file| file.blob.len()).sum();
                    let phase = progress.phase(table.name, Some(bytes), "bytes");
                    let writer = create(out, table, plain, config)?;
                    let (outcome, sink) =
                        clean_table(table, files, inputs.memo(), config, writer, &phase)?;
                    sink.finish(Some(outcome.rows))?;
                    outcome.check(config)?;
                    Ok(outcome)
                })
            })
            .collect();
        workers
            .into_iter()
            .map(|w| w.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let outcomes = outcomes.into_iter().collect::<Result<Vec<_>, _>>()?;
    write_rejects(out, config, &outcomes)?;
    write_profile(out, &outcomes)?;
    for outcome in &outcomes {
        tell(outcome, progress);
    }
    Ok(metrics(&outcomes))
}

fn create(
    out: &Outputs,
    table: &'static Table,
    plain: &'static [&'static str],
    config: &Config,
) -> Result<TableWriter<OutputFile>, Error> {
    let file = format!("{}.parquet", table.name);
    let sink = out.create(&file)?;
    TableWriter::new(&file, sink, table, config.layout(plain)).map_err(Error::Output)
}

fn write_rejects(out: &Outputs, config: &Config, outcomes: &[Outcome]) -> Result<(), Error> {
    let mut writer = create(out, &REJECTS, &[], config)?;
    let mut batch = BatchBuilder::new(&REJECTS);
    for outcome in outcomes {
        for reject in &outcome.rejects {
            rejects::append(&mut batch, outcome.table.name, outcome.file(reject), reject);
            if batch.rows() == ROWS {
                writer.write(&batch.finish().map_err(Error::Output)?).map_err(Error::Output)?;
            }
        }
    }
    writer.write(&batch.finish().map_err(Error::Output)?).map_err(Error::Output)?;
    let (rows, sink) = writer.finish().map_err(Error::Output)?;
    Ok(sink.finish(Some(rows))?)
}

fn write_profile(out: &Outputs, outcomes: &[Outcome]) -> Result<(), Error> {
    let profile: Map<String, Value> =
        outcomes.iter().map(|o| (o.table.name.to_owned(), o.json())).collect();
    let text = format!("{:#}\n", Value::Object(profile));
    Ok(out.write("profile.json", text.as_bytes(), None)?)
}

/// What an operator should know though the run went well.
fn tell(outcome: &Outcome, progress: &dyn Progress) {
    if outcome.rejected > 0 {
        let (table, reasons) = (outcome.table.name, outcome.reasons());
        progress.note(&format!("{table}: {} records set aside: {reasons}", outcome.rejected));
    }
}

fn metrics(outcomes: &[Outcome]) -> Metrics {
    let mut metrics = Metrics::default();
    for outcome in outcomes {
        let table = outcome.table.name;
        metrics.set(&format!("rows_{table}"), outcome.rows);
        metrics.set(&format!("rejected_{table}"), outcome.rejected);
        let fields: u64 = outcome.by_field.values().flat_map(|reasons| reasons.values()).sum();
        metrics.set(&format!("fields_set_aside_{table}"), fields);
        metrics.set(&format!("unknown_keys_{table}"), outcome.unknown.names());
    }
    metrics.set("bytes", outcomes.iter().map(|o| o.bytes).sum::<u64>());
    metrics
}

impl Outcome {
    fn file(&self, reject: &Reject) -> &str {
        usize::try_from(reject.file).ok().and_then(|n| self.files.get(n)).map_or("", String::as_str)
    }

    /// That there are rows, and not too many rejects.
    fn check(&self, config: &Config) -> Result<(), Error> {
        let read = self.rows + self.rejected;
        if read == 0 {
            return Err(Error::EmptyTable { table: self.table.name, files: self.files.join(", ") });
        }
        let share = self.rejected as f64 / read as f64;
        if share <= config.max_reject_share && self.rows > 0 {
            return Ok(());
        }
        Err(Error::TooManyRejects {
            table: self.table.name,
            rejected: self.rejected,
            read,
            share: share * 100.0,
            allowed: config.max_reject_share * 100.0,
            reasons: self.reasons(),
        })
    }

    /// The reasons for which records were set aside, the most frequent first, each with the place
    /// where it was met first.
    fn reasons(&self) -> String {
        let mut reasons: Vec<(&Reason, &u64)> = self.by_reason.iter().collect();
        reasons.sort_by_key(|(reason, n)| (std::cmp::Reverse(**n), **reason));
        let mut text = Vec::new();
        for (reason, n) in reasons {
            let first = self.rejects.iter().find(|r| r.reason == *reason);
            let place = first.map_or_else(String::new, |reject| {
                let unit = if self.file(reject).ends_with(".parquet") { "row" } else { "byte" };
                let field = reject.field.map_or_else(String::new, |f| format!(", field `{f}`"));
                format!(" (first in {} at {unit} {}{field})", self.file(reject), reject.place)
            });
            text.push(format!("{} {n}{place}", reason.code()));
        }
        text.join(", ")
    }

    fn json(&self) -> Value {
        let by_reason: Map<String, Value> =
            self.by_reason.iter().map(|(reason, n)| (reason.code().to_owned(), json!(n))).collect();
        json!({
            "files": self.files,
            "records": self.records,
            "rows": self.rows,
            "rejected": self.rejected,
            "rejected_by_reason": by_reason,
            "rejects_listed": self.rejects.len(),
            "unknown_keys": self.unknown,
            "columns": self.profile.json(self.table, &self.by_field),
        })
    }
}
