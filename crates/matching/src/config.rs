//! What a user may set, and the checks that types cannot make.

mod trees;

use schema::statuses::KNOWN;
use serde::{Deserialize, Serialize};
use text::stopwords::StopWords;

use trees::GivenBoost;
pub use trees::{Auto, Boost, Weight};

use crate::{
    Error, baseline, columns,
    judge::{calibration::Method, threshold::Rule},
    labels::Unresolved,
    leak::Bounds,
    preset,
};

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
    pub threshold: Rule,
    /// Whether the model is trained anew under further splits and judged beside simpler ones.
    pub compare: bool,
    /// From where on a feature is refused as one that tells the outcome.
    pub leak: Bounds,
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
    pub baseline: Baseline,
}

/// A named set of defaults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Without the protected attributes, judged on candidates that training has not seen.
    #[default]
    Default,
    /// The columns, sizes and split of the Python system.
    Classic,
}

/// Which applications are held out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// All applications of a fifth of the people: those the first byte of whose id's SHA-256 is
    /// under 51. The same people on every day. A person under several codes is one
    /// ([`crate::identity`]).
    Candidate,
    /// A share of the applications of each class, whoever made them.
    Stratified,
    /// All applications for a fifth of the jobs, chosen like the people; jobs of one text are one.
    Job,
    /// The last share of the applications by day.
    Temporal,
}

impl Split {
    /// Its name in configuration and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Stratified => "stratified",
            Self::Job => "job",
            Self::Temporal => "temporal",
        }
    }
}

/// A text column and the size of its vocabulary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "GivenTextColumn")]
pub struct TextColumn {
    /// The column of the feature store.
    pub column: String,
    /// Terms kept: those that occur most.
    pub max_features: usize,
}

/// A text column as it is written.
#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a table such as { column = \"cv_candidato\", max_features = 100 }"
)]
struct GivenTextColumn {
    column: Option<String>,
    max_features: Option<usize>,
}

impl TryFrom<GivenTextColumn> for TextColumn {
    type Error = String;

    fn try_from(given: GivenTextColumn) -> Result<Self, String> {
        let GivenTextColumn { column, max_features } = given;
        let Some(column) = column else {
            return Err("`column` is missing: expected a text of the feature store".to_owned());
        };
        let Some(max_features) = max_features else {
            return Err(format!(
                "{column}: `max_features` is missing: expected how many terms to keep"
            ));
        };
        Ok(Self { column, max_features })
    }
}

/// Size of the baseline tree. linfa-trees is dense and slow, hence the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { depth = 5 }")]
pub struct Baseline {
    /// Training rows that it is fitted on, at most (fewer where [`baseline`](crate::baseline) says
    /// why).
    pub rows: usize,
    /// Columns that it sees: those of most gain in the model.
    pub columns: usize,
    /// Depth at most.
    pub depth: usize,
}

impl Default for Baseline {
    fn default() -> Self {
        Self { rows: 4_000, columns: 64, depth: 5 }
    }
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
    threshold: Option<Rule>,
    compare: Option<bool>,
    leak: Option<Bounds>,
    replicates: Option<usize>,
    test_share: Option<f64>,
    seed: Option<u64>,
    positive: Option<Vec<String>>,
    boost: Option<GivenBoost>,
    thresholds: Option<Vec<f64>>,
    baseline: Option<Baseline>,
}

impl From<Given> for Config {
    fn from(given: Given) -> Self {
        let preset = preset::config(given.preset);
        Self {
            preset: given.preset,
            one_hot: given.one_hot.unwrap_or(preset.one_hot),
            tfidf: given.tfidf.unwrap_or(preset.tfidf),
            relations: given.relations.unwrap_or(preset.relations),
            stop_words: given.stop_words.unwrap_or(preset.stop_words),
            min_texts: given.min_texts.unwrap_or(preset.min_texts),
            allow_protected: given.allow_protected.unwrap_or(preset.allow_protected),
            split: given.split.unwrap_or(preset.split),
            unresolved: given.unresolved.unwrap_or(preset.unresolved),
            calibration: given.calibration.unwrap_or(preset.calibration),
            threshold: given.threshold.unwrap_or(preset.threshold),
            compare: given.compare.unwrap_or(preset.compare),
            leak: given.leak.unwrap_or(preset.leak),
            replicates: given.replicates.unwrap_or(preset.replicates),
            test_share: given.test_share.unwrap_or(preset.test_share),
            seed: given.seed.unwrap_or(preset.seed),
            positive: given.positive.unwrap_or(preset.positive),
            boost: given.boost.unwrap_or_default().over(preset.boost),
            thresholds: given.thresholds.unwrap_or(preset.thresholds),
            baseline: given.baseline.unwrap_or(preset.baseline),
        }
    }
}

