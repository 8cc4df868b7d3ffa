//! What a user may set, the two sets of defaults (what the Python system does, and what we stand
//! behind), and the checks that types cannot make.

use schema::statuses::{KNOWN, POSITIVE};
use serde::{Deserialize, Serialize};
use text::stopwords::StopWords;

use crate::{
    Error, baseline, columns,
    judge::{
        calibration::Method,
        threshold::{Capacity, ThresholdRule},
    },
    labels::Unresolved,
    leak::bounds::LeakBounds,
    preprocessor::{self, TextColumn},
    split::{self, Split},
    trees::{Boost, GivenBoost, Weight},
};

/// The columns that the Python system encodes as categories, in its order.
const ONE_HOT: [&str; 16] = [
    "sexo",
    "estado_civil",
    "pcd",
    "vaga_especifica_para_pcd",
    "pais_vaga",
    "nivel_academico",
    "tipo_contratacao",
    "cidade",
    "cidade_vaga",
    "nivel_profissional",
    "nivel_profissional_vaga",
    "ingles",
    "espanhol",
    "outros_idiomas",
    "nivel_ingles_vaga",
    "nivel_espanhol_vaga",
];

/// Its text columns with their `max_features`, in its order.
const TFIDF: [(&str, usize); 8] = [
    ("titulo_profissional", 20),
    ("conhecimentos_tecnicos", 20),
    ("certificacoes", 50),
    ("outras_certificacoes", 50),
    ("area_atuacao", 50),
    ("areas_atuacao_vaga", 20),
    ("competencia_tecnicas_e_comportamentais", 50),
    ("cv_candidato", 100),
];

/// What the job says besides, which the Python system leaves out: on a company's real history what
/// jobs say besides is worth .04 of AUC on later days, and on made data these cost less than chance
/// moves (docs/model.md).
const ONE_HOT_OF_JOB: [&str; 3] = ["prioridade_vaga", "prazo_contratacao", "estado_vaga"];
const TFIDF_OF_JOB: [(&str, usize); 1] = [("titulo_vaga", 50)];

/// The configuration of the stage. Every key has the value of its [`Preset`] unless it is given.
///
/// Serialised, it shows the value of every key, so that a manifest says what was done and two
/// configurations that mean the same have the same version key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Given")]
pub struct Config {
    /// Where the values of absent keys come from: `default` or `classic`.
    pub preset: Preset,
    /// Columns that become one indicator a category, in matrix order.
    pub one_hot: Vec<String>,
    /// Columns that become TF-IDF weights, in matrix order.
    pub tfidf: Vec<TextColumn>,
    /// Whether columns that relate a candidate to a job come after those of the sides.
    pub relations: bool,
    /// The words that TF-IDF leaves out: `none`, `portuguese`, `english` or `both`.
    pub stop_words: StopWords,
    /// People, or jobs, that must write a word for it to be a term of TF-IDF: what fewer write may
    /// be a name. 1 is scikit-learn's rule.
    pub min_texts: u32,
    /// Whether protected attributes may be among the columns.
    pub allow_protected: bool,
    /// Which applications are held out for the metrics: `candidate`, `job`, `temporal` or
    /// `stratified`.
    pub split: Split,
    /// Which applications without a settled outcome are learnt from: `negative`, `drop`, or
    /// `{ drop_younger_than = 90 }`.
    pub unresolved: Unresolved,
    /// How probabilities are calibrated, on a tenth of the candidates: `none`, `platt` or
    /// `isotonic`.
    pub calibration: Method,
    /// What the threshold is chosen by: `{ capacity = { per_job = 2 } }` or
    /// `{ costs = { false_positive = 1, false_negative = 5 } }`.
    pub threshold: ThresholdRule,
    /// Whether the model is trained anew under further splits and judged beside simpler ones.
    pub compare: bool,
    /// From where on a feature is refused as one that tells the outcome.
    pub leak: LeakBounds,
    /// Resamples of the candidates from which intervals are told.
    pub replicates: usize,
    /// Share of the applications that [`Split::Stratified`] (of each class) and [`Split::Temporal`]
    /// hold out.
    pub test_share: f64,
    /// Seed of the stratified split and of the training.
    pub seed: u64,
    /// The statuses that count as a match. Those of [`schema::statuses::Outcome::Other`], such as
    /// `Contratado como Hunting`, are left out unless they are named here ([`crate::labels`]).
    pub positive: Vec<String>,
    /// How the trees are grown.
    pub boost: Boost,
    /// Probabilities from which precision and recall are told.
    pub thresholds: Vec<f64>,
    /// The decision tree that the model must beat.
    pub baseline: baseline::Params,
}

