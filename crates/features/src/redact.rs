//! Redaction of a column, in parallel over its rows.

use std::borrow::Cow;

use arrow_array::{Array, ArrayRef, StringArray, builder::StringBuilder};
use rayon::prelude::*;
use text::redact::{Redactions, Redactor};

use std::sync::Arc;

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

/// A column to redact.
pub(crate) struct Texts<'a> {
    /// Its texts.
    pub(crate) texts: StringArray,
    /// The columns that name the persons of a row.
    pub(crate) names: &'a [&'a StringArray],
    /// What of such a column's value is a name.
    pub(crate) name: fn(&str) -> Option<&str>,
}

impl Redaction {
    /// The column without e-mail addresses, phone numbers, CPF, CNPJ, URLs and the names of its
    /// rows; a text of which nothing is left is null.
    pub(crate) fn column(&mut self, column: &Texts<'_>) -> ArrayRef {
        let texts = &column.texts;
        let rows: Vec<usize> = (0..texts.len()).filter(|&row| texts.is_valid(row)).collect();
        let task = |rows: &[usize]| {
            let mut found = Redactions::default();
            let redacted: Vec<_> =
                rows.iter().map(|&row| self.redacted(column, row, &mut found)).collect();
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
                builder.append_option(text.filter(|text| !text.is_empty()));
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

    fn redacted<'a>(
        &self,
        column: &'a Texts<'_>,
        row: usize,
        found: &mut Redactions,
    ) -> Cow<'a, str> {
        let given = column.names.iter().filter(|names| names.is_valid(row));
        let mut names: Vec<&str> =
            given.filter_map(|names| (column.name)(names.value(row))).collect();
        names.sort_unstable();
        names.dedup();
        self.redactor.redact(column.texts.value(row), &names, found)
    }

    /// What has been found so far.
    pub(crate) fn found(&self) -> &Redactions {
        &self.found
    }
}
