//! Arithmetic on as many numbers at once as the processor has lanes.

use pulp::Simd;

/// Every row of numbers is a multiple of this long, so that none ends within a vector of lanes.
pub(super) const MULTIPLE: usize = 16;

/// Writes the lanes that `out` has room for.
#[inline(always)]
pub(super) fn store<S: Simd>(simd: S, out: &mut [f32], value: S::f32s) {
    match S::as_mut_simd_f32s(out).0.first_mut() {
        Some(whole) => *whole = value,
        None => simd.partial_store_f32s(out, value),
    }
}

/// e to the power of `x`, for `x` up to 88; below −87 the smallest normal number.
///
/// Cephes' `expf`: x = n ln 2 + r, and a polynomial for r. Relative error about 2e-7.
#[inline(always)]
pub(super) fn exp<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let c = |value: f32| simd.splat_f32s(value);
    let fma = |a, b, c| simd.mul_add_e_f32s(a, b, c);
    let x = simd.max_f32s(x, c(-87.0));
    // Adding 1.5 × 2²³ rounds to a whole number, which then stands in the low bits of the sum.
    let shift = c(12_582_912.0);
    let shifted = fma(x, c(std::f32::consts::LOG2_E), shift);
    let n = simd.sub_f32s(shifted, shift);
    let r = fma(n, c(-0.693_359_4), x);
    let r = fma(n, c(2.121_944_4e-4), r);
    let mut p = c(1.987_569_1e-4);
    for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        p = fma(p, r, c(coefficient));
    }
    let power = simd.add_f32s(fma(p, simd.mul_f32s(r, r), r), c(1.0));
    // 2ⁿ is n added to the exponent's bits.
    let bits = simd.transmute_u32s_f32s(power);
    let n = simd.wrapping_dyn_shl_u32s(simd.transmute_u32s_f32s(shifted), simd.splat_u32s(23));
    simd.transmute_f32s_u32s(simd.add_u32s(bits, n))
}

/// The exact GELU, `x/2 (1 + erf(x/√2))`.
///
/// erf is a rational function of an argument cut to [−4, 4], beyond which it is ±1 in this
/// precision (the one in Eigen). Error of GELU under 1e-6, relative beyond 1.
#[inline(always)]
pub(super) fn gelu<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let c = |value: f32| simd.splat_f32s(value);
    let fma = |a, b, c| simd.mul_add_e_f32s(a, b, c);
    let z = simd.mul_f32s(x, c(std::f32::consts::FRAC_1_SQRT_2));
    let z = simd.max_f32s(simd.min_f32s(z, c(4.0)), c(-4.0));
    let z2 = simd.mul_f32s(z, z);
    let mut p = c(-2.726_142_3e-10);
    for coefficient in [
        2.770_681_4e-8,
        -2.101_024e-6,
        -5.692_506_4e-5,
        -7.349_906_3e-4,
        -2.954_6e-3,
        -1.609_603_3e-2,
    ] {
        p = fma(p, z2, c(coefficient));
    }
    let mut q = c(-1.456_607_2e-5);
    for coefficient in [-2.133_740_6e-4, -1.682_827e-3, -7.373_329_2e-3, -1.426_473_9e-2] {
        q = fma(q, z2, c(coefficient));
    }
    let erf = simd.div_f32s(simd.mul_f32s(z, p), q);
    let half = simd.mul_f32s(x, c(0.5));
    fma(half, erf, half)
}

/// Layer normalisation of every row of `rows`, in place: `(x − mean) / √(variance + epsilon)`,
/// scaled and shifted.
#[inline(always)]
pub(super) fn normalise<S: Simd>(simd: S, rows: &mut [f32], norm: &Norm) {
    let (scale, _) = S::as_simd_f32s(&norm.scale);
    let (shift, _) = S::as_simd_f32s(&norm.shift);
    let n = norm.scale.len() as f32;
    for row in rows.chunks_exact_mut(norm.scale.len()) {
        let (row, _) = S::as_mut_simd_f32s(row);
        let mut sum = simd.splat_f32s(0.0);
        for &x in &*row {
            sum = simd.add_f32s(sum, x);
        }
        let mean = simd.splat_f32s(simd.reduce_sum_f32s(sum) / n);
        let mut squares = simd.splat_f32s(0.0);
        for &x in &*row {
            let x = simd.sub_f32s(x, mean);
            squares = simd.mul_add_e_f32s(x, x, squares);
        }
        let variance = simd.reduce_sum_f32s(squares) / n;
        let inverse = simd.splat_f32s(1.0 / (variance + norm.epsilon).sqrt());
        for ((x, &scale), &shift) in row.iter_mut().zip(scale).zip(shift) {
            let normal = simd.mul_f32s(simd.sub_f32s(*x, mean), inverse);
            *x = simd.mul_add_e_f32s(normal, scale, shift);
        }
    }
}

