//! Who is there, who applied for what, and when: all of a feature-store version but the texts.
//!
//! A record's *row* is its place in its table's file; vectors, index and recommendations go by it.

use arrow_array::{Array, Date32Array};
use hashbrown::HashMap;
use parquet::file::reader::ChunkReader;
use rayon::prelude::*;
use schema::{Table, TableReader, date_column, statuses, tables, text_column};
use versioning::Committed;

use crate::{Error, columns::Side, config::Config, evaluate};

const BATCH_ROWS: usize = 1 << 14;

const CANDIDATES: &str = "candidates.parquet";

/// The file that says which records are one and the same; a version of an older release has none.
const GROUPS: &str = "groups.parquet";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Row of the candidate.
    pub candidate: u32,
    /// Row of the job.
    pub job: u32,
    /// Its day, in days since 1970-01-01.
    pub date: Option<i32>,
    /// Its status, one of [`statuses::KNOWN`] or [`statuses::OTHER`].
    pub status: Option<&'static str>,
}

/// The ids, dates and applications of a feature-store version.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// Ids of the candidates, by row.
    pub candidates: Vec<Box<str>>,
    /// Ids of the jobs, by row.
    pub jobs: Vec<Box<str>>,
    /// For each candidate, the row of the first code of the same person: its own where there is one.
    pub candidate_groups: Vec<u32>,
    /// For each job, the row of the first job of the same text.
    pub job_groups: Vec<u32>,
    /// The day on which each job was asked for, in days since 1970-01-01.
    pub job_dates: Vec<Option<i32>>,
    /// The applications, in the order of their file.
    pub applications: Vec<Applied>,
}

impl Records {
    /// Reads the tables of a committed version of the feature store.
    ///
    /// # Errors
    /// As [`Records::read`], and what the store says.
    pub fn of(features: &Committed) -> Result<Self, stage::Error> {
        let groups = match features.manifest().output(GROUPS) {
            Some(_) => Some(features.open(GROUPS)?),
            None => None,
        };
        let open = |file| features.open(file);
        let (people, jobs) = (open(Side::Candidate.file())?, open(Side::Job.file())?);
        Ok(Self::read(people, jobs, open(CANDIDATES)?, groups)?)
    }

