//! Checkpoints of every kind, made from the small one by changing one file.

use std::ops::ControlFlow;

use encoder::sentence::SentenceTransformer;
use encoder::{Encoder, LongText, Source};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Value, json};

use crate::golden::{cosine, tiny};

fn open(source: &Source) -> Result<SentenceTransformer, String> {
    SentenceTransformer::open(source).map_err(|error| error.to_string())
}

fn refused(source: &Source) -> String {
    open(source).unwrap_err()
}

fn content(file: &str) -> Vec<u8> {
    tiny().read(file).unwrap().unwrap().to_vec()
}

/// The small checkpoint with some keys of a file changed.
fn with(file: &str, changes: Value) -> Source {
    let mut value: Value = serde_json::from_slice(&content(file)).unwrap();
    for (key, change) in changes.as_object().unwrap() {
        value[key] = change.clone();
    }
    tiny().with_bytes(file, serde_json::to_vec(&value).unwrap())
}

/// The small checkpoint without the files that are named.
fn without(files: &[&str]) -> Source {
    let mut source = Source::new("elsewhere");
    for file in [
        "modules.json",
        "config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "model.safetensors",
        "sentence_bert_config.json",
        "1_Pooling/config.json",
    ] {
        if !files.contains(&file) {
            source = source.with_bytes(file, content(file));
        }
    }
    source
}

type Tensors = Vec<(String, Vec<usize>, Vec<u8>)>;

/// The small checkpoint with its tensors changed.
fn with_tensors(change: impl FnOnce(&mut Tensors)) -> Source {
    let bytes = content("model.safetensors");
    let mut tensors: Tensors = SafeTensors::deserialize(&bytes)
        .unwrap()
        .iter()
        .map(|(name, view)| (name.to_owned(), view.shape().to_vec(), view.data().to_vec()))
        .collect();
    change(&mut tensors);
    let views = tensors.iter().map(|(name, shape, data)| {
        (name, TensorView::new(Dtype::F32, shape.clone(), data).unwrap())
    });
    tiny().with_bytes("model.safetensors", safetensors::serialize(views, None).unwrap())
}

fn vector(source: &Source, text: &str) -> Vec<f32> {
    open(source)
        .unwrap()
        .encode(&[text], LongText::Cut, &|_| ControlFlow::Continue(()))
        .unwrap()
        .vectors
}

#[test]
fn files_in_memory_and_on_disk_are_the_same() {
    assert_eq!(vector(&without(&[]), "analista"), vector(&tiny(), "analista"));
}

#[test]
fn a_plain_transformer_averages_its_tokens() {
    let plain = without(&["modules.json", "1_Pooling/config.json", "sentence_bert_config.json"]);
    assert_eq!(open(&plain).unwrap().max_seq_length(), 64, "from tokenizer_config.json");
    assert_eq!(vector(&plain, "analista"), vector(&tiny(), "analista"));
}

#[test]
fn poolings_differ_as_their_names_say() {
    let pooled = |mode: &str| {
        let changes = json!({"pooling_mode_mean_tokens": false, (mode): true});
        vector(&with("1_Pooling/config.json", changes), "analista de dados")
    };
    let (cls, max) = (pooled("pooling_mode_cls_token"), pooled("pooling_mode_max_tokens"));
    let mean = vector(&tiny(), "analista de dados");
    assert!(max.iter().zip(&mean).all(|(max, mean)| max >= mean));
    assert!(max.iter().zip(&cls).all(|(max, cls)| max >= cls));
    assert_ne!(cls, mean);
}

#[test]
fn a_normalize_module_scales_to_length_one() {
    let mut modules: Value = serde_json::from_slice(&content("modules.json")).unwrap();
    let kind = "sentence_transformers.models.Normalize";
    modules.as_array_mut().unwrap().push(json!({"idx": 2, "name": "2", "path": "", "type": kind}));
    let source = tiny().with_bytes("modules.json", serde_json::to_vec(&modules).unwrap());
    let (scaled, plain) = (vector(&source, "analista"), vector(&tiny(), "analista"));
    let length = scaled.iter().map(|x| x * x).sum::<f32>();
    assert!((length - 1.0).abs() < 1e-5);
    assert!(cosine(&scaled, &plain) > 0.999_999);
}

#[test]
fn a_default_prompt_stands_before_every_text() {
    let changes = json!({"prompts": {"query": "busca: "}, "default_prompt_name": "query"});
    let prompted = with("config_sentence_transformers.json", changes);
    assert_eq!(vector(&prompted, "analista"), vector(&tiny(), "busca: analista"));
    let changes = json!({"default_prompt_name": "passage"});
    let error = refused(&with("config_sentence_transformers.json", changes));
    assert!(error.contains("default_prompt_name `passage`"), "{error}");
}

#[test]
fn lower_case_is_honoured() {
    let lower = with("sentence_bert_config.json", json!({"do_lower_case": true}));
    assert_eq!(vector(&lower, "ANALISTA Sênior"), vector(&tiny(), "analista sênior"));
}

