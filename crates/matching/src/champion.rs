//! Whether the new model (the challenger) is worse than the live one (the champion), on the same
//! applications held out, none of which either has seen.
//!
//! Who is held out is decided by a hash of the id, so both models hold out the same people; what
//! the champion was trained on by another split, by other groups or under another code is left out
//! and counted.
//!
//! **Measures.** The first is the log-loss: the mean over rows of what the challenger loses more,
//! with the standard error of totals of people ([`Difference::of`]). The others say *what* got
//! worse: the average precision; the order within a job (the share of pairs of a match and another
//! application for one job that stand in the right order, each match weighing the same); how far the
//! mean prediction is from the share of matches on the newest 90 days of matured applications; and
//! for each protected attribute the lowest impact ratio of the scoring rate (the share scored above
//! the median, as New York's Local Law 144 has it for scores), of groups large enough to be compared.
//! Their standard errors are the deviations over resamples of people.
//!
//! **p-values** are one-sided, of "the challenger is no worse", and normal. That of the log-loss
//! stands alone; the others are adjusted among themselves (Holm). A model that is trained anew every
//! day on a little more data of the same world is worse by chance on every second day, and where many
//! rows are held out a trifle is significant. So [`crate::gate`] asks for more than these p-values:
//! that the model is surely worse *by more than a bound*. The example `held_back` counts how often
//! it does so over years in which nothing happens, and how surely where something does.

use parquet::file::reader::ChunkReader;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use stats::{
    draw,
    paired::{Difference, one_sided},
    testing::holm,
};

use crate::{
    Error, attributes,
    config::Config,
    dataset::{Application, Dataset, Tables},
    fairness::{Attribute, FEWEST_CANDIDATES, FEWEST_ROWS, LEAST_SHARE},
    fit::Part,
    judge::{Judged, Resampled},
    leak::Together,
    live::{Live, Scored, Seen},
};

/// Rows of each class below which nothing is compared: a normal standard error of fewer is none.
pub const FEWEST_OF_A_CLASS: usize = 30;

/// Days of the cohort whose calibration is compared.
const COHORT_DAYS: i32 = 90;

/// Rows of it below which it is not.
const FEWEST_OF_COHORT: usize = 100;

/// What `metrics.json` says of the live model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Champion {
    /// The version that was live when the features were made; none where none was.
    pub live: Option<String>,
    /// Why the two models were not compared; none where they were.
    pub not_compared: Option<String>,
    /// What the comparison found; none where there was none.
    pub comparison: Option<Comparison>,
}

/// Two models on the same applications.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    pub rows: usize,
    /// Those that are a match.
    pub positives: usize,
    pub groups: usize,
    /// Applications held out that are not compared.
    pub left_out: LeftOut,
    /// The measures; those for which there are too few rows are absent.
    pub measures: Vec<Measured>,
}

/// Applications that the new model holds out and the live one knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The live model was trained on this candidate (job, application: what the split keeps apart).
    pub seen: usize,
    /// It was trained on another record that is of the same group today.
    pub seen_by_group: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Mean negative log-likelihood, in nats.
    LogLoss,
    /// Average precision.
    PrAuc,
    /// Share of pairs within a job in the right order.
    Order,
    /// Distance of the mean prediction from the share of matches, newest 90 days.
    Calibration,
    /// Lowest impact ratio of the scoring rate.
    ImpactRatio,
}

/// One measure of both models.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    pub measure: Measure,
    /// Of which attribute; none but for [`Measure::ImpactRatio`].
    pub of: Option<String>,
    pub new: f64,
    pub live: f64,
    /// The difference: positive where the new model is worse.
    pub worse_by: f64,
    pub standard_error: f64,
    /// How likely such a difference is where the new model is no worse, one-sided.
    pub p: f64,
    /// It, adjusted among the measures other than the log-loss.
    pub p_adjusted: f64,
}

/// Two models' probabilities of the same rows.
#[derive(Clone, Copy, Debug)]
pub struct Both<'a> {
    /// The rows, with the new model's probabilities.
    pub new: Judged<'a>,
    pub live: &'a [f32],
    /// The day of each application, in days since 1970-01-01.
    pub days: &'a [Option<i32>],
    /// Protected attributes of the rows.
    pub attributes: &'a [Attribute],
}

