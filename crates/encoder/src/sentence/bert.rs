//! The forward pass of BERT and of XLM-R, which differ in where positions begin.
//!
//! J. Devlin et al., *BERT: Pre-training of Deep Bidirectional Transformers* (2019), as Hugging
//! Face's `BertModel` and `XLMRobertaModel` compute it. Sequences lie one behind the other in one
//! matrix of tokens: nothing is padded, so no attention mask is needed.

use pulp::{Simd, WithSimd};

use super::attention::{self, Attention};
use super::checkpoint::Config;
use super::kernel::Kernel;
use super::lanes::{Norm, normalise};
use super::pooling::Pooling;
use super::product::{After, Panels, Product, TILE_ROWS};
use super::weights::{TokenTable, WORDS, Weights};
use crate::Error;

/// A loaded checkpoint.
pub(super) struct Bert {
    config: Config,
    words: TokenTable,
    /// `(positions, hidden)`: position and token type 0 together.
    positions: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
    kernel: Kernel,
}

struct Layer {
    qkv: Panels,
    output: Panels,
    attention_norm: Norm,
    up: Panels,
    down: Panels,
    norm: Norm,
}

/// What a forward pass writes to, kept from pack to pack.
#[derive(Default)]
pub(super) struct Workspace {
    /// `(tokens, hidden)`: the tokens between layers.
    tokens: Vec<f32>,
    /// `(tokens, hidden)`: the sum of a residual, before it is normalised.
    sums: Vec<f32>,
    /// `(tokens, hidden)`: what attention gives.
    context: Vec<f32>,
    /// `(tokens, 3 hidden)`, then `(tokens, intermediate)`.
    wide: Vec<f32>,
    attention: attention::HeadScratch,
}

impl Bert {
    /// Reads all weights but the table of words, which stays in the file.
    pub(super) fn load(
        weights: &Weights<'_>,
        config: Config,
        kernel: Kernel,
    ) -> Result<Self, Error> {
        let (hidden, inner) = (config.hidden_size, config.intermediate_size);
        let norm = |name: &str| -> Result<Norm, Error> {
            Ok(Norm {
                scale: weights.tensor(&format!("{name}.weight"), &[hidden])?,
                shift: weights.tensor(&format!("{name}.bias"), &[hidden])?,
                epsilon: config.layer_norm_eps,
            })
        };
        let linear = |names: &[String], outputs: usize, inputs: usize| -> Result<Panels, Error> {
            let (mut matrix, mut bias) = (Vec::new(), Vec::new());
            for name in names {
                matrix.extend(weights.tensor(&format!("{name}.weight"), &[outputs, inputs])?);
                bias.extend(weights.tensor(&format!("{name}.bias"), &[outputs])?);
            }
            Ok(kernel.run(Pack { matrix: &matrix, bias: &bias }))
        };
        let layers = (0..config.num_hidden_layers)
            .map(|i| {
                let at = |name: &str| format!("encoder.layer.{i}.{name}");
                let qkv = ["query", "key", "value"].map(|n| at(&format!("attention.self.{n}")));
                Ok(Layer {
                    qkv: linear(&qkv, hidden, hidden)?,
                    output: linear(&[at("attention.output.dense")], hidden, hidden)?,
                    attention_norm: norm(&at("attention.output.LayerNorm"))?,
                    up: linear(&[at("intermediate.dense")], inner, hidden)?,
                    down: linear(&[at("output.dense")], hidden, inner)?,
                    norm: norm(&at("output.LayerNorm"))?,
                })
            })
            .collect::<Result<_, Error>>()?;
        let shape = [config.max_position_embeddings, hidden];
        let mut positions = weights.tensor("embeddings.position_embeddings.weight", &shape)?;
        let types = weights
            .tensor("embeddings.token_type_embeddings.weight", &[config.type_vocab_size, hidden])?;
        for row in positions.chunks_exact_mut(hidden) {
            for (x, kind) in row.iter_mut().zip(&types) {
                *x += kind;
            }
        }
        Ok(Self {
            words: weights.table(WORDS, [config.vocab_size, hidden])?,
            norm: norm("embeddings.LayerNorm")?,
            positions,
            layers,
            kernel,
            config,
        })
    }

