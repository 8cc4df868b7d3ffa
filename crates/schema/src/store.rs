//! The feature store as every stage reads it: who is there, who applied for what, and which records
//! are one and the same. Texts stay in their files.
//!
//! A record's *row* is its place in its table's file.

use hashbrown::HashMap;
use parquet::file::reader::ChunkReader;
use serde::{Deserialize, Serialize};

use crate::{Error, Table, TableReader, date_column, tables, text_column};

/// The file of the applications.
pub const CANDIDATES: &str = "candidates.parquet";

/// The file that says which records are one and the same; a version of an older release has none.
pub const GROUPS: &str = "groups.parquet";

/// Rows of a batch of keys.
const BATCH_ROWS: usize = 1 << 14;

/// The side of an application that a record or a column describes: its table in the feature store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The candidates: `people.parquet`.
    People,
    /// The jobs: `jobs.parquet`.
    Jobs,
}

impl Side {
    /// The side that has `column`; none when neither has.
    #[must_use]
    pub fn of(column: &str) -> Option<Self> {
        [Self::People, Self::Jobs].into_iter().find(|s| s.table().position(column).is_some())
    }

    /// Its table.
    #[must_use]
    pub const fn table(self) -> &'static Table {
        match self {
            Self::People => &tables::PEOPLE,
            Self::Jobs => &tables::JOBS,
        }
    }

    /// The file of its table.
    #[must_use]
    pub const fn file(self) -> &'static str {
        match self {
            Self::People => "people.parquet",
            Self::Jobs => "jobs.parquet",
        }
    }

    /// The column that names its records.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::People => "codigo",
            Self::Jobs => "codigo_vaga",
        }
    }

    /// What one of its records is called.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::People => "candidate",
            Self::Jobs => "job",
        }
    }

    /// What its records are called.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::People => "candidates",
            Self::Jobs => "jobs",
        }
    }

    /// The ids of its file, by row.
    ///
    /// # Errors
    /// As [`TableReader::open`].
    pub fn ids<R: ChunkReader + 'static>(self, source: R) -> Result<Vec<Box<str>>, Error> {
        let mut ids = Vec::new();
        for batch in
            TableReader::open(self.file(), source, self.table(), &[self.key()], BATCH_ROWS)?
        {
            let batch = batch?;
            let column = text_column(&batch, self.key()).iter();
            ids.extend(column.map(|id| Box::from(id.unwrap_or_default())));
        }
        Ok(ids)
    }
}

/// The day on which each job was asked for, in days since 1970-01-01, by row.
///
/// # Errors
/// As [`TableReader::open`].
pub fn job_days<R: ChunkReader + 'static>(jobs: R) -> Result<Vec<Option<i32>>, Error> {
    const COLUMN: &str = "data_requicisao";
    let mut days = Vec::new();
    for batch in TableReader::open(Side::Jobs.file(), jobs, &tables::JOBS, &[COLUMN], BATCH_ROWS)? {
        days.extend(date_column(&batch?, COLUMN));
    }
    Ok(days)
}

/// An application, by rows of the tables of people and of jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied<'a> {
    /// Row of the candidate.
    pub person: u32,
    /// Row of the job.
    pub job: u32,
    /// Its day, in days since 1970-01-01.
    pub day: Option<i32>,
    /// Its status; none where it has none.
    pub status: Option<&'a str>,
}

/// The files of a feature-store version.
#[derive(Clone, Debug)]
pub struct FeatureStore<R> {
    /// `people.parquet`.
    pub people: R,
    /// `jobs.parquet`.
    pub jobs: R,
    /// `candidates.parquet`.
    pub candidates: R,
    /// `groups.parquet`; none in a version that was made before there was one.
    pub groups: Option<R>,
}

/// All of a feature-store version but the texts; of each application what the reader made of it.
#[derive(Clone, Debug, Default)]
pub struct Records<A> {
    /// Ids of the candidates, by row: each once.
    pub people: Vec<Box<str>>,
    /// Ids of the jobs, by row: each once.
    pub jobs: Vec<Box<str>>,
    /// For each candidate, the row of the first code of the same person: its own where there is one.
    pub people_groups: Vec<u32>,
    /// For each job, the row of the first job of the same text.
    pub job_groups: Vec<u32>,
    /// The day on which each job was asked for, in days since 1970-01-01.
    pub job_days: Vec<Option<i32>>,
    /// The applications, in the order of their file.
    pub applications: Vec<A>,
}

