//! Vectors of words, at half their size.

use ndarray::ArrayView2;

/// Numbers a vector has, as the checkpoints of sentence-transformers that this stands in for have.
pub const DIMENSIONS: usize = 384;

/// Rows of [`DIMENSIONS`] numbers as bfloat16.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PackedVectors(pub(super) Vec<u16>);

impl PackedVectors {
    /// Rounds to the nearest, zeros in the columns that `rows` has not.
    pub(super) fn of(rows: ArrayView2<'_, f32>) -> Self {
        let mut halves = vec![0; rows.nrows() * DIMENSIONS];
        for (to, row) in halves.chunks_exact_mut(DIMENSIONS).zip(rows.rows()) {
            for (to, x) in to.iter_mut().zip(row) {
                let bits = x.to_bits();
                *to = ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16) as u16;
            }
        }
        Self(halves)
    }

    /// Adds `weight` times row `number`.
    pub(super) fn add(&self, number: u32, weight: f32, to: &mut [f32; DIMENSIONS]) {
        let start = number as usize * DIMENSIONS;
        let row = &self.0[start..start + DIMENSIONS];
        for (to, half) in to.iter_mut().zip(row) {
            *to += weight * f32::from_bits(u32::from(*half) << 16);
        }
    }
}

/// To length one; what is zero or next to it stays.
pub(super) fn normalise(vector: &mut [f32; DIMENSIONS]) {
    let squares: f64 = vector.iter().map(|x| f64::from(*x) * f64::from(*x)).sum();
    if squares > 0.0 {
        let factor = (1.0 / squares.sqrt()) as f32;
        if factor.is_finite() {
            vector.iter_mut().for_each(|x| *x *= factor);
        }
    }
}