/// XLM-R is BERT whose positions begin behind that of the padding token.
#[test]
fn positions_of_xlm_r_begin_behind_the_padding() {
    let (config, hidden) = ("config.json", 48 * 4);
    let bert = with("sentence_bert_config.json", json!({"max_seq_length": 60}));
    let mut value: Value = serde_json::from_slice(&content(config)).unwrap();
    value["model_type"] = json!("xlm-roberta");
    value["pad_token_id"] = json!(1);
    value["max_position_embeddings"] = json!(82);
    let xlm_r = with_tensors(|tensors| {
        for (name, shape, data) in tensors {
            if name == "embeddings.position_embeddings.weight" {
                shape[0] = 82;
                data.splice(..0, vec![0x40; 2 * hidden]);
            }
        }
    })
    .with_bytes(config, serde_json::to_vec(&value).unwrap())
    .with_bytes("sentence_bert_config.json", br#"{"max_seq_length": 60}"#.to_vec());
    let text = "desenvolvedor java ".repeat(30);
    assert_eq!(vector(&xlm_r, &text), vector(&bert, &text));
}

#[test]
fn weights_saved_with_a_head_are_found() {
    let source = with_tensors(|tensors| {
        tensors.iter_mut().for_each(|(name, ..)| *name = format!("bert.{name}"));
    });
    assert_eq!(vector(&source, "analista"), vector(&tiny(), "analista"));
}

#[test]
fn a_missing_file_is_named_with_what_to_do() {
    for (file, remedy) in [
        ("config.json", "fetch the whole checkpoint"),
        ("tokenizer.json", "its fast tokenizer"),
        ("model.safetensors", "pytorch_model.bin"),
        ("1_Pooling/config.json", "fetch the whole checkpoint"),
    ] {
        let error = refused(&without(&[file]));
        let named = format!("elsewhere: {file} is missing");
        assert!(error.starts_with(&named) && error.contains(remedy), "{error}");
    }
}

#[test]
fn a_damaged_file_is_named() {
    for file in ["config.json", "tokenizer.json", "model.safetensors", "modules.json"] {
        for length in [0, 100] {
            let cut = content(file)[..length].to_vec();
            let error = refused(&tiny().with_bytes(file, cut));
            assert!(error.contains(&format!("{file} is not")), "{error}");
        }
    }
    let whole = content("model.safetensors");
    let error = refused(&tiny().with_bytes("model.safetensors", whole[..300_000].to_vec()));
    assert!(error.contains("model.safetensors is not a whole safetensors file"), "{error}");
}

#[test]
fn what_cannot_be_computed_is_refused_by_name() {
    let kind = "sentence_transformers.models.Dense";
    let modules: Value = serde_json::from_slice(&content("modules.json")).unwrap();
    let dense = json!([modules[0], modules[1], {"idx": 2, "name": "2", "path": "", "type": kind}]);
    let both = json!({"pooling_mode_max_tokens": true});
    for (source, names) in [
        (with("config.json", json!({"model_type": "t5"})), "model_type `t5`"),
        (with("config.json", json!({"hidden_act": "relu"})), "hidden_act `relu`"),
        (
            with("config.json", json!({"position_embedding_type": "relative_key"})),
            "position_embedding_type `relative_key`",
        ),
        (with("config.json", json!({"num_attention_heads": 5})), "num_attention_heads `5`"),
        (with("config.json", json!({"layer_norm_eps": -1e-12})), "layer_norm_eps `-"),
        (
            with("1_Pooling/config.json", json!({"word_embedding_dimension": 64})),
            "word_embedding_dimension `64`",
        ),
        (with("1_Pooling/config.json", both), "pooling `max_tokens and mean_tokens`"),
        (with("sentence_bert_config.json", json!({"max_seq_length": 99})), "max_seq_length `99`"),
        (with("sentence_bert_config.json", json!({"max_seq_length": 2})), "max_seq_length `2`"),
        (
            tiny().with_bytes("modules.json", serde_json::to_vec(&dense).unwrap()),
            "module 3 `Dense`",
        ),
    ] {
        let error = refused(&source);
        assert!(error.contains(names) && error.contains("another encoder"), "{error}");
    }
}

#[test]
fn weights_of_another_shape_are_refused() {
    let error = refused(&with("config.json", json!({"max_position_embeddings": 96})));
    assert!(error.contains("expected F32 [96, 48]"), "{error}");
    let error = refused(&with("config.json", json!({"num_hidden_layers": 4})));
    assert!(error.contains("no tensor encoder.layer.3."), "{error}");
    let error = refused(&with_tensors(|tensors| tensors.clear()));
    assert!(error.contains("model.safetensors has no tensor"), "{error}");
}

#[test]
fn weights_that_are_not_finite_are_refused_by_name() {
    let nan = |tensor: &'static str| {
        with_tensors(move |tensors| {
            let (_, _, bytes) =
                tensors.iter_mut().find(|(name, ..)| name.contains(tensor)).unwrap();
            let last = bytes.len() - 4;
            bytes[last..].copy_from_slice(&f32::NAN.to_le_bytes());
        })
    };
    let error = refused(&nan("output.dense.bias"));
    assert!(error.contains("weights that are finite"), "{error}");
    let error = open(&nan("word_embeddings")).unwrap().check().unwrap_err().to_string();
    assert!(error.contains("has a NaN or an infinity"), "{error}");
    open(&tiny()).unwrap().check().unwrap();
}

#[test]
fn a_tokenizer_of_another_vocabulary_is_refused() {
    let source = with_tensors(|tensors| {
        for (name, shape, data) in tensors {
            if name == "embeddings.word_embeddings.weight" {
                shape[0] = 300;
                data.truncate(300 * 48 * 4);
            }
        }
    });
    let mut config: Value = serde_json::from_slice(&content("config.json")).unwrap();
    config["vocab_size"] = json!(300);
    let source = source.with_bytes("config.json", serde_json::to_vec(&config).unwrap());
    let encoder = open(&source).unwrap();
    let error = encoder
        .encode(&["desenvolvedor java"], LongText::Cut, &|_| ControlFlow::Continue(()))
        .unwrap_err()
        .to_string();
    assert!(error.contains("weights know 300 tokens"), "{error}");
}
