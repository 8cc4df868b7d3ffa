use crate::{
    history::Moment,
    preprocessor::Preprocessor,
    relations::{Demand, Profile},
};

/// A pair that is to be explained.
pub(crate) struct Explained<'a> {
    pub(crate) preprocessor: &'a Preprocessor,
    /// The contribution of each column, and last the mean.
    pub(crate) contributions: &'a [f32],
    /// The columns that the pair's row of the matrix holds, ascending.
    pub(crate) present: &'a [u32],
    /// What relations read of the two; none without relations.
    pub(crate) sides: Option<(&'a Profile, &'a Demand)>,
    pub(crate) moment: Option<Moment>,
    pub(crate) requirements: &'a str,
}
