//! From records to the matrix: what a column becomes is fitted on the training part, and applied alike
//! when scoring.

pub(crate) mod encode;
pub(crate) mod matrix;
pub(crate) mod preprocessor;
