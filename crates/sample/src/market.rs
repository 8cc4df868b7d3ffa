//! The market: who applies for what, how it ends, and when.
//!
//! Three applicants in ten come from anywhere and the others from the job's own area
//! ([`SAME_AREA`](crate::law::SAME_AREA)), so that the relation varies. Popularity of jobs and
//! eagerness of candidates are skewed and know nothing of skills, levels or places.
//!
//! The whole world is always drawn; a day of a [`history`](crate::history) shows a part of it.

use crate::application::{Application, Trail};
use crate::catalogue::{AREAS, CITIES};
use crate::config::Law;
use crate::config::MOST_APPLICATIONS_PER_JOB;
use crate::drift;
use crate::history::{self, CHANGED_LABELS, Calendar};
use crate::job::Job;
use crate::job::Terms;
use crate::law::{Relation, SAME_AREA};
use crate::operations;
use crate::person::{Person, PersonIdentity};
use crate::rng::{Purpose, Stream};
use crate::{Day, SampleConfig};
use rayon::prelude::*;

/// Days from 1 January 2018 to 31 December 2025, the last that a file shows where there is no
/// history.
const LAST_DAY: usize = 2921;
/// The last day of what happens in a history, where nothing is cut off.
const NO_LAST_DAY: usize = u16::MAX as usize;
/// Share of applications whose job is in `prospects.json` only.
const ABSENT_JOBS: f64 = 0.04;
/// Share of applications whose candidate is in no file.
const ABSENT_PEOPLE: f64 = 0.01;
/// Share of jobs without applications.
const WITHOUT: f64 = 0.22;
/// Share of applications that repeat an earlier one for the same job.
const REPEATED: f64 = 0.004;

/// Statuses of good ends with their shares of all applications, in percent.
pub(crate) const GOOD: [(&str, f64); 4] = [
    ("Contratado pela Decision", 5.1),
    ("Aprovado", 0.4),
    ("Proposta Aceita", 0.03),
    ("Encaminhar Proposta", 0.03),
];
/// The other statuses with their shares of all applications, in percent, and how the last change
/// comes about.
const OTHER: [(&str, f64, Trail); 17] = [
    ("Prospect", 37.0, Trail::Untouched),
    ("Encaminhado ao Requisitante", 30.0, Trail::Passed),
    ("Inscrito", 7.0, Trail::Untouched),
    ("Não Aprovado pelo Cliente", 6.5, Trail::Decided),
    ("Desistiu", 4.4, Trail::Decided),
    ("Não Aprovado pelo RH", 3.3, Trail::Decided),
    ("Não Aprovado pelo Requisitante", 1.4, Trail::Decided),
    ("Entrevista Técnica", 1.1, Trail::Passed),
    ("Sem interesse nesta vaga", 1.1, Trail::Decided),
    ("Entrevista com Cliente", 0.9, Trail::Passed),
    ("Em avaliação pelo RH", 0.7, Trail::Passed),
    ("Contratado como Hunting", 0.4, Trail::Decided),
    ("Desistiu da Contratação", 0.1, Trail::Decided),
    ("Documentação PJ", 0.03, Trail::Decided),
    ("Documentação CLT", 0.03, Trail::Decided),
    ("Documentação Cooperado", 0.02, Trail::Decided),
    ("Recusado", 0.03, Trail::Decided),
];

/// Whether somebody decided on an application of a status, for good or ill.
pub(crate) fn is_decided(status: &str) -> bool {
    let other = OTHER.iter().find(|other| other.0 == status);
    GOOD.iter().any(|good| good.0 == status) || matches!(other, Some((_, _, Trail::Decided)))
}

/// All that is true, of it what a day shows, before any of it is written.
pub(crate) struct Market {
    pub(crate) relation: Relation,
    pub(crate) people: Vec<Person>,
    pub(crate) jobs: Vec<Job>,
    /// By job; `starts[j]..starts[j + 1]` are those of job j.
    pub(crate) applications: Vec<Application>,
    pub(crate) starts: Vec<usize>,
    /// For each candidate, the application that hired them, if one did.
    pub(crate) hired: Vec<Option<u32>>,
    /// Day of each candidate's coming, in a history.
    pub(crate) registered: Vec<u16>,
    /// Numbers of the candidates in `applicants.json`, in rising order.
    pub(crate) shown_people: Vec<u32>,
    /// Numbers of the jobs in `prospects.json`, in rising order; those below
    /// [`SampleConfig::jobs`] are in `vagas.json`.
    pub(crate) shown_jobs: Vec<u32>,
}

