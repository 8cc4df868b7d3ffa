//! The second law, [`Law::Operations`](crate::Law::Operations): a company as its real history shows
//! it, in which who applies for a job matters less than which job it is.
//!
//! ```text
//! p(c, j, t) = σ(a + contract(j) + client(j) + title(j) + time(t) + b · z(c, j))
//! ```
//!
//! - **contract**: [`CONTRACTS`], from Hunting (hardly ever) to Cooperado;
//! - **client**: of each its own, normal; and [`MASS_CLIENT`], which hires clerks in numbers: one
//!   application in twenty, and a third of all good ends;
//! - **title**: of each area (which the profession in the title tells) and level its own, normal;
//! - **time**: a fall of [`FALL`] from the first to the last day of the calendar, and a season of
//!   [`SEASON`] up in the first half-year and down in the second;
//! - **z**: the relation of candidate and job, as under the first [`law`](crate::law), with a
//!   smaller slope.
//!
//! **Applicants for a job resemble each other.** Each job is sourced in its own way, well or badly:
//! it draws [`SEARCHED`] candidates for an application, mostly of its own area and city, and takes
//! the one whose z is nearest to the job's own mark, and whose level is near. So z differs much
//! between jobs and little within one: nobody can order the applicants of a job much better than a
//! coin does, while jobs can be told apart well.
//!
//! What holds over applications (`the_figures_are_what_the_documentation_says` computes it):
//!
//! | figure | value |
//! |---|---|
//! | good ends | 5–6 % |
//! | AUC of the probability itself | 0.84–0.88 |
//! | the same within a job | 0.56–0.60 |
//! | share of the variance of the log-odds from contract, client and title | two thirds |
//! | share of the good ends at [`MASS_CLIENT`] | a third |
//!
//! Jobs say what they ask for in prose, bullets and headings (`A) Melhorias`, `* Início imediato`,
//! `Conhecimento em Cobol`, `excel avançado`) and not in one list; 15 % are in English. Analysts
//! and requesters belong to a client. Nine in ten of the last changes come within 22 days of the
//! application. A sample under this law is always a [`history`].

use crate::catalogue::CLIENTS;
use crate::config::SampleConfig;
use crate::job::{Job, Terms};
use crate::rng::{Purpose, Stream};
use crate::{drift, history};

/// The intercept `a`.
pub const INTERCEPT: f64 = -4.25;
/// The slope `b`.
pub const SLOPE: f64 = 1.0;
/// What the log-odds lose from the first day of the calendar to the last.
pub const FALL: f64 = 0.6;
/// How far the season moves the log-odds.
pub const SEASON: f64 = 0.15;
/// Candidates that a job looks at for one application.
pub const SEARCHED: usize = 16;
/// Where a job looks for them: in its area and city, in its area, anywhere.
pub const SOURCES: [f64; 3] = [0.6, 0.3, 0.1];
/// What a level too far away counts, in units of z.
pub const LEVEL_APART: f64 = 0.3;
/// The client with a third of all good ends.
pub const MASS_CLIENT: &str = CLIENTS[MASS];
/// Contract types: share of jobs, and what each adds to the log-odds.
pub const CONTRACTS: [(&str, f64, f64); 7] = [
    ("CLT Full", 0.34, 0.7),
    ("PJ/Autônomo", 0.27, -0.5),
    ("PJ/Autônomo, CLT Full", 0.14, 0.1),
    ("Hunting", 0.11, -2.2),
    ("Cooperado", 0.06, 1.1),
    ("CLT Cotas", 0.03, 0.3),
    ("", 0.05, 0.0),
];

/// The mass client among [`CLIENTS`].
const MASS: usize = 4;
/// Its share of the jobs.
const MASS_SHARE: f64 = 0.044;
/// What it adds to the log-odds, its contracts and titles included.
const MASS_EFFECT: f64 = 3.4;
/// The area of its clerks.
const CLERICAL: usize = 14;
/// Standard deviations of what clients, areas and levels add to the log-odds.
const CLIENT_SD: f64 = 0.5;
const AREA_SD: f64 = 0.4;
const LEVEL_SD: f64 = 0.3;
/// Seed of what each client, area and level adds: of the law, not of a sample.
const EFFECTS: u64 = 0x0be2_a710;

/// Mean and standard deviation of the jobs' marks, in units of z.
const MARK: (f64, f64) = (0.3, 1.1);

