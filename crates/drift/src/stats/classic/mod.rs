//! The Python system's analysis: TF-IDF fitted on the baseline, KSDrift and the population stability
//! index a term.
//!
//! ```text
//! Fit::shard ──add (baseline)──▶ Shard ──Fit::finish──▶ Vocabulary, Weights (baseline)
//! Vocabulary::shard ──add (current)──▶ Shard ──Vocabulary::weigh──▶ Weights (current)
//!                                          analyse(vocabulary, baseline, current)
//! ```
//!
//! A document is a row of a table, and most of its parts (cells) stand in other rows too: a part is
//! tokenised once and is from then on a bag of numbers. A space between two parts ends a token, so
//! the tokens of a document are those of its parts. Each version is read once; what stays of it is
//! its weights, column by column, and a zero is nowhere stored. Which row a weight is of does not
//! matter to any figure, so that is not kept either. Sums are taken over sorted columns: the result
//! does not depend on batches or threads.
//!
//! The last bit counts: two rows of equal text tie or do not, and each tie broken moves a distance of
//! Kolmogorov and Smirnov by a row. scikit-learn adds up the squares of a row in the order in which
//! the terms first occur in the corpus where it fits, and in alphabetical order where it transforms,
//! so the same text has not always the same weights in both versions. So it is here ([`Weights`]).
//! What is left is the logarithm, which in numpy is another one, in the last bit, on a processor with
//! AVX-512. On the full sample (51,042 rows a side) the distances and p of all 1,000 terms are equal
//! to Python's without AVX-512, and those of 994 with it; the other distances are a row apart
//! (`benches/peer/drift.py`).

mod bags;

mod shard;
pub use shard::Shard;

mod fit;
pub use fit::{Fit, Vocabulary};

mod weights;
pub use weights::Weights;

mod analysis;
pub use analysis::{Analysis, P_VAL, Term, Verdict, analyse};

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
