//! Texts and weights from a seed.

use std::error::Error;
use std::path::Path;

use safetensors::{Dtype, tensor::TensorView};

/// `cv.json`: 512 texts of CV length; `mix.json`: 512 of people and jobs, three to one, of the
/// lengths that they have; `minilm-l12/`: random weights of the multilingual MiniLM's shape with the
/// tokenizer, and so the small vocabulary, of all-MiniLM-L6-v2.
pub(crate) fn make(directory: &Path, all_minilm: &Path) -> Result<(), Box<dyn Error>> {
    let mut random = Random(7);
    let vocabulary: Vec<String> = (0..4000).map(|_| random.word()).collect();
    let cv: Vec<String> = (0..512).map(|_| random.text(&vocabulary, 420.0, 0.2)).collect();
    let mix: Vec<String> = (0..512)
        .map(|i| match i % 4 {
            3 => random.text(&vocabulary, 125.0, 0.35),
            _ => random.text(&vocabulary, 420.0, 0.65),
        })
        .collect();
    std::fs::create_dir_all(directory)?;
    std::fs::write(directory.join("cv.json"), serde_json::to_vec(&cv)?)?;
    std::fs::write(directory.join("mix.json"), serde_json::to_vec(&mix)?)?;

    let model = directory.join("minilm-l12");
    std::fs::create_dir_all(model.join("1_Pooling"))?;
    for file in ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"]
    {
        std::fs::copy(all_minilm.join(file), model.join(file))?;
    }
    std::fs::copy(all_minilm.join("1_Pooling/config.json"), model.join("1_Pooling/config.json"))?;
    let mut config: serde_json::Value =
        serde_json::from_slice(&std::fs::read(all_minilm.join("config.json"))?)?;
    config["num_hidden_layers"] = 12.into();
    std::fs::write(model.join("config.json"), serde_json::to_vec(&config)?)?;
    let module = |i: usize, path: &str, kind: &str| {
        let kind = format!("sentence_transformers.models.{kind}");
        serde_json::json!({"idx": i, "name": i.to_string(), "path": path, "type": kind})
    };
    let modules = [module(0, "", "Transformer"), module(1, "1_Pooling", "Pooling")];
    std::fs::write(model.join("modules.json"), serde_json::to_vec(&modules)?)?;
    std::fs::write(
        model.join("sentence_bert_config.json"),
        r#"{"max_seq_length": 128, "do_lower_case": false}"#,
    )?;

    let (hidden, inner) = (384, 1536);
    let mut tensors: Vec<(String, Vec<usize>)> = vec![
        ("embeddings.word_embeddings.weight".into(), vec![30_522, hidden]),
        ("embeddings.position_embeddings.weight".into(), vec![512, hidden]),
        ("embeddings.token_type_embeddings.weight".into(), vec![2, hidden]),
        ("embeddings.LayerNorm.weight".into(), vec![hidden]),
        ("embeddings.LayerNorm.bias".into(), vec![hidden]),
    ];
    for layer in 0..12 {
        for (name, outputs, inputs) in [
            ("attention.self.query", hidden, hidden),
            ("attention.self.key", hidden, hidden),
            ("attention.self.value", hidden, hidden),
            ("attention.output.dense", hidden, hidden),
            ("intermediate.dense", inner, hidden),
            ("output.dense", hidden, inner),
        ] {
            let name = format!("encoder.layer.{layer}.{name}");
            tensors.push((format!("{name}.weight"), vec![outputs, inputs]));
            tensors.push((format!("{name}.bias"), vec![outputs]));
        }
        for name in ["attention.output.LayerNorm", "output.LayerNorm"] {
            let name = format!("encoder.layer.{layer}.{name}");
            tensors.push((format!("{name}.weight"), vec![hidden]));
            tensors.push((format!("{name}.bias"), vec![hidden]));
        }
    }
    let mut bytes: Vec<(String, Vec<usize>, Vec<u8>)> = Vec::new();
    for (name, shape) in tensors {
        let around = if name.ends_with("LayerNorm.weight") { 1.0 } else { 0.0 };
        let mut data = Vec::new();
        for _ in 0..shape.iter().product() {
            data.extend((around + 0.05 * random.normal() as f32).to_le_bytes());
        }
        bytes.push((name, shape, data));
    }
    let mut views = Vec::new();
    for (name, shape, data) in &bytes {
        views.push((name.clone(), TensorView::new(Dtype::F32, shape.clone(), data)?));
    }
    let metadata = [("format".to_owned(), "pt".to_owned())].into_iter().collect();
    std::fs::write(
        model.join("model.safetensors"),
        safetensors::serialize(views, Some(metadata))?,
    )?;
    Ok(())
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// A normal number, as the sum of twelve uniform ones.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| (self.next() >> 11) as f64 / (1u64 << 53) as f64).sum::<f64>() - 6.0
    }

    /// An invented word of a Portuguese or an English sound.
    fn word(&mut self) -> String {
        const PORTUGUESE: [&str; 24] = [
            "ção", "men", "to", "da", "res", "con", "ção", "pro", "je", "tos", "ana", "lis", "ta",
            "sis", "te", "mas", "ges", "tão", "co", "mu", "ni", "ca", "dor", "ência",
        ];
        const ENGLISH: [&str; 24] = [
            "ing", "der", "ment", "soft", "ware", "test", "er", "cloud", "ly", "man", "age", "pro",
            "gram", "net", "work", "data", "base", "ser", "vice", "de", "sign", "ful", "port",
            "al",
        ];
        let syllables = if self.below(4) == 0 { ENGLISH } else { PORTUGUESE };
        (0..1 + self.below(3)).map(|_| syllables[self.below(24)]).collect()
    }

    /// Words of a log-normal number, the rarer the further back in the vocabulary, with some
    /// punctuation.
    fn text(&mut self, vocabulary: &[String], median: f64, spread: f64) -> String {
        let words = (median * (spread * self.normal()).exp()) as usize;
        let mut text = String::new();
        for i in 0..words {
            let rank = self.below(vocabulary.len()) * self.below(vocabulary.len());
            text.push_str(&vocabulary[rank / vocabulary.len()]);
            text.push_str(match i % 11 {
                10 => ".\n",
                4 => ", ",
                _ => " ",
            });
        }
        text
    }
}
