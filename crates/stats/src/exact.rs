//! Distributions of counts: Fisher's exact test, the χ² distribution, and the area under a curve.

use statrs::distribution::{ChiSquared, ContinuousCDF};

/// Fisher's exact two-sided test of `x` of `n` beside `y` of `m`: the probability of the tables with
/// these margins that are as improbable or more. 1 where a side is empty.
///
/// # Panics
/// When a part is greater than its whole.
#[must_use]
pub fn fisher((x, n): (u64, u64), (y, m): (u64, u64)) -> f64 {
    assert!(x <= n && y <= m, "a part of its whole");
    if n == 0 || m == 0 {
        return 1.0;
    }
    // The rarer of yes and no, so that the sum is short.
    let (yes, total) = (x + y, n + m);
    let (x, yes) = if 2 * yes > total { (n - x, total - yes) } else { (x, yes) };
    let ln_choose = |n: u64, k: u64| {
        let ln_factorial = |v: u64| libm::lgamma(v as f64 + 1.0);
        ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
    };
    let whole = ln_choose(total, yes);
    let ln = |k: u64| ln_choose(n, k) + ln_choose(m, yes - k) - whole;
    let here = ln(x);
    let tables = (yes.saturating_sub(m)..=yes.min(n)).map(ln);
    let p: f64 = tables.filter(|&ln| ln <= here + 1e-7).map(libm::exp).sum();
    p.min(1.0)
}

/// P(χ² ≥ `value`) with `degrees` of freedom.
#[must_use]
pub fn chi_squared_survival(value: f64, degrees: usize) -> f64 {
    match ChiSquared::new(degrees as f64) {
        Ok(distribution) if value > 0.0 => distribution.sf(value),
        _ => 1.0,
    }
}

/// The standard error of an area under the ROC curve of `positives` and `negatives` that is truly
/// `auc` (Hanley and McNeil, *Radiology* 143, 1982). At 0.5 it is exact, that of the Mann-Whitney test.
#[must_use]
pub fn auc_standard_error(auc: f64, positives: f64, negatives: f64) -> f64 {
    let (q1, q2, square) = (auc / (2.0 - auc), 2.0 * auc * auc / (1.0 + auc), auc * auc);
    let variance =
        auc * (1.0 - auc) + (positives - 1.0) * (q1 - square) + (negatives - 1.0) * (q2 - square);
    (variance.max(0.0) / (positives * negatives)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fishers_test_by_hand() {
        for (one, other, expected) in [
            // Of 2 + 2 records 2 have changed, both of one side: 1 of the 6 ways, twice.
            ((2, 2), (0, 2), 2.0 / 6.0),
            // Of the 70 ways, 1 has none of the first four changed and 16 have one.
            ((1, 4), (3, 4), 34.0 / 70.0),
            ((0, 3), (0, 9), 1.0),
            ((0, 0), (4, 9), 1.0),
            // scipy: fisher_exact([[8, 12], [2, 18]]), fisher_exact([[3, 97], [14, 86]])
            ((8, 20), (2, 20), 0.064_833_161_607),
            ((97, 100), (86, 100), 0.009_329_427_189),
        ] {
            let found = fisher(one, other);
            assert!((found - expected).abs() < 1e-9, "{one:?} {other:?} {found}");
        }
        // Five hired since yesterday, all changed, against 40 of 40,000.
        assert!(fisher((5, 5), (40, 40_000)) < 1e-12);
    }

    #[test]
    fn the_standard_error_by_hand() {
        // Q1 = .893 / 1.107, Q2 = 2 × .797449 / 1.893; (.095551 + 50 × .009236 + 57 × .045074) / 2958.
        assert!((auc_standard_error(0.893, 51.0, 58.0) - 0.032_509).abs() < 2e-5);
        let exact = ((51.0_f64 + 58.0 + 1.0) / (12.0 * 51.0 * 58.0)).sqrt();
        assert!((auc_standard_error(0.5, 51.0, 58.0) - exact).abs() < 1e-12);
    }

    #[test]
    fn chi_squared_is_that_of_tables() {
        assert!((chi_squared_survival(16.919, 9) - 0.05).abs() < 1e-5);
        assert_eq!((chi_squared_survival(0.0, 3), chi_squared_survival(9.0, 0)), (1.0, 1.0));
    }
}