/// The job of a number, opened on a day.
pub(crate) fn arrive(config: &SampleConfig, index: usize, opened: u16) -> Job {
    let mut stream = Stream::new(config.seed, Purpose::Terms, index as u64);
    let mass = stream.chance(MASS_SHARE);
    let client =
        if mass { MASS } else { (MASS + 1 + stream.below(CLIENTS.len() - 1)) % CLIENTS.len() };
    let mut contract = stream.weighted(&CONTRACTS.map(|contract| contract.1));
    let moved = history::changed(config, opened);
    let mut areas = drift::area_shares((config.drift + moved).min(1.0));
    let low = stream.below(2);
    let mark = MARK.0 + MARK.1 * stream.normal();
    if mass {
        areas = std::array::from_fn(|area| f64::from(u8::from(area == CLERICAL)));
        contract = if stream.chance(0.5) { 0 } else { 4 };
    }
    let contract =
        history::changed_contract(config, index, opened).unwrap_or(CONTRACTS[contract].0);
    let mut job = Job::draw(config.seed, index, &areas);
    if mass {
        job.level = low as u8;
    }
    let effect = if mass { MASS_EFFECT } else { effect(contract, client, &job) };
    Job {
        opened,
        contract: Some(contract),
        terms: Some(Terms { client: client as u8, effect, mark }),
        ..job
    }
}

/// What contract, client and title add to the log-odds.
fn effect(contract: &str, client: usize, job: &Job) -> f64 {
    let of = |kind: u64, number: usize| {
        Stream::new(EFFECTS, Purpose::Terms, kind * 1_000 + number as u64).normal()
    };
    let contract =
        CONTRACTS.iter().find(|(name, ..)| *name == contract).map_or(0.0, |found| found.2);
    contract
        + CLIENT_SD * of(0, client)
        + AREA_SD * of(1, usize::from(job.area))
        + LEVEL_SD * of(2, usize::from(job.level))
}

