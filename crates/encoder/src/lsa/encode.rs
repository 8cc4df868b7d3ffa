//! The vector of a text: the sum of its words' and of the letters of unknown words.

use std::ops::ControlFlow;

use rayon::prelude::*;

use super::{
    Params,
    vectors::{DIMENSIONS, PackedVectors, normalise},
    weights::{CountScratch, Weights},
};
use crate::{Embeddings, Encoder, Error, LongText};

/// Texts between two calls of `progress`.
const BATCH: usize = 64;

/// A fitted state.
#[derive(Debug, Clone)]
pub struct Lsa {
    pub(super) params: Params,
    pub(super) weights: Weights,
    /// Singular values, descending; directions after them are zero.
    pub(super) values: Vec<f32>,
    /// What each word adds to a text, its spelling included.
    pub(super) words: PackedVectors,
    /// What each group of letters of an unknown word adds.
    pub(super) groups: PackedVectors,
}

impl Lsa {
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

    /// Writes the vector of `text` over `to`.
    fn encode_one(&self, text: &str, scratch: &mut CountScratch, to: &mut [f32; DIMENSIONS]) {
        to.fill(0.0);
        self.weights.count(text, scratch);
        for (word, weight) in self.weights.of_words(scratch) {
            self.words.add(word, weight, to);
        }
        for (group, weight) in self.weights.of_groups(self.params.spelling, scratch) {
            self.groups.add(group, weight, to);
        }
        normalise(to);
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
            CountScratch::default,
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
