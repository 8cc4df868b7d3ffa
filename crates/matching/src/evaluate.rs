//! How good a model is on the applications held out: computed once, stored, never again.

use boost::metrics;
use serde::Serialize;

use crate::{
    Error,
    baseline::Baseline,
    champion::Champion,
    compare::{self, SlicesBy, UnderSplit},
    config::{Config, Split},
    dataset::Dataset,
    decision::Decision,
    fit::Fitted,
    identity::GroupCounts,
    judge::{self, Curves, Resampled, threshold::Chosen},
    labels::LabelCounts,
    leak::Checks,
    split::Counts,
};

/// Number of the format of `metrics.json`.
pub const FORMAT: u32 = 2;

/// Bins of the calibration table.
const BINS: usize = 10;

/// The figures of a model: the content of `metrics.json`. A figure that is not defined (the part
/// held out has no positive, say) is null.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Metrics {
    /// Number of the format.
    pub format: u32,
    /// How the applications were split.
    pub split: Split,
    /// Columns of the matrix.
    pub columns: usize,
    /// Trees of the model.
    pub trees: usize,
    /// Which applications have which label.
    pub labels: LabelCounts,
    /// How many candidates and jobs stand for one another.
    pub same: Same,
    pub train: Counts,
    /// The part kept aside for calibration and threshold.
    pub aside: Counts,
    /// The part held out, which all figures are of.
    pub test: Counts,
    /// Area under the ROC curve.
    pub auc: Option<f64>,
    /// Average precision.
    pub pr_auc: Option<f64>,
    /// Mean negative log-likelihood, in nats.
    pub log_loss: Option<f64>,
    /// Mean squared error of the probabilities.
    pub brier: Option<f64>,
    /// What giving every application the training part's share of matches would score.
    pub prior: Prior,
    /// The decision tree; none when there was nothing to fit it on.
    pub baseline: Option<BaselineMetrics>,
    /// Whether the model ranks the part held out better than the decision tree does (AUC).
    pub beats_baseline: bool,
    /// The figures with intervals, under this split and, where asked for, under further ones.
    pub splits: Vec<UnderSplit>,
    /// Simpler models on the same rows.
    pub baselines: Vec<compare::Baseline>,
    /// Figures of groups of the part held out.
    pub slices: Vec<SlicesBy>,
    /// What the checks for leaks measured; none where they were not asked for.
    pub checks: Option<Checks>,
    /// The model beside the live one; none where it was not asked for.
    pub champion: Option<Champion>,
    /// What a chart of the part held out draws.
    pub curves: Curves,
    /// From which probability on an application is called a match; none without calibration.
    pub threshold: Option<Chosen>,
    /// What comes of calling so what scores at least the threshold, or .5 where there is none.
    pub confusion: Confusion,
    /// What comes of other thresholds.
    pub thresholds: Vec<AtThreshold>,
    /// Predicted against observed, in ten bins of equal width.
    pub calibration: Vec<Bin>,
}

/// Records that are one and the same, and so on one side of every split by candidate or job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Same {
    /// Candidates that are one person.
    pub people: GroupCounts,
    /// Jobs of one text.
    pub jobs: GroupCounts,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Prior {
    /// Share of matches in the training part.
    pub probability: f64,
    /// Its log-loss on the part held out.
    pub log_loss: Option<f64>,
}

/// The decision tree of linfa-trees on the same part held out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BaselineMetrics {
    /// Training rows that it was fitted on.
    pub rows: usize,
    /// Columns that it sees.
    pub columns: usize,
    pub leaves: usize,
    /// Area under the ROC curve.
    pub auc: Option<f64>,
    /// Mean negative log-likelihood, in nats.
    pub log_loss: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Confusion {
    /// An application is called a match from this probability on.
    pub threshold: f64,
    /// Matches called so.
    pub true_positives: usize,
    /// Others called a match.
    pub false_positives: usize,
    /// Matches not called so.
    pub false_negatives: usize,
    /// Others not called a match.
    pub true_negatives: usize,
}

/// Precision and recall at a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AtThreshold {
    /// An application is called a match from this probability on.
    pub threshold: f64,
    /// Applications called a match.
    pub called: usize,
    /// Share of those that are.
    pub precision: Option<f64>,
    /// Share of all matches that are called so.
    pub recall: Option<f64>,
    /// Harmonic mean of the two.
    pub f1: Option<f64>,
}

