//! Dot products and the matrix product: what all the time goes into.
//!
//! A dot product here is summed in one order everywhere, over [`LANES`] partial sums, with a product and a
//! sum for each value rather than one fused step, which not every processor has. The same source is compiled
//! for AVX-512, AVX2, NEON and for what every processor has, and the best is chosen at run time: they differ
//! in speed and not in a bit. The price is nothing: the loop waits for its loads.

use pulp::{Arch, NullaryFnOnce, Simd, WithSimd};

/// Partial sums of a dot product.
const LANES: usize = 32;

/// Vectors that lie `stride` values apart, the first at `offset`.
#[derive(Clone, Copy)]
pub(crate) struct StridedVectors<'a> {
    values: &'a [f32],
    stride: usize,
    offset: usize,
    dimensions: usize,
}

impl<'a> StridedVectors<'a> {
    pub(crate) fn dense(values: &'a [f32], dimensions: usize) -> Self {
        Self { values, stride: dimensions, offset: 0, dimensions }
    }

    pub(crate) fn strided(
        values: &'a [f32],
        stride: usize,
        offset: usize,
        dimensions: usize,
    ) -> Self {
        Self { values, stride, offset, dimensions }
    }

    #[inline(always)]
    pub(crate) fn row(self, row: usize) -> &'a [f32] {
        let start = row * self.stride + self.offset;
        &self.values[start..start + self.dimensions]
    }
}

/// `a · b`.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut out = [0f32];
    Arch::new().dispatch(Dots { row: |_| a, vector: b, out: &mut out });
    out[0]
}

/// `out[i] = table.row(rows[i]) · vector`.
pub(crate) fn dots(table: StridedVectors<'_>, rows: &[u32], vector: &[f32], out: &mut [f32]) {
    let out = &mut out[..rows.len()];
    Arch::new().dispatch(Dots { row: |i| table.row(rows[i] as usize), vector, out });
}

/// `out[i] = row · row` for the rows from `first` on.
pub(crate) fn squares(table: StridedVectors<'_>, first: usize, out: &mut [f32]) {
    struct Squares<'a>(StridedVectors<'a>, usize, &'a mut [f32]);
    impl WithSimd for Squares<'_> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            for (i, out) in self.2.iter_mut().enumerate() {
                let row = self.0.row(self.1 + i);
                Dots { row: |_| row, vector: row, out: std::slice::from_mut(out) }.with_simd(simd);
            }
        }
    }
    Arch::new().dispatch(Squares(table, first, out));
}

/// `out[i] = row(i) · vector`.
struct Dots<'a, F> {
    row: F,
    vector: &'a [f32],
    out: &'a mut [f32],
}

impl<'a, F: Fn(usize) -> &'a [f32]> WithSimd for Dots<'a, F> {
    type Output = ();

    /// As many rows side by side as the registers hold partial sums of.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match size_of::<S::f32s>() / size_of::<f32>() {
            16 => self.run::<S, 2, 4>(simd),
            8 => self.run::<S, 4, 2>(simd),
            4 => self.run::<S, 8, 2>(simd),
            _ => self.run::<S, LANES, 1>(simd),
        }
    }
}

impl<'a, F: Fn(usize) -> &'a [f32]> Dots<'a, F> {
    #[inline(always)]
    fn run<S: Simd, const REGISTERS: usize, const N: usize>(self, simd: S) {
        let (blocks, rest) = self.out.as_chunks_mut::<N>();
        let done = N * blocks.len();
        for (block, out) in blocks.iter_mut().enumerate() {
            let rows = std::array::from_fn(|i| (self.row)(N * block + i));
            *out = products::<S, REGISTERS, N>(simd, rows, self.vector);
        }
        for (i, out) in rest.iter_mut().enumerate() {
            let rows = [(self.row)(done + i)];
            *out = products::<S, REGISTERS, 1>(simd, rows, self.vector)[0];
        }
    }
}

/// `sum += row`.
pub(crate) fn add(sum: &mut [f32], row: &[f32]) {
    struct Add<'a>(&'a mut [f32], &'a [f32]);
    impl NullaryFnOnce for Add<'_> {
        type Output = ();
        #[inline(always)]
        fn call(self) {
            for (sum, value) in self.0.iter_mut().zip(self.1) {
                *sum += value;
            }
        }
    }
    Arch::new().dispatch(Add(sum, row));
}

/// Whether any score reaches the floor of its row, or that of its column (empty: no such floors).
pub(crate) fn any_reaches(scores: &[f32], floor: f32, floors: &[f32]) -> bool {
    struct Any<'a>(&'a [f32], f32, &'a [f32]);
    impl NullaryFnOnce for Any<'_> {
        type Output = bool;
        #[inline(always)]
        fn call(self) -> bool {
            let mut any = false;
            if self.2.is_empty() {
                for score in self.0 {
                    any |= *score >= self.1;
                }
            } else {
                for (score, floor) in self.0.iter().zip(self.2) {
                    any |= *score >= floor.min(self.1);
                }
            }
            any
        }
    }
    Arch::new().dispatch(Any(scores, floor, floors))
}

