//! Statistics that more than one stage needs: pure functions over slices, without tables or files.
//!
//! - [`Estimate`], [`wilson`]: a figure with its interval; [`draw`] and [`mix`] resample groups.
//! - [`testing`]: p-values under multiple testing.
//! - [`paired`]: whether one model is surely worse than another on the same rows.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod estimate;
pub use estimate::{Estimate, Interval, draw, mix, wilson};

pub mod testing;

pub mod paired;