impl Champion {
    /// Compares the new model, which gives the rows of `test` these probabilities, with the live one.
    ///
    /// # Errors
    /// [`Error::Table`] when the attributes cannot be read.
    pub fn of<R: ChunkReader + Clone + 'static>(
        live: &Live,
        tables: &Tables<R>,
        dataset: &Dataset,
        (test, probabilities): (&Part, &[f32]),
        config: &Config,
    ) -> Result<Self, Error> {
        let without = |live: Option<&String>, why: String| Self {
            live: live.cloned(),
            not_compared: Some(why),
            comparison: None,
        };
        let scored = match live {
            Live::None => {
                let why = "no version of this system was live when the features were made";
                return Ok(without(None, why.to_owned()));
            }
            Live::Unusable { version, why } => return Ok(without(Some(version), why.clone())),
            Live::Scored(scored) => scored,
        };
        let rows = Rows::of(scored, dataset, (test, probabilities), config);
        let positives = rows.labels.iter().filter(|&&label| label).count();
        if positives.min(rows.labels.len() - positives) < FEWEST_OF_A_CLASS {
            let why = format!(
                "neither model has seen {positives} matches and {} other applications that are held out, expected {FEWEST_OF_A_CLASS} of each",
                rows.labels.len() - positives
            );
            return Ok(without(Some(&scored.version), why));
        }
        let attributes = attributes::of(tables, dataset, &rows.applications)?;
        let people: Vec<u32> = rows.applications.iter().map(|a| a.person_group).collect();
        let jobs: Vec<u32> = rows.applications.iter().map(|a| a.job).collect();
        let days: Vec<Option<i32>> = rows.applications.iter().map(|a| a.day).collect();
        let both = Both {
            new: Judged {
                probabilities: &rows.new,
                labels: &rows.labels,
                people: &people,
                jobs: &jobs,
            },
            live: &rows.live,
            days: &days,
            attributes: &attributes,
        };
        Ok(Self {
            live: Some(scored.version.clone()),
            not_compared: None,
            comparison: Some(Comparison {
                rows: rows.labels.len(),
                positives,
                groups: distinct(&people),
                left_out: rows.left_out,
                measures: compare(&both, config.replicates, config.seed),
            }),
        })
    }
}

/// The rows held out that neither model has seen.
#[derive(Default)]
struct Rows {
    applications: Vec<Application>,
    labels: Vec<bool>,
    new: Vec<f32>,
    live: Vec<f32>,
    left_out: LeftOut,
}

impl Rows {
    fn of(
        scored: &Scored,
        dataset: &Dataset,
        (test, probabilities): (&Part, &[f32]),
        config: &Config,
    ) -> Self {
        let seen = scored.seen(dataset, &test.applications, Together::of(config.split));
        let mut rows = Self::default();
        for (at, application) in test.applications.iter().enumerate() {
            // The part held out is taken from these rows, which are ascending.
            let place = dataset.rows.partition_point(|other| other < application);
            match seen[at] {
                Seen::Itself => rows.left_out.seen += 1,
                Seen::ByGroup => rows.left_out.seen_by_group += 1,
                Seen::No => {
                    rows.applications.push(*application);
                    rows.labels.push(test.labels[at]);
                    rows.new.push(probabilities[at]);
                    rows.live.push(scored.probabilities[place]);
                }
            }
        }
        rows
    }
}

/// All measures for which there are rows enough, the log-loss first.
///
/// # Panics
/// When the slices are not of one length.
#[must_use]
pub fn compare(both: &Both<'_>, replicates: usize, seed: u64) -> Vec<Measured> {
    let mut all: Vec<Measured> = log_loss(both).into_iter().collect();
    let people = People::of(both.new.people);
    let resamples = Resamples { people: &people, replicates, seed };
    let mut others: Vec<Measured> = [
        pr_auc(both, replicates, seed, people.count),
        order(both, &resamples),
        calibration(both, &resamples),
    ]
    .into_iter()
    .flatten()
    .collect();
    others.extend(both.attributes.iter().filter_map(|a| impact_ratio(both, a, &resamples)));
    let p: Vec<f64> = others.iter().map(|measured| measured.p).collect();
    for (measured, adjusted) in others.iter_mut().zip(holm(&p)) {
        measured.p_adjusted = adjusted;
    }
    all.append(&mut others);
    all
}

impl Measured {
    fn of(measure: Measure, (new, live): (f64, f64), worse: Difference) -> Self {
        let p = one_sided(worse.mean, worse.standard_error);
        Self {
            measure,
            of: None,
            new,
            live,
            worse_by: worse.mean,
            standard_error: worse.standard_error,
            p,
            p_adjusted: p,
        }
    }
}

