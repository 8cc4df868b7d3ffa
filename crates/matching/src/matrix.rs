//! From encoded candidates and jobs to the rows of the matrix.

use boost::Csr;
use parquet::file::reader::ChunkReader;
use schema::Table;

use crate::{
    Error,
    columns::Side,
    dataset::Keys,
    encode::{self, Encoded},
    preprocessor::Preprocessor,
};

/// Where the records of one side are.
pub(crate) struct Records<'a, R> {
    /// What errors call the file.
    pub(crate) file: &'a str,
    /// The file.
    pub(crate) source: R,
    /// The table that the file is of.
    pub(crate) table: &'static Table,
    /// Its records.
    pub(crate) keys: &'a Keys,
}

/// The encoded candidates and jobs of some pairs.
pub(crate) struct Sides {
    people: Encoded,
    jobs: Encoded,
    columns: usize,
}

impl Sides {
    /// Encodes those candidates and jobs that `pairs` name by their numbers.
    pub(crate) fn encode<R: ChunkReader + 'static>(
        preprocessor: &Preprocessor,
        people: Records<'_, R>,
        jobs: Records<'_, R>,
        pairs: impl Iterator<Item = (u32, u32)>,
    ) -> Result<Self, Error> {
        let mut people_wanted = vec![false; people.keys.len()];
        let mut jobs_wanted = vec![false; jobs.keys.len()];
        for (person, job) in pairs {
            people_wanted[person as usize] = true;
            jobs_wanted[job as usize] = true;
        }
        let side = |side: Side, records: Records<'_, R>, wanted: &[bool]| {
            let Records { file, source, table, keys } = records;
            encode::encode((file, table), source, keys, &preprocessor.blocks_of(side), wanted)
        };
        Ok(Self {
            people: side(Side::People, people, &people_wanted)?,
            jobs: side(Side::Jobs, jobs, &jobs_wanted)?,
            columns: preprocessor.columns(),
        })
    }

    /// The matrix of `pairs`, a row each: the candidate's and the job's columns, merged in ascending
    /// order. (Columns of the pair itself would follow here, after those of the sides.)
    pub(crate) fn rows(
        &self,
        pairs: impl ExactSizeIterator<Item = (u32, u32)> + Clone,
    ) -> Result<Csr, Error> {
        let stored = pairs
            .clone()
            .map(|(person, job)| self.people.row(person).0.len() + self.jobs.row(job).0.len())
            .sum();
        let mut indptr = Vec::with_capacity(pairs.len() + 1);
        let mut indices = Vec::with_capacity(stored);
        let mut values = Vec::with_capacity(stored);
        indptr.push(0);
        for (person, job) in pairs {
            merge(self.people.row(person), self.jobs.row(job), &mut indices, &mut values);
            indptr.push(indices.len());
        }
        Ok(Csr::new(indptr, indices, values, self.columns)?)
    }
}

/// Appends two rows without a common column in ascending order.
fn merge(
    (mut a, mut a_values): (&[u32], &[f32]),
    (mut b, mut b_values): (&[u32], &[f32]),
    indices: &mut Vec<u32>,
    values: &mut Vec<f32>,
) {
    // Columns come in blocks of one side, so whole stretches are copied at a time.
    while let (Some(&first_a), Some(&first_b)) = (a.first(), b.first()) {
        if first_b < first_a {
            std::mem::swap(&mut a, &mut b);
            std::mem::swap(&mut a_values, &mut b_values);
        }
        let until = first_a.max(first_b);
        let stretch = a.iter().position(|&column| column >= until).unwrap_or(a.len());
        indices.extend_from_slice(&a[..stretch]);
        values.extend_from_slice(&a_values[..stretch]);
        (a, a_values) = (&a[stretch..], &a_values[stretch..]);
    }
    for (rest, rest_values) in [(a, a_values), (b, b_values)] {
        indices.extend_from_slice(rest);
        values.extend_from_slice(rest_values);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn merging_is_sorting(columns in proptest::collection::btree_map(0u32..60, any::<bool>(), 0..40)) {
            let side = |which: bool| -> (Vec<u32>, Vec<f32>) {
                columns.iter().filter(|c| *c.1 == which).map(|(&c, _)| (c, c as f32)).unzip()
            };
            let ((a, av), (b, bv)) = (side(true), side(false));
            let (mut indices, mut values) = (Vec::new(), Vec::new());
            merge((&a, &av), (&b, &bv), &mut indices, &mut values);
            prop_assert!(indices.iter().eq(columns.keys()));
            prop_assert!(indices.iter().map(|&c| c as f32).eq(values));
        }
    }
}
