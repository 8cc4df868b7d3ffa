//! Probabilities under multiple testing, adjusted so that each may be compared with the level.

/// Each p times their number: the probability of any false alarm stays under the level.
#[must_use]
pub fn bonferroni(p: &[f64]) -> Vec<f64> {
    let tests = p.len() as f64;
    p.iter().map(|p| (p * tests).min(1.0)).collect()
}

/// Holm's step-down adjustment (1979): the promise of [`bonferroni`], whatever the tests' dependence,
/// and never less power.
#[must_use]
pub fn holm(p: &[f64]) -> Vec<f64> {
    weighted_holm(p, &vec![1.0; p.len()])
}

/// As [`holm`], each test with a weight above 0 that was fixed before the data were seen: a test of
/// more weight needs less evidence.
///
/// # Panics
/// When there is not one weight a test.
#[must_use]
pub fn weighted_holm(p: &[f64], weights: &[f64]) -> Vec<f64> {
    assert_eq!(p.len(), weights.len(), "one weight a test");
    let scaled: Vec<f64> = p.iter().zip(weights).map(|(p, weight)| p / weight).collect();
    let order = ascending(&scaled);
    // From the last on, for a sum of what is left and not a difference that rounding makes negative.
    let mut left: Vec<f64> = order.iter().map(|&at| weights[at]).collect();
    for at in (1..left.len()).rev() {
        left[at - 1] += left[at];
    }
    let mut adjusted = vec![1.0; p.len()];
    let mut greatest: f64 = 0.0;
    for (&at, left) in order.iter().zip(left) {
        greatest = greatest.max((scaled[at] * left).min(1.0));
        adjusted[at] = greatest;
    }
    adjusted
}

/// The step-up adjustment of Benjamini and Hochberg (1995): the expected share of false alarms among
/// the alarms stays under the level, for independent or positively dependent tests.
#[must_use]
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let mut adjusted = vec![1.0; p.len()];
    let mut least: f64 = 1.0;
    for (rank, at) in ascending(p).into_iter().enumerate().rev() {
        let factor = p.len() as f64 / (rank + 1) as f64;
        least = least.min(p[at] * factor);
        adjusted[at] = least;
    }
    adjusted
}

fn ascending(p: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R: `p.adjust(c(.01, .04, .03, .005), "holm")` and so on.
    #[test]
    fn as_r_adjusts() {
        let p = [0.01, 0.04, 0.03, 0.005];
        for (found, expected) in [
            (bonferroni(&p), [0.04, 0.16, 0.12, 0.02]),
            (holm(&p), [0.03, 0.06, 0.06, 0.02]),
            (benjamini_hochberg(&p), [0.02, 0.04, 0.04, 0.02]),
            // The same weight for all is not a weight. Then .01 / .5, .04 · .375 / .25.
            (weighted_holm(&p, &[0.25; 4]), [0.03, 0.06, 0.06, 0.02]),
            (weighted_holm(&p, &[0.5, 0.25, 0.125, 0.125]), [0.02, 0.06, 0.06, 0.02]),
        ] {
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-12, "{found} {expected}");
            }
        }
        assert_eq!(holm(&[]), [0.0; 0]);
    }

    #[test]
    fn none_exceeds_one_and_the_order_stays() {
        let p = [0.9, 0.2, 0.5, 1.0, 0.5];
        for adjusted in [bonferroni(&p), holm(&p), benjamini_hochberg(&p)] {
            assert!(adjusted.iter().zip(p).all(|(&a, p)| (p..=1.0).contains(&a)));
            assert!(adjusted[1] <= adjusted[2] && adjusted[2] <= adjusted[0]);
        }
    }
}
