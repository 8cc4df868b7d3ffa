//! Products in bf16, by the AVX-512 instructions for it: twice the f32 products a cycle, at three
//! digits of precision. Sums are kept in f32.
//!
//! This is the only module that names instructions: the rest is written for any number of lanes.
//! Only weights and what is multiplied with them are rounded; attention, GELU and normalisation stay
//! in f32.

#![allow(unsafe_code, reason = "these instructions have no safe wrapper; see each SAFETY")]

use super::product::After;
use crate::Error;

/// Proof that the processor has the instructions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instructions {
    #[cfg(target_arch = "x86_64")]
    simd: pulp::x86::V4,
    #[cfg(not(target_arch = "x86_64"))]
    never: std::convert::Infallible,
}

impl Instructions {
    pub(super) fn find() -> Result<Self, Error> {
        #[cfg(target_arch = "x86_64")]
        if let (Some(simd), true) =
            (pulp::x86::V4::try_new(), std::is_x86_feature_detected!("avx512bf16"))
        {
            return Ok(Self { simd });
        }
        Err(Error::Processor { precision: "bf16", needs: "AVX-512 BF16" })
    }
}

/// Weights `(outputs, inputs)` rounded to bf16, in panels as in [`super::product::Panels`]; two
/// inputs stand together in one place.
#[derive(Debug)]
pub(super) struct Panels {
    instructions: Instructions,
    outputs: usize,
    inputs: usize,
    weights: Vec<u32>,
    bias: Vec<f32>,
}

/// The activations of a product, rounded.
#[derive(Debug, Default)]
pub(super) struct Scratch(Vec<u32>);

/// The columns of a panel.
const WIDTH: usize = 48;

impl Panels {
    /// `weights` is `(outputs, inputs)`, the inputs even; there is one `bias` an output.
    pub(super) fn new(instructions: Instructions, weights: &[f32], bias: &[f32]) -> Self {
        let (outputs, inputs) = (bias.len(), weights.len() / bias.len().max(1));
        let (panels, pairs) = (outputs.div_ceil(WIDTH), inputs / 2);
        let mut packed = vec![0; panels * WIDTH * pairs];
        for (output, row) in weights.chunks_exact(inputs).enumerate() {
            let panel = &mut packed[output / WIDTH * WIDTH * pairs..][..WIDTH * pairs];
            let column = panel[output % WIDTH..].iter_mut().step_by(WIDTH);
            for (place, pair) in column.zip(row.chunks_exact(2)) {
                *place = u32::from(round(pair[0])) | u32::from(round(pair[1])) << 16;
            }
        }
        let mut bias = bias.to_vec();
        bias.resize(panels * WIDTH, 0.0);
        Self { instructions, outputs, inputs, weights: packed, bias }
    }

    /// `out = after(rows · weightsᵀ + bias)`.
    pub(super) fn product(
        &self,
        rows: usize,
        from: &[f32],
        after: After<'_>,
        out: &mut [f32],
        scratch: &mut Scratch,
    ) {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `instructions` can only be had where the processor has AVX-512 and its BF16.
        unsafe {
            x86::product(self, rows, from, after, out, &mut scratch.0);
        }
        #[cfg(not(target_arch = "x86_64"))]
        {
            let _ = (rows, from, after, out, &scratch.0);
            let _ = (self.outputs, self.inputs, &self.weights, &self.bias);
            match self.instructions.never {}
        }
    }
}

