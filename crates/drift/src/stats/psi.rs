//! The population stability index, `Σ (q − p)·ln(q / p)` over bins, as the Python system computes it.
//!
//! Ten bins of equal width from the least to the greatest of the pooled values (`numpy.linspace`,
//! `numpy.histogram`: a bin holds its lower edge, the last one its upper edge too); an empty bin
//! counts as a share of [`FLOOR`]. Zeros may be given by number, see [`Sample`].
//!
//! This index is shown, not judged: with ten bins and a hundred rows it exceeds the usual .1 in 39 %
//! of draws without any drift. [`super::critical`] has the index that is judged.

use super::ks::Sample;

/// The share of an empty bin.
pub const FLOOR: f64 = 1e-4;

/// Number of bins.
pub const BINS: usize = 10;

/// Equal bins from `low` to `high`; a single one where they are equal.
pub fn edges(low: f64, high: f64) -> Vec<f64> {
    if high > low {
        let edge = |i: usize| i as f64 * ((high - low) / BINS as f64) + low;
        (0..BINS).map(edge).chain([high]).collect()
    } else {
        vec![low, high + 1e-4]
    }
}

/// How many values of `sample` each bin holds; values outside all bins are in none.
pub fn histogram(sample: Sample<'_>, edges: &[f64]) -> Vec<u64> {
    let last = edges.len().saturating_sub(1);
    let mut before = edges.first().map_or(0, |&edge| sample.below(edge));
    edges
        .iter()
        .enumerate()
        .skip(1)
        .map(|(i, &edge)| {
            let up_to = if i == last { sample.up_to(edge) } else { sample.below(edge) };
            let count = up_to - before;
            before = up_to;
            count
        })
        .collect()
}

/// The index of two histograms over the same bins, of `n` and `m` values.
///
/// Zero where either side is empty: there is nothing to compare.
pub fn of_counts(x: &[u64], n: u64, y: &[u64], m: u64) -> f64 {
    if n == 0 || m == 0 {
        return 0.0;
    }
    let share = |count: u64, of: u64| {
        if count == 0 { FLOOR } else { count as f64 / of as f64 }
    };
    x.iter()
        .zip(y)
        .map(|(&x, &y)| {
            let (p, q) = (share(x, n), share(y, m));
            (q - p) * libm::log(q / p)
        })
        .sum()
}

/// The index of two samples over ten equal bins of their pooled range.
///
/// ```
/// use drift::stats::{ks::Sample, psi};
///
/// let (before, after) = ([0.1, 0.2, 0.9], [0.1, 0.8, 0.9]);
/// let psi = psi::index(Sample::new(&before, 7), Sample::new(&after, 7));
/// assert!(psi > 1.0);
/// ```
pub fn index(x: Sample<'_>, y: Sample<'_>) -> f64 {
    let (Some(low), Some(high)) = (least(x, y), greatest(x, y)) else { return 0.0 };
    let edges = edges(low, high);
    of_counts(&histogram(x, &edges), x.len(), &histogram(y, &edges), y.len())
}

fn least(x: Sample<'_>, y: Sample<'_>) -> Option<f64> {
    x.min().into_iter().chain(y.min()).min_by(f64::total_cmp)
}

fn greatest(x: Sample<'_>, y: Sample<'_>) -> Option<f64> {
    x.max().into_iter().chain(y.max()).max_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_value_is_no_drift() {
        let (x, y) = ([0.5; 3], [0.5; 4]);
        assert_eq!(index(Sample::new(&x, 0), Sample::new(&y, 0)), 0.0);
        assert_eq!(index(Sample::new(&[], 3), Sample::new(&[], 9)), 0.0);
        assert_eq!(index(Sample::new(&[], 0), Sample::new(&[], 9)), 0.0);
    }

    /// numpy: `histogram([0, .1, .3, .95, 1], linspace(0, 1, 11))`; 3·0.1 lies above .3.
    #[test]
    fn edges_are_numpys() {
        let values = [0.1, 0.3, 0.95, 1.0];
        let counts = histogram(Sample::new(&values, 1), &edges(0.0, 1.0));
        assert_eq!(counts, [1, 1, 1, 0, 0, 0, 0, 0, 0, 2]);
    }

    proptest! {
        #[test]
        fn never_negative_and_symmetric(
            mut x in proptest::collection::vec(0.0..1.0, 1..50),
            mut y in proptest::collection::vec(0.0..1.0, 1..50),
            zeros in 0_u64..50,
        ) {
            x.sort_unstable_by(f64::total_cmp);
            y.sort_unstable_by(f64::total_cmp);
            let (a, b) = (Sample::new(&x, zeros), Sample::new(&y, 3));
            let psi = index(a, b);
            prop_assert!(psi >= 0.0 && psi.is_finite());
            prop_assert!((psi - index(b, a)).abs() < 1e-12);
            // No bin can tell more than all of one side against an empty bin.
            prop_assert!(psi <= 2.0 * libm::log(1.0 / FLOOR));
            let counts = histogram(a, &edges(0.0, 1.0));
            prop_assert_eq!(counts.iter().sum::<u64>(), a.len());
        }
    }
}
