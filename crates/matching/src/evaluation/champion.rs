//! Whether the new model (the challenger) is worse than the live one (the champion), on the same
//! applications held out, none of which either has seen.
//!
//! Who is held out is decided by a hash of the id, so both models hold out the same people; what
//! the champion was trained on by another split, by other groups or under another code is left out
//! and counted.
//!
//! **Measures.** The first is the log-loss: the mean over rows of what the challenger loses more,
//! with the standard error of totals of people ([`Difference::of_means`]). The others say *what* got
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
use serde::{Deserialize, Serialize};
use stats::{
    Bootstrap, Groups, Resampled,
    paired::{Difference, one_sided},
    testing::holm,
};

use crate::{
    Error, attributes,
    config::Config,
    dataset::{Application, Dataset, Tables},
    fairness::{self, Attribute},
    fit::Part,
    judge::{Judged, log_loss, sorted::Sorted},
    leak::Together,
    live::{Live, Seen},
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

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    pub rows: usize,
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
    LogLoss,
    PrAuc,
    /// Share of pairs within a job in the right order.
    Order,
    /// Distance of the mean prediction from the share of matches, newest 90 days.
    Calibration,
    /// Lowest impact ratio of the scoring rate.
    ImpactRatio,
}

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

#[derive(Clone, Copy, Debug)]
pub struct Both<'a> {
    /// The rows, with the new model's probabilities.
    pub new: Judged<'a>,
    pub live: &'a [f32],
    /// The day of each application, in days since 1970-01-01.
    pub days: &'a [Option<i32>],
    pub attributes: &'a [Attribute],
}

impl Champion {
    /// Compares the new model, which gives the rows of `test` these probabilities, with the live one.
    pub fn compare<R: ChunkReader + Clone + 'static>(
        live: &Live,
        tables: &Tables<R>,
        dataset: &Dataset,
        test: &Part,
        probabilities: &[f32],
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
        let seen = scored.seen(dataset, &test.applications, Together::of(config.split));
        let count = |kind| seen.iter().filter(|&&seen| seen == kind).count();
        let left_out = LeftOut { seen: count(Seen::Itself), seen_by_group: count(Seen::ByGroup) };
        let rows: Vec<usize> = (0..seen.len()).filter(|&row| seen[row] == Seen::No).collect();
        let of_new: Vec<f32> = rows.iter().map(|&row| probabilities[row]).collect();
        let rows: Vec<Application> = rows.iter().map(|&row| test.applications[row]).collect();
        let labels: Vec<bool> = rows.iter().map(|a| a.positive).collect();
        let positives = labels.iter().filter(|&&label| label).count();
        if positives.min(rows.len() - positives) < FEWEST_OF_A_CLASS {
            let why = format!(
                "neither model has seen {positives} matches and {} other applications that are held out, expected {FEWEST_OF_A_CLASS} of each",
                rows.len() - positives
            );
            return Ok(without(Some(&scored.version), why));
        }
        // The part held out is taken from the dataset's rows, which are ascending.
        let place = |a: &Application| dataset.rows.partition_point(|other| other < a);
        let of_live: Vec<f32> = rows.iter().map(|a| scored.probabilities[place(a)]).collect();
        let groups =
            |id: fn(&Application) -> u32| Groups::new(&rows.iter().map(id).collect::<Vec<_>>());
        let (people, jobs) = (groups(|a| a.person_group), groups(|a| a.job));
        let new = Judged { probabilities: &of_new, labels: &labels, people: &people, jobs: &jobs };
        let both = Both {
            new,
            live: &of_live,
            days: &rows.iter().map(|a| a.day).collect::<Vec<_>>(),
            attributes: &attributes::read(tables, dataset, &rows)?,
        };
        Ok(Self {
            live: Some(scored.version.clone()),
            not_compared: None,
            comparison: Some(Comparison {
                rows: rows.len(),
                positives,
                groups: people.count(),
                left_out,
                measures: compare(&both, config.replicates, config.seed),
            }),
        })
    }
}

/// All measures for which there are rows enough, the log-loss first.
pub fn compare(both: &Both<'_>, replicates: usize, seed: u64) -> Vec<Measured> {
    let people = both.new.people;
    let bootstrap = Bootstrap::new(people.count(), replicates, seed);
    let impact_ratios = both
        .models()
        .map(|model| fairness::lowest_scoring_ratios(&model, both.attributes, &bootstrap));
    let [of_new, of_live] = impact_ratios;
    let ratios = both.attributes.iter().zip(of_new.into_iter().zip(of_live));
    let ratios = ratios.filter_map(|(attribute, (new, live))| {
        let (new, live) = (new?, live?);
        let resamples = new.resamples.into_iter().zip(live.resamples).map(<[f64; 2]>::from);
        let both = Resampled { value: [new.value, live.value], resamples: resamples.collect() };
        Some((Measure::ImpactRatio, Some(attribute.name().to_owned()), both))
    });
    let mut others: Vec<Measured> = [
        (Measure::PrAuc, Some(pr_auc(both, &bootstrap))),
        (Measure::Order, order(both, &bootstrap)),
        (Measure::Calibration, calibration(both, &bootstrap)),
    ]
    .into_iter()
    .filter_map(|(measure, figures)| Some((measure, None, figures?)))
    .chain(ratios)
    .filter_map(|(measure, of, figures)| {
        let worse = figures.map(|&figures| measure.worse_by(figures));
        let worse = Difference::of_resampled(&worse, people.count())?;
        Some(Measured { of, ..Measured::new(measure, figures.value, worse) })
    })
    .collect();
    let p: Vec<f64> = others.iter().map(|measured| measured.p).collect();
    for (measured, adjusted) in others.iter_mut().zip(holm(&p)) {
        measured.p_adjusted = adjusted;
    }
    mean_log_loss(both).into_iter().chain(others).collect()
}