impl<R> FeatureStore<R> {
    /// Opens the files by their names.
    ///
    /// # Errors
    /// Those of `open`.
    pub fn open<E>(has_groups: bool, open: impl Fn(&str) -> Result<R, E>) -> Result<Self, E> {
        Ok(Self {
            people: open(Side::People.file())?,
            jobs: open(Side::Jobs.file())?,
            candidates: open(CANDIDATES)?,
            groups: has_groups.then(|| open(GROUPS)).transpose()?,
        })
    }
}

impl<R: ChunkReader + Clone + 'static> FeatureStore<R> {
    /// Reads ids, days, groups and applications.
    ///
    /// # Errors
    /// As [`TableReader::open`]; [`Error::TwiceThere`] when an id occurs twice; [`Error::Orphan`]
    /// when an application or a group names a record that is not there.
    pub fn read<A>(&self, application: impl Fn(Applied<'_>) -> A) -> Result<Records<A>, Error> {
        let people = Side::People.ids(self.people.clone())?;
        let jobs = Side::Jobs.ids(self.jobs.clone())?;
        let job_days = job_days(self.jobs.clone())?;
        let index = [RowIndex::new(Side::People, &people)?, RowIndex::new(Side::Jobs, &jobs)?];
        let applications = self.applications(&index, application)?;
        let [people_groups, job_groups] = self.groups(&index)?;
        drop(index);
        Ok(Records { people, jobs, people_groups, job_groups, job_days, applications })
    }

    fn applications<A>(
        &self,
        [people, jobs]: &[RowIndex<'_>; 2],
        application: impl Fn(Applied<'_>) -> A,
    ) -> Result<Vec<A>, Error> {
        const COLUMNS: [&str; 4] =
            ["codigo", "codigo_vaga", "situacao_candidato", "data_candidatura"];
        let (file, table) = (self.candidates.clone(), &tables::CANDIDATES);
        let mut applications = Vec::new();
        for batch in TableReader::open(CANDIDATES, file, table, &COLUMNS, BATCH_ROWS)? {
            let batch = batch?;
            let [person, job, status] = [0, 1, 2].map(|i| text_column(&batch, COLUMNS[i]));
            let rows = person.iter().zip(job).zip(status).zip(date_column(&batch, COLUMNS[3]));
            for (((person, job), status), day) in rows {
                let (person, job) = (people.row(CANDIDATES, person)?, jobs.row(CANDIDATES, job)?);
                applications.push(application(Applied { person, job, day, status }));
            }
        }
        Ok(applications)
    }

    /// The row that stands for each: its own, but for those that the file names.
    fn groups(&self, index: &[RowIndex<'_>; 2]) -> Result<[Vec<u32>; 2], Error> {
        const COLUMNS: [&str; 3] = ["tabela", "codigo", "grupo"];
        let mut groups = index.each_ref().map(|i| (0..).take(i.rows.len()).collect::<Vec<u32>>());
        let Some(file) = self.groups.clone() else { return Ok(groups) };
        for batch in TableReader::open(GROUPS, file, &tables::GROUPS, &COLUMNS, BATCH_ROWS)? {
            let batch = batch?;
            let [table, record, first] = COLUMNS.map(|column| text_column(&batch, column));
            for ((table, record), first) in table.iter().zip(record).zip(first) {
                for (index, groups) in index.iter().zip(&mut groups) {
                    if table == Some(index.side.table().name) {
                        groups[index.row(GROUPS, record)? as usize] = index.row(GROUPS, first)?;
                    }
                }
            }
        }
        Ok(groups)
    }
}

/// The rows of ids.
struct RowIndex<'a> {
    side: Side,
    /// Only looked up: nothing is taken from its own order.
    rows: HashMap<&'a str, u32>,
}

impl<'a> RowIndex<'a> {
    fn new(side: Side, ids: &'a [Box<str>]) -> Result<Self, Error> {
        let mut rows = HashMap::with_capacity(ids.len());
        for (id, row) in ids.iter().zip(0..) {
            if rows.insert(&**id, row).is_some() {
                return Err(Error::TwiceThere { file: side.file(), id: id.to_string() });
            }
        }
        Ok(Self { side, rows })
    }

    fn row(&self, by: &'static str, id: Option<&str>) -> Result<u32, Error> {
        let id = id.unwrap_or_default();
        let orphan = || Error::Orphan {
            by,
            noun: self.side.noun(),
            id: id.to_owned(),
            file: self.side.file(),
        };
        self.rows.get(id).copied().ok_or_else(orphan)
    }
}