/// The dot products of `N` rows with one vector, side by side so that its values are loaded once. The partial
/// sums of a row fill `REGISTERS` registers.
#[inline(always)]
fn products<S: Simd, const REGISTERS: usize, const N: usize>(
    simd: S,
    rows: [&[f32]; N],
    vector: &[f32],
) -> [f32; N] {
    let whole = vector.len() / LANES * LANES;
    let (chunks, _) = S::as_simd_f32s(&vector[..whole]).0.as_chunks::<REGISTERS>();
    let whole_rows = rows
        .map(|row| &S::as_simd_f32s(&row[..whole]).0.as_chunks::<REGISTERS>().0[..chunks.len()]);
    let mut sums = [[simd.splat_f32s(0.0); REGISTERS]; N];
    for (c, chunk) in chunks.iter().enumerate() {
        for (register, values) in chunk.iter().enumerate() {
            for (sum, row) in sums.iter_mut().zip(&whole_rows) {
                let product = simd.mul_f32s(row[c][register], *values);
                sum[register] = simd.add_f32s(sum[register], product);
            }
        }
    }
    let mut out = [0f32; N];
    for ((out, sum), row) in out.iter_mut().zip(&sums).zip(&rows) {
        let mut lanes = [0f32; LANES];
        lanes.copy_from_slice(bytemuck::cast_slice(sum));
        for ((lane, a), b) in lanes.iter_mut().zip(&row[whole..]).zip(&vector[whole..]) {
            *lane += a * b;
        }
        *out = total(&lanes);
    }
    out
}

/// The sum of the partial sums, the upper half onto the lower, again and again.
#[inline(always)]
fn total(lanes: &[f32; LANES]) -> f32 {
    let a: [f32; 16] = std::array::from_fn(|i| lanes[i] + lanes[i + 16]);
    let b: [f32; 8] = std::array::from_fn(|i| a[i] + a[i + 8]);
    let c: [f32; 4] = std::array::from_fn(|i| b[i] + b[i + 4]);
    (c[0] + c[2]) + (c[1] + c[3])
}

/// `out = a · bᵀ` on one thread: `a` is `(m, d)`, `b` `(n, d)`, `out` `(m, n)`, all in C order.
pub(crate) fn product(a: &[f32], b: &[f32], dimensions: usize, out: &mut [f32]) {
    let (m, n) = (a.len() / dimensions, b.len() / dimensions);
    assert!(a.len() == m * dimensions && b.len() == n * dimensions && out.len() == m * n);
    let (row, column) = (dimensions as isize, n as isize);
    // SAFETY: the three slices hold `(m, d)`, `(n, d)` and `(m, n)` values, as asserted above, and the strides
    // given (in values) walk exactly these; `out` is borrowed mutably, so it overlaps neither input.
    #[allow(unsafe_code)]
    unsafe {
        gemm::gemm(
            m,
            n,
            dimensions,
            out.as_mut_ptr(),
            1,
            column,
            false,
            a.as_ptr(),
            1,
            row,
            b.as_ptr(),
            row,
            1,
            0.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(n: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        })
        .take(n)
        .collect()
    }

    #[test]
    fn every_kernel_gives_the_same_bits() {
        for dimensions in [1, 3, 31, 32, 33, 100, 384] {
            let (values, vector) = (numbers(7 * dimensions, 1), numbers(dimensions, 2));
            let table = StridedVectors::dense(&values, dimensions);
            let rows: Vec<u32> = (0..7).rev().collect();
            let (mut fast, mut plain) = (vec![0f32; 7], vec![0f32; 7]);
            dots(table, &rows, &vector, &mut fast);
            // What a processor without any extension runs.
            let row = |i: usize| table.row(rows[i] as usize);
            Dots { row, vector: &vector, out: &mut plain }.with_simd(pulp::Scalar::new());
            assert_eq!(fast, plain, "{dimensions}");
            let one: Vec<f32> = rows.iter().map(|&r| dot(&vector, table.row(r as usize))).collect();
            assert_eq!(fast, one, "{dimensions}");
        }
    }

    #[test]
    fn dot_products_are_right() {
        let (a, b) = (numbers(384, 3), numbers(384, 4));
        let exact: f64 = a.iter().zip(&b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
        assert!((f64::from(dot(&a, &b)) - exact).abs() < 1e-4);
        let mut square = [0f32];
        squares(StridedVectors::dense(&a, 384), 0, &mut square);
        assert_eq!(square[0], dot(&a, &a));
    }

    #[test]
    fn the_matrix_product_is_that_of_rows_with_rows() {
        let (m, n, d) = (5, 7, 33);
        let (a, b) = (numbers(m * d, 5), numbers(n * d, 6));
        let mut out = vec![f32::NAN; m * n];
        product(&a, &b, d, &mut out);
        for i in 0..m {
            for j in 0..n {
                let expected = dot(&a[i * d..][..d], &b[j * d..][..d]);
                assert!((out[i * n + j] - expected).abs() < 1e-4);
            }
        }
    }
}
