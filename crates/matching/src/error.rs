//! What can go wrong, and by which name the orchestrator knows it.

use stage::ErrorName;

/// Every error of this stage. None holds text of a person.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A configured value is out of its range.
    #[error("config of matching: {key} must be {expected}, found {found}")]
    Config {
        /// The key.
        key: String,
        /// The values that are allowed.
        expected: String,
        /// The value given.
        found: String,
    },
    /// A configured column cannot be given to the model.
    #[error("config of matching: {key}: `{column}` {problem}")]
    Column {
        /// The key that names it.
        key: String,
        /// The column.
        column: String,
        /// Why not.
        problem: String,
    },
    /// A file is not the table that it should be.
    #[error(transparent)]
    Table(#[from] schema::Error),
    /// An id stands twice where it should stand once.
    #[error("{file}: id {id} is there twice, expected one row each: run `features` again")]
    TwiceThere {
        /// The file.
        file: String,
        /// The id.
        id: String,
    },
    /// An application names a record that is not there.
    #[error(
        "candidates.parquet names {noun} {id}, which {file} has not: the files are not of one version, run `features` again"
    )]
    Orphan {
        /// Candidate or job.
        noun: &'static str,
        /// Its id.
        id: String,
        /// Where it was looked for.
        file: String,
    },
    /// There are no applications.
    #[error("candidates.parquet has no rows: expected applications to learn from")]
    Empty,
    /// The training part has applications of one class only.
    #[error(
        "nothing to learn: {positives} of {rows} applications of the training part are a match ({statuses}): check `positive`, or bring more data"
    )]
    OneClass {
        /// Matches.
        positives: usize,
        /// Applications.
        rows: usize,
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
    /// The baseline tree could not be fitted.
    #[error("the baseline tree cannot be fitted: {0}")]
    Baseline(String),
}

impl From<Error> for stage::Error {
    fn from(error: Error) -> Self {
        let name = match &error {
            Error::Config { .. } | Error::Column { .. } => ErrorName::ConfigInvalid,
            Error::Boost(boost::Error::Parameter { .. }) => ErrorName::ConfigInvalid,
            Error::Boost(_)
            | Error::Text(_)
            | Error::Mismatch { .. }
            | Error::Baseline(_)
            | Error::Card(_) => ErrorName::StageFailed,
            Error::Table(_)
            | Error::TwiceThere { .. }
            | Error::Orphan { .. }
            | Error::Empty
            | Error::OneClass { .. }
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
