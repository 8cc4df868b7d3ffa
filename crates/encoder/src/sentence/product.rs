//! Products of matrices: rows of activations with the weights of a linear layer.
//!
//! A row of the result is summed in the order of the inputs, whatever rows stand beside it: its bits
//! depend on the row and the weights alone.

use pulp::{Simd, WithSimd};

use super::lanes;

/// Rows that are computed together, at most. A matrix of activations has as many rows more than it
/// needs, so that a tile may read beyond its last row.
pub(super) const TILE_ROWS: usize = 8;

/// Inputs that are summed before the next tile: a panel of so many rows stays in the first cache.
const BLOCK: usize = 384;

/// The columns of a panel, in vectors of lanes; and the rows of a tile. Tile, panel row and one
/// activation together fit the registers.
#[inline(always)]
pub(super) const fn tile<S: Simd>() -> (usize, usize) {
    if S::REGISTER_COUNT >= 32 { (8, 3) } else { (6, 2) }
}

/// Weights `(outputs, inputs)` and their bias, laid out as tiles read them: panels of some outputs,
/// in each the outputs of one input beside one another.
#[derive(Debug)]
pub(super) struct Panels {
    pub(super) outputs: usize,
    pub(super) inputs: usize,
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Panels {
    /// `weights` is `(outputs, inputs)`; there is one `bias` an output.
    pub(super) fn new<S: Simd>(weights: &[f32], bias: &[f32]) -> Self {
        let (outputs, inputs) = (bias.len(), weights.len() / bias.len().max(1));
        let width = tile::<S>().1 * S::F32_LANES;
        let panels = outputs.div_ceil(width);
        let mut packed = vec![0.0; panels * width * inputs];
        for (output, row) in weights.chunks_exact(inputs).enumerate() {
            let (panel, column) = (output / width, output % width);
            let panel = &mut packed[panel * width * inputs..][..width * inputs];
            for (place, &weight) in panel[column..].iter_mut().step_by(width).zip(row) {
                *place = weight;
            }
        }
        let mut bias = bias.to_vec();
        bias.resize(panels * width, 0.0);
        Self { outputs, inputs, weights: packed, bias }
    }
}

/// What is done with a product before it is stored.
#[derive(Clone, Copy, Debug)]
pub(super) enum After<'a> {
    /// Nothing but the bias.
    Bias,
    /// The bias, then GELU.
    Gelu,
    /// The bias, then the same place of these rows is added.
    Add(&'a [f32]),
}

/// `out = after(rows · weightsᵀ + bias)`. `from` has [`TILE_ROWS`] rows more than `rows`.
pub(super) struct Product<'a> {
    pub(super) rows: usize,
    pub(super) from: &'a [f32],
    pub(super) panels: &'a Panels,
    pub(super) after: After<'a>,
    pub(super) out: &'a mut [f32],
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if S::REGISTER_COUNT >= 32 {
            self.tiles::<S, 8, 3>(simd);
        } else {
            self.tiles::<S, 6, 2>(simd);
        }
    }
}

