//! Latent semantic analysis: vectors of texts from nothing but the texts, with nothing to fetch.
//!
//! Deerwester, Dumais, Furnas, Landauer and Harshman, "Indexing by latent semantic analysis", JASIS
//! 41 (1990), over words *and* how they are spelt:
//!
//! ```text
//! Params ──▶ Sample ──add──▶ Sample ──fit──▶ Lsa ◀──bytes──▶ artefact
//!                                            Lsa ──encode──▶ (n, 384)
//! ```
//!
//! A text is its TF-IDF weights over words, with sublinear term frequency, of length one. A word is
//! itself and, [`Params::spelling`] times as long, its groups of three to five letters, weighted by
//! how few words have them; so `pyspark` is near `spark`, and a word that the state has not seen (or
//! a misspelt one) still adds its letters. The truncated singular value decomposition of that
//! matrix gives 384 directions; a text's vector is its image, of length one; a text without a known
//! word or group of letters is the zero vector.
//!
//! A word is as rare as in the language in which it is most common. Else, where one text in ten is
//! English, English everyday words pass for rare ones, and texts of a language are near each other
//! whatever they are about; with it, a CV in English finds the Portuguese jobs of its trade.
//!
//! Since the letters of a word are the same in every text, they are summed once a word: fitting and
//! encoding cost what words alone would cost. That is where this differs from a vectoriser over
//! character n-grams, whose sublinear frequency is that of the n-gram in the text.
//!
//! Vectors are byte-stable on every machine and number of threads for one state. The state itself is
//! byte-stable for one kind of processor: matrix products there use what it has.

mod encode;
mod fit;
mod params;
mod state;

mod words;

mod terms;

mod sparse;

mod svd;

mod eigen;

mod vectors;

mod weights;

pub use encode::Lsa;
pub use fit::Sample;
pub use params::Params;
pub use state::FORMAT;
pub use vectors::DIMENSIONS;

#[cfg(test)]
mod tests;
