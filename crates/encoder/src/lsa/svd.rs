//! The largest singular values of a large matrix, and its right singular vectors.
//!
//! Halko, Martinsson and Tropp, "Finding structure with randomness", SIAM Review 53 (2011):
//! algorithm 4.4 (a randomised range finder with power iterations, orthonormalised each time), then
//! 5.1 (the exact decomposition of what the range holds). The random matrix is a function of the
//! seed; sums over rows are taken in blocks of fixed size and added in order, so the result does not
//! depend on the number of threads.

use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use rayon::prelude::*;

use super::eigen;

/// Rows of a block.
const BLOCK: usize = 512;

/// Columns of a block whose squared length, once the columns before are taken off, is this part of
/// what it was have nothing of their own but rounding.
const DEPENDENT: f64 = 1e-10;

/// A matrix that is known by its products.
pub(super) trait Operator: Sync {
    /// Rows and columns.
    fn shape(&self) -> (usize, usize);
    /// `A x`.
    fn times(&self, x: ArrayView2<'_, f32>) -> Array2<f32>;
    /// `Aᵀ y`.
    fn transposed_times(&self, y: ArrayView2<'_, f32>) -> Array2<f32>;
}

/// How close to the exact decomposition, at what cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    /// Columns beyond those asked for.
    pub(super) oversampling: usize,
    /// How often the range is multiplied by `A Aᵀ`.
    pub(super) power_iterations: usize,
    pub(super) seed: u64,
}

/// Singular values, descending and positive, and what is needed for the right singular vectors.
pub(super) struct Svd {
    pub(super) values: Vec<f32>,
    /// `Aᵀ Q`, `(columns of A, l)`.
    range: Array2<f32>,
    /// `(l, values)`: the right singular vectors are `range · mix`.
    mix: Array2<f32>,
}

impl Svd {
    /// The `rank` largest, fewer when `a` has fewer that differ from zero.
    pub(super) fn of(a: &impl Operator, rank: usize, effort: Effort) -> Self {
        let (n, d) = a.shape();
        let width = (rank + effort.oversampling).min(n).min(d);
        let mut q = orthonormal(a.times(normal(d, width, effort.seed).view()));
        for _ in 0..effort.power_iterations {
            let across = a.transposed_times(q.view());
            q = orthonormal(a.times(across.view()));
        }
        let range = a.transposed_times(q.view());
        // The singular values of QᵀA are the roots of the eigenvalues of QᵀA(QᵀA)ᵀ.
        let (squares, vectors) = eigen::symmetric(gram(range.view()));
        let largest = squares.first().copied().unwrap_or(0.0);
        let kept = squares.iter().take(rank).take_while(|v| **v > largest * DEPENDENT).count();
        let values: Vec<f64> = squares[..kept].iter().map(|square| square.sqrt()).collect();
        let mix =
            Array2::from_shape_fn((width, kept), |(i, j)| (vectors[[j, i]] / values[j]) as f32);
        Self { values: values.into_iter().map(|value| value as f32).collect(), range, mix }
    }

    /// Of the rows `from..to` of `AᵀQ`, or of a matrix made of them, those of the right singular
    /// vectors, each scaled by a factor.
    pub(super) fn vectors(&self, rows: ArrayView2<'_, f32>, factors: &[f32]) -> Array2<f32> {
        product(rows, (&self.mix * &Array1::from(factors.to_vec())).view())
    }

    /// `AᵀQ`, one row a column of A.
    pub(super) fn range(&self) -> ArrayView2<'_, f32> {
        self.range.view()
    }
}

