//! What a user may set, and the checks that types cannot make.

use encoder::{LongText, lsa};
use serde::{Deserialize, Serialize};

use crate::{
    Error,
    columns::{self, Side},
    day::Day,
    evaluate,
};

/// The name of the encoder that needs nothing but the texts.
pub const LSA: &str = "lsa";

/// The configuration of the stage.
///
/// Serialised, it shows the value of every key that says what is made, so that a manifest says what
/// was done and two configurations that mean the same have the same version key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { encoder = \"lsa\" }")]
pub struct Config {
    /// What turns texts into vectors: `lsa`, which needs no network and nothing to fetch, or an
    /// encoder that the lake holds (`mllab encoder fetch` and `mllab encoder add` put it there).
    pub encoder: String,
    /// The revision of an encoder of the lake: by default the pinned one of an encoder that is
    /// known, else the only one that the lake holds.
    pub revision: Option<String>,
    /// What becomes of a text that is longer than the encoder reads at once: `cut` or `pool`. `cut`
    /// is what ranks better where it was measured (`recommend evaluate`), at a third of the time:
    /// title and skills stand before the CV.
    pub long_text: LongText,
    /// The columns of `people.parquet` that make a candidate's text, in this order.
    pub candidate_text: Vec<String>,
    /// The columns of `jobs.parquet` that make a job's text, in this order.
    pub job_text: Vec<String>,
    /// How the state of `lsa` is fitted.
    pub lsa: lsa::Params,
    /// Fits the state of `lsa` on this day's texts, though there is one. It says nothing of what is
    /// made that the state's own hash does not say, so it is not a part of a version's key.
    #[serde(skip_serializing)]
    pub refit: bool,
    /// Texts that a shard encodes, where the work is cut into shards: about so many (with `lsa` more,
    /// where that would make more than 16 shards). It changes nothing of what is made, so it is not a
    /// part of a version's key.
    #[serde(skip_serializing)]
    pub shard_texts: usize,
    /// Trees of the index: `auto` or a number.
    pub trees: Trees,
    /// Recommendations for each candidate, and for each job.
    pub top_k: usize,
    /// Which jobs are recommended, and given recommendations: `open` or `all`.
    pub jobs: Jobs,
    /// Days from its date in which a job is open.
    pub open_days: u32,
    /// The day at which a job must be open to be recommended: by default the date of the last job.
    pub as_of: Option<Day>,
    /// How the ranking is judged.
    pub evaluation: evaluate::Config,
}

/// Which jobs are recommended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Jobs {
    #[default]
    Open,
    All,
}