fn log_loss(both: &Both<'_>) -> Option<Measured> {
    let losses = |probabilities: &[f32]| -> Vec<f64> {
        let rows = probabilities.iter().zip(both.new.labels);
        rows.map(|(&probability, &label)| loss(probability, label)).collect()
    };
    let (new, live) = (losses(both.new.probabilities), losses(both.live));
    let worse: Vec<f64> = new.iter().zip(&live).map(|(new, live)| new - live).collect();
    let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
    let worse = Difference::of(&worse, both.new.people)?;
    Some(Measured::of(Measure::LogLoss, (mean(&new), mean(&live)), worse))
}

/// Clipped as by boost's metrics.
fn loss(probability: f32, label: bool) -> f64 {
    let epsilon = f64::from(f32::EPSILON);
    let clipped = f64::from(probability).clamp(epsilon, 1.0 - epsilon);
    -libm::log(if label { clipped } else { 1.0 - clipped })
}

fn pr_auc(both: &Both<'_>, replicates: usize, seed: u64, groups: usize) -> Option<Measured> {
    let of_live = Judged { probabilities: both.live, ..both.new };
    let (new, live) =
        (Resampled::of(&both.new, replicates, seed), Resampled::of(&of_live, replicates, seed));
    let ((new, of_new), (live, of_live)) = (new.pr_aucs(), live.pr_aucs());
    let resamples = of_live.zip(of_new).map(|(live, new)| live - new);
    let worse = Difference::resampled(live - new, resamples, groups)?;
    Some(Measured::of(Measure::PrAuc, (new, live), worse))
}

/// The people of the rows, numbered from 0.
struct People {
    of_rows: Vec<u32>,
    count: usize,
}

impl People {
    fn of(people: &[u32]) -> Self {
        let mut distinct = people.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let number = |person: &u32| distinct.partition_point(|other| other < person) as u32;
        Self { of_rows: people.iter().map(number).collect(), count: distinct.len() }
    }
}

/// Resamples of people.
struct Resamples<'a> {
    people: &'a People,
    replicates: usize,
    seed: u64,
}

impl Resamples<'_> {
    /// The figures of both models, `[new, live]`, of every row once, and what becomes of `worse` of
    /// them over the resamples. `figures` is given how often each person counts.
    fn difference(
        &self,
        figures: impl Fn(&[u32]) -> [f64; 2] + Sync,
        worse: impl Fn([f64; 2]) -> f64 + Sync,
    ) -> Option<([f64; 2], Difference)> {
        let count = self.people.count;
        let value = figures(&vec![1; count]);
        let resampled: Vec<f64> = (0..self.replicates as u64)
            .into_par_iter()
            .map_init(
                || vec![0; count],
                |weights, number| {
                    draw(weights, self.seed, number);
                    worse(figures(weights))
                },
            )
            .collect();
        let difference = Difference::resampled(worse(value), resampled.into_iter(), count)?;
        Some((value, difference))
    }
}

/// A match above or below another application for the same job.
struct Pair {
    people: [u32; 2],
    /// One over the others of the job: each match weighs the same.
    weight: f64,
    /// 1 in the right order, 0.5 of equals: `[new, live]`.
    right: [f64; 2],
}

fn order(both: &Both<'_>, resamples: &Resamples<'_>) -> Option<Measured> {
    let Judged { probabilities, labels, jobs, .. } = both.new;
    let mut rows: Vec<usize> = (0..labels.len()).collect();
    rows.sort_by_key(|&row| jobs[row]);
    let mut pairs = Vec::new();
    let mut matches = 0;
    for job in rows.chunk_by(|&a, &b| jobs[a] == jobs[b]) {
        let (positives, others): (Vec<usize>, Vec<usize>) = job.iter().partition(|&&r| labels[r]);
        matches += if others.is_empty() { 0 } else { positives.len() };
        let weight = 1.0 / others.len() as f64;
        for &positive in &positives {
            for &other in &others {
                let right =
                    [probabilities, both.live].map(|p| match p[positive].total_cmp(&p[other]) {
                        std::cmp::Ordering::Greater => 1.0,
                        std::cmp::Ordering::Equal => 0.5,
                        std::cmp::Ordering::Less => 0.0,
                    });
                let people = [positive, other].map(|row| resamples.people.of_rows[row]);
                pairs.push(Pair { people, weight, right });
            }
        }
    }
    if matches < FEWEST_OF_A_CLASS {
        return None;
    }
    let figures = |weights: &[u32]| {
        let (mut sum, mut all) = ([0.0; 2], 0.0);
        for Pair { people, weight, right } in &pairs {
            let [a, b] = people.map(|person| f64::from(weights[person as usize]));
            let weight = a * b * weight;
            all += weight;
            sum = [sum[0] + weight * right[0], sum[1] + weight * right[1]];
        }
        sum.map(|sum| sum / all)
    };
    let ([new, live], worse) = resamples.difference(figures, |[new, live]| live - new)?;
    Some(Measured::of(Measure::Order, (new, live), worse))
}

