//! Sizes of a difference that do not grow with the number of rows.

use super::ks::Sample;

/// Wasserstein's distance of order one over the pooled standard deviation: by how many standard
/// deviations the values have moved on average. None where a side is empty, zero where all values
/// are equal.
pub fn wasserstein(x: Sample<'_>, y: Sample<'_>) -> Option<f64> {
    let (n, m) = (x.len(), y.len());
    if n == 0 || m == 0 {
        return None;
    }
    // Between two neighbouring values of the pool the distribution functions differ by a constant.
    let mut pool: Vec<f64> = x.sorted().iter().chain(y.sorted()).copied().collect();
    if n + m > pool.len() as u64 {
        pool.push(0.0);
    }
    pool.sort_unstable_by(f64::total_cmp);
    pool.dedup();
    let mut area = 0.0;
    let (mut below_x, mut below_y) = (Counter::new(x), Counter::new(y));
    for pair in pool.windows(2) {
        let (f, g) = (below_x.up_to(pair[0]), below_y.up_to(pair[0]));
        area += (f as f64 / n as f64 - g as f64 / m as f64).abs() * (pair[1] - pair[0]);
    }
    let total = (n + m) as f64;
    let values = || x.sorted().iter().chain(y.sorted());
    let zeros = total - values().count() as f64;
    let mean = values().sum::<f64>() / total;
    let squares = values().map(|v| (v - mean) * (v - mean)).sum::<f64>() + zeros * mean * mean;
    let deviation = (squares / total).sqrt();
    Some(if deviation > 0.0 { area / deviation } else { 0.0 })
}

/// Counts a sample's values up to ascending bounds.
struct Counter<'a> {
    sample: Sample<'a>,
    at: usize,
}

impl<'a> Counter<'a> {
    fn new(sample: Sample<'a>) -> Self {
        Self { sample, at: 0 }
    }

    fn up_to(&mut self, bound: f64) -> u64 {
        let sorted = self.sample.sorted();
        while sorted.get(self.at).is_some_and(|&value| value <= bound) {
            self.at += 1;
        }
        let zeros = self.sample.len() - sorted.len() as u64;
        self.at as u64 + if bound >= 0.0 { zeros } else { 0 }
    }
}

/// The divergence of Jensen and Shannon of two histograms, in bits: 0 where the shares are equal, 1
/// where no category is on both sides. None where a side is empty.
pub fn jensen_shannon(x: &[u64], y: &[u64]) -> Option<f64> {
    let (n, m) = (x.iter().sum::<u64>(), y.iter().sum::<u64>());
    if n == 0 || m == 0 {
        return None;
    }
    let part = |share: f64, mean: f64| {
        if share > 0.0 { share * libm::log2(share / mean) / 2.0 } else { 0.0 }
    };
    let bits: f64 = x
        .iter()
        .zip(y)
        .map(|(&x, &y)| {
            let (p, q) = (x as f64 / n as f64, y as f64 / m as f64);
            let mean = (p + q) / 2.0;
            part(p, mean) + part(q, mean)
        })
        .sum();
    Some(bits.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_shift_by_one_deviation_is_one() {
        // Two points each, shifted by the standard deviation of the pool.
        let (x, y) = ([0.0, 2.0], [1.0, 3.0]);
        let found = wasserstein(Sample::new(&x, 0), Sample::new(&y, 0)).unwrap();
        assert!((found - 1.0 / 1.25_f64.sqrt()).abs() < 1e-12, "{found}");
        assert_eq!(wasserstein(Sample::new(&x, 0), Sample::new(&[], 0)), None);
        assert_eq!(wasserstein(Sample::new(&[], 3), Sample::new(&[], 4)), Some(0.0));
    }

    #[test]
    fn divergence_in_bits() {
        assert_eq!(jensen_shannon(&[5, 0], &[0, 9]), Some(1.0));
        assert_eq!(jensen_shannon(&[5, 10], &[1, 2]), Some(0.0));
        assert_eq!(jensen_shannon(&[], &[]), None);
        // scipy.spatial.distance.jensenshannon([.5, .5], [.6, .4], 2) ** 2
        let found = jensen_shannon(&[50, 50], &[60, 40]).unwrap();
        assert!((found - 0.007_299_2).abs() < 1e-6, "{found}");
    }

    proptest! {
        #[test]
        fn bounded(
            pairs in proptest::collection::vec((0_u64..50, 0_u64..50), 1..9),
            mut x in proptest::collection::vec(-1.0..1.0, 1..40),
            mut y in proptest::collection::vec(-1.0..1.0, 1..40),
            zeros in 0_u64..9,
        ) {
            let (a, b): (Vec<u64>, Vec<u64>) = pairs.into_iter().unzip();
            if let Some(bits) = jensen_shannon(&a, &b) {
                prop_assert!((0.0..=1.0).contains(&bits));
                prop_assert_eq!(Some(bits), jensen_shannon(&b, &a));
            }
            x.sort_unstable_by(f64::total_cmp);
            y.sort_unstable_by(f64::total_cmp);
            let sparse = wasserstein(Sample::new(&x, zeros), Sample::new(&y, 0)).unwrap();
            let mut dense = x.clone();
            dense.extend((0..zeros).map(|_| 0.0));
            dense.sort_unstable_by(f64::total_cmp);
            let dense = wasserstein(Sample::new(&dense, 0), Sample::new(&y, 0)).unwrap();
            prop_assert!(sparse >= 0.0 && (sparse - dense).abs() < 1e-9);
        }
    }
}
