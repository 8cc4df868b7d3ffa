//! Which applications are held out for the metrics.
//!
//! The splits by candidate and by job are decided by hashes of ids, so they depend neither on the
//! order of rows nor on what else the day's data hold. Of records that are one and the same
//! ([`identity`](crate::identity)) all are on one side: that of the id that their group is named
//! after.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    dataset::{Application, Dataset, Keys},
    labels::Unresolved,
};

/// A candidate is held out when the first byte of the SHA-256 of the id is under this: a fifth.
const HELD_OUT_BELOW: u8 = 51;

/// And kept aside for the calibration when it is under this: a tenth.
const ASIDE_BELOW: u8 = 77;

/// Which applications are held out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// All applications of a fifth of the people: those the first byte of whose id's SHA-256 is
    /// under 51. The same people on every day. A person under several codes is one
    /// ([`crate::identity`]).
    Candidate,
    /// A share of the applications of each class, whoever made them.
    Stratified,
    /// All applications for a fifth of the jobs, chosen like the people; jobs of one text are one.
    Job,
    /// The last share of the applications by day.
    Temporal,
}

impl Split {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Stratified => "stratified",
            Self::Job => "job",
            Self::Temporal => "temporal",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Params {
    pub split: Split,
    pub unresolved: Unresolved,
    /// Share of the applications that [`Split::Stratified`] and [`Split::Temporal`] hold out.
    pub test_share: f64,
    /// Seed of [`Split::Stratified`].
    pub seed: u64,
    /// Whether a tenth of the candidates is kept aside.
    pub is_calibrated: bool,
}

/// Which rows of a [`Dataset`] are for training and which are held out, each ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    pub train: Vec<usize>,
    /// Row numbers of the part that calibration and threshold are fitted on: those of a tenth of the
    /// candidates, where there is a calibration.
    pub aside: Vec<usize>,
    pub test: Vec<usize>,
    /// Row numbers of the applications without a label that can be learnt from.
    pub left_out: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub rows: usize,
    pub positives: usize,
    /// Distinct candidates, a code each.
    pub candidates: usize,
}

impl Parts {
    pub fn split(dataset: &Dataset, params: &Params) -> Self {
        let held_out = match params.split {
            Split::Candidate => by_candidate(dataset),
            Split::Stratified => stratified(dataset, params.test_share, params.seed),
            Split::Job => by_job(dataset),
            Split::Temporal => by_time(dataset, params),
        };
        let last = dataset.last_day();
        let is_aside = |group: u32| is_aside(&dataset.people.ids()[group as usize]);
        let mut parts =
            Self { train: Vec::new(), aside: Vec::new(), test: Vec::new(), left_out: Vec::new() };
        for (row, application) in dataset.rows.iter().enumerate() {
            let part = if !params.unresolved.keeps(application, last) {
                &mut parts.left_out
            } else if held_out[row] {
                &mut parts.test
            } else if params.is_calibrated && is_aside(application.person_group) {
                &mut parts.aside
            } else {
                &mut parts.train
            };
            part.push(row);
        }
        parts
    }

    /// The applications at `rows`.
    pub(crate) fn pick(dataset: &Dataset, rows: &[usize]) -> Vec<Application> {
        rows.iter().map(|&row| dataset.rows[row]).collect()
    }
}

impl Counts {
    pub fn of(part: &[Application]) -> Self {
        Self {
            rows: part.len(),
            positives: part.iter().filter(|a| a.positive).count(),
            candidates: part.chunk_by(|a, b| a.person == b.person).count(),
        }
    }
}

/// Whether a candidate that is in no group, or names one, is held out under [`Split::Candidate`].
pub fn is_held_out(codigo: &str) -> bool {
    first_byte(codigo) < HELD_OUT_BELOW
}

/// Whether such a candidate is of the tenth kept aside.
fn is_aside(codigo: &str) -> bool {
    (HELD_OUT_BELOW..ASIDE_BELOW).contains(&first_byte(codigo))
}

fn first_byte(id: &str) -> u8 {
    Sha256::digest(id.as_bytes())[0]
}

fn by_candidate(dataset: &Dataset) -> Vec<bool> {
    let held_out = each_held_out(&dataset.people);
    dataset.rows.iter().map(|a| held_out[a.person_group as usize]).collect()
}

/// All applications for a fifth of the jobs, chosen like [`Split::Candidate`]'s candidates.
fn by_job(dataset: &Dataset) -> Vec<bool> {
    let held_out = each_held_out(&dataset.jobs);
    dataset.rows.iter().map(|a| held_out[a.job_group as usize]).collect()
}

fn each_held_out(keys: &Keys) -> Vec<bool> {
    keys.ids().iter().map(|id| is_held_out(id)).collect()
}

/// The applications after the day by which all but `test_share` of those with a label were made;
/// one without a day is trained on.
fn by_time(dataset: &Dataset, params: &Params) -> Vec<bool> {
    let last = dataset.last_day();
    let labelled = dataset.rows.iter().filter(|a| params.unresolved.keeps(a, last));
    let mut days: Vec<i32> = labelled.filter_map(|a| a.day).collect();
    days.sort_unstable();
    let at = (days.len() as f64 * (1.0 - params.test_share)) as usize;
    let until = days.get(at.saturating_sub(1)).copied();
    let after = |a: &Application| a.day.zip(until).is_some_and(|(day, until)| day > until);
    dataset.rows.iter().map(after).collect()
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