/// `(rows, columns)` of independent standard normal numbers: SplitMix64 (Steele, Lea and Flood,
/// OOPSLA 2014) by position, Box and Muller's transformation.
fn normal(rows: usize, columns: usize, seed: u64) -> Array2<f32> {
    let uniform = |index: u64| {
        let word = mix(mix(seed) ^ index);
        ((word >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    };
    let mut matrix = Array2::zeros((rows, columns));
    matrix.axis_iter_mut(Axis(0)).into_par_iter().enumerate().for_each(|(i, mut row)| {
        for (j, x) in row.iter_mut().enumerate() {
            let index = 2 * (i * columns + j) as u64;
            let radius = libm::sqrt(-2.0 * libm::log(uniform(index)));
            *x = (radius * libm::cos(std::f64::consts::TAU * uniform(index + 1))) as f32;
        }
    });
    matrix
}

const fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// An orthonormal basis of the columns of `y`: Cholesky's factor of `yᵀy` in f64, whose inverse
/// makes them orthonormal. A column that depends on those before it becomes zero.
fn orthonormal(y: Array2<f32>) -> Array2<f32> {
    let inverse = inverse_factor(gram(y.view()));
    product(y.view(), inverse.mapv(|x| x as f32).view())
}

/// For `g = R ᵀR` with R upper triangular, `R⁻¹`; zero in the columns that depend on others.
fn inverse_factor(g: Array2<f64>) -> Array2<f64> {
    let n = g.nrows();
    // Row by row, R's transpose.
    let mut lower = Array2::<f64>::zeros((n, n));
    for i in 0..n {
        for j in 0..i {
            let pivot = lower[[j, j]];
            if pivot > 0.0 {
                let sum = lower.slice(s![i, ..j]).dot(&lower.slice(s![j, ..j]));
                lower[[i, j]] = (g[[i, j]] - sum) / pivot;
            }
        }
        let before = lower.slice(s![i, ..i]);
        let left = g[[i, i]] - before.dot(&before);
        if left > g[[i, i]] * DEPENDENT {
            lower[[i, i]] = left.sqrt();
        } else {
            lower.slice_mut(s![i, ..i]).fill(0.0);
        }
    }
    // Rows of L⁻¹ from those before: L⁻¹[i] = (e_i − Σ_k L[i, k] L⁻¹[k]) / L[i, i].
    let mut inverse = Array2::<f64>::zeros((n, n));
    for i in (0..n).filter(|i| lower[[*i, *i]] > 0.0) {
        let (before, mut from) = inverse.view_mut().split_at(Axis(0), i);
        let mut row = from.row_mut(0);
        for k in 0..i {
            row.scaled_add(-lower[[i, k]], &before.row(k));
        }
        row[i] += 1.0;
        row /= lower[[i, i]];
    }
    inverse.reversed_axes()
}

/// `yᵀy`, in f64.
fn gram(y: ArrayView2<'_, f32>) -> Array2<f64> {
    let partial = |rows: ArrayView2<'_, f32>| {
        let rows = rows.mapv(f64::from);
        rows.t().dot(&rows)
    };
    // As many blocks at once as keep some threads busy, whatever their number.
    let mut sum = Array2::zeros((y.ncols(), y.ncols()));
    for part in y.axis_chunks_iter(Axis(0), 16 * BLOCK) {
        let blocks: Vec<Array2<f64>> =
            part.axis_chunks_iter(Axis(0), BLOCK).into_par_iter().map(partial).collect();
        blocks.iter().for_each(|block| sum += block);
    }
    sum
}

/// `x · y`, blocks of rows in parallel.
fn product(x: ArrayView2<'_, f32>, y: ArrayView2<'_, f32>) -> Array2<f32> {
    let mut to = Array2::zeros((x.nrows(), y.ncols()));
    if to.is_empty() {
        return to;
    }
    to.axis_chunks_iter_mut(Axis(0), BLOCK)
        .into_par_iter()
        .zip(x.axis_chunks_iter(Axis(0), BLOCK))
        .for_each(|(mut to, x)| ndarray::linalg::general_mat_mul(1.0, &x, &y, 0.0, &mut to));
    to
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    impl Operator for Array2<f32> {
        fn shape(&self) -> (usize, usize) {
            self.dim()
        }

        fn times(&self, x: ArrayView2<'_, f32>) -> Array2<f32> {
            self.dot(&x)
        }

        fn transposed_times(&self, y: ArrayView2<'_, f32>) -> Array2<f32> {
            self.t().dot(&y)
        }
    }

    const EFFORT: Effort = Effort { oversampling: 16, power_iterations: 2, seed: 1 };

    /// Singular values by Hestenes' one-sided Jacobi rotations: slow, simple, another method.
    fn naive(a: &Array2<f32>) -> Vec<f64> {
        let mut a = a.mapv(f64::from);
        let n = a.ncols();
        for _ in 0..60 {
            for i in 0..n {
                for j in i + 1..n {
                    let (x, y) = (a.column(i).to_owned(), a.column(j).to_owned());
                    let (p, q, r) = (x.dot(&x), y.dot(&y), x.dot(&y));
                    if r.abs() > 1e-15 * (p * q).sqrt() {
                        let angle = 0.5 * (2.0 * r).atan2(p - q);
                        let (s, c) = angle.sin_cos();
                        a.column_mut(i).assign(&(&x * c + &y * s));
                        a.column_mut(j).assign(&(&y * c - &x * s));
                    }
                }
            }
        }
        let mut values: Vec<f64> = a.columns().into_iter().map(|x| x.dot(&x).sqrt()).collect();
        values.sort_by(|x, y| y.total_cmp(x));
        values
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn equals_the_naive_decomposition(
            (n, d, rank) in (1_usize..14, 1_usize..14, 1_usize..16),
            entries in prop::collection::vec(-4_i8..5, 14 * 14),
        ) {
            let a = Array2::from_shape_fn((n, d), |(i, j)| f32::from(entries[i * 14 + j]));
            let exact: Vec<f64> = naive(&a).into_iter().filter(|v| *v > 1e-4).collect();
            let svd = Svd::of(&a, rank, EFFORT);
            // A power iteration squares what two values are to each other: in f32, what is more
            // than a hundred times smaller than the largest drowns.
            let clear = exact.iter().take_while(|v| **v > exact[0] * 0.02).count();
            let kept = clear.min(rank);
            prop_assert!((kept..=exact.len().min(rank)).contains(&svd.values.len()));
            let ones = vec![1.0; svd.values.len()];
            let vectors = svd.vectors(svd.range(), &ones);
            for (j, value) in exact.iter().take(kept).enumerate() {
                let scale = exact[0];
                prop_assert!((f64::from(svd.values[j]) - value).abs() < 1e-4 * scale, "{value}");
                // v is of length one, and Aᵀ A v = σ² v: it spans its part of the exact subspace.
                let v = vectors.column(j).to_owned();
                prop_assert!((v.dot(&v) - 1.0).abs() < 1e-3);
                let error = a.t().dot(&a.dot(&v)) - &v * svd.values[j].powi(2);
                prop_assert!(f64::from(error.dot(&error).sqrt()) < 3e-4 * scale * scale, "{error}");
            }
        }

        #[test]
        fn columns_become_orthonormal_or_zero(
            entries in prop::collection::vec(-2_i8..3, 9 * 6),
        ) {
            let y = Array2::from_shape_fn((9, 6), |(i, j)| f32::from(entries[i * 6 + j]));
            let q = orthonormal(y.clone());
            for ((i, j), x) in q.t().dot(&q).indexed_iter() {
                prop_assert!(x.abs() < 1e-4 || (i == j && (x - 1.0).abs() < 1e-4), "{x}");
            }
            // The basis spans the columns.
            let left = &y - &q.dot(&q.t().dot(&y));
            prop_assert!(left.iter().all(|x| x.abs() < 1e-3), "{left}");
        }
    }

    #[test]
    fn a_large_matrix_of_small_rank_is_found_whole() {
        // Rank 5, more rows than a block, singular values that fall by half.
        let (n, d) = (1_300, 90);
        let left = orthonormal(normal(n, 5, 1));
        let right = orthonormal(normal(d, 5, 2));
        let a = (left * &ndarray::array![16.0, 8.0, 4.0, 2.0, 1.0]).dot(&right.t());
        let svd = Svd::of(&a, 20, EFFORT);
        assert_eq!(svd.values.len(), 5);
        for (found, expected) in svd.values.iter().zip([16.0, 8.0, 4.0, 2.0, 1.0]) {
            assert!((found - expected).abs() < 1e-4, "{found}");
        }
        let ones = [1.0; 5];
        let v = svd.vectors(svd.range(), &ones);
        // The subspaces are equal: the projection of one on the other loses nothing.
        let together = right.t().dot(&v);
        assert!((together.iter().map(|x| x * x).sum::<f32>() - 5.0).abs() < 1e-3);
    }

    #[test]
    fn normal_numbers_are_normal() {
        let x = normal(200, 50, 3);
        let (mean, square) = (x.mean().unwrap(), x.mapv(|x| x * x).mean().unwrap());
        assert!(mean.abs() < 0.03 && (square - 1.0).abs() < 0.05, "{mean} {square}");
        assert!(x.iter().all(|x| x.is_finite()));
    }
}