/// One bin of the calibration table.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// Lowest probability.
    pub from: f64,
    /// Highest probability, exclusive but for the last bin.
    pub to: f64,
    pub rows: usize,
    /// Mean of their probabilities.
    pub mean_probability: Option<f64>,
    /// Share of matches among them.
    pub positive_rate: Option<f64>,
}

impl Confusion {
    fn at(threshold: f64, probabilities: &[f32], labels: &[bool]) -> Self {
        let mut confusion = Self {
            threshold,
            true_positives: 0,
            false_positives: 0,
            false_negatives: 0,
            true_negatives: 0,
        };
        for (&probability, &label) in probabilities.iter().zip(labels) {
            let cell = match (f64::from(probability) >= threshold, label) {
                (true, true) => &mut confusion.true_positives,
                (true, false) => &mut confusion.false_positives,
                (false, true) => &mut confusion.false_negatives,
                (false, false) => &mut confusion.true_negatives,
            };
            *cell += 1;
        }
        confusion
    }
}

impl From<Confusion> for AtThreshold {
    fn from(c: Confusion) -> Self {
        let called = c.true_positives + c.false_positives;
        let matches = c.true_positives + c.false_negatives;
        Self {
            threshold: c.threshold,
            called,
            precision: ratio(c.true_positives, called),
            recall: ratio(c.true_positives, matches),
            f1: ratio(2 * c.true_positives, called + matches),
        }
    }
}

fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn defined(figure: f64) -> Option<f64> {
    figure.is_finite().then_some(figure)
}

fn calibration(probabilities: &[f32], labels: &[bool]) -> Vec<Bin> {
    let mut sums = [(0_usize, 0.0, 0_usize); BINS];
    for (&probability, &label) in probabilities.iter().zip(labels) {
        let bin = ((f64::from(probability) * BINS as f64) as usize).min(BINS - 1);
        let (rows, sum, positives) = &mut sums[bin];
        *rows += 1;
        *sum += f64::from(probability);
        *positives += usize::from(label);
    }
    let edge = |bin: usize| bin as f64 / BINS as f64;
    let bin = |(bin, (rows, sum, positives)): (usize, (usize, f64, usize))| Bin {
        from: edge(bin),
        to: edge(bin + 1),
        rows,
        mean_probability: (rows > 0).then(|| sum / rows as f64),
        positive_rate: ratio(positives, rows),
    };
    sums.into_iter().enumerate().map(bin).collect()
}

/// A model's figures and its predictions on the part held out.
#[derive(Clone, Debug)]
pub struct Evaluation {
    pub metrics: Metrics,
    /// A probability for each application of the part held out.
    pub probabilities: Vec<f32>,
    /// The figures of these on all resamples.
    pub resampled: Resampled,
}

impl Evaluation {
    /// Judges a model on the part held out; `baseline` is the tree that it must beat.
    ///
    /// # Errors
    /// [`Error::Boost`] when model and matrix do not belong together.
    pub fn of(
        fitted: &Fitted,
        decision: &Decision,
        baseline: Option<&Baseline>,
        (config, dataset): (&Config, &Dataset),
        split: Split,
    ) -> Result<Self, Error> {
        let Fitted { preprocessor, model, train, aside, test } = fitted;
        let probabilities = fitted.probabilities(decision)?;
        let labels = &test.labels;
        let pairs = test.pairs();
        let baseline = baseline.map(|tree| {
            let rates = tree.predict(&test.rows);
            BaselineMetrics {
                rows: tree.rows,
                columns: tree.columns(),
                leaves: tree.leaves(),
                auc: defined(metrics::auc(&rates, labels)),
                log_loss: defined(metrics::log_loss(&rates, labels)),
            }
        });
        let resampled = compare::resampled(fitted, &probabilities, config);
        let auc = defined(metrics::auc(&probabilities, labels));
        let at = |threshold| Confusion::at(threshold, &probabilities, labels);
        let prior = train.positives() as f64 / train.labels.len() as f64;
        let metrics = Metrics {
            format: FORMAT,
            split,
            columns: preprocessor.columns(),
            trees: model.trees(),
            labels: LabelCounts::of(dataset, config.unresolved),
            same: Same { people: dataset.same_people.counts(), jobs: dataset.same_jobs.counts() },
            train: Counts::of(&train.applications),
            aside: Counts::of(&aside.applications),
            test: Counts::of(&test.applications),
            auc,
            pr_auc: defined(metrics::average_precision(&probabilities, labels)),
            log_loss: defined(metrics::log_loss(&probabilities, labels)),
            brier: defined(metrics::brier(&probabilities, labels)),
            prior: Prior {
                probability: prior,
                log_loss: defined(metrics::log_loss(&vec![prior as f32; labels.len()], labels)),
            },
            beats_baseline: match (auc, baseline.as_ref().and_then(|b| b.auc)) {
                (Some(model), Some(baseline)) => model > baseline,
                _ => false,
            },
            baseline,
            splits: vec![compare::under(fitted, split, &resampled)],
            baselines: Vec::new(),
            slices: Vec::new(),
            checks: None,
            champion: None,
            curves: judge::curves(&pairs.judged(&probabilities, labels)),
            threshold: decision.threshold,
            confusion: at(decision.threshold.map_or(0.5, |chosen| chosen.threshold)),
            thresholds: config.thresholds.iter().map(|&t| at(t).into()).collect(),
            calibration: calibration(&probabilities, labels),
        };
        Ok(Self { metrics, probabilities, resampled })
    }
}

