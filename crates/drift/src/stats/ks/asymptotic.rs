//! The distribution of Kolmogorov's distance for one sample, as `scipy.stats.kstwo` to 1e-6.

use std::f64::consts::PI;

/// Up to the first size the distribution is computed exactly, and up to the second where `n·d^1.5` is
/// at most 1.4; beyond, the series is within 1e-6 of what scipy computes.
const EXACT: (u64, u64) = (140, 250);

/// Probability of a distance of at least `d` for a sample of `n` values; NaN where `n` is 0.
#[expect(clippy::cast_precision_loss, reason = "a number of rows")]
pub(super) fn survival(n: u64, d: f64) -> f64 {
    let size = n as f64;
    if n == 0 {
        return f64::NAN;
    }
    if size * d <= 0.5 {
        return 1.0;
    }
    if size * d * d >= 9.0 {
        // Below 1e-7; the differences from one would lose their digits.
        return 2.0 * libm::exp(-(6.0 * size * d + 1.0).powi(2) / (18.0 * size));
    }
    let exact = n <= EXACT.0 || n <= EXACT.1 && size * libm::pow(d, 1.5) <= 1.4;
    let below = if exact { durbin(n, size * d) } else { pelz_good(size, d) };
    (1.0 - below).clamp(0.0, 1.0)
}

/// P(D ≤ t/n): an element of the n-th power of Durbin's matrix (Marsaglia, Tsang and Wang, Journal
/// of Statistical Software 8(18), 2003), of which one row is enough.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(super) fn durbin(n: u64, t: f64) -> f64 {
    let k = libm::ceil(t) as usize;
    let (h, m) = (k as f64 - t, 2 * k - 1);
    // 1 / j!
    let inverse: Vec<f64> = (0..=m)
        .scan(1.0, |factorial, j| {
            *factorial *= j.max(1) as f64;
            Some(1.0 / *factorial)
        })
        .collect();
    // The first column, which is the last row from its end.
    let mut edge: Vec<f64> = (1..=m).map(|j| (1.0 - libm::pow(h, j as f64)) * inverse[j]).collect();
    let corner = (2.0 * h - 1.0).max(0.0);
    edge[m - 1] += (libm::pow(corner, m as f64) - libm::pow(h, m as f64)) * inverse[m];
    let mut row = vec![0.0; m];
    row[k - 1] = 1.0;
    for step in 1..=n {
        let last = row[m - 1];
        let next = (0..m).map(|j| {
            let from = j.saturating_sub(1)..m - 1;
            let inner: f64 = if j == 0 {
                row[from].iter().zip(&edge).map(|(value, edge)| value * edge).sum()
            } else {
                row[from].iter().zip(&inverse).map(|(value, inverse)| value * inverse).sum()
            };
            (inner + last * edge[m - 1 - j]) * (step as f64 / n as f64)
        });
        row = next.collect();
    }
    row[k - 1]
}

/// P(D ≤ d) by the series of Pelz and Good (1976), to n^(−3/2).
pub(super) fn pelz_good(size: f64, d: f64) -> f64 {
    let z = libm::sqrt(size) * d;
    let (z2, z4, pi2) = (z * z, z.powi(4), PI * PI);
    let mut sums = [0.0; 4];
    // z is at most 3 here: the twentieth term is less than 1e-80.
    for k in 1..=20 {
        let m = f64::from(2 * k - 1).powi(2) * pi2 / 4.0;
        let factors = [
            1.0,
            m - z2,
            6.0 * z2 * z4 + 2.0 * z4 + (2.0 * z4 - 5.0 * z2) * m + (1.0 - 2.0 * z2) * m * m,
            -30.0 * z2 * z4 - 90.0 * z4 * z4
                + (135.0 * z4 - 96.0 * z2 * z4) * m
                + (212.0 * z4 - 60.0 * z2) * m * m
                + (5.0 - 30.0 * z2) * m.powi(3),
        ];
        let q = libm::exp(-m / (2.0 * z2));
        sums.iter_mut().zip(factors).for_each(|(sum, factor)| *sum += factor * q);
        let m = f64::from(k * k) * pi2;
        let q = m * libm::exp(-m / (2.0 * z2));
        sums[2] -= 2.0 * z4 * q;
        sums[3] += 30.0 * z4 * (3.0 * z2 - m) * q;
    }
    let root = libm::sqrt(size);
    let terms = sums[0] / z
        + sums[1] / (6.0 * z4 * root)
        + sums[2] / (72.0 * z.powi(7) * size)
        + sums[3] / (6480.0 * z.powi(10) * size * root);
    libm::sqrt(2.0 * PI) * terms
}
