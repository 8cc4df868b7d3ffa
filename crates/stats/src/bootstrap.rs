//! The bootstrap over groups (Efron and Tibshirani, *An Introduction to the Bootstrap*, 13).
//!
//! Rows of one group (the applications of a person) are alike, so groups are drawn with replacement,
//! each with all its rows.

use rayon::prelude::*;

use crate::{Estimate, Interval, mix};

/// Rows in groups. Groups are numbered from 0 in ascending order of their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups {
    of_rows: Vec<u32>,
    /// Rows by group, in their order within one.
    rows: Vec<u32>,
    /// Where the rows of each group end.
    ends: Vec<usize>,
}

impl Groups {
    /// `ids` has that of each row's group.
    #[must_use]
    pub fn new(ids: &[u32]) -> Self {
        let mut rows: Vec<u32> = (0..ids.len() as u32).collect();
        rows.sort_by_key(|&row| ids[row as usize]);
        let (mut of_rows, mut ends) = (vec![0; ids.len()], Vec::new());
        for group in rows.chunk_by(|&a, &b| ids[a as usize] == ids[b as usize]) {
            group.iter().for_each(|&row| of_rows[row as usize] = ends.len() as u32);
            ends.push(ends.last().unwrap_or(&0) + group.len());
        }
        Self { of_rows, rows, ends }
    }

    /// How many groups there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// The group of each row.
    #[must_use]
    pub fn of_rows(&self) -> &[u32] {
        &self.of_rows
    }

    /// The rows of each group.
    pub fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.rows[start..end])
    }

    /// How many independent rows tell as much where the rows of a group have one value: `(Σ n)² / Σ n²`
    /// of groups of `n` (Kish, *Survey Sampling*, 1965). NaN without rows.
    #[must_use]
    pub fn independent_rows(&self) -> f64 {
        let rows = self.rows.len() as f64;
        rows * rows / self.iter().map(|group| (group.len() as f64).powi(2)).sum::<f64>()
    }
}

/// Resamples of groups: drawn once, for all figures of the same rows.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    groups: usize,
    /// How often each group is drawn, a resample after another.
    draws: Vec<u8>,
}

impl Bootstrap {
    /// Draws `replicates` times as many groups as there are; the same for the same arguments.
    #[must_use]
    pub fn new(groups: usize, replicates: usize, seed: u64) -> Self {
        let mut draws = vec![0_u8; groups * replicates];
        draws.par_chunks_exact_mut(groups.max(1)).enumerate().for_each(|(number, draws)| {
            let key = mix(mix(seed) ^ number as u64);
            for draw in 0..groups as u64 {
                let group = (u128::from(mix(key ^ draw)) * groups as u128) >> 64;
                // That one of many is drawn 256 times has a probability under 10⁻⁵⁰⁰.
                draws[group as usize] = draws[group as usize].saturating_add(1);
            }
        });
        Self { groups, draws }
    }

    /// A figure of all groups once and of each resample. `figure` is given how often each group
    /// counts.
    pub fn resample<T: Send>(&self, figure: impl Fn(&[u8]) -> T + Sync) -> Resampled<T> {
        Resampled {
            value: figure(&vec![1; self.groups]),
            resamples: self.draws.par_chunks_exact(self.groups.max(1)).map(&figure).collect(),
        }
    }
}

/// A figure, and what it is on each resample.
#[derive(Clone, Debug, PartialEq)]
pub struct Resampled<T> {
    /// That of all groups once.
    pub value: T,
    /// That of each resample.
    pub resamples: Vec<T>,
}

impl<T> Resampled<T> {
    /// Something of the figure, with its percentile interval.
    pub fn estimate(&self, of: impl Fn(&T) -> f64) -> Estimate {
        self.estimate_by(Interval::Percentile, of)
    }

    /// Something of the figure, with its interval.
    pub fn estimate_by(&self, interval: Interval, of: impl Fn(&T) -> f64) -> Estimate {
        Estimate::new(of(&self.value), self.resamples.iter().map(&of), interval)
    }

    /// Something of the figure, resample by resample.
    pub fn map<U>(&self, of: impl Fn(&T) -> U) -> Resampled<U> {
        Resampled { value: of(&self.value), resamples: self.resamples.iter().map(of).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_ascend_and_keep_the_order_of_their_rows() {
        let groups = Groups::new(&[7, 3, 7, 9]);
        assert_eq!((groups.count(), groups.of_rows()), (3, &[1, 0, 1, 2][..]));
        assert_eq!(groups.iter().collect::<Vec<_>>(), [&[1][..], &[0, 2], &[3]]);
        assert_eq!(groups.independent_rows(), 16.0 / 6.0);
        assert_eq!(Groups::new(&[]).count(), 0);
    }

    #[test]
    fn as_many_are_drawn_as_there_are() {
        let draws = |seed| {
            Bootstrap::new(1_000, 2, seed).resample(|weights| {
                let left = weights.iter().filter(|&&weight| weight == 0).count();
                (weights.iter().map(|&weight| u32::from(weight)).sum::<u32>(), left)
            })
        };
        let found = draws(1);
        assert_eq!(found.value, (1_000, 0));
        for (drawn, left) in &found.resamples {
            // A share of 1/e is not drawn.
            assert!(*drawn == 1_000 && (330..410).contains(left), "{drawn} {left}");
        }
        assert!(found.resamples[0] != found.resamples[1] && found == draws(1) && found != draws(2));
        assert_eq!(Bootstrap::new(0, 9, 1).resample(<[u8]>::len).resamples, [0; 0]);
    }

    #[test]
    fn the_interval_of_a_mean_is_as_wide_as_theory_says() {
        // Standard error .5 / 20.
        let mean = Bootstrap::new(400, 2_000, 1).resample(|weights| {
            let odd = weights.iter().skip(1).step_by(2);
            odd.map(|&weight| f64::from(weight)).sum::<f64>() / 400.0
        });
        let found = mean.map(|mean| 2.0 * mean).estimate(|twice| twice / 2.0);
        assert_eq!(found.value, Some(0.5));
        assert!((found.low.unwrap() - (0.5 - 1.96 * 0.025)).abs() < 0.006, "{found:?}");
        assert!((found.high.unwrap() - (0.5 + 1.96 * 0.025)).abs() < 0.006, "{found:?}");
    }
}
