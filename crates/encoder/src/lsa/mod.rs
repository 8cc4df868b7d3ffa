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

use std::ops::ControlFlow;

pub use fit::Sample;
pub use params::Params;
pub use state::FORMAT;

use rayon::prelude::*;

use crate::{Embeddings, Encoder, Error, LongText};
use encode::{Scratch, Weights};
use state::Vectors;

/// Numbers a vector has, as the checkpoints of sentence-transformers that this stands in for have.
pub const DIMENSIONS: usize = 384;

/// Texts between two calls of `progress`.
const BATCH: usize = 64;

/// A fitted state.
#[derive(Debug, Clone)]
pub struct Lsa {
    params: Params,
    weights: Weights,
    /// Singular values, descending; directions after them are zero.
    values: Vec<f32>,
    /// What each word adds to a text, its spelling included.
    words: Vectors,
    /// What each group of letters of an unknown word adds.
    groups: Vectors,
}

impl Lsa {
    /// Fits a state on `texts`, or on the [`Sample`] of them that [`Params::texts`] allows.
    ///
    /// # Errors
    /// [`Error::LsaParams`].
    pub fn fit<T: AsRef<str>>(texts: &[T], params: &Params) -> Result<Self, Error> {
        let mut sample = Sample::new(params.clone())?;
        texts.iter().for_each(|text| sample.add(text.as_ref()));
        Ok(sample.fit())
    }

    /// What it was fitted with.
    #[must_use]
    pub fn params(&self) -> &Params {
        &self.params
    }

    /// Number of texts that it was fitted on.
    #[must_use]
    pub fn documents(&self) -> u64 {
        self.weights.documents
    }

    /// Number of words that it knows.
    #[must_use]
    pub fn words(&self) -> usize {
        self.weights.words.len()
    }

    /// Singular values of the directions, descending: at most 384, fewer where fewer texts or terms
    /// left fewer, and then the last numbers of every vector are zero.
    #[must_use]
    pub fn singular_values(&self) -> &[f32] {
        &self.values
    }
}

impl Encoder for Lsa {
    fn dimensions(&self) -> usize {
        DIMENSIONS
    }

    fn kernel(&self) -> String {
        "lsa-f32".to_owned()
    }

    /// All of a text is read, however long it is: [`LongText`] changes nothing, and nothing is cut.
    fn encode(
        &self,
        texts: &[&str],
        _long: LongText,
        progress: &(dyn Fn(usize) -> ControlFlow<()> + Sync),
    ) -> Result<Embeddings, Error> {
        let mut vectors = vec![0.0; texts.len() * DIMENSIONS];
        let (rows, _) = vectors.as_chunks_mut::<DIMENSIONS>();
        rows.par_chunks_mut(BATCH).zip(texts.par_chunks(BATCH)).try_for_each_init(
            Scratch::default,
            |scratch, (rows, texts)| {
                for (row, text) in rows.iter_mut().zip(texts) {
                    self.encode_one(text, scratch, row);
                }
                progress(texts.len()).is_continue().then_some(()).ok_or(Error::Cancelled)
            },
        )?;
        Ok(Embeddings { vectors, dimensions: DIMENSIONS, cut: vec![false; texts.len()] })
    }
}

#[cfg(test)]
mod tests;
