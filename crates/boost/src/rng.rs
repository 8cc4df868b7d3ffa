//! Randomness by counter: a value depends on the seed and on what it is for, never on how many were
//! drawn before or by which thread.

/// SplitMix64's finaliser (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
/// OOPSLA 2014): every bit of `x` moves every bit of the result.
fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A stream of random numbers, one at each index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stream(u64);

impl Stream {
    /// The stream of `seed` for one `purpose` in one `round`.
    pub(crate) fn new(seed: u64, purpose: u64, round: u64) -> Self {
        Self(mix(mix(mix(seed) ^ purpose) ^ round))
    }

    /// The number at `index`, uniform in `[0, 1)`.
    pub(crate) fn uniform(self, index: u64) -> f64 {
        (mix(self.0 ^ mix(index)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// `amount` of the numbers `0..n`, ascending: the first of a Fisher-Yates shuffle.
    pub(crate) fn sample(self, n: usize, amount: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..n).collect();
        for i in 0..amount {
            let rest = n - i;
            let pick = i + ((self.uniform(i as u64) * rest as f64) as usize).min(rest - 1);
            all.swap(i, pick);
        }
        all.truncate(amount);
        all.sort_unstable();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uniform_covers_the_unit_interval() {
        let s = Stream::new(42, 1, 7);
        let mean = (0..10_000).map(|i| s.uniform(i)).sum::<f64>() / 1e4;
        assert!((mean - 0.5).abs() < 0.01, "{mean}");
        assert_ne!(s.uniform(0), Stream::new(42, 2, 7).uniform(0));
    }

    #[test]
    fn sample_is_distinct_and_sorted() {
        let picked = Stream::new(1, 2, 3).sample(100, 30);
        assert_eq!(picked.len(), 30);
        assert!(picked.windows(2).all(|w| w[0] < w[1]) && picked[29] < 100);
        assert_eq!(Stream::new(1, 2, 3).sample(5, 5), [0, 1, 2, 3, 4]);
    }
}
