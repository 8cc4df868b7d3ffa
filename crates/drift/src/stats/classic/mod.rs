//! The Python system's analysis: TF-IDF fitted on the baseline, KSDrift and the population stability
//! index a term.
//!
//! ```text
//! Shard::baseline ──add──▶ fit ──▶ Tfidf, Weights::from_shards (baseline)
//! Shard::restricted_to(Tfidf) ──add──▶ Weights::from_shards (current)
//!                           analyse(Tfidf, baseline, current)
//! ```
//!
//! A document is a row of a table, and most of its parts (cells) stand in other rows too: a part is
//! tokenised once and is from then on a bag of numbers. A space between two parts ends a token, so
//! the tokens of a document are those of its parts. Each version is read once; what stays of it is
//! its weights, column by column, and a zero is nowhere stored. Nothing depends on the order of rows,
//! on batches or on threads: a row's squares are added up in the order of the columns, and a column
//! is sorted.
//!
//! Figures agree with the Python system's to 1e-6, but for rows of equal text: those tie here, and
//! in scikit-learn they may differ in the last bit from one version to the other, which moves a
//! distance of Kolmogorov and Smirnov by a row.

mod bags;

mod shard;
pub use shard::{Shard, fit};

mod weights;
pub use weights::Weights;

mod analysis;
pub use analysis::{Analysis, DriftTerm, KsVerdict, P_VAL, analyse};

#[cfg(test)]
mod tests;

/// Documents of equally many parts, which stand in a document one after the other with a space
/// between.
pub trait Documents {
    /// Number of documents.
    fn documents(&self) -> usize;

    /// Parts of each.
    fn parts(&self) -> usize;

    /// A part of a document; what is not text already is written to the empty `buffer`.
    fn part<'a>(&'a self, document: usize, part: usize, buffer: &'a mut String) -> &'a str;

    /// Whether a part is equal to the same part of the document before, where that is cheap to say.
    fn repeats(&self, document: usize, part: usize) -> bool;
}
