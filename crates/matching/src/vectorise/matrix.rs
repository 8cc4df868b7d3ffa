//! From encoded candidates and jobs to the rows of the matrix.

use boost::Csr;
use parquet::file::reader::ChunkReader;
use rayon::prelude::*;

use crate::{
    Error,
    columns::Side,
    encode::{Encoded, SideRecords, encode},
    history::Moment,
    preprocessor::Preprocessor,
    relations::{self, COLUMNS, Demand, Profile, Relations, Vocabulary},
};

pub(crate) struct Sides {
    people: Encoded<Profile>,
    jobs: Encoded<Demand>,
    columns: usize,
}

/// A pair of a candidate and a job by their numbers, and what was known when the candidate applied.
pub(crate) type NumberedPair = (u32, u32, Option<Moment>);

impl Sides {
    /// Encodes those candidates and jobs that `pairs` name by their numbers.
    ///
    /// The `vocabulary` is that of the preprocessor's relations, which may not be weighed yet.
    pub(crate) fn encode<R: ChunkReader + 'static>(
        preprocessor: &Preprocessor,
        vocabulary: Option<&Vocabulary>,
        people: SideRecords<'_, R>,
        jobs: SideRecords<'_, R>,
        pairs: impl Iterator<Item = (u32, u32)>,
    ) -> Result<Self, Error> {
        let mut people_wanted = vec![false; people.keys.len()];
        let mut jobs_wanted = vec![false; jobs.keys.len()];
        for (person, job) in pairs {
            people_wanted[person as usize] = true;
            jobs_wanted[job as usize] = true;
        }
        let blocks = |side| preprocessor.blocks_of(side);
        let people = encode(people, &blocks(Side::People), vocabulary, &people_wanted)?;
        let jobs = encode(jobs, &blocks(Side::Jobs), vocabulary, &jobs_wanted)?;
        Ok(Self { people, jobs, columns: preprocessor.columns_of_sides() })
    }

    /// What relations read of a candidate and of a job; none where there are no relations.
    pub(crate) fn person(&self, number: u32) -> Option<&Profile> {
        self.people.fact(number)
    }

    pub(crate) fn job(&self, number: u32) -> Option<&Demand> {
        self.jobs.fact(number)
    }

    /// The matrix of `pairs`, a row each: the candidate's and the job's columns, merged in ascending
    /// order, then the relations of the two that are not missing.
    pub(crate) fn rows(
        &self,
        pairs: &[NumberedPair],
        relations: Option<&Relations>,
    ) -> Result<Csr, Error> {
        let related: Vec<Option<relations::Values>> = pairs
            .par_iter()
            .map(|&(person, job, moment)| {
                Some(relations?.of(self.person(person)?, self.job(job)?, moment))
            })
            .collect();
        let sides = pairs
            .iter()
            .map(|&(person, job, _)| self.people.row(person).0.len() + self.jobs.row(job).0.len());
        let stored = sides.sum::<usize>() + relations.map_or(0, |_| COLUMNS * pairs.len());
        let columns = self.columns + relations.map_or(0, |_| COLUMNS);
        let mut indptr = Vec::with_capacity(pairs.len() + 1);
        let mut indices = Vec::with_capacity(stored);
        let mut values = Vec::with_capacity(stored);
        indptr.push(0);
        for (&(person, job, _), related) in pairs.iter().zip(related) {
            merge(self.people.row(person), self.jobs.row(job), &mut indices, &mut values);
            for (column, value) in (self.columns as u32..).zip(related.into_iter().flatten()) {
                if !value.is_nan() {
                    indices.push(column);
                    values.push(value);
                }
            }
            indptr.push(indices.len());
        }
        Ok(Csr::new(indptr, indices, values, columns)?)
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
