//! Texts a second and peak memory of an encoder, and the made texts and weights that are measured.
//!
//! `benches/torch_peer.py` runs it beside sentence-transformers and prints the table.
//!
//! ```text
//! bench make DIR ALL_MINILM                          texts, and a random MiniLM of twelve layers
//! bench encode MODEL TEXTS MAX_TOKENS f32|candle ROUNDS
//! ```
//!
//! `candle` is candle-transformers' BERT, a text a thread, and needs `--features candle`.

#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a command that measures time and writes files"
)]

#[cfg(feature = "candle")]
mod candle;
mod made;

use std::error::Error;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use encoder::sentence::SentenceTransformer;
use encoder::{Encoder, LongText, Source};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["make", directory, all_minilm] => made::make(Path::new(directory), Path::new(all_minilm)),
        ["encode", model, texts, max, with, rounds] => {
            encode(model, texts, max.parse()?, with, rounds.parse()?)
        }
        _ => Err("bench make DIR ALL_MINILM | bench encode MODEL TEXTS MAX f32 ROUNDS".into()),
    }
}

fn encode(
    model: &str,
    texts: &str,
    max: usize,
    with: &str,
    rounds: usize,
) -> Result<(), Box<dyn Error>> {
    let texts: Vec<String> = serde_json::from_slice(&std::fs::read(texts)?)?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let limit = format!(r#"{{"max_seq_length": {max}, "do_lower_case": false}}"#);
    let source =
        Source::dir(Path::new(model))?.with_bytes("sentence_bert_config.json", limit.into_bytes());
    let encoder = SentenceTransformer::open(&source)?;
    let warm_up = &texts[..texts.len().min(32)];
    match with {
        "f32" => {
            let encode = |texts: &[&str]| {
                encoder.encode(texts, LongText::Cut, &|_| ControlFlow::Continue(()))?;
                Ok(())
            };
            measure(&encoder.kernel(), warm_up, &texts, rounds, encode)
        }
        #[cfg(feature = "candle")]
        "candle" => {
            let bert = candle::Bert::load(Path::new(model))?;
            let difference = bert.difference(&encoder, warm_up)?;
            let name = format!("candle f32, off by {difference:.0e}");
            measure(&name, warm_up, &texts, rounds, |texts| bert.encode(&encoder, texts).map(drop))
        }
        other => Err(format!("{other}, expected f32, or candle where it is built in").into()),
    }
}

fn measure(
    name: &str,
    warm_up: &[&str],
    texts: &[&str],
    rounds: usize,
    encode: impl Fn(&[&str]) -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    encode(warm_up)?;
    let mut best = f64::INFINITY;
    for _ in 0..rounds {
        let start = Instant::now();
        encode(texts)?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak: u64 = peak.and_then(|kb| kb.split_whitespace().next()?.parse().ok()).unwrap_or(0);
    println!(
        "{}",
        serde_json::json!({
            "kernel": name,
            "texts": texts.len(),
            "seconds": best,
            "texts_per_second": texts.len() as f64 / best,
            "peak_mb": peak / 1024,
        })
    );
    Ok(())
}
