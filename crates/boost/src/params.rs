//! Training parameters, named as XGBoost names them, checked once into a type.

use serde::{Deserialize, Serialize};

use crate::Error;

/// Training parameters before their check ([`Params::check`]).
///
/// The defaults are the Python system's (`learning_rate` .1, `max_depth` 7, `n_estimators` 300), and
/// XGBoost's for the rest, except `max_bin`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// What each tree's leaves are multiplied by.
    pub learning_rate: f64,
    /// Most splits between the root and a leaf.
    pub max_depth: usize,
    /// Most trees.
    pub n_estimators: usize,
    /// Weight of a positive row; negatives weigh 1.
    pub scale_pos_weight: f64,
    /// L2 regularisation of leaf values.
    pub lambda: f64,
    /// Least loss change of a split.
    pub gamma: f64,
    /// Least sum of hessians in a leaf.
    pub min_child_weight: f64,
    /// Share of rows that a tree is grown on.
    pub subsample: f64,
    /// Share of columns that a tree is grown on.
    pub colsample_bytree: f64,
    /// Most quantile bins of a column. XGBoost's default is 256; on the golden rows and on the
    /// benchmark's matrix 64 gives metrics at least as good in less time.
    pub max_bin: usize,
    /// Probability that the sum of trees starts from; without it, XGBoost's estimate from the labels.
    pub base_score: Option<f64>,
    /// Stop when the validation log-loss has not improved for so many rounds.
    pub early_stopping_rounds: Option<usize>,
    /// Seed of the row and column sampling.
    pub seed: u64,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            learning_rate: 0.1,
            max_depth: 7,
            n_estimators: 300,
            scale_pos_weight: 1.0,
            lambda: 1.0,
            gamma: 0.0,
            min_child_weight: 1.0,
            subsample: 1.0,
            colsample_bytree: 1.0,
            max_bin: 64,
            base_score: None,
            early_stopping_rounds: None,
            seed: 0,
        }
    }
}

/// [`Params`] whose every value is in its range.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ValidParams(Params);

impl std::ops::Deref for ValidParams {
    type Target = Params;

    fn deref(&self) -> &Params {
        &self.0
    }
}

/// `test` of a value, or an error that names the parameter.
fn require(
    name: &'static str,
    expected: &'static str,
    test: bool,
    found: impl std::fmt::Display,
) -> Result<(), Error> {
    if test { Ok(()) } else { Err(Error::Parameter { name, expected, found: found.to_string() }) }
}

impl Params {
    /// Checks every value against its range.
    ///
    /// # Errors
    /// [`Error::Parameter`] naming the first parameter out of range.
    pub fn check(self) -> Result<ValidParams, Error> {
        let p = &self;
        let positive =
            |name, x: f64| require(name, "a finite number above 0", x.is_finite() && x > 0.0, x);
        let not_negative = |name, x: f64| {
            require(name, "a finite number of at least 0", x.is_finite() && x >= 0.0, x)
        };
        let share = |name, x: f64| require(name, "above 0 and at most 1", x > 0.0 && x <= 1.0, x);
        positive("learning_rate", p.learning_rate)?;
        require("max_depth", "1 to 16", (1..=16).contains(&p.max_depth), p.max_depth)?;
        let trees = p.n_estimators;
        require("n_estimators", "1 to 100000", (1..=100_000).contains(&trees), trees)?;
        positive("scale_pos_weight", p.scale_pos_weight)?;
        not_negative("lambda", p.lambda)?;
        not_negative("gamma", p.gamma)?;
        not_negative("min_child_weight", p.min_child_weight)?;
        require(
            "min_child_weight",
            "above 0 when lambda is 0 (a leaf's value is divided by their sum)",
            p.min_child_weight + p.lambda > 0.0,
            p.min_child_weight,
        )?;
        share("subsample", p.subsample)?;
        share("colsample_bytree", p.colsample_bytree)?;
        require("max_bin", "2 to 1024", (2..=1024).contains(&p.max_bin), p.max_bin)?;
        if let Some(x) = p.base_score {
            require("base_score", "a probability strictly between 0 and 1", x > 0.0 && x < 1.0, x)?;
        }
        if let Some(n) = p.early_stopping_rounds {
            require("early_stopping_rounds", "at least 1", n >= 1, n)?;
        }
        Ok(ValidParams(self))
    }

    /// Sets [`Params::learning_rate`].
    #[must_use]
    pub fn learning_rate(self, learning_rate: f64) -> Self {
        Self { learning_rate, ..self }
    }

    /// Sets [`Params::max_depth`].
    #[must_use]
    pub fn max_depth(self, max_depth: usize) -> Self {
        Self { max_depth, ..self }
    }

    /// Sets [`Params::n_estimators`].
    #[must_use]
    pub fn n_estimators(self, n_estimators: usize) -> Self {
        Self { n_estimators, ..self }
    }

    /// Sets [`Params::scale_pos_weight`].
    #[must_use]
    pub fn scale_pos_weight(self, scale_pos_weight: f64) -> Self {
        Self { scale_pos_weight, ..self }
    }

    /// Sets [`Params::max_bin`].
    #[must_use]
    pub fn max_bin(self, max_bin: usize) -> Self {
        Self { max_bin, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_valid() {
        assert_eq!(Params::default().check().unwrap().max_depth, 7);
    }

    #[test]
    fn errors_name_parameter_range_and_value() {
        let said = |p: Params| p.check().unwrap_err().to_string();
        let d = Params::default;
        assert_eq!(said(d().max_depth(0)), "parameter `max_depth` must be 1 to 16, found 0");
        assert_eq!(
            said(Params { subsample: 1.5, ..d() }),
            "parameter `subsample` must be above 0 and at most 1, found 1.5"
        );
        assert_eq!(
            said(d().learning_rate(f64::NAN)),
            "parameter `learning_rate` must be a finite number above 0, found NaN"
        );
        assert!(said(Params { base_score: Some(1.0), ..d() }).contains("`base_score`"));
        assert!(said(Params { lambda: 0.0, min_child_weight: 0.0, ..d() }).contains("lambda is 0"));
        assert!(said(d().max_bin(1)).contains("2 to 1024"));
        assert!(said(Params { early_stopping_rounds: Some(0), ..d() }).contains("at least 1"));
    }
}
