//! The distribution of Kolmogorov's distance for one sample of size n, as `scipy.stats.kstwo`.
//!
//! Which method serves which part of the plane is Simard and L'Ecuyer's choice (Journal of
//! Statistical Software 39(11), 2011), as scipy has it.

use std::f64::consts::PI;

/// Factorials of `n` and the like, made once for many distances.
#[derive(Clone, Debug)]
pub struct Kolmogorov {
    n: u64,
    size: f64,
    /// ln(v!) for v up to n; made only where Smirnov's sum is short enough to be evaluated.
    ln_factorials: Vec<f64>,
}

impl Kolmogorov {
    /// For the distance of two samples: that of one sample of `n·m / (n + m)`, rounded half to even.
    #[must_use]
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub fn of(n: u64, m: u64) -> Self {
        let (large, small) = (n.max(m) as f64, n.min(m) as f64);
        let size =
            if small == 0.0 { 0.0 } else { (large * small / (large + small)).round_ties_even() };
        Self::new(size as u64)
    }

    /// For one sample of size `n`.
    #[must_use]
    #[expect(clippy::cast_precision_loss)]
    pub fn new(n: u64) -> Self {
        let mut ln_factorials = vec![0.0];
        let (mut sum, mut lost) = (0.0, 0.0);
        for v in 1..=n.min(SMIRNOV_MOST) {
            // Summed with compensation: the exponents of Smirnov's sum are differences of these.
            let term = libm::log(v as f64) - lost;
            let next = sum + term;
            lost = (next - sum) - term;
            sum = next;
            ln_factorials.push(sum);
        }
        Self { n, size: n as f64, ln_factorials }
    }

    /// Probability of a distance of at least `d`; NaN for an empty sample.
    #[must_use]
    pub fn survival(&self, d: f64) -> f64 {
        if self.n == 0 || d.is_nan() {
            return f64::NAN;
        }
        let (n, size) = (self.n, self.size);
        let t = size * d;
        if d >= 1.0 {
            return 0.0;
        }
        if t <= 0.5 {
            return 1.0;
        }
        if t <= 1.0 {
            return (1.0 - self.ruben_gambino(t)).clamp(0.0, 1.0);
        }
        if t >= size - 1.0 {
            return 2.0 * libm::pow(1.0 - d, size);
        }
        if d >= 0.5 {
            return (2.0 * self.smirnov(d)).clamp(0.0, 1.0);
        }
        let ndd = t * d;
        if n <= 140 {
            let p = if ndd <= 0.754_693 {
                1.0 - durbin(n, d)
            } else if ndd <= 4.0 {
                1.0 - pomeranz(n, d)
            } else {
                2.0 * self.smirnov(d)
            };
            return p.clamp(0.0, 1.0);
        }
        if ndd >= 370.0 {
            return 0.0;
        }
        if ndd >= 2.2 {
            return (2.0 * self.smirnov(d)).clamp(0.0, 1.0);
        }
        let cdf = pelz_good(size, d);
        // Where scipy takes the matrix, its cost is cubic in n·d. When the probability is one to
        // nine digits anyway, the series says so as well.
        if n <= 100_000 && size * d * libm::sqrt(d) <= 1.4 && cdf > 1e-10 {
            return (1.0 - durbin(n, d)).clamp(0.0, 1.0);
        }
        (1.0 - cdf).clamp(0.0, 1.0)
    }

    /// P(D ≤ t/n) for ½ < t ≤ 1: n!/nⁿ · (2t − 1)ⁿ.
    #[expect(clippy::cast_precision_loss)]
    fn ruben_gambino(&self, t: f64) -> f64 {
        (1..=self.n.min(1_000)).map(|v| v as f64 / self.size * (2.0 * t - 1.0)).product()
    }

    /// P(D⁺ ≥ d): Smirnov's sum `Σ C(n,v) · d · (d + v/n)^(v−1) · (1 − d − v/n)^(n−v)`.
    ///
    /// Its terms rise and then fall, so it is summed from both ends of where they matter.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn smirnov(&self, d: f64) -> f64 {
        let size = self.size;
        if self.n > SMIRNOV_MOST {
            // Kolmogorov's limit with its first correction; scipy's sum would take long.
            return libm::exp(-(6.0 * size * d + 1.0).powi(2) / (18.0 * size));
        }
        let ln_n = self.ln_factorials.last().copied().unwrap_or(0.0);
        let last = libm::floor(size * (1.0 - d)) as usize;
        let mut sum = 0.0;
        let mut greatest: f64 = 0.0;
        for (v, (ln_v, ln_rest)) in self
            .ln_factorials
            .iter()
            .zip(self.ln_factorials.iter().rev())
            .enumerate()
            .take(last + 1)
        {
            let at = v as f64;
            let rest = 1.0 - d - at / size;
            if rest <= 0.0 {
                // 0⁰ is one: only for v = n, which d > 0 leaves out.
                continue;
            }
            let ln = ln_n - ln_v - ln_rest
                + (at - 1.0) * libm::log(d + at / size)
                + (size - at) * libm::log(rest);
            let term = libm::exp(ln);
            sum += term;
            greatest = greatest.max(term);
            if term < greatest * 1e-18 && 2 * v > last {
                break;
            }
        }
        sum * d
    }
}

