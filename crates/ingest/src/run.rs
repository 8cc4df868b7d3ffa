//! The stage's work: the three tables side by side, then what is said of them.

use std::collections::BTreeMap;

use schema::{
    BatchBuilder, Table, TableWriter,
    profile::{Profile, TableProfile},
    raw,
};
use stage::{Inputs, Metrics, OutputFile, Outputs, Progress};
use versioning::RawTable;

use crate::{
    Config, Error,
    pipeline::{TableOutcome, clean_table},
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
    let outcomes: Vec<Result<TableOutcome, Error>> = std::thread::scope(|scope| {
        let workers: Vec<_> = TABLES
            .iter()
            .map(|(raw, table, plain)| {
                scope.spawn(move || {
                    let files = inputs.raw(*raw);
                    let bytes = files.iter().map(|file| file.blob.len()).sum();
                    let phase = progress.phase(table.name, Some(bytes), "bytes")?;
                    let writer = create(out, table, plain, config)?;
                    let (mut outcome, sink) =
                        clean_table(table, files, inputs.memo(), config, writer, &phase)?;
                    sink.finish(Some(outcome.rows))?;
                    if !outcome.increments.is_empty() {
                        merge_increments(&mut outcome, out, plain, config)?;
                    }
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

/// Writes a table again without the rows of which a later file has a newer one.
fn merge_increments(
    outcome: &mut TableOutcome,
    out: &Outputs,
    plain: &'static [&'static str],
    config: &Config,
) -> Result<(), Error> {
    let table = outcome.table;
    let all = out.take_back(&format!("{}.parquet", table.name))?;
    let writer = create(out, table, plain, config)?;
    let (rows, figures, sink) =
        outcome.increments.keep_newest(table, &all, config.block_rows, writer)?;
    sink.finish(Some(rows))?;
    (outcome.rows, outcome.profile) = (rows, figures);
    Ok(())
}

fn write_rejects(out: &Outputs, config: &Config, outcomes: &[TableOutcome]) -> Result<(), Error> {
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

fn write_profile(out: &Outputs, outcomes: &[TableOutcome]) -> Result<(), Error> {
    let of = |table: &Table| {
        let outcome = outcomes.iter().find(|o| o.table.name == table.name);
        outcome.map(TableOutcome::profile).unwrap_or_default()
    };
    let profile = Profile {
        applicants: of(&raw::APPLICANTS),
        vagas: of(&raw::VAGAS),
        prospects: of(&raw::PROSPECTS),
    };
    let mut text = serde_json::to_vec_pretty(&profile).map_err(stage::Error::failed)?;
    text.push(b'\n');
    Ok(out.write(Profile::FILE, &text, None)?)
}

/// What an operator should know though the run went well.
fn tell(outcome: &TableOutcome, progress: &dyn Progress) {
    let (table, rejected) = (outcome.table.name, outcome.rejected);
    if rejected.sum() > 0 {
        let items = match rejected.items {
            0 => String::new(),
            items => format!(" and {items} items of their lists"),
        };
        let (records, reasons) = (rejected.records, outcome.reasons());
        progress.note(&format!("{table}: {records} records{items} set aside: {reasons}"));
    }
    if outcome.repeated.merged > 0 {
        let merged = outcome.repeated.merged;
        progress
            .note(&format!("{table}: {merged} records of later files merged with earlier ones"));
    }
}

fn metrics(outcomes: &[TableOutcome]) -> Metrics {
    let mut metrics = Metrics::default();
    for outcome in outcomes {
        let table = outcome.table.name;
        metrics.set(&format!("rows_{table}"), outcome.rows);
        metrics.set(&format!("records_{table}"), outcome.read.records);
        metrics.set(&format!("items_{table}"), outcome.read.items);
        metrics.set(&format!("rejected_{table}"), outcome.rejected.sum());
        metrics.set(&format!("rejected_records_{table}"), outcome.rejected.records);
        metrics.set(&format!("rejected_items_{table}"), outcome.rejected.items);
        metrics.set(&format!("merged_{table}"), outcome.repeated.merged);
        let fields: u64 =
            outcome.fields.by_reason.values().flat_map(|reasons| reasons.values()).sum();
        metrics.set(&format!("fields_set_aside_{table}"), fields);
        metrics.set(&format!("unknown_keys_{table}"), outcome.unknown.names());
    }
    metrics.set("bytes", outcomes.iter().map(|o| o.bytes).sum::<u64>());
    metrics
}

impl TableOutcome {
    fn file(&self, reject: &Reject) -> &str {
        usize::try_from(reject.file).ok().and_then(|n| self.files.get(n)).map_or("", String::as_str)
    }

    /// That there are rows, and not too many rejects.
    fn check(&self, config: &Config) -> Result<(), Error> {
        if self.rows == 0 && self.rejected.sum() == 0 {
            return Err(Error::EmptyTable { table: self.table.name, files: self.files.join(", ") });
        }
        // Records with records, items with items: one record of `prospects` holds several
        // applications, and none of those of a record that was set aside is counted.
        let (read, rejected) = (self.read, self.rejected);
        let units =
            [("records", rejected.records, read.records), ("items", rejected.items, read.items)];
        let share = |rejected: u64, read: u64| rejected as f64 / read.max(1) as f64;
        let too_many =
            |(_, rejected, read): &(_, u64, u64)| share(*rejected, *read) > config.max_reject_share;
        let all = |(_, rejected, _): &(_, u64, u64)| self.rows == 0 && *rejected > 0;
        let found = units.into_iter().find(too_many).or(units.into_iter().find(all));
        let Some((unit, rejected, read)) = found else { return Ok(()) };
        Err(Error::TooManyRejects {
            table: self.table.name,
            rejected,
            read,
            unit,
            share: share(rejected, read) * 100.0,
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

    fn profile(&self) -> TableProfile {
        let reasons = self.by_reason.iter();
        let (unknown, others) = self.unknown.counts();
        let mut unknown_keys: BTreeMap<String, u64> = unknown.iter().cloned().collect();
        if others > 0 {
            unknown_keys.insert("…".to_owned(), others);
        }
        TableProfile {
            files: self.files.clone(),
            records: self.read.records,
            items: self.read.items,
            rows: self.rows,
            rejected: self.rejected.sum(),
            rejected_records: self.rejected.records,
            rejected_items: self.rejected.items,
            rejected_by_reason: reasons.map(|(r, n)| (r.code().to_owned(), *n)).collect(),
            rejects_listed: self.rejects.len() as u64,
            repeated: self.repeated,
            renamed_keys: renamed(self),
            unknown_keys,
            columns: self.profile.columns(self.table, &self.fields),
        }
    }
}

/// The share of the records that must have an unknown key for it to be a known one's new name.
const NEARLY_ALL: f64 = 0.9;

/// Known keys that nothing has, each with the unknown key, of the same section, that nearly all
/// have and that is spelled most like it.
fn renamed(outcome: &TableOutcome) -> BTreeMap<String, String> {
    let TableOutcome { table, read, fields, .. } = outcome;
    let section = |key: &str| key.split_once('.').map(|(section, _)| section.to_owned());
    let mut renamed = BTreeMap::new();
    for (column, _) in table.columns.iter().zip(&fields.present).filter(|(_, n)| **n == 0) {
        // What stands in an item is told as unknown with the list's name before it.
        let is_item = read.items > 0 && !column.name.contains('.');
        let of_items = || Some(table.name.to_owned());
        let place = if is_item { of_items() } else { section(column.name) };
        let all = if is_item { read.items } else { read.records } as f64;
        let name = |key: &str| key.rsplit('.').next().unwrap_or(key).to_owned();
        let likeness =
            |key: &str| strsim::normalized_damerau_levenshtein(&name(key), &name(column.name));
        let (unknown, _) = outcome.unknown.counts();
        let candidates = unknown.iter().filter(|(key, n)| {
            *n as f64 >= NEARLY_ALL * all && (section(key) == place || read.records == 0)
        });
        let nearest = candidates.max_by(|a, b| likeness(&a.0).total_cmp(&likeness(&b.0)));
        if let Some((key, _)) = nearest.filter(|(key, _)| likeness(key) >= LIKE) {
            renamed.insert(column.name.to_owned(), key.clone());
        }
    }
    renamed
}

/// How alike two names must be, 0 to 1, for one to be the other's new name: `cv_pt` and
/// `curriculo_pt` are alike to 0.33, `cv_en` and `curriculo_pt` to 0.17.
const LIKE: f64 = 0.3;
