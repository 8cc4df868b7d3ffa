//! How the trees are grown.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Error;

/// A struct of the values of `$given`, else of `$preset`.
macro_rules! given_or_preset {
    ($given:ident, $preset:ident; $($key:ident)*; $($field:ident: $value:expr),*) => {
        Self { $($key: $given.$key.unwrap_or($preset.$key),)* $($field: $value),* }
    };
}

/// What a positive application weighs; negatives weigh 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, try_from = "Value")]
pub enum Weight {
    /// `"auto"`.
    Auto(Auto),
    /// This much.
    Fixed(f64),
}

impl TryFrom<Value> for Weight {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        match value.as_f64() {
            Some(weight) if weight > 0.0 && weight.is_finite() => Ok(Self::Fixed(weight)),
            None if value == "auto" => Ok(Self::Auto(Auto::Auto)),
            _ => Err(format!("is {value}, expected \"auto\" or a number above 0")),
        }
    }
}

/// The word `auto`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Auto {
    /// Negatives divided by positives of the training part: both classes weigh the same.
    Auto,
}

/// Parameters of the trees, by XGBoost's names ([`boost::Params`] says what each does).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Boost {
    /// What each tree's leaves are multiplied by.
    pub learning_rate: f64,
    /// Splits from the root to a leaf, at most.
    pub max_depth: usize,
    /// Trees.
    pub n_estimators: usize,
    /// Weight of a positive; `auto` is negatives divided by positives of the training part.
    pub scale_pos_weight: Weight,
    /// L2 penalty of a leaf's weight.
    pub lambda: f64,
    /// Gain that a split must have, at least.
    pub gamma: f64,
    /// Sum of the Hessian in a leaf, at least.
    pub min_child_weight: f64,
    /// Share of the rows that a tree sees.
    pub subsample: f64,
    /// Share of the columns that a tree sees.
    pub colsample_bytree: f64,
    /// Bins of a column, at most.
    pub max_bin: usize,
}

/// Parameters as they are written: absent ones are the preset's.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { max_depth = 7 }")]
pub(crate) struct GivenBoost {
    learning_rate: Option<f64>,
    max_depth: Option<usize>,
    n_estimators: Option<usize>,
    scale_pos_weight: Option<Weight>,
    lambda: Option<f64>,
    gamma: Option<f64>,
    min_child_weight: Option<f64>,
    subsample: Option<f64>,
    colsample_bytree: Option<f64>,
    max_bin: Option<usize>,
}

impl Boost {
    /// These values where none is given.
    pub(crate) fn unless(self, given: GivenBoost) -> Self {
        let preset = self;
        given_or_preset!(given, preset;
            learning_rate max_depth n_estimators scale_pos_weight lambda gamma min_child_weight
            subsample colsample_bytree max_bin;)
    }
}

impl Default for Boost {
    fn default() -> Self {
        let p = boost::Params::default();
        Self {
            learning_rate: p.learning_rate,
            max_depth: p.max_depth,
            n_estimators: p.n_estimators,
            scale_pos_weight: Weight::Auto(Auto::Auto),
            lambda: p.lambda,
            gamma: p.gamma,
            min_child_weight: p.min_child_weight,
            subsample: p.subsample,
            colsample_bytree: p.colsample_bytree,
            max_bin: p.max_bin,
        }
    }
}

impl Boost {
    /// The parameters for a training part of so many rows of each class.
    pub fn params(
        &self,
        seed: u64,
        positives: usize,
        negatives: usize,
    ) -> Result<boost::ValidParams, Error> {
        let weight = match self.scale_pos_weight {
            Weight::Fixed(weight) => weight,
            Weight::Auto(Auto::Auto) => negatives as f64 / positives.max(1) as f64,
        };
        let params = boost::Params {
            learning_rate: self.learning_rate,
            max_depth: self.max_depth,
            n_estimators: self.n_estimators,
            scale_pos_weight: weight,
            lambda: self.lambda,
            gamma: self.gamma,
            min_child_weight: self.min_child_weight,
            subsample: self.subsample,
            colsample_bytree: self.colsample_bytree,
            max_bin: self.max_bin,
            seed,
            ..boost::Params::default()
        };
        params.check().map_err(Error::Boost)
    }
}