    /// The first row of the table of words that has a number which is not finite.
    pub(super) fn word_that_is_not_finite(&self) -> Option<usize> {
        (0..self.words.rows()).find(|&row| self.words.row(row).any(|x| !x.is_finite()))
    }

    /// Tokens that the weights know.
    pub(super) fn vocabulary(&self) -> usize {
        self.words.rows()
    }

    /// Numbers a vector has.
    pub(super) fn hidden(&self) -> usize {
        self.config.hidden_size
    }

    /// The pooled vectors of `sequences`, `(n, hidden)`. Every token must be of the vocabulary, and
    /// no sequence longer than the positions are.
    pub(super) fn encode(
        &self,
        sequences: &[&[u32]],
        pooling: Pooling,
        workspace: &mut Workspace,
    ) -> Vec<f32> {
        let mut out = vec![0.0; sequences.len() * self.hidden()];
        self.kernel.run(Forward { bert: self, sequences, pooling, workspace, out: &mut out });
        out
    }

    /// Words and positions of every token, one sequence behind the other.
    fn embed(&self, sequences: &[&[u32]], tokens: &mut [f32]) {
        let hidden = self.hidden();
        let mut rows = tokens.chunks_exact_mut(hidden);
        for sequence in sequences {
            let mut next = self.config.first_position();
            for (&token, row) in sequence.iter().zip(&mut rows) {
                let mut position = next;
                // RoBERTa and its kin leave padding out of the count, even in the midst of a text.
                if self.config.padding() == Some(token) {
                    position = token as usize;
                } else {
                    next += 1;
                }
                let position = &self.positions[position * hidden..][..hidden];
                for ((x, word), position) in
                    row.iter_mut().zip(self.words.row(token as usize)).zip(position)
                {
                    *x = word + position;
                }
            }
        }
    }
}

struct Pack<'a> {
    matrix: &'a [f32],
    bias: &'a [f32],
}

impl WithSimd for Pack<'_> {
    type Output = Panels;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Panels {
        Panels::new::<S>(self.matrix, self.bias)
    }
}

struct Forward<'a> {
    bert: &'a Bert,
    sequences: &'a [&'a [u32]],
    pooling: Pooling,
    workspace: &'a mut Workspace,
    out: &'a mut [f32],
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { bert, sequences, pooling, workspace, out } = self;
        let hidden = bert.hidden();
        let rows: usize = sequences.iter().map(|sequence| sequence.len()).sum();
        let room = rows + TILE_ROWS;
        let Workspace { tokens, sums, context, wide, attention } = workspace;
        for rows in [&mut *tokens, sums, context] {
            rows.resize(room * hidden, 0.0);
        }
        wide.resize(room * bert.config.intermediate_size.max(3 * hidden), 0.0);

        bert.embed(sequences, tokens);
        normalise(simd, &mut tokens[..rows * hidden], &bert.norm);
        for layer in &bert.layers {
            simd.vectorize(Product {
                rows,
                from: tokens,
                panels: &layer.qkv,
                after: After::Bias,
                out: wide,
            });
            let mut start = 0;
            for sequence in sequences {
                let end = start + sequence.len();
                simd.vectorize(Attention {
                    tokens: sequence.len(),
                    heads: bert.config.num_attention_heads,
                    qkv: &wide[start * 3 * hidden..],
                    context: &mut context[start * hidden..end * hidden],
                    hidden,
                    scratch: attention,
                });
                start = end;
            }
            simd.vectorize(Product {
                rows,
                from: context,
                panels: &layer.output,
                after: After::Add(tokens),
                out: sums,
            });
            normalise(simd, &mut sums[..rows * hidden], &layer.attention_norm);
            simd.vectorize(Product {
                rows,
                from: sums,
                panels: &layer.up,
                after: After::Gelu,
                out: wide,
            });
            simd.vectorize(Product {
                rows,
                from: wide,
                panels: &layer.down,
                after: After::Add(sums),
                out: tokens,
            });
            normalise(simd, &mut tokens[..rows * hidden], &layer.norm);
        }

        let mut start = 0;
        for (sequence, out) in sequences.iter().zip(out.chunks_exact_mut(hidden)) {
            let end = start + sequence.len() * hidden;
            pooling.pool(&tokens[start..end], out);
            start = end;
        }
    }
}
