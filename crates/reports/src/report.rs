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

mod texts;

pub use texts::{
    Calibration, Classic, ClassicTerm, Classifier, ClassifierTerm, EmbeddingDrift, LiveScores,
};

use serde::{Deserialize, Serialize};

/// The format that this release writes.
pub const FORMAT: u32 = 2;

#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing to do.
    #[default]
    None,
    /// Keep an eye on it.
    Watch,
    Alert,
}

impl Severity {
    /// Its name in figures and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Watch => "watch",
            Self::Alert => "alert",
        }
    }
}

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

/// One number about a difference, the rule that judges it, and what the rule said.
///
/// Severity is `alert` when `value` ≥ `alert` and the difference is significant, `watch` when
/// `value` ≥ `watch` and it is significant, else `none`. Significant is `p_adjusted` < the level of
/// [`Settings`] or, for a PSI, `value` > `critical`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    pub name: MeasureName,
    /// The size of the difference.
    pub value: f64,
    /// From where on it is worth a look.
    pub watch: f64,
    /// From where on it is worth acting.
    pub alert: f64,
    /// The probability of so large a difference without any drift, where there is a test.
    pub p: Option<f64>,
    /// The same, allowing for all tests of the comparison.
    pub p_adjusted: Option<f64>,
    /// What a PSI of so many rows exceeds without drift with the probability of the level.
    pub critical: Option<f64>,
    /// Rows of the baseline that it was computed from.
    pub before: u64,
    /// Rows of the current version that it was computed from.
    pub after: u64,
    pub severity: Severity,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeasureName {
    /// The distance of Kolmogorov and Smirnov.
    Ks,
    /// Wasserstein's distance over the pooled standard deviation.
    Wasserstein,
    /// Population stability index.
    Psi,
    /// Cramér's V.
    CramersV,
    /// The divergence of Jensen and Shannon, in bits.
    JensenShannon,
    /// The difference of two shares.
    ShareDifference,
    /// The relative change of a count.
    RelativeChange,
    /// The area under the curve of a model that tells the two versions apart, less one half, twice.
    Separability,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// One of a few values.
    Category,
    /// Free text.
    Text,
    Number,
    Date,
}

/// A column of the current version alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnProfile {
    /// The table that it is measured on: `people`, `jobs` or `candidates`.
    pub table: String,
    pub column: String,
    pub kind: ColumnKind,
    /// Rows of the table.
    pub rows: u64,
    /// The share of rows without a value.
    pub missing: f64,
    /// Different values, of a category.
    pub distinct: Option<u64>,
    /// The commonest categories, by count; values of fewer rows than `min_support` are left out.
    pub top: Vec<CategoryCount>,
    /// The lengths of a text in characters, or the values of a number.
    pub quantiles: Option<Quantiles>,
    /// The first and last day of a date.
    pub days: Option<(String, String)>,
    /// The languages of a text.
    pub languages: Vec<LanguageShare>,
}

/// A value and how many rows have it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CategoryCount {
    /// The value, at most 80 characters.
    pub value: String,
    pub rows: u64,
}

/// The smallest value, quartiles and deciles, and the largest value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    pub min: f64,
    pub p10: f64,
    pub p25: f64,
    pub p50: f64,
    /// Three quarters lie below.
    pub p75: f64,
    /// Nine tenths lie below.
    pub p90: f64,
    pub max: f64,
}

/// A language's share of the texts of one version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LanguageShare {
    /// `pt`, `en`, `es` or `other`.
    pub language: String,
    /// Its share of the texts that are there.
    pub share: f64,
}

/// Why a difference of a column is shown and makes no finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Uncounted {
    /// No model reads the column.
    Unread,
    /// Fewer than 5 % of the rows of both sides have a value; its missing share counts.
    FewValues,
}

/// A column of two sides: of two versions, or of what arrived and what had arrived before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnDrift {
    /// The table that it is measured on.
    pub table: String,
    pub column: String,
    pub kind: ColumnKind,
    /// The worst of its measures, whether or not they count.
    pub severity: Severity,
    /// Why it makes no finding, where it makes none.
    pub uncounted: Option<Uncounted>,
    /// Rows of the baseline's table.
    pub rows_before: u64,
    /// Rows of the current version's table.
    pub rows_after: u64,
    /// The share of rows without a value, before.
    pub missing_before: f64,
    pub missing_after: f64,
    /// Different values before, of a category.
    pub distinct_before: Option<u64>,
    /// Different values after.
    pub distinct_after: Option<u64>,
    /// How much the column has moved: missing share, values, lengths, languages.
    pub measures: Vec<ColumnMeasure>,
    /// A category's values, the commonest first.
    pub categories: Vec<CategoryShift>,
    /// Values of a category that only the current version has; the commonest, few.
    pub appeared: Vec<CategoryCount>,
    /// Values of a category that only the baseline has.
    pub vanished: Vec<CategoryCount>,
    /// A picture of numbers, days or lengths of texts.
    pub histogram: Option<Histogram>,
    /// Lengths of a text or values of a number, before.
    pub quantiles_before: Option<Quantiles>,
    pub quantiles_after: Option<Quantiles>,
    /// The languages of a text.
    pub languages: Vec<LanguageShift>,
    /// The terms of a text that moved most.
    pub terms: Vec<TermShift>,
}

/// What a measure of a column is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// The share of rows without a value.
    Missing,
    Values,
    /// The length of texts in characters.
    Length,
    Languages,
    Terms,
}

/// A measure of one aspect of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnMeasure {
    pub aspect: Aspect,
    #[serde(flatten)]
    pub measure: Measure,
}

/// A value of a category in both versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CategoryShift {
    /// The value, at most 80 characters; none for all others together.
    pub value: Option<String>,
    /// Rows before.
    pub before: u64,
    /// Rows after.
    pub after: u64,
    /// Share of the rows with a value, before.
    pub share_before: f64,
    pub share_after: f64,
}

/// Shares of the values between edges.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// The edges, one more than there are bins; days since 1970-01-01 for dates.
    pub edges: Vec<f64>,
    /// The share of each bin before.
    pub before: Vec<f64>,
    /// The share of each bin after.
    pub after: Vec<f64>,
}

/// A language's share in both versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LanguageShift {
    /// `pt`, `en`, `es` or `other`.
    pub language: String,
    pub before: f64,
    pub after: f64,
    /// after − before.
    pub change: f64,
}

/// A term whose share of texts has moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TermShift {
    pub term: String,
    /// The share of texts that have it, before.
    pub before: f64,
    pub after: f64,
    /// after − before.
    pub change: f64,
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
