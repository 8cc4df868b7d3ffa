//! Scaled dot-product attention of one sequence over itself, head by head.

use pulp::{Simd, WithSimd};

use super::lanes;
use super::product::accumulate;

/// Room for one head of the longest sequence.
#[derive(Debug, Default)]
pub(super) struct HeadScratch {
    keys: Vec<f32>,
    values: Vec<f32>,
    scores: Vec<f32>,
}

/// `softmax(Q Kᵀ / √size) V` for every head.
pub(super) struct Attention<'a> {
    pub(super) tokens: usize,
    pub(super) heads: usize,
    /// `(tokens, 3 × hidden)`: query, key and value of every token, and some rows more.
    pub(super) qkv: &'a [f32],
    /// `(tokens, hidden)`.
    pub(super) context: &'a mut [f32],
    pub(super) hidden: usize,
    pub(super) scratch: &'a mut HeadScratch,
}

impl WithSimd for Attention<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if S::REGISTER_COUNT >= 32 {
            self.all_heads::<S, 8>(simd);
        } else {
            self.all_heads::<S, 6>(simd);
        }
    }
}

/// Vectors of lanes in a row of a panel.
const VECTORS: usize = 2;

impl Attention<'_> {
    #[inline(always)]
    fn all_heads<S: Simd, const ROWS: usize>(self, simd: S) {
        let Self { tokens, heads, qkv, context, hidden, scratch } = self;
        let size = hidden / heads;
        let width = VECTORS * S::F32_LANES;
        let padded = tokens.next_multiple_of(width);
        let panels = size.div_ceil(width);
        let scale = simd.splat_f32s(1.0 / (size as f32).sqrt());
        scratch.keys.clear();
        scratch.keys.resize(padded * size, 0.0);
        scratch.values.clear();
        scratch.values.resize(panels * tokens * width, 0.0);
        scratch.scores.clear();
        scratch.scores.resize(ROWS * padded, 0.0);
        for head in 0..heads {
            // Panels of keys: a row is one dimension of `width` keys. Panels of values: a row is
            // `width` dimensions of one value.
            for (token, row) in qkv.chunks_exact(3 * hidden).take(tokens).enumerate() {
                let key = &row[hidden + head * size..][..size];
                let panel = &mut scratch.keys[token / width * width * size..][..width * size];
                let column = panel[token % width..].iter_mut().step_by(width);
                for (place, &value) in column.zip(key) {
                    *place = value;
                }
                let value = &row[2 * hidden + head * size..][..size];
                for (panel, part) in value.chunks(width).enumerate() {
                    let at = (panel * tokens + token) * width;
                    scratch.values[at..at + part.len()].copy_from_slice(part);
                }
            }
            let (keys, _) = S::as_simd_f32s(&scratch.keys);
            let (values, _) = S::as_simd_f32s(&scratch.values);
            for row in (0..tokens).step_by(ROWS) {
                let stored = ROWS.min(tokens - row);
                let queries = std::array::from_fn(|i| &qkv[(row + i) * 3 * hidden + head * size..]);
                for (p, panel) in keys.chunks_exact(size * VECTORS).enumerate() {
                    let mut sums = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
                    accumulate::<S, ROWS, VECTORS>(simd, queries, panel, &mut sums);
                    for (i, sums) in sums.iter().enumerate() {
                        let place = &mut scratch.scores[i * padded + p * width..][..width];
                        S::as_mut_simd_f32s(place).0.copy_from_slice(sums);
                    }
                }
                let mut inverse = [0.0; ROWS];
                let scores = scratch.scores.chunks_exact_mut(padded);
                for (scores, inverse) in scores.zip(&mut inverse).take(stored) {
                    scores[tokens..].fill(f32::NEG_INFINITY);
                    *inverse = 1.0 / softmax(simd, scores, scale);
                }
                let weights = std::array::from_fn(|i| &scratch.scores[i * padded..]);
                for (p, panel) in values.chunks_exact(tokens * VECTORS).enumerate() {
                    let mut sums = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
                    accumulate::<S, ROWS, VECTORS>(simd, weights, panel, &mut sums);
                    for (i, sums) in sums.iter().enumerate().take(stored) {
                        let at = (row + i) * hidden + head * size + p * width;
                        let out = &mut context[at..at + width.min(size - p * width)];
                        let inverse = simd.splat_f32s(inverse[i]);
                        for (out, &sum) in out.chunks_mut(S::F32_LANES).zip(sums) {
                            lanes::store(simd, out, simd.mul_f32s(sum, inverse));
                        }
                    }
                }
            }
        }
    }
}

/// Puts `exp(scale (score − greatest))` in place of the scores; their sum.
#[inline(always)]
fn softmax<S: Simd>(simd: S, scores: &mut [f32], scale: S::f32s) -> f32 {
    let (scores, _) = S::as_mut_simd_f32s(scores);
    let mut greatest = simd.splat_f32s(f32::NEG_INFINITY);
    for &score in &*scores {
        greatest = simd.max_f32s(greatest, score);
    }
    let greatest = simd.splat_f32s(simd.reduce_max_f32s(greatest));
    let mut sum = simd.splat_f32s(0.0);
    for score in scores {
        let weight = lanes::exp(simd, simd.mul_f32s(simd.sub_f32s(*score, greatest), scale));
        sum = simd.add_f32s(sum, weight);
        *score = weight;
    }
    simd.reduce_sum_f32s(sum)
}
