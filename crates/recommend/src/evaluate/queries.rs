//! Who is asked for: candidates in the months in which they were forwarded, and the jobs open then.

use std::collections::{BTreeMap, BTreeSet};

use schema::{
    calendar::{self, month_of, month_start},
    store::Applied,
};
use sha2::{Digest, Sha256};

use super::{Config, metrics::QueryCounts};
use crate::Records;

/// Hexadecimal digits of a question's hash that are kept.
const QUESTION: usize = 16;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) candidate: u32,
    /// Number of the person among those that are asked for.
    pub(super) person: u32,
    /// In months since January of the year 0.
    pub(super) month: i32,
    /// What is asked: a hash of the jobs open and of those sought.
    pub(super) question: String,
    /// Places in the pool of the jobs that the candidate was forwarded for, ascending.
    pub(super) forwarded: Vec<u32>,
    pub(super) hired: Vec<u32>,
}

/// The queries, and the jobs that answer them.
#[derive(Clone, Debug)]
pub struct Queries {
    /// By candidate's id, then by month.
    pub(super) queries: Vec<Query>,
    /// The row of the first code of each person that is asked for.
    pub(super) persons: Vec<u32>,
    /// Rows of the jobs that are open in a month of some query, ascending: the pool. Of jobs of one
    /// text it has the first, which is open while any of them is.
    pub(super) jobs: Vec<u32>,
    /// Places in the pool of the jobs that are open in a month.
    pub(super) open: BTreeMap<i32, Vec<u32>>,
    /// The days of the applications for each job of the pool, ascending.
    pub(super) applied: Vec<Vec<i32>>,
    pub(super) cut: Option<i32>,
    pub(super) counts: QueryCounts,
}

impl Queries {
    /// Chooses them. The config must have passed [`Config::check`].
    pub fn of(records: &Records, open_days: u32, config: &Config) -> Self {
        let Records { people_groups, job_groups, job_days, applications, .. } = records;
        let mut counts = QueryCounts { applications: applications.len(), ..QueryCounts::default() };
        let is_there = |a: &&Applied<'_>| {
            (a.person as usize) < records.people.len() && (a.job as usize) < records.jobs.len()
        };
        let of_group = |a: &Applied<'static>| Applied { job: job_groups[a.job as usize], ..*a };
        let known: Vec<Applied<'_>> = applications.iter().filter(is_there).map(of_group).collect();
        counts.applications_of_unknown_rows = applications.len() - known.len();
        let mut days: Vec<i32> = known.iter().filter_map(|a| a.day).collect();
        counts.applications_without_date = known.len() - days.len();
        days.sort_unstable();
        let cut = match &config.cut_date {
            Some(date) => calendar::parse(date),
            None => {
                let before = ((1.0 - config.share) * days.len() as f64).ceil() as usize;
                days.get(before.min(days.len().saturating_sub(1))).copied()
            }
        };

        let is_open_from = |from: i32, month: i32| {
            from < month_start(month + 1)
                && from.saturating_add_unsigned(open_days) > month_start(month)
        };
        // The days on which each job was posted.
        let mut posts: BTreeMap<u32, Vec<i32>> = BTreeMap::new();
        for (group, date) in job_groups.iter().zip(job_days) {
            posts.entry(*group).or_default().extend(date);
        }
        let is_open = |job: u32, month: i32| {
            posts.get(&job).is_some_and(|posts| posts.iter().any(|from| is_open_from(*from, month)))
        };
        let among = |statuses: &[String], status: Option<&str>| {
            status.is_some_and(|status| statuses.iter().any(|s| s == status))
        };
        // Of each candidate and month, the jobs and whether it was hired for them.
        let mut asked: BTreeMap<(&str, u32, i32), BTreeMap<u32, bool>> = BTreeMap::new();
        let mut not_open = BTreeSet::new();
        for application in &known {
            let (Some(day), Some(cut)) = (application.day, cut) else { continue };
            if day < cut {
                continue;
            }
            counts.applications_after_cut += 1;
            if !among(&config.forwarded, application.status) {
                continue;
            }
            let Applied { person: candidate, job, status, .. } = *application;
            let month = month_of(day);
            if !is_open(job, month) {
                not_open.insert((candidate, job, month));
                continue;
            }
            let id = &*records.people[candidate as usize];
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
        // A person's first code and its row.
        let person_of = |row: u32| {
            let first = people_groups[row as usize];
            (&*records.people[first as usize], first)
        };
        let persons: BTreeSet<_> = people.iter().map(|(_, row)| person_of(*row)).collect();
        let persons: Vec<(&str, u32)> = persons.into_iter().collect();
        counts.people = persons.len();
        asked.retain(|(id, row, _), _| people.binary_search(&(*id, *row)).is_ok());

        let months: BTreeSet<i32> = asked.keys().map(|(.., month)| *month).collect();
        let ever = |job: &u32| months.iter().any(|month| is_open(*job, *month));
        let jobs: Vec<u32> = posts.keys().copied().filter(ever).collect();
        let ever = |from: &i32| months.iter().any(|month| is_open_from(*from, *month));
        let posted = job_days.iter().flatten().filter(|from| ever(from)).count();
        counts.jobs_repeated = posted - jobs.len();
        let open: BTreeMap<i32, Vec<u32>> = months
            .iter()
            .map(|month| {
                let open = (0..).zip(&jobs).filter(|(_, job)| is_open(**job, *month));
                (*month, open.map(|(place, _)| place).collect())
            })
            .collect();
        let id_of = |job: &u32| &*records.jobs[*job as usize];
        let hash = |ids: &mut dyn Iterator<Item = &str>| {
            let mut ids: Vec<&str> = ids.collect();
            ids.sort_unstable();
            ids.iter().fold(Sha256::new(), |hash, id| hash.chain_update(id).chain_update([0]))
        };
        let of_open: BTreeMap<i32, Sha256> = open
            .iter()
            .map(|(month, open)| {
                (*month, hash(&mut open.iter().map(|place| id_of(&jobs[*place as usize]))))
            })
            .collect();
        let question = |month: &i32, sought: &BTreeMap<u32, bool>| {
            let sought = hash(&mut sought.keys().map(id_of)).finalize();
            let both = of_open[month].clone().chain_update(sought).finalize();
            versioning::hex(&both)[..QUESTION].to_owned()
        };
        let place = |job: &u32| jobs.binary_search(job).ok().map(|place| place as u32);
        let mut applied = vec![Vec::new(); jobs.len()];
        for application in &known {
            if let (Some(place), Some(day)) = (place(&application.job), application.day) {
                applied[place as usize].push(day);
            }
        }
        applied.iter_mut().for_each(|days| days.sort_unstable());
        let queries: Vec<Query> = asked
            .iter()
            .map(|((_, candidate, month), jobs)| Query {
                candidate: *candidate,
                person: persons.binary_search(&person_of(*candidate)).unwrap_or_default() as u32,
                month: *month,
                question: question(month, jobs),
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
        let persons = persons.into_iter().map(|(_, row)| row).collect();
        Self { queries, persons, jobs, open, applied, cut, counts }
    }

    /// Rows of the candidates that are asked for, ascending: nobody else's text or vector is needed.
    pub fn candidates(&self) -> Vec<u32> {
        let rows: BTreeSet<u32> = self.queries.iter().map(|query| query.candidate).collect();
        rows.into_iter().collect()
    }

    /// Rows of the jobs that are open in a month that is asked for, ascending: no other's text or
    /// vector is needed.
    pub fn jobs(&self) -> &[u32] {
        &self.jobs
    }
}
