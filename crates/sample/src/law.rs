//! The first law, [`Law::Relation`]: an application ends well by the relation of
//! candidate and job alone.
//!
//! ```text
//! p(c, j) = σ(a + b · z(c, j))
//! z = √0.76 · z_skills + √0.08 · z_level + √0.08 · z_language + √0.08 · z_place
//! ```
//!
//! Each part is a raw relation of candidate c and job j, **doubly centred** and scaled:
//!
//! - skills: the IDF-weighted share of the job's required skills that the candidate truly has,
//!   `Σ idf[k] (k ∈ required and k ∈ has) / Σ idf[k] (k ∈ required)`;
//! - level: `−|level(c) − level(j)|`;
//! - language: `−max(0, asked − known)` for English, plus half of the same for Spanish;
//! - place: 1 in the same city, 0.5 in the same state, else 0.
//!
//! Doubly centred means `g(c, j) − E[g | c] − E[g | j] + E[g]`: only the interaction is left. A
//! candidate with many skills, a fluent one, a job in the largest city has no better log-odds for
//! it; someone who speaks more than is asked is below what one expects of a fluent candidate, which
//! is how being overqualified enters. So a model that sees each side but not the relation has next
//! to nothing to learn (the curve of σ lets a trace of each side's spread through).
//!
//! **What can be seen of it.** A CV names a skill that its owner has with chance 0.92, and one of
//! the owner's areas that the owner lacks with chance 0.05. `seen` in `truth.csv` is the expectation
//! of the probability for who knows the job, the candidate's areas, level, languages and place, and
//! the skills that the CV names: no model of the files can do better than to score by it.
//!
//! The expectations are over who applies: with probability [`SAME_AREA`] a candidate of the job's
//! own area, else anybody (`market` draws them so). They come from a reference
//! population with a seed of its own, never from the sample in hand, so the law is one and the same
//! for every seed, size and drift.

use crate::catalogue::{AREA_COUNT, CITIES, LEVELS, SKILLS, SkillSet};
use crate::config::Law;
use crate::job::{self, Job};
use crate::person::{self, Person};
use crate::rng::{Purpose, Stream};
use crate::text::{DROPPED, NAMED};
use crate::{drift, operations};

/// The chance that an applicant comes from the job's own area; the others come from anywhere.
pub const SAME_AREA: f64 = 0.7;
/// The intercept `a`, at no drift; it gives 5.5 % of good ends.
pub const INTERCEPT: f64 = -4.43;
/// The slope `b`; it gives a best possible AUC of about .89.
pub const SLOPE: f64 = 2.2;
/// Shares of the variance of z: skills, level, language, place.
pub const WEIGHTS: [f64; 4] = [0.76, 0.08, 0.08, 0.08];

/// The reference population's seed and size.
const REFERENCE: (u64, usize) = (0x5eed_0f1a, 16_384);

/// The parts of z and the probability of one application.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Odds {
    /// Skills, level, language, place: each of mean 0 and variance 1 over applications.
    pub(crate) parts: [f32; 4],
    pub(crate) probability: f64,
}

/// The relation of candidates and jobs with its expectations, and what a law makes of it.
pub(crate) struct Relation {
    intercept: f64,
    slope: f64,
    idf: Vec<f64>,
    /// Mean weight of each skill among jobs: of each area, then of all.
    asked: Vec<[f64; SKILLS]>,
    /// Share of candidates with each skill: of each area, then of all.
    had: Vec<[f64; SKILLS]>,
    /// Mean and 1 / standard deviation of what centring leaves of the skills.
    skills: (f64, f64),
    level: Vec<Vec<f64>>,
    english: Vec<Vec<f64>>,
    spanish: Vec<Vec<f64>>,
    language_scale: f64,
    place: Vec<Vec<f64>>,
}

/// Where the counts over all areas stand, after those of each.
const ALL: usize = AREA_COUNT;