impl Market {
    pub(crate) fn open(config: &SampleConfig) -> Market {
        let seed = config.seed;
        let relation = Relation::new(config.law, config.drift);
        let shares = drift::area_shares(config.drift);
        let absent_jobs = share_of(config.jobs, ABSENT_JOBS / (1.0 - ABSENT_JOBS));
        let absent_people = share_of(config.candidates, ABSENT_PEOPLE).max(1);
        let people: Vec<Person> = (0..config.candidates + absent_people)
            .into_par_iter()
            .map(|index| Person::draw(seed, index, &shares))
            .collect();
        let calendar = config.is_history().then(|| Calendar::new(config.start, config.end));
        let jobs: Vec<Job> = match &calendar {
            Some(calendar) => {
                // Of either kind by itself, so that keys rise with the days.
                let mut stream = Stream::new(seed, Purpose::Arrival, 0);
                let mut opened = calendar.draw_sorted(&mut stream, config.jobs);
                opened.extend(calendar.draw_sorted(&mut stream, absent_jobs));
                let indexed = opened.into_par_iter().enumerate();
                indexed.map(|(index, day)| arrive(config, index, day)).collect()
            }
            None => (0..config.jobs + absent_jobs)
                .into_par_iter()
                .map(|index| Job::draw(seed, index, &shares))
                .collect(),
        };

        let counts = applications_per_job(seed, jobs.len(), config.applications);
        let mut starts = vec![0];
        for count in counts {
            starts.push(starts[starts.len() - 1] + count);
        }
        let pool = Pool::new(seed, &people, config.candidates);
        let applications: Vec<Application> = (0..jobs.len())
            .into_par_iter()
            .flat_map_iter(|job| {
                apply(config, &relation, &pool, &people, &jobs[job], starts[job]..starts[job + 1])
            })
            .collect();
        let registered = calendar.map_or(Vec::new(), |calendar| {
            registrations(seed, &calendar, config.candidates, &applications)
        });
        let shown_people = (0..config.candidates as u32).collect();
        let shown_jobs = (0..jobs.len() as u32).collect();
        let mut market = Market {
            hired: Vec::new(),
            relation,
            people,
            jobs,
            applications,
            starts,
            registered,
            shown_people,
            shown_jobs,
        };
        if let Some(day) = config.day {
            market.see(seed, day);
        }
        market.hired = market.hires(config.candidates);
        market
    }

    /// Leaves what the export of a day shows.
    fn see(&mut self, seed: u64, day: Day) {
        let mut shown = Vec::with_capacity(self.applications.len());
        let mut starts = vec![0];
        for job in 0..self.jobs.len() {
            let known = self.of_job(job).iter().filter_map(|one| history::known(seed, one, day));
            shown.extend(known);
            starts.push(shown.len());
        }
        self.applications = shown;
        self.starts = starts;
        self.shown_people.retain(|&person| self.registered[person as usize] <= day.0);
        self.shown_jobs.retain(|&job| self.jobs[job as usize].opened <= day.0);
    }

    /// For each candidate, the application that hired them, if one did.
    fn hires(&self, candidates: usize) -> Vec<Option<u32>> {
        let mut hired = vec![None; candidates];
        for (at, application) in self.applications.iter().enumerate() {
            if application.status == GOOD[0].0
                && let Some(place) = hired.get_mut(application.person as usize)
            {
                *place = Some(at as u32);
            }
        }
        hired
    }

    /// The applications of a job.
    pub(crate) fn of_job(&self, job: usize) -> &[Application] {
        &self.applications[self.starts[job]..self.starts[job + 1]]
    }
}

/// The job of a number in a history, opened on a day.
fn arrive(config: &SampleConfig, index: usize, opened: u16) -> Job {
    if config.law == Law::Operations {
        return operations::arrive(config, index, opened);
    }
    let moved = history::changed(config, opened);
    let areas = drift::area_shares((config.drift + moved).min(1.0));
    let contract = history::changed_contract(config, index, opened);
    Job { opened, contract, ..Job::draw(config.seed, index, &areas) }
}

/// The day on which each candidate comes: the one before their first application.
fn registrations(
    seed: u64,
    calendar: &Calendar,
    candidates: usize,
    applications: &[Application],
) -> Vec<u16> {
    let mut first = vec![None; candidates];
    for application in applications {
        if let Some(first) = first.get_mut(application.person as usize) {
            let day = application.applied.saturating_sub(1);
            *first = Some(first.map_or(day, |earlier: u16| earlier.min(day)));
        }
    }
    let own = |index| calendar.draw(&mut Stream::new(seed, Purpose::Arrival, 1 + index as u64));
    first.into_iter().zip(0..).map(|(day, index)| day.unwrap_or_else(|| own(index))).collect()
}