impl Config {
    /// Checks what types cannot say.
    ///
    /// # Errors
    /// [`Error::Config`] or [`Error::Column`], naming the key, what was expected and what was found.
    pub fn check(&self) -> Result<(), Error> {
        if self.one_hot.is_empty() && self.tfidf.is_empty() {
            return Err(invalid("one_hot and tfidf", "a column in one of them", "none"));
        }
        columns::check("one_hot", &self.one_hot, self.allow_protected)?;
        let texts: Vec<_> = self.tfidf.iter().map(|t| t.column.clone()).collect();
        columns::check("tfidf", &texts, self.allow_protected)?;
        for text in &self.tfidf {
            if !(1..=100_000).contains(&text.max_features) {
                let key = format!("tfidf of {}: max_features", text.column);
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
        let Baseline { rows, columns, depth } = self.baseline;
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

    fn refused(value: &serde_json::Value) -> String {
        let error = parse(value).unwrap_err();
        assert_eq!(error.name, stage::ErrorName::ConfigInvalid);
        error.message
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
    fn unknown_keys_are_refused_with_a_suggestion() {
        let message = refused(&json!({"spilt": "candidate"}));
        assert!(message.ends_with("`spilt` is unknown: did you mean `split`?"), "{message}");
        assert!(refused(&json!({"boost": {"max_dept": 3}})).contains("`max_depth`?"));
        assert!(refused(&json!({"preset": "clasic"})).contains("`classic`?"));
    }

    #[test]
    fn wrong_types_are_told_in_words_of_the_configuration() {
        for (config, said) in [
            (json!({"boost": 7}), "expected a table such as { max_depth = 7 }"),
            (json!({"baseline": 7}), "expected a table such as { depth = 5 }"),
            (json!({"boost": {"scale_pos_weight": "much"}}), "\"auto\" or a number above 0"),
            (json!({"boost": {"scale_pos_weight": -1}}), "\"auto\" or a number above 0"),
            (json!({"boost": {"scale_pos_weight": [1]}}), "\"auto\" or a number above 0"),
            (json!({"tfidf": [{"column": "cv_candidato"}]}), "cv_candidato: `max_features`"),
            (json!({"tfidf": [{"max_features": 9}]}), "`column` is missing"),
            (json!({"tfidf": ["cv_candidato"]}), "a table such as { column"),
        ] {
            let message = refused(&config);
            assert!(message.contains(said), "{message}");
            assert!(
                !["struct", "enum", "variant"].iter().any(|w| message.contains(w)),
                "{message}"
            );
        }
        let weight = json!({"boost": {"scale_pos_weight": 3}});
        assert_eq!(parse(&weight).unwrap().boost.scale_pos_weight, Weight::Fixed(3.0));
    }

    #[test]
    fn columns_that_are_no_features_are_refused() {
        let one_hot = |column: &str| refused(&json!({"one_hot": [column]}));
        assert!(one_hot("situacao_candidato").contains("is the label"));
        assert!(one_hot("data_candidatura").contains("date"), "{}", one_hot("data_candidatura"));
        assert!(one_hot("codigo").contains("is a key"));
        assert!(one_hot("remuneracao").contains("an amount"));
        assert!(one_hot("cidde").contains("did you mean `cidade`?"));
        assert!(refused(&json!({"one_hot": ["cidade", "cidade"]})).contains("twice"));
    }

    #[test]
    fn protected_attributes_need_to_be_allowed() {
        let message = refused(&json!({"one_hot": ["sexo"]}));
        assert!(message.contains("allow_protected"), "{message}");
        parse(&json!({"one_hot": ["sexo"], "allow_protected": true})).unwrap();
    }

    #[test]
    fn values_out_of_range_name_key_and_range() {
        for (config, key) in [
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
            let message = refused(&config);
            assert!(message.contains(key), "{message}");
        }
    }
}
