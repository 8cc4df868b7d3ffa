//! Sentence-transformers checkpoints: a transformer, a pooling, perhaps a scaling to length 1.
//!
//! BERT and XLM-R weights of any size are read from safetensors. Vectors are those that
//! sentence-transformers computes: the same tokens, and numbers that differ in the last digits of
//! f32. How it is fast: sequences lie one behind the other without padding; a pack of them goes
//! through all layers on one thread while other threads take other packs; texts that will be cut are
//! tokenised only as far as they are read.

mod attention;
mod bert;
mod checkpoint;
mod kernel;
mod lanes;
mod product;
mod tokens;
mod weights;

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::{Embeddings, Encoder, Error, LongText, Source};
use bert::{Bert, Workspace};
use checkpoint::Checkpoint;
use kernel::Kernel;
use tokens::{Sequences, Tokens};
use weights::Weights;

/// How the vectors of tokens become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pooling {
    /// Their mean.
    Mean,
    /// The first token's.
    Cls,
    /// The greatest number of each dimension.
    Max,
}

impl Pooling {
    /// `tokens` is `(tokens, out.len())`, and not empty.
    fn pool(self, tokens: &[f32], out: &mut [f32]) {
        let (first, rest) = tokens.split_at(out.len());
        out.copy_from_slice(first);
        if self == Self::Cls {
            return;
        }
        for row in rest.chunks_exact(out.len()) {
            for (pooled, &x) in out.iter_mut().zip(row) {
                *pooled = if self == Self::Max { pooled.max(x) } else { *pooled + x };
            }
        }
        if self == Self::Mean {
            let n = (tokens.len() / out.len()) as f32;
            out.iter_mut().for_each(|x| *x /= n);
        }
    }
}

/// Texts that are tokenised before the first of them is encoded: this bounds the memory.
const SLAB: usize = 2048;

/// Tokens that go through the layers together: as many as fill the processor's caches.
const PACK: usize = 512;

/// An encoder that runs a sentence-transformers checkpoint.
pub struct SentenceTransformer {
    source_name: String,
    bert: Bert,
    tokens: Tokens,
    pooling: Pooling,
    normalise: bool,
    max_seq_length: usize,
    kernel: String,
}

impl SentenceTransformer {
    /// Loads a checkpoint: `config.json`, `tokenizer.json`, `model.safetensors`, and where they are
    /// there `modules.json`, the configuration of its pooling, `sentence_bert_config.json`,
    /// `tokenizer_config.json` and `config_sentence_transformers.json`.
    ///
    /// # Errors
    /// A file that is missing, damaged, or asks for what cannot be computed; weights of another
    /// shape than the configuration says.
    pub fn open(source: &Source) -> Result<Self, Error> {
        Self::with_kernel(source, Kernel::best())
    }

    fn with_kernel(source: &Source, kernel: Kernel) -> Result<Self, Error> {
        let checkpoint = Checkpoint::read(source)?;
        let tokens = Tokens::read(source, &checkpoint)?;
        let file = format!("{}model.safetensors", checkpoint.folder);
        let content = source.require(
            &file,
            "the weights",
            "fetch the whole checkpoint; where it has only pytorch_model.bin, save it once with \
             safetensors",
        )?;
        let weights = Weights::open(source.name(), &file, content)?;
        let config = checkpoint.config.clone();
        let bert = Bert::load(&weights, config, kernel)?;
        Ok(Self {
            source_name: source.name().into(),
            bert,
            tokens,
            pooling: checkpoint.pooling,
            normalise: checkpoint.normalise,
            max_seq_length: checkpoint.max_seq_length,
            kernel: format!("f32-{}", kernel.name()),
        })
    }

    /// Looks at what opening leaves for later: every row of the table of words, and every token.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a weight that is not finite; [`Error::Token`] for a token beyond the
    /// weights' vocabulary.
    pub fn check(&self) -> Result<(), Error> {
        let vocabulary = self.bert.vocabulary();
        let (source_name, token) = (self.source_name.clone(), self.tokens.greatest());
        if token as usize >= vocabulary {
            return Err(Error::Token { source_name, token, vocabulary });
        }
        match self.bert.word_that_is_not_finite() {
            Some(row) => Err(Error::Malformed {
                source_name,
                file: "model.safetensors".to_owned(),
                expected: "weights that are finite",
                problem: format!("the word of token {row} has a NaN or an infinity"),
            }),
            None => Ok(()),
        }
    }

    /// Tokens that are read at once, special tokens included.
    pub fn max_seq_length(&self) -> usize {
        self.max_seq_length
    }

    /// The tokens that are read of `text`, one sequence a window, special tokens included.
    ///
    /// # Errors
    /// [`Error::Tokenize`], [`Error::Token`].
    pub fn tokens(&self, text: &str, long: LongText) -> Result<Vec<Vec<u32>>, Error> {
        Ok(self.sequences(0, text, long)?.windows)
    }

    fn sequences(&self, i: usize, text: &str, long: LongText) -> Result<Sequences, Error> {
        let sequences = self
            .tokens
            .sequences(text, long)
            .map_err(|problem| Error::Tokenize { text: i, problem })?;
        let vocabulary = self.bert.vocabulary();
        match sequences.windows.iter().flatten().find(|&&token| token as usize >= vocabulary) {
            Some(&token) => {
                Err(Error::Token { source_name: self.source_name.clone(), token, vocabulary })
            }
            None => Ok(sequences),
        }
    }

