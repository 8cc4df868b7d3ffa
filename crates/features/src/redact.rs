//! Redaction of a column, in parallel over its rows.

use std::{borrow::Cow, sync::Arc};

use arrow_array::{Array, ArrayRef, StringArray, builder::StringBuilder};
use rayon::prelude::*;
use text::redact::{MARK, Redactions, Redactor};

/// Rows that one task redacts: some 100 kB of CV text.
const ROWS_A_TASK: usize = 32;

/// Bytes of text below which a column is not worth a second thread.
const ALONE: usize = 1 << 14;

/// Redacts, and counts what it found.
#[derive(Default)]
pub(crate) struct Redaction {
    redactor: Redactor,
    found: Redactions,
}

/// Of each row the names of the persons that its record names.
pub(crate) struct Names<'a>(Vec<Vec<&'a str>>);

impl<'a> Names<'a> {
    /// The names in `columns` of the same `rows` rows; `name` says what of a value is one.
    pub(crate) fn of(
        rows: usize,
        columns: &[&'a StringArray],
        name: fn(&str) -> Option<&str>,
    ) -> Self {
        let of_row = |row| {
            let given = columns.iter().filter(|column| column.is_valid(row));
            let mut names: Vec<&str> = given.filter_map(|column| name(column.value(row))).collect();
            names.sort_unstable();
            names.dedup();
            names
        };
        Self((0..rows).map(of_row).collect())
    }
}

/// Whether anything but marks of redaction is left of a text.
pub(crate) fn says_something(text: &str) -> bool {
    text.chars().any(|c| c != MARK && !c.is_whitespace())
}

impl Redaction {
    /// The column without e-mail addresses, phone numbers, CPF, CNPJ, URLs and the names of its
    /// rows; a text of which nothing is left is null.
    pub(crate) fn column(&mut self, texts: &StringArray, names: &Names<'_>) -> ArrayRef {
        let rows: Vec<usize> = (0..texts.len()).filter(|&row| texts.is_valid(row)).collect();
        let task = |rows: &[usize]| {
            let mut found = Redactions::default();
            let redacted: Vec<_> = rows
                .iter()
                .map(|&row| self.redactor.redact(texts.value(row), &names.0[row], &mut found))
                .collect();
            (redacted, found)
        };
        let parts: Vec<_> = if texts.value_data().len() < ALONE {
            rows.chunks(ROWS_A_TASK).map(task).collect()
        } else {
            rows.par_chunks(ROWS_A_TASK).map(task).collect()
        };
        let changed = parts.iter().flat_map(|(p, _)| p).any(|text| matches!(text, Cow::Owned(_)));
        let array: ArrayRef = if changed {
            let mut redacted = parts.iter().flat_map(|(part, _)| part);
            let mut builder = StringBuilder::with_capacity(texts.len(), texts.value_data().len());
            for row in 0..texts.len() {
                let text = if texts.is_valid(row) { redacted.next() } else { None };
                builder.append_option(text.filter(|text| says_something(text)));
            }
            Arc::new(builder.finish())
        } else {
            Arc::new(texts.clone())
        };
        for (_, found) in &parts {
            self.found += *found;
        }
        array
    }

    /// What has been found so far.
    pub(crate) fn found(&self) -> &Redactions {
        &self.found
    }
}