fn calibration(both: &Both<'_>, resamples: &Resamples<'_>) -> Option<Measured> {
    let last = both.days.iter().flatten().max()?;
    let rows: Vec<usize> = (0..both.days.len())
        .filter(|&row| both.days[row].is_some_and(|day| day > last - COHORT_DAYS))
        .collect();
    if rows.len() < FEWEST_OF_COHORT {
        return None;
    }
    let figures = |weights: &[u32]| {
        let (mut off, mut all) = ([0.0; 2], 0.0);
        for &row in &rows {
            let weight = f64::from(weights[resamples.people.of_rows[row] as usize]);
            let truth = f64::from(u8::from(both.new.labels[row]));
            let [new, live] = [both.new.probabilities, both.live].map(|p| f64::from(p[row]));
            off = [off[0] + weight * (new - truth), off[1] + weight * (live - truth)];
            all += weight;
        }
        off.map(|off| (off / all).abs())
    };
    let ([new, live], worse) = resamples.difference(figures, |[new, live]| new - live)?;
    Some(Measured::of(Measure::Calibration, (new, live), worse))
}

fn impact_ratio(
    both: &Both<'_>,
    attribute: &Attribute,
    resamples: &Resamples<'_>,
) -> Option<Measured> {
    let above = [both.new.probabilities, both.live].map(above_median);
    let groups = eligible(both, attribute);
    let shares = |weights: &[u32]| {
        let mut sums = vec![[0.0; 3]; attribute.groups().len()];
        for (row, group) in attribute.of_rows().iter().enumerate() {
            let Some(group) = group else { continue };
            let weight = f64::from(weights[resamples.people.of_rows[row] as usize]);
            let sums = &mut sums[*group as usize];
            sums[0] += weight;
            sums[1] += weight * f64::from(u8::from(above[0][row]));
            sums[2] += weight * f64::from(u8::from(above[1][row]));
        }
        sums
    };
    // Which group is lowest and which highest is settled once, on all rows.
    let all = shares(&vec![1; resamples.people.count]);
    let ends = [1, 2].map(|model| {
        let share = |&group: &usize| all[group][model] / all[group][0];
        let by = |a: &&usize, b: &&usize| share(a).total_cmp(&share(b));
        groups.iter().min_by(by).copied().zip(groups.iter().max_by(by).copied())
    });
    let [Some(of_new), Some(of_live)] = ends else { return None };
    if groups.len() < 2 {
        return None;
    }
    let figures = |weights: &[u32]| {
        let sums = shares(weights);
        let ratio = |(low, high): (usize, usize), model: usize| {
            let share = |group: usize| sums[group][model] / sums[group][0];
            share(low) / share(high)
        };
        [ratio(of_new, 1), ratio(of_live, 2)]
    };
    let ([new, live], worse) = resamples.difference(figures, |[new, live]| live - new)?;
    let measured = Measured::of(Measure::ImpactRatio, (new, live), worse);
    Some(Measured { of: Some(attribute.name().to_owned()), ..measured })
}

/// The groups of an attribute that are large enough to be compared, as in the audit.
fn eligible(both: &Both<'_>, attribute: &Attribute) -> Vec<usize> {
    let known = attribute.of_rows().iter().flatten().count() as f64;
    let mut people = vec![Vec::new(); attribute.groups().len()];
    for (group, &person) in attribute.of_rows().iter().zip(both.new.people) {
        if let Some(group) = group {
            people[*group as usize].push(person);
        }
    }
    let is_eligible = |people: &[u32]| {
        let rows = people.len() as f64;
        rows >= FEWEST_ROWS && rows >= LEAST_SHARE * known && distinct(people) >= FEWEST_CANDIDATES
    };
    (0..people.len()).filter(|&group| is_eligible(&people[group])).collect()
}

/// Whether each probability is above the median of all.
fn above_median(probabilities: &[f32]) -> Vec<bool> {
    let mut sorted = probabilities.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
    probabilities.iter().map(|&probability| probability > median).collect()
}

