//! Figures and how sure they are.

use serde::{Deserialize, Serialize};

/// A figure with its 95 % interval. All three are null where the figure is not defined; the ends
/// are null where nothing was resampled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The figure.
    pub value: Option<f64>,
    /// The interval's lower end.
    pub low: Option<f64>,
    /// The interval's upper end.
    pub high: Option<f64>,
}

/// How an interval is made of the figures of the resamples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// From their 2.5 % to their 97.5 % point.
    Percentile,
    /// Those two reflected at the figure, not under 0: the basic interval (Davison and Hinkley,
    /// *Bootstrap Methods and their Application*, 5.2), for a figure that noise makes larger and
    /// that resampling, which adds noise, makes larger still.
    Basic,
}

impl Estimate {
    /// `resampled` are the figures of the resamples; those not defined are NaN and say nothing.
    #[must_use]
    pub fn new(value: f64, resampled: impl Iterator<Item = f64>, interval: Interval) -> Self {
        if !value.is_finite() {
            return Self::default();
        }
        let mut resampled: Vec<f64> = resampled.filter(|figure| figure.is_finite()).collect();
        resampled.sort_unstable_by(f64::total_cmp);
        let (low, high) = (percentile(&resampled, 0.025), percentile(&resampled, 0.975));
        let (low, high) = match interval {
            Interval::Percentile => (low, high),
            Interval::Basic => {
                (high.map(|high| (2.0 * value - high).max(0.0)), low.map(|low| 2.0 * value - low))
            }
        };
        // Few groups make steps so coarse that a percentile may pass the figure itself.
        Self {
            value: Some(value),
            low: low.map(|low| low.min(value)),
            high: high.map(|high| high.max(value)),
        }
    }
}

/// By linear interpolation between the two nearest (Hyndman and Fan's type 7).
fn percentile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = share * last as f64;
    let (low, high) = (sorted[at as usize], sorted[(at as usize + 1).min(last)]);
    Some(low + (high - low) * at.fract())
}

/// The 97.5 % point of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// The 95 % interval of a share of `part` in `whole` (Wilson, JASA 22, 1927); none of nothing.
#[must_use]
pub fn wilson(part: usize, whole: usize) -> Option<(f64, f64)> {
    if whole == 0 {
        return None;
    }
    let (n, share) = (whole as f64, part as f64 / whole as f64);
    let centre = (share + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half =
        Z / (1.0 + Z * Z / n) * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).max(0.0).sqrt();
    // Of no part the lower end is 0, of all the upper end is 1, but for rounding.
    let low = if part == 0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if part == whole { 1.0 } else { (centre + half).min(1.0) };
    Some((low, high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_by_hand() {
        // Wilson's own form: roots of (p - q)² = z² q (1 - q) / n.
        for (part, whole) in [(1, 10), (5, 10), (9, 10), (3, 1_000)] {
            let (low, high) = wilson(part, whole).unwrap();
            let share = part as f64 / whole as f64;
            for end in [low, high] {
                let off = (share - end).powi(2) - Z * Z * end * (1.0 - end) / whole as f64;
                assert!(off.abs() < 1e-12, "{part} of {whole}: {end}");
            }
            assert!(low < share && share < high);
        }
        assert_eq!((wilson(0, 5).unwrap().0, wilson(5, 5).unwrap().1), (0.0, 1.0));
        assert_eq!(wilson(0, 0), None);
    }

    #[test]
    fn an_interval_is_of_the_middle_95_percent() {
        let resampled = || (0..=1_000).map(f64::from);
        let percentile = Estimate::new(400.0, resampled(), Interval::Percentile);
        assert_eq!((percentile.low, percentile.high), (Some(25.0), Some(975.0)));
        let basic = Estimate::new(600.0, resampled(), Interval::Basic);
        assert_eq!((basic.low, basic.high), (Some(225.0), Some(1_175.0)));
        assert_eq!(Estimate::new(400.0, resampled(), Interval::Basic).low, Some(0.0));
    }

    #[test]
    fn what_is_not_defined_is_null() {
        assert_eq!(
            Estimate::new(f64::NAN, [1.0].into_iter(), Interval::Percentile),
            Estimate::default()
        );
        let alone = Estimate::new(0.5, [f64::NAN].into_iter(), Interval::Percentile);
        assert_eq!(alone, Estimate { value: Some(0.5), low: None, high: None });
        let json = serde_json::to_string(&alone).unwrap();
        assert_eq!(json, r#"{"value":0.5,"low":null,"high":null}"#);
    }
}