/// What the day of an application adds to the log-odds.
pub(crate) fn time(config: &SampleConfig, day: u16) -> f64 {
    let days = f64::from(config.end.since(config.start).max(1));
    let gone = f64::from(i32::from(day) - i32::from(config.start.0)) / days;
    let month = (crate::Day(day).civil().1 - 1) as f64;
    let season = libm::sin(2.0 * std::f64::consts::PI * month / 12.0);
    FALL * (0.5 - gone) + SEASON * season
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::Application;
    use crate::config::Law;
    use crate::market::Market;

    fn world(seed: u64) -> SampleConfig {
        SampleConfig {
            seed,
            candidates: 20_000,
            jobs: 7_000,
            applications: 27_000,
            law: Law::Operations,
            ..SampleConfig::default()
        }
    }

    /// Every application with its job.
    fn rows(market: &Market) -> Vec<(usize, &Application)> {
        let jobs = 0..market.jobs.len();
        jobs.flat_map(|job| market.of_job(job).iter().map(move |one| (job, one))).collect()
    }

    /// Pairs of a good and a bad end that the probability orders rightly, and all such pairs, by
    /// expectation over ends.
    fn pairs(mut p: Vec<f64>) -> (f64, f64) {
        p.sort_by(f64::total_cmp);
        let (mut below, mut won, mut tied_from) = (0.0, 0.0, 0);
        while tied_from < p.len() {
            let tied = p[tied_from..].iter().take_while(|q| **q == p[tied_from]).count() as f64;
            let q = p[tied_from];
            won += q * tied * below + q * (1.0 - q) * tied * (tied - 1.0) / 2.0;
            below += (1.0 - q) * tied;
            tied_from += tied as usize;
        }
        let good: f64 = p.iter().sum();
        let same: f64 = p.iter().map(|q| q * (1.0 - q)).sum();
        (won, good * (p.len() as f64 - good) - same)
    }

    fn variance(x: &[f64]) -> f64 {
        let mean = x.iter().sum::<f64>() / x.len() as f64;
        x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / x.len() as f64
    }

    #[test]
    fn the_figures_are_what_the_documentation_says() {
        for seed in [1, 2, 7, 42] {
            let market = Market::open(&world(seed));
            let rows = rows(&market);
            let figures = Figures::of(&market, &rows);
            let Figures { rate, overall, within, side, mass } = figures;
            println!("seed {seed}: {figures:.3?}");
            assert!((0.049..0.062).contains(&rate), "seed {seed}: {rate}");
            assert!((0.84..0.885).contains(&overall), "seed {seed}: {overall}");
            assert!((0.56..0.60).contains(&within), "seed {seed}: {within}");
            assert!((0.60..0.73).contains(&side), "seed {seed}: {side}");
            assert!((0.25..0.42).contains(&mass), "seed {seed}: {mass}");
        }
    }

    #[derive(Debug)]
    struct Figures {
        /// Share of good ends.
        rate: f64,
        /// AUC of the probability, over all pairs and over pairs within a job.
        overall: f64,
        within: f64,
        /// Share of the variance of the log-odds from contract, client and title.
        side: f64,
        /// Share of the good ends at the mass client.
        mass: f64,
    }

    impl Figures {
        fn of(market: &Market, rows: &[(usize, &Application)]) -> Figures {
            let p: Vec<f64> = rows.iter().map(|row| row.1.odds.probability).collect();
            let log_odds: Vec<f64> = p.iter().map(|p| (p / (1.0 - p)).ln()).collect();
            let terms = |job: usize| market.jobs[job].terms.unwrap();
            let side: Vec<f64> = rows.iter().map(|row| terms(row.0).effect).collect();
            let (won, all) = pairs(p);
            let by_job = (0..market.jobs.len()).map(|job| {
                pairs(market.of_job(job).iter().map(|one| one.odds.probability).collect())
            });
            let inside = by_job.fold((0.0, 0.0), |sum, (won, all)| (sum.0 + won, sum.1 + all));
            let good: Vec<usize> = rows.iter().filter(|row| row.1.good).map(|row| row.0).collect();
            let mass = good.iter().filter(|&&job| usize::from(terms(job).client) == MASS);
            Figures {
                rate: good.len() as f64 / rows.len() as f64,
                overall: won / all,
                within: inside.0 / inside.1,
                side: variance(&side) / variance(&log_odds),
                mass: mass.count() as f64 / good.len() as f64,
            }
        }
    }

    #[test]
    fn applicants_of_a_job_resemble_each_other() {
        let market = Market::open(&world(3));
        let mut like = [[0.0; 3]; 2];
        let mut counts = [0.0; 2];
        let mut note = |kind: usize, a: &Application, b: &Application| {
            let [a, b] = [a, b].map(|one| &market.people[one.person as usize]);
            counts[kind] += 1.0;
            like[kind][0] += f64::from(u8::from(a.area == b.area));
            like[kind][1] += f64::from(u8::from(a.city == b.city));
            like[kind][2] += f64::from(a.level.abs_diff(b.level));
        };
        let all = &market.applications;
        for (at, one) in all.iter().enumerate() {
            note(1, one, &all[(at + all.len() / 2) % all.len()]);
        }
        for job in 0..market.jobs.len() {
            market.of_job(job).windows(2).for_each(|pair| note(0, &pair[0], &pair[1]));
        }
        let of = |kind: usize, what: usize| like[kind][what] / counts[kind];
        assert!(of(0, 0) > 0.6 && of(1, 0) < 0.15, "area: {} {}", of(0, 0), of(1, 0));
        assert!(of(0, 1) > 1.5 * of(1, 1), "city: {} {}", of(0, 1), of(1, 1));
        assert!(of(0, 2) < 0.85 * of(1, 2), "level: {} {}", of(0, 2), of(1, 2));
    }

    #[test]
    fn good_ends_get_fewer_over_the_years_and_changes_are_quick() {
        let config = world(4);
        let market = Market::open(&config);
        let rate = |from: &str, until: &str| {
            let [from, until] = [from, until].map(|day| day.parse::<crate::Day>().unwrap().0);
            let rows = market.applications.iter().filter(|a| (from..until).contains(&a.applied));
            let (mut sum, mut count) = (0.0, 0.0);
            rows.for_each(|row| {
                sum += row.odds.probability;
                count += 1.0;
            });
            sum / count
        };
        let (early, late) = (rate("2018-01-01", "2020-01-01"), rate("2024-01-01", "2026-01-01"));
        assert!(late < 0.85 * early, "{early} {late}");
        let (mut quick, mut changes) = (0, 0);
        for one in &market.applications {
            if let Some(updated) = one.updated.filter(|&updated| updated > one.applied) {
                changes += 1;
                quick += usize::from(updated - one.applied <= 22);
            }
        }
        assert!(quick * 100 > changes * 90, "{quick} of {changes}");
    }
}
