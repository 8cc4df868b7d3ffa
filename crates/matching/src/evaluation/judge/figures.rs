//! The figures of a model, and what one model is ahead of another by.

use serde::{Deserialize, Serialize};
use stats::{Bootstrap, Estimate, Interval, Resampled};

use super::{
    Judged,
    sorted::{Ranked, Sorted},
    within::{Means, Within},
};

/// The figures of a model's probabilities, each with a 95 % bootstrap interval over candidates.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    pub rows: usize,
    pub positives: usize,
    pub candidates: usize,
    /// Area under the ROC curve, equal probabilities counting half; not defined of one class.
    pub roc_auc: Estimate,
    /// Average precision, not interpolated, as scikit-learn's; not defined without a match.
    pub pr_auc: Estimate,
    pub log_loss: Estimate,
    pub brier: Estimate,
    /// Expected calibration error: the mean over the rows of how far, in their bin, the mean
    /// probability is from the share of matches; ten bins of equal count, equal probabilities never
    /// parted. Noise makes it larger, never smaller, so its interval is the basic one.
    pub ece: Estimate,
    pub within_job: WithinJob,
}

/// How the applications of one job are ordered: means over the jobs with at least one match and at
/// least two applications. A job with no more than five applications has all of them among the first
/// five, in whatever order: its lift of the recall is 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WithinJob {
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
    pub log_loss: Estimate,
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

/// The negative log-likelihood of an outcome, in nats; clipped as by boost's metrics.
pub(crate) fn log_loss(probability: f32, label: bool) -> f64 {
    let epsilon = f64::from(f32::EPSILON);
    let clipped = f64::from(probability).clamp(epsilon, 1.0 - epsilon);
    -libm::log(if label { clipped } else { 1.0 - clipped })
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
        for row in &sorted.rows {
            let probability = f64::from(row.probability);
            let of = &mut losses[row.person as usize];
            of.rows += 1;
            of.log_loss += log_loss(row.probability, row.label);
            of.brier += (probability - f64::from(u8::from(row.label))).powi(2);
        }
        let within = Within::of(&sorted);
        Self { sorted, losses, within }
    }

    fn values(&self, weights: &[u8]) -> Values {
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
/// [`Judgement::figures`] and for each [`Judgement::lead`].
#[derive(Clone, Debug)]
pub struct Judgement {
    rows: usize,
    positives: usize,
    people: usize,
    /// Jobs that the order within a job is judged on.
    jobs: usize,
    values: Resampled<Values>,
}

impl Judgement {
    /// Judges on the resamples of `bootstrap`, which are of the people of the rows.
    pub fn new(judged: &Judged<'_>, bootstrap: &Bootstrap) -> Self {
        let prepared = Prepared::of(judged);
        Self {
            rows: judged.rows(),
            positives: judged.positives(),
            people: judged.people.count(),
            jobs: prepared.within.jobs,
            values: bootstrap.resample(|weights| prepared.values(weights)),
        }
    }

    /// The figures with their intervals.
    pub fn figures(&self) -> Figures {
        let Self { values, .. } = self;
        let defined = |figure: f64| figure.is_finite().then_some(figure);
        Figures {
            rows: self.rows,
            positives: self.positives,
            candidates: self.people,
            roc_auc: values.estimate(|v| v.ranked.roc_auc),
            pr_auc: values.estimate(|v| v.ranked.pr_auc),
            log_loss: values.estimate(|v| v.log_loss),
            brier: values.estimate(|v| v.brier),
            ece: values.estimate_by(Interval::Basic, |v| v.ranked.ece),
            within_job: WithinJob {
                jobs: self.jobs,
                ndcg_at_5: defined(values.value.within.ndcg),
                ndcg_at_5_lift: values.estimate(|v| v.within.ndcg_lift),
                recall_at_5: defined(values.value.within.recall),
                recall_at_5_lift: values.estimate(|v| v.within.recall_lift),
            },
        }
    }

    /// What the model is ahead by of another that was judged on the same resamples.
    pub fn lead(&self, other: &Self) -> Lead {
        let pairs = self.values.resamples.iter().zip(&other.values.resamples);
        let pairs = Resampled {
            value: (&self.values.value, &other.values.value),
            resamples: pairs.collect(),
        };
        let difference = |of: fn(&Values) -> f64| pairs.estimate(|(a, b)| of(a) - of(b));
        Lead {
            roc_auc: difference(|v| v.ranked.roc_auc),
            pr_auc: difference(|v| v.ranked.pr_auc),
            log_loss: difference(|v| v.log_loss),
            brier: difference(|v| v.brier),
            ndcg_at_5: difference(|v| v.within.ndcg),
        }
    }
}

/// The figures of a model, from `replicates` resamples of the people.
pub fn figures(judged: &Judged<'_>, replicates: usize, seed: u64) -> Figures {
    let bootstrap = Bootstrap::new(judged.people.count(), replicates, seed);
    Judgement::new(judged, &bootstrap).figures()
}
