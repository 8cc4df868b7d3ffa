//! Eigenvalues and eigenvectors of a symmetric matrix.
//!
//! Householder's reduction to tridiagonal form, then QL iterations with implicit shifts: Golub and
//! Van Loan, *Matrix Computations*, 8.3; EISPACK's `tred2` and `tql2`. In f64, in one thread, with
//! `libm`'s functions, so the bytes are the same everywhere. Some 400 columns take a fraction of a
//! second.

use ndarray::Array2;

/// QL iterations for one eigenvalue; two or three are usual.
const ITERATIONS: usize = 60;

/// The eigenvalues of the symmetric `a`, descending, and its eigenvectors: row i of the matrix is of
/// length one and belongs to eigenvalue i.
pub(super) fn symmetric(mut a: Array2<f64>) -> (Vec<f64>, Array2<f64>) {
    let n = a.nrows();
    let (mut diagonal, mut beside, mut rows) = tridiagonal(&mut a);
    diagonalise(&mut diagonal, &mut beside, &mut rows);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| diagonal[j].total_cmp(&diagonal[i]));
    let mut vectors = Array2::zeros((n, n));
    for (to, &from) in order.iter().enumerate() {
        vectors.row_mut(to).assign(&Array2::from_shape_fn((1, n), |(_, k)| rows[from][k]).row(0));
    }
    (order.iter().map(|&i| diagonal[i]).collect(), vectors)
}

/// Diagonal and subdiagonal of `QᵀaQ`, and the rows of `Qᵀ`. Overwrites `a`.
fn tridiagonal(a: &mut Array2<f64>) -> (Vec<f64>, Vec<f64>, Vec<Vec<f64>>) {
    let n = a.nrows();
    let mut beside = vec![0.0; n];
    // Householder vectors with their factors: H = I − βvvᵀ, v from row k + 1 on.
    let mut reflectors: Vec<(f64, Vec<f64>)> = Vec::with_capacity(n.saturating_sub(2));
    for k in 0..n.saturating_sub(2) {
        let mut v: Vec<f64> = (k + 1..n).map(|i| a[[i, k]]).collect();
        let norm = dot(&v, &v).sqrt();
        if norm == 0.0 {
            reflectors.push((0.0, v));
            continue;
        }
        let alpha = if v[0] > 0.0 { -norm } else { norm };
        beside[k] = alpha;
        v[0] -= alpha;
        let beta = 2.0 / dot(&v, &v);
        let p: Vec<f64> = (k + 1..n)
            .map(|i| beta * v.iter().enumerate().map(|(j, x)| a[[i, k + 1 + j]] * x).sum::<f64>())
            .collect();
        let half = 0.5 * beta * dot(&p, &v);
        let w: Vec<f64> = p.iter().zip(&v).map(|(p, v)| p - half * v).collect();
        for i in 0..v.len() {
            let mut row = a.row_mut(k + 1 + i);
            for j in 0..v.len() {
                row[k + 1 + j] -= v[i] * w[j] + w[i] * v[j];
            }
        }
        reflectors.push((beta, v));
    }
    if n > 1 {
        beside[n - 2] = a[[n - 1, n - 2]];
    }
    let mut rows: Vec<Vec<f64>> = (0..n)
        .map(|i| {
            let mut row = vec![0.0; n];
            row[i] = 1.0;
            row
        })
        .collect();
    for (k, (beta, v)) in reflectors.iter().enumerate().rev() {
        for row in &mut rows[k + 1..] {
            let tail = &mut row[k + 1..];
            let along = beta * dot(tail, v);
            tail.iter_mut().zip(v).for_each(|(x, v)| *x -= along * v);
        }
    }
    ((0..n).map(|i| a[[i, i]]).collect(), beside, rows)
}

