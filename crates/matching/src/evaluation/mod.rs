//! How good a model is on the applications held out: computed once, stored, never again.

pub mod baseline;
pub mod champion;
pub mod compare;
pub mod groups;
pub mod judge;

use boost::metrics;
use serde::Serialize;
use stats::Bootstrap;

use crate::{
    Error,
    baseline::Baseline,
    champion::Champion,
    compare::{Comparisons, SimplerModel, SlicesBy, UnderSplit},
    config::Config,
    dataset::Dataset,
    decision::Decision,
    fit::Fitted,
    identity::GroupCounts,
    judge::{Curves, Judgement, threshold::Chosen},
    labels::LabelCounts,
    leak::Checks,
    split::{Counts, Split},
};

pub const FORMAT: u32 = 2;

/// The figures of a model: the content of `metrics.json`. A figure that is not defined (the part
/// held out has no positive, say) is null.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Metrics {
    pub format: u32,
    pub split: Split,
    pub columns: usize,
    pub trees: usize,
    pub labels: LabelCounts,
    /// How many candidates and jobs stand for one another.
    pub same: Same,
    pub train: Counts,
    /// The part kept aside for calibration and threshold.
    pub aside: Counts,
    /// The part held out, which all figures are of.
    pub test: Counts,
    pub auc: Option<f64>,
    pub pr_auc: Option<f64>,
    pub log_loss: Option<f64>,
    pub brier: Option<f64>,
    /// What giving every application the training part's share of matches would score.
    pub prior: Prior,
    /// The decision tree; none when there was nothing to fit it on.
    pub baseline: Option<BaselineMetrics>,
    /// Whether the model ranks the part held out better than the decision tree does (AUC).
    pub beats_baseline: bool,
    /// The figures with intervals, under this split and, where asked for, under further ones.
    pub splits: Vec<UnderSplit>,
    pub baselines: Vec<SimplerModel>,
    pub slices: Vec<SlicesBy>,
    /// What the checks for leaks measured; none where they were not asked for.
    pub checks: Option<Checks>,
    /// The model beside the live one; none where it was not asked for.
    pub champion: Option<Champion>,
    pub curves: Curves,
    /// From which probability on an application is called a match; none without calibration.
    pub threshold: Option<Chosen>,
    /// What comes of calling so what scores at least the threshold, or .5 where there is none.
    pub confusion: Confusion,
    pub thresholds: Vec<AtThreshold>,
}

/// Records that are one and the same, and so on one side of every split by candidate or job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Same {
    pub people: GroupCounts,
    pub jobs: GroupCounts,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Prior {
    pub probability: f64,
    pub log_loss: Option<f64>,
}

/// The decision tree of linfa-trees on the same part held out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BaselineMetrics {
    pub rows: usize,
    pub columns: usize,
    pub leaves: usize,
    pub auc: Option<f64>,
    pub log_loss: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Confusion {
    /// An application is called a match from this probability on.
    pub threshold: f64,
    pub true_positives: usize,
    pub false_positives: usize,
    /// Matches not called so.
    pub false_negatives: usize,
    /// Others not called a match.
    pub true_negatives: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AtThreshold {
    /// An application is called a match from this probability on.
    pub threshold: f64,
    pub called: usize,
    /// Share of those that are.
    pub precision: Option<f64>,
    pub recall: Option<f64>,
    pub f1: Option<f64>,
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

/// A model's figures and its predictions on the part held out.
#[derive(Clone, Debug)]
pub struct Evaluation {
    pub metrics: Metrics,
    /// A probability for each application of the part held out.
    pub probabilities: Vec<f32>,
    pub bootstrap: Bootstrap,
    pub judgement: Judgement,
}

impl Evaluation {
    /// Judges a model on the part held out; `baseline` is the tree that it must beat.
    pub fn new(
        fitted: &Fitted,
        decision: &Decision,
        baseline: Option<&Baseline>,
        dataset: &Dataset,
        config: &Config,
        split: Split,
    ) -> Result<Self, Error> {
        let Fitted { preprocessor, model, train, aside, test } = fitted;
        let probabilities = decision.probabilities(fitted)?;
        let labels = &test.labels;
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
        let judged = test.judged(&probabilities);
        let bootstrap = compare::bootstrap(test, config);
        let judgement = Judgement::new(&judged, &bootstrap);
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
            splits: vec![compare::under(fitted, split, &judgement)],
            baselines: Vec::new(),
            slices: Vec::new(),
            checks: None,
            champion: None,
            curves: judge::curves(&judged),
            threshold: decision.threshold,
            confusion: at(decision.threshold.map_or(0.5, |chosen| chosen.threshold)),
            thresholds: config.thresholds.iter().map(|&t| at(t).into()).collect(),
        };
        Ok(Self { metrics, probabilities, bootstrap, judgement })
    }

    /// With what the model was checked for and compared with.
    pub fn with(
        mut self,
        checks: Option<Checks>,
        comparisons: Comparisons,
        champion: Champion,
    ) -> Self {
        let Comparisons { splits, baselines, slices } = comparisons;
        self.metrics.splits.extend(splits);
        let metrics =
            Metrics { baselines, slices, checks, champion: Some(champion), ..self.metrics };
        Self { metrics, ..self }
    }
}

impl Metrics {
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
}
