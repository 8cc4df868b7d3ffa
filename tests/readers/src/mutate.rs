//! Bytes like given ones, and not quite: what a file becomes on a bad way, or in bad hands.

/// Numbers that readers miscount by: the ends of the types in which lengths are stored.
const ENDS: [u64; 8] =
    [0, 1, 0x7f, 0xff, 0x7fff_ffff, 0xffff_ffff, 0x7fff_ffff_ffff_ffff, u64::MAX];

const NUMBERS: [&str; 8] =
    ["0", "-1", "2147483648", "4294967296", "18446744073709551616", "1e999", "NaN", "0.5"];

/// A source of mutations, the same ones from a seed on every machine (SplitMix64, Steele, Lea and
/// Flood 2014).
pub struct Mutator(u64);

impl Mutator {
    /// The mutations of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `n`; 0 where that is 0.
    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % (n as u64).max(1)).unwrap_or(0)
    }

    /// A range within `length`, mostly a short one.
    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        let most = if self.below(4) == 0 { length } else { 16 };
        let end = (start + self.below(most + 1)).min(length);
        start..end
    }

    /// `bytes` with some changes; `other` is what pieces may come from.
    pub fn mutate(&mut self, bytes: &[u8], other: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.below(4) {
            self.change(&mut bytes, other);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let range = self.range(bytes.len());
        let at = range.start;
        match self.below(8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 if at < bytes.len() => bytes[at] = self.next() as u8,
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(range)),
            4 => {
                let again = bytes[range].to_vec();
                let to = self.below(bytes.len() + 1);
                drop(bytes.splice(to..to, again));
            }
            5 => {
                let from = self.range(other.len());
                drop(bytes.splice(range, other[from].to_vec()));
            }
            6 => {
                let end = ENDS[self.below(ENDS.len())].to_le_bytes();
                let width = (1 << self.below(4)).min(bytes.len() - at);
                bytes[at..at + width].copy_from_slice(&end[..width]);
            }
            _ => self.number(bytes),
        }
    }

    /// Writes another number in the place of one in digits.
    fn number(&mut self, bytes: &mut Vec<u8>) {
        let is_digit = |b: &u8| b.is_ascii_digit();
        let digits = bytes.iter().filter(|b| is_digit(b)).count();
        let nth = self.below(digits);
        let mut places = bytes.iter().enumerate().filter(|(_, b)| is_digit(b));
        let Some((at, _)) = places.nth(nth) else { return };
        let length = bytes[at..].iter().take_while(|b| is_digit(b)).count();
        let number = NUMBERS[self.below(NUMBERS.len())];
        drop(bytes.splice(at..at + length, number.bytes()));
    }
}
