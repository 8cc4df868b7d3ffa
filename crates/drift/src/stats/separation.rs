//! How well a score tells two versions apart: the area under the ROC curve.

use ::stats::{exact::auc_standard_error, paired::one_sided};

/// Scores on a side below which nothing is said.
pub const FEWEST: usize = 20;

/// An area under the curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Separation {
    /// The probability that a row after scores above a row before, ties counted half.
    pub auc: f64,
    /// The lower end of its 95 % interval (Hanley and McNeil 1982).
    pub low: f64,
    pub high: f64,
    /// The probability of such an area or a greater one if the scores tell nothing (Mann and
    /// Whitney, by its normal limit; ties make it an upper bound).
    pub p: f64,
    /// Rows before.
    pub before: u64,
    /// Rows after.
    pub after: u64,
}

impl Separation {
    /// Of the scores of two sides, which it sorts; none where a side has fewer than [`FEWEST`].
    pub fn of(before: &mut [f64], after: &mut [f64]) -> Option<Self> {
        if before.len().min(after.len()) < FEWEST {
            return None;
        }
        before.sort_unstable_by(f64::total_cmp);
        after.sort_unstable_by(f64::total_cmp);
        let (n, m) = (before.len() as u64, after.len() as u64);
        // Twice the number of pairs in order.
        let (mut below, mut up_to) = (0, 0);
        let mut pairs: u128 = 0;
        for &score in &*after {
            while before.get(below).is_some_and(|&other| other < score) {
                below += 1;
            }
            while before.get(up_to).is_some_and(|&other| other <= score) {
                up_to += 1;
            }
            pairs += below as u128 + up_to as u128;
        }
        Some(Self::new(pairs, n, m))
    }

    fn new(pairs: u128, before: u64, after: u64) -> Self {
        let (n, m) = (before as f64, after as f64);
        let auc = pairs as f64 / (2.0 * n * m);
        let margin = 1.959_963_984_540_054 * auc_standard_error(auc, m, n);
        Self {
            auc,
            low: (auc - margin).max(0.0),
            high: (auc + margin).min(1.0),
            p: one_sided(auc - 0.5, auc_standard_error(0.5, m, n)),
            before,
            after,
        }
    }

    /// Twice what the area is above one half: 0 where the scores tell nothing, 1 where they tell all.
    pub fn size(&self) -> f64 {
        (2.0 * self.auc - 1.0).max(0.0)
    }
}

/// `a` of `b`; 0 of nothing.
pub(super) fn ratio(a: u64, b: u64) -> f64 {
    if b == 0 { 0.0 } else { a as f64 / b as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores `from`, `from + step`, ….
    fn scores(from: u32, step: usize) -> Vec<f64> {
        (from..from + 4_000).step_by(step).map(f64::from).collect()
    }

    #[test]
    fn apart_alike_and_between() {
        let of = |mut a: Vec<f64>, mut b: Vec<f64>| Separation::of(&mut a, &mut b).unwrap();
        let apart = of(scores(0, 100), scores(9_000, 80));
        assert_eq!((apart.auc, apart.size(), apart.before, apart.after), (1.0, 1.0, 40, 50));
        assert!(apart.p < 1e-12);
        let alike = of(scores(0, 100), scores(0, 100));
        assert_eq!((alike.auc, alike.size(), alike.p), (0.5, 0.0, 0.5));
        assert!(alike.low < 0.4 && alike.high > 0.6);
        // Of scores that are all equal, each pair is half in order.
        assert_eq!(of(vec![1.0; 30], vec![1.0; 30]).auc, 0.5);
        let between = of(scores(0, 100), scores(1_000, 100));
        assert!((between.auc - 0.718_75).abs() < 1e-12, "{between:?}");
        assert!(between.low < between.auc && between.auc < between.high);
        let backwards = of(scores(1_000, 100), scores(0, 100));
        assert_eq!(backwards.size(), 0.0);
        assert!(Separation::of(&mut [1.0; 5], &mut [2.0; 50]).is_none());
    }
}
