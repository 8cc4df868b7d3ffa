//! Counts of categories on two sides: one of a few values a row, or a yes and a no.
//!
//! The test is Pearson's of homogeneity, over categories that are frequent enough for it: those that
//! expect fewer than [`EXPECTED`] rows on the smaller side are counted together. Two categories of
//! few rows are tested exactly (Fisher). A category that appeared with many rows is frequent in the
//! pool, so it keeps its own place.

use ::stats::exact::{chi_squared_survival, fisher};

use super::{critical::Bins, distance::jensen_shannon, psi};

/// Rows that a category must expect on the smaller side to be tested on its own.
pub const EXPECTED: f64 = 5.0;

/// How far the counts of two sides are apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CountDistance {
    /// Rows before.
    pub before: u64,
    /// Rows after.
    pub after: u64,
    /// Cramér's V, see [`cramers_v`].
    pub cramers_v: f64,
    /// Jensen and Shannon's divergence in bits, less what sampling brings.
    pub jensen_shannon: f64,
    /// Population stability index over the categories that are tested.
    pub psi: f64,
    /// What the index's critical value depends on.
    pub bins: Bins,
    /// Probability of counts as far apart or farther if both sides are drawn alike.
    pub p: f64,
}

/// Compares `counts`, the rows of each category before and after. None where a side is empty.
pub fn compare(counts: &[(u64, u64)]) -> Option<CountDistance> {
    let (x, y): (Vec<u64>, Vec<u64>) = counts.iter().copied().unzip();
    let (before, after) = (x.iter().sum::<u64>(), y.iter().sum::<u64>());
    let jensen_shannon = without_bias(jensen_shannon(&x, &y)?, counts, before, after);
    let tested = merge_rare(counts, before, after);
    let (x, y): (Vec<u64>, Vec<u64>) = tested.iter().copied().unzip();
    let p = match *tested.as_slice() {
        [] | [_] => 1.0,
        [(a, b), _] if smallest_expected(&tested, before, after) < 50.0 => {
            fisher((a, before), (b, after))
        }
        _ => chi_squared_survival(pearson(&tested, before, after), tested.len() - 1),
    };
    Some(CountDistance {
        before,
        after,
        cramers_v: cramers_v(counts)?,
        jensen_shannon,
        psi: psi::of_counts(&x, before, &y, after),
        bins: Bins {
            number: tested.len(),
            smallest_expected: smallest_expected(&tested, before, after),
            before,
            after,
        },
        p,
    })
}

/// A divergence in bits with the bias taken off that sampling brings: it is near
/// `Σ (p − q)² / 4(p + q)` in nats, without drift `(K − 1)(1/n + 1/m)/8` on average. With hundreds
/// of categories it would else be large where nothing has moved.
fn without_bias(divergence: f64, counts: &[(u64, u64)], n: u64, m: u64) -> f64 {
    let present = counts.iter().filter(|&&(x, y)| x + y > 0).count() as f64;
    let bias = (present - 1.0) * (1.0 / n as f64 + 1.0 / m as f64) / 8.0;
    (divergence - bias / std::f64::consts::LN_2).max(0.0)
}

/// Cramér's V of side and category, with the bias taken off that sampling brings (after Bergsma
/// 2013): `√(φ² − bias)`, 0 to 1. None where a side is empty.
///
/// Computed from the shares `p` and `q` as if both sides had equally many rows,
/// `φ² = Σ (p − q)² / 2(p + q)`, so that the same change of shares has the same V whatever the sizes
/// of the versions; without drift φ² is `(K − 1)(1/n + 1/m)/4` on average, which is the bias.
pub fn cramers_v(counts: &[(u64, u64)]) -> Option<f64> {
    let (n, m) = counts.iter().fold((0, 0), |(n, m), &(x, y)| (n + x, m + y));
    if n == 0 || m == 0 {
        return None;
    }
    let (n, m) = (n as f64, m as f64);
    let present = counts.iter().filter(|&&(x, y)| x + y > 0);
    let squares: f64 = present
        .clone()
        .map(|&(x, y)| {
            let (p, q) = (x as f64 / n, y as f64 / m);
            (p - q) * (p - q) / (2.0 * (p + q))
        })
        .sum();
    let bias = (present.count() as f64 - 1.0) * (1.0 / n + 1.0 / m) / 4.0;
    Some((squares - bias).max(0.0).sqrt().min(1.0))
}

/// Probability of two shares, `x` of `n` and `y` of `m`, as far apart or farther if they are drawn
/// alike. One where a side is empty.
pub fn shares_differ(x: u64, n: u64, y: u64, m: u64) -> f64 {
    let table = [(x, y), (n.saturating_sub(x), m.saturating_sub(y))];
    if smallest_expected(&table, n, m) < 50.0 {
        fisher((x, n), (y, m))
    } else {
        chi_squared_survival(pearson(&table, n, m), 1)
    }
}