/// Turns the diagonal into the eigenvalues and `rows` into the eigenvectors.
fn diagonalise(diagonal: &mut [f64], beside: &mut [f64], rows: &mut [Vec<f64>]) {
    let n = diagonal.len();
    for from in 0..n {
        for _ in 0..ITERATIONS {
            let negligible = |m: &usize| {
                let scale = diagonal[*m].abs() + diagonal[m + 1].abs();
                beside[*m].abs() <= f64::EPSILON * scale
            };
            let to = (from..n - 1).find(negligible).unwrap_or(n - 1);
            if to == from {
                break;
            }
            step(diagonal, beside, rows, from, to);
        }
    }
}

/// One QL step with Wilkinson's shift on the block `from..=to`.
fn step(d: &mut [f64], e: &mut [f64], rows: &mut [Vec<f64>], from: usize, to: usize) {
    let slope = (d[from + 1] - d[from]) / (2.0 * e[from]);
    let root = libm::hypot(slope, 1.0);
    let mut g = d[to] - d[from] + e[from] / (slope + if slope < 0.0 { -root } else { root });
    let (mut s, mut c, mut p) = (1.0, 1.0, 0.0);
    for i in (from..to).rev() {
        let (f, b) = (s * e[i], c * e[i]);
        let r = libm::hypot(f, g);
        e[i + 1] = r;
        if r == 0.0 {
            // The block falls apart here: the next step takes up what is left.
            d[i + 1] -= p;
            e[to] = 0.0;
            return;
        }
        (s, c) = (f / r, g / r);
        g = d[i + 1] - p;
        let t = (d[i] - g) * s + 2.0 * c * b;
        p = s * t;
        d[i + 1] = g + p;
        g = c * t - b;
        let (low, high) = rows.split_at_mut(i + 1);
        for (x, y) in low[i].iter_mut().zip(&mut high[0]) {
            (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
        }
    }
    d[from] -= p;
    e[from] = g;
    e[to] = 0.0;
}

/// Eight sums side by side, then their sum: an order that the compiler can keep in registers.
fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (xs, ys) = (x.chunks_exact(8), y.chunks_exact(8));
    let rest: f64 = xs.remainder().iter().zip(ys.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in xs.zip(ys) {
        for lane in 0..8 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(a: &Array2<f64>) -> Result<(), TestCaseError> {
        let (values, vectors) = symmetric(a.clone());
        let scale = a.iter().fold(1.0_f64, |m, x| m.max(x.abs()));
        let product = a.dot(&vectors.t());
        for (i, value) in values.iter().enumerate() {
            for k in 0..a.nrows() {
                let error = product[[k, i]] - value * vectors[[i, k]];
                prop_assert!(error.abs() < 1e-10 * scale, "{error}");
            }
        }
        let identity = vectors.dot(&vectors.t());
        for ((i, j), x) in identity.indexed_iter() {
            prop_assert!((x - f64::from(u8::from(i == j))).abs() < 1e-11);
        }
        prop_assert!(values.windows(2).all(|pair| pair[0] >= pair[1]));
        Ok(())
    }

    proptest! {
        #[test]
        fn vectors_are_orthonormal_and_solve_the_equation(
            n in 1_usize..24,
            values in prop::collection::vec(-3_i8..4, 24 * 24),
        ) {
            // Small whole numbers: zeros, equal eigenvalues and blocks that fall apart.
            check(&Array2::from_shape_fn((n, n), |(i, j)| {
                f64::from(values[i.max(j) * 24 + i.min(j)])
            }))?;
        }
    }

    #[test]
    fn special_matrices() {
        check(&Array2::zeros((5, 5))).unwrap();
        check(&Array2::eye(7)).unwrap();
        check(&Array2::ones((9, 9))).unwrap();
        assert_eq!(symmetric(Array2::zeros((0, 0))).0, Vec::<f64>::new());
        let (values, _) = symmetric(ndarray::array![[2.0, 1.0], [1.0, 2.0]]);
        assert!((values[0] - 3.0).abs() < 1e-15 && (values[1] - 1.0).abs() < 1e-15);
    }
}
