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

mod bounds;
mod served;
mod simpler;
mod worse;
pub use bounds::{Bounds, WorseBy};
pub use worse::beside_live;

use stage::Check;
use versioning::{Committed, Lake};

use self::simpler::Figures;
use crate::{
    artefacts::METRICS,
    decision::{DECISION, Decision},
    judge::calibration::Calibration,
};

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
