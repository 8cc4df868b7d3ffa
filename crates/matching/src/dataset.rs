//! The applications of a feature-store version: who applied for what, and whether it was a match.
//!
//! Only keys and labels are read here; texts stay in their files until they are encoded, once for
//! each candidate and each job, however many applications name them.
//!
//! Nothing depends on the order of rows in the files: candidates and jobs are numbered by their ids
//! in ascending order, applications are sorted by candidate and job.

use arrow_array::{Date32Array, cast::AsArray, types::Date32Type};
use hashbrown::HashMap;
use parquet::file::reader::ChunkReader;
use schema::{Table, TableReader, statuses, statuses::Outcome, tables, text_column};

use crate::{
    Error,
    columns::{Known, Side},
    identity::Groups,
};

/// When an application was made, and when a job was opened.
pub(crate) const DAY: Known = Known::of(&tables::CANDIDATES, "data_candidatura");
pub(crate) const OPENED: Known = Known::of(&tables::JOBS, "data_requicisao");

/// Rows of a batch of keys.
const KEY_ROWS: usize = 1 << 14;

/// The files of a feature-store version.
#[derive(Clone, Debug)]
pub struct Tables<R> {
    /// `people.parquet`.
    pub people: R,
    /// `jobs.parquet`.
    pub jobs: R,
    /// `candidates.parquet`.
    pub candidates: R,
    /// `groups.parquet`; none in a version that was made before there was one.
    pub groups: Option<R>,
}

/// The ids of a table, and where its file has them.
///
/// A record's *number* is the place of its id in ascending order.
#[derive(Clone, Debug)]
pub struct Keys {
    ids: Vec<Box<str>>,
    /// The number of the record at each row of the file.
    numbers: Vec<u32>,
}

impl Keys {
    /// Reads the ids of one side's file.
    ///
    /// # Errors
    /// [`Error::Table`] when it is no such table, [`Error::TwiceThere`] when an id occurs twice.
    pub fn read<R: ChunkReader + 'static>(side: Side, source: R) -> Result<Self, Error> {
        let (table, key) = (side.table(), side.key());
        let file = file_of(table);
        let reader = TableReader::open(&file, source, table, &[key], KEY_ROWS)?;
        let mut in_file: Vec<Box<str>> = Vec::new();
        for batch in reader {
            in_file.extend(text_column(&batch?, key).iter().map(|k| Box::from(k.unwrap_or(""))));
        }
        let mut rows: Vec<u32> = (0..).take(in_file.len()).collect();
        rows.sort_by(|&a, &b| in_file[a as usize].cmp(&in_file[b as usize]));
        let mut numbers = vec![0; rows.len()];
        for (number, &row) in (0..).zip(&rows) {
            numbers[row as usize] = number;
        }
        let ids: Vec<Box<str>> =
            rows.iter().map(|&row| std::mem::take(&mut in_file[row as usize])).collect();
        if let Some(pair) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Error::TwiceThere { file, id: pair[0].to_string() });
        }
        Ok(Self { ids, numbers })
    }

    /// Records 0 to `rows`, numbered as they stand: for a table without ids of its own.
    pub(crate) fn of_rows(rows: u32) -> Self {
        Self { ids: Vec::new(), numbers: (0..rows).collect() }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The ids, ascending: number 0 first.
    #[must_use]
    pub fn ids(&self) -> &[Box<str>] {
        &self.ids
    }

    /// The number of the record at a row of the file.
    pub(crate) fn number_at(&self, row: usize) -> u32 {
        self.numbers[row]
    }

    /// The number of an id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<u32> {
        let place = self.ids.binary_search_by(|probe| (**probe).cmp(id)).ok()?;
        u32::try_from(place).ok()
    }

    /// From id to number, for many look-ups.
    fn index(&self) -> HashMap<&str, u32> {
        self.ids.iter().map(|id| &**id).zip(0..).collect()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Application {
    /// Number of the candidate.
    pub person: u32,
    /// Number of the job.
    pub job: u32,
    /// The group that stands for the same person ([`Groups::group`]).
    pub person_group: u32,
    /// The group that stands for the same job.
    pub job_group: u32,
    /// Whether its status counts as a match.
    pub positive: bool,
    /// What its status says of how it ended ([`statuses::outcome`]), whatever counts as a match; an
    /// application without a status is open.
    pub outcome: Outcome,
    /// The day on which it was made, in days since 1970-01-01.
    pub day: Option<i32>,
}

impl Application {
    /// Numbers of candidate and job.
    pub(crate) fn pair(&self) -> (u32, u32) {
        (self.person, self.job)
    }
}

/// The applications with the ids that they name.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// The candidates, with or without applications.
    pub people: Keys,
    /// The jobs, with or without applications.
    pub jobs: Keys,
    pub rows: Vec<Application>,
    /// The day on which each job was opened, in days since 1970-01-01.
    pub opened: Vec<Option<i32>>,
    /// Which candidates are one person.
    pub same_people: Groups,
    pub same_jobs: Groups,
}

