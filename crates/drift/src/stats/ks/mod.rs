//! The two-sided two-sample test of Kolmogorov and Smirnov: `scipy.stats.ks_2samp` to 1e-6.
//!
//! The statistic is found in whole numbers: `max |i·m − j·n|` over the values, where `i` of `n` and
//! `j` of `m` lie at or below. [`Sample`] leaves out zeros, so that a column of a sparse matrix is
//! tested without becoming dense.

mod asymptotic;
mod exact;

#[cfg(test)]
mod tests;

/// How the probability is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// From the limit for large samples: Kolmogorov's distribution for a sample of size
    /// `n·m / (n + m)`, rounded half to even. What alibi-detect's KSDrift uses.
    Asymptotic,
    /// From all orders of the values: its cost grows with `n·m`.
    Exact,
}

/// A sample in ascending order, of which zeros may be given by number alone.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    sorted: &'a [f64],
    zeros: u64,
}

impl<'a> Sample<'a> {
    /// A sample of `sorted`, ascending and without NaN, and of `zeros` zeros besides.
    #[must_use]
    pub fn new(sorted: &'a [f64], zeros: u64) -> Self {
        debug_assert!(sorted.is_sorted());
        Self { sorted, zeros }
    }

    /// Number of values, zeros included.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.sorted.len() as u64 + self.zeros
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The values that are written out, ascending.
    #[must_use]
    pub fn sorted(&self) -> &'a [f64] {
        self.sorted
    }

    /// Number of values below `edge`.
    pub(super) fn below(&self, edge: f64) -> u64 {
        let written = self.sorted.partition_point(|&value| value < edge) as u64;
        written + if edge > 0.0 { self.zeros } else { 0 }
    }

    /// Number of values at or below `edge`.
    pub(super) fn up_to(&self, edge: f64) -> u64 {
        let written = self.sorted.partition_point(|&value| value <= edge) as u64;
        written + if edge >= 0.0 { self.zeros } else { 0 }
    }

    pub(super) fn min(&self) -> Option<f64> {
        let zero = (self.zeros > 0).then_some(0.0);
        self.sorted.first().copied().into_iter().chain(zero).min_by(f64::total_cmp)
    }

    pub(super) fn max(&self) -> Option<f64> {
        let zero = (self.zeros > 0).then_some(0.0);
        self.sorted.last().copied().into_iter().chain(zero).max_by(f64::total_cmp)
    }
}

/// A distance and its probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Test {
    /// The greatest difference of the two distribution functions, 0 to 1.
    pub distance: f64,
    /// The probability of a distance as great or greater if both samples come from one continuous
    /// distribution; with ties it is an upper bound. NaN where scipy gives NaN: asymptotically for
    /// one value on either side.
    pub p: f64,
}

/// Tests whether two samples come from one distribution; none where one of them is empty.
#[must_use]
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub fn test(x: Sample<'_>, y: Sample<'_>, method: Method) -> Option<Test> {
    let (n, m) = (x.len() as i64, y.len() as i64);
    if n == 0 || m == 0 {
        return None;
    }
    let greatest = greatest_difference(x, y);
    let pairs = n as f64 * m as f64;
    let distance = greatest as f64 / pairs;
    let p = match method {
        Method::Exact => exact::survival(n, m, greatest),
        Method::Asymptotic => {
            let size = (pairs / (n + m) as f64).round_ties_even();
            asymptotic::survival(size as u64, distance)
        }
    };
    Some(Test { distance, p })
}

/// `max |i·m − j·n|`, where `i` values of `x` and `j` of `y` lie at or below a value.
#[expect(clippy::cast_possible_wrap, reason = "numbers of rows")]
fn greatest_difference(x: Sample<'_>, y: Sample<'_>) -> i64 {
    let (n, m) = (x.len() as i64, y.len() as i64);
    let mut zeros = x.zeros + y.zeros > 0;
    let (mut i, mut j) = (0, 0);
    // Values below and the zeros that have been passed.
    let (mut below_x, mut below_y) = (0, 0);
    let mut greatest = 0;
    loop {
        let next = [x.sorted.get(i), y.sorted.get(j), zeros.then_some(&0.0)];
        let Some(value) = next.into_iter().flatten().copied().min_by(f64::total_cmp) else {
            return greatest;
        };
        // −0.0 equals 0.0 here.
        while x.sorted.get(i).is_some_and(|&other| other <= value) {
            i += 1;
            below_x += 1;
        }
        while y.sorted.get(j).is_some_and(|&other| other <= value) {
            j += 1;
            below_y += 1;
        }
        if zeros && value >= 0.0 {
            zeros = false;
            below_x += x.zeros as i64;
            below_y += y.zeros as i64;
        }
        greatest = greatest.max((below_x * m - below_y * n).abs());
    }
}
