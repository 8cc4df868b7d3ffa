//! Which applications are held out for the metrics.
//!
//! Both splits are decided by hashes of ids, so they depend neither on the order of rows nor on
//! what else the day's data hold.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{
    config::{Config, Split},
    dataset::{Application, Dataset},
};

/// A candidate is held out when the first byte of the SHA-256 of the id is under this: a fifth.
const HELD_OUT_BELOW: u8 = 51;

/// Which rows of a [`Dataset`] are for training and which are held out, each ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Row numbers of the training part.
    pub train: Vec<usize>,
    /// Row numbers of the part held out.
    pub test: Vec<usize>,
}

/// How many of what a part holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Applications.
    pub rows: usize,
    /// Applications that are a match.
    pub positives: usize,
    /// Distinct candidates.
    pub candidates: usize,
}

impl Parts {
    /// Splits the applications as `split` says.
    #[must_use]
    pub fn of(dataset: &Dataset, config: &Config, split: Split) -> Self {
        let held_out = match split {
            Split::Candidate => by_candidate(dataset),
            Split::Stratified => stratified(dataset, config.test_share, config.seed),
        };
        let (test, train) = (0..dataset.rows.len()).partition(|&row| held_out[row]);
        Self { train, test }
    }

    /// The applications at `rows`.
    pub(crate) fn pick(dataset: &Dataset, rows: &[usize]) -> Vec<Application> {
        rows.iter().map(|&row| dataset.rows[row]).collect()
    }
}

impl Counts {
    /// Counts the applications of a part, which are ascending.
    #[must_use]
    pub fn of(part: &[Application]) -> Self {
        Self {
            rows: part.len(),
            positives: part.iter().filter(|a| a.positive).count(),
            candidates: part.chunk_by(|a, b| a.person == b.person).count(),
        }
    }
}

/// Whether a candidate is held out under [`Split::Candidate`].
#[must_use]
pub fn is_held_out(codigo: &str) -> bool {
    Sha256::digest(codigo.as_bytes())[0] < HELD_OUT_BELOW
}

fn by_candidate(dataset: &Dataset) -> Vec<bool> {
    let person_rows = dataset.rows.chunk_by(|a, b| a.person == b.person);
    person_rows
        .flat_map(|rows| {
            let held_out = is_held_out(&dataset.people.ids()[rows[0].person as usize]);
            std::iter::repeat_n(held_out, rows.len())
        })
        .collect()
}

/// Of each class, the share of rows whose keyed hash is lowest: a shuffle that the order of the
/// file has no part in.
fn stratified(dataset: &Dataset, share: f64, seed: u64) -> Vec<bool> {
    let hash = |a: &Application| {
        let mut hash = Sha256::new();
        hash.update(seed.to_le_bytes());
        hash.update(dataset.people.ids()[a.person as usize].as_bytes());
        hash.update([0]);
        hash.update(dataset.jobs.ids()[a.job as usize].as_bytes());
        u64::from_be_bytes(std::array::from_fn({
            let bytes = hash.finalize();
            move |i| bytes[i]
        }))
    };
    let mut held_out = vec![false; dataset.rows.len()];
    for class in [false, true] {
        let mut rows: Vec<(u64, usize)> = dataset
            .rows
            .iter()
            .enumerate()
            .filter(|(_, a)| a.positive == class)
            .map(|(row, a)| (hash(a), row))
            .collect();
        rows.sort_unstable();
        let count = (rows.len() as f64 * share).round() as usize;
        for &(_, row) in &rows[..count] {
            held_out[row] = true;
        }
    }
    held_out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_is_that_of_python() {
        // hashlib.sha256(c.encode()).digest()[0] < 51
        let held: Vec<_> = (1..40).map(|n: u32| n.to_string()).filter(|c| is_held_out(c)).collect();
        assert_eq!(held, ["8", "9", "39"]);
    }
}
