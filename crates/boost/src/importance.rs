//! Which features the trees use.

use crate::Model;

/// How a feature's importance is measured; XGBoost's `get_score` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Importance {
    /// Number of splits on the feature.
    Weight,
    /// Mean loss change of its splits.
    Gain,
    /// Mean cover (sum of hessians) of its splits.
    Cover,
    /// Sum of the loss changes of its splits.
    TotalGain,
    /// Sum of the covers of its splits.
    TotalCover,
}

impl Model {
    /// Importance of each column, `(columns)`; 0 for a column that no split asks for.
    pub fn importance(&self, importance: Importance) -> Vec<f64> {
        let (mut weight, mut total) = (vec![0.0; self.columns()], vec![0.0; self.columns()]);
        for (split, cover) in self.trees.iter().flat_map(|tree| tree.splits()) {
            let feature = split.feature as usize;
            weight[feature] += 1.0;
            total[feature] += match importance {
                Importance::Weight => 1.0,
                Importance::Gain | Importance::TotalGain => f64::from(split.gain),
                Importance::Cover | Importance::TotalCover => f64::from(cover),
            };
        }
        if matches!(importance, Importance::Gain | Importance::Cover) {
            for (total, weight) in total.iter_mut().zip(weight) {
                *total /= f64::max(weight, 1.0);
            }
        }
        total
    }
}
