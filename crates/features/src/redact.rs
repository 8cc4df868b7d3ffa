//! Redaction of a column, in parallel over its rows.

use std::borrow::Cow;

use arrow_array::{Array, StringArray, builder::StringBuilder};
use rayon::prelude::*;
use text::redact::{MARK, Owner, Record, Redactions, Redactor};

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

/// Whose the texts of rows are.
pub(crate) enum Owners {
    /// Of each row the person, or the persons, whom its texts are about.
    Each(Vec<Owner>),
    /// Nobody whom a record names: what is chosen from lists.
    Nobody(Box<Owner>),
}

impl Owners {
    fn of(&self, row: usize) -> &Owner {
        match self {
            Self::Each(owners) => &owners[row],
            Self::Nobody(nobody) => nobody,
        }
    }
}

/// Whether anything but marks of redaction is left of a text.
pub(crate) fn says_something(text: &str) -> bool {
    text.chars().any(|c| c != MARK && !c.is_whitespace())
}

impl Redaction {
    /// The owners of rows, of what their records say.
    pub(crate) fn owners(&self, records: &[Record<'_>]) -> Owners {
        Owners::Each(records.par_iter().map(|record| self.redactor.owner(record)).collect())
    }

    /// The owner of what nobody wrote of herself.
    pub(crate) fn nobody(&self) -> Owners {
        Owners::Nobody(Box::new(self.redactor.owner(&Record::default())))
    }

    /// The column without personal data ([`text::redact`]); a text of which nothing is left is
    /// null.
    pub(crate) fn column(&mut self, texts: &StringArray, owners: &Owners) -> StringArray {
        let rows: Vec<usize> = (0..texts.len()).filter(|&row| texts.is_valid(row)).collect();
        let task = |rows: &[usize]| {
            let mut found = Redactions::default();
            let redacted: Vec<_> = rows
                .iter()
                .map(|&row| self.redactor.redact(texts.value(row), owners.of(row), &mut found))
                .collect();
            (redacted, found)
        };
        let parts: Vec<_> = if texts.value_data().len() < ALONE {
            rows.chunks(ROWS_A_TASK).map(task).collect()
        } else {
            rows.par_chunks(ROWS_A_TASK).map(task).collect()
        };
        let changed = parts.iter().flat_map(|(p, _)| p).any(|text| matches!(text, Cow::Owned(_)));
        let array = if changed {
            let mut redacted = parts.iter().flat_map(|(part, _)| part);
            let mut builder = StringBuilder::with_capacity(texts.len(), texts.value_data().len());
            for row in 0..texts.len() {
                let text = if texts.is_valid(row) { redacted.next() } else { None };
                builder.append_option(text.filter(|text| says_something(text)));
            }
            builder.finish()
        } else {
            texts.clone()
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