/// The nearest bf16, ties to even. Weights are finite.
fn round(value: f32) -> u16 {
    let bits = value.to_bits();
    ((bits + 0x7fff + (bits >> 16 & 1)) >> 16) as u16
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m256bh, __m512, __m512bh, __m512i, _mm512_cvtneps_pbh, _mm512_dpbf16_ps,
        _mm512_setzero_ps,
    };

    use pulp::x86::V4;
    use pulp::{Simd, bytemuck, f32x16, u32x16};

    use super::super::product::{After, Place, TILE_ROWS, finish, put};
    use super::{Panels, WIDTH};

    /// Vectors of sixteen columns in a panel.
    const VECTORS: usize = WIDTH / 16;

    /// Pairs of inputs that are summed before the next tile.
    const BLOCK: usize = 384;

    #[target_feature(
        enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512bf16,avx2,fma,bmi1,bmi2,lzcnt,popcnt"
    )]
    pub(super) fn product(
        panels: &Panels,
        rows: usize,
        from: &[f32],
        after: After<'_>,
        out: &mut [f32],
        halves: &mut Vec<u32>,
    ) {
        let simd = panels.instructions.simd;
        let (pairs, outputs) = (panels.inputs / 2, panels.outputs);
        halves.resize((rows + TILE_ROWS) * pairs, 0);
        round_all(&from[..rows * panels.inputs], halves);
        let (weights, _) = V4::as_simd_u32s(&panels.weights);
        let (bias, _) = V4::as_simd_f32s(&panels.bias);
        let all = weights.chunks_exact(pairs * VECTORS).zip(bias.chunks_exact(VECTORS));
        for (p, (panel, bias)) in all.enumerate() {
            let column = p * WIDTH;
            let columns = WIDTH.min(outputs - column);
            for (b, block) in panel.chunks(BLOCK * VECTORS).enumerate() {
                let pair = b * BLOCK;
                let last = pair + block.len() / VECTORS == pairs;
                for row in (0..rows).step_by(TILE_ROWS) {
                    let tops: [&[u32]; TILE_ROWS] =
                        std::array::from_fn(|i| &halves[(row + i) * pairs + pair..]);
                    let place =
                        Place { row, stored: TILE_ROWS.min(rows - row), column, columns, outputs };
                    let mut sums = [[simd.splat_f32s(0.0); VECTORS]; TILE_ROWS];
                    if b > 0 {
                        place.take(simd, &mut sums, out);
                    }
                    accumulate(simd, tops, block, &mut sums);
                    if last {
                        finish(simd, &mut sums, &place, bias, after);
                    }
                    put(simd, &sums, &place, out);
                }
            }
        }
    }

    /// Rounds `from`, a multiple of sixteen numbers, into pairs.
    #[target_feature(enable = "avx512f,avx512bf16")]
    #[inline]
    fn round_all(from: &[f32], into: &mut [u32]) {
        let (from, _) = V4::as_simd_f32s(from);
        for (&wide, halves) in from.iter().zip(into.chunks_exact_mut(8)) {
            let rounded: __m256bh = _mm512_cvtneps_pbh(bytemuck::cast::<f32x16, __m512>(wide));
            // SAFETY: both are 32 bytes of plain numbers.
            let rounded: [u32; 8] = unsafe { std::mem::transmute(rounded) };
            halves.copy_from_slice(&rounded);
        }
    }

    /// Adds to a tile the products of `block` with the first pairs of `rows`.
    #[target_feature(
        enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512bf16,avx2,fma,bmi1,bmi2,lzcnt,popcnt"
    )]
    #[inline]
    fn accumulate(
        simd: V4,
        rows: [&[u32]; TILE_ROWS],
        block: &[u32x16],
        sums: &mut [[f32x16; VECTORS]; TILE_ROWS],
    ) {
        let pairs = block.len() / VECTORS;
        let rows = rows.map(|row| &row[..pairs]);
        let mut tile = [[_mm512_setzero_ps(); VECTORS]; TILE_ROWS];
        for (tile, sums) in tile.iter_mut().zip(&*sums) {
            for (tile, &sum) in tile.iter_mut().zip(sums) {
                *tile = bytemuck::cast::<f32x16, __m512>(sum);
            }
        }
        for pair in 0..pairs {
            let weights = &block[pair * VECTORS..][..VECTORS];
            for (tile, row) in tile.iter_mut().zip(rows) {
                let value = halves(simd.splat_u32s(row[pair]));
                for (sum, &weight) in tile.iter_mut().zip(weights) {
                    *sum = _mm512_dpbf16_ps(*sum, value, halves(weight));
                }
            }
        }
        for (tile, sums) in tile.iter().zip(sums) {
            for (&tile, sum) in tile.iter().zip(sums) {
                *sum = bytemuck::cast::<__m512, f32x16>(tile);
            }
        }
    }

    #[inline(always)]
    fn halves(pairs: u32x16) -> __m512bh {
        // SAFETY: both are 64 bytes of plain numbers.
        unsafe { std::mem::transmute(bytemuck::cast::<u32x16, __m512i>(pairs)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_goes_to_the_nearest_and_to_even_between() {
        let rounded = |value: f32| f32::from_bits(u32::from(round(value)) << 16);
        assert_eq!(rounded(1.0), 1.0);
        assert_eq!(rounded(-1.0 - 1.0 / 256.0), -1.0);
        assert_eq!(rounded(1.0 + 3.0 / 256.0), 1.0 + 4.0 / 256.0);
        assert_eq!(rounded(1.004), 1.0 + 2.0 / 256.0);
    }
}
