//! The best split of a node.

use super::histogram::{Pair, RowBins};

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
    pub(super) left: Pair,
}

impl Best {
    /// No split.
    pub(super) const NONE: Self =
        Self { score: 0.0, feature: u32::MAX, bin: 0, default_left: false, left: Pair::ZERO };
}

/// λ and `min_child_weight` in scaled units of the hessian.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub(super) lambda: f32,
    pub(super) min_child_weight: f32,
}

impl Rule {
    /// `G₁²/(H₁ + λ) + G₂²/(H₂ + λ)` with one division; 0 if a child is too light.
    #[inline(always)]
    fn score(self, left: Pair, right: Pair) -> f32 {
        let (g1, h1) = (left.gradient() as f32, left.hessian() as f32);
        let (g2, h2) = (right.gradient() as f32, right.hessian() as f32);
        let (a, b) = (h1 + self.lambda, h2 + self.lambda);
        let score = (g1 * g1 * b + g2 * g2 * a) / (a * b);
        let heavy = (h1 >= self.min_child_weight) & (h2 >= self.min_child_weight);
        if heavy { score } else { 0.0 }
    }

    /// The best split over all features of a histogram, whose rows sum to `total`.
    pub(super) fn best(self, matrix: &RowBins, histogram: &[Pair], total: Pair) -> Best {
        let mut sums = Vec::with_capacity(256);
        let features = matrix.features.len();
        self.best_among(matrix, histogram, total, 0..features, &mut sums)
    }

    /// [`Rule::best`] by as many threads as there are; the same result.
    pub(super) fn best_shared(self, matrix: &RowBins, histogram: &[Pair], total: Pair) -> Best {
        let half = matrix.features.partition_point(|f| f.first < matrix.bins() as u32 / 2);
        let search = |range| {
            let mut sums = Vec::with_capacity(256);
            self.best_among(matrix, histogram, total, range, &mut sums)
        };
        let (a, b) = rayon::join(|| search(0..half), || search(half..matrix.features.len()));
        if b.score > a.score { b } else { a }
    }

    fn best_among(
        self,
        matrix: &RowBins,
        histogram: &[Pair],
        total: Pair,
        range: std::ops::Range<usize>,
        sums: &mut Vec<Pair>,
    ) -> Best {
        let mut best = Best::NONE;
        let singles = range.start..range.end.min(matrix.singles);
        if !singles.is_empty() {
            // A feature with one bin has one split: rows with a value left, the others right.
            let from = singles.start;
            let bins = &histogram[singles];
            let score = |&left: &Pair| self.score(left, total - left);
            let most = bins.iter().map(score).fold(0.0, f32::max);
            if most > 0.0
                && let Some(at) = bins.iter().position(|left| score(left) >= most)
            {
                let feature = (from + at) as u32;
                best = Best { score: most, feature, left: bins[at], ..Best::NONE };
            }
        }
        for feature in range.start.max(matrix.singles)..range.end {
            let bins = &histogram[matrix.features[feature].range()];
            sums.clear();
            let mut sum = Pair::ZERO;
            sums.extend(bins.iter().map(|&bin| {
                sum = sum + bin;
                sum
            }));
            self.improve(&mut best, feature as u32, sums, total, |at| at as u32);
        }
        best
    }

    /// Replaces `best` if a split of one feature is better. `sums` are the running sums of its bins;
    /// `bin(i)` is the bin that the `i`-th of them ends with.
    pub(super) fn improve(
        self,
        best: &mut Best,
        feature: u32,
        sums: &[Pair],
        total: Pair,
        bin: impl Fn(usize) -> u32,
    ) {
        let Some((&present, inner)) = sums.split_last() else { return };
        let missing = total - present;
        // Missing to the right; the last split parts the rows with a value from those without.
        let rightward = |&left: &Pair| self.score(left, total - left);
        let leftward = |&left: &Pair| self.score(left + missing, present - left);
        let most_right = sums.iter().map(rightward).fold(best.score, f32::max);
        let most_left = match missing.is_zero() {
            true => most_right,
            false => inner.iter().map(leftward).fold(most_right, f32::max),
        };
        let (default_left, score) = (most_left > most_right, most_left);
        if score <= best.score {
            return;
        }
        let found = if default_left {
            inner.iter().position(|left| leftward(left) >= score)
        } else {
            sums.iter().position(|left| rightward(left) >= score)
        };
        if let Some(at) = found {
            let left = if default_left { sums[at] + missing } else { sums[at] };
            *best = Best { score, feature, bin: bin(at), default_left, left };
        }
    }
}

/// Splits of nodes with few rows: only the bins that occur are looked at.
#[derive(Debug, Default)]
pub(super) struct Sparse {
    histogram: Vec<Pair>,
    /// A bit a bin: occurs.
    occurs: Vec<u64>,
    sums: Vec<Pair>,
    bins: Vec<u32>,
}

impl Sparse {
    /// The same as [`Rule::best`] on the histogram of `rows`, features for which `active` is false
    /// left out.
    pub(super) fn best(
        &mut self,
        rule: Rule,
        matrix: &RowBins,
        active: &[bool],
        pairs: &[Pair],
        rows: &[u32],
        total: Pair,
    ) -> Best {
        self.histogram.resize(matrix.bins(), Pair::ZERO);
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
                    let sum = self.sums.last().map_or(pair, |&last| last + pair);
                    self.sums.push(sum);
                    self.bins.push(bin as u32 - matrix.features[feature as usize].first);
                }
            }
        }
        self.flush(rule, &mut best, current, total);
        best
    }

    /// Judges the feature whose bins were gathered, if any were.
    fn flush(&mut self, rule: Rule, best: &mut Best, feature: u32, total: Pair) {
        rule.improve(best, feature, &self.sums, total, |at| self.bins[at]);
        self.sums.clear();
        self.bins.clear();
    }
}
