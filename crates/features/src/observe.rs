//! What a version of the feature store, and the clean tables that it was made from, look like in
//! figures: what the contract judges.
//!
//! Names, documents and texts are read from the clean tables and hashed as they stream by; nothing
//! of them leaves this module.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use arrow_array::{Array, Date32Array, RecordBatch, StringArray};
use contract::{
    Dates, Identity, JobContent, Observed, ObservedColumn, ObservedOutcome, ObservedTable, Pair,
    Share, Statuses,
};
use schema::{
    TableReader, calendar, date_column,
    profile::{Difference, Profile, TableProfile},
    raw, statuses, tables, text_column,
};
use versioning::Committed;

use crate::{Error, age, dates::days};

/// Rows decoded at a time; of people fewer, for they have CVs.
const ROWS: usize = 4096;
const PEOPLE_ROWS: usize = 256;

/// Records of a table of which each is looked at; of a larger table those that a hash chooses, so
/// that two versions have the same ones.
const ALL: u64 = 1 << 16;

/// Days for which a job is open, and in which an application is too young to learn from: the
/// defaults of the stages after this one.
const OPEN_DAYS: i32 = 90;

/// The columns of a job whose changes count: what it is, how it is paid, and what is asked for.
const JOB_FIELDS: [&str; 4] = [
    "titulo_vaga",
    "tipo_contratacao",
    "principais_atividades",
    "competencia_tecnicas_e_comportamentais",
];

/// The columns of the source that say who a person is, alternatives together.
const WHO: [&[&str]; 4] = [
    &["infos_basicas.nome", "informacoes_pessoais.nome"],
    &[age::BORN],
    &["informacoes_pessoais.cpf"],
    &["informacoes_pessoais.email", "infos_basicas.email"],
];

const CREATED: &str = "infos_basicas.data_criacao";

const STATUS: &str = "situacao_candidado";

/// Observes a version that was made from `processed`.
pub(crate) fn observe(
    features: &Committed,
    processed: &Committed,
) -> Result<Observed, stage::Error> {
    let profile = processed.open(Profile::FILE)?.bytes()?;
    let profile = Profile::from_json(&profile).map_err(Error::Input)?;
    let metrics = &features.manifest().metrics;
    let count = |name: &str| metrics.get(name).and_then(serde_json::Value::as_u64).unwrap_or(0);
    let logical_date = calendar::parse(&features.manifest().logical_date).unwrap_or_default();
    let mut observed = Observed {
        logical_date,
        content: processed.manifest().content_hash(),
        people: count("rows_people"),
        jobs: count("rows_jobs"),
        applications: count("rows_candidates"),
        applications_read: count("applications"),
        orphans_of_jobs: count("orphans_job"),
        orphans_of_people: count("orphans_candidate"),
        duplicates: count("duplicates"),
        positives: count("positives"),
        tables: profile.tables().map(|(name, of)| (name.to_owned(), table(of))).into(),
        statuses: of_statuses(&profile),
        ..Observed::default()
    };
    let mut jobs = Jobs::default();
    jobs.read(features)?;
    let mut applications = Applications::default();
    applications.read(features)?;
    let mut people = People::default();
    people.read(processed, &profile)?;
    observed.statuses.texts = unknown_texts(processed)?;
    let until = calendar::week_end(logical_date);
    let mut updates = days(&profile.prospects.column("ultima_atualizacao"));
    updates.split_off(&(until + 1));
    people.since.split_off(&(until + 1));
    let future = metrics.get("future_dates");
    for (column, whole) in [
        ("jobs.data_requicisao", observed.jobs),
        ("candidates.data_candidatura", observed.applications_read),
    ] {
        let part = future.and_then(|of| of.get(column)?.as_u64()).unwrap_or(0);
        observed.future_dates.insert(column.to_owned(), Share { part, whole });
    }
    (observed.open_jobs, observed.left_out_by_age) = (jobs.open(), applications.young());
    let dates =
        Dates { jobs: jobs.days, applications: applications.days, updates, people: people.since };
    Ok(Observed {
        dates,
        identities: people.identities,
        job_contents: jobs.contents,
        pairs: applications.pairs,
        ..observed
    })
}

fn table(profile: &TableProfile) -> ObservedTable {
    let column = |(name, of): (&String, &schema::profile::ColumnProfile)| {
        let form = of.forms.iter().max_by_key(|(_, n)| **n);
        let column = ObservedColumn {
            rows: profile.rows,
            filled: of.filled,
            unreadable: of.unreadable,
            present: of.present,
            form: form.map(|(form, _)| form.clone()),
            renamed: profile.renamed_keys.get(name).cloned(),
            non_ascii: of.non_ascii,
            mojibake: of.mojibake,
            commonest: of.commonest,
        };
        (name.clone(), column)
    };
    ObservedTable {
        // A table with a row an application has items alone.
        records: if profile.records == 0 { profile.items } else { profile.records },
        repeated: profile.repeated.identical + profile.repeated.differing,
        columns: profile.columns.iter().map(column).collect(),
    }
}

