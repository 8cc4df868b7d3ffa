//! TF-IDF as scikit-learn's `TfidfVectorizer` computes it.
//!
//! ```text
//! Params ──check──▶ CheckedParams ──counts──▶ Counts ──finish──▶ Tfidf ──transform──▶ Row
//!                                             Counts ──merge──▶┘
//! ```
//!
//! Equal to scikit-learn 1.6 with `lowercase=True`, its default token pattern and `norm="l2"`: terms
//! in code point order, document frequencies, smooth and plain idf, sublinear term frequency. Where
//! `max_features` cuts between terms of equal count, the alphabetically first stay; scikit-learn's
//! own sort is not stable there, so its choice differs from one processor to the next.
//!
//! One deliberate difference: where nothing is left (every text empty or stop words only, or
//! `min_df` and `max_df` exclude all terms) scikit-learn raises; here the fitted state has **zero
//! columns** and every row is empty, for a column of a day's data may be all empty.
//!
//! Counting is integer sums, so the result does not depend on how the texts were sharded or on the
//! order of merging; weights are `f64` in column order, and logarithms are `libm`'s, not the
//! platform's, so the bytes are the same everywhere.

mod counts;
mod fitted;
mod key;
mod ngrams;
mod numbers;
mod params;

pub use counts::Counts;
pub use fitted::{FORMAT, Row, Scratch, Tfidf};
pub use numbers::Numbers;
pub use params::{CheckedParams, DocumentFrequency, Params};

#[cfg(test)]
mod tests;
