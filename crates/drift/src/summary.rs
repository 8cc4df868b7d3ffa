//! What one version's table holds, column by column: counts from which every figure is made.
//!
//! Batches are summed up on all threads, each into a summary of its own, and the summaries added:
//! all are whole numbers or values that are sorted in the end, so neither threads nor the order of
//! rows change a figure.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::RecordBatch;
use hashbrown::HashMap;
use rayon::prelude::*;
use schema::calendar;
use text::{
    language::{Language, language},
    stopwords::StopWords,
    tokens::{for_each_token, tokens},
};

use crate::{
    Error,
    kinds::Planned,
    report::ColumnKind,
    table::{Cells, VersionTable},
};

/// Rows of a batch: of CVs, half a megabyte.
const BATCH_ROWS: usize = 128;

/// The languages in the order in which they are counted.
pub(crate) const LANGUAGES: [Language; 4] =
    [Language::Portuguese, Language::English, Language::Spanish, Language::Other];

#[derive(Clone, Debug, Default)]
pub(crate) struct Summary {
    pub(crate) rows: u64,
    pub(crate) columns: Vec<ColumnSummary>,
}

#[derive(Clone, Debug)]
pub(crate) struct ColumnSummary {
    pub(crate) column: String,
    pub(crate) kind: ColumnKind,
    /// Rows without a value.
    pub(crate) missing: u64,
    pub(crate) values: Values,
    /// Rows by word, of what is not a text.
    words: BTreeMap<Box<str>, u64>,
}

/// The values that are there.
#[derive(Clone, Debug)]
pub(crate) enum Values {
    /// Rows by value.
    Categories(BTreeMap<Box<str>, u64>),
    /// Ascending; days since 1970-01-01 for dates.
    Numbers(Vec<f64>),
    Texts(TextSummary),
}

/// Texts summed up.
#[derive(Clone, Debug, Default)]
pub(crate) struct TextSummary {
    /// Characters of each, ascending.
    pub(crate) lengths: Vec<f64>,
    /// How many are in each of [`LANGUAGES`].
    pub(crate) languages: [u64; 4],
    /// How many have a term.
    pub(crate) terms: TermDocuments,
}

/// How many texts have each term.
#[derive(Clone, Debug, Default)]
#[allow(clippy::disallowed_types, reason = "hashbrown's; its order reaches no output")]
pub(crate) struct TermDocuments {
    counts: HashMap<Box<str>, DocumentCount>,
    texts: u32,
}

#[derive(Clone, Copy, Debug)]
struct DocumentCount {
    texts: u64,
    /// The last text that had the term.
    last: u32,
}

impl TermDocuments {
    /// Counts a text.
    pub(crate) fn add(&mut self, text: &str, buffer: &mut String) {
        self.texts += 1;
        let (counts, number) = (&mut self.counts, self.texts);
        for_each_token(text, buffer, |token| match counts.get_mut(token) {
            Some(count) if count.last == number => {}
            Some(count) => *count = DocumentCount { texts: count.texts + 1, last: number },
            None => drop(counts.insert(token.into(), DocumentCount { texts: 1, last: number })),
        });
    }

    /// Adds what another part of the texts counted.
    pub(crate) fn merge(&mut self, other: Self) {
        if self.counts.len() < other.counts.len() {
            let smaller = std::mem::replace(self, other);
            return self.merge(smaller);
        }
        self.texts += other.texts;
        for (term, count) in other.counts {
            self.counts.entry(term).or_insert(DocumentCount { texts: 0, last: 0 }).texts +=
                count.texts;
        }
    }

    /// How many texts have a term.
    fn count(&self, term: &str) -> u64 {
        self.counts.get(term).map_or(0, |count| count.texts)
    }

    /// The terms that at least so many texts have, in no order, without stop words.
    fn common(&self, least: u64) -> impl Iterator<Item = (&str, u64)> {
        let counts = self.counts.iter().map(|(term, count)| (&**term, count.texts));
        counts.filter(move |(term, n)| *n >= least && !StopWords::Both.contains(term))
    }