    /// Reads `people.parquet`, `jobs.parquet`, `candidates.parquet` and, where there is one,
    /// `groups.parquet`.
    ///
    /// # Errors
    /// [`Error::Table`] when a file is no such table; [`Error::Empty`] without candidates or jobs;
    /// [`Error::TwiceThere`] when an id occurs twice; [`Error::Orphan`] when an application or a
    /// group names a record that is not there.
    pub fn read<R: ChunkReader + Clone + 'static>(
        people: R,
        jobs: R,
        applications: R,
        groups: Option<R>,
    ) -> Result<Self, Error> {
        let candidates = ids(Side::Candidate, people)?;
        let job_dates = dates(jobs.clone())?;
        let jobs = ids(Side::Job, jobs)?;
        let index = |side: Side, ids: &'_ [Box<str>]| {
            // Rows go by id here; nothing is taken from the map's own order.
            let index: HashMap<Box<str>, u32> = ids.iter().cloned().zip(0..).collect();
            move |names: &'static str, id: Option<&str>| {
                let id = id.unwrap_or_default();
                let orphan = || Error::Orphan {
                    names,
                    noun: side.noun(),
                    id: id.to_owned(),
                    file: side.file(),
                };
                index.get(id).copied().ok_or_else(orphan)
            }
        };
        let candidate_of = index(Side::Candidate, &candidates);
        let job_of = index(Side::Job, &jobs);
        let columns = ["codigo", "codigo_vaga", "situacao_candidato", "data_candidatura"];
        let mut all = Vec::new();
        for batch in
            TableReader::open(CANDIDATES, applications, &tables::CANDIDATES, &columns, BATCH_ROWS)?
        {
            let batch = batch?;
            let [of, for_, status] = [0, 1, 2].map(|i| text_column(&batch, columns[i]));
            let date = date_column(&batch, columns[3]);
            let rows = of.iter().zip(for_).zip(status).enumerate();
            for (row, ((candidate, job), status)) in rows {
                all.push(Applied {
                    candidate: candidate_of(CANDIDATES, candidate)?,
                    job: job_of(CANDIDATES, job)?,
                    date: at(date, row),
                    status: status.map(statuses::known_or_other),
                });
            }
        }
        // Each record is a group of its own, but for those that the file names.
        let own = |ids: &[Box<str>]| (0..).take(ids.len()).collect::<Vec<u32>>();
        let (mut candidate_groups, mut job_groups) = (own(&candidates), own(&jobs));
        if let Some(groups) = groups {
            let columns = ["tabela", "codigo", "grupo"];
            for batch in TableReader::open(GROUPS, groups, &tables::GROUPS, &columns, BATCH_ROWS)? {
                let batch = batch?;
                let [table, of, first] = columns.map(|column| text_column(&batch, column));
                for ((table, of), first) in table.iter().zip(of).zip(first) {
                    if table == Some(tables::PEOPLE.name) {
                        let row = candidate_of(GROUPS, of)?;
                        candidate_groups[row as usize] = candidate_of(GROUPS, first)?;
                    } else if table == Some(tables::JOBS.name) {
                        job_groups[job_of(GROUPS, of)? as usize] = job_of(GROUPS, first)?;
                    }
                }
            }
        }
        let applications = all;
        Ok(Self { candidates, jobs, candidate_groups, job_groups, job_dates, applications })
    }

    /// Whom the ranking is judged by. The config must have passed [`Config::check`].
    #[must_use]
    pub fn queries(&self, config: &Config) -> evaluate::Queries {
        let ids = |side: Side| self.ids(side).iter().map(|id| &**id).collect::<Vec<&str>>();
        let applications: Vec<evaluate::Application<'_>> = self
            .applications
            .iter()
            .map(|a| evaluate::Application {
                candidate: a.candidate,
                job: a.job,
                date: a.date,
                status: a.status,
            })
            .collect();
        let of = evaluate::Records {
            candidate_ids: &ids(Side::Candidate),
            candidate_groups: &self.candidate_groups,
            job_ids: &ids(Side::Job),
            job_groups: &self.job_groups,
            job_dates: &self.job_dates,
            open_days: config.open_days,
            applications: &applications,
        };
        evaluate::Queries::of(of, &config.evaluation)
    }

    /// The ids of a side, by row.
    #[must_use]
    pub fn ids(&self, side: Side) -> &[Box<str>] {
        match side {
            Side::Candidate => &self.candidates,
            Side::Job => &self.jobs,
        }
    }
}

/// A column of texts, by row.
pub(crate) fn texts<R: ChunkReader + 'static>(
    side: Side,
    source: R,
    column: &str,
) -> Result<Vec<Option<String>>, Error> {
    let mut texts = Vec::new();
    for batch in TableReader::open(side.file(), source, side.table(), &[column], BATCH_ROWS)? {
        let batch = batch?;
        texts.extend(text_column(&batch, column).iter().map(|text| text.map(str::to_owned)));
    }
    Ok(texts)
}

fn at(dates: &Date32Array, row: usize) -> Option<i32> {
    dates.is_valid(row).then(|| dates.value(row))
}

/// The ids of a side, by row: at least one, each once.
fn ids<R: ChunkReader + 'static>(side: Side, source: R) -> Result<Vec<Box<str>>, Error> {
    let (file, key) = (side.file(), side.key());
    let mut ids: Vec<Box<str>> = Vec::new();
    for batch in TableReader::open(file, source, side.table(), &[key], BATCH_ROWS)? {
        ids.extend(text_column(&batch?, key).iter().map(|id| Box::from(id.unwrap_or_default())));
    }
    let mut sorted: Vec<&str> = ids.iter().map(|id| &**id).collect();
    sorted.par_sort_unstable();
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Error::TwiceThere { file, id: pair[0].to_owned() });
    }
    if ids.is_empty() {
        return Err(Error::Empty { file, expected: side.plural() });
    }
    Ok(ids)
}

/// The day of each job, in days since 1970-01-01.
pub(crate) fn dates<R: ChunkReader + 'static>(jobs: R) -> Result<Vec<Option<i32>>, Error> {
    const COLUMN: &str = "data_requicisao";
    let table: &'static Table = &tables::JOBS;
    let mut dates = Vec::new();
    for batch in TableReader::open(Side::Job.file(), jobs, table, &[COLUMN], BATCH_ROWS)? {
        let batch = batch?;
        let column = date_column(&batch, COLUMN);
        dates.extend((0..column.len()).map(|row| at(column, row)));
    }
    Ok(dates)
}
