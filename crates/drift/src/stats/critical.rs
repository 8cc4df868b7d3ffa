//! From where on a population stability index says something, which depends on the number of rows.
//!
//! Without drift, `PSI · nm/(n + m)` over B bins is about χ² with B − 1 degrees of freedom
//! (Yurdakul and Naranjo 2020, Journal of Risk Model Validation 14(4)). So a fixed bound of .1 is
//! exceeded by chance alone in small samples, and in large ones it is far beyond any doubt: the
//! index is judged by both, the bound for its size and the critical value for its significance.
//!
//! Two things keep the approximation true at a hundred rows. Bins are chosen so that each expects
//! enough rows on the smaller side: quantiles of the pooled values for numbers, rare categories
//! counted together. And the index's own curvature is allowed for: with `s` the mean share of a bin
//! and `δ` the difference, a bin adds `δ·ln(p/q) = δ²/s · (1 + δ²/12s² + …)`, of which χ² knows the
//! first term only. Where all of a statistic `t` comes from one bin that expects `E` rows, the second
//! is `t/6E` of the first; so `t·(1 + t/6E)` bounds it, with `E` of the smallest bin.

use ::stats::exact::chi_squared_survival;
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::{ks::Sample, psi};

/// What a critical value depends on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bins {
    /// How many bins there are.
    pub number: usize,
    /// Rows that the smallest bin expects on the smaller side.
    pub smallest_expected: f64,
    /// Rows before.
    pub before: u64,
    /// Rows after.
    pub after: u64,
}

impl Bins {
    /// The index that is exceeded with probability `level` without drift; none for a single bin.
    pub fn critical(&self, level: f64) -> Option<f64> {
        let degrees = self.number.checked_sub(1).filter(|&degrees| degrees > 0)?;
        let t = ChiSquared::new(degrees as f64).ok()?.inverse_cdf(1.0 - level);
        Some(t * (1.0 + t / (6.0 * self.smallest_expected)) * self.unit())
    }

    /// The probability of an index of `psi` or more without drift.
    pub fn p(&self, psi: f64) -> f64 {
        let Some(degrees) = self.number.checked_sub(1).filter(|&degrees| degrees > 0) else {
            return 1.0;
        };
        // Solves t·(1 + t/6E) = psi / unit for t.
        let (target, six_e) = (psi / self.unit(), 6.0 * self.smallest_expected);
        let t = 2.0 * target / (1.0 + (1.0 + 4.0 * target / six_e).sqrt());
        chi_squared_survival(t, degrees)
    }

    /// What one unit of χ² is as an index: `1/n + 1/m`.
    fn unit(&self) -> f64 {
        1.0 / self.before as f64 + 1.0 / self.after as f64
    }
}

/// The fewest rows that a quantile bin expects on the smaller side.
const ROWS_A_BIN: u64 = 10;

/// The index over at most ten bins between quantiles of the pooled values, and its bins. None where
/// a side is empty.
///
/// Equal values are never parted, so bins may be of unequal size; with fewer than 20 rows on a side
/// there is one bin, and the index is zero.
pub fn quantile_psi(x: Sample<'_>, y: Sample<'_>) -> Option<(f64, Bins)> {
    let (n, m) = (x.len(), y.len());
    if n == 0 || m == 0 {
        return None;
    }
    let bins = (n.min(m) / ROWS_A_BIN).clamp(1, psi::BINS as u64);
    let mut pool: Vec<f64> = x.sorted().iter().chain(y.sorted()).copied().collect();
    pool.sort_unstable_by(f64::total_cmp);
    let zeros = n + m - pool.len() as u64;
    let negative = pool.partition_point(|&value| value < 0.0) as u64;
    let at = |rank: u64| {
        let index = if rank < negative {
            rank
        } else if rank < negative + zeros {
            return 0.0;
        } else {
            rank - zeros
        };
        usize::try_from(index).ok().and_then(|index| pool.get(index)).copied().unwrap_or(0.0)
    };
    // A bin ends with the last value at or below its quantile.
    let mut ends: Vec<f64> = (1..bins).map(|bin| at(bin * (n + m) / bins - 1)).collect();
    ends.dedup();
    let mut counts: Vec<(u64, u64)> = Vec::with_capacity(ends.len() + 1);
    let (mut below_x, mut below_y) = (0, 0);
    let fewest = ROWS_A_BIN * (n + m) / n.min(m) / 2;
    for (up_x, up_y) in ends.iter().map(|&end| (x.up_to(end), y.up_to(end))).chain([(n, m)]) {
        let (in_x, in_y) = (up_x - below_x, up_y - below_y);
        (below_x, below_y) = (up_x, up_y);
        match counts.last_mut() {
            // Ties may leave a bin nearly empty.
            Some(last) if in_x + in_y < fewest || last.0 + last.1 < fewest => {
                last.0 += in_x;
                last.1 += in_y;
            }
            _ => counts.push((in_x, in_y)),
        }
    }
    let (p, q): (Vec<u64>, Vec<u64>) = counts.iter().copied().unzip();
    let smallest = counts.iter().map(|&(x, y)| x + y).min().unwrap_or(0);
    let smallest_expected = smallest as f64 * n.min(m) as f64 / (n + m) as f64;
    let bins = Bins { number: counts.len(), smallest_expected, before: n, after: m };
    Some((psi::of_counts(&p, n, &q, m), bins))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn critical_values_fall_with_rows() {
        let critical = |rows: u64| {
            let bins = Bins {
                number: 10,
                smallest_expected: rows as f64 / 10.0,
                before: rows,
                after: rows,
            };
            bins.critical(0.05).unwrap()
        };
        // χ²(.95, 9) = 16.919; at a hundred rows far above the usual .1 and .25.
        assert!((critical(50_000) - 16.919 * 2.0 / 50_000.0).abs() < 1e-6);
        assert!(critical(100) > 0.33 && critical(1_000) < 0.036);
    }

    #[test]
    fn p_and_critical_value_agree() {
        let bins = Bins { number: 7, smallest_expected: 12.0, before: 300, after: 90 };
        for level in [0.2, 0.05, 0.001] {
            assert!((bins.p(bins.critical(level).unwrap()) - level).abs() < 1e-6);
        }
        assert_eq!(Bins { number: 1, ..bins }.critical(0.05), None);
        assert_eq!(Bins { number: 1, ..bins }.p(3.0), 1.0);
    }

    #[test]
    fn bins_hold_enough_rows() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let (psi, bins) = quantile_psi(Sample::new(&values, 0), Sample::new(&values, 0)).unwrap();
        assert_eq!((psi, bins.number, bins.smallest_expected), (0.0, 10, 10.0));
        // Nine tenths zeros: they stay in one bin.
        let few: Vec<f64> = (1..=10).map(f64::from).collect();
        let (_, bins) = quantile_psi(Sample::new(&few, 90), Sample::new(&few, 90)).unwrap();
        assert!(bins.number <= 2 && bins.smallest_expected >= 5.0, "{bins:?}");
        let (psi, bins) = quantile_psi(Sample::new(&few, 0), Sample::new(&values, 0)).unwrap();
        assert_eq!((psi, bins.number), (0.0, 1));
    }
}
