//! Texts become vectors whose cosine says how near their meanings are.
//!
//! An [`Encoder`] takes texts and gives one row of numbers each. There are two kinds:
//! - [`sentence`]: a sentence-transformers checkpoint, BERT or XLM-R, run on the processor;
//! - [`lsa`]: latent semantic analysis, which needs no checkpoint.
//!
//! [`known`] names the checkpoints that are pinned by revision and hash; [`Source`] is where their
//! files lie.

#![warn(missing_docs)]

mod error;

mod source;

pub mod known;

pub mod sentence;

pub mod lsa;

use std::ops::ControlFlow;

pub use error::Error;
pub use source::{Content, Source};

use serde::{Deserialize, Serialize};

/// A hash of the sources that this crate is built from. The vector of a text depends on them, so it
/// belongs into every cache key and into the key of every fitted state.
pub const CODE: &str = env!("STAGE_CODE");

/// What becomes of a text that is longer than the encoder reads at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LongText {
    /// Its beginning is read, as sentence-transformers does.
    #[default]
    Cut,
    /// All of it is read, in windows that overlap; the vector is the mean of theirs, each weighted
    /// by its length.
    Pool,
}

/// The vectors of some texts, in the order of the texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Embeddings {
    /// `(n, dimensions)`, row after row.
    pub vectors: Vec<f32>,
    /// Numbers a row.
    pub dimensions: usize,
    /// Whether text i was longer than what was read of it.
    pub cut: Vec<bool>,
}

impl Embeddings {
    /// The vector of text `i`.
    pub fn row(&self, i: usize) -> &[f32] {
        &self.vectors[i * self.dimensions..(i + 1) * self.dimensions]
    }
}

/// Turns texts into vectors.
///
/// The vector of a text depends on the text alone: not on the texts beside it, nor on the number of
/// threads. Its bytes are the same wherever [`Encoder::kernel`] is the same.
pub trait Encoder: Send + Sync {
    /// Numbers a vector has.
    fn dimensions(&self) -> usize;

    /// The precision and the instructions that compute, such as `f32-avx512`. It belongs into every
    /// manifest and every cache key: other kernels round otherwise.
    fn kernel(&self) -> String;

    /// The vectors of `texts`, on all threads of rayon's current pool. `progress` is called now and
    /// then, from any thread, with the number of texts that were done since it was last called, and
    /// may stop the work: [`Error::Cancelled`].
    fn encode(
        &self,
        texts: &[&str],
        long: LongText,
        progress: &(dyn Fn(usize) -> ControlFlow<()> + Sync),
    ) -> Result<Embeddings, Error>;
}