impl Metrics {
    /// The figures that the stage answers with.
    #[must_use]
    pub fn figures(&self) -> stage::Metrics {
        let mut figures = stage::Metrics::default();
        figures.set("split", self.split.name());
        figures.set("rows_train", self.train.rows);
        figures.set("rows_aside", self.aside.rows);
        figures.set("rows_test", self.test.rows);
        figures.set("positives_train", self.train.positives);
        figures.set("positives_test", self.test.positives);
        figures.set("columns", self.columns);
        figures.set("trees", self.trees);
        figures.set("auc", self.auc);
        figures.set("pr_auc", self.pr_auc);
        figures.set("log_loss", self.log_loss);
        figures.set("brier", self.brier);
        let main = self.splits.first().map(|under| &under.figures);
        figures.set("calibration_error", main.and_then(|f| f.ece.value));
        let lift = main.and_then(|f| f.within_job.ndcg_at_5_lift.value);
        figures.set("ndcg_at_5_above_random", lift);
        figures.set("threshold", self.threshold.map(|chosen| chosen.threshold));
        figures.set("left_out", self.labels.left_out);
        figures.set("prior_log_loss", self.prior.log_loss);
        figures.set("baseline_auc", self.baseline.as_ref().and_then(|b| b.auc));
        figures.set("beats_baseline", self.beats_baseline);
        figures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: [f32; 5] = [0.05, 0.1, 0.5, 0.55, 1.0];
    const Y: [bool; 5] = [false, true, true, false, true];

    #[test]
    fn confusion_counts_the_threshold_itself_as_a_match() {
        let c = Confusion::at(0.5, &P, &Y);
        assert_eq!(
            (c.true_positives, c.false_positives, c.false_negatives, c.true_negatives),
            (2, 1, 1, 1)
        );
        let at = AtThreshold::from(c);
        assert_eq!((at.called, at.precision, at.recall), (3, Some(2.0 / 3.0), Some(2.0 / 3.0)));
        assert!((at.f1.unwrap() - 2.0 / 3.0).abs() < 1e-12);
        let none = AtThreshold::from(Confusion::at(1.5, &P, &[false; 5]));
        assert_eq!((none.precision, none.recall, none.f1), (None, None, None));
    }

    #[test]
    fn calibration_covers_every_row_once() {
        let bins = calibration(&P, &Y);
        assert_eq!(bins.iter().map(|b| b.rows).sum::<usize>(), 5);
        assert_eq!((bins[0].rows, bins[1].rows, bins[5].rows, bins[9].rows), (1, 1, 2, 1));
        assert_eq!(bins[5].positive_rate, Some(0.5));
        assert!((bins[5].mean_probability.unwrap() - 0.525).abs() < 1e-6);
        assert_eq!(bins[2].mean_probability, None);
        assert_eq!((bins[9].from, bins[9].to), (0.9, 1.0));
    }
}