impl Relation {
    /// The relation under a law, at a setting of the drift dial. Takes tens of milliseconds.
    pub(crate) fn new(law: Law, drift: f64) -> Relation {
        let (intercept, slope) = match law {
            Law::Relation => (INTERCEPT, SLOPE),
            Law::Operations => (operations::INTERCEPT, operations::SLOPE),
        };
        let shares = drift::area_shares(0.0);
        let (seed, size) = REFERENCE;
        let people: Vec<Person> = (0..size).map(|i| Person::draw(seed, i, &shares)).collect();
        let jobs: Vec<Job> = (0..size).map(|i| Job::draw(seed, i, &shares)).collect();

        let had = means(people.iter().map(|p| (p.area, p.skills.iter().map(|k| (k, 1.0)))));
        let idf: Vec<f64> = had[ALL].iter().map(|&share| -libm::log(share.max(1e-4))).collect();
        let asked = means(jobs.iter().map(|j| (j.area, weights(&idf, j).into_iter())));

        let levels = LEVELS.map(|level| level.3);
        let cities = CITIES.each_ref().map(|city| city.share);
        let (level, level_sd) = centred(&levels, &levels, |c, j| -(c as f64 - j as f64).abs());
        let shortfall = |c: usize, j: usize| -(j.saturating_sub(c) as f64);
        let (english, english_sd) = centred(&person::ENGLISH, &job::ENGLISH, shortfall);
        let (spanish, spanish_sd) = centred(&person::SPANISH, &job::SPANISH, shortfall);
        let (place, place_sd) =
            centred(&cities, &cities, |c, j| match (c == j, &CITIES[c], &CITIES[j]) {
                (true, ..) => 1.0,
                (_, here, there) if here.state == there.state => 0.5,
                _ => 0.0,
            });
        let scaled = |table: Vec<Vec<f64>>, sd: f64| -> Vec<Vec<f64>> {
            table.iter().map(|row| row.iter().map(|x| x / sd).collect()).collect()
        };
        let mut relation = Relation {
            intercept: intercept + drift::LABEL_SHIFT * drift,
            slope,
            idf,
            asked,
            had,
            skills: (0.0, 1.0),
            level: scaled(level, level_sd),
            english,
            spanish,
            language_scale: 1.0
                / libm::sqrt(english_sd * english_sd + 0.25 * spanish_sd * spanish_sd),
            place: scaled(place, place_sd),
        };
        relation.skills = relation.measure(&people, &jobs);
        relation
    }

    /// Mean and 1 / standard deviation of the centred share of skills, over applications drawn
    /// from the reference population.
    fn measure(&self, people: &[Person], jobs: &[Job]) -> (f64, f64) {
        let mut by_area = vec![Vec::new(); AREA_COUNT];
        for person in people {
            by_area[usize::from(person.area)].push(person);
        }
        let mut stream = Stream::new(REFERENCE.0, Purpose::Application, 0);
        let (mut sum, mut square) = (0.0, 0.0);
        for job in jobs {
            let own = &by_area[usize::from(job.area)];
            let person = if stream.chance(SAME_AREA) {
                stream.pick(own)
            } else {
                &people[stream.below(people.len())]
            };
            let left = self.skills_left(person, job);
            sum += left;
            square += left * left;
        }
        let mean = sum / jobs.len() as f64;
        (mean, 1.0 / libm::sqrt(square / jobs.len() as f64 - mean * mean))
    }

    /// The share of skills less what either side lets one expect (less a constant).
    fn skills_left(&self, person: &Person, job: &Job) -> f64 {
        let mut left = 0.0;
        for (k, weight) in weights(&self.idf, job) {
            left += weight * f64::from(u8::from(person.skills.contains(k)));
            left -= weight * self.expected(&self.had, job.area, k);
        }
        person.skills.iter().fold(left, |left, k| left - self.expected(&self.asked, person.area, k))
    }

    fn parts(&self, person: &Person, job: &Job) -> [f64; 4] {
        let at = |table: &[Vec<f64>], c: u8, j: u8| table[usize::from(c)][usize::from(j)];
        [
            (self.skills_left(person, job) - self.skills.0) * self.skills.1,
            at(&self.level, person.level, job.level),
            (at(&self.english, person.english, job.english)
                + 0.5 * at(&self.spanish, person.spanish, job.spanish))
                * self.language_scale,
            at(&self.place, person.city, job.city),
        ]
    }

    pub(crate) fn z(&self, person: &Person, job: &Job) -> f64 {
        weighed(self.parts(person, job))
    }

    /// The odds of one application; `shift` is what adds to the log-odds besides the relation.
    pub(crate) fn odds(&self, person: &Person, job: &Job, shift: f64) -> Odds {
        let parts = self.parts(person, job);
        let probability = logistic(self.intercept + shift + self.slope * weighed(parts));
        Odds { parts: parts.map(|part| part as f32), probability }
    }

