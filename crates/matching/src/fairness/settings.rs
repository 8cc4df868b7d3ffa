//! What an audit is given, and what it asks of a group before it compares it.

use stats::Groups;

use super::attribute::Attribute;
use crate::judge::Judged;

/// Candidates that a group needs to be compared.
pub const FEWEST_CANDIDATES: usize = 30;

/// Share of the rows of known group that a group needs to be compared.
pub const LEAST_SHARE: f64 = 0.02;

/// Rows that a rate needs to be compared.
pub const FEWEST_ROWS: f64 = 30.0;

/// Matches that a true-positive rate needs to be compared.
pub const FEWEST_MATCHES: f64 = 10.0;

/// The impact ratio below which a group fares worse than the rule allows.
pub const FOUR_FIFTHS: f64 = 0.8;

#[derive(Clone, Copy, Debug)]
pub struct Audited<'a> {
    pub judged: Judged<'a>,
    pub attributes: &'a [Attribute],
}

/// All applications whose outcome counts, those that the model was trained on among them.
#[derive(Clone, Copy, Debug)]
pub struct Outcomes<'a> {
    pub labels: &'a [bool],
    pub people: &'a Groups,
    pub jobs: &'a Groups,
    /// The attributes of [`Audited`], in the same order and of the same groups
    /// ([`Attribute::select`] takes those of some rows).
    pub attributes: &'a [Attribute],
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings<'a> {
    /// An application is selected from this probability on.
    pub threshold: f64,
    /// How many applications of a job are passed on.
    pub top: usize,
    /// The attribute that each other one is crossed with, and that has most weight among the tests.
    pub crossed: &'a str,
    /// Resamples of the candidates; with none there are no intervals.
    pub replicates: usize,
    pub seed: u64,
    pub level: f64,
}

impl Default for Settings<'_> {
    /// The threshold .5, the first five of a job, `sexo`, 200 resamples, 5 %.
    fn default() -> Self {
        Self { threshold: 0.5, top: 5, crossed: "sexo", replicates: 200, seed: 0, level: 0.05 }
    }
}
