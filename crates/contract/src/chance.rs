//! How improbable it is to count so few, or so many.

use statrs::distribution::{Binomial, DiscreteCDF, NegativeBinomial, Poisson};

/// The probability of `count` or fewer where `mean` are expected and counts of the past had this
/// `variance`: Poisson, or with more variance than that negative binomial.
pub(crate) fn so_few(count: u64, mean: f64, variance: f64) -> f64 {
    if mean <= 0.0 {
        return 1.0;
    }
    let counted = if variance > mean {
        let size = mean * mean / (variance - mean);
        NegativeBinomial::new(size, size / (size + mean)).map(|counts| counts.cdf(count)).ok()
    } else {
        Poisson::new(mean).map(|counts| counts.cdf(count)).ok()
    };
    // Where no distribution can be made nothing is known to be improbable.
    counted.unwrap_or(1.0)
}

/// The probability that of `n` at least `count` are such, where each is with probability `p`.
pub(crate) fn so_many(count: u64, n: u64, p: f64) -> f64 {
    if count == 0 {
        return 1.0;
    }
    Binomial::new(p.clamp(0.0, 1.0), n).map_or(1.0, |counts| counts.sf(count - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_variance_makes_few_less_improbable() {
        let poisson = so_few(0, 20.0, 20.0);
        assert!((poisson - (-20.0_f64).exp()).abs() < 1e-12);
        let wide = so_few(0, 20.0, 120.0);
        assert!(wide > 1e3 * poisson && wide < 0.01, "{wide}");
        assert!(so_few(20, 20.0, 120.0) > 0.4);
        assert!((so_few(0, 0.0, 0.0) - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn many_of_few_are_improbable_where_each_is_rare() {
        assert!((so_many(3, 3, 0.01) - 1e-6).abs() < 1e-9);
        assert!((so_many(0, 3, 0.01) - 1.0).abs() < f64::EPSILON);
        assert!(so_many(1, 100, 0.01) > 0.5);
    }
}
