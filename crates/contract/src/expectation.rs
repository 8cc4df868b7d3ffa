//! An expectation, and what was found.

#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// Its name, kebab-case and the same every day: `orphans-of-jobs`.
    pub name: String,
    /// The table that it is about.
    pub table: String,
    /// The column, where it is about one.
    pub column: Option<String>,
    pub expected: String,
    /// What was found: counts and shares, never a value of a record.
    pub found: String,
    pub passed: bool,
    /// What a breach may mean; empty where it is kept.
    pub hint: String,
    /// How large what was found is, where that is a share: the larger, the worse.
    pub size: Option<f64>,
}

impl Expectation {
    pub(crate) fn new(
        name: &str,
        table: &str,
        expected: impl Into<String>,
        found: impl Into<String>,
        passed: bool,
    ) -> Self {
        let (name, table) = (name.to_owned(), table.to_owned());
        let (expected, found) = (expected.into(), found.into());
        Self { name, table, column: None, expected, found, passed, hint: String::new(), size: None }
    }

    /// An expectation that at most a share of a table is such.
    pub(crate) fn at_most(
        name: &str,
        table: &str,
        (most, such): (f64, &str),
        (n, of): (u64, u64),
    ) -> Self {
        let expected = format!("at most {} {such}", percent(most));
        Self::new(name, table, expected, part(n, of), ratio(n, of) <= most).sized(ratio(n, of))
    }

    /// About this column.
    pub(crate) fn of(mut self, column: &str) -> Self {
        self.column = Some(column.to_owned());
        self
    }

    pub(crate) fn hint(mut self, hint: &str) -> Self {
        if !self.passed {
            hint.clone_into(&mut self.hint);
        }
        self
    }

    /// How large what was found is.
    pub(crate) fn sized(mut self, size: f64) -> Self {
        self.size = Some(size);
        self
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