fn share_of(count: usize, share: f64) -> usize {
    (count as f64 * share + 0.5) as usize
}

/// How many apply for each job: none for a fifth, at most 25, skewed, `total` in all.
fn applications_per_job(seed: u64, jobs: usize, total: usize) -> Vec<usize> {
    let mut stream = Stream::new(seed, Purpose::Popularity, 0);
    let eager: Vec<f64> = (0..jobs)
        .map(|_| if stream.chance(WITHOUT) { 0.0 } else { stream.exponential() })
        .collect();
    let wanted = eager.iter().filter(|&&g| g > 0.0).count();
    let mean = total as f64 / wanted.max(1) as f64;
    let mut counts: Vec<usize> = eager
        .iter()
        .map(|&g| match mean >= 1.0 && g > 0.0 {
            true => (1.0 + (mean - 1.0) * g).min(MOST_APPLICATIONS_PER_JOB as f64) as usize,
            false => 0,
        })
        .collect();
    // Rounding and the cap leave some over or short: a few jobs, here and there, give or take one.
    let mut sum: usize = counts.iter().sum();
    let mut rounds = 0;
    while sum != total {
        // Jobs without applications get some only where the others cannot take them.
        let spare = rounds > 4 * MOST_APPLICATIONS_PER_JOB;
        for (count, &g) in counts.iter_mut().zip(&eager) {
            if sum == total {
                break;
            }
            if !spare && (g == 0.0 || stream.chance(0.5)) {
                continue;
            }
            if sum < total && *count < MOST_APPLICATIONS_PER_JOB {
                *count += 1;
                sum += 1;
            } else if sum > total && *count > 1 {
                *count -= 1;
                sum -= 1;
            }
        }
        rounds += 1;
    }
    counts
}

/// Candidates by area, each with a chance of its own to apply.
struct Pool {
    /// Numbers and running sums of eagerness: of each area, of all, then of each city in each area.
    groups: Vec<(Vec<u32>, Vec<f64>)>,
    /// Numbers from here are in no file.
    present: usize,
    absent: usize,
}

impl Pool {
    fn new(seed: u64, people: &[Person], present: usize) -> Pool {
        let mut groups = vec![(Vec::new(), Vec::new()); (AREAS.len() + 1) * (1 + CITIES.len())];
        for (index, person) in people[..present].iter().enumerate() {
            let mut stream = Stream::new(seed, Purpose::Activity, index as u64);
            let eagerness = stream.exponential() + stream.exponential();
            for group in
                [usize::from(person.area), AREAS.len(), Pool::local(person.area, person.city)]
            {
                let (numbers, sums) = &mut groups[group];
                let before = sums.last().copied().unwrap_or(0.0);
                numbers.push(index as u32);
                sums.push(before + eagerness);
            }
        }
        Pool { groups, present, absent: people.len() - present }
    }

    fn draw(&self, stream: &mut Stream, area: u8) -> u32 {
        if stream.chance(ABSENT_PEOPLE) {
            return (self.present + stream.below(self.absent)) as u32;
        }
        let own = stream.chance(SAME_AREA) && !self.groups[usize::from(area)].0.is_empty();
        self.draw_of(stream, if own { usize::from(area) } else { AREAS.len() })
    }

    /// The group of a city in an area.
    fn local(area: u8, city: u8) -> usize {
        AREAS.len() + 1 + usize::from(area) * CITIES.len() + usize::from(city)
    }

    fn draw_of(&self, stream: &mut Stream, group: usize) -> u32 {
        let (numbers, sums) = &self.groups[group];
        let at = stream.unit() * sums[sums.len() - 1];
        numbers[sums.partition_point(|&sum| sum <= at).min(numbers.len() - 1)]
    }

    /// Of several candidates, mostly of the job's area and city, the one nearest to the job's mark.
    fn search(
        &self,
        stream: &mut Stream,
        relation: &Relation,
        people: &[Person],
        job: &Job,
        terms: &Terms,
    ) -> u32 {
        if stream.chance(ABSENT_PEOPLE) {
            return (self.present + stream.below(self.absent)) as u32;
        }
        let near = [Pool::local(job.area, job.city), usize::from(job.area), AREAS.len()];
        let far = |number: u32| {
            let person = &people[number as usize];
            let levels = f64::from(person.level.abs_diff(job.level).saturating_sub(1));
            (relation.z(person, job) - terms.mark).abs() + operations::LEVEL_APART * levels
        };
        let mut best = (f64::INFINITY, 0);
        for _ in 0..operations::SEARCHED {
            let from = stream.weighted(&operations::SOURCES);
            let group = near[from..].iter().find(|&&group| !self.groups[group].0.is_empty());
            let number = self.draw_of(stream, *group.unwrap_or(&AREAS.len()));
            let distance = far(number);
            if distance < best.0 {
                best = (distance, number);
            }
        }
        best.1
    }
}