/// Counts together what expects fewer than [`EXPECTED`] rows on the smaller side.
fn merge_rare(counts: &[(u64, u64)], n: u64, m: u64) -> Vec<(u64, u64)> {
    let rare = |&(x, y): &(u64, u64)| expected(x + y, n, m) < EXPECTED;
    let mut kept: Vec<(u64, u64)> = counts.iter().copied().filter(|c| !rare(c)).collect();
    let rest =
        counts.iter().copied().filter(rare).fold((0, 0), |sum, (x, y)| (sum.0 + x, sum.1 + y));
    if rest != (0, 0) {
        kept.sort_unstable_by_key(|&(x, y)| std::cmp::Reverse((x + y, x)));
        if !rare(&rest) {
            kept.push(rest);
        } else if let Some((x, y)) = kept.last_mut() {
            *x += rest.0;
            *y += rest.1;
        }
    }
    kept
}

/// Rows that a category of `pooled` rows expects on the smaller side.
fn expected(pooled: u64, n: u64, m: u64) -> f64 {
    pooled as f64 * n.min(m) as f64 / (n + m) as f64
}

fn smallest_expected(counts: &[(u64, u64)], n: u64, m: u64) -> f64 {
    counts.iter().map(|&(x, y)| expected(x + y, n, m)).fold(f64::INFINITY, f64::min)
}

/// Pearson's statistic of homogeneity.
fn pearson(counts: &[(u64, u64)], n: u64, m: u64) -> f64 {
    let total = (n + m) as f64;
    let part = |count: u64, pooled: u64, side: u64| {
        let expected = pooled as f64 * side as f64 / total;
        if expected > 0.0 { (count as f64 - expected).powi(2) / expected } else { 0.0 }
    };
    counts.iter().map(|&(x, y)| part(x, x + y, n) + part(y, x + y, m)).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-9 + 1e-6 * expected, "{found}, expected {expected}");
    }

    /// scipy: `chi2_contingency([[500, 300, 200], [450, 330, 220]], correction=False)`,
    /// `fisher_exact([[8, 12], [2, 18]])`, `fisher_exact([[3, 97], [14, 86]])`.
    #[test]
    fn as_scipy_tests() {
        close(compare(&[(500, 450), (300, 330), (200, 220)]).unwrap().p, 0.081_572_289_499);
        close(shares_differ(8, 20, 2, 20), 0.064_833_161_607);
        close(shares_differ(3, 100, 14, 100), 0.009_329_427_189);
        close(shares_differ(97, 100, 86, 100), 0.009_329_427_189);
        close(shares_differ(5_000, 50_000, 5_300, 50_000), 0.001_801_823_917);
    }

    #[test]
    fn what_cannot_differ_does_not() {
        assert_eq!(compare(&[]), None);
        assert_eq!(compare(&[(3, 0)]), None);
        let one = compare(&[(30, 40)]).unwrap();
        assert_eq!((one.p, one.cramers_v, one.psi, one.jensen_shannon), (1.0, 0.0, 0.0, 0.0));
        assert_eq!(shares_differ(0, 0, 1, 2), 1.0);
    }

    #[test]
    fn all_new_categories_are_the_greatest_difference() {
        let found = compare(&[(900, 0), (0, 900)]).unwrap();
        assert!(found.cramers_v > 0.999 && found.jensen_shannon > 0.999 && found.p < 1e-12);
    }

    #[test]
    fn a_size_does_not_depend_on_the_number_of_rows() {
        let v = |n: u64, m: u64| cramers_v(&[(n / 2, m * 6 / 10), (n / 2, m * 4 / 10)]).unwrap();
        for (n, m) in [(100_000, 100_000), (100_000, 20_000), (20_000, 1_000_000)] {
            assert!((v(n, m) - 0.1).abs() < 0.002, "{}", v(n, m));
        }
    }

    #[test]
    fn a_hundred_rare_categories_are_tested_together() {
        let mut counts = vec![(1, 1); 100];
        counts.push((900, 900));
        assert_eq!(compare(&counts).unwrap().bins.number, 2);
    }

    proptest! {
        #[test]
        fn measures_are_bounded(counts in proptest::collection::vec((0_u64..90, 0_u64..90), 1..12)) {
            if let Some(found) = compare(&counts) {
                prop_assert!((0.0..=1.0).contains(&found.cramers_v));
                prop_assert!((0.0..=1.0).contains(&found.jensen_shannon));
                prop_assert!((0.0..=1.0 + 1e-9).contains(&found.p));
                prop_assert!(found.psi >= 0.0);
            }
        }
    }
}
