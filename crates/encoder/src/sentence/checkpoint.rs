//! The files that say what a sentence-transformers checkpoint is.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::lanes::MULTIPLE;
use super::pooling::Pooling;
use crate::{Error, Source};

/// All that the configuration files of a checkpoint say.
pub(super) struct Checkpoint {
    /// The folder of the transformer's own files, empty or ending with `/`.
    pub(super) folder: String,
    pub(super) config: Config,
    pub(super) pooling: Pooling,
    /// Whether vectors are scaled to length 1.
    pub(super) normalise: bool,
    /// Tokens that are read at once, special tokens included.
    pub(super) max_seq_length: usize,
    pub(super) lower_case: bool,
    /// What is put before every text.
    pub(super) prompt: String,
}

/// `config.json`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Config {
    model_type: String,
    #[serde(default)]
    hidden_act: Option<String>,
    #[serde(default)]
    position_embedding_type: Option<String>,
    #[serde(default)]
    pad_token_id: Option<u32>,
    pub(super) vocab_size: usize,
    pub(super) hidden_size: usize,
    pub(super) intermediate_size: usize,
    pub(super) num_hidden_layers: usize,
    pub(super) num_attention_heads: usize,
    pub(super) max_position_embeddings: usize,
    pub(super) type_vocab_size: usize,
    pub(super) layer_norm_eps: f32,
}

impl Config {
    /// The token that RoBERTa and its kin take for padding. BERT counts every token.
    pub(super) fn padding(&self) -> Option<u32> {
        (self.model_type != "bert").then(|| self.pad_token_id.unwrap_or(1))
    }

    /// The position of a sequence's first token.
    pub(super) fn first_position(&self) -> usize {
        self.padding().map_or(0, |padding| padding as usize + 1)
    }
}

/// A line of `modules.json`.
#[derive(Deserialize)]
struct Module {
    path: String,
    #[serde(rename = "type")]
    kind: String,
}

/// `sentence_bert_config.json`.
#[derive(Default, Deserialize)]
struct TransformerConfig {
    #[serde(default)]
    max_seq_length: Option<usize>,
    #[serde(default)]
    do_lower_case: bool,
}

/// The names that versions of sentence-transformers gave to that file.
const TRANSFORMER_CONFIGS: [&str; 4] = [
    "sentence_bert_config.json",
    "sentence_roberta_config.json",
    "sentence_xlm-roberta_config.json",
    "sentence_xlnet_config.json",
];

/// `tokenizer_config.json`; a limit that nobody set is 10³⁰.
#[derive(Deserialize)]
struct TokenizerConfig {
    #[serde(default)]
    model_max_length: Option<f64>,
}

/// `config_sentence_transformers.json`.
#[derive(Default, Deserialize)]
struct Prompts {
    #[serde(default)]
    prompts: BTreeMap<String, String>,
    #[serde(default)]
    default_prompt_name: Option<String>,
}

