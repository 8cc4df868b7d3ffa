//! Randomness that belongs to a record, not to a thread.
//!
//! Every record of every table has its own streams, one for each purpose, keyed by
//! `(seed, purpose, index)`. Nothing is drawn from a shared generator, so records can be made in
//! any order, on any number of threads, and a new draw in one place moves no other.
//!
//! The generator is SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
//! generators", OOPSLA 2014): a counter and a mixing function, exact on every machine.

/// What a stream is for. The discriminants are part of the output's bytes: append, never renumber.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// The true person: area, skills, level, languages, place.
    Person = 1,
    /// Name, contacts, documents.
    Identity = 2,
    /// Which profile fields are filled, and with what.
    Profile = 3,
    /// The CV's text.
    Cv = 4,
    /// The true job: area, required skills, level, languages, place.
    Job = 5,
    /// The job's form fields and texts.
    Posting = 6,
    /// How many apply for a job.
    Popularity = 7,
    /// How often a candidate applies.
    Activity = 8,
    /// Who takes an application slot, its outcome, status and dates.
    Application = 9,
    /// Comments and recruiters.
    Remark = 10,
    /// Terms planted by the drift dial.
    Drift = 11,
    /// When jobs open and candidates come, in a history.
    Arrival = 12,
    /// When an application was passed on, before it was decided.
    Trail = 13,
    /// Which jobs a change for good changes.
    Change = 14,
    /// Which records a breakage strikes.
    Breakage = 15,
    /// A job's client, contract and sourcing under the second law.
    Terms = 16,
    /// Personal data planted in CVs.
    Personal = 17,
}

/// A seeded stream of numbers.
#[derive(Debug, Clone)]
pub(crate) struct Stream(u64);

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

const fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

impl Stream {
    pub(crate) fn new(seed: u64, purpose: Purpose, index: u64) -> Self {
        let key = mix(seed ^ mix((purpose as u64).wrapping_mul(GOLDEN)));
        Stream(mix(key ^ index.wrapping_mul(GOLDEN)))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// Uniform in `[0, 1)`, a multiple of 2⁻⁵³.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform in `0..n`; 0 where n is 0. (Lemire's multiplication; its bias is below n / 2⁶⁴.)
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    /// Uniform in `low..=high`.
    pub(crate) fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// An index drawn with the given weights (of any sum).
    pub(crate) fn weighted(&mut self, weights: &[f64]) -> usize {
        let total: f64 = weights.iter().sum();
        let mut left = self.unit() * total;
        for (index, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return index;
            }
        }
        weights.len() - 1
    }

    /// A standard normal, as the sum of twelve uniforms less six: no logarithm or cosine whose
    /// last bit differs between machines, tails to ± 6.
    pub(crate) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// An exponential of mean 1.
    pub(crate) fn exponential(&mut self) -> f64 {
        -libm::log(1.0 - self.unit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_every_part_of_their_key() {
        let first = |seed, purpose, index| Stream::new(seed, purpose, index).next();
        let base = first(1, Purpose::Cv, 1);
        assert_eq!(base, first(1, Purpose::Cv, 1));
        assert_ne!(base, first(2, Purpose::Cv, 1));
        assert_ne!(base, first(1, Purpose::Job, 1));
        assert_ne!(base, first(1, Purpose::Cv, 2));
    }

    #[test]
    fn draws_have_the_moments_they_should() {
        let mut stream = Stream::new(7, Purpose::Person, 0);
        let n = 20_000;
        let mean = |draws: &[f64]| draws.iter().sum::<f64>() / draws.len() as f64;
        let normal: Vec<f64> = (0..n).map(|_| stream.normal()).collect();
        assert!(mean(&normal).abs() < 0.03);
        let square: Vec<f64> = normal.iter().map(|x| x * x).collect();
        assert!((mean(&square) - 1.0).abs() < 0.04);
        let exponential: Vec<f64> = (0..n).map(|_| stream.exponential()).collect();
        assert!((mean(&exponential) - 1.0).abs() < 0.03);
        let third = (0..n).filter(|_| stream.weighted(&[1.0, 1.0, 2.0]) == 2).count();
        assert!((third as f64 / n as f64 - 0.5).abs() < 0.02);
        assert!((0..n).all(|_| stream.below(3) < 3));
    }
}
