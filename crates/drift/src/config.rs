//! What a user may set, and the checks that types cannot make.

use reports::Lang;
use schema::statuses;
use serde::{Deserialize, Serialize};

use crate::{Error, report::MeasureName, stats::verdict};

/// The configuration of the stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { level = 0.05 }")]
pub struct Config {
    /// The probability of any false alarm in a report.
    pub level: f64,
    /// Terms of the classic analysis and of the text classifier, at most.
    pub max_features: usize,
    /// A term or category of fewer rows than this on both sides is never named.
    pub min_support: u64,
    /// Terms told of each text column, at most.
    pub terms: usize,
    /// Categories told of each column, at most.
    pub categories: usize,
    /// The statuses that count as a match.
    pub positive: Vec<String>,
    /// The language of the page: `pt` or `en`.
    pub lang: Lang,
    /// From which size on a difference is worth a look, and from which it is worth acting.
    pub bounds: SeverityBounds,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            level: 0.05,
            max_features: 1000,
            min_support: 5,
            terms: 10,
            categories: 20,
            positive: statuses::POSITIVE.iter().map(|s| (*s).to_owned()).collect(),
            lang: Lang::Pt,
            bounds: SeverityBounds::default(),
        }
    }
}

/// The two sizes at which a measure's severity rises.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table such as { watch = 0.1, alert = 0.2 }")]
pub struct Bound {
    /// From where on it is worth a look.
    pub watch: f64,
    /// From where on it is worth acting.
    pub alert: f64,
}

impl From<Bound> for verdict::EffectBounds {
    fn from(Bound { watch, alert }: Bound) -> Self {
        Self { watch, alert }
    }
}

/// The bounds of every measure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a table such as { ks = { watch = 0.05, alert = 0.1 } }"
)]
pub struct SeverityBounds {
    /// The distance of Kolmogorov and Smirnov: numbers, days, lengths of texts, scores.
    pub ks: Bound,
    /// Wasserstein's distance in standard deviations: numbers, lengths of texts, scores.
    pub wasserstein: Bound,
    /// The population stability index, which counts only where it exceeds what so many rows give
    /// without any drift. Arrivals are judged by it alone, and by Cramér's V at the bounds that say
    /// the same (√psi / 2).
    pub psi: Bound,
    /// Cramér's V: categories and languages.
    pub cramers_v: Bound,
    /// The divergence of Jensen and Shannon, in bits: categories and languages.
    pub jensen_shannon: Bound,
    /// The difference of two shares: missing values, rejects, and the texts that have a term.
    pub share: Bound,
    /// How much a count has fallen, in its own size.
    pub fall: Bound,
    /// How much a count has grown since the live version, or how much more arrives than in the year
    /// before, in its own size.
    pub growth: Bound,
    /// How much the share of matches has changed, in its own size.
    pub label: Bound,
    /// The text classifier and embeddings: twice what the area under the curve is above one half.
    pub separability: Bound,
}

impl Default for SeverityBounds {
    fn default() -> Self {
        let of = |name| {
            let verdict::EffectBounds { watch, alert } = verdict::bounds(name);
            Bound { watch, alert }
        };
        Self {
            ks: of(MeasureName::Ks),
            wasserstein: of(MeasureName::Wasserstein),
            psi: of(MeasureName::Psi),
            cramers_v: of(MeasureName::CramersV),
            jensen_shannon: of(MeasureName::JensenShannon),
            share: of(MeasureName::ShareDifference),
            fall: Bound { watch: 0.05, alert: 0.2 },
            growth: Bound { watch: 0.5, alert: 2.0 },
            label: Bound { watch: 0.1, alert: 0.25 },
            separability: of(MeasureName::Separability),
        }
    }
}

