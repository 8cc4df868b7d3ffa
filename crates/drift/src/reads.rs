//! Which columns a model reads: only they make a finding.

use std::collections::BTreeSet;

use serde::{Deserialize, de::IgnoredAny};
use stage::Inputs;

use crate::{
    Error,
    live::{MATCHING, RECOMMEND},
    report::{Aspect, ColumnDrift, Uncounted},
};

/// How the match model makes its matrix.
const PREPROCESSOR: &str = "preprocessor.json";

/// What the match model reads where it has pair features, whatever its own blocks are of.
const OF_PAIRS: [&str; 21] = [
    "cv_candidato",
    "titulo_profissional",
    "conhecimentos_tecnicos",
    "certificacoes",
    "outras_certificacoes",
    "area_atuacao",
    "nivel_profissional",
    "nivel_academico",
    "ingles",
    "espanhol",
    "cidade",
    "titulo_vaga",
    "competencia_tecnicas_e_comportamentais",
    "principais_atividades",
    "areas_atuacao_vaga",
    "nivel_profissional_vaga",
    "nivel_academico_vaga",
    "nivel_ingles_vaga",
    "nivel_espanhol_vaga",
    "cidade_vaga",
    "estado_vaga",
];

/// What the match model learns from.
const LABEL: &str = "situacao_candidato";

/// The share of rows with a value from which on values count.
const FILLED: f64 = 0.05;

/// The columns that a model reads; where that is not known, every column counts.
pub(crate) struct Reads(Option<BTreeSet<String>>);

impl Reads {
    /// By the match model and the recommender made from the current features.
    pub(crate) fn of(inputs: &Inputs) -> Result<Self, stage::Error> {
        #[derive(Deserialize)]
        struct StoredReads {
            blocks: Vec<Block>,
            #[serde(alias = "pair_features", alias = "pairs")]
            relations: Option<IgnoredAny>,
        }
        #[derive(Deserialize)]
        struct Block {
            column: String,
        }
        if !inputs.has(MATCHING) {
            return Ok(Self(None));
        }
        let model = inputs.version(MATCHING)?;
        if model.manifest().output(PREPROCESSOR).is_none() {
            return Ok(Self(None));
        }
        let bytes = model.open(PREPROCESSOR)?.bytes()?;
        let stored: StoredReads = serde_json::from_slice(&bytes).map_err(|e| Error::Unfit {
            file: format!("{PREPROCESSOR} of matching {}", model.version()),
            problem: e.to_string(),
        })?;
        let mut read: BTreeSet<String> = stored.blocks.into_iter().map(|b| b.column).collect();
        if stored.relations.is_some() {
            read.extend(OF_PAIRS.map(str::to_owned));
        }
        if inputs.has(RECOMMEND) {
            let config = &inputs.version(RECOMMEND)?.manifest().config;
            let texts =
                ["candidate_text", "job_text"].into_iter().filter_map(|key| config.get(key));
            let texts = texts.filter_map(serde_json::Value::as_array).flatten();
            read.extend(texts.filter_map(|text| text.as_str().map(str::to_owned)));
        }
        Ok(Self(Some(read)))
    }

    /// Whether a model reads a column, or may.
    pub(crate) fn has(&self, column: &str) -> bool {
        column == LABEL || self.0.as_ref().is_none_or(|read| read.contains(column))
    }

    /// Says of a column why it does not count, where it does not.
    pub(crate) fn weigh(&self, drift: &mut ColumnDrift) {
        let filled = 1.0 - drift.missing_before.min(drift.missing_after);
        drift.uncounted = if !self.has(&drift.column) {
            Some(Uncounted::Unread)
        } else {
            (filled < FILLED).then_some(Uncounted::FewValues)
        };
    }

    /// The columns in ascending order.
    pub(crate) fn columns(self) -> Option<Vec<String>> {
        self.0.map(|read| read.into_iter().collect())
    }
}

/// Whether what is found of an aspect of a column counts.
pub(crate) fn counts(drift: &ColumnDrift, aspect: Aspect) -> bool {
    match drift.uncounted {
        None => true,
        Some(Uncounted::Unread) => false,
        Some(Uncounted::FewValues) => aspect == Aspect::Missing,
    }
}

#[cfg(test)]
mod tests {
    use schema::tables::{JOBS, PEOPLE};

    use super::*;

    #[test]
    fn pair_features_read_columns_of_the_feature_store() {
        for column in OF_PAIRS {
            assert!(PEOPLE.position(column).or(JOBS.position(column)).is_some(), "{column}");
        }
    }
}
