//! The exact distribution of the two-sample distance.

/// Probability of a distance of at least `greatest / (n·m)` between samples of `n` and `m` values of
/// one continuous distribution.
///
/// Every order of the pooled values is a lattice path from (0, 0) to (n, m), all equally likely. Let
/// `c(i, j)` be the share of the paths to (i, j) that touch `|i/n − j/m| ≥ d`: one where the point
/// itself does, else `c(i−1, j)·i/(i+j) + c(i, j−1)·j/(i+j)` (Viehmann 2021, arXiv:2102.08037): all
/// terms positive, so no digits are lost.
#[expect(clippy::cast_precision_loss, reason = "numbers of rows")]
pub(super) fn survival(n: i64, m: i64, greatest: i64) -> f64 {
    if greatest == 0 {
        return 1.0;
    }
    let (long, short) = (n.max(m), n.min(m));
    // row[j] is c(i, j) for the present i. Only the points between the two lines are computed: below
    // them all are one, above them they stay the one that they begin with.
    let mut row = vec![1.0; usize::try_from(short).unwrap_or(0) + 1];
    let mut low = 0;
    for i in 0..=long {
        while i * short - low * long >= greatest {
            low += 1;
        }
        let mut below = if low == 0 { 0.0 } else { 1.0 };
        for (j, cell) in (low..=short).zip(row.iter_mut().skip(usize::try_from(low).unwrap_or(0))) {
            if j * long - i * short >= greatest {
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