/// A named set of defaults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Without the protected attributes and with more of what the job says, judged on candidates that
    /// training has not seen.
    #[default]
    Default,
    /// The columns, sizes and split of the Python system.
    Classic,
}

impl Default for Config {
    fn default() -> Self {
        Given::default().into()
    }
}

/// The configuration as it is written: absent keys are the preset's.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { split = \"candidate\" }")]
struct Given {
    preset: Preset,
    one_hot: Option<Vec<String>>,
    tfidf: Option<Vec<TextColumn>>,
    relations: Option<bool>,
    stop_words: Option<StopWords>,
    min_texts: Option<u32>,
    allow_protected: Option<bool>,
    split: Option<Split>,
    unresolved: Option<Unresolved>,
    calibration: Option<Method>,
    threshold: Option<ThresholdRule>,
    compare: Option<bool>,
    leak: Option<LeakBounds>,
    replicates: Option<usize>,
    test_share: Option<f64>,
    seed: Option<u64>,
    positive: Option<Vec<String>>,
    boost: Option<GivenBoost>,
    thresholds: Option<Vec<f64>>,
    baseline: Option<baseline::Params>,
}

impl From<Given> for Config {
    fn from(given: Given) -> Self {
        let preset = Self::preset(given.preset);
        let boost = preset.boost.unless(given.boost.unwrap_or_default());
        given_or_preset!(given, preset;
            one_hot tfidf relations stop_words min_texts allow_protected split unresolved calibration
            threshold compare leak replicates test_share seed positive thresholds baseline;
            preset: given.preset, boost: boost)
    }
}

/// Trees of three splits that see a third of the columns each: on the sample's relation between
/// candidate and job they rank better than the Python system's (docs/benchmarks.md), because a few
/// relations carry the signal and hundreds of columns carry none. Leaves are shrunk much (`lambda`),
/// so that with a hundred matches to learn from the columns that say nothing cost little. Both
/// classes weigh what they are, which leaves the probabilities near the truth before they are
/// calibrated.
fn small_trees() -> Boost {
    Boost {
        max_depth: 3,
        lambda: 20.0,
        min_child_weight: 5.0,
        colsample_bytree: 0.3,
        scale_pos_weight: Weight::Fixed(1.0),
        ..Boost::default()
    }
}

impl Config {
    fn preset(preset: Preset) -> Self {
        let classic = preset == Preset::Classic;
        // The city gives the state away, which the audit alone reads; relations know whether it is the
        // job's.
        let kept =
            |column: &&str| classic || (!columns::is_protected(column) && **column != *"cidade");
        let (more_one_hot, more_tfidf) = match preset {
            Preset::Classic => (&[][..], &[][..]),
            Preset::Default => (&ONE_HOT_OF_JOB[..], &TFIDF_OF_JOB[..]),
        };
        let one_hot = ONE_HOT.iter().filter(|c| kept(c)).chain(more_one_hot);
        let text = |&(column, max_features): &(&str, usize)| TextColumn {
            column: column.to_owned(),
            max_features,
        };
        Self {
            preset,
            one_hot: one_hot.map(|&c| c.to_owned()).collect(),
            tfidf: TFIDF.iter().chain(more_tfidf).map(text).collect(),
            relations: !classic,
            stop_words: StopWords::Both,
            min_texts: schema::FEWEST,
            allow_protected: classic,
            split: if classic { Split::Stratified } else { Split::Candidate },
            unresolved: if classic {
                Unresolved::Negative
            } else {
                Unresolved::DropYoungerThan(90)
            },
            calibration: if classic { Method::None } else { Method::Platt },
            threshold: ThresholdRule::Capacity(Capacity { per_job: 2.0 }),
            compare: !classic,
            leak: LeakBounds::default(),
            replicates: 200,
            test_share: 0.2,
            seed: 42,
            positive: POSITIVE.map(str::to_owned).to_vec(),
            boost: if classic { Boost::default() } else { small_trees() },
            thresholds: vec![0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
            baseline: baseline::Params::default(),
        }
    }

    /// How applications are split under `split`, the configured one or another.
    pub fn split(&self, split: Split) -> split::Params {
        split::Params {
            split,
            unresolved: self.unresolved,
            test_share: self.test_share,
            seed: self.seed,
            is_calibrated: self.calibration != Method::None,
        }
    }

    pub(crate) fn columns(&self) -> preprocessor::Params<'_> {
        let Self { one_hot, tfidf, stop_words, min_texts, .. } = self;
        preprocessor::Params { one_hot, tfidf, stop_words: *stop_words, min_texts: *min_texts }
    }

