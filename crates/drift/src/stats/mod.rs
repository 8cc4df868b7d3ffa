//! The statistics: pure functions over slices and counts, which know nothing of tables or files.
//!
//! - [`ks`], [`psi`]: scipy's test of Kolmogorov and Smirnov and the population stability index;
//! - [`classic`]: the Python system's analysis, on sparse columns;
//! - [`distance`], [`categories`]: sizes of a difference that do not grow with the number of rows;
//! - [`critical`], `stats::testing`: what is significant, at any number of rows and tests;
//! - [`measures`], [`verdict`]: both together, from values to a severity;
//! - [`separation`]: how well a score tells two versions apart;
//! - [`classifier`], [`embedding`]: models that give such scores, of texts and of vectors.
//!
//! Every probability here is of two **independent** samples. Two versions of the feature store
//! mostly hold the same people, so they are not: what they share cannot differ, and differences by
//! chance are smaller than the tests allow for. They then raise fewer false alarms than the level
//! says, and see a change in the new rows only once it shows in the whole.

pub mod ks;

pub mod psi;

pub mod classic;

pub mod distance;

pub mod categories;

pub mod critical;

pub mod measures;

pub mod verdict;

pub mod separation;

pub mod classifier;

pub mod embedding;
