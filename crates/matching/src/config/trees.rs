//! How the trees are grown.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, Unexpected},
};

use crate::Error;

/// What a positive application weighs; negatives weigh 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Weight {
    /// `"auto"`.
    Auto(Auto),
    /// This much.
    Fixed(f64),
}

impl<'de> Deserialize<'de> for Weight {
    /// By hand: of an untagged enum, serde says only that nothing matched.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Weight;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"auto\" or a number above 0")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Weight, E> {
                match word {
                    "auto" => Ok(Weight::Auto(Auto::Auto)),
                    _ => Err(E::invalid_value(Unexpected::Str(word), &self)),
                }
            }

            fn visit_f64<E: de::Error>(self, weight: f64) -> Result<Weight, E> {
                if weight > 0.0 && weight.is_finite() {
                    Ok(Weight::Fixed(weight))
                } else {
                    Err(E::invalid_value(Unexpected::Float(weight), &self))
                }
            }

            fn visit_u64<E: de::Error>(self, weight: u64) -> Result<Weight, E> {
                self.visit_f64(weight as f64)
            }

            fn visit_i64<E: de::Error>(self, weight: i64) -> Result<Weight, E> {
                self.visit_f64(weight as f64)
            }
        }

        deserializer.deserialize_any(Visitor)
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
pub(super) struct GivenBoost {
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

impl GivenBoost {
    pub(super) fn over(self, preset: Boost) -> Boost {
        Boost {
            learning_rate: self.learning_rate.unwrap_or(preset.learning_rate),
            max_depth: self.max_depth.unwrap_or(preset.max_depth),
            n_estimators: self.n_estimators.unwrap_or(preset.n_estimators),
            scale_pos_weight: self.scale_pos_weight.unwrap_or(preset.scale_pos_weight),
            lambda: self.lambda.unwrap_or(preset.lambda),
            gamma: self.gamma.unwrap_or(preset.gamma),
            min_child_weight: self.min_child_weight.unwrap_or(preset.min_child_weight),
            subsample: self.subsample.unwrap_or(preset.subsample),
            colsample_bytree: self.colsample_bytree.unwrap_or(preset.colsample_bytree),
            max_bin: self.max_bin.unwrap_or(preset.max_bin),
        }
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
    ///
    /// # Errors
    /// [`Error::Boost`] naming the parameter that is out of range.
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