fn distinct(numbers: &[u32]) -> usize {
    let mut numbers = numbers.to_vec();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `people` people with two applications each, to one of 40 jobs each; a quarter are a match.
    struct World {
        labels: Vec<bool>,
        people: Vec<u32>,
        jobs: Vec<u32>,
        days: Vec<Option<i32>>,
    }

    impl World {
        fn of(people: u32) -> Self {
            let rows = 0..2 * people;
            Self {
                labels: rows.clone().map(|row| noise(row) < 0.25).collect(),
                people: rows.clone().map(|row| row / 2).collect(),
                jobs: rows.clone().map(|row| row * 7 % 40).collect(),
                days: rows.map(|row| Some(row as i32)).collect(),
            }
        }

        /// Probabilities that know so much of the truth.
        fn probabilities(&self, knows: f64, stream: u32) -> Vec<f32> {
            let of = |(row, &label): (u32, &bool)| {
                let score = knows * f64::from(u8::from(label)) + noise(row ^ stream << 20);
                (0.05 + 0.4 * score / (1.0 + knows)) as f32
            };
            (0..).zip(&self.labels).map(of).collect()
        }

        fn compare(&self, new: &[f32], live: &[f32], attributes: &[Attribute]) -> Vec<Measured> {
            let Self { labels, people, jobs, days } = self;
            let new = Judged { probabilities: new, labels, people, jobs };
            compare(&Both { new, live, days, attributes }, 100, 1)
        }
    }

    fn noise(row: u32) -> f64 {
        stats::mix(u64::from(row)) as f64 / u64::MAX as f64
    }

    fn of(found: &[Measured], measure: Measure) -> &Measured {
        found.iter().find(|measured| measured.measure == measure).unwrap()
    }

    #[test]
    fn a_model_is_no_worse_than_itself() {
        let world = World::of(400);
        let same = world.probabilities(1.0, 1);
        let found = world.compare(&same, &same, &[]);
        assert_eq!(found.len(), 3);
        for measured in found {
            assert_eq!((measured.worse_by, measured.p), (0.0, 1.0), "{measured:?}");
        }
    }

    #[test]
    fn what_knows_less_is_worse_in_loss_precision_and_order() {
        let world = World::of(400);
        let (good, bad) = (world.probabilities(1.0, 1), world.probabilities(0.1, 2));
        let found = world.compare(&bad, &good, &[]);
        for measure in [Measure::LogLoss, Measure::PrAuc, Measure::Order] {
            let measured = of(&found, measure);
            assert!(measured.worse_by > 0.0 && measured.p_adjusted < 1e-6, "{measured:?}");
        }
        // The other way round it is better, and surely not worse.
        for measured in world.compare(&good, &bad, &[]).iter().take(3) {
            assert!(measured.worse_by < 0.0 && measured.p > 0.999, "{measured:?}");
        }
    }

    #[test]
    fn the_last_cohort_alone_is_asked_how_true_predictions_are() {
        let world = World::of(400);
        let live = vec![0.25; 800];
        // Five applications a day: the last 90 days begin with row 350.
        let daily = World { days: (0..800).map(|row| Some(row / 5)).collect(), ..World::of(400) };
        let off = |rows: std::ops::Range<usize>| -> Vec<f32> {
            (0..800).map(|row| if rows.contains(&row) { 0.6 } else { 0.25 }).collect()
        };
        let worse =
            |new: &[f32]| of(&daily.compare(new, &live, &[]), Measure::Calibration).worse_by;
        assert!(worse(&off(0..350)).abs() < 1e-12);
        assert!(worse(&off(350..800)) > 0.2);
        // Fewer than a hundred rows say nothing of it.
        let few = world.compare(&off(350..800), &live, &[]);
        assert!(few.iter().all(|measured| measured.measure != Measure::Calibration));
    }

    #[test]
    fn a_group_that_falls_behind_shows_in_its_ratio() {
        let world = World::of(400);
        let sexes = (0..800).map(|row| Some(if row / 2 % 2 == 0 { "F" } else { "M" }));
        let tiny = (0..800).map(|row| Some(if row < 20 { "a" } else { "b" }));
        let attributes = [Attribute::new("sexo", sexes), Attribute::new("pcd", tiny)];
        let live = world.probabilities(1.0, 1);
        let lower = |(row, &p): (usize, &f32)| if row / 2 % 2 == 0 { p * 0.5 } else { p };
        let new: Vec<f32> = live.iter().enumerate().map(lower).collect();
        let found = world.compare(&new, &live, &attributes);
        let ratios: Vec<_> =
            found.iter().filter(|measured| measured.measure == Measure::ImpactRatio).collect();
        // Of a group of ten people nothing is said.
        assert_eq!(ratios.len(), 1);
        assert_eq!(ratios[0].of.as_deref(), Some("sexo"));
        assert!(ratios[0].live > 0.8 && ratios[0].new < 0.5 && ratios[0].p_adjusted < 1e-6);
    }
}
