//! The best split of a node.

use super::histogram::{GradientPair, RowBins};
use super::kernel::wide;

/// The best split found, in scaled units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Best {
    /// Σ G²/(H + λ) of both children, scaled; 0 while there is none.
    pub(super) score: f32,
    /// Number of the feature in [`RowBins::features`].
    pub(super) feature: u32,
    /// Last bin that goes left, counted within the feature.
    pub(super) bin: u32,
    /// Whether rows without a value go left.
    pub(super) default_left: bool,
    /// Sums of the rows that go left.
    pub(super) left: GradientPair,
}

impl Best {
    /// No split.
    pub(super) const NONE: Self = Self {
        score: 0.0,
        feature: u32::MAX,
        bin: 0,
        default_left: false,
        left: GradientPair::ZERO,
    };
}

/// λ and `min_child_weight` in scaled units of the hessian.
#[derive(Debug, Clone, Copy)]
pub(super) struct SplitRule {
    pub(super) lambda: f32,
    pub(super) min_child_weight: f32,
}

impl SplitRule {
    /// `G₁²/(H₁ + λ) + G₂²/(H₂ + λ)` with one division; 0 if a child is too light.
    #[inline(always)]
    fn score(self, left: [i32; 2], right: [i32; 2]) -> f32 {
        let ([g1, h1], [g2, h2]) = (left.map(|x| x as f32), right.map(|x| x as f32));
        let (a, b) = (h1 + self.lambda, h2 + self.lambda);
        let score = (g1 * g1 * b + g2 * g2 * a) / (a * b);
        let heavy = (h1 >= self.min_child_weight) & (h2 >= self.min_child_weight);
        if heavy { score } else { 0.0 }
    }

    /// The best split over all features of a histogram, whose rows sum to `total`.
    pub(super) fn best(
        self,
        matrix: &RowBins,
        histogram: &[GradientPair],
        total: GradientPair,
    ) -> Best {
        self.best_among(matrix, histogram, total, 0..matrix.features.len())
    }

    /// [`SplitRule::best`] by two threads; the same result.
    pub(super) fn best_shared(
        self,
        matrix: &RowBins,
        histogram: &[GradientPair],
        total: GradientPair,
    ) -> Best {
        let half = matrix.features.partition_point(|f| f.first < matrix.bins() as u32 / 2);
        let search = |range| self.best_among(matrix, histogram, total, range);
        let (a, b) = rayon::join(|| search(0..half), || search(half..matrix.features.len()));
        if b.score > a.score { b } else { a }
    }

    /// The best split over the features in `range`; the first of equals.
    fn best_among(
        self,
        matrix: &RowBins,
        histogram: &[GradientPair],
        total: GradientPair,
        range: std::ops::Range<usize>,
    ) -> Best {
        let mut best = Best::NONE;
        let mut sums = Sums::default();
        wide(
            #[inline(always)]
            || {
                self.best_single(
                    &mut best,
                    &mut sums,
                    histogram,
                    total,
                    range.start..range.end.min(matrix.singles),
                );
                for feature in range.start.max(matrix.singles)..range.end {
                    let bins = &histogram[matrix.features[feature].range()];
                    let mut sum = GradientPair::ZERO;
                    let running = bins.iter().map(|&bin| {
                        sum = sum + bin;
                        sum
                    });
                    sums.fill(bins.len(), running);
                    self.improve(&mut best, feature as u32, &sums, total, |at| at as u32);
                }
            },
        );
        best
    }

    /// Replaces `best` if a feature with one bin is better. Such a feature has one split: rows with a
    /// value left, the others right.
    #[inline(always)]
    fn best_single(
        self,
        best: &mut Best,
        sums: &mut Sums,
        histogram: &[GradientPair],
        total: GradientPair,
        singles: std::ops::Range<usize>,
    ) {
        let first = singles.start;
        if singles.is_empty() {
            return;
        }
        sums.fill(singles.len(), histogram[singles].iter().copied());
        let score = self.highest(best.score, sums, GradientPair::ZERO, total);
        if score > best.score
            && let Some(at) = self.find(score, sums, GradientPair::ZERO, total)
        {
            let feature = (first + at) as u32;
            *best = Best { score, feature, left: sums.pair(at), ..Best::NONE };
        }
    }

    /// The highest of `least` and the scores of `sums`, each with `extra` on its left, out of `total`.
    #[inline(always)]
    fn highest(self, least: f32, sums: &Sums, extra: GradientPair, total: GradientPair) -> f32 {
        let (extra, total) = (extra.parts(), total.parts());
        let mut most = [least; LANES];
        let (gradients, hessians) = sums.lanes();
        for (g, h) in gradients.iter().zip(hessians) {
            for lane in 0..LANES {
                let (left, right) = sides([g[lane], h[lane]], extra, total);
                let score = self.score(left, right);
                // Not `f32::max`, which takes more instructions to think of NaN.
                most[lane] = if score > most[lane] { score } else { most[lane] };
            }
        }
        most.into_iter().fold(least, f32::max)
    }