fn of_statuses(profile: &Profile) -> Statuses {
    let column = profile.prospects.column(STATUS);
    let statuses = column.statuses.unwrap_or_default();
    let resembles = statuses.resembles.first().map(|most| match most.by {
        Difference::Encoding => format!("`{}` in another encoding", most.known),
        Difference::Spelling => format!("`{}` in another spelling", most.known),
    });
    Statuses { filled: column.filled, unknown: statuses.unknown, resembles, texts: BTreeMap::new() }
}

#[derive(Default)]
struct Jobs {
    days: BTreeMap<i32, u64>,
    contents: BTreeMap<u64, JobContent>,
}

impl Jobs {
    fn read(&mut self, features: &Committed) -> Result<(), stage::Error> {
        let mut columns = vec!["codigo_vaga", "data_requicisao"];
        columns.extend(JOB_FIELDS);
        let file = "jobs.parquet";
        let reader = open(features, file, &tables::JOBS, &columns, ROWS)?;
        let chosen = ChosenRecords::of(reader.rows());
        for batch in reader {
            let batch = batch.map_err(Error::Input)?;
            count_days(&mut self.days, date_column(&batch, "data_requicisao"));
            let codes = text_column(&batch, "codigo_vaga");
            let texts = JOB_FIELDS.map(|name| text_column(&batch, name));
            for (row, code) in codes.iter().enumerate() {
                let id = hash(code);
                if !chosen.has(id) {
                    continue;
                }
                let fields = JOB_FIELDS.iter().zip(texts).filter(|(_, text)| text.is_valid(row));
                let fields = fields.map(|(name, text)| ((*name).to_owned(), hash(text.value(row))));
                self.contents.insert(id, JobContent { fields: fields.collect() });
            }
        }
        Ok(())
    }

    fn open(&self) -> u64 {
        let Some(newest) = self.days.keys().next_back() else { return 0 };
        self.days.range(newest - OPEN_DAYS + 1..).map(|(_, n)| n).sum()
    }
}

#[derive(Default)]
struct Applications {
    days: BTreeMap<i32, u64>,
    pairs: BTreeMap<u64, Pair>,
    /// Undecided ones, by day, and those without a date.
    undecided: BTreeMap<i32, u64>,
    undated: u64,
}

impl Applications {
    fn read(&mut self, features: &Committed) -> Result<(), stage::Error> {
        const COLUMNS: [&str; 4] =
            ["codigo", "codigo_vaga", "situacao_candidato", "data_candidatura"];
        let file = "candidates.parquet";
        let reader = open(features, file, &tables::CANDIDATES, &COLUMNS, ROWS)?;
        let chosen = ChosenRecords::of(reader.rows());
        let groups = groups_of_people(features)?;
        for batch in reader {
            let batch = batch.map_err(Error::Input)?;
            let dates = date_column(&batch, COLUMNS[3]);
            count_days(&mut self.days, dates);
            let texts = [0, 1, 2].map(|at: usize| text_column(&batch, COLUMNS[at]));
            let [people, jobs, statuses] = texts;
            for row in 0..batch.num_rows() {
                let date = dates.is_valid(row).then(|| dates.value(row));
                let status = statuses.is_valid(row).then(|| statuses.value(row));
                if !status.is_some_and(statuses::is_final) {
                    match date {
                        Some(day) => *self.undecided.entry(day).or_default() += 1,
                        None => self.undated += 1,
                    }
                }
                // One person under several codes applies once: else a doubled person doubles what is
                // known of the outcomes.
                let person = people.value(row);
                let person = groups.get(person).map_or(person, String::as_str);
                let id = hash((person, jobs.value(row)));
                if chosen.has(id) {
                    self.pairs.insert(id, Pair { date, outcome: outcome(status) });
                }
            }
        }
        Ok(())
    }

    fn young(&self) -> u64 {
        let Some(newest) = self.days.keys().next_back() else { return self.undated };
        let young = self.undecided.range(newest - OPEN_DAYS + 1..);
        self.undated + young.map(|(_, n)| n).sum::<u64>()
    }
}

/// The group of each person who is there under several codes; none in a version without groups.
fn groups_of_people(features: &Committed) -> Result<BTreeMap<String, String>, stage::Error> {
    let (file, mut groups) = ("groups.parquet", BTreeMap::new());
    if features.manifest().output(file).is_none() {
        return Ok(groups);
    }
    const COLUMNS: [&str; 3] = ["tabela", "codigo", "grupo"];
    for batch in open(features, file, &tables::GROUPS, &COLUMNS, ROWS)? {
        let batch = batch.map_err(Error::Input)?;
        let [table, code, group] = COLUMNS.map(|name| text_column(&batch, name));
        for row in (0..batch.num_rows()).filter(|&row| table.value(row) == "people") {
            groups.insert(code.value(row).to_owned(), group.value(row).to_owned());
        }
    }
    Ok(groups)
}

