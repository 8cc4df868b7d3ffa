//! What a version must keep to go live: it is not surely worse than the live model, or, where there
//! is none to compare it with, it beats simpler models on the part held out; and the code that
//! serves it gives the scores that it was judged by.
//!
//! Beside a live model, what a new one is ahead of a constant or a tree by vetoes nothing: a tree's
//! figures wander from day to day, and a model that is held back for them leaves a staler one in its
//! place. They are reported. A model that is held back leaves the live one to score today's
//! features, so whether that can is looked at too.
//!
//! What a model is ahead of another by is as sure as there are matches held out. Of few, the figure
//! itself is chance (of eight matches, the interval of an AUC is .4 wide); so below
//! [`Bounds::sure_from`] a model is refused that is *surely* not ahead: whose 95 % interval does not
//! reach above the bound.

mod served;
mod simpler;
mod worse;
pub use worse::{WorseBy, beside_live};

use serde::{Deserialize, Serialize};
use stage::{Asked, Check, Question};
use versioning::{Committed, Lake};

use self::simpler::Figures;
use crate::{
    artefacts::METRICS,
    decision::{DECISION, Decision},
    judge::calibration::Calibration,
};

/// What errors call the bounds: the table of a configuration file.
const GATE: &str = "gate.matching";

const fn of_model(name: &'static str, check: &'static str) -> Asked {
    Asked { question: Question::Model, name, check }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { tree_auc = 0.01 }")]
pub struct Bounds {
    /// The average precision is above the constant model's (the share of matches) by more than this.
    pub prior_pr_auc: f64,
    /// The log-loss is below the constant model's by more than this, in nats. Scores that are not
    /// calibrated are no probabilities, and are not asked for it.
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

pub(crate) fn verify(
    committed: &Committed,
    lake: &Lake,
    bounds: &Bounds,
) -> Result<Vec<Check>, stage::Error> {
    let bytes = committed.open(METRICS)?.bytes()?;
    let figures: Figures = serde_json::from_slice(&bytes).map_err(|e| {
        let version = committed.version();
        stage::Error::bad_input(format!(
            "{METRICS} of {version}: {e}: it was written by another release, train again"
        ))
    })?;
    let decision = Decision::from_json(&committed.open(DECISION)?.bytes()?);
    let calibrated = decision.is_ok_and(|d| d.calibration != Calibration::None);
    let mut checks = figures.checks(bounds, calibrated);
    let is_held_back = checks.iter().any(|check| !check.passed);
    let features = served::features_of(committed, lake)?;
    checks.push(served::golden(committed, &features, bounds.golden)?);
    checks.push(served::carried(committed, is_held_back, lake, &features, bounds.golden)?);
    Ok(checks)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn a_misspelt_bound_is_refused_with_a_suggestion() {
        for (gate, said) in [
            (json!({"tree_acu": 0.1}), "did you mean `tree_auc`?"),
            (json!({"golden": 0}), "config of gate.matching: `golden` is 0, expected 1 to 10000"),
            (json!({"tree_auc": 2}), "`tree_auc` is 2, expected -1 to 1"),
            (json!({"must_learn": "no"}), "expected true or false"),
        ] {
            let error = stage::checked_gate::<crate::Matching>(&gate).unwrap_err();
            assert_eq!(error.name, stage::ErrorName::ConfigInvalid);
            assert!(error.message.contains(said), "{error}");
        }
    }
}