/// Fills a job's application slots.
fn apply(
    config: &SampleConfig,
    relation: &Relation,
    pool: &Pool,
    people: &[Person],
    job: &Job,
    slots: std::ops::Range<usize>,
) -> Vec<Application> {
    let history = config.is_history();
    let last_day = if history { NO_LAST_DAY } else { LAST_DAY };
    let mut done: Vec<Application> = Vec::with_capacity(slots.len());
    for slot in slots {
        let mut stream = Stream::new(config.seed, Purpose::Application, slot as u64);
        let applied =
            (usize::from(job.opened) + (stream.exponential() * 15.0) as usize).min(last_day);
        if !done.is_empty() && stream.chance(REPEATED) {
            // The same application again: same end, another day at times.
            let mut again = done[stream.below(done.len())].clone();
            again.slot = slot as u32;
            if stream.chance(0.5) {
                again.applied = applied as u16;
                again.updated = again.updated.map(|day| day.max(again.applied));
            }
            done.push(again);
            continue;
        }
        let drawn = |stream: &mut Stream| match &job.terms {
            None => pool.draw(stream, job.area),
            Some(terms) => pool.search(stream, relation, people, job, terms),
        };
        let mut person = drawn(&mut stream);
        for _ in 0..16 {
            if done.iter().all(|other| other.person != person) {
                break;
            }
            person = drawn(&mut stream);
        }
        let shift = shift(config, job, applied as u16);
        let mut odds = relation.odds(&people[person as usize], job, shift);
        if config.bias > 0.0 && PersonIdentity::is_woman(config.seed, person as usize) {
            odds.probability *= 1.0 - config.bias;
        }
        let good = stream.chance(odds.probability);
        let (status, trail) = if good {
            (GOOD[stream.weighted(&GOOD.map(|status| status.1))].0, Trail::Hired)
        } else {
            let status = &OTHER[stream.weighted(&OTHER.each_ref().map(|status| status.1))];
            (status.0, status.2)
        };
        let updated =
            last_change(&mut stream, trail, applied, last_day, config.law).map(|day| day as u16);
        done.push(Application {
            person,
            odds,
            good,
            status,
            trail,
            slot: slot as u32,
            applied: applied as u16,
            updated,
        });
    }
    if history {
        done.sort_by_key(|application| application.applied);
    }
    done
}

/// What adds to the log-odds of an application besides the relation and the law's intercept.
pub(crate) fn shift(config: &SampleConfig, job: &Job, applied: u16) -> f64 {
    let changed = CHANGED_LABELS * history::changed(config, applied);
    match &job.terms {
        None => changed,
        Some(terms) => changed + terms.effect + operations::time(config, applied),
    }
}

/// The day of the last change, where there is one to show.
fn last_change(
    stream: &mut Stream,
    trail: Trail,
    applied: usize,
    last_day: usize,
    law: Law,
) -> Option<usize> {
    let (none, same_day, days) = match trail {
        Trail::Untouched => (0.35, 0.55, 10.0),
        Trail::Passed => (0.05, 0.45, 8.0),
        Trail::Decided => (0.01, 0.10, 20.0),
        Trail::Hired => (0.0, 0.03, 40.0),
    };
    let pace = match law {
        Law::Relation => 1.0,
        Law::Operations => 0.25,
    };
    if stream.chance(none) {
        None
    } else if stream.chance(same_day) {
        Some(applied)
    } else {
        Some((applied + 1 + (stream.exponential() * days * pace) as usize).min(last_day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_sum_to_what_is_asked() {
        for (jobs, total) in [(1, 25), (10, 0), (10, 3), (100, 2500), (1000, 4000), (200, 4000)] {
            let counts = applications_per_job(5, jobs, total);
            assert_eq!(counts.iter().sum::<usize>(), total, "{jobs} jobs");
            assert!(counts.iter().all(|&count| count <= MOST_APPLICATIONS_PER_JOB));
        }
        let counts = applications_per_job(5, 10_000, 38_000);
        let none = counts.iter().filter(|&&count| count == 0).count();
        assert!((2000..2400).contains(&none), "{none}");
    }

    #[test]
    fn an_empty_market_is_a_market() {
        let config =
            SampleConfig { candidates: 0, jobs: 0, applications: 0, ..SampleConfig::default() };
        assert!(Market::open(&config).applications.is_empty());
    }
}
