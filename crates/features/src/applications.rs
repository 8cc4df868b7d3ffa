//! The applications of `prospects.parquet`: which of them become rows, and why the others do not.

use std::ops::Range;

use arrow_array::{Array, Date32Array, RecordBatch, StringArray};
use schema::{
    Column, Kind, KnownAt, Table, TableReader,
    statuses::{self, Outcome},
};

use crate::{Error, dates::Future, extract, jobs::Jobs};

/// `dropped.parquet`: one row an application that is not a row of `candidates.parquet`.
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
    /// It is merged into another of the same candidate to the same job ([`the_one_that_stays`]).
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

/// One of several rows of the same candidate and job.
#[derive(Clone, Copy)]
struct ApplicationRow<'a> {
    number: usize,
    status: Option<&'a str>,
    /// When the status was set: the last change, or where that is not known the application.
    update: Option<i32>,
    date: Option<i32>,
}

/// Which of several rows of the same candidate and job counts: the one with the newest last change,
/// of those the one with the newest date, of those the last in the file. But where somebody was
/// hired, no row that is still open counts: a hire is only taken back by a later decision, such as a
/// withdrawal.
fn the_one_that_stays(rows: &[ApplicationRow<'_>]) -> Option<usize> {
    let is_hire = |row: &ApplicationRow<'_>| {
        row.status.is_some_and(|status| {
            statuses::outcome(status) == Outcome::Positive || status == "Contratado como Hunting"
        })
    };
    let hired = rows.iter().any(is_hire);
    let is_decided = |row: &ApplicationRow<'_>| row.status.is_some_and(statuses::is_final);
    let counting = rows.iter().filter(|row| !hired || is_decided(row));
    counting.max_by_key(|row| (row.update, row.date, row.number)).map(|row| row.number)
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
    /// The dates that are set aside.
    pub(crate) future: Vec<Future>,
    /// Applications by candidate: ascending by key, then in the source's order.
    order: Vec<u32>,
    /// Of each candidate its part of `order`, ascending by key.
    groups: Vec<Range<u32>>,
}

impl Applications {
    /// The columns of [`schema::raw::PROSPECTS`] to read.
    pub(crate) const COLUMNS: [&'static str; 5] =
        ["codigo_vaga", "codigo", "situacao_candidado", "data_candidatura", "ultima_atualizacao"];

    /// Reads `prospects.parquet` and finds each application's job; dates after `newest` are set
    /// aside.
    pub(crate) fn read(
        reader: TableReader,
        jobs: &Jobs,
        newest: Option<i32>,
    ) -> Result<Self, Error> {
        let batches: Vec<RecordBatch> = reader.collect::<Result<_, _>>().map_err(Error::Input)?;
        let text = |name| extract::concat_text("prospects", &batches, name);
        let [codigo_vaga, codigo, status, date, update] = Self::COLUMNS;
        let (job_keys, people, statuses) = (text(codigo_vaga)?, text(codigo)?, text(status)?);
        // From here on nothing holds what somebody may have typed instead of a status.
        let statuses = statuses.iter().map(|s| s.map(statuses::known_or_other)).collect();
        let days = |name| -> Date32Array {
            let days = batches.iter().flat_map(|b| schema::date_column(b, name).iter());
            days.collect()
        };
        let (dates, updates) = (days(date), days(update));
        let job_rows: Vec<_> =
            (0..job_keys.len()).map(|i| jobs.keys.row(job_keys.value(i))).collect();
        let is_future = |day: i32| newest.is_some_and(|newest| day > newest);
        let future = (0..dates.len()).filter(|&i| dates.is_valid(i) && is_future(dates.value(i)));
        let future = future.map(|i| Future {
            codigo_vaga: job_keys.value(i).to_owned(),
            codigo: Some(people.value(i).to_owned()),
            day: dates.value(i),
        });
        let future = future.collect();
        let dates = dates.iter().map(|day| day.filter(|day| !is_future(*day))).collect();
        Ok(Self::new(people, job_keys, statuses, (dates, updates), job_rows, future))
    }

    fn new(
        people: StringArray,
        jobs: StringArray,
        statuses: StringArray,
        (dates, updates): (Date32Array, Date32Array),
        job_rows: Vec<Option<u32>>,
        future: Vec<Future>,
    ) -> Self {
        let mut fates: Vec<Fate> = job_rows
            .iter()
            .map(|row| if row.is_some() { Fate::Kept } else { Fate::JobAbsent })
            .collect();
        let mut order: Vec<u32> = (0..u32::try_from(people.len()).unwrap_or(u32::MAX)).collect();
        order.sort_by_cached_key(|&i| (people.value(i as usize), job_rows[i as usize], i));
        let same_pair = |a: &u32, b: &u32| {
            let (a, b) = (*a as usize, *b as usize);
            people.value(a) == people.value(b) && job_rows[a] == job_rows[b]
        };
        let day = |days: &Date32Array, i: usize| days.is_valid(i).then(|| days.value(i));
        let row = |i: &u32| {
            let i = *i as usize;
            let status = statuses.is_valid(i).then(|| statuses.value(i));
            let (date, update) = (day(&dates, i), day(&updates, i));
            ApplicationRow { number: i, status, update: update.or(date), date }
        };
        for pair in order.chunk_by(same_pair).filter(|pair| pair.len() > 1) {
            let rows: Vec<ApplicationRow<'_>> = pair.iter().map(row).collect();
            let stays = the_one_that_stays(&rows);
            for row in rows.iter().filter(|row| Some(row.number) != stays) {
                if fates[row.number] == Fate::Kept {
                    fates[row.number] = Fate::Duplicate;
                }
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
        Self { people, jobs, statuses, dates, job_rows, fates, future, order, groups }
    }

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