/// The parameters of a layer normalisation.
#[derive(Debug)]
pub(super) struct Norm {
    pub(super) scale: Vec<f32>,
    pub(super) shift: Vec<f32>,
    pub(super) epsilon: f32,
}

#[cfg(test)]
mod tests {
    use pulp::{Simd, WithSimd};

    use super::*;
    use crate::sentence::kernel::Kernel;

    struct Over<'a, F>(&'a mut [f32], F);

    trait Function {
        fn of<S: Simd>(&self, simd: S, x: S::f32s) -> S::f32s;
    }

    impl<F: Function> WithSimd for Over<'_, F> {
        type Output = ();

        fn with_simd<S: Simd>(self, simd: S) {
            for x in S::as_mut_simd_f32s(self.0).0 {
                *x = self.1.of(simd, *x);
            }
        }
    }

    struct Exp;
    impl Function for Exp {
        fn of<S: Simd>(&self, simd: S, x: S::f32s) -> S::f32s {
            exp(simd, x)
        }
    }

    struct Gelu;
    impl Function for Gelu {
        fn of<S: Simd>(&self, simd: S, x: S::f32s) -> S::f32s {
            gelu(simd, x)
        }
    }

    fn grid(from: f32, to: f32) -> Vec<f32> {
        let n = 16_000;
        (0..=n + 15).map(|i| from + (to - from) * (i.min(n) as f32 / n as f32)).take(n).collect()
    }

    #[test]
    fn exp_is_right_to_a_few_units_in_the_last_place() {
        for kernel in Kernel::all() {
            let xs = grid(-87.0, 20.0);
            let mut ys = xs.clone();
            kernel.run(Over(&mut ys, Exp));
            for (x, y) in xs.iter().zip(ys) {
                let right = f64::from(*x).exp();
                assert!((f64::from(y) / right - 1.0).abs() < 4e-7, "{kernel:?}: exp({x}) = {y}");
            }
        }
    }

    #[test]
    fn exp_of_minus_infinity_is_next_to_nothing() {
        for kernel in Kernel::all() {
            let mut ys = vec![f32::NEG_INFINITY; 16];
            kernel.run(Over(&mut ys, Exp));
            assert!(ys.iter().all(|&y| (0.0..1e-37).contains(&y)), "{kernel:?}: {ys:?}");
        }
    }

    /// erf by its series, which converges everywhere.
    fn erf(x: f64) -> f64 {
        let (mut term, mut sum) = (x, x);
        for n in 1..120 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        sum * 2.0 / std::f64::consts::PI.sqrt()
    }

    #[test]
    fn gelu_is_right() {
        for kernel in Kernel::all() {
            let xs = grid(-6.0, 6.0);
            let mut ys = xs.clone();
            kernel.run(Over(&mut ys, Gelu));
            for (x, y) in xs.iter().zip(ys) {
                let wide = f64::from(*x);
                let right = wide / 2.0 * (1.0 + erf(wide / std::f64::consts::SQRT_2));
                let error = (f64::from(y) - right).abs() / wide.abs().max(1.0);
                assert!(error < 1e-6, "{kernel:?}: gelu({x}) = {y}");
            }
            let mut far = [-1e4_f32, 1e4, -40.0, 40.0].repeat(4);
            kernel.run(Over(&mut far, Gelu));
            for (y, x) in far.iter().zip([-1e4_f32, 1e4, -40.0, 40.0].repeat(4)) {
                assert!((y - x.max(0.0)).abs() <= 3e-7 * x.abs(), "{kernel:?}: gelu({x}) = {y}");
            }
        }
    }
}