    /// Every term that enough texts of a side have, in no order, and how many of each side have it.
    pub(crate) fn beside<'a>(
        before: &'a Self,
        after: &'a Self,
        least: u64,
    ) -> Vec<(&'a str, u64, u64)> {
        let ours = before.common(least).map(|(term, n)| (term, n, after.count(term)));
        let news = after
            .common(least)
            .map(|(term, n)| (term, before.count(term), n))
            .filter(|(_, before, _)| *before < least);
        ours.chain(news).collect()
    }
}

impl ColumnSummary {
    fn new(planned: &Planned) -> Self {
        let values = match planned.kind {
            ColumnKind::Category => Values::Categories(BTreeMap::new()),
            ColumnKind::Number | ColumnKind::Date => Values::Numbers(Vec::new()),
            ColumnKind::Text => Values::Texts(TextSummary::default()),
        };
        let words = BTreeMap::new();
        Self { column: planned.column.clone(), kind: planned.kind, missing: 0, values, words }
    }

    #[cfg(test)]
    pub(crate) fn of_values(name: &str, kind: ColumnKind, missing: u64, values: Values) -> Self {
        Self { column: name.to_owned(), kind, missing, values, words: BTreeMap::new() }
    }

    #[cfg(test)]
    pub(crate) fn emptied(&self) -> Self {
        Self::new(&Planned { column: self.column.clone(), kind: self.kind })
    }

    /// Adds some rows of a batch; terms are counted where there is a buffer for them.
    fn add(
        &mut self,
        cells: &Cells<'_>,
        rows: impl Iterator<Item = usize>,
        mut buffer: Option<&mut String>,
    ) {
        let missing = &mut self.missing;
        match &mut self.values {
            Values::Categories(counts) => {
                for row in rows {
                    let Some(word) = cells.word(row) else {
                        *missing += 1;
                        continue;
                    };
                    match counts.get_mut(word) {
                        Some(count) => *count += 1,
                        None => drop(counts.insert(word.into(), 1)),
                    }
                }
            }
            Values::Numbers(values) => {
                for row in rows {
                    match cells.number(row) {
                        Some(number) => values.push(number),
                        None => *missing += 1,
                    }
                }
            }
            Values::Texts(texts) => {
                for row in rows {
                    let Some(word) = cells.word(row) else {
                        *missing += 1;
                        continue;
                    };
                    texts.lengths.push(word.chars().count() as f64);
                    let spoken = language(word);
                    if let Some(at) = LANGUAGES.iter().position(|l| *l == spoken) {
                        texts.languages[at] += 1;
                    }
                    if let Some(buffer) = buffer.as_deref_mut() {
                        texts.terms.add(word, buffer);
                    }
                }
            }
        }
    }

    fn merge(&mut self, other: Self) {
        self.missing += other.missing;
        match (&mut self.values, other.values) {
            (Values::Categories(a), Values::Categories(b)) => {
                b.into_iter().for_each(|(word, count)| *a.entry(word).or_default() += count);
            }
            (Values::Numbers(a), Values::Numbers(b)) => a.extend(b),
            (Values::Texts(a), Values::Texts(b)) => {
                a.lengths.extend(b.lengths);
                a.languages.iter_mut().zip(b.languages).for_each(|(a, b)| *a += b);
                a.terms.merge(b.terms);
            }
            // Both were made from one plan.
            _ => {}
        }
    }

    fn support(&self, term: &str) -> u64 {
        match &self.values {
            Values::Texts(texts) => texts.terms.count(term),
            Values::Categories(_) | Values::Numbers(_) => {
                self.words.get(term).copied().unwrap_or(0)
            }
        }
    }

    /// Counts the words of what is not a text.
    fn count_words(&mut self) {
        let mut count = |text: &str, rows: u64| {
            let words: BTreeSet<String> = tokens(text).into_iter().collect();
            words.into_iter().for_each(|word| *self.words.entry(word.into()).or_default() += rows);
        };
        match &self.values {
            Values::Categories(counts) => counts.iter().for_each(|(value, n)| count(value, *n)),
            // As in the rows of `candidates.parquet`: `2021-03-25`, `1500.00`.
            Values::Numbers(values) if self.kind == ColumnKind::Date => {
                values.iter().for_each(|days| count(&calendar::iso(*days as i32), 1));
            }
            Values::Numbers(values) => values.iter().for_each(|v| count(&format!("{v:.2}"), 1)),
            Values::Texts(_) => {}
        }
    }

