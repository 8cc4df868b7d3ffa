//! The two-sided two-sample test of Kolmogorov and Smirnov, as `scipy.stats.ks_2samp` computes it.
//!
//! The statistic is found in whole numbers: `max |i·m − j·n|` over the values, where `i` of `n` and
//! `j` of `m` lie at or below. [`Sample`] leaves out zeros, so that a column of a sparse matrix is
//! tested without becoming dense.

mod exact;
mod kolmogorov;

pub use kolmogorov::Kolmogorov;

#[cfg(test)]
mod tests;

/// How the probability is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// From the limit for large samples: Kolmogorov's distribution for a sample of size
    /// `n·m / (n + m)`, rounded half to even. What alibi-detect's KSDrift uses.
    Asymptotic,
    /// Exactly where both samples have at most 10,000 values, else as `Asymptotic`.
    Auto,
}

/// The largest sample for which [`Method::Auto`] is exact.
const EXACT: u64 = 10_000;

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
pub fn test(x: Sample<'_>, y: Sample<'_>, method: Method) -> Option<Test> {
    test_with(&Kolmogorov::of(x.len(), y.len()), x, y, method)
}

/// As [`test()`], with the distribution made before, for many samples of the same two sizes.
#[must_use]
pub fn test_with(
    kolmogorov: &Kolmogorov,
    x: Sample<'_>,
    y: Sample<'_>,
    method: Method,
) -> Option<Test> {
    let (n, m) = (x.len(), y.len());
    if n == 0 || m == 0 {
        return None;
    }
    let greatest = greatest_difference(x, y);
    #[expect(clippy::cast_precision_loss, reason = "a distance is a fraction")]
    let distance = greatest as f64 / (u128::from(n) * u128::from(m)) as f64;
    let exact = method == Method::Auto && n.max(m) <= EXACT;
    let p = match exact.then(|| exact::survival(n, m, greatest)).flatten() {
        Some(p) => p,
        None => kolmogorov.survival(distance),
    };
    Some(Test { distance, p })
}

/// `max |i·m − j·n|`, where `i` values of `x` and `j` of `y` lie at or below a value.
fn greatest_difference(x: Sample<'_>, y: Sample<'_>) -> u128 {
    let (n, m) = (i128::from(x.len()), i128::from(y.len()));
    let mut zeros = x.zeros + y.zeros > 0;
    let (mut i, mut j) = (0, 0);
    // Values below and the zeros that have been passed.
    let (mut below_x, mut below_y) = (0_i128, 0_i128);
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
            below_x += i128::from(x.zeros);
            below_y += i128::from(y.zeros);
        }
        greatest = greatest.max((below_x * m - below_y * n).unsigned_abs());
    }
}