impl Checkpoint {
    /// Reads what `source` has. A checkpoint without `modules.json` is a plain transformer, whose
    /// tokens are averaged, as sentence-transformers does.
    pub(super) fn read(source: &Source) -> Result<Self, Error> {
        let modules: Vec<Module> =
            parse(source, "modules.json", "a list of modules")?.unwrap_or_default();
        let unsupported = |file: &str, setting: &str, found: &str, supported: &str| {
            Err(Error::Unsupported {
                source_name: source.name().into(),
                file: file.into(),
                setting: setting.into(),
                found: found.into(),
                supported: supported.into(),
            })
        };
        let (mut folder, mut pooling, mut include_prompt) = (String::new(), Pooling::Mean, true);
        let mut width = None;
        let mut normalise = false;
        for (i, module) in modules.iter().enumerate() {
            let kind = module.kind.rsplit('.').next().unwrap_or_default();
            match (i, kind) {
                (0, "Transformer") => folder = within(&module.path),
                (1, "Pooling") => {
                    let file = format!("{}config.json", within(&module.path));
                    (pooling, include_prompt, width) = read_pooling(source, &file)?;
                }
                (2.., "Normalize") => normalise = true,
                _ => {
                    return unsupported(
                        "modules.json",
                        &format!("module {}", i + 1),
                        kind,
                        "Transformer, then Pooling, then perhaps Normalize",
                    );
                }
            }
        }

        let file = format!("{folder}config.json");
        let what = "the configuration of BERT or XLM-R";
        let Some(config) = parse::<Config>(source, &file, what)? else {
            return Err(Error::Missing {
                source_name: source.name().into(),
                file,
                expected: what,
                remedy: "fetch the whole checkpoint",
            });
        };
        if !["bert", "roberta", "xlm-roberta", "camembert"].contains(&config.model_type.as_str()) {
            return unsupported(&file, "model_type", &config.model_type, "bert, xlm-roberta");
        }
        let act = config.hidden_act.as_deref().unwrap_or("gelu");
        if act != "gelu" {
            return unsupported(&file, "hidden_act", act, "gelu");
        }
        let position = config.position_embedding_type.as_deref().unwrap_or("absolute");
        if position != "absolute" {
            return unsupported(&file, "position_embedding_type", position, "absolute");
        }
        for (key, size) in
            [("hidden_size", config.hidden_size), ("intermediate_size", config.intermediate_size)]
        {
            if size == 0 || size % MULTIPLE != 0 {
                return unsupported(&file, key, &size.to_string(), "multiples of 16");
            }
        }
        if config.num_attention_heads == 0 || config.hidden_size % config.num_attention_heads != 0 {
            return unsupported(
                &file,
                "num_attention_heads",
                &config.num_attention_heads.to_string(),
                "divisors of hidden_size",
            );
        }

        if !(config.layer_norm_eps.is_finite() && config.layer_norm_eps > 0.0) {
            let found = config.layer_norm_eps.to_string();
            return unsupported(&file, "layer_norm_eps", &found, "a number above 0");
        }
        if let Some(found) = width.filter(|width| *width != config.hidden_size as u64) {
            let supported = format!("{}, the hidden_size of {file},", config.hidden_size);
            let of = "word_embedding_dimension";
            return unsupported("the pooling", of, &found.to_string(), &supported);
        }

        let mut transformer = TransformerConfig::default();
        for name in TRANSFORMER_CONFIGS {
            if let Some(read) = parse(source, &format!("{folder}{name}"), "a JSON object")? {
                transformer = read;
                break;
            }
        }
        let positions = config.max_position_embeddings.saturating_sub(config.first_position());
        let max_seq_length = match transformer.max_seq_length {
            Some(length) => length,
            None => {
                let file = format!("{folder}tokenizer_config.json");
                let tokenizer: Option<TokenizerConfig> = parse(source, &file, "a JSON object")?;
                let limit = tokenizer.and_then(|tokenizer| tokenizer.model_max_length);
                limit.map_or(positions, |limit| positions.min(limit as usize))
            }
        };
        if max_seq_length > positions {
            return unsupported(
                "sentence_bert_config.json",
                "max_seq_length",
                &max_seq_length.to_string(),
                &format!("up to {positions}, the positions of {file},"),
            );
        }

        let file = "config_sentence_transformers.json";
        let prompts: Prompts = parse(source, file, "a JSON object")?.unwrap_or_default();
        let prompt = match &prompts.default_prompt_name {
            None => String::new(),
            Some(name) => match prompts.prompts.get(name) {
                Some(prompt) => prompt.clone(),
                None => {
                    let known = prompts.prompts.into_keys().collect::<Vec<_>>().join(", ");
                    return unsupported(file, "default_prompt_name", name, &known);
                }
            },
        };
        if !prompt.is_empty() && !include_prompt {
            return unsupported("the pooling", "include_prompt", "false", "true, or no prompt,");
        }
        let lower_case = transformer.do_lower_case;
        Ok(Self { folder, config, pooling, normalise, max_seq_length, lower_case, prompt })
    }
}

/// The folder `path` of `modules.json` as the beginning of a file's name.
fn within(path: &str) -> String {
    let path = path.trim_matches('/');
    if path.is_empty() || path == "." { String::new() } else { format!("{path}/") }
}

/// Which pooling `file` sets, whether the tokens of a prompt take part in it, and how wide its vectors
/// are, where it says so.
fn read_pooling(source: &Source, file: &str) -> Result<(Pooling, bool, Option<u64>), Error> {
    let what = "the configuration of a pooling";
    let Some(settings) = parse::<BTreeMap<String, serde_json::Value>>(source, file, what)? else {
        return Err(Error::Missing {
            source_name: source.name().into(),
            file: file.into(),
            expected: what,
            remedy: "fetch the whole checkpoint",
        });
    };
    let is = |key: &str, default| {
        settings.get(key).and_then(serde_json::Value::as_bool).unwrap_or(default)
    };
    let modes: Vec<&str> = settings
        .keys()
        .map(String::as_str)
        .filter(|key| key.starts_with("pooling_mode_") && is(key, false))
        .map(|key| &key["pooling_mode_".len()..])
        .collect();
    let pooling = match modes[..] {
        ["mean_tokens"] => Pooling::Mean,
        ["cls_token"] => Pooling::Cls,
        ["max_tokens"] => Pooling::Max,
        [] if !settings.contains_key("pooling_mode_mean_tokens") => Pooling::Mean,
        _ => {
            return Err(Error::Unsupported {
                source_name: source.name().into(),
                file: file.into(),
                setting: "pooling".into(),
                found: modes.join(" and "),
                supported: "one of mean_tokens, cls_token, max_tokens".into(),
            });
        }
    };
    let width = settings.get("word_embedding_dimension").and_then(serde_json::Value::as_u64);
    Ok((pooling, is("include_prompt", true), width))
}

/// What the JSON of `file` says, if there is such a file.
fn parse<T: DeserializeOwned>(
    source: &Source,
    file: &str,
    expected: &'static str,
) -> Result<Option<T>, Error> {
    let Some(content) = source.read(file)? else { return Ok(None) };
    serde_json::from_slice(&content).map(Some).map_err(|error| Error::Malformed {
        source_name: source.name().into(),
        file: file.into(),
        expected,
        problem: error.to_string(),
    })
}