impl SeverityBounds {
    /// Each with its key and the greatest value that its measure can have.
    fn all(&self) -> [(&'static str, Bound, f64); 10] {
        [
            ("ks", self.ks, 1.0),
            ("wasserstein", self.wasserstein, f64::MAX),
            ("psi", self.psi, f64::MAX),
            ("cramers_v", self.cramers_v, 1.0),
            ("jensen_shannon", self.jensen_shannon, 1.0),
            ("share", self.share, 1.0),
            ("fall", self.fall, 1.0),
            ("growth", self.growth, f64::MAX),
            ("label", self.label, f64::MAX),
            ("separability", self.separability, 1.0),
        ]
    }

    /// The bounds of a kind of measure. (What a count is judged by depends on which way it went.)
    pub(crate) fn of(&self, name: MeasureName) -> verdict::EffectBounds {
        match name {
            MeasureName::Ks => self.ks,
            MeasureName::Wasserstein => self.wasserstein,
            MeasureName::Psi => self.psi,
            MeasureName::CramersV => self.cramers_v,
            MeasureName::JensenShannon => self.jensen_shannon,
            MeasureName::ShareDifference => self.share,
            MeasureName::RelativeChange => self.fall,
            MeasureName::Separability => self.separability,
        }
        .into()
    }
}

impl Config {
    /// Checks what types cannot say.
    pub fn check(&self) -> Result<(), Error> {
        if !(self.level >= 1e-6 && self.level <= 0.5) {
            return Err(invalid("level", "a probability from 0.000001 to 0.5", self.level));
        }
        for (key, found, most) in [
            ("max_features", self.max_features, 1000),
            ("terms", self.terms, 50),
            ("categories", self.categories, 50),
        ] {
            if !(1..=most).contains(&found) {
                return Err(invalid(key, &format!("1 to {most}"), found));
            }
        }
        // Under five, a term or a category may be the word of one person.
        if !(5..=1_000_000).contains(&self.min_support) {
            return Err(invalid("min_support", "5 to 1000000", self.min_support));
        }
        if self.positive.is_empty() {
            return Err(invalid("positive", "at least one status", "none"));
        }
        if let Some(status) = self.positive.iter().find(|s| !statuses::KNOWN.contains(&s.as_str()))
        {
            let known = format!("some of {}", statuses::KNOWN.join(", "));
            return Err(invalid("positive", &known, status));
        }
        for (key, Bound { watch, alert }, most) in self.bounds.all() {
            if !(watch > 0.0 && watch <= alert && alert <= most) {
                let key = format!("bounds.{key}");
                let expected = match most {
                    1.0 => "0 < watch ≤ alert ≤ 1",
                    _ => "0 < watch ≤ alert",
                };
                return Err(invalid(&key, expected, format!("watch {watch}, alert {alert}")));
            }
        }
        Ok(())
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
        let config: Config = stage::parse_config("drift", value)?;
        config.check().map_err(stage::Error::from)?;
        Ok(config)
    }

    #[test]
    fn what_is_serialised_reads_back_as_itself() {
        let given = json!({"lang": "en", "bounds": {"ks": {"watch": 0.1, "alert": 0.3}}});
        let config = parse(&given).unwrap();
        assert_eq!(config.lang, Lang::En);
        assert_eq!(config.bounds.psi, SeverityBounds::default().psi);
        assert_eq!(parse(&serde_json::to_value(&config).unwrap()).unwrap(), config);
        assert_eq!(parse(&json!(null)).unwrap(), Config::default());
    }

    #[test]
    fn what_is_out_of_range_or_unknown_is_named() {
        for (config, said) in [
            (json!({"level": 0.0}), "level must be a probability"),
            (json!({"max_features": 0}), "max_features must be 1 to 1000"),
            (json!({"min_support": 1}), "min_support must be 5 to"),
            (json!({"terms": 51}), "terms must be 1 to 50"),
            (json!({"categories": 0}), "categories must be"),
            (json!({"positive": ["aprovada"]}), "positive must be some of"),
            (json!({"positive": []}), "positive must be at least one"),
            (json!({"bounds": {"ks": {"watch": 0.3, "alert": 0.2}}}), "bounds.ks must be"),
            (json!({"bounds": {"ks": {"watch": 0.3, "alert": 1.2}}}), "alert ≤ 1"),
            (json!({"bounds": {"k": 1}}), "did you mean"),
            (json!({"lang": "fr"}), "lang"),
            (json!({"levle": 0.1}), "did you mean `level`?"),
        ] {
            let error = parse(&config).unwrap_err();
            assert_eq!(error.name, stage::ErrorName::ConfigInvalid);
            assert!(error.message.contains(said), "{error}");
        }
    }
}