/// How an application with that status ended; one that is not known has not.
fn outcome(status: Option<&str>) -> ObservedOutcome {
    let Some(status) = status.filter(|status| statuses::is_final(status)) else {
        return ObservedOutcome::Open;
    };
    match statuses::outcome(status) {
        statuses::Outcome::Positive => ObservedOutcome::Positive,
        statuses::Outcome::Negative => ObservedOutcome::Negative,
        statuses::Outcome::Open => ObservedOutcome::Open,
        statuses::Outcome::Other => ObservedOutcome::Other,
    }
}

#[derive(Default)]
struct People {
    identities: BTreeMap<u64, Identity>,
    since: BTreeMap<i32, u64>,
}

impl People {
    fn read(&mut self, processed: &Committed, profile: &Profile) -> Result<(), stage::Error> {
        let mut columns = vec!["codigo", "cv_pt", "cv_en", CREATED];
        columns.extend(WHO.iter().copied().flatten());
        let file = "applicants.parquet";
        let reader = open(processed, file, &raw::APPLICANTS, &columns, PEOPLE_ROWS)?;
        let chosen = ChosenRecords::of(profile.applicants.rows);
        for batch in reader {
            let batch = batch.map_err(Error::Input)?;
            let since = date_column(&batch, CREATED);
            count_days(&mut self.since, since);
            let codes = text_column(&batch, "codigo");
            let cvs = ["cv_pt", "cv_en"].map(|name| text_column(&batch, name));
            for (row, code) in codes.iter().enumerate() {
                let id = hash(code);
                if chosen.has(id) {
                    let identity = Identity {
                        fields: WHO
                            .map(|names| names.iter().find_map(|name| value(&batch, name, row))),
                        has_cv: cvs.iter().any(|cv| cv.is_valid(row)),
                        since: since.is_valid(row).then(|| since.value(row)),
                    };
                    self.identities.insert(id, identity);
                }
            }
        }
        Ok(())
    }
}

/// A hash of a text, whatever its case, or of a day.
fn value(batch: &RecordBatch, name: &str, row: usize) -> Option<u64> {
    if name == age::BORN {
        let born = date_column(batch, name);
        return born.is_valid(row).then(|| hash(born.value(row)));
    }
    let texts: &StringArray = text_column(batch, name);
    texts.is_valid(row).then(|| hash(texts.value(row).trim().to_lowercase()))
}

/// Applications by a hash of their status, of those that are none of the source's.
fn unknown_texts(processed: &Committed) -> Result<BTreeMap<u64, u64>, stage::Error> {
    let reader = open(processed, "prospects.parquet", &raw::PROSPECTS, &[STATUS], ROWS)?;
    let mut texts = BTreeMap::new();
    for batch in reader {
        let batch = batch.map_err(Error::Input)?;
        let unknown = text_column(&batch, STATUS).iter().flatten();
        for text in unknown.filter(|text| !statuses::KNOWN.contains(text)) {
            *texts.entry(hash(text)).or_default() += 1;
        }
    }
    Ok(texts)
}

fn open(
    version: &Committed,
    file: &str,
    table: &schema::Table,
    columns: &[&str],
    rows: usize,
) -> Result<TableReader, stage::Error> {
    let blob = version.open(file)?;
    Ok(TableReader::open(file, blob, table, columns, rows).map_err(Error::Input)?)
}

fn count_days(days: &mut BTreeMap<i32, u64>, dates: &Date32Array) {
    for day in dates.iter().flatten() {
        *days.entry(day).or_default() += 1;
    }
}

/// Which records of a table are looked at.
struct ChosenRecords {
    mask: u64,
}

impl ChosenRecords {
    /// Half of them, a quarter and so on, of more than [`ALL`].
    fn of(rows: u64) -> Self {
        let halvings = rows.div_ceil(ALL).max(1).next_power_of_two().trailing_zeros();
        Self { mask: (1 << halvings) - 1 }
    }

    fn has(&self, id: u64) -> bool {
        id & self.mask == 0
    }
}

/// Stable within a process, which is as long as an observation lives.
fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_large_table_a_part_is_looked_at_that_a_larger_one_shares() {
        let ids: Vec<u64> = (0..100_000_u64).map(hash).collect();
        let chosen = |rows| {
            let chosen = ChosenRecords::of(rows);
            ids.iter().filter(move |id| chosen.has(**id)).copied().collect::<Vec<_>>()
        };
        assert_eq!(chosen(ALL).len(), ids.len());
        let half = chosen(ALL + 1);
        assert!((45_000..55_000).contains(&half.len()), "{}", half.len());
        assert!(chosen(10 * ALL).iter().all(|id| half.contains(id)));
    }
}
