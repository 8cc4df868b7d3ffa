//! Statistics that more than one stage needs: pure functions over slices, without tables or files.
//!
//! - [`Estimate`], [`wilson`]: a figure with its interval;
//! - [`Bootstrap`] over [`Groups`]: what a figure is on resamples, drawn once for all figures;
//! - [`Random`], [`mix`]: seeded random numbers;
//! - [`testing`]: p-values under multiple testing;
//! - [`exact`]: tests of counts, and the standard error of an area under the ROC curve;
//! - [`paired`]: whether one model is surely worse than another on the same rows.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod estimate;
pub use estimate::{Estimate, Interval, wilson};

mod bootstrap;
pub use bootstrap::{Bootstrap, Groups, Resampled};

mod random;
pub use random::{Random, mix};

pub mod exact;

pub mod paired;

pub mod testing;
