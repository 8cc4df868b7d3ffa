//! What can go wrong.

use std::path::PathBuf;

/// Every error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter is out of its range.
    #[error("{name} must be {expected}, found {found}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// The values that are allowed.
        expected: &'static str,
        /// The value given.
        found: usize,
    },
    /// The values do not make whole rows.
    #[error("{values} values are not a whole number of vectors of {dimensions} dimensions")]
    Shape {
        /// Values given.
        values: usize,
        /// Dimensions of a vector.
        dimensions: usize,
    },
    /// A vector holds NaN or infinity, or is so long that its square is infinite.
    #[error(
        "vector {row} holds a value that is not finite or is longer than 1e19: expected finite values, encode it again"
    )]
    NotFinite {
        /// The row.
        row: usize,
    },
    /// Vectors of different dimensions were brought together.
    #[error(
        "expected vectors of {expected} dimensions, found {found}: both must come from one encoder"
    )]
    Dimensions {
        /// Dimensions of the items or of the index.
        expected: usize,
        /// Dimensions given.
        found: usize,
    },
    /// An item is not in the index.
    #[error("item {item} is not in the index, which has {items} items: ids run from 0")]
    UnknownItem {
        /// The item asked for.
        item: usize,
        /// Items in the index.
        items: usize,
    },
    /// The index was built for vectors of another dimension.
    #[error(
        "the index holds vectors of {found} dimensions, expected {expected}: open it with the encoder that it was built with"
    )]
    OtherDimension {
        /// Dimensions asked for.
        expected: usize,
        /// Dimensions that the file fits.
        found: usize,
    },
    /// The index file is cut, or no index at all.
    #[error(
        "the index is cut or is none: {found}, expected {expected}: fetch the file again or build it anew"
    )]
    Truncated {
        /// What the file has.
        found: String,
        /// What it should have.
        expected: String,
    },
    /// A node of the index file cannot be as it is.
    #[error(
        "node {node} of the index is damaged: {problem}: fetch the file again or build it anew"
    )]
    Corrupt {
        /// The node's number in the file.
        node: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A `.npy` file is not an array that this crate reads, or is cut.
    #[error("not an array of rows of f32 in C order: {0}")]
    Npy(String),
    /// A file cannot be opened.
    #[error("{}: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}
