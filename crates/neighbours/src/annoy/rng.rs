//! Numbers that look random, the same from a seed on every machine: SplitMix64 (Steele, Lea and Flood 2014).

pub(super) struct Rng(u64);

impl Rng {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `n`, which is at most `u32::MAX` and not 0.
    pub(super) fn below(&mut self, n: usize) -> usize {
        (((self.next() >> 32) * n as u64) >> 32) as usize
    }

    /// A stream of its own for part `part` of what this one is for.
    pub(super) fn part(&self, part: u64) -> Self {
        let mut rng = Self(self.0 ^ part.wrapping_add(1).wrapping_mul(0xd1b5_4a32_d192_ed03));
        Self(rng.next())
    }
}