    /// The vectors of `texts`, whose first is text `start` of all.
    fn slab(
        &self,
        start: usize,
        texts: &[&str],
        long: LongText,
        progress: &(dyn Fn(usize) -> ControlFlow<()> + Sync),
        embeddings: &mut Embeddings,
    ) -> Result<(), Error> {
        let texts: Vec<Sequences> = texts
            .par_iter()
            .enumerate()
            .map(|(i, text)| self.sequences(start + i, text, long))
            .collect::<Result<_, _>>()?;

        // Each window and the text that it is of, the longest first: the last packs are then small,
        // and threads end together.
        let mut windows: Vec<(usize, &[u32])> = Vec::new();
        for (i, text) in texts.iter().enumerate() {
            windows.extend(text.windows.iter().map(|window| (i, window.as_slice())));
        }
        windows.sort_by_key(|(_, window)| std::cmp::Reverse(window.len()));
        let left: Vec<AtomicUsize> =
            texts.iter().map(|text| AtomicUsize::new(text.windows.len())).collect();
        let packs = packs(&windows);
        let vectors: Vec<Vec<f32>> = packs
            .par_iter()
            .map_init(Workspace::default, |workspace, pack| {
                let sequences: Vec<&[u32]> = pack.iter().map(|&(_, window)| window).collect();
                let vectors = self.bert.encode(&sequences, self.pooling, workspace);
                let last = |&&(i, _): &&(usize, _)| left[i].fetch_sub(1, Ordering::Relaxed) == 1;
                let done = progress(pack.iter().filter(last).count());
                if done.is_continue() { Ok(vectors) } else { Err(Error::Cancelled) }
            })
            .collect::<Result<_, _>>()?;

        // Windows of one text come together in their own order, so that sums round the same way
        // wherever the packs ended.
        let dimensions = self.dimensions();
        let mut of_text: Vec<Vec<(&[u32], &[f32])>> = vec![Vec::new(); texts.len()];
        for (pack, vectors) in packs.iter().zip(&vectors) {
            for (&(i, window), vector) in pack.iter().zip(vectors.chunks_exact(dimensions)) {
                of_text[i].push((window, vector));
            }
        }
        for (text, windows) in texts.iter().zip(of_text) {
            let total: usize = windows.iter().map(|(window, _)| window.len()).sum();
            let at = embeddings.vectors.len();
            embeddings.vectors.resize(at + dimensions, 0.0);
            let out = &mut embeddings.vectors[at..];
            for (window, vector) in windows {
                let weight = window.len() as f32 / total as f32;
                for (out, &x) in out.iter_mut().zip(vector) {
                    *out += weight * x;
                }
            }
            if self.normalise {
                let length = out.iter().map(|x| x * x).sum::<f32>().sqrt().max(1e-12);
                out.iter_mut().for_each(|x| *x /= length);
            }
            embeddings.cut.push(text.cut);
        }
        Ok(())
    }
}

/// Divides windows into packs of at most [`PACK`] tokens, or of one window.
fn packs<'a, 'w>(windows: &'a [(usize, &'w [u32])]) -> Vec<&'a [(usize, &'w [u32])]> {
    let (mut packs, mut start, mut tokens) = (Vec::new(), 0, 0);
    for (i, (_, window)) in windows.iter().enumerate() {
        if i > start && tokens + window.len() > PACK {
            packs.push(&windows[start..i]);
            (start, tokens) = (i, 0);
        }
        tokens += window.len();
    }
    packs.push(&windows[start..]);
    packs
}

impl Encoder for SentenceTransformer {
    fn dimensions(&self) -> usize {
        self.bert.hidden()
    }

    fn kernel(&self) -> String {
        self.kernel.clone()
    }

    fn encode(
        &self,
        texts: &[&str],
        long: LongText,
        progress: &(dyn Fn(usize) -> ControlFlow<()> + Sync),
    ) -> Result<Embeddings, Error> {
        let dimensions = self.dimensions();
        let mut embeddings = Embeddings { dimensions, ..Embeddings::default() };
        for (s, slab) in texts.chunks(SLAB).enumerate() {
            self.slab(s * SLAB, slab, long, progress, &mut embeddings)?;
        }
        Ok(embeddings)
    }
}

impl std::fmt::Debug for SentenceTransformer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SentenceTransformer")
            .field("source", &self.source_name)
            .field("kernel", &self.kernel)
            .field("dimensions", &self.dimensions())
            .field("max_seq_length", &self.max_seq_length)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every kernel that this processor has, in either order of registers and lanes.
    #[test]
    fn kernels_agree() {
        let tiny = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/tiny");
        let source = Source::dir(std::path::Path::new(tiny)).unwrap();
        let long = "analista de dados com experiência em migração ".repeat(9);
        let texts = ["", "o", "Senior Java developer, Spring Boot", &long];
        let vectors: Vec<Vec<f32>> = Kernel::all()
            .into_iter()
            .map(|kernel| {
                let encoder = SentenceTransformer::with_kernel(&source, kernel).unwrap();
                assert_eq!(encoder.kernel(), format!("f32-{}", kernel.name()));
                encoder
                    .encode(&texts, LongText::Cut, &|_| ControlFlow::Continue(()))
                    .unwrap()
                    .vectors
            })
            .collect();
        for other in &vectors[1..] {
            for (a, b) in vectors[0].iter().zip(other) {
                assert!((a - b).abs() < 2e-5, "{a} and {b}");
            }
        }
    }

    #[test]
    fn packs_hold_all_windows_in_their_order() {
        let lengths = [700, 512, 300, 212, 1, 1];
        let tokens = [0; 700];
        let windows: Vec<(usize, &[u32])> =
            lengths.iter().enumerate().map(|(i, &n)| (i, &tokens[..n])).collect();
        let sizes: Vec<usize> = packs(&windows).iter().map(|pack| pack.len()).collect();
        assert_eq!(sizes, [1, 1, 2, 2]);
    }
}