/// Above this size Smirnov's sum is not evaluated term by term.
const SMIRNOV_MOST: u64 = 2_000_000;

/// A power of two to keep numbers in range, and its exponent.
const SCALE: f64 = (1_u128 << 127) as f64 * 2.0;
const SCALE_EXPONENT: i32 = 128;

/// P(D ≤ d) by Durbin's matrix, raised to the n-th power (Marsaglia, Tsang and Wang 2003).
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn durbin(n: u64, d: f64) -> f64 {
    let size = n as f64;
    let nd = size * d;
    let k = libm::ceil(nd) as usize;
    let h = k as f64 - nd;
    let m = 2 * k - 1;
    let mut first = Vec::with_capacity(m);
    let mut inverse_factorials = Vec::with_capacity(m);
    let (mut factorial, mut power) = (1.0, 1.0);
    for j in 1..=m {
        inverse_factorials.push(factorial);
        factorial /= j as f64;
        power *= h;
        first.push((1.0 - power) * factorial);
    }
    let corner = libm::pow((2.0 * h - 1.0).max(0.0), m as f64) - 2.0 * power;
    first[m - 1] = (1.0 + corner) * factorial;
    let mut matrix = vec![0.0; m * m];
    for row in 0..m {
        for column in 1..m.min(row + 2) {
            matrix[row * m + column] = inverse_factorials[row + 1 - column];
        }
        matrix[row * m] = first[row];
    }
    for (column, value) in first.iter().rev().enumerate() {
        matrix[(m - 1) * m + column] = *value;
    }
    let mut result: Vec<f64> = vec![0.0; m * m];
    for row in 0..m {
        result[row * m + row] = 1.0;
    }
    let (mut exponent, mut matrix_exponent) = (0, 0);
    let mut left = n;
    while left > 0 {
        if left % 2 == 1 {
            result = product(&result, &matrix, m);
            exponent += matrix_exponent;
        }
        matrix = product(&matrix, &matrix, m);
        matrix_exponent *= 2;
        if matrix[(k - 1) * m + k - 1].abs() > SCALE {
            matrix.iter_mut().for_each(|value| *value /= SCALE);
            matrix_exponent += SCALE_EXPONENT;
        }
        left /= 2;
    }
    let mut p = result[(k - 1) * m + k - 1];
    for v in 1..=n {
        p *= v as f64 / size;
        if p.abs() < 1.0 / SCALE {
            p *= SCALE;
            exponent -= SCALE_EXPONENT;
        }
    }
    libm::ldexp(p, exponent).clamp(0.0, 1.0)
}

/// The product of two square matrices of `m` rows.
fn product(left: &[f64], right: &[f64], m: usize) -> Vec<f64> {
    let mut result = vec![0.0; m * m];
    for (row, out) in left.chunks_exact(m).zip(result.chunks_exact_mut(m)) {
        for (&factor, other) in row.iter().zip(right.chunks_exact(m)) {
            for (sum, value) in out.iter_mut().zip(other) {
                *sum += factor * value;
            }
        }
    }
    result
}