/// Trees of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected \"auto\" or a number from 1 to 1000")]
pub enum Trees {
    /// As many as it takes.
    Auto(Auto),
    Fixed(u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Auto {
    /// As many as give the recall that [`crate::index`] asks for, measured on the day's vectors.
    #[serde(rename = "auto")]
    Auto,
}

impl Default for Config {
    fn default() -> Self {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self {
            encoder: LSA.to_owned(),
            revision: None,
            long_text: LongText::Cut,
            candidate_text: owned(&[
                "titulo_profissional",
                "conhecimentos_tecnicos",
                "certificacoes",
                "outras_certificacoes",
                "area_atuacao",
                "nivel_profissional",
                "ingles",
                "espanhol",
                "outros_idiomas",
                "cv_candidato",
            ]),
            job_text: owned(&[
                "titulo_vaga",
                "areas_atuacao_vaga",
                "principais_atividades",
                "competencia_tecnicas_e_comportamentais",
                "nivel_profissional_vaga",
                "nivel_ingles_vaga",
                "nivel_espanhol_vaga",
                "outros_idiomas_vaga",
            ]),
            lsa: lsa::Params::default(),
            refit: false,
            shard_texts: 20_000,
            trees: Trees::Auto(Auto::Auto),
            top_k: 20,
            jobs: Jobs::Open,
            open_days: 90,
            as_of: None,
            evaluation: evaluate::Config::default(),
        }
    }
}

impl Config {
    /// Checks what types cannot say.
    pub fn check(&self) -> Result<(), Error> {
        if self.encoder.is_empty() || self.encoder.contains('/') {
            let expected = "lsa, or the name of an encoder of the lake, without `/`";
            return Err(invalid("encoder", expected, format!("`{}`", self.encoder)));
        }
        if self.encoder == LSA && self.revision.is_some() {
            let expected = "absent with encoder = \"lsa\", whose revision is the hash of its state";
            return Err(invalid("revision", expected, "one"));
        }
        columns::check("candidate_text", Side::People, &self.candidate_text)?;
        columns::check("job_text", Side::Jobs, &self.job_text)?;
        self.lsa.check().map_err(|error| match error {
            encoder::Error::LsaParams { key, expected, found } => {
                invalid(&format!("lsa.{key}"), expected, found)
            }
            other => invalid("lsa", "a table that lsa can be fitted with", other),
        })?;
        if let Trees::Fixed(trees) = self.trees
            && !(1..=1_000).contains(&trees)
        {
            return Err(invalid("trees", "\"auto\" or 1 to 1000", trees));
        }
        if !(1..=1_000).contains(&self.top_k) {
            return Err(invalid("top_k", "1 to 1000", self.top_k));
        }
        if !(1..=36_500).contains(&self.open_days) {
            return Err(invalid("open_days", "1 to 36500", self.open_days));
        }
        if !(1..=10_000_000).contains(&self.shard_texts) {
            return Err(invalid("shard_texts", "1 to 10000000", self.shard_texts));
        }
        self.evaluation.check()
    }

    /// The columns that make the text of a side.
    pub fn text_of(&self, side: Side) -> &[String] {
        match side {
            Side::People => &self.candidate_text,
            Side::Jobs => &self.job_text,
        }
    }
}

pub(crate) fn invalid(key: &str, expected: &str, found: impl std::fmt::Display) -> Error {
    Error::Config { key: key.to_owned(), expected: expected.to_owned(), found: found.to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(value: &serde_json::Value) -> Result<Config, stage::Error> {
        let config: Config = stage::parse_config("recommend", value)?;
        config.check().map_err(stage::Error::from)?;
        Ok(config)
    }

    fn refused(value: &serde_json::Value) -> String {
        let error = parse(value).unwrap_err();
        assert_eq!(error.name, stage::ErrorName::ConfigInvalid);
        error.message
    }

    #[test]
    fn the_default_is_valid_and_reads_back_as_itself() {
        let config = parse(&json!(null)).unwrap();
        let written = serde_json::to_value(&config).unwrap();
        assert_eq!(written["encoder"], "lsa");
        assert_eq!(written["trees"], "auto");
        assert_eq!(parse(&written).unwrap(), config);
        let given = json!({"trees": 30, "as_of": "2025-03-01", "long_text": "pool"});
        let given = parse(&given).unwrap();
        assert_eq!(given.trees, Trees::Fixed(30));
        assert_eq!(parse(&serde_json::to_value(&given).unwrap()).unwrap(), given);
    }

    #[test]
    fn asking_for_a_refit_or_for_other_shards_is_no_part_of_the_key() {
        let asked = parse(&json!({"refit": true, "shard_texts": 7})).unwrap();
        assert!(asked.refit && asked.shard_texts == 7);
        let default = serde_json::to_value(Config::default()).unwrap();
        assert_eq!(serde_json::to_value(&asked).unwrap(), default);
    }

    #[test]
    fn unknown_keys_are_refused_with_a_suggestion() {
        assert!(refused(&json!({"tres": 3})).contains("did you mean `trees`?"));
        assert!(refused(&json!({"lsa": {"word": 3}})).contains("did you mean `words`?"));
        assert!(refused(&json!({"long_text": "pol"})).contains("did you mean `pool`?"));
        assert!(refused(&json!({"jobs": "opn"})).contains("did you mean `open`?"));
    }

    #[test]
    fn columns_that_can_be_no_part_of_a_text_are_refused() {
        let jobs = |column: &str| refused(&json!({"job_text": [column]}));
        let people = |column: &str| refused(&json!({"candidate_text": [column]}));
        assert!(people("sexo").contains("protected"), "{}", people("sexo"));
        assert!(people("codigo").contains("is a key"));
        assert!(people("situacao_candidato").contains("is the label"));
        assert!(people("data_candidatura").contains("kept for people"));
        assert!(people("remuneracao").contains("is not a text"));
        assert!(people("titulo_vaga").contains("is not in people.parquet"));
        assert!(jobs("titulo_vga").contains("did you mean `titulo_vaga`?"));
        assert!(jobs("data_requicisao").contains("kept for people"));
        assert!(refused(&json!({"job_text": ["titulo_vaga", "titulo_vaga"]})).contains("twice"));
        assert!(refused(&json!({"job_text": []})).contains("at least one column"));
    }

    #[test]
    fn values_out_of_range_name_key_and_range() {
        for (config, key) in [
            (json!({"trees": 0}), "trees"),
            (json!({"trees": "many"}), "\"auto\" or a number"),
            (json!({"top_k": 0}), "top_k"),
            (json!({"open_days": 0}), "open_days"),
            (json!({"shard_texts": 0}), "shard_texts"),
            (json!({"encoder": "a/b"}), "encoder"),
            (json!({"encoder": ""}), "encoder"),
            (json!({"revision": "main"}), "revision"),
            (json!({"lsa": {"words": 0}}), "lsa.words"),
            (json!({"as_of": "2025-02-30"}), "2025-02-30"),
            (json!({"as_of": "yesterday"}), "YYYY-MM-DD"),
        ] {
            let message = refused(&config);
            assert!(message.contains(key), "{message}");
        }
    }
}
