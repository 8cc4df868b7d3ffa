//! What the gate says of a report: whether the world has moved. It refuses nothing by default.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use stage::{Asked, Check, Question};
use versioning::Committed;

use crate::{
    Error, PAGE, REPORT,
    report::{
        Aspect, Comparison, Finding, MeasureName, Part, Report, Severity, Subject, Term, WindowName,
    },
};

const SEVERITY: Asked =
    Asked { question: Question::World, name: "drift", check: "severity of the drift" };

/// The bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { refuse_at = \"alert\" }")]
#[expect(clippy::manual_non_exhaustive, reason = "the private field is a key that was removed")]
pub struct GateBounds {
    /// The severity of what is new from which on a day is refused.
    pub refuse_at: RefuseAt,
    /// A key of earlier releases, refused with a hint.
    #[serde(skip_serializing, deserialize_with = "removed")]
    oldest: (),
}

fn removed<'de, D: Deserializer<'de>>(_: D) -> Result<(), D::Error> {
    Err(D::Error::custom(
        "this key is gone: remove it. Drift is measured since the live version and those of 90 and \
         365 days before, and refuses only where `refuse_at` says so",
    ))
}

/// The severity from which on a day is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefuseAt {
    /// What is worth a look is refused too.
    Watch,
    /// What is worth acting on.
    Alert,
    /// Nothing: the world may move, and the models have been trained on it.
    #[default]
    Never,
}

impl RefuseAt {
    fn expected(self) -> &'static str {
        match self {
            Self::Watch => "none",
            Self::Alert => "less than alert",
            Self::Never => "anything",
        }
    }

    fn passes(self, severity: Severity) -> bool {
        match self {
            Self::Watch => severity < Severity::Watch,
            Self::Alert => severity < Severity::Alert,
            Self::Never => true,
        }
    }
}

/// Looks at a version.
pub(crate) fn verify(
    committed: &Committed,
    bounds: &GateBounds,
) -> Result<Vec<Check>, stage::Error> {
    let bytes = committed.open(REPORT)?.bytes()?;
    let report: Report = serde_json::from_slice(&bytes).map_err(|e| Error::Report {
        version: committed.version().to_string(),
        problem: e.to_string(),
    })?;
    Ok(vec![check(&report, &committed.version().to_string(), *bounds)])
}

fn check(report: &Report, version: &str, GateBounds { refuse_at, .. }: GateBounds) -> Check {
    let passed = refuse_at.passes(report.severity);
    let alerts: Vec<String> = report
        .new
        .iter()
        .filter(|finding| finding.severity == Severity::Alert)
        .map(|finding| told(report, finding))
        .collect();
    let mut found = report.severity.name().to_owned();
    if !alerts.is_empty() {
        found = format!("{found}: {}", alerts.join("; "));
    }
    if report.severity > Severity::None {
        let veto = if passed { " (no veto)" } else { "" };
        found = format!("{found}. See drift_reports/{version}/{PAGE}{veto}");
    }
    if !report.unreadable.is_empty() {
        found = format!("{found}; not compared with {}", report.unreadable.join(", "));
        found.push_str(", which cannot be read: `mllab verify` tells what to do");
    }
    SEVERITY.answer(refuse_at.expected(), found, passed)
}

/// A finding with its figure, its bound and what it is since.
fn told(report: &Report, finding: &Finding) -> String {
    let subject = subject(&finding.subject);
    let aspect = finding.aspect.map(|aspect| format!(" ({})", word(aspect))).unwrap_or_default();
    let figure = match &finding.measure {
        Some(m) => {
            format!(", {} {:.3} (alert from {})", measure(m.name), m.value, m.alert)
        }
        None => String::new(),
    };
    format!("{subject}{aspect}{}{figure}", beside(report, finding))
}

