//! What is measured of a column and of a difference, and how grave that is.

use serde::{Deserialize, Serialize};

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

/// One number about a difference, the rule that judges it, and what the rule said.
///
/// Severity is `alert` when `value` ≥ `alert` and the difference is significant, `watch` when
/// `value` ≥ `watch` and it is significant, else `none`. Significant is `p_adjusted` < the level of
/// [`super::Settings`] or, for a PSI, `value` > `critical`.
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