    /// Checks what types cannot say.
    pub fn check(&self) -> Result<(), Error> {
        if self.one_hot.is_empty() && self.tfidf.is_empty() {
            return Err(invalid("one_hot and tfidf", "a column in one of them", "none"));
        }
        columns::check("one_hot", &self.one_hot, self.allow_protected)?;
        if self.tfidf.iter().any(|text| text.column.is_empty()) {
            return Err(invalid("tfidf: `column`", "a text of the feature store", "none"));
        }
        let texts: Vec<_> = self.tfidf.iter().map(|t| t.column.clone()).collect();
        columns::check("tfidf", &texts, self.allow_protected)?;
        for text in &self.tfidf {
            if !(1..=100_000).contains(&text.max_features) {
                let key = format!("tfidf of {}: `max_features`", text.column);
                return Err(invalid(&key, "1 to 100000", text.max_features));
            }
        }
        if self.min_texts == 0 {
            return Err(invalid("min_texts", "at least 1", self.min_texts));
        }
        if !(self.test_share > 0.0 && self.test_share < 1.0) {
            return Err(invalid("test_share", "a share between 0 and 1", self.test_share));
        }
        if self.positive.is_empty() {
            return Err(invalid("positive", "at least one status", "none"));
        }
        // A status that never occurs would make every application a negative one in silence.
        if let Some(status) = self.positive.iter().find(|s| !KNOWN.contains(&s.as_str())) {
            return Err(invalid("positive", &format!("some of {}", KNOWN.join(", ")), status));
        }
        for threshold in &self.thresholds {
            if !(*threshold > 0.0 && *threshold < 1.0) {
                return Err(invalid("thresholds", "probabilities between 0 and 1", threshold));
            }
        }
        if self.thresholds.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err(invalid("thresholds", "ascending", "another order"));
        }
        self.threshold.check("threshold")?;
        self.leak.check()?;
        if !(20..=10_000).contains(&self.replicates) {
            return Err(invalid("replicates", "20 to 10000", self.replicates));
        }
        let baseline::Params { rows, columns, depth } = self.baseline;
        for (key, range, found) in [
            ("baseline.rows", 100..=baseline::ROWS, rows),
            ("baseline.columns", 1..=64, columns),
            ("baseline.depth", 1..=10, depth),
        ] {
            if !range.contains(&found) {
                let expected = format!("{} to {}", range.start(), range.end());
                return Err(invalid(key, &expected, found));
            }
        }
        self.boost.params(self.seed, 1, 1).map(drop)
    }
}

