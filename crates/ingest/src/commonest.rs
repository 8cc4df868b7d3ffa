//! How often the commonest value is there, without counting all values: J. Misra, D. Gries, Finding
//! repeated elements (1982); P. Agarwal et al., Mergeable summaries (2012).

use std::collections::BTreeMap;

/// Values that are counted at a time: so many that a count is short by 0.4 % of all values at most.
const COUNTED: usize = 256;

/// Counts of the most frequent values, by their hashes: each at most what it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Commonest(BTreeMap<u64, u64>);

impl Commonest {
    /// The counts of some values.
    pub(crate) fn of(hashes: &[u64]) -> Self {
        let mut counts = BTreeMap::new();
        for hash in hashes {
            *counts.entry(*hash).or_default() += 1;
        }
        let mut commonest = Self(counts);
        commonest.shrink();
        commonest
    }

    /// Adds the values of another part.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (hash, count) in &other.0 {
            *self.0.entry(*hash).or_default() += count;
        }
        self.shrink();
    }

    /// Takes from all counts what the first one too many has: of as many values as there are counts
    /// plus one, one each is taken, so none is short by more than its share.
    fn shrink(&mut self) {
        if self.0.len() <= COUNTED {
            return;
        }
        let mut counts: Vec<u64> = self.0.values().copied().collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let least = counts[COUNTED];
        self.0.retain(|_, count| {
            *count -= least.min(*count);
            *count > 0
        });
    }

    /// How often the commonest value is there, at least.
    pub(crate) fn count(&self) -> u64 {
        self.0.values().copied().max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_common_value_is_found_among_many_rare_ones_however_they_are_parted() {
        let values: Vec<u64> = (0..30_000).map(|i| if i % 10 == 0 { 7 } else { 100 + i }).collect();
        for part in [1, 17, 1000, 30_000] {
            let mut all = Commonest::default();
            values.chunks(part).for_each(|part| all.merge(&Commonest::of(part)));
            let count = all.count();
            assert!((3000 - 30_000 / 257..=3000).contains(&count), "{part}: {count}");
        }
        assert_eq!(Commonest::of(&[1, 2, 2, 3]).count(), 2);
        assert_eq!(Commonest::default().count(), 0);
    }
}