    /// The first of `sums` whose score is `score`.
    fn find(
        self,
        score: f32,
        sums: &Sums,
        extra: GradientPair,
        total: GradientPair,
    ) -> Option<usize> {
        (0..sums.len).find(|&at| {
            let sum = [sums.gradients[at], sums.hessians[at]];
            let (left, right) = sides(sum, extra.parts(), total.parts());
            self.score(left, right) >= score
        })
    }

    /// Replaces `best` if a split of one feature is better. `sums` are the running sums of its bins;
    /// `bin(i)` is the bin that the `i`-th of them ends with.
    #[inline(always)]
    pub(super) fn improve(
        self,
        best: &mut Best,
        feature: u32,
        sums: &Sums,
        total: GradientPair,
        bin: impl Fn(usize) -> u32,
    ) {
        let Some(last) = sums.len.checked_sub(1) else { return };
        // Missing to the right; the last split parts the rows with a value from those without.
        let missing = total - sums.pair(last);
        let rightward = self.highest(best.score, sums, GradientPair::ZERO, total);
        let mut score = rightward;
        if !missing.is_zero() {
            score = self.highest(score, sums, missing, total);
        }
        if score <= best.score {
            return;
        }
        let default_left = score > rightward;
        let extra = if default_left { missing } else { GradientPair::ZERO };
        if let Some(at) = self.find(score, sums, extra, total) {
            let left = sums.pair(at) + extra;
            *best = Best { score, feature, bin: bin(at), default_left, left };
        }
    }
}

/// Both sides of a split whose left side is `sum` and `extra`.
#[inline(always)]
fn sides(sum: [i32; 2], extra: [i32; 2], total: [i32; 2]) -> ([i32; 2], [i32; 2]) {
    let left = [sum[0].wrapping_add(extra[0]), sum[1].wrapping_add(extra[1])];
    (left, [total[0].wrapping_sub(left[0]), total[1].wrapping_sub(left[1])])
}

/// Splits that are scored side by side.
const LANES: usize = 8;

/// Sums over bins, unpacked so that vectors of them can be worked on. The lanes behind the last are 0:
/// a split with nothing on one side, which is never better than none.
#[derive(Debug, Default)]
pub(super) struct Sums {
    gradients: Vec<i32>,
    hessians: Vec<i32>,
    len: usize,
}

impl Sums {
    /// Makes room for `n` sums and takes them from `pairs`.
    #[inline(always)]
    fn fill(&mut self, n: usize, pairs: impl Iterator<Item = GradientPair>) {
        let lanes = n.next_multiple_of(LANES);
        if self.gradients.len() < lanes {
            self.gradients.resize(lanes, 0);
            self.hessians.resize(lanes, 0);
        }
        let places = self.gradients[..lanes].iter_mut().zip(&mut self.hessians[..lanes]);
        let none = std::iter::repeat_n(GradientPair::ZERO, lanes - n);
        for ((g, h), pair) in places.zip(pairs.chain(none)) {
            [*g, *h] = pair.parts();
        }
        self.len = n;
    }

    #[inline(always)]
    fn lanes(&self) -> (&[[i32; LANES]], &[[i32; LANES]]) {
        let lanes = self.len.next_multiple_of(LANES);
        (self.gradients[..lanes].as_chunks().0, self.hessians[..lanes].as_chunks().0)
    }

    fn pair(&self, at: usize) -> GradientPair {
        GradientPair::new(self.gradients[at], self.hessians[at] as u32)
    }
}

/// Splits of nodes with few rows: only the bins that occur are looked at.
#[derive(Debug, Default)]
pub(super) struct Sparse {
    histogram: Vec<GradientPair>,
    /// A bit a bin: occurs.
    occurs: Vec<u64>,
    /// The sums and bins of one feature's occurring bins.
    running: Vec<GradientPair>,
    bins: Vec<u32>,
    sums: Sums,
}

impl Sparse {
    /// The same as [`SplitRule::best`] on the histogram of `rows`, features for which `active` is false
    /// left out.
    pub(super) fn best(
        &mut self,
        rule: SplitRule,
        matrix: &RowBins,
        active: &[bool],
        pairs: &[GradientPair],
        rows: &[u32],
        total: GradientPair,
    ) -> Best {
        self.histogram.resize(matrix.bins(), GradientPair::ZERO);
        self.occurs.resize(matrix.bins().div_ceil(64), 0);
        for &row in rows {
            let pair = pairs[row as usize];
            matrix.for_each_bin(row, |bin| {
                self.histogram[bin] = self.histogram[bin] + pair;
                self.occurs[bin / 64] |= 1 << (bin % 64);
            });
        }
        let mut best = Best::NONE;
        let mut current = u32::MAX;
        for word in 0..self.occurs.len() {
            let mut bits = std::mem::take(&mut self.occurs[word]);
            while bits != 0 {
                let bin = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let pair = std::mem::take(&mut self.histogram[bin]);
                let feature = matrix.feature_at[bin];
                if feature != current {
                    self.flush(rule, &mut best, current, total);
                    current = feature;
                }
                if active[feature as usize] {
                    let before = self.running.last().copied().unwrap_or_default();
                    self.running.push(before + pair);
                    self.bins.push(bin as u32 - matrix.features[feature as usize].first);
                }
            }
        }
        self.flush(rule, &mut best, current, total);
        best
    }

