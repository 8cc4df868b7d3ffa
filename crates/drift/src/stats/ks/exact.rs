//! The exact distribution of the two-sample distance.

/// Probability of a distance of at least `greatest / (n·m)` between samples of `n` and `m` values of
/// one continuous distribution. None where the computation leaves the range.
///
/// Every order of the pooled values is a lattice path from (0, 0) to (n, m), all equally likely. Let
/// `c(i, j)` be the share of the paths to (i, j) that touch `|i/n − j/m| ≥ d`: one where the point
/// itself does, else `c(i−1, j)·i/(i+j) + c(i, j−1)·j/(i+j)` (Viehmann 2021, arXiv:2102.08037): all
/// terms positive, so no digits are lost. For `n = m` there is a sum in closed form (Gnedenko and
/// Korolyuk), evaluated like a polynomial.
pub(super) fn survival(n: u64, m: u64, greatest: u128) -> Option<f64> {
    if greatest == 0 {
        return Some(1.0);
    }
    let p = if n == m {
        // greatest / (n·m) = h / n.
        equal_sizes(n, u64::try_from(greatest / u128::from(n)).ok()?)
    } else {
        unequal_sizes(
            i64::try_from(n.max(m)).ok()?,
            i64::try_from(n.min(m)).ok()?,
            i64::try_from(greatest).ok()?,
        )
    };
    // Rounding may leave a certain event a last digit above one.
    (0.0..=1.0 + 1e-9).contains(&p).then_some(p.min(1.0))
}

#[expect(clippy::cast_precision_loss, reason = "at most 20,000")]
fn equal_sizes(n: u64, h: u64) -> f64 {
    let mut p = 0.0;
    for k in (0..=n / h).rev() {
        let mut term = 1.0;
        for j in 0..h {
            // The factor is 0 where k·h + j reaches n, and no term goes on after it.
            term *= n.saturating_sub(k * h + j) as f64 / (n + k * h + j + 1) as f64;
        }
        p = term * (1.0 - p);
    }
    2.0 * p
}

/// `long` values beside `short` ones; `bound` is the distance times `long·short`.
#[expect(clippy::cast_precision_loss, reason = "at most 20,000")]
fn unequal_sizes(long: i64, short: i64, bound: i64) -> f64 {
    // row[j] is c(i, j) for the present i. Only the points between the two lines are computed: below
    // them all are one, above them they stay the one that they begin with.
    let mut row = vec![1.0; usize::try_from(short).unwrap_or(0) + 1];
    let mut low = 0;
    for i in 0..=long {
        while i * short - low * long >= bound {
            low += 1;
        }
        let mut below = if low == 0 { 0.0 } else { 1.0 };
        for (j, cell) in (low..=short).zip(row.iter_mut().skip(usize::try_from(low).unwrap_or(0))) {
            if j * long - i * short >= bound {
                break;
            }
            if i == 0 {
                *cell = below;
            } else if j > 0 {
                *cell += (below - *cell) * (j as f64 / (i + j) as f64);
            }
            below = *cell;
        }
    }
    row.last().copied().unwrap_or(f64::NAN)
}