impl Measure {
    /// How much worse the new model's figure is than the live one's.
    fn worse_by(self, [new, live]: [f64; 2]) -> f64 {
        match self {
            Self::LogLoss | Self::Calibration => new - live,
            Self::PrAuc | Self::Order | Self::ImpactRatio => live - new,
        }
    }
}

impl Measured {
    fn new(measure: Measure, [new, live]: [f64; 2], worse: Difference) -> Self {
        let Difference { mean: worse_by, standard_error, .. } = worse;
        let p = one_sided(worse_by, standard_error);
        Self { measure, of: None, new, live, worse_by, standard_error, p, p_adjusted: p }
    }
}

impl<'a> Both<'a> {
    /// The new model, then the live one.
    fn models(&self) -> [Judged<'a>; 2] {
        [self.new, Judged { probabilities: self.live, ..self.new }]
    }
}

fn mean_log_loss(both: &Both<'_>) -> Option<Measured> {
    let [new, live] = both.models().map(|model| -> Vec<f64> {
        let rows = model.probabilities.iter().zip(model.labels);
        rows.map(|(&probability, &label)| log_loss(probability, label)).collect()
    });
    let worse: Vec<f64> = new.iter().zip(&live).map(|(new, live)| new - live).collect();
    let worse = Difference::of_means(&worse, both.new.people)?;
    let means = [new, live].map(|losses| losses.iter().sum::<f64>() / losses.len() as f64);
    Some(Measured::new(Measure::LogLoss, means, worse))
}

fn pr_auc(both: &Both<'_>, bootstrap: &Bootstrap) -> Resampled<[f64; 2]> {
    let models = both.models().map(|model| Sorted::of(&model));
    bootstrap.resample(|weights| models.each_ref().map(|model| model.ranked(weights).pr_auc))
}

/// A match above or below another application for the same job.
struct OrderedPair {
    people: [u32; 2],
    /// One over the others of the job: each match weighs the same.
    weight: f64,
    /// 1 in the right order, 0.5 of equals: `[new, live]`.
    right: [f64; 2],
}

fn order(both: &Both<'_>, bootstrap: &Bootstrap) -> Option<Resampled<[f64; 2]>> {
    let models = both.models();
    let of_rows = both.new.people.of_rows();
    let mut pairs = Vec::new();
    let mut matches = 0;
    for job in both.new.jobs.iter() {
        let rows = job.iter().map(|&row| row as usize);
        let (positives, others): (Vec<usize>, Vec<usize>) =
            rows.partition(|&row| both.new.labels[row]);
        matches += if others.is_empty() { 0 } else { positives.len() };
        let weight = 1.0 / others.len() as f64;
        for &positive in &positives {
            for &other in &others {
                let right = models.map(|model| {
                    let [a, b] = [positive, other].map(|row| model.probabilities[row]);
                    f64::from(a.total_cmp(&b) as i8 + 1) / 2.0
                });
                let people = [positive, other].map(|row| of_rows[row]);
                pairs.push(OrderedPair { people, weight, right });
            }
        }
    }
    let figures = |weights: &[u8]| {
        let (mut sum, mut all) = ([0.0; 2], 0.0);
        for OrderedPair { people, weight, right } in &pairs {
            let [a, b] = people.map(|person| f64::from(weights[person as usize]));
            let weight = a * b * weight;
            all += weight;
            sum = [sum[0] + weight * right[0], sum[1] + weight * right[1]];
        }
        sum.map(|sum| sum / all)
    };
    (matches >= FEWEST_OF_A_CLASS).then(|| bootstrap.resample(figures))
}

fn calibration(both: &Both<'_>, bootstrap: &Bootstrap) -> Option<Resampled<[f64; 2]>> {
    let last = both.days.iter().flatten().max()?;
    let rows: Vec<usize> = (0..both.days.len())
        .filter(|&row| both.days[row].is_some_and(|day| day > last - COHORT_DAYS))
        .collect();
    let figures = |weights: &[u8]| {
        let (mut off, mut all) = ([0.0; 2], 0.0);
        for &row in &rows {
            let weight = f64::from(weights[both.new.people.of_rows()[row] as usize]);
            let truth = f64::from(u8::from(both.new.labels[row]));
            let [new, live] = [both.new.probabilities, both.live].map(|p| f64::from(p[row]));
            off = [off[0] + weight * (new - truth), off[1] + weight * (live - truth)];
            all += weight;
        }
        off.map(|off| (off / all).abs())
    };
    (rows.len() >= FEWEST_OF_COHORT).then(|| bootstrap.resample(figures))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `people` people with two applications each, to one of 40 jobs each; a quarter are a match.
    struct World {
        labels: Vec<bool>,
        people: Groups,
        jobs: Groups,
        days: Vec<Option<i32>>,
    }

    impl World {
        fn of(people: u32) -> Self {
            let rows = 0..2 * people;
            Self {
                labels: rows.clone().map(|row| noise(row) < 0.25).collect(),
                people: Groups::new(&rows.clone().map(|row| row / 2).collect::<Vec<_>>()),
                jobs: Groups::new(&rows.clone().map(|row| row * 7 % 40).collect::<Vec<_>>()),
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
