//! candle-transformers' BERT on the same tokens, a text a thread: products of one text are too small
//! for candle to divide among threads. Set RAYON_NUM_THREADS=1, which candle reads for its own.

use std::error::Error;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use candle_core::{Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config, DTYPE};
use encoder::sentence::SentenceTransformer;
use encoder::{Encoder, LongText};

pub(crate) struct Bert(BertModel);

impl Bert {
    pub(crate) fn load(directory: &Path) -> Result<Self, Box<dyn Error>> {
        let config: Config =
            serde_json::from_slice(&std::fs::read(directory.join("config.json"))?)?;
        let weights = std::fs::read(directory.join("model.safetensors"))?;
        let weights = VarBuilder::from_buffered_safetensors(weights, DTYPE, &Device::Cpu)?;
        Ok(Self(BertModel::load(weights, &config)?))
    }

    /// The mean of the tokens of every text, as `encoder` divides it.
    pub(crate) fn encode(
        &self,
        encoder: &SentenceTransformer,
        texts: &[&str],
    ) -> Result<Vec<Vec<f32>>, Box<dyn Error>> {
        let one = |text: &str| -> Result<Vec<f32>, Box<dyn Error>> {
            let tokens = encoder.tokens(text, LongText::Cut)?.remove(0);
            let tokens = Tensor::new(tokens, &Device::Cpu)?.unsqueeze(0)?;
            let hidden = self.0.forward(&tokens, &tokens.zeros_like()?, None)?;
            Ok(hidden.mean(1)?.squeeze(0)?.to_vec1()?)
        };
        let next = AtomicUsize::new(0);
        let found = Mutex::new(vec![Vec::new(); texts.len()]);
        let failed = Mutex::new(None);
        std::thread::scope(|scope| {
            for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
                scope.spawn(|| {
                    loop {
                        let i = next.fetch_add(1, Ordering::Relaxed);
                        let Some(text) = texts.get(i) else { break };
                        match (one(text), found.lock(), failed.lock()) {
                            (Ok(vector), Ok(mut found), _) => found[i] = vector,
                            (Err(error), _, Ok(mut failed)) => *failed = Some(error.to_string()),
                            _ => break,
                        }
                    }
                });
            }
        });
        match failed.into_inner()? {
            Some(error) => Err(error.into()),
            None => Ok(found.into_inner()?),
        }
    }

    /// The greatest difference between a number of its vectors and of `encoder`'s, both scaled.
    pub(crate) fn difference(
        &self,
        encoder: &SentenceTransformer,
        texts: &[&str],
    ) -> Result<f32, Box<dyn Error>> {
        let theirs = self.encode(encoder, texts)?;
        let ours = encoder.encode(texts, LongText::Cut, &|_| ControlFlow::Continue(()))?;
        let scaled = |v: &[f32]| {
            let length = v.iter().map(|x| x * x).sum::<f32>().sqrt();
            v.iter().map(|x| x / length).collect::<Vec<_>>()
        };
        let mut greatest = 0.0f32;
        for (i, theirs) in theirs.iter().enumerate() {
            for (a, b) in scaled(theirs).iter().zip(scaled(ours.row(i))) {
                greatest = greatest.max((a - b).abs());
            }
        }
        Ok(greatest)
    }
}
