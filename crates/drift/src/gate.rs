//! What a report must say for the day to go live.

use serde::{Deserialize, Serialize};
use stage::{Asked, Check, Question};
use versioning::Committed;

use crate::{
    Error, REPORT, reasons,
    report::{Comparison, Finding, Report, Severity, Subject, Term},
};

const SEVERITY: Asked =
    Asked { question: Question::World, name: "drift", check: "severity of the drift" };

/// The bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { refuse_at = \"alert\" }")]
pub struct Bounds {
    /// The severity from which on a day is refused.
    pub refuse_at: RefuseAt,
    /// Whether the comparison with the oldest version counts. It stays an alert for as long as the
    /// oldest version is kept, once the world has moved.
    pub oldest: bool,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { refuse_at: RefuseAt::default(), oldest: true }
    }
}

/// The severity from which on a day is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefuseAt {
    /// What is worth a look is refused too.
    Watch,
    /// What is worth acting on.
    #[default]
    Alert,
    /// Nothing.
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
///
/// # Errors
/// What the store says; [`Error::Report`] for a report of another release.
pub(crate) fn verify(committed: &Committed, bounds: &Bounds) -> Result<Vec<Check>, stage::Error> {
    let bytes = committed.open(REPORT)?.bytes()?;
    let report: Report = serde_json::from_slice(&bytes).map_err(|e| Error::Report {
        version: committed.version().to_string(),
        problem: e.to_string(),
    })?;
    Ok(vec![check(&report, *bounds)])
}

fn check(report: &Report, Bounds { refuse_at, oldest }: Bounds) -> Check {
    let counts = |comparison: &&Comparison| oldest || comparison.term != Term::Long;
    let comparisons: Vec<Comparison> = report.comparisons.iter().filter(counts).cloned().collect();
    let (severity, reasons) = reasons::overall(&comparisons, &report.live_scores);
    let of = |reason: &Finding| {
        let since = comparisons.iter().find(|c| Some(c.term) == reason.term);
        let since = since.map(|c| format!(" since {}", c.baseline.version)).unwrap_or_default();
        format!("{}{since}", subject(&reason.subject))
    };
    let reasons: Vec<String> = reasons.iter().map(of).collect();
    let name = severity.name();
    let found = match (reasons.as_slice(), comparisons.as_slice()) {
        ([], []) => format!("{name}: there is nothing to compare with"),
        ([], _) => name.to_owned(),
        (reasons, _) => format!("{name}: {}", reasons.join(", ")),
    };
    SEVERITY.answer(refuse_at.expected(), found, refuse_at.passes(severity))
}

/// What a finding is about, in words; of words that have moved, only how many are named.
fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Column { table, column } => format!("{table}.{column}"),
        Subject::Language { table, column } => format!("languages of {table}.{column}"),
        Subject::Volume(name) => format!("number of {name}"),
        Subject::Schema(table) => format!("columns of {table}"),
        Subject::LabelRate => "share of matches".to_owned(),
        Subject::Words { terms } => format!("words of all texts ({} in the report)", terms.len()),
        Subject::Embeddings(side) => format!("embeddings of {side}"),
        Subject::LiveScores => "scores of the live model".to_owned(),
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
            (json!({"oldest": 1}), "config of gate.drift.oldest: found"),
        ] {
            let error = stage::checked_gate::<crate::Drift>(&gate).unwrap_err();
            assert_eq!(error.name, stage::ErrorName::ConfigInvalid);
            assert!(error.message.contains(said), "{error}");
        }
        assert_eq!(stage::checked_gate::<crate::Drift>(&json!({})).unwrap(), Bounds::default());
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