fn invalid(key: &str, expected: &str, found: impl std::fmt::Display) -> Error {
    Error::Config { key: key.to_owned(), expected: expected.to_owned(), found: found.to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(value: &serde_json::Value) -> Result<Config, stage::Error> {
        let config: Config = stage::parse_config("matching", value)?;
        config.check().map_err(stage::Error::from)?;
        Ok(config)
    }

    #[test]
    fn presets_are_valid_and_a_given_key_goes_before_them() {
        let classic = parse(&json!({"preset": "classic", "split": "candidate"})).unwrap();
        assert_eq!(classic.split, Split::Candidate);
        assert_eq!(classic.one_hot[0], "sexo");
        assert!(classic.allow_protected);
        let default = parse(&json!(null)).unwrap();
        assert_eq!(default, Config::default());
        assert!(!default.one_hot.contains(&"sexo".to_owned()));
        assert_eq!(default.split, Split::Candidate);
    }

    #[test]
    fn what_is_serialised_reads_back_as_itself() {
        let config = parse(&json!({"preset": "classic", "boost": {"max_depth": 3}})).unwrap();
        let written = serde_json::to_value(&config).unwrap();
        assert_eq!(written["boost"]["scale_pos_weight"], "auto");
        assert_eq!(parse(&written).unwrap(), config);
    }

    #[test]
    fn what_is_wrong_is_refused_in_words_of_the_configuration() {
        let one_hot = |column: &str| json!({"one_hot": [column]});
        for (config, said) in [
            // Unknown keys, with a suggestion.
            (json!({"spilt": "candidate"}), "`spilt` is unknown: did you mean `split`?"),
            (json!({"boost": {"max_dept": 3}}), "`max_depth`?"),
            (json!({"preset": "clasic"}), "`classic`?"),
            // Wrong types.
            (json!({"boost": 7}), "expected a table such as { max_depth = 7 }"),
            (json!({"baseline": 7}), "expected a table such as { depth = 5 }"),
            (json!({"boost": {"scale_pos_weight": "much"}}), "\"auto\" or a number above 0"),
            (json!({"boost": {"scale_pos_weight": -1}}), "\"auto\" or a number above 0"),
            (json!({"boost": {"scale_pos_weight": [1]}}), "\"auto\" or a number above 0"),
            (json!({"tfidf": [{"column": "cv_candidato"}]}), "cv_candidato: `max_features`"),
            (json!({"tfidf": [{"max_features": 9}]}), "tfidf: `column`"),
            (json!({"tfidf": ["cv_candidato"]}), "a table such as { column"),
            // Columns that are not features.
            (one_hot("situacao_candidato"), "is the label"),
            (one_hot("data_candidatura"), "date"),
            (one_hot("codigo"), "is a key"),
            (one_hot("remuneracao"), "an amount"),
            (one_hot("cidde"), "did you mean `cidade`?"),
            (json!({"one_hot": ["cidade", "cidade"]}), "twice"),
            (one_hot("sexo"), "allow_protected"),
            // Values out of range.
            (json!({"test_share": 1.0}), "test_share"),
            (json!({"min_texts": 0}), "min_texts"),
            (json!({"thresholds": [0.5, 0.2]}), "thresholds"),
            (json!({"thresholds": [1.5]}), "thresholds"),
            (json!({"positive": []}), "positive"),
            (json!({"positive": ["aprovada"]}), "positive"),
            (json!({"baseline": {"rows": 50_000}}), "baseline.rows"),
            (json!({"boost": {"max_depth": 0}}), "max_depth"),
            (json!({"one_hot": [], "tfidf": []}), "one_hot and tfidf"),
            (json!({"tfidf": [{"column": "cv_candidato", "max_features": 0}]}), "max_features"),
        ] {
            let error = parse(&config).unwrap_err();
            assert_eq!(error.name, stage::ErrorName::ConfigInvalid);
            assert!(error.message.contains(said), "{error}");
            for word in ["struct", "enum", "variant"] {
                assert!(!error.message.contains(word), "{error}");
            }
        }
        let weight = json!({"boost": {"scale_pos_weight": 3}});
        assert_eq!(parse(&weight).unwrap().boost.scale_pos_weight, Weight::Fixed(3.0));
        parse(&json!({"one_hot": ["sexo"], "allow_protected": true})).unwrap();
    }

    #[test]
    fn default_is_classic_without_protected_attributes_and_with_more_of_the_job() {
        let (classic, default) = (Config::preset(Preset::Classic), Config::preset(Preset::Default));
        assert_eq!(classic.one_hot.len(), 16);
        let kept = |column: &&String| *column != "cidade";
        let mut expected: Vec<_> = classic.one_hot[3..].iter().filter(kept).cloned().collect();
        expected.extend(ONE_HOT_OF_JOB.map(str::to_owned));
        assert_eq!(default.one_hot, expected);
        let (known, of_job) = default.tfidf.split_at(classic.tfidf.len());
        assert_eq!(known, classic.tfidf);
        assert_eq!(known.iter().map(|t| t.max_features).sum::<usize>(), 360);
        assert_eq!(
            of_job.iter().map(|t| &*t.column).collect::<Vec<_>>(),
            TFIDF_OF_JOB.map(|t| t.0)
        );
        assert_eq!((classic.split, default.split), (Split::Stratified, Split::Candidate));
    }
}
