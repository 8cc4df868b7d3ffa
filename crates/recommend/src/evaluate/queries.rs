//! Who is asked for: candidates in the months in which they were forwarded, and the jobs open then.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::{Config, dates, dates::Month, metrics::Counts};

/// An application, by rows of the tables of candidates and of jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Application<'a> {
    /// Row of the candidate.
    pub candidate: u32,
    /// Row of the job.
    pub job: u32,
    /// Its day, in days since 1970-01-01.
    pub date: Option<i32>,
    /// Its status, one of [`schema::statuses::KNOWN`], or another.
    pub status: Option<&'a str>,
}

/// What the queries are made of.
#[derive(Clone, Copy, Debug)]
pub struct Records<'a> {
    /// Id of each candidate, by row.
    pub candidate_ids: &'a [&'a str],
    /// Day on which each job was asked for (`data_requicisao`), by row.
    pub job_dates: &'a [Option<i32>],
    /// A job is open from that day on for so many days.
    pub open_days: u32,
    /// Every application.
    pub applications: &'a [Application<'a>],
}

/// A candidate in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query {
    /// Row of the candidate.
    pub(super) candidate: u32,
    /// Number of the candidate among those that are asked for.
    pub(super) person: u32,
    pub(super) month: Month,
    /// Places in the pool of the jobs that the candidate was forwarded for, ascending.
    pub(super) forwarded: Vec<u32>,
    /// Those that the candidate was hired for.
    pub(super) hired: Vec<u32>,
}

/// The queries, and the jobs that answer them.
#[derive(Clone, Debug)]
pub struct Queries {
    /// By candidate's id, then by month.
    pub(super) queries: Vec<Query>,
    /// Rows of the jobs that are open in a month of some query, ascending: the pool.
    pub(super) jobs: Vec<u32>,
    /// Places in the pool of the jobs that are open in a month.
    pub(super) open: BTreeMap<Month, Vec<u32>>,
    /// The days of the applications for each job of the pool, ascending.
    pub(super) applied: Vec<Vec<i32>>,
    pub(super) cut: Option<i32>,
    pub(super) counts: Counts,
}

impl Queries {
    /// Chooses them. The config must have passed [`Config::check`].
    #[must_use]
    pub fn of(records: Records<'_>, config: &Config) -> Self {
        let Records { candidate_ids, job_dates, open_days, applications } = records;
        let mut counts = Counts { applications: applications.len(), ..Counts::default() };
        let is_there = |a: &&Application<'_>| {
            (a.candidate as usize) < candidate_ids.len() && (a.job as usize) < job_dates.len()
        };
        let known: Vec<&Application<'_>> = applications.iter().filter(is_there).collect();
        counts.applications_of_unknown_rows = applications.len() - known.len();
        let mut days: Vec<i32> = known.iter().filter_map(|a| a.date).collect();
        counts.applications_without_date = known.len() - days.len();
        days.sort_unstable();
        let cut = match &config.cut_date {
            Some(date) => dates::parse(date),
            None => {
                let before = ((1.0 - config.share) * days.len() as f64).ceil() as usize;
                days.get(before.min(days.len().saturating_sub(1))).copied()
            }
        };

        let is_open = |job: u32, month: Month| {
            job_dates[job as usize].is_some_and(|from| {
                from < month.end() && from.saturating_add_unsigned(open_days) > month.first()
            })
        };
        let among = |statuses: &[String], status: Option<&str>| {
            status.is_some_and(|status| statuses.iter().any(|s| s == status))
        };
        // Of each candidate and month, the jobs and whether it was hired for them.
        let mut asked: BTreeMap<(&str, u32, Month), BTreeMap<u32, bool>> = BTreeMap::new();
        let mut not_open = BTreeSet::new();
        for application in &known {
            let (Some(day), Some(cut)) = (application.date, cut) else { continue };
            if day < cut {
                continue;
            }
            counts.applications_after_cut += 1;
            if !among(&config.forwarded, application.status) {
                continue;
            }
            let Application { candidate, job, status, .. } = **application;
            let month = Month::of(day);
            if !is_open(job, month) {
                not_open.insert((candidate, job, month));
                continue;
            }
            let id = candidate_ids[candidate as usize];
            let hired = among(&config.hired, status);
            let jobs = asked.entry((id, candidate, month)).or_default();
            *jobs.entry(job).or_default() |= hired;
        }
        counts.forwarded_for_jobs_not_open = not_open.len();

        let mut people: Vec<(&str, u32)> = asked.keys().map(|(id, row, _)| (*id, *row)).collect();
        people.dedup();
        counts.candidates_forwarded = people.len();
        people.sort_by_cached_key(|(id, row)| {
            (<[u8; 32]>::from(Sha256::digest(id.as_bytes())), *row)
        });
        people.truncate(config.candidates);
        people.sort_unstable();
        counts.candidates = people.len();
        asked.retain(|(id, row, _), _| people.binary_search(&(*id, *row)).is_ok());

        let months: BTreeSet<Month> = asked.keys().map(|(.., month)| *month).collect();
        let rows = 0..u32::try_from(job_dates.len()).unwrap_or(u32::MAX);
        let jobs: Vec<u32> =
            rows.filter(|job| months.iter().any(|month| is_open(*job, *month))).collect();
        let open: BTreeMap<Month, Vec<u32>> = months
            .iter()
            .map(|month| {
                let open = (0..).zip(&jobs).filter(|(_, job)| is_open(**job, *month));
                (*month, open.map(|(place, _)| place).collect())
            })
            .collect();
        let place = |job: &u32| jobs.binary_search(job).ok().map(|place| place as u32);
        let mut applied = vec![Vec::new(); jobs.len()];
        for application in &known {
            if let (Some(place), Some(day)) = (place(&application.job), application.date) {
                applied[place as usize].push(day);
            }
        }
        applied.iter_mut().for_each(|days| days.sort_unstable());
        let queries: Vec<Query> = asked
            .iter()
            .map(|((id, candidate, month), jobs)| Query {
                candidate: *candidate,
                person: people.binary_search(&(*id, *candidate)).unwrap_or_default() as u32,
                month: *month,
                forwarded: jobs.keys().filter_map(place).collect(),
                hired: jobs
                    .iter()
                    .filter(|(_, hired)| **hired)
                    .filter_map(|(j, _)| place(j))
                    .collect(),
            })
            .collect();
        counts.queries = queries.len();
        counts.queries_hired = queries.iter().filter(|query| !query.hired.is_empty()).count();
        counts.forwarded = queries.iter().map(|query| query.forwarded.len()).sum();
        counts.hired = queries.iter().map(|query| query.hired.len()).sum();
        counts.jobs = jobs.len();
        let choices: usize = queries.iter().map(|query| open[&query.month].len()).sum();
        counts.jobs_open_a_query =
            (!queries.is_empty()).then(|| choices as f64 / queries.len() as f64);
        Self { queries, jobs, open, applied, cut, counts }
    }

    /// Rows of the candidates that are asked for, ascending: nobody else's text or vector is needed.
    #[must_use]
    pub fn candidates(&self) -> Vec<u32> {
        let rows: BTreeSet<u32> = self.queries.iter().map(|query| query.candidate).collect();
        rows.into_iter().collect()
    }

    /// Rows of the jobs that are open in a month that is asked for, ascending: no other's text or
    /// vector is needed.
    #[must_use]
    pub fn jobs(&self) -> &[u32] {
        &self.jobs
    }
}
