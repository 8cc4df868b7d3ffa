//! The applications of a feature-store version: who applied for what, and whether it was a match.
//!
//! Only keys and labels are read here; texts stay in their files until they are encoded, once for
//! each candidate and each job, however many applications name them.
//!
//! Nothing depends on the order of rows in the files: candidates and jobs are numbered by their ids
//! in ascending order, applications are sorted by candidate and job.

use std::collections::BTreeMap;

use parquet::file::reader::ChunkReader;
use schema::{
    Table, TableReader,
    statuses::{self, Outcome},
    store::{Applied, FeatureStore},
    tables::{GROUPS, JOBS},
    text_column,
};

pub use crate::keys::Keys;
use crate::{Error, columns::Known, identity::Groups};

/// The files of a feature-store version.
pub type Tables<R> = FeatureStore<R>;

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

/// What jobs have in common, so that the outcomes of one say something of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobGroup {
    /// The words of the title, without digits and signs.
    Title,
    /// The type of contract.
    Contract,
    Client,
    Requester,
    /// The recruiter in charge.
    Analyst,
}

impl JobGroup {
    pub const ALL: [Self; 5] =
        [Self::Title, Self::Contract, Self::Client, Self::Requester, Self::Analyst];

    /// The group of each job.
    fn read<R: ChunkReader + Clone + 'static>(
        self,
        tables: &Tables<R>,
        jobs: &Keys,
    ) -> Result<Vec<Option<u32>>, Error> {
        let by_column = |column| by_column(column, tables.jobs.clone(), jobs);
        let by_party = |party| by_party(party, tables.groups.clone(), jobs);
        match self {
            Self::Title => by_column(Known::of(&JOBS, "titulo_vaga")),
            Self::Contract => by_column(Known::of(&JOBS, "tipo_contratacao")),
            Self::Client => by_party("cliente"),
            Self::Requester => by_party("solicitante_cliente"),
            Self::Analyst => by_party("analista_responsavel"),
        }
    }
}

/// Jobs grouped by the words of a column.
fn by_column<R: ChunkReader + 'static>(
    column: Known,
    file: R,
    jobs: &Keys,
) -> Result<Vec<Option<u32>>, Error> {
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    let mut groups = vec![None; jobs.len()];
    let mut row = 0;
    for batch in TableReader::open(&file_of(&JOBS), file, &JOBS, &[column.name()], BATCH_ROWS)? {
        for text in text_column(&batch?, column.name()) {
            let words = text.unwrap_or_default().to_lowercase();
            let words: Vec<_> =
                words.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty()).collect();
            if !words.is_empty() {
                let next = numbers.len() as u32;
                let number = *numbers.entry(words.join(" ")).or_insert(next);
                groups[jobs.number_at(row) as usize] = Some(number);
            }
            row += 1;
        }
    }
    Ok(groups)
}

/// Jobs grouped by who is behind them, as `groups.parquet` tells it; a job that shares its party with
/// no other has no group.
fn by_party<R: ChunkReader + 'static>(
    party: &str,
    file: Option<R>,
    jobs: &Keys,
) -> Result<Vec<Option<u32>>, Error> {
    let mut groups = vec![None; jobs.len()];
    let Some(file) = file else { return Ok(groups) };
    let columns = ["tabela", "codigo", "grupo"];
    for batch in TableReader::open(&file_of(&GROUPS), file, &GROUPS, &columns, BATCH_ROWS)? {
        let batch = batch?;
        let [tables, codes, firsts] = columns.map(|name| text_column(&batch, name));
        for ((table, code), first) in tables.iter().zip(codes).zip(firsts) {
            let job = code.filter(|_| table == Some(party)).and_then(|code| jobs.find(code));
            if let Some((job, first)) = job.zip(first.and_then(|first| jobs.find(first))) {
                groups[job as usize] = Some(first);
            }
        }
    }
    Ok(groups)
}

/// Rows of a batch of jobs.
const BATCH_ROWS: usize = 4096;

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
    /// Of each [`JobGroup`], the group of each job.
    job_groups: [Vec<Option<u32>>; JobGroup::ALL.len()],
}

impl Dataset {
    /// Reads keys and labels; a status in `positive` is a match.
    ///
    /// # Errors
    /// [`Error::Table`] when a file is no such table, or an application or a group names a candidate
    /// or job that is not there; [`Error::Empty`] without applications.
    pub fn read<R: ChunkReader + Clone + 'static>(
        tables: &Tables<R>,
        positive: &[String],
    ) -> Result<Self, Error> {
        let read = Self::of_tables(tables, positive)?;
        if read.rows.is_empty() { Err(Error::Empty) } else { Ok(read) }
    }

    /// The group of each job; none of a job that does not say.
    #[must_use]
    pub fn group_of_jobs(&self, group: JobGroup) -> &[Option<u32>] {
        &self.job_groups[group as usize]
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
        let read = tables.read(|Applied { person, job, day, status }| Application {
            person,
            job,
            person_group: person,
            job_group: job,
            positive: status.is_some_and(|s| positive.iter().any(|p| p == s)),
            outcome: status.map_or(Outcome::Open, statuses::outcome),
            day,
        })?;
        let (people, jobs) = (Keys::from_rows(read.people), Keys::from_rows(read.jobs));
        let same_people = Groups::from_rows(&read.people_groups, &people);
        let same_jobs = Groups::from_rows(&read.job_groups, &jobs);
        let mut opened = vec![None; jobs.len()];
        for (row, day) in read.job_days.into_iter().enumerate() {
            opened[jobs.number_at(row) as usize] = day;
        }
        let mut job_groups = [const { Vec::new() }; JobGroup::ALL.len()];
        for group in JobGroup::ALL {
            job_groups[group as usize] = group.read(tables, &jobs)?;
        }
        let mut rows = read.applications;
        for row in &mut rows {
            row.person = people.number_at(row.person as usize);
            row.job = jobs.number_at(row.job as usize);
            row.person_group = same_people.group(row.person);
            row.job_group = same_jobs.group(row.job);
        }
        rows.sort_unstable();
        Ok(Self { people, jobs, rows, opened, same_people, same_jobs, job_groups })
    }
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
