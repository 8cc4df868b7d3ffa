//! The binned matrix by columns: which way a row goes at a split.

use rayon::prelude::*;

use super::cuts::{Ends, bin_of, ends, turn};
use crate::Csr;

/// One column's bins, in whichever form takes the least memory.
#[derive(Debug)]
enum ColumnBins {
    /// One bin: a bit a row, set where the row has a value below the bin's end.
    Bits(Vec<u64>),
    /// A byte a row: bin + 1, or 0 where the value is missing.
    Bytes(Vec<u8>),
    /// The same in 16 bits.
    Words(Vec<u16>),
    /// The rows that have a value, ascending, and the bins of those values.
    Sparse { rows: Vec<u32>, bins: Vec<u16> },
}

/// The bins of every column, for [`Columns::part`].
#[derive(Debug)]
pub(super) struct Columns {
    rows: usize,
    columns: Vec<ColumnBins>,
}

/// Which rows go left: those in bins up to `bin` of `column`, and with `default_left` those that
/// have no value there.
#[derive(Debug, Clone, Copy)]
pub(super) struct SplitTest {
    pub(super) column: u32,
    pub(super) bin: u16,
    pub(super) default_left: bool,
}

/// Memory that [`Columns::part`] works in, to be used again.
#[derive(Debug, Default)]
pub(super) struct PartitionScratch {
    right: Vec<u32>,
    bits: Vec<u64>,
}

impl Columns {
    /// Cuts every column into at most `max_bin` bins and sorts the values into them.
    pub(super) fn cut(rows: &Csr, max_bin: usize) -> (Vec<Ends>, Self) {
        let both = per_column(rows, |_, row_numbers, values| {
            let ends = ends(&mut values.to_vec(), max_bin);
            let column = ColumnBins::new(&ends, rows.rows(), row_numbers, values);
            (ends, column)
        });
        let (ends, columns) = both.into_iter().unzip();
        (ends, Self { rows: rows.rows(), columns })
    }

    /// Sorts the values of other rows into the same bins.
    pub(super) fn with_ends(rows: &Csr, ends: &[Ends]) -> Self {
        let columns = per_column(rows, |column, row_numbers, values| {
            ColumnBins::new(&ends[column], rows.rows(), row_numbers, values)
        });
        Self { rows: rows.rows(), columns }
    }

    /// Moves the rows (ascending) that pass `test` to the front and returns how many they are; both
    /// parts stay ascending.
    pub(super) fn part(
        &self,
        test: SplitTest,
        rows: &mut [u32],
        scratch: &mut PartitionScratch,
    ) -> usize {
        let SplitTest { bin, default_left, .. } = test;
        let right = &mut scratch.right;
        if right.len() < rows.len() {
            right.resize(rows.len(), 0);
        }
        match &self.columns[test.column as usize] {
            ColumnBins::Bits(bits) => split(rows, right, |row| bit(bits, row)),
            // `bin + 1` wraps nowhere: a column of bytes has at most 254 bins.
            ColumnBins::Bytes(bins) if default_left => {
                let last = bin as u8 + 1;
                split(rows, right, |row| bins[row as usize] <= last)
            }
            ColumnBins::Bytes(bins) => {
                let last = bin as u8;
                split(rows, right, |row| bins[row as usize].wrapping_sub(1) <= last)
            }
            ColumnBins::Words(bins) if default_left => {
                split(rows, right, |row| bins[row as usize] <= bin + 1)
            }
            ColumnBins::Words(bins) => {
                split(rows, right, |row| bins[row as usize].wrapping_sub(1) <= bin)
            }
            ColumnBins::Sparse { rows: present, bins } if present.len() / 8 > rows.len() => {
                split(rows, right, |row| match present.binary_search(&row) {
                    Ok(place) => bins[place] <= bin,
                    Err(_) => default_left,
                })
            }
            ColumnBins::Sparse { rows: present, bins } => {
                // Mark the rows that go against the default, look them up, and clean up.
                let marks = &mut scratch.bits;
                marks.resize(self.rows.div_ceil(64), 0);
                for (&row, &b) in present.iter().zip(bins) {
                    let against = (b <= bin) != default_left;
                    marks[row as usize / 64] |= u64::from(against) << (row % 64);
                }
                let left = split(rows, right, |row| bit(marks, row) != default_left);
                for &row in present {
                    marks[row as usize / 64] = 0;
                }
                left
            }
        }
    }
}

