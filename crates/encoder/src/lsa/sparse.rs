//! Sparse rows, and their products with dense matrices.

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

/// A sparse matrix by rows: the column and value of each of its entries, columns ascending.
#[derive(Debug, Clone, Default)]
pub(super) struct Sparse {
    /// Row i is `entries[starts[i]..starts[i + 1]]`.
    starts: Vec<usize>,
    entries: Vec<(u32, f32)>,
    columns: usize,
}

impl Sparse {
    /// No rows, of `columns` columns.
    pub(super) fn new(columns: usize) -> Self {
        Self { starts: vec![0], entries: Vec::new(), columns }
    }

    /// Adds a row; its columns must ascend and lie below the number of columns.
    pub(super) fn push(&mut self, row: &[(u32, f32)]) {
        self.entries.extend_from_slice(row);
        self.starts.push(self.entries.len());
    }

    pub(super) fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    pub(super) fn row(&self, i: usize) -> &[(u32, f32)] {
        &self.entries[self.starts[i]..self.starts[i + 1]]
    }

    pub(super) fn transposed(&self) -> Self {
        let mut starts = vec![0; self.columns + 1];
        for (column, _) in &self.entries {
            starts[*column as usize + 1] += 1;
        }
        for i in 0..self.columns {
            starts[i + 1] += starts[i];
        }
        let mut next = starts.clone();
        let mut entries = vec![(0, 0.0); self.entries.len()];
        for (i, row) in (0_u32..).zip(0..self.rows()) {
            for (column, value) in self.row(row) {
                let place = &mut next[*column as usize];
                entries[*place] = (i, *value);
                *place += 1;
            }
        }
        Self { starts, entries, columns: self.rows() }
    }

    /// Adds `factor` times the product with `dense` to `to`, rows in parallel. Every sum is in the
    /// order of the columns.
    pub(super) fn times(&self, dense: ArrayView2<'_, f32>, factor: f32, to: &mut Array2<f32>) {
        assert_eq!((self.columns, self.rows()), (dense.nrows(), to.nrows()));
        let width = dense.ncols();
        if width == 0 {
            return;
        }
        let dense = dense.as_standard_layout();
        let dense = dense.as_slice().unwrap_or_default();
        to.axis_iter_mut(Axis(0)).into_par_iter().enumerate().for_each(|(i, mut to)| {
            let Some(to) = to.as_slice_mut() else { return };
            for (column, value) in self.row(i) {
                let start = *column as usize * width;
                let scaled = value * factor;
                for (to, x) in to.iter_mut().zip(&dense[start..start + width]) {
                    *to += scaled * x;
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_and_transposes_equal_the_dense_ones() {
        let mut sparse = Sparse::new(3);
        for row in [&[(0, 1.0), (2, -2.0)][..], &[], &[(1, 4.0)], &[(0, 0.5)]] {
            sparse.push(row);
        }
        let dense =
            ndarray::array![[1.0, 0.0, -2.0], [0.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.5, 0.0, 0.0]];
        let x = ndarray::array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
        let mut product = Array2::ones((4, 2));
        sparse.times(x.view(), 2.0, &mut product);
        assert_eq!(product, dense.dot(&x) * 2.0 + 1.0);
        let t = sparse.transposed();
        assert_eq!((t.rows(), t.columns()), (3, 4));
        let mut product = Array2::zeros((3, 2));
        t.times(
            ndarray::aview2(&[[1.0, 0.0], [0.0, 1.0], [2.0, 2.0], [4.0, 0.0]]),
            1.0,
            &mut product,
        );
        assert_eq!(
            product,
            dense.t().dot(&ndarray::array![[1.0, 0.0], [0.0, 1.0], [2.0, 2.0], [4.0, 0.0]])
        );
    }
}
