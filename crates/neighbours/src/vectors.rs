//! Rows of `f32`, checked once.

use crate::Error;
use crate::kernel::{self, StridedVectors};
use rayon::prelude::*;

/// Vectors shorter than this count as zero: their squares leave the range of `f32`.
const SHORTEST: f32 = 1e-15;

/// `(n, dimensions)` finite values in C order; row i is a vector.
#[derive(Clone, Debug)]
pub struct Vectors<'a> {
    values: &'a [f32],
    dimensions: usize,
    inverse_norms: Vec<f32>,
}

impl<'a> Vectors<'a> {
    /// Checks that the values make whole rows, are finite, and are at most `i32::MAX` rows (the format's
    /// limit).
    pub fn new(values: &'a [f32], dimensions: usize) -> Result<Self, Error> {
        check_dimensions(dimensions)?;
        if !values.len().is_multiple_of(dimensions) {
            return Err(Error::Shape { values: values.len(), dimensions });
        }
        let rows = values.len() / dimensions;
        if i32::try_from(rows).is_err() {
            let (name, expected) = ("vectors", "at most 2,147,483,647");
            return Err(Error::Parameter { name, expected, found: rows });
        }
        let inverse_norms = inverse_norms(StridedVectors::dense(values, dimensions), rows)
            .map_err(|row| Error::NotFinite { row })?;
        Ok(Self { values, dimensions, inverse_norms })
    }

    /// How many vectors there are.
    pub fn len(&self) -> usize {
        self.inverse_norms.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.inverse_norms.is_empty()
    }

    /// The length of a row.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Vector `row`; panics when it is out of range, as a slice does.
    pub fn row(&self, row: usize) -> &'a [f32] {
        &self.values[row * self.dimensions..(row + 1) * self.dimensions]
    }

    /// One over the length of vector `row`, 0 for a zero vector.
    pub(crate) fn inverse_norm(&self, row: usize) -> f32 {
        self.inverse_norms[row]
    }

    pub(crate) fn table(&self) -> StridedVectors<'a> {
        StridedVectors::dense(self.values, self.dimensions)
    }

    /// The cosine of a row of `self` with a row of `other`.
    pub(crate) fn cosine(&self, row: usize, other: &Vectors<'_>, other_row: usize) -> f32 {
        let dot = kernel::dot(self.row(row), other.row(other_row));
        cosine(dot, self.inverse_norm(row), other.inverse_norm(other_row))
    }
}

/// Refuses a number of dimensions that no index can have.
pub(crate) fn check_dimensions(dimensions: usize) -> Result<(), Error> {
    if (1..=65_536).contains(&dimensions) {
        return Ok(());
    }
    Err(Error::Parameter { name: "dimensions", expected: "1 to 65,536", found: dimensions })
}

/// The cosine from a dot product and both lengths. The product of the two scales comes first, so that the
/// cosine of a with b is that of b with a, to the bit.
#[inline(always)]
pub(crate) fn cosine(dot: f32, inverse_norm: f32, other_inverse_norm: f32) -> f32 {
    (dot * (inverse_norm * other_inverse_norm)).clamp(-1.0, 1.0)
}

/// One over the length, 0 for a zero vector, `None` when the square is not finite.
pub(crate) fn inverse_norm(square: f32) -> Option<f32> {
    let norm = square.sqrt();
    if !norm.is_finite() {
        return None;
    }
    Some(if norm < SHORTEST { 0.0 } else { 1.0 / norm })
}

/// One over the length of every row; the first row that is not finite as the error.
pub(crate) fn inverse_norms(table: StridedVectors<'_>, rows: usize) -> Result<Vec<f32>, usize> {
    const BLOCK: usize = 1024;
    let mut norms = vec![0f32; rows];
    norms.par_chunks_mut(BLOCK).enumerate().for_each(|(block, out)| {
        kernel::squares(table, block * BLOCK, out);
        out.iter_mut().for_each(|square| *square = inverse_norm(*square).unwrap_or(f32::NAN));
    });
    match norms.iter().position(|norm| norm.is_nan()) {
        Some(row) => Err(row),
        None => Ok(norms),
    }
}
