//! The applications of `prospects.parquet`: which of them become rows, and why the others do not.

use std::{cmp::Reverse, ops::Range};

use arrow_array::{Array, Date32Array, RecordBatch, StringArray};
use schema::{Column, Kind, KnownAt, Table, TableReader, statuses};

use crate::{Error, extract, jobs::Jobs};

/// `dropped.parquet`: one row an application that is no row of `candidates.parquet`.
pub const DROPPED: Table = Table {
    name: "dropped",
    columns: &[
        Column::key("codigo_vaga", "codigo_vaga"),
        Column::key("codigo", "codigo"),
        Column::info("reason", "reason", Kind::Text, KnownAt::Application),
    ],
};

/// What becomes of an application. Where several reasons to drop it hold, the first counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is a row of `candidates.parquet`.
    Kept,
    /// It names a job that there is not.
    JobAbsent,
    /// It names a candidate that there is not.
    CandidateAbsent,
    /// There is another of the same candidate to the same job: of a later date, or of the same
    /// date (or none) and earlier in the source.
    Duplicate,
}

impl Fate {
    /// The reason as `dropped.parquet` gives it; none when the application is kept.
    pub(crate) fn reason(self) -> Option<&'static str> {
        match self {
            Self::Kept => None,
            Self::JobAbsent => Some("job_absent"),
            Self::CandidateAbsent => Some("candidate_absent"),
            Self::Duplicate => Some("duplicate"),
        }
    }
}

/// All applications, in memory: some 40 bytes each.
pub(crate) struct Applications {
    /// Candidate, job, status and date of application i, in the source's order.
    people: StringArray,
    jobs: StringArray,
    statuses: StringArray,
    dates: Date32Array,
    /// The row of application i's job.
    job_rows: Vec<Option<u32>>,
    fates: Vec<Fate>,
    /// Applications by candidate: ascending by key, then in the source's order.
    order: Vec<u32>,
    /// Of each candidate its part of `order`, ascending by key.
    groups: Vec<Range<u32>>,
}

impl Applications {
    /// The columns of [`schema::raw::PROSPECTS`] to read.
    pub(crate) const COLUMNS: [&'static str; 4] =
        ["codigo_vaga", "codigo", "situacao_candidado", "data_candidatura"];

    /// Reads `prospects.parquet` and finds each application's job.
    pub(crate) fn read(reader: TableReader, jobs: &Jobs) -> Result<Self, Error> {
        let batches: Vec<RecordBatch> = reader.collect::<Result<_, _>>().map_err(Error::Input)?;
        let text = |name| extract::concat_text("prospects", &batches, name);
        let [codigo_vaga, codigo, status, date] = Self::COLUMNS;
        let (job_keys, people, statuses) = (text(codigo_vaga)?, text(codigo)?, text(status)?);
        // From here on nothing holds what somebody may have typed instead of a status.
        let statuses = statuses.iter().map(|s| s.map(statuses::known_or_other)).collect();
        let dates = batches
            .iter()
            .flat_map(|b| schema::date_column(b, date).iter().collect::<Vec<_>>())
            .collect();
        let job_rows = (0..job_keys.len()).map(|i| jobs.keys.row(job_keys.value(i))).collect();
        Ok(Self::new(people, job_keys, statuses, dates, job_rows))
    }

    fn new(
        people: StringArray,
        jobs: StringArray,
        statuses: StringArray,
        dates: Date32Array,
        job_rows: Vec<Option<u32>>,
    ) -> Self {
        let date = |i: usize| dates.is_valid(i).then(|| dates.value(i));
        let mut fates: Vec<Fate> = job_rows
            .iter()
            .map(|row| if row.is_some() { Fate::Kept } else { Fate::JobAbsent })
            .collect();
        let mut order: Vec<u32> = (0..u32::try_from(people.len()).unwrap_or(u32::MAX)).collect();
        // Of one candidate to one job: the latest first (no date is the earliest), then the first.
        order.sort_by_cached_key(|&i| {
            let i = i as usize;
            (people.value(i), job_rows[i], Reverse(date(i)), i)
        });
        for pair in order.windows(2) {
            let (before, this) = (pair[0] as usize, pair[1] as usize);
            let same =
                people.value(before) == people.value(this) && job_rows[before] == job_rows[this];
            if same && fates[this] == Fate::Kept {
                fates[this] = Fate::Duplicate;
            }
        }
        let mut groups: Vec<Range<u32>> = Vec::new();
        for (at, &i) in (0u32..).zip(&order) {
            match groups.last_mut() {
                Some(group)
                    if people.value(order[group.start as usize] as usize)
                        == people.value(i as usize) =>
                {
                    group.end = at + 1;
                }
                _ => groups.push(at..at + 1),
            }
        }
        for group in &groups {
            order[group.start as usize..group.end as usize].sort_unstable();
        }
        Self { people, jobs, statuses, dates, job_rows, fates, order, groups }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.fates.len()
    }

    /// The candidate's group of applications, if there are any.
    pub(crate) fn group(&self, codigo: &str) -> Option<usize> {
        let key = |group: &Range<u32>| self.people.value(self.order[group.start as usize] as usize);
        self.groups.binary_search_by(|group| key(group).cmp(codigo)).ok()
    }

    /// How many groups there are: candidates that applications name.
    pub(crate) fn groups(&self) -> usize {
        self.groups.len()
    }

    /// The applications of a group that become rows, in the source's order.
    pub(crate) fn kept(&self, group: usize) -> impl Iterator<Item = u32> + '_ {
        self.members(group).filter(|&i| self.fates[i as usize] == Fate::Kept)
    }

    fn members(&self, group: usize) -> impl Iterator<Item = u32> + '_ {
        let group = &self.groups[group];
        self.order[group.start as usize..group.end as usize].iter().copied()
    }

    /// Says which groups' candidates there are; the applications of the others are orphans.
    pub(crate) fn settle(&self, seen: &[bool]) -> Vec<Fate> {
        let mut fates = self.fates.clone();
        for group in (0..self.groups.len()).filter(|&group| !seen[group]) {
            for i in self.members(group).map(|i| i as usize) {
                if fates[i] != Fate::JobAbsent {
                    fates[i] = Fate::CandidateAbsent;
                }
            }
        }
        fates
    }

    /// The row of application `i`'s job, if there is one.
    pub(crate) fn job_row(&self, i: u32) -> Option<u32> {
        self.job_rows[i as usize]
    }

    /// The status of application `i`: one of [`statuses::KNOWN`], or [`statuses::OTHER`].
    pub(crate) fn status(&self, i: u32) -> Option<&str> {
        let i = i as usize;
        self.statuses.is_valid(i).then(|| self.statuses.value(i))
    }

    /// The date of application `i`, in days since 1970-01-01.
    pub(crate) fn date(&self, i: u32) -> Option<i32> {
        let i = i as usize;
        self.dates.is_valid(i).then(|| self.dates.value(i))
    }

    /// The keys (`codigo_vaga`, `codigo`) of application `i`.
    pub(crate) fn keys(&self, i: usize) -> (&str, &str) {
        (self.jobs.value(i), self.people.value(i))
    }
}