impl Dataset {
    /// Reads keys and labels; a status in `positive` is a match.
    ///
    /// # Errors
    /// [`Error::Table`] when a file is no such table; [`Error::Orphan`] when an application or a group
    /// names a candidate or job that is not there; [`Error::Empty`] without applications.
    pub fn read<R: ChunkReader + Clone + 'static>(
        tables: &Tables<R>,
        positive: &[String],
    ) -> Result<Self, Error> {
        let read = Self::of_tables(tables, positive)?;
        if read.rows.is_empty() { Err(Error::Empty) } else { Ok(read) }
    }

    /// The day of the last application.
    #[must_use]
    pub fn last_day(&self) -> Option<i32> {
        self.rows.iter().filter_map(|a| a.day).max()
    }

    /// As [`Self::read`], of tables that may have no applications.
    pub(crate) fn of_tables<R: ChunkReader + Clone + 'static>(
        tables: &Tables<R>,
        positive: &[String],
    ) -> Result<Self, Error> {
        let people = Keys::read(Side::People, tables.people.clone())?;
        let jobs = Keys::read(Side::Jobs, tables.jobs.clone())?;
        let opened = opened(&jobs, tables.jobs.clone())?;
        let [same_people, same_jobs] = match &tables.groups {
            Some(groups) => Groups::read(groups.clone(), &people, &jobs)?,
            None => [Groups::alone(people.len()), Groups::alone(jobs.len())],
        };
        let mut rows = Vec::new();
        {
            let (of_person, of_job) = (people.index(), jobs.index());
            let orphan = |side: Side, id: &str| Error::Orphan {
                by: file_of(&tables::CANDIDATES),
                noun: side.noun(),
                id: id.to_owned(),
                file: file_of(side.table()),
            };
            let table = &tables::CANDIDATES;
            let columns = ["codigo", "codigo_vaga", "situacao_candidato", DAY.name()];
            let file = tables.candidates.clone();
            for batch in TableReader::open(&file_of(table), file, table, &columns, KEY_ROWS)? {
                let batch = batch?;
                let [people, jobs, status] =
                    [columns[0], columns[1], columns[2]].map(|name| text_column(&batch, name));
                let days = dates(&batch, DAY);
                for row in 0..batch.num_rows() {
                    let person = value_at(people, row).unwrap_or("");
                    let job = value_at(jobs, row).unwrap_or("");
                    let status = value_at(status, row);
                    let person =
                        *of_person.get(person).ok_or_else(|| orphan(Side::People, person))?;
                    let job = *of_job.get(job).ok_or_else(|| orphan(Side::Jobs, job))?;
                    rows.push(Application {
                        person,
                        job,
                        person_group: same_people.group(person),
                        job_group: same_jobs.group(job),
                        positive: status.is_some_and(|s| positive.iter().any(|p| p == s)),
                        outcome: status.map_or(Outcome::Open, statuses::outcome),
                        day: day_at(days, row),
                    });
                }
            }
        }
        rows.sort_unstable();
        Ok(Self { people, jobs, rows, opened, same_people, same_jobs })
    }
}

/// The day on which each job was opened.
fn opened<R: ChunkReader + 'static>(jobs: &Keys, source: R) -> Result<Vec<Option<i32>>, Error> {
    let table = &tables::JOBS;
    let mut opened = vec![None; jobs.len()];
    let mut row_of_file = 0;
    for batch in TableReader::open(&file_of(table), source, table, &[OPENED.name()], KEY_ROWS)? {
        let batch = batch?;
        let days = dates(&batch, OPENED);
        for row in 0..batch.num_rows() {
            opened[jobs.number_at(row_of_file) as usize] = day_at(days, row);
            row_of_file += 1;
        }
    }
    Ok(opened)
}

/// A column of days of a batch whose reader was asked for it.
fn dates(batch: &arrow_array::RecordBatch, column: Known) -> Option<&Date32Array> {
    batch.column_by_name(column.name()).map(|array| array.as_primitive::<Date32Type>())
}

fn day_at(days: Option<&Date32Array>, row: usize) -> Option<i32> {
    use arrow_array::Array;
    days.filter(|days| !days.is_null(row)).map(|days| days.value(row))
}

/// The text at a row; none when it is null.
pub(crate) fn value_at(array: &arrow_array::StringArray, row: usize) -> Option<&str> {
    use arrow_array::Array;
    (!array.is_null(row)).then(|| array.value(row))
}

/// The name of a table's file.
pub(crate) fn file_of(table: &Table) -> String {
    format!("{}.parquet", table.name)
}