    /// The best probability for who sees the job, the person's level, languages and place, and which
    /// skills the CV names (`None` for no CV): the expectation of the law's over what the person may
    /// have.
    ///
    /// Over the required skills it is exact, all ways of having them; the many small terms of the
    /// others are taken for one normal (five nodes of Gauss and Hermite).
    pub(crate) fn seen(
        &self,
        person: &Person,
        job: &Job,
        named: Option<&SkillSet>,
        shift: f64,
    ) -> f64 {
        let required = weights(&self.idf, job);
        let part = libm::sqrt(WEIGHTS[0]) * self.skills.1 * self.slope;
        // What each required skill adds to the log-odds, with its chance.
        let mut ways: Vec<(f64, f64)> = Vec::new();
        let (mut mean, mut variance) = (0.0, 0.0);
        for skill in 0..SKILLS {
            let chance = chance_of(person, skill, named);
            let asked = self.expected(&self.asked, person.area, skill);
            let weight = required.iter().find(|(k, _)| *k == skill).map(|found| found.1);
            let value = part * (weight.unwrap_or(0.0) - asked);
            if weight.is_some() && chance > 0.0 {
                ways.push((value, chance));
            } else {
                mean += chance * value;
                variance += chance * (1.0 - chance) * value * value;
            }
        }
        let nobody = Person { skills: SkillSet::default(), ..person.clone() };
        let base = self.intercept + shift + self.slope * weighed(self.parts(&nobody, job)) + mean;
        let mut outcomes = vec![(base, 1.0)];
        for (value, chance) in ways {
            outcomes = outcomes
                .iter()
                .flat_map(|&(odds, p)| [(odds, p * (1.0 - chance)), (odds + value, p * chance)])
                .collect();
        }
        let spread = libm::sqrt(variance);
        outcomes
            .iter()
            .flat_map(|&(odds, p)| NODES.map(|(at, w)| p * w * logistic(odds + spread * at)))
            .sum()
    }

    /// What a table expects of a skill, given an area on one side.
    fn expected(&self, table: &[[f64; SKILLS]], area: u8, skill: usize) -> f64 {
        SAME_AREA * table[usize::from(area)][skill] + (1.0 - SAME_AREA) * table[ALL][skill]
    }
}

/// Nodes of the standard normal with their weights, exact to the ninth degree.
const NODES: [(f64, f64); 5] = [
    (-2.856_970_013_872_806, 0.011_257_411_327_720_7),
    (-1.355_626_179_974_266, 0.222_075_922_005_612_6),
    (0.0, 0.533_333_333_333_333_3),
    (1.355_626_179_974_266, 0.222_075_922_005_612_6),
    (2.856_970_013_872_806, 0.011_257_411_327_720_7),
];

fn logistic(log_odds: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-log_odds))
}

/// z of its parts.
fn weighed(parts: [f64; 4]) -> f64 {
    parts.iter().zip(WEIGHTS).map(|(part, share)| libm::sqrt(share) * part).sum()
}

/// The chance that a person has a skill, for who knows their areas and sees which skills the CV
/// names.
fn chance_of(person: &Person, skill: usize, named: Option<&SkillSet>) -> f64 {
    let before = person.chance_of(skill);
    let Some(named) = named else { return before };
    let (has, lacks) = match named.contains(skill) {
        true => (NAMED, DROPPED),
        false => (1.0 - NAMED, 1.0 - DROPPED),
    };
    before * has / (before * has + (1.0 - before) * lacks)
}

/// A job's required skills with their share of its weight; they sum to 1.
fn weights(idf: &[f64], job: &Job) -> Vec<(usize, f64)> {
    let total: f64 = job.required.iter().map(|k| idf[k]).sum();
    job.required.iter().map(|k| (k, idf[k] / total)).collect()
}

/// Mean of per-skill values within each area and, last, over all.
fn means<S>(records: impl Iterator<Item = (u8, S)>) -> Vec<[f64; SKILLS]>
where
    S: Iterator<Item = (usize, f64)>,
{
    let mut sums = vec![[0.0; SKILLS]; ALL + 1];
    let mut counts = [0.0; ALL + 1];
    for (area, values) in records {
        for group in [usize::from(area), ALL] {
            counts[group] += 1.0;
        }
        for (k, value) in values {
            for group in [usize::from(area), ALL] {
                sums[group][k] += value;
            }
        }
    }
    for (row, count) in sums.iter_mut().zip(counts) {
        row.iter_mut().for_each(|sum| *sum /= f64::max(count, 1.0));
    }
    sums
}

