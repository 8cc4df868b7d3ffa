//! The applications of a feature-store version: who applied for what, and whether it was a match.
//!
//! Only keys and labels are read here; texts stay in their files until they are encoded, once for
//! each candidate and each job, however many applications name them.
//!
//! Nothing depends on the order of rows in the files: candidates and jobs are numbered by their ids
//! in ascending order, applications are sorted by candidate and job.

use parquet::file::reader::ChunkReader;
use schema::{
    Table,
    statuses::{self, Outcome},
    store::{Applied, FeatureStore},
};

pub use crate::keys::Keys;
use crate::{Error, identity::Groups};

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
    /// [`Error::Table`] when a file is no such table, or an application or a group names a candidate
    /// or job that is not there; [`Error::Empty`] without applications.
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
        let mut rows = read.applications;
        for row in &mut rows {
            row.person = people.number_at(row.person as usize);
            row.job = jobs.number_at(row.job as usize);
            row.person_group = same_people.group(row.person);
            row.job_group = same_jobs.group(row.job);
        }
        rows.sort_unstable();
        Ok(Self { people, jobs, rows, opened, same_people, same_jobs })
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
