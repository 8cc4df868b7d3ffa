//! The figures of a model, and what one model is ahead of another by.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    Estimate, Interval, Judged, draw,
    sorted::{Ranked, Sorted},
    within::{Means, Within},
};

/// The figures of a model's probabilities, each with a 95 % bootstrap interval over candidates.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    pub rows: usize,
    /// Those that are a match.
    pub positives: usize,
    /// People of the applications.
    pub candidates: usize,
    /// Area under the ROC curve, equal probabilities counting half; not defined of one class.
    pub roc_auc: Estimate,
    /// Average precision, not interpolated, as scikit-learn's; not defined without a match.
    pub pr_auc: Estimate,
    /// Mean negative log-likelihood, in nats.
    pub log_loss: Estimate,
    /// Mean squared error of the probabilities.
    pub brier: Estimate,
    /// Expected calibration error: the mean over the rows of how far, in their bin, the mean
    /// probability is from the share of matches; ten bins of equal count, equal probabilities never
    /// parted. Noise makes it larger, never smaller, so its interval is the basic one.
    pub ece: Estimate,
    /// The order within one job.
    pub within_job: WithinJob,
}

/// How the applications of one job are ordered: means over the jobs with at least one match and at
/// least two applications. A job with no more than five applications has all of them among the first
/// five, in whatever order: its lift of the recall is 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WithinJob {
    /// Jobs counted.
    pub jobs: usize,
    /// Normalised discounted cumulative gain of the first five.
    pub ndcg_at_5: Option<f64>,
    /// It, less that of a random order.
    pub ndcg_at_5_lift: Estimate,
    /// Share of the matches among the first five.
    pub recall_at_5: Option<f64>,
    /// It, less that of a random order.
    pub recall_at_5_lift: Estimate,
}

/// What a model is ahead of another by, on the same rows and resampled together: where an interval
/// does not hold 0, the difference is not chance. Positive is better for the areas and nDCG,
/// negative for the losses.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lead {
    /// Difference of the area under the ROC curve.
    pub roc_auc: Estimate,
    /// Difference of the average precision.
    pub pr_auc: Estimate,
    /// Difference of the log-loss.
    pub log_loss: Estimate,
    /// Difference of the Brier score.
    pub brier: Estimate,
    /// Difference of the nDCG of the first five within one job.
    pub ndcg_at_5: Estimate,
}

/// All figures of one resample. NaN where not defined.
#[derive(Clone, Copy, Debug)]
struct Values {
    ranked: Ranked,
    log_loss: f64,
    brier: f64,
    within: Means,
}

/// What a candidate's rows sum to.
#[derive(Clone, Copy, Debug, Default)]
struct Losses {
    rows: u32,
    log_loss: f64,
    brier: f64,
}

struct Prepared {
    sorted: Sorted,
    losses: Vec<Losses>,
    within: Within,
}

impl Prepared {
    fn of(judged: &Judged<'_>) -> Self {
        let sorted = Sorted::of(judged);
        let mut losses = vec![Losses::default(); sorted.people];
        // Clipped as by boost's metrics.
        let epsilon = f64::from(f32::EPSILON);
        for row in &sorted.rows {
            let probability = f64::from(row.probability);
            let clipped = probability.clamp(epsilon, 1.0 - epsilon);
            let of = &mut losses[row.person as usize];
            of.rows += 1;
            of.log_loss -= libm::log(if row.label { clipped } else { 1.0 - clipped });
            of.brier += (probability - f64::from(u8::from(row.label))).powi(2);
        }
        let within = Within::of(&sorted);
        Self { sorted, losses, within }
    }

    fn values(&self, weights: &[u32]) -> Values {
        let (mut rows, mut log_loss, mut brier) = (0.0, 0.0, 0.0);
        for (losses, &weight) in self.losses.iter().zip(weights) {
            let weight = f64::from(weight);
            rows += weight * f64::from(losses.rows);
            log_loss += weight * losses.log_loss;
            brier += weight * losses.brier;
        }
        Values {
            ranked: self.sorted.ranked(weights),
            log_loss: log_loss / rows,
            brier: brier / rows,
            within: self.within.means(weights),
        }
    }
}

