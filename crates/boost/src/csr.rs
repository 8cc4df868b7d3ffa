//! Sparse rows: the input of training and of prediction.

use crate::Error;

/// A sparse matrix of `(rows, columns)` in compressed rows; an entry that is not stored is *missing*
/// (not zero), as XGBoost reads sparse input. A stored zero is a value like any other.
///
/// The constructor checks everything, so that the rest of the crate need not.
#[derive(Debug, Clone, PartialEq)]
pub struct Csr {
    indptr: Vec<usize>,
    indices: Vec<u32>,
    values: Vec<f32>,
    columns: usize,
}

impl Csr {
    /// Makes a matrix of `indptr.len() - 1` rows; row `i` holds the columns
    /// `indices[indptr[i]..indptr[i + 1]]`, strictly ascending, with the values at the same places.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::Indptr`], [`Error::RowOrder`], [`Error::ColumnOutOfRange`] or
    /// [`Error::NotFinite`], with the place; [`Error::TooLarge`] above 2³² − 1 rows or columns.
    pub fn new(
        indptr: Vec<usize>,
        indices: Vec<u32>,
        values: Vec<f32>,
        columns: usize,
    ) -> Result<Self, Error> {
        if indices.len() != values.len() {
            let (expected, found) = (indices.len(), values.len());
            return Err(Error::Length { what: "values beside indices", expected, found });
        }
        let Some(&last) = indptr.last() else {
            return Err(Error::Length { what: "indptr (rows + 1)", expected: 1, found: 0 });
        };
        let mut previous = 0;
        for (at, &found) in indptr.iter().enumerate() {
            if found < previous || (at == 0 && found != 0) {
                return Err(Error::Indptr { at, previous, found });
            }
            previous = found;
        }
        if last != indices.len() {
            let (expected, found) = (last, indices.len());
            return Err(Error::Length { what: "indices (last of indptr)", expected, found });
        }
        for (what, found) in [("rows", indptr.len() - 1), ("columns", columns)] {
            let limit = u32::MAX as usize;
            if found > limit {
                return Err(Error::TooLarge { what, limit, found });
            }
        }
        let csr = Self { indptr, indices, values, columns };
        for row in 0..csr.rows() {
            csr.check_row(row)?;
        }
        Ok(csr)
    }

    fn check_row(&self, row: usize) -> Result<(), Error> {
        let (indices, values) = self.row(row);
        for pair in indices.windows(2) {
            if pair[0] >= pair[1] {
                return Err(Error::RowOrder { row, previous: pair[0], column: pair[1] });
            }
        }
        if let Some(&column) = indices.last()
            && column as usize >= self.columns
        {
            return Err(Error::ColumnOutOfRange { row, column, columns: self.columns });
        }
        if let Some(at) = values.iter().position(|v| !v.is_finite()) {
            return Err(Error::NotFinite { row, column: indices[at], value: values[at] });
        }
        Ok(())
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.indptr.len() - 1
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Number of stored entries.
    pub fn stored(&self) -> usize {
        self.indices.len()
    }

    /// Columns and values of one row, by ascending column.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, row: usize) -> (&[u32], &[f32]) {
        let range = self.indptr[row]..self.indptr[row + 1];
        (&self.indices[range.clone()], &self.values[range])
    }

    /// The given rows, in the given order (a row may be named twice).
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let stored = rows.iter().map(|&row| self.row(row).0.len()).sum();
        let mut indptr = Vec::with_capacity(rows.len() + 1);
        let (mut indices, mut values) = (Vec::with_capacity(stored), Vec::with_capacity(stored));
        indptr.push(0);
        for &row in rows {
            let (i, v) = self.row(row);
            indices.extend_from_slice(i);
            values.extend_from_slice(v);
            indptr.push(indices.len());
        }
        Self { indptr, indices, values, columns: self.columns }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuse(indptr: &[usize], indices: &[u32], values: &[f32]) -> String {
        Csr::new(indptr.to_vec(), indices.to_vec(), values.to_vec(), 3).unwrap_err().to_string()
    }

    #[test]
    fn keeps_rows_and_selects_them() {
        let csr = Csr::new(vec![0, 2, 2, 3], vec![0, 2, 1], vec![1., 2., 3.], 3).unwrap();
        assert_eq!((csr.rows(), csr.columns(), csr.stored()), (3, 3, 3));
        assert_eq!(csr.row(1), (&[][..], &[][..]));
        let picked = csr.select(&[2, 0, 1]);
        assert_eq!(picked.row(0), (&[1][..], &[3.][..]));
        assert_eq!(picked.row(1), (&[0, 2][..], &[1., 2.][..]));
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        assert_eq!(refuse(&[], &[], &[]), "indptr (rows + 1): expected length 1, found 0");
        assert_eq!(
            refuse(&[0, 2, 1], &[0], &[1.]),
            "indptr must start at 0 and never go down, but entry 2 is 1 after 2"
        );
        assert_eq!(
            refuse(&[1], &[0], &[1.]),
            "indptr must start at 0 and never go down, but entry 0 is 1 after 0"
        );
        assert_eq!(
            refuse(&[0, 1], &[0, 1], &[1., 1.]),
            "indices (last of indptr): expected length 1, found 2"
        );
        assert_eq!(refuse(&[0, 1], &[0], &[]), "values beside indices: expected length 1, found 0");
        assert_eq!(
            refuse(&[0, 2], &[1, 1], &[1., 1.]),
            "row 0: columns must go up strictly, but 1 follows 1"
        );
        assert_eq!(
            refuse(&[0, 1], &[3], &[1.]),
            "row 0: column 3 is out of range, the matrix has 3"
        );
        assert_eq!(
            refuse(&[0, 0, 1], &[2], &[f32::NAN]),
            "row 1, column 2: values must be finite, found NaN; leave a missing value out"
        );
    }
}
