//! When applications were made: what of a job's and a candidate's past was known at the time.
//!
//! All counts are of applications on days strictly before, so that neither the order of one day's
//! applications nor anything after it has a part.

use crate::dataset::Dataset;

/// What was known of the past when an application was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Days since the job was opened; none where one of the days is not known.
    pub job_age: Option<i32>,
    /// Applications to the job on days before.
    pub queue: i32,
    /// Applications of the candidate on days before.
    pub returning: i32,
}

/// The days of all applications, by candidate and by job.
#[derive(Clone, Debug)]
pub struct History {
    of_person: Vec<Vec<i32>>,
    of_job: Vec<Vec<i32>>,
    opened: Vec<Option<i32>>,
    last: Option<i32>,
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
        Self { of_person, of_job, opened, last }
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
        })
    }
}
