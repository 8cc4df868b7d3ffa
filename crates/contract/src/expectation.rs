//! An expectation, and what was found.

use serde::Serialize;

/// One expectation of the contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expectation {
    /// Its name, kebab-case and the same every day: `orphans-of-jobs`.
    pub name: String,
    /// The table that it is about.
    pub table: String,
    /// The column, where it is about one.
    pub column: Option<String>,
    /// The bound.
    pub expected: String,
    /// What was found: counts and shares, never a value of a record.
    pub found: String,
    /// Whether it is kept.
    pub passed: bool,
    /// What a breach may mean; empty where it is kept.
    pub hint: String,
    /// One sentence: what was found against which bound, and what it may mean.
    pub message: String,
}

/// An expectation that is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Breach {
    /// As [`Expectation::name`].
    pub name: String,
    /// As [`Expectation::table`].
    pub table: String,
    /// As [`Expectation::column`].
    pub column: Option<String>,
    /// As [`Expectation::found`].
    pub found: String,
    /// As [`Expectation::expected`].
    pub expected: String,
    /// As [`Expectation::message`].
    pub message: String,
}

impl Expectation {
    /// An expectation of a table.
    pub(crate) fn new(
        name: &str,
        table: &str,
        expected: impl Into<String>,
        found: impl Into<String>,
        passed: bool,
    ) -> Self {
        let (expected, found) = (expected.into(), found.into());
        let message = format!("{table}: found {found}, expected {expected}");
        let (name, table) = (name.to_owned(), table.to_owned());
        Self { name, table, column: None, expected, found, passed, hint: String::new(), message }
    }

    /// About this column.
    pub(crate) fn of(mut self, column: &str) -> Self {
        self.message = self.message.replacen(&self.table, &format!("{}.{column}", self.table), 1);
        self.column = Some(column.to_owned());
        self
    }

    /// What a breach may mean.
    pub(crate) fn hint(mut self, hint: &str) -> Self {
        if !self.passed && !hint.is_empty() {
            self.message = format!("{}; {hint}", self.message);
            hint.clone_into(&mut self.hint);
        }
        self
    }

    /// The breach, where it is one.
    #[must_use]
    pub fn breach(self) -> Option<Breach> {
        let Self { name, table, column, expected, found, passed, message, .. } = self;
        (!passed).then_some(Breach { name, table, column, found, expected, message })
    }
}

/// `3.2 % (64 of 2000)`.
pub(crate) fn part(part: u64, whole: u64) -> String {
    format!("{} ({part} of {whole})", percent(ratio(part, whole)))
}

/// `3.2 %`.
pub(crate) fn percent(share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}

pub(crate) fn ratio(part: u64, whole: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of rows")]
    let share = if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    share
}