    /// Puts what was gathered in any order in its order.
    fn sort(&mut self) {
        match &mut self.values {
            Values::Numbers(values) | Values::Texts(TextSummary { lengths: values, .. }) => {
                values.sort_unstable_by(f64::total_cmp);
            }
            Values::Categories(_) => {}
        }
    }
}

impl Summary {
    /// Sums up the planned columns of a table.
    pub(crate) fn of(table: &VersionTable, plan: &[Planned]) -> Result<Self, Error> {
        let empty = || Self::empty(plan);
        if plan.is_empty() {
            return Ok(Self { rows: table.rows, columns: Vec::new() });
        }
        let batches = table.read(|name| plan.iter().any(|p| p.column == name), BATCH_ROWS)?;
        let mut summary = batches
            .par_bridge()
            .try_fold(empty, |mut summary, batch| {
                summary.add(&batch?);
                Ok::<_, Error>(summary)
            })
            .try_reduce(empty, |mut a, b| {
                a.merge(b);
                Ok(a)
            })?;
        summary.columns.par_iter_mut().for_each(|column| {
            column.count_words();
            column.sort();
        });
        Ok(summary)
    }

    /// Sums up the planned columns of a table by group, without terms: `group_of` has the group of
    /// each row of the file, of `groups`; a row of another one is left out.
    pub(crate) fn by_group(
        table: &VersionTable,
        plan: &[Planned],
        group_of: &[usize],
        groups: usize,
    ) -> Result<Vec<Self>, Error> {
        let empty = || vec![Self::empty(plan); groups];
        let batches = table.read(|name| plan.iter().any(|p| p.column == name), BATCH_ROWS)?;
        let numbered = batches.scan(0, |next, batch| {
            let first = *next;
            *next += batch.as_ref().map_or(0, |batch| batch.num_rows());
            Some((first, batch))
        });
        numbered
            .par_bridge()
            .try_fold(empty, |mut summaries, (first, batch)| {
                let batch = batch?;
                let mut rows = vec![Vec::new(); groups];
                for row in 0..batch.num_rows() {
                    let group = group_of.get(first + row).and_then(|&group| rows.get_mut(group));
                    group.into_iter().for_each(|rows| rows.push(row));
                }
                for (summary, rows) in summaries.iter_mut().zip(&rows) {
                    summary.rows += rows.len() as u64;
                    for column in summary.columns.iter_mut().filter(|_| !rows.is_empty()) {
                        if let Some(array) = batch.column_by_name(&column.column) {
                            column.add(&Cells::of(array), rows.iter().copied(), None);
                        }
                    }
                }
                Ok::<_, Error>(summaries)
            })
            .try_reduce(empty, |mut a, b| {
                a.iter_mut().zip(b).for_each(|(a, b)| a.merge(b));
                Ok(a)
            })
    }

    /// The sum of some parts that were made from one plan.
    pub(crate) fn sum<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let sum = parts.into_iter().cloned().reduce(|mut sum, part| {
            sum.merge(part);
            sum
        });
        let mut sum = sum.unwrap_or_default();
        sum.columns.iter_mut().for_each(ColumnSummary::sort);
        sum
    }

    fn empty(plan: &[Planned]) -> Self {
        Self { rows: 0, columns: plan.iter().map(ColumnSummary::new).collect() }
    }

    fn add(&mut self, batch: &RecordBatch) {
        let mut buffer = String::new();
        self.rows += batch.num_rows() as u64;
        for column in &mut self.columns {
            if let Some(array) = batch.column_by_name(&column.column) {
                column.add(&Cells::of(array), 0..batch.num_rows(), Some(&mut buffer));
            }
        }
    }

    fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        for (column, other) in self.columns.iter_mut().zip(other.columns) {
            column.merge(other);
        }
    }

    /// How many rows of the table have a term, at least: as many as have it in one column.
    pub(crate) fn support(&self, term: &str) -> u64 {
        self.columns.iter().map(|column| column.support(term)).max().unwrap_or(0)
    }

    pub(crate) fn column(&self, name: &str) -> Option<&ColumnSummary> {
        self.columns.iter().find(|c| c.column == name)
    }
}