/// P(D ≤ d) by the recursion of Pomeranz (1974), for small n.
///
/// Row i of 2n + 2 is a convolution of the row before with the probabilities of a Poisson variable,
/// restricted to the band that the distance allows.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
fn pomeranz(n: u64, d: f64) -> f64 {
    let (size, n) = (n as f64, i64::try_from(n).unwrap_or(i64::MAX));
    let t = size * d;
    let whole = libm::floor(t);
    let fraction = t - whole;
    let g = fraction.min(1.0 - fraction);
    let whole = whole as i64;
    let (up, half_up) = (i64::from(fraction > 0.0), i64::from(fraction > 0.5));
    let width = usize::try_from(2 * (whole + 1)).unwrap_or(0);
    let poisson = |mean: f64| {
        let mut powers = vec![1.0; width];
        for v in 1..width {
            powers[v] = powers[v - 1] * mean / v as f64;
        }
        powers
    };
    let (edge, odd, even) =
        (poisson(g / size), poisson(2.0 * g / size), poisson((1.0 - 2.0 * g) / size));
    // The columns of row i that may differ from zero.
    let band = |i: i64| {
        let (low, high) = if i == 0 {
            (-whole - up - 1, whole + up - 1)
        } else {
            let half = (i + 1) / 2;
            if (i + 1) % 2 == 0 {
                if half == n + 1 {
                    (n - whole - up - 1, n + whole + up - 1)
                } else {
                    (half - 1 - whole - half_up - 1, half + whole - 1 + up - 1)
                }
            } else {
                (half - 1 - whole - 1, half + whole + half_up - 1)
            }
        };
        ((low + 2).max(0), high.min(n))
    };
    let mut exponent = 0;
    let mut start = 0;
    let (mut low, _) = band(0);
    let mut row = vec![1.0];
    for i in 1..=2 * n + 1 {
        let previous_low = low;
        let high;
        (low, high) = band(i);
        let powers = if i == 1 || i == 2 * n + 1 {
            &edge
        } else if i % 2 == 1 {
            &odd
        } else {
            &even
        };
        let mut next: Vec<f64> = (low..=high)
            .map(|column| {
                (previous_low..=column)
                    .filter_map(|from| {
                        let value = row.get(usize::try_from(from - start).ok()?)?;
                        let power = powers.get(usize::try_from(column - from).ok()?)?;
                        Some(value * power)
                    })
                    .sum()
            })
            .collect();
        let greatest = next.iter().copied().fold(0.0, f64::max);
        if greatest > 0.0 && greatest < 1.0 / SCALE {
            next.iter_mut().for_each(|value| *value *= SCALE);
            exponent -= SCALE_EXPONENT;
        }
        row = next;
        start = low;
    }
    let at = usize::try_from(n - start).ok();
    let mut p = at.and_then(|at| row.get(at)).copied().unwrap_or(0.0);
    for v in 1..=n {
        if p.abs() > SCALE {
            p /= SCALE;
            exponent += SCALE_EXPONENT;
        }
        p *= v as f64;
    }
    libm::ldexp(p, exponent).clamp(0.0, 1.0)
}

/// P(D ≤ d) by the asymptotic series of Pelz and Good (1976), to n^(−3/2).
#[expect(clippy::cast_possible_truncation)]
fn pelz_good(size: f64, d: f64) -> f64 {
    let root = libm::sqrt(size);
    let z = root * d;
    let (z2, z4, z6) = (z * z, z.powi(4), z.powi(6));
    let pi2 = PI * PI;
    let ln_q = -pi2 / 8.0 / z2;
    if ln_q < -708.0 {
        return 0.0;
    }
    let root_2pi = libm::sqrt(2.0 * PI);
    let terms = libm::ceil(16.0 * z / PI) as i32;
    let (k1, k1m) = (-z2, pi2 / 4.0);
    let k2 = [
        6.0 * z6 + 2.0 * z4,
        (2.0 * z4 - 5.0 * z2) * pi2 / 4.0,
        pi2 * pi2 * (1.0 - 2.0 * z2) / 16.0,
    ];
    let k3 = [
        -30.0 * z6 - 90.0 * z.powi(8),
        pi2 * (135.0 * z4 - 96.0 * z6) / 4.0,
        pi2 * pi2 * (-60.0 * z2 + 212.0 * z4) / 16.0,
        pi2.powi(3) * (5.0 - 30.0 * z2) / 64.0,
    ];
    let mut sums = [0.0; 4];
    for k in (1..=terms).rev() {
        let m2 = f64::from(2 * k - 1).powi(2);
        let m4 = m2 * m2;
        let q = libm::exp(ln_q * f64::from(8 * k));
        let coefficients = [
            1.0,
            k1 + k1m * m2,
            k2[0] + k2[1] * m2 + k2[2] * m4,
            k3[0] + k3[1] * m2 + k3[2] * m4 + k3[3] * m4 * m2,
        ];
        for (sum, coefficient) in sums.iter_mut().zip(coefficients) {
            *sum = *sum * q + coefficient;
        }
    }
    let q = libm::exp(ln_q) * root_2pi;
    for (sum, divisor) in sums.iter_mut().zip([z, 6.0 * z4, 72.0 * z.powi(7), 6480.0 * z.powi(10)])
    {
        *sum *= q / divisor;
    }
    // The sums over all whole numbers.
    let (mut extra2, mut extra3) = (0.0, 0.0);
    let root3z = 3.0_f64.sqrt() * z;
    for k in (1..=terms).rev() {
        let k = f64::from(k);
        let power = k * k * libm::exp(-pi2 / 2.0 / z2 * k * k);
        extra2 += power;
        extra3 += (root3z + PI * k) * (root3z - PI * k) * power;
    }
    sums[2] += extra2 * pi2 * root_2pi / (-36.0 * z2 * z);
    sums[3] += extra3 * pi2 * root_2pi / (216.0 * z6);
    sums[0] + sums[1] / root + sums[2] / size + sums[3] / (size * root)
}