/// What a finding is beside, with its day.
fn beside(report: &Report, finding: &Finding) -> String {
    let since = |term: Option<Term>| {
        let of_term = |c: &&Comparison| Some(c.term) == term;
        let baseline = &report.comparisons.iter().find(of_term)?.baseline;
        Some(format!("since {} of {}", baseline.version, baseline.logical_date))
    };
    let quarter = |from: &str, to: &str| format!("in the quarter {from} to {to}");
    let found = match (&finding.subject, &report.arrivals, &report.live_scores) {
        (Subject::ArrivedRate, Part::Present(arrivals), _) => arrivals
            .rate
            .as_ref()
            .map(|rate| format!("{}, against the year before", quarter(&rate.from, &rate.to))),
        (Subject::ArrivedColumn { .. } | Subject::ArrivedVolume(_), Part::Present(arrivals), _) => {
            let days = match finding.window {
                Some(WindowName::Days30) => Some(30),
                Some(WindowName::Days90) => Some(90),
                Some(WindowName::SinceLive) | None => None,
            };
            match days {
                Some(days) => Some(format!(
                    "in the {days} days to {}, against the year before",
                    arrivals.as_of
                )),
                None => since(Some(Term::Live)),
            }
        }
        (Subject::Calibration, _, Part::Present(scores)) => {
            scores.calibration.as_ref().map(|of| quarter(&of.from, &of.to))
        }
        (Subject::LiveScores, _, Part::Present(scores)) => {
            Some(format!("of {}, trained on {}", scores.model, scores.trained_on))
        }
        _ => since(finding.term),
    };
    found.map(|found| format!(" {found}")).unwrap_or_default()
}

/// What a finding is about, in words; of words that have moved, only how many are named.
fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Column { table, column } => format!("{table}.{column}"),
        Subject::ArrivedColumn { table, column } => format!("arriving {table}.{column}"),
        Subject::ArrivedVolume(table) => format!("number of arriving {table}"),
        Subject::ArrivedRate => "share of matches".to_owned(),
        Subject::Volume(name) => format!("number of {name}"),
        Subject::Schema(table) => format!("columns of {table}"),
        Subject::LabelRate => "share of matches".to_owned(),
        Subject::Words { terms } => format!("words of all texts ({} in the report)", terms.len()),
        Subject::Embeddings(side) => format!("embeddings of {side}"),
        Subject::LiveScores => "scores of the live model".to_owned(),
        Subject::Calibration => "matches beside what the live model expected".to_owned(),
    }
}

const fn word(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Missing => "missing share",
        Aspect::Values => "values",
        Aspect::Length => "length",
        Aspect::Languages => "languages",
        Aspect::Terms => "terms",
    }
}

const fn measure(name: MeasureName) -> &'static str {
    match name {
        MeasureName::Ks => "KS",
        MeasureName::Wasserstein => "Wasserstein",
        MeasureName::Psi => "PSI",
        MeasureName::CramersV => "Cramér's V",
        MeasureName::JensenShannon => "Jensen-Shannon",
        MeasureName::ShareDifference => "difference of shares",
        MeasureName::RelativeChange => "relative change",
        MeasureName::Separability => "separability",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_misspelt_bound_is_refused_with_a_suggestion() {
        for (gate, said) in [
            (json!({"refuse": "never"}), "did you mean `refuse_at`?"),
            (json!({"refuse_at": "nevr"}), "did you mean `never`?"),
            (json!({"oldest": false}), "config of gate.drift.oldest: this key is gone: remove it"),
        ] {
            let error = stage::checked_gate::<crate::Drift>(&gate).unwrap_err();
            assert_eq!(error.name, stage::ErrorName::ConfigInvalid);
            assert!(error.message.contains(said), "{error}");
        }
        assert_eq!(stage::checked_gate::<crate::Drift>(&json!({})).unwrap(), GateBounds::default());
    }

    #[test]
    fn a_bound_is_the_severity_from_which_on_a_day_is_refused() {
        use Severity::{Alert, None, Watch};
        let passes = |at: RefuseAt| [None, Watch, Alert].map(|severity| at.passes(severity));
        assert_eq!(passes(RefuseAt::Watch), [true, false, false]);
        assert_eq!(passes(RefuseAt::Alert), [true, true, false]);
        assert_eq!(passes(RefuseAt::Never), [true; 3]);
    }

    #[test]
    fn words_are_counted_and_not_repeated() {
        let words = Subject::Words { terms: vec!["kubernetes".to_owned(), "rust".to_owned()] };
        assert_eq!(subject(&words), "words of all texts (2 in the report)");
    }
}