impl Product<'_> {
    #[inline(always)]
    fn tiles<S: Simd, const ROWS: usize, const VECTORS: usize>(self, simd: S) {
        let Self { rows, from, panels, after, out } = self;
        let (inputs, outputs) = (panels.inputs, panels.outputs);
        let width = VECTORS * S::F32_LANES;
        let (weights, _) = S::as_simd_f32s(&panels.weights);
        let bias = S::as_simd_f32s(&panels.bias).0.chunks_exact(VECTORS);
        for (p, (panel, bias)) in weights.chunks_exact(inputs * VECTORS).zip(bias).enumerate() {
            let column = p * width;
            let columns = width.min(outputs - column);
            for (b, block) in panel.chunks(BLOCK * VECTORS).enumerate() {
                let input = b * BLOCK;
                let last = input + block.len() / VECTORS == inputs;
                for row in (0..rows).step_by(ROWS) {
                    let tops = std::array::from_fn(|i| &from[(row + i) * inputs + input..]);
                    let stored = ROWS.min(rows - row);
                    let place = Tile { row, stored, column, columns, outputs };
                    let mut sums = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
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
}

/// Where a tile stands in a matrix of results.
struct Tile {
    /// Its first row.
    pub(super) row: usize,
    /// Rows of it that the matrix has.
    pub(super) stored: usize,
    /// Its first column.
    pub(super) column: usize,
    /// Columns of it that the matrix has.
    pub(super) columns: usize,
    /// Columns of the matrix.
    pub(super) outputs: usize,
}

impl Tile {
    /// The sums that were put there before.
    #[inline(always)]
    pub(super) fn take<S: Simd, const ROWS: usize, const VECTORS: usize>(
        &self,
        _: S,
        sums: &mut [[S::f32s; VECTORS]; ROWS],
        from: &[f32],
    ) {
        for (i, sums) in sums.iter_mut().enumerate().take(self.stored) {
            let at = (self.row + i) * self.outputs + self.column;
            let (from, _) = S::as_simd_f32s(&from[at..at + self.columns]);
            for (sum, &from) in sums.iter_mut().zip(from) {
                *sum = from;
            }
        }
    }
}

/// Adds the bias to the sums of a tile, and does what is to be done after.
#[inline(always)]
fn finish<S: Simd, const ROWS: usize, const VECTORS: usize>(
    simd: S,
    sums: &mut [[S::f32s; VECTORS]; ROWS],
    place: &Tile,
    bias: &[S::f32s],
    after: After<'_>,
) {
    for (i, sums) in sums.iter_mut().enumerate() {
        for (sum, &bias) in sums.iter_mut().zip(bias) {
            *sum = simd.add_f32s(*sum, bias);
        }
        match after {
            After::Bias => {}
            After::Gelu => {
                for sum in sums.iter_mut() {
                    *sum = lanes::gelu(simd, *sum);
                }
            }
            After::Add(rows) => {
                if i < place.stored {
                    let at = (place.row + i) * place.outputs + place.column;
                    let (rows, _) = S::as_simd_f32s(&rows[at..at + place.columns]);
                    for (sum, &row) in sums.iter_mut().zip(rows) {
                        *sum = simd.add_f32s(*sum, row);
                    }
                }
            }
        }
    }
}

/// Stores the sums of a tile.
#[inline(always)]
fn put<S: Simd, const ROWS: usize, const VECTORS: usize>(
    _: S,
    sums: &[[S::f32s; VECTORS]; ROWS],
    place: &Tile,
    out: &mut [f32],
) {
    for (i, sums) in sums.iter().enumerate().take(place.stored) {
        let at = (place.row + i) * place.outputs + place.column;
        let (out, _) = S::as_mut_simd_f32s(&mut out[at..at + place.columns]);
        for (out, &sum) in out.iter_mut().zip(sums) {
            *out = sum;
        }
    }
}

/// Adds to a tile the products of `block`, whose rows are of `VECTORS` vectors, with the first
/// numbers of `rows`.
#[inline(always)]
pub(super) fn accumulate<S: Simd, const ROWS: usize, const VECTORS: usize>(
    simd: S,
    rows: [&[f32]; ROWS],
    block: &[S::f32s],
    sums: &mut [[S::f32s; VECTORS]; ROWS],
) {
    let inputs = block.len() / VECTORS;
    let rows = rows.map(|row| &row[..inputs]);
    let mut tile = *sums;
    for input in 0..inputs {
        let weights = &block[input * VECTORS..][..VECTORS];
        for (sums, row) in tile.iter_mut().zip(rows) {
            let value = simd.splat_f32s(row[input]);
            for (sum, &weight) in sums.iter_mut().zip(weights) {
                *sum = simd.mul_add_e_f32s(value, weight, *sum);
            }
        }
    }
    *sums = tile;
}
