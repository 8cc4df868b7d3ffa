//! The applications of a version: who applied for what, when, and how it ended.

use arrow_array::RecordBatch;
use hashbrown::{HashMap, HashSet};
use schema::statuses::{self, Outcome};

use crate::{
    Error,
    config::Config,
    table::{Cells, VersionTable},
};

/// The key of a person, and that of a job.
pub(crate) const KEYS: [&str; 2] = ["codigo", "codigo_vaga"];
const STATUS: &str = "situacao_candidato";
const DAY: &str = "data_candidatura";
const BATCH_ROWS: usize = 1 << 14;

/// Numbers of ids, in the order in which they are met.
#[derive(Default)]
#[allow(clippy::disallowed_types, reason = "hashbrown's; its order reaches no output")]
pub(crate) struct Ids(HashMap<Box<str>, u32>);

impl Ids {
    fn number(&mut self, id: &str) -> u32 {
        if let Some(&number) = self.0.get(id) {
            return number;
        }
        let number = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.insert(id.into(), number);
        number
    }

    /// The number of an id.
    pub(crate) fn find(&self, id: &str) -> Option<u32> {
        self.0.get(id).copied()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ApplicationRow {
    pub(crate) person: u32,
    pub(crate) job: u32,
    /// Days since 1970-01-01.
    pub(crate) day: Option<i32>,
    /// Whether it is a match; none where the status says neither ([`Outcome::Other`]).
    pub(crate) positive: Option<bool>,
}

/// The applications of a version, in file order.
#[derive(Default)]
pub(crate) struct Applications {
    pub(crate) people: Ids,
    pub(crate) jobs: Ids,
    pub(crate) rows: Vec<ApplicationRow>,
}

impl Applications {
    /// Reads keys, days and outcomes.
    pub(crate) fn read(candidates: &VersionTable, config: &Config) -> Result<Self, Error> {
        let mut read = Self::default();
        let wanted = |name: &str| KEYS.contains(&name) || name == STATUS || name == DAY;
        for batch in candidates.read(wanted, BATCH_ROWS)? {
            let batch = batch?;
            let [person, job, status] = [KEYS[0], KEYS[1], STATUS].map(|name| cells(&batch, name));
            let day = cells(&batch, DAY);
            for row in 0..batch.num_rows() {
                read.rows.push(ApplicationRow {
                    person: read.people.number(word(&person, row)),
                    job: read.jobs.number(word(&job, row)),
                    day: date(&day, row),
                    positive: is_positive(word(&status, row), config),
                });
            }
        }
        Ok(read)
    }
}

fn is_positive(status: &str, config: &Config) -> Option<bool> {
    if config.positive.iter().any(|positive| positive == status) {
        return Some(true);
    }
    // No status at all: nothing has been decided.
    (status.is_empty() || statuses::outcome(status) != Outcome::Other).then_some(false)
}

/// The ids of a table's rows, in file order: of `keys` one after the other.
pub(crate) fn ids(table: &VersionTable, keys: &[&str]) -> Result<Vec<Box<str>>, Error> {
    let mut ids = Vec::new();
    for batch in table.read(|name| keys.contains(&name), BATCH_ROWS)? {
        let batch = batch?;
        let columns: Vec<_> = keys.iter().map(|key| cells(&batch, key)).collect();
        for row in 0..batch.num_rows() {
            let words: Vec<&str> = columns.iter().map(|column| word(column, row)).collect();
            ids.push(words.join("\0").into());
        }
    }
    Ok(ids)
}

/// Which rows of a table have ids that an earlier one does not have.
#[allow(clippy::disallowed_types, reason = "hashbrown's; its order reaches no output")]
pub(crate) fn is_new(
    table: &VersionTable,
    earlier: &VersionTable,
    keys: &[&str],
) -> Result<Vec<bool>, Error> {
    let known: HashSet<Box<str>> = ids(earlier, keys)?.into_iter().collect();
    Ok(ids(table, keys)?.iter().map(|id| !known.contains(id)).collect())
}

/// The days of a table's rows, in file order.
pub(crate) fn days(table: &VersionTable, column: &str) -> Result<Vec<Option<i32>>, Error> {
    if table.data_type(column).is_none() {
        return Ok(vec![None; usize::try_from(table.rows).unwrap_or_default()]);
    }
    let mut days = Vec::new();
    for batch in table.read(|name| name == column, BATCH_ROWS)? {
        let batch = batch?;
        let cells = cells(&batch, column);
        days.extend((0..batch.num_rows()).map(|row| date(&cells, row)));
    }
    Ok(days)
}

fn cells<'a>(batch: &'a RecordBatch, name: &str) -> Option<Cells<'a>> {
    batch.column_by_name(name).map(Cells::of)
}

fn word<'a>(cells: &Option<Cells<'a>>, row: usize) -> &'a str {
    cells.as_ref().and_then(|cells| cells.word(row)).unwrap_or_default()
}

fn date(cells: &Option<Cells<'_>>, row: usize) -> Option<i32> {
    match cells {
        Some(days @ Cells::Day(_)) => days.number(row).map(|day| day as i32),
        _ => None,
    }
}
