//! How good probabilities are, how sure that is, and what to do with them: pure functions of
//! probabilities, outcomes and who applied for what.
//!
//! [`figures`] gives the figures of one model with an interval each, [`Judgement::lead`] what one
//! model is ahead of another by, [`slices`] the figures of groups of rows, [`curves`] what a chart draws;
//! [`calibration`] makes probabilities true to what happens, [`threshold`] says from which
//! probability on an application is called. Nothing depends on the order of rows nor on the number
//! of threads.

use stats::Groups;

pub(crate) mod sorted;

mod within;

mod figures;
pub(crate) use figures::log_loss;
pub use figures::{Figures, Judgement, Lead, WithinJob, figures};

mod slices;
pub use slices::{Least, Slice, slices};

mod curves;
pub use curves::{CalibrationBin, Curves, HistogramBin, Point, curves};

pub mod calibration;
pub use calibration::Calibration;

pub mod threshold;

#[cfg(test)]
mod tests;

/// What is judged: parallel slices, an application a row.
///
/// The functions of this module panic when the slices are not of one length: that is a fault of the
/// caller, not of the data.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// The probability that the model gives to a match.
    pub probabilities: &'a [f32],
    pub labels: &'a [bool],
    /// A person under several codes is one.
    pub people: &'a Groups,
    pub jobs: &'a Groups,
}

impl Judged<'_> {
    pub fn rows(&self) -> usize {
        let rows = self.probabilities.len();
        assert!(
            [self.labels.len(), self.people.of_rows().len(), self.jobs.of_rows().len()]
                == [rows; 3],
            "one label, candidate and job a probability"
        );
        rows
    }

    /// How many rows are a match.
    pub fn positives(&self) -> usize {
        self.labels.iter().filter(|&&label| label).count()
    }
}
