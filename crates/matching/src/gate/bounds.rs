//! What the gate asks for, and by how much.

use serde::{Deserialize, Serialize};
use stage::{Asked, Question};

/// What errors call the bounds: the table of a configuration file.
const GATE: &str = "gate.matching";

pub(super) const fn of_model(name: &'static str, check: &'static str) -> Asked {
    Asked { question: Question::Model, name, check }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { tree_auc = 0.01 }")]
pub struct Bounds {
    /// The average precision is above the constant model's (the share of matches) by more than this.
    pub prior_pr_auc: f64,
    /// The log-loss is below the constant model's by more than this, in nats. Scores that are not
    /// calibrated are not probabilities, and are not asked for it.
    pub prior_log_loss: f64,
    /// The area under the ROC curve is above the decision tree's by more than this.
    pub tree_auc: f64,
    /// Whether a model is refused that ranks no better than chance could, as its checks at training
    /// say.
    pub must_learn: bool,
    /// Matches held out from which on the figures themselves decide; of fewer, their intervals.
    pub sure_from: usize,
    /// Applications held out that are scored again.
    pub golden: usize,
    /// A model is surely worse than the live one where the p-value of "it is worse by no more than
    /// `worse_by`" is under this; 0 holds none back. [`crate::champion`] says what is compared.
    pub worse_p: f64,
    /// True differences from the live model that are no reason to hold a model back.
    pub worse_by: WorseBy,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            prior_pr_auc: 0.0,
            prior_log_loss: 0.0,
            tree_auc: 0.0,
            must_learn: true,
            sure_from: 100,
            golden: 32,
            worse_p: 0.001,
            worse_by: WorseBy::default(),
        }
    }
}

impl Bounds {
    pub(crate) fn check(&self) -> Result<(), stage::Error> {
        for (key, found) in [
            ("prior_pr_auc", self.prior_pr_auc),
            ("prior_log_loss", self.prior_log_loss),
            ("tree_auc", self.tree_auc),
        ] {
            stage::within(GATE, key, found, -1.0..=1.0)?;
        }
        stage::within(GATE, "sure_from", self.sure_from, 0..=1_000_000)?;
        stage::within(GATE, "golden", self.golden, 1..=10_000)?;
        stage::within(GATE, "worse_p", self.worse_p, 0.0..=1.0)?;
        self.worse_by.check()
    }
}

/// By how much a model may be worse than the live one, however sure that is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { log_loss = 0.01 }")]
pub struct WorseBy {
    /// Log-loss: a share of the live model's.
    pub log_loss: f64,
    /// Average precision: a share of the live model's.
    pub pr_auc: f64,
    /// Order within a job: share of pairs.
    pub order: f64,
    /// Calibration of the newest cohort: a share of the share of matches among the rows compared.
    pub calibration: f64,
    /// Lowest impact ratio.
    pub impact_ratio: f64,
}

impl Default for WorseBy {
    fn default() -> Self {
        Self { log_loss: 0.01, pr_auc: 0.05, order: 0.02, calibration: 0.1, impact_ratio: 0.05 }
    }
}

impl WorseBy {
    fn check(&self) -> Result<(), stage::Error> {
        let Self { log_loss, pr_auc, order, calibration, impact_ratio } = *self;
        for (key, found) in [
            ("worse_by.log_loss", log_loss),
            ("worse_by.pr_auc", pr_auc),
            ("worse_by.order", order),
            ("worse_by.calibration", calibration),
            ("worse_by.impact_ratio", impact_ratio),
        ] {
            stage::within(GATE, key, found, 0.0..=1.0)?;
        }
        Ok(())
    }
}
