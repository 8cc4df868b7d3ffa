//! When applications were made: what of a job's and a candidate's past was known at the time.
//!
//! All counts are of applications on days strictly before, so that neither the order of one day's
//! applications nor anything after it has a part. What became of applications is counted only of
//! those that were [`MATURE_DAYS`] old: of younger ones it was not known yet.

use schema::statuses::Outcome;

use crate::dataset::{Dataset, JobGroup};

/// Days after which the outcome of an application is taken as known: by then the decisions have come
/// in, as for the labels.
const MATURE_DAYS: i32 = 90;

/// How many applications the mean counts as beside those of a group: of few applications a rate says
/// little (shrinkage to the mean by a beta prior).
const PRIOR_APPLICATIONS: f64 = 10.0;

/// The share of matches among earlier applications to jobs of the same [`JobGroup`], in the order of
/// [`JobGroup::ALL`]: 0 to 1, shrunk to the mean of all earlier ones; none where there are none.
pub type EarlierOutcomes = [Option<f32>; JobGroup::ALL.len()];

/// What was known of the past when an application was made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// Days since the job was opened; none where one of the days is not known.
    pub job_age: Option<i32>,
    /// Applications to the job on days before.
    pub queue: i32,
    /// Applications of the candidate on days before.
    pub returning: i32,
    pub outcomes: EarlierOutcomes,
}

/// Applications by day, and how many of the first so many were matches.
#[derive(Clone, Debug, Default)]
struct Outcomes {
    days: Vec<i32>,
    matches: Vec<u32>,
}

impl Outcomes {
    fn add(&mut self, day: i32, is_match: bool) {
        self.days.push(day);
        self.matches.push(self.matches.last().copied().unwrap_or(0) + u32::from(is_match));
    }

    /// Applications that were old enough on `day`, and the matches among them.
    fn known_on(&self, day: i32) -> (f64, f64) {
        let n = self.days.partition_point(|&other| other <= day.saturating_sub(MATURE_DAYS));
        let matches = n.checked_sub(1).map_or(0, |last| self.matches[last]);
        (n as f64, f64::from(matches))
    }
}

/// The days of all applications, by candidate and by job.
#[derive(Clone, Debug)]
pub struct History {
    of_person: Vec<Vec<i32>>,
    of_job: Vec<Vec<i32>>,
    opened: Vec<Option<i32>>,
    last: Option<i32>,
    all: Outcomes,
    groups: [GroupOutcomes; JobGroup::ALL.len()],
}

/// The outcomes of the jobs of each group.
#[derive(Clone, Debug)]
struct GroupOutcomes {
    of_job: Vec<Option<u32>>,
    outcomes: Vec<Outcomes>,
}

impl History {
    /// Gathers the days of a dataset's applications; those without a day are left out.
    pub fn of(dataset: &Dataset) -> Self {
        let mut of_person = vec![Vec::new(); dataset.people.len()];
        let mut of_job = vec![Vec::new(); dataset.jobs.len()];
        for application in &dataset.rows {
            if let Some(day) = application.day {
                of_person[application.person as usize].push(day);
                of_job[application.job as usize].push(day);
            }
        }
        of_person.iter_mut().chain(&mut of_job).for_each(|days| days.sort_unstable());
        let (opened, last) = (dataset.opened.clone(), dataset.last_day());
        let mut history = Self {
            of_person,
            of_job,
            opened,
            last,
            all: Outcomes::default(),
            groups: JobGroup::ALL.map(|group| GroupOutcomes::new(dataset.group_of_jobs(group))),
        };
        history.count_outcomes(dataset);
        history
    }

    fn count_outcomes(&mut self, dataset: &Dataset) {
        let settled = dataset.rows.iter().filter(|a| a.outcome != Outcome::Other);
        let mut by_day: Vec<_> = settled.filter_map(|a| Some((a.day?, a))).collect();
        by_day.sort_by_key(|(day, _)| *day);
        for (day, application) in by_day {
            let is_match = application.outcome == Outcome::Positive;
            self.all.add(day, is_match);
            for group in &mut self.groups {
                if let Some(outcomes) = group.of_mut(application.job) {
                    outcomes.add(day, is_match);
                }
            }
        }
    }

    fn outcomes(&self, job: u32, day: i32) -> EarlierOutcomes {
        let (n, matches) = self.all.known_on(day);
        let mean = matches / n.max(1.0);
        self.groups.each_ref().map(|group| {
            let (n, matches) = group.of(job)?.known_on(day);
            let rate = (matches + PRIOR_APPLICATIONS * mean) / (n + PRIOR_APPLICATIONS);
            (n > 0.0).then_some(rate as f32)
        })
    }

    /// The day of the last application, in days since 1970-01-01: the day on which a pair that is
    /// no application is scored.
    pub fn last(&self) -> Option<i32> {
        self.last
    }

    /// What was known when the candidate applied for the job; of a pair that is not an application, what
    /// is known on the day of the last application.
    pub fn moment(&self, dataset: &Dataset, pair: (u32, u32)) -> Option<Moment> {
        let at = dataset.rows.partition_point(|a| a.pair() < pair);
        let application = dataset.rows.get(at).filter(|a| a.pair() == pair);
        self.at(pair, application.map_or(self.last, |a| a.day))
    }

    /// What was known on `day`; none where the day is not known.
    pub fn at(&self, (person, job): (u32, u32), day: Option<i32>) -> Option<Moment> {
        let day = day?;
        let before = |days: &[i32]| days.partition_point(|&other| other < day) as i32;
        let opened = self.opened.get(job as usize).copied().flatten();
        Some(Moment {
            job_age: opened.map(|opened| day - opened),
            queue: self.of_job.get(job as usize).map_or(0, |days| before(days)),
            returning: self.of_person.get(person as usize).map_or(0, |days| before(days)),
            outcomes: self.outcomes(job, day),
        })
    }
}

impl GroupOutcomes {
    fn new(of_job: &[Option<u32>]) -> Self {
        let groups = of_job.iter().flatten().max().map_or(0, |last| *last as usize + 1);
        Self { of_job: of_job.to_vec(), outcomes: vec![Outcomes::default(); groups] }
    }

    fn of_mut(&mut self, job: u32) -> Option<&mut Outcomes> {
        let group = self.of_job.get(job as usize).copied().flatten()?;
        self.outcomes.get_mut(group as usize)
    }

    fn of(&self, job: u32) -> Option<&Outcomes> {
        let group = self.of_job.get(job as usize).copied().flatten()?;
        self.outcomes.get(group as usize)
    }
}
