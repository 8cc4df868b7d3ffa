//! Probabilities that are true to what happens: of pairs scored .2, about a fifth succeed.
//!
//! Trees that weigh matches more than others (`scale_pos_weight`) give probabilities that are too
//! high. A monotone map, fitted on rows that the trees have not seen, puts that right and leaves the
//! order as it is.

use serde::{Deserialize, Serialize};

mod map;
pub use map::Calibration;

mod isotonic;
pub use isotonic::fit_isotonic;

mod platt;
pub use platt::fit_platt;

#[cfg(test)]
mod tests;

/// How a calibration is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    None,
    /// [`fit_platt`]: two numbers, for few rows.
    Platt,
    /// [`fit_isotonic`]: any monotone map, for many rows.
    #[default]
    Isotonic,
}

impl Method {
    /// Fits a calibration on rows that the model was not trained on.
    pub fn fit(self, probabilities: &[f32], labels: &[bool]) -> Calibration {
        match self {
            Self::None => Calibration::None,
            Self::Platt => fit_platt(probabilities, labels),
            Self::Isotonic => fit_isotonic(probabilities, labels),
        }
    }
}
