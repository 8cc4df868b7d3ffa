//! What can go wrong, and by which name the orchestrator knows it.

use stage::ErrorName;

use crate::leak::share::Share;

/// Every error of this stage. None holds text of a person.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("config of matching: {key} must be {expected}, found {found}")]
    Config { key: String, expected: String, found: String },
    #[error("config of matching: {key}: `{column}` {problem}")]
    Column { key: String, column: String, problem: String },
    #[error(transparent)]
    Table(#[from] schema::Error),
    #[error("candidates.parquet has no rows: expected applications to learn from")]
    Empty,
    #[error(
        "nothing to learn: {positives} of {rows} applications of the training part are a match ({statuses}); {young} more are too young for their outcome to be known: wait for them, bring more history, or check `positive`, `unresolved` and `mature`"
    )]
    OneClass { positives: usize, rows: usize, young: usize, statuses: String },
    #[error("{unknown}")]
    UnknownIds { unknown: String },
    #[error("{0}")]
    Argument(String),
    #[error(transparent)]
    Text(#[from] text::Error),
    #[error(transparent)]
    Boost(#[from] boost::Error),
    #[error("preprocessor.json: {0}: it was written by another version, train again")]
    Preprocessor(String),
    #[error("model_matching.json has {model} columns, preprocessor.json gives {preprocessor}")]
    Mismatch { model: usize, preprocessor: usize },
    #[error("decision.json: {0}: it was written by another version, train again")]
    Decision(String),
    #[error(
        "{column} ranks the applications of the training part with AUC {auc:.3} by itself, expected at most {bound} (leak.single_auc): it may hold something of the outcome; find out who writes it and when, and leave it out of the columns, or accept it with leak.accept = [\"{column}\"]"
    )]
    Leak { column: String, auc: f64, bound: f64 },
    #[error(
        "{column} has changed since the version of the features before for {matches} that became a match and for {others} of the others, shares that differ by {by:.3}, expected at most {bound} (leak.changed_by): it may be written after the outcome; find out who writes it and when, and leave it out of the columns, or accept it with leak.accept = [\"{column}\"]"
    )]
    ChangesAfterwards { column: String, matches: Share, others: Share, by: f64, bound: f64 },
    #[error(
        "a model of shuffled labels ranks the part held out with AUC {auc:.3}, expected .5 within 3 standard errors ({se:.4} each): the two parts are not apart, so no figure of this split can be believed"
    )]
    LearnsFromNothing { auc: f64, se: f64 },
    #[error(transparent)]
    Cancelled(#[from] stage::Cancelled),
    #[error("the baseline tree cannot be fitted: {0}")]
    Baseline(String),
}

impl From<Error> for stage::Error {
    fn from(error: Error) -> Self {
        let name = match &error {
            Error::OneClass { .. } => ErrorName::NothingToLearn,
            Error::Cancelled(_) | Error::Boost(boost::Error::Cancelled) => {
                ErrorName::DeadlineExceeded
            }
            Error::Config { .. } | Error::Column { .. } => ErrorName::ConfigInvalid,
            Error::Boost(boost::Error::Parameter { .. }) => ErrorName::ConfigInvalid,
            Error::Boost(_)
            | Error::Text(_)
            | Error::Mismatch { .. }
            | Error::Baseline(_)
            | Error::LearnsFromNothing { .. } => ErrorName::StageFailed,
            Error::Table(_)
            | Error::Empty
            | Error::Leak { .. }
            | Error::ChangesAfterwards { .. }
            | Error::UnknownIds { .. }
            | Error::Argument(_)
            | Error::Preprocessor(_)
            | Error::Decision(_) => ErrorName::BadInput,
        };
        match &error {
            Error::Boost(e @ boost::Error::Parameter { .. }) => {
                Self::new(name, format!("config of matching: boost: {e}"))
            }
            _ => Self::caused(name, error),
        }
    }
}