/// What is left of `g` when its row and column means are taken off (rows and columns independent,
/// with the given shares), and the standard deviation of that.
fn centred(rows: &[f64], columns: &[f64], g: impl Fn(usize, usize) -> f64) -> (Vec<Vec<f64>>, f64) {
    let row_mean: Vec<f64> =
        (0..rows.len()).map(|r| columns.iter().zip(0..).map(|(w, c)| w * g(r, c)).sum()).collect();
    let column_mean: Vec<f64> =
        (0..columns.len()).map(|c| rows.iter().zip(0..).map(|(w, r)| w * g(r, c)).sum()).collect();
    let mean: f64 = rows.iter().zip(&row_mean).map(|(w, m)| w * m).sum();
    let table: Vec<Vec<f64>> = row_mean
        .iter()
        .zip(0..)
        .map(|(of_row, r)| {
            column_mean
                .iter()
                .zip(0..)
                .map(|(of_column, c)| g(r, c) - of_row - of_column + mean)
                .collect()
        })
        .collect();
    let variance: f64 = rows
        .iter()
        .zip(&table)
        .flat_map(|(w, row)| row.iter().zip(columns).map(move |(x, v)| w * v * x * x))
        .sum();
    (table, libm::sqrt(variance))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Applications of a population that the law has not seen.
    fn applications(law: &Relation) -> Vec<(Person, Job, Odds)> {
        let shares = drift::area_shares(0.0);
        let people: Vec<Person> = (0..12_000).map(|i| Person::draw(9, i, &shares)).collect();
        let mut stream = Stream::new(9, Purpose::Application, 1);
        (0..12_000)
            .map(|i| {
                let job = Job::draw(9, i, &shares);
                let same = stream.chance(SAME_AREA);
                let person = loop {
                    let person = &people[stream.below(people.len())];
                    if !same || person.area == job.area {
                        break person.clone();
                    }
                };
                let odds = law.odds(&person, &job, 0.0);
                (person, job, odds)
            })
            .collect()
    }

    fn correlation(x: &[f64], y: &[f64]) -> f64 {
        let n = x.len() as f64;
        let (mx, my) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
        let cov: f64 = x.iter().zip(y).map(|(a, b)| (a - mx) * (b - my)).sum();
        let (vx, vy): (f64, f64) =
            (x.iter().map(|a| (a - mx).powi(2)).sum(), y.iter().map(|b| (b - my).powi(2)).sum());
        cov / (vx * vy).sqrt()
    }

    #[test]
    fn neither_side_alone_says_how_it_ends() {
        let rows = applications(&Relation::new(Law::Relation, 0.0));
        let p: Vec<f64> = rows.iter().map(|row| row.2.probability).collect();
        let log_odds: Vec<f64> = p.iter().map(|p| (p / (1.0 - p)).ln()).collect();
        let of = |f: &dyn Fn(&Person, &Job) -> f64| {
            let x: Vec<f64> = rows.iter().map(|(c, j, _)| f(c, j)).collect();
            (correlation(&x, &log_odds).abs(), correlation(&x, &p).abs())
        };
        let sides: [(&str, (f64, f64)); 6] = [
            ("skills had", of(&|c, _| c.skills.iter().count() as f64)),
            ("level had", of(&|c, _| f64::from(c.level))),
            ("english known", of(&|c, _| f64::from(c.english))),
            ("skills asked", of(&|_, j| j.required.iter().count() as f64)),
            ("english asked", of(&|_, j| f64::from(j.english))),
            ("in the largest city", of(&|_, j| f64::from(u8::from(j.city == 0)))),
        ];
        for (side, (with_log_odds, with_p)) in sides {
            // Centring is exact in the log-odds (what is left is chance); p, being convex in them,
            // lets a little of the spread through.
            assert!(with_log_odds < 0.04, "{side}: {with_log_odds}");
            assert!(with_p < 0.09, "{side}: {with_p}");
        }
        // …but the relation does.
        let shared = |c: &Person, j: &Job| {
            j.required.iter().filter(|&skill| c.skills.contains(skill)).count() as f64
        };
        assert!(of(&shared).1 > 0.3);
    }

    #[test]
    fn parts_are_standardised_and_the_rate_is_the_sources() {
        let rows = applications(&Relation::new(Law::Relation, 0.0));
        let n = rows.len() as f64;
        for part in 0..4 {
            let x: Vec<f64> = rows.iter().map(|row| f64::from(row.2.parts[part])).collect();
            let mean = x.iter().sum::<f64>() / n;
            let sd = (x.iter().map(|v| v * v).sum::<f64>() / n - mean * mean).sqrt();
            assert!(mean.abs() < 0.05 && (sd - 1.0).abs() < 0.05, "part {part}: {mean} ± {sd}");
        }
        let rate = rows.iter().map(|row| row.2.probability).sum::<f64>() / n;
        assert!((0.050..0.060).contains(&rate), "{rate}");
        // The best AUC there is: that of p itself, by expectation over outcomes.
        let mut p: Vec<f64> = rows.iter().map(|row| row.2.probability).collect();
        p.sort_by(f64::total_cmp);
        let (mut below, mut won, mut bad) = (0.0, 0.0, 0.0);
        for q in &p {
            won += q * below;
            below += 1.0 - q;
            bad += 1.0 - q;
        }
        let auc = won / (p.iter().sum::<f64>() * bad);
        assert!((0.87..0.91).contains(&auc), "{auc}");
    }

    #[test]
    fn reference_tables_have_a_row_for_each_skill() {
        let law = Relation::new(Law::Relation, 0.0);
        assert_eq!(law.idf.len(), SKILLS);
        assert!(law.idf.iter().all(|idf| idf.is_finite() && *idf > 0.0));
    }

    /// What a CV names of a person's skills.
    fn name(person: &Person, stream: &mut Stream) -> SkillSet {
        let mut named = SkillSet::default();
        for skill in (0..SKILLS).filter(|&skill| person.chance_of(skill) > 0.0) {
            if stream.chance(if person.skills.contains(skill) { NAMED } else { DROPPED }) {
                named.insert(skill);
            }
        }
        named
    }

    #[test]
    fn what_is_seen_is_the_expectation_over_what_may_be() {
        let relation = Relation::new(Law::Relation, 0.0);
        let mut stream = Stream::new(5, Purpose::Cv, 0);
        for (person, job, _) in applications(&relation).into_iter().take(40) {
            let named = name(&person, &mut stream);
            for named in [Some(&named), None] {
                let draws = 4_000;
                let mean = (0..draws)
                    .map(|_| {
                        let mut skills = SkillSet::default();
                        for skill in 0..SKILLS {
                            if stream.chance(chance_of(&person, skill, named)) {
                                skills.insert(skill);
                            }
                        }
                        let maybe = Person { skills, ..person.clone() };
                        relation.odds(&maybe, &job, 0.4).probability
                    })
                    .sum::<f64>()
                    / f64::from(draws);
                let seen = relation.seen(&person, &job, named, 0.4);
                assert!((seen - mean).abs() < 0.004 + 0.05 * mean, "{seen} {mean}");
            }
        }
    }

    #[test]
    fn who_sees_the_cv_is_right_on_average_and_orders_less_well() {
        let relation = Relation::new(Law::Relation, 0.0);
        let mut stream = Stream::new(6, Purpose::Cv, 0);
        let mut rows: Vec<(f64, f64)> = applications(&relation)
            .iter()
            .map(|(person, job, odds)| {
                let named = name(person, &mut stream);
                (relation.seen(person, job, Some(&named), 0.0), odds.probability)
            })
            .collect();
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        for tenth in rows.chunks(rows.len() / 10) {
            let n = tenth.len() as f64;
            let seen = tenth.iter().map(|row| row.0).sum::<f64>() / n;
            let truth = tenth.iter().map(|row| row.1).sum::<f64>() / n;
            assert!((seen - truth).abs() < 0.002 + 0.08 * truth, "{seen} {truth}");
        }
        // By expectation over ends.
        let auc = |score: fn(&(f64, f64)) -> f64| {
            let mut rows = rows.clone();
            rows.sort_by(|a, b| score(a).total_cmp(&score(b)));
            let (mut below, mut won, mut bad) = (0.0, 0.0, 0.0);
            for (_, p) in &rows {
                won += p * below;
                below += 1.0 - p;
                bad += 1.0 - p;
            }
            won / (rows.iter().map(|row| row.1).sum::<f64>() * bad)
        };
        let (seen, truth) = (auc(|row| row.0), auc(|row| row.1));
        println!("AUC of what is seen {seen:.3}, of the truth {truth:.3}");
        assert!(0.83 < seen && seen + 0.01 < truth, "{seen} {truth}");
    }
}