    /// Judges the feature whose bins were gathered, if any were.
    fn flush(&mut self, rule: SplitRule, best: &mut Best, feature: u32, total: GradientPair) {
        self.sums.fill(self.running.len(), self.running.iter().copied());
        rule.improve(best, feature, &self.sums, total, |at| self.bins[at]);
        self.running.clear();
        self.bins.clear();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::columns::Columns;
    use super::super::histogram::Pool;
    use super::*;
    use crate::Csr;

    /// Every split of every feature, in 64 bits.
    fn by_definition(
        rule: SplitRule,
        matrix: &RowBins,
        pairs: &[GradientPair],
        active: &[bool],
    ) -> f64 {
        let total: GradientPair = pairs.iter().fold(GradientPair::ZERO, |sum, &pair| sum + pair);
        let mut best = 0.0f64;
        for (feature, active) in matrix.features.iter().zip(active) {
            let range = feature.range();
            for last in range.clone() {
                for default_left in [false, true] {
                    let mut left = GradientPair::ZERO;
                    for (row, &pair) in pairs.iter().enumerate() {
                        let mut bin = None;
                        matrix.for_each_bin(row as u32, |b| {
                            bin = bin.or(range.contains(&b).then_some(b))
                        });
                        if bin.map_or(default_left, |bin| bin <= last) {
                            left = left + pair;
                        }
                    }
                    let half = |pair: GradientPair| {
                        let [g, h] = pair.parts().map(f64::from);
                        let heavy = h >= f64::from(rule.min_child_weight);
                        heavy.then_some(g * g / (h + f64::from(rule.lambda)))
                    };
                    if *active && let (Some(a), Some(b)) = (half(left), half(total - left)) {
                        best = best.max(a + b);
                    }
                }
            }
        }
        best
    }

    /// Whether a search found the best split of that score. Where no split is better than none, what
    /// it finds does not matter as long as that is no better either.
    fn agrees(rule: SplitRule, found: Best, expected: f64, total: GradientPair) -> bool {
        let [g, h] = total.parts().map(f64::from);
        let unsplit = g * g / (h + f64::from(rule.lambda));
        let found = f64::from(found.score);
        if expected <= unsplit * (1.0 + 1e-5) {
            return found <= unsplit * (1.0 + 2e-5);
        }
        (found - expected).abs() <= 1e-5 * expected
    }

    proptest! {
        /// The vectors, the touched bins and the definition find the same split.
        #[test]
        fn finds_the_best(
            table in prop::collection::vec((prop::collection::vec(prop::option::of(0u8..12), 5), -900i32..900, 1u32..500), 2..60),
            max_bin in 2usize..14,
            dropped in 0usize..9,
            min_child_weight in 0..3,
        ) {
            let (mut indptr, mut indices, mut values) = (vec![0], vec![], vec![]);
            for (row, ..) in &table {
                for (column, value) in row.iter().enumerate() {
                    if let Some(value) = value {
                        indices.push(column as u32);
                        // Column 0 has one bin.
                        values.push(if column == 0 { 1.0 } else { f32::from(*value) });
                    }
                }
                indptr.push(indices.len());
            }
            let csr = Csr::new(indptr, indices, values, 5).unwrap();
            let (ends, _) = Columns::cut(&csr, max_bin);
            let matrix = RowBins::new(&csr, &ends).unwrap();
            let pairs: Vec<GradientPair> = table.iter().map(|&(_, g, h)| GradientPair::new(g, h)).collect();
            let rows: Vec<u32> = (0..pairs.len() as u32).collect();
            let total = pairs.iter().fold(GradientPair::ZERO, |sum, &pair| sum + pair);
            let rule = SplitRule { lambda: 7.0, min_child_weight: 400.0 * min_child_weight as f32 };
            let mut active = vec![true; matrix.features.len()];

            let histogram = Pool::default().build(&matrix, &pairs, &rows);
            let whole = rule.best(&matrix, &histogram, total);
            prop_assert_eq!(whole, rule.best_shared(&matrix, &histogram, total));
            let expected = by_definition(rule, &matrix, &pairs, &active);
            prop_assert!(agrees(rule, whole, expected, total), "{whole:?} {expected}");

            let mut sparse = Sparse::default();
            let touched = sparse.best(rule, &matrix, &active, &pairs, &rows, total);
            prop_assert!(agrees(rule, touched, expected, total), "{touched:?} {expected}");

            if let Some(active) = active.get_mut(dropped) {
                *active = false;
            }
            let touched = sparse.best(rule, &matrix, &active, &pairs, &rows, total);
            let expected = by_definition(rule, &matrix, &pairs, &active);
            prop_assert!(agrees(rule, touched, expected, total), "{touched:?} {expected}");
        }
    }
}