/// A model's figures of all rows and of each resample of the people: made once, for
/// [`Resampled::figures`] and for each [`Resampled::lead`].
#[derive(Clone, Debug)]
pub struct Resampled {
    rows: usize,
    positives: usize,
    people: usize,
    /// Jobs that the order within a job is judged on.
    jobs: usize,
    value: Values,
    resampled: Vec<Values>,
}

impl Resampled {
    /// Draws `replicates` resamples. Those of one seed are the same for all models that are judged
    /// on the same rows.
    ///
    /// # Panics
    /// When the slices are not of one length.
    #[must_use]
    pub fn of(judged: &Judged<'_>, replicates: usize, seed: u64) -> Self {
        let prepared = Prepared::of(judged);
        let people = prepared.sorted.people;
        let numbers = (0..replicates as u64).into_par_iter();
        let resampled = numbers.map_init(
            || vec![0; people],
            |weights, number| {
                draw(weights, seed, number);
                prepared.values(weights)
            },
        );
        Self {
            rows: judged.rows(),
            positives: judged.positives(),
            people,
            jobs: prepared.within.jobs,
            value: prepared.values(&vec![1; people]),
            resampled: resampled.collect(),
        }
    }

    /// The figures with their intervals.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let Self { value, resampled, .. } = self;
        let by = |interval, of: fn(&Values) -> f64| {
            Estimate::of(of(value), resampled.iter().map(of), interval)
        };
        let estimate = |of| by(Interval::Percentile, of);
        let defined = |figure: f64| figure.is_finite().then_some(figure);
        Figures {
            rows: self.rows,
            positives: self.positives,
            candidates: self.people,
            roc_auc: estimate(|v| v.ranked.roc_auc),
            pr_auc: estimate(|v| v.ranked.pr_auc),
            log_loss: estimate(|v| v.log_loss),
            brier: estimate(|v| v.brier),
            ece: by(Interval::Basic, |v| v.ranked.ece),
            within_job: WithinJob {
                jobs: self.jobs,
                ndcg_at_5: defined(value.within.ndcg),
                ndcg_at_5_lift: estimate(|v| v.within.ndcg_lift),
                recall_at_5: defined(value.within.recall),
                recall_at_5_lift: estimate(|v| v.within.recall_lift),
            },
        }
    }

    /// What the model is ahead by of another that was judged on the same rows, with the same seed.
    #[must_use]
    pub fn lead(&self, other: &Self) -> Lead {
        let estimate = |of: fn(&Values) -> f64| {
            let pairs = self.resampled.iter().zip(&other.resampled);
            let differences = pairs.map(|(a, b)| of(a) - of(b));
            Estimate::of(of(&self.value) - of(&other.value), differences, Interval::Percentile)
        };
        Lead {
            roc_auc: estimate(|v| v.ranked.roc_auc),
            pr_auc: estimate(|v| v.ranked.pr_auc),
            log_loss: estimate(|v| v.log_loss),
            brier: estimate(|v| v.brier),
            ndcg_at_5: estimate(|v| v.within.ndcg),
        }
    }

    /// The average precision of every row once, and of each resample.
    pub(crate) fn pr_aucs(&self) -> (f64, impl Iterator<Item = f64>) {
        (self.value.ranked.pr_auc, self.resampled.iter().map(|v| v.ranked.pr_auc))
    }
}

/// The figures of a model, from `replicates` resamples of the people.
///
/// # Panics
/// When the slices are not of one length.
#[must_use]
pub fn figures(judged: &Judged<'_>, replicates: usize, seed: u64) -> Figures {
    Resampled::of(judged, replicates, seed).figures()
}
