//! The report: what `drift.json` holds, and the only source of every figure on the page.
//!
//! Format 2: terms are `live`, `quarter`, `year` and `named`; findings stand in `new` and `known`
//! (format 1 had three `reasons`); `arrivals` is new.
//!
//! Nothing here names a person or holds a text of one: terms are single words that many documents
//! have, categories are values that many rows have (`min_support` in [`Settings`]).
//!
//! Shares and probabilities are between 0 and 1; `before` is the baseline, `after` the current
//! version. Lists are bounded, so that the page stays small.

mod arrivals;

pub use arrivals::{Arrivals, Cohort, CohortRate, TableArrivals, Volumes, Window, WindowName};

mod columns;

pub use columns::{
    Aspect, CategoryCount, CategoryShift, ColumnDrift, ColumnKind, ColumnMeasure, ColumnProfile,
    Histogram, LanguageShare, LanguageShift, Measure, MeasureName, Quantiles, Severity, TermShift,
    Uncounted,
};

mod texts;

pub use texts::{
    Calibration, Classic, ClassicTerm, Classifier, ClassifierTerm, EmbeddingDrift, LiveScores,
};

use serde::{Deserialize, Serialize};

/// The format that this release writes.
pub const FORMAT: u32 = 2;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`FORMAT`].
    pub format: u32,
    /// The version that the report is about.
    pub current: VersionFacts,
    /// The worst of the new findings.
    pub severity: Severity,
    /// What was found and is not in `known`, the gravest first, one a subject and aspect.
    pub new: Vec<Finding>,
    /// What the report that was live when the features were made had found already, no less grave.
    pub known: Vec<Finding>,
    /// The columns that the match model or the recommender made from these features reads; none
    /// where no match model was made from them, and every column counts.
    pub columns_read: Option<Vec<String>>,
    /// The current version alone, whether or not there is one to compare it with.
    pub profile: Vec<ColumnProfile>,
    /// With each reference that there is; empty for a first version.
    pub comparisons: Vec<Comparison>,
    /// What could not be read, and was not compared with: as in `features v7`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<String>,
    /// What has arrived lately beside what arrived before.
    pub arrivals: Part<Arrivals>,
    /// How the live model scores today's applications beside those that it was judged on.
    pub live_scores: Part<LiveScores>,
    /// The verdicts of the reports before this one and, last, of this one; at most 30.
    pub history: Vec<PastVerdict>,
    /// The bounds and limits that the report was made with.
    pub settings: Settings,
}

/// A part of the report that may be absent for a reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part<T> {
    /// It is there.
    Present(T),
    /// It is not, because …
    Absent(Absence),
}

impl<T> Part<T> {
    pub fn present(&self) -> Option<&T> {
        match self {
            Self::Present(part) => Some(part),
            Self::Absent(_) => None,
        }
    }
}

/// Why a part is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Absence {
    /// No version of the artefact was made from one of the two feature-store versions.
    NotMade,
    /// The two versions' artefacts were made with different encoders.
    OtherEncoder,
    /// No model was live when the features were made.
    NothingLive,
    /// One side has too few rows.
    TooFew,
    /// Both sides hold the same bytes.
    Equal,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VersionFacts {
    /// As in `v7`.
    pub version: String,
    /// The day that it stands for, `YYYY-MM-DD`.
    pub logical_date: String,
    /// Rows of `people.parquet`.
    pub people: u64,
    /// Rows of `jobs.parquet`.
    pub jobs: u64,
    /// Rows of `candidates.parquet`.
    pub applications: u64,
    /// The date of the first application, where any has one.
    pub first_application: Option<String>,
    /// The date of the last application.
    pub last_application: Option<String>,
}

/// Which earlier version a comparison is with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// The version that was live when the current features were made.
    Live,
    /// The newest that is at least 90 days older.
    Quarter,
    /// The newest that is at least 365 days older.
    Year,
    Named,
}

/// The current version beside an earlier one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Which earlier version it is.
    pub term: Term,
    /// What else it is: a version is compared once.
    pub also: Vec<Term>,
    pub baseline: VersionFacts,
    /// Whether both versions hold the same bytes; then nothing below can differ.
    pub equal: bool,
    /// The worst of all measures.
    pub severity: Severity,
    /// How many measures were tested at once, which is what their adjusted p allows for.
    pub tests: u64,
    pub reasons: Vec<Finding>,
    /// Columns that came, went or changed their type.
    pub schema: Vec<SchemaChange>,
    /// Rows, rejects, orphans, duplicates.
    pub volumes: Vec<Volume>,
    /// Every column that both versions have, in the order of the tables.
    pub columns: Vec<ColumnDrift>,
    /// The share of applications that are a match.
    pub label_rate: Option<RateDrift>,
    /// Whether a small model tells the two versions' texts apart.
    pub classifier: Part<Classifier>,
    /// Whether the embeddings of people and jobs have moved.
    pub embeddings: Vec<EmbeddingDrift>,
    /// Why `embeddings` is empty, where it is.
    pub embeddings_absent: Option<Absence>,
    /// The analysis of the Python system, exactly.
    pub classic: Part<Classic>,
}

/// Something found, by its place in the report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub severity: Severity,
    /// Which comparison found it, where one did.
    pub term: Option<Term>,
    /// Among which arrivals it was found, where it was.
    pub window: Option<WindowName>,
    pub subject: Subject,
    /// Of a column: what has changed of it.
    pub aspect: Option<Aspect>,
    /// The measure that made it, where one did.
    pub measure: Option<Measure>,
    /// When it was reported first, where that was before.
    pub known: Option<EarlierFinding>,
}

/// What an earlier report said of a finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EarlierFinding {
    /// The day of the first report that has it, `YYYY-MM-DD`.
    pub since: String,
    /// The gravest that it was reported as since.
    pub severity: Severity,
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A column of a table.
    Column {
        table: String,
        column: String,
    },
    /// A column of what has arrived.
    ArrivedColumn {
        table: String,
        column: String,
    },
    /// How much arrives at a table.
    ArrivedVolume(String),
    /// The share of matches among the applications of a quarter.
    ArrivedRate,
    Volume(String),
    /// The shape of a table.
    Schema(String),
    LabelRate,
    /// The words of all texts.
    Words {
        /// The terms that moved most.
        terms: Vec<String>,
    },
    /// The embeddings of a side: `people` or `jobs`.
    Embeddings(String),
    LiveScores,
    /// How many matches the live model expected, and how many there were.
    Calibration,
}

/// A column that came, went or changed its type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SchemaChange {
    pub table: String,
    pub column: String,
    /// The type it had; none for one that came.
    pub before: Option<String>,
    /// The type it has; none for one that went.
    pub after: Option<String>,
}

/// A count of the two versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Volume {
    /// `people`, `jobs`, `applications`, `duplicates`, `orphans_job`, `orphans_candidate`,
    /// `rejected_records_applicants`, …
    pub name: String,
    /// In the baseline; none where it was not recorded.
    pub before: Option<u64>,
    pub after: Option<u64>,
    /// (after − before) / before, or the difference of the shares of rows that it is of.
    pub measure: Option<Measure>,
}

/// A share of both versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RateDrift {
    pub before: f64,
    pub after: f64,
    pub measure: Measure,
}

/// The verdict of a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastVerdict {
    pub logical_date: String,
    /// The feature-store version that it was about.
    pub features: String,
    pub severity: Severity,
}

/// What the report was made with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The probability of any false alarm in the report.
    pub level: f64,
    /// Terms of the classic analysis at most.
    pub max_features: u64,
    /// A term or category of fewer rows than this on both sides is never named.
    pub min_support: u64,
}
