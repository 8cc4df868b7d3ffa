//! What can go wrong, and by which name the orchestrator knows it.

use stage::ErrorName;

use crate::leak::changed::Share;

/// Every error of this stage. None holds text of a person.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A configured value is out of its range.
    #[error("config of matching: {key} must be {expected}, found {found}")]
    Config {
        key: String,
        /// The values that are allowed.
        expected: String,
        found: String,
    },
    /// A configured column cannot be given to the model.
    #[error("config of matching: {key}: `{column}` {problem}")]
    Column {
        /// The key that names it.
        key: String,
        column: String,
        /// Why not.
        problem: String,
    },
    /// A file is not the table that it should be.
    #[error(transparent)]
    Table(#[from] schema::Error),
    /// An id stands twice where it should stand once.
    #[error("{file}: id {id} is there twice, expected one row each: run `features` again")]
    TwiceThere { file: String, id: String },
    /// An application or a group names a record that is not there.
    #[error(
        "{by} names {noun} {id}, which {file} has not: the files are not of one version, run `features` again"
    )]
    Orphan {
        /// The file that names it.
        by: String,
        /// Candidate or job.
        noun: &'static str,
        id: String,
        /// Where it was looked for.
        file: String,
    },
    /// There are no applications.
    #[error("candidates.parquet has no rows: expected applications to learn from")]
    Empty,
    /// The training part has applications of one class only.
    #[error(
        "nothing to learn: {positives} of {rows} applications of the training part are a match ({statuses}); {young} more are too young for their outcome to be known: wait for them, bring more history, or check `positive`, `unresolved` and `mature`"
    )]
    OneClass {
        positives: usize,
        rows: usize,
        /// Applications left out because of their age.
        young: usize,
        /// The statuses that count as a match.
        statuses: String,
    },
    /// A pair to be scored names records that are not there.
    #[error("{unknown}")]
    UnknownIds {
        /// Which, and the nearest that are there.
        unknown: String,
    },
    /// An argument of a command is missing or wrong.
    #[error("{0}")]
    Argument(String),
    /// The text columns could not be vectorised.
    #[error(transparent)]
    Text(#[from] text::Error),
    /// The trees could not be grown, read or applied.
    #[error(transparent)]
    Boost(#[from] boost::Error),
    /// A stored preprocessor could not be read.
    #[error("preprocessor.json: {0}: it was written by another version, train again")]
    Preprocessor(String),
    /// The model and the preprocessor do not belong together.
    #[error("model_matching.json has {model} columns, preprocessor.json gives {preprocessor}")]
    Mismatch {
        /// Columns of the model.
        model: usize,
        /// Columns of the preprocessor.
        preprocessor: usize,
    },
    /// A stored calibration could not be read.
    #[error("decision.json: {0}: it was written by another version, train again")]
    Decision(String),
    /// The model card could not be made.
    #[error("the model card cannot be made: {0}")]
    Card(String),
    /// A column tells the outcome by itself.
    #[error(
        "{column} ranks the applications of the training part with AUC {auc:.3} by itself, expected at most {bound} (leak.single_auc): it may hold something of the outcome; find out who writes it and when, and leave it out of the columns, or accept it with leak.accept = [\"{column}\"]"
    )]
    Leak {
        /// The column of the feature store.
        column: String,
        /// Its AUC.
        auc: f64,
        bound: f64,
    },
    /// The values of a column change with the outcome.
    #[error(
        "{column} has changed since the version of the features before for {matches} that became a match and for {others} of the others, shares that differ by {by:.3}, expected at most {bound} (leak.changed_by): it may be written after the outcome; find out who writes it and when, and leave it out of the columns, or accept it with leak.accept = [\"{column}\"]"
    )]
    ChangesAfterwards {
        /// The column of the feature store.
        column: String,
        /// Changed records, of those that became a match.
        matches: Share,
        /// Changed records of the others.
        others: Share,
        /// The difference of the two shares.
        by: f64,
        bound: f64,
    },
    /// A model of labels without meaning ranks the part held out.
    #[error(
        "a model of shuffled labels ranks the part held out with AUC {auc:.3}, expected .5 within 3 standard errors ({se:.4} each): the two parts are not apart, so no figure of this split can be believed"
    )]
    LearnsFromNothing {
        /// Its AUC.
        auc: f64,
        /// The standard error of chance.
        se: f64,
    },
    #[error(transparent)]
    Cancelled(#[from] stage::Cancelled),
    /// The baseline tree could not be fitted.
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
            | Error::Card(_)
            | Error::LearnsFromNothing { .. } => ErrorName::StageFailed,
            Error::Table(_)
            | Error::TwiceThere { .. }
            | Error::Orphan { .. }
            | Error::Empty
            | Error::Leak { .. }
            | Error::ChangesAfterwards { .. }
            | Error::UnknownIds { .. }
            | Error::Argument(_)
            | Error::Preprocessor(_)
            | Error::Decision(_) => ErrorName::BadInput,
        };
        let message = match &error {
            Error::Boost(e @ boost::Error::Parameter { .. }) => {
                format!("config of matching: boost: {e}")
            }
            other => other.to_string(),
        };
        Self::new(name, message)
    }
}