impl ColumnBins {
    fn new(ends: &[f32], rows: usize, present: &[u32], values: &[f32]) -> Self {
        let entries = || present.iter().zip(values).map(|(&row, &v)| (row, bin_of(ends, v)));
        // One more than the number of bins, for values of other rows above every end.
        let highest = ends.len();
        let bytes = |width: usize| width * rows > size_of::<(u32, u16)>() * present.len();
        if highest <= 1 {
            let mut bits = vec![0; rows.div_ceil(64)];
            for (row, _) in entries().filter(|(_, bin)| *bin == 0) {
                bits[row as usize / 64] |= 1u64 << (row % 64);
            }
            Self::Bits(bits)
        } else if bytes(if highest <= 254 { 1 } else { 2 }) {
            Self::Sparse {
                rows: present.to_vec(),
                bins: entries().map(|(_, bin)| bin as u16).collect(),
            }
        } else if highest <= 254 {
            let mut bins = vec![0; rows];
            entries().for_each(|(row, bin)| bins[row as usize] = bin as u8 + 1);
            Self::Bytes(bins)
        } else {
            let mut bins = vec![0; rows];
            entries().for_each(|(row, bin)| bins[row as usize] = bin as u16 + 1);
            Self::Words(bins)
        }
    }
}

fn bit(bits: &[u64], row: u32) -> bool {
    bits[row as usize / 64] >> (row % 64) & 1 == 1
}

/// Stable partition without a branch on the outcome; `right` is at least as long as `rows`.
fn split(rows: &mut [u32], right: &mut [u32], goes_left: impl Fn(u32) -> bool) -> usize {
    let (mut lefts, mut rights) = (0, 0);
    for i in 0..rows.len() {
        let row = rows[i];
        let left = goes_left(row);
        rows[lefts] = row;
        right[rights] = row;
        lefts += usize::from(left);
        rights += usize::from(!left);
    }
    rows[lefts..].copy_from_slice(&right[..rights]);
    lefts
}

/// Calls `make(column, rows, values)` for every column, in groups so that only a small part of the
/// matrix stands turned at any time.
fn per_column<T: Send>(rows: &Csr, make: impl Fn(usize, &[u32], &[f32]) -> T + Sync) -> Vec<T> {
    const GROUP: u32 = 32;
    let columns = rows.columns() as u32;
    let groups: Vec<u32> = (0..columns).step_by(GROUP as usize).collect();
    let made = groups.into_par_iter().map(|first| {
        let end = columns.min(first + GROUP);
        let (starts, row_numbers, values) = turn(rows, first, end);
        let entry = |(i, w): (usize, &[usize])| {
            make(first as usize + i, &row_numbers[w[0]..w[1]], &values[w[0]..w[1]])
        };
        starts.windows(2).enumerate().map(entry).collect::<Vec<T>>()
    });
    made.flatten_iter().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A matrix of one column, where row `i` holds `values[i]` if any.
    fn one_column(values: &[Option<u8>]) -> Csr {
        let mut indptr = vec![0];
        let present: Vec<f32> = values.iter().flatten().map(|&v| f32::from(v)).collect();
        for v in values {
            indptr.push(indptr[indptr.len() - 1] + usize::from(v.is_some()));
        }
        Csr::new(indptr, vec![0; present.len()], present, 1).unwrap()
    }

    proptest! {
        /// Whatever the form of the column, rows part as the definition says.
        #[test]
        fn parts_by_definition(
            values in prop::collection::vec(prop::option::weighted(0.3, 0u8..), 1..400),
            wide in any::<bool>(),
            keep in 1u32..9,
            bin in 0u16..8,
            default_left in any::<bool>(),
            max_bin in prop_oneof![Just(2usize), Just(64), Just(300)],
        ) {
            let mut values = values;
            if wide {
                // Denser, and with more bins than fit a byte.
                values.iter_mut().enumerate().for_each(|(i, v)| *v = v.or(Some(i as u8)));
            }
            let csr = one_column(&values);
            let (ends, columns) = Columns::cut(&csr, max_bin);
            prop_assume!(!ends[0].is_empty());
            let default_left = default_left && ends[0].len() > 1;
            let bin = bin.min(ends[0].len() as u16 - 1);
            let all: Vec<u32> = (0..values.len() as u32).filter(|r| r % keep == 0).collect();
            let goes = |row: u32| match values[row as usize] {
                Some(v) => bin_of(&ends[0], f32::from(v)) <= usize::from(bin),
                None => default_left,
            };
            let (left, right): (Vec<u32>, Vec<u32>) = all.iter().partition(|r| goes(**r));
            let mut rows = all.clone();
            let mut scratch = PartitionScratch::default();
            let n = columns.part(SplitTest { column: 0, bin, default_left }, &mut rows, &mut scratch);
            prop_assert_eq!(&rows[..n], left);
            prop_assert_eq!(&rows[n..], right);
        }
    }
}
