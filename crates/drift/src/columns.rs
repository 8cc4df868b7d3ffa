//! What each column holds, and how far it has moved.

use std::{cmp::Reverse, collections::BTreeSet};

use schema::calendar;

use crate::{
    config::Config,
    distribution::{histogram, quantiles},
    observed::{HitShare, Observed, ratio},
    report::{
        Aspect, CategoryCount, CategoryShift, ColumnDrift, ColumnKind, ColumnMeasure,
        ColumnProfile, LanguageShare, LanguageShift, Measure, Severity, TermShift,
    },
    stats::{ks::Sample, measures, verdict::worst},
    summary::{ColumnSummary, LANGUAGES, Summary, TermDocuments, TextSummary, Values},
};

/// Characters of a category that are told.
const LONGEST: usize = 80;
/// Categories that came or went that are told.
const NEWS: usize = 10;

/// A column of the current version alone.
pub(crate) fn profile(
    table: &str,
    summary: &Summary,
    column: &ColumnSummary,
    config: &Config,
) -> ColumnProfile {
    let mut profile = ColumnProfile {
        table: table.to_owned(),
        column: column.column.clone(),
        kind: column.kind,
        rows: summary.rows,
        missing: ratio(column.missing, summary.rows),
        distinct: None,
        top: Vec::new(),
        quantiles: None,
        days: None,
        languages: Vec::new(),
    };
    match &column.values {
        Values::Categories(counts) => {
            profile.distinct = Some(counts.len() as u64);
            let counts = counts.iter().map(|(value, &rows)| (&**value, rows));
            profile.top = commonest(counts, config.min_support, config.categories);
        }
        Values::Numbers(values) if column.kind == ColumnKind::Date => {
            profile.days = match values.as_slice() {
                [] => None,
                [first, .., last] => Some((whole_day(*first), whole_day(*last))),
                [only] => Some((whole_day(*only), whole_day(*only))),
            };
        }
        Values::Numbers(values) => profile.quantiles = quantiles(values, config.min_support),
        Values::Texts(texts) => {
            profile.quantiles = quantiles(&texts.lengths, config.min_support);
            let shares = language_shares(texts);
            profile.languages = LANGUAGES
                .iter()
                .zip(shares)
                .map(|(l, share)| LanguageShare { language: l.code().to_owned(), share })
                .collect();
        }
    }
    profile
}

fn whole_day(days: f64) -> String {
    calendar::iso(days as i32)
}

fn language_shares(texts: &TextSummary) -> [f64; 4] {
    let all = texts.languages.iter().sum();
    texts.languages.map(|n| ratio(n, all))
}

/// The commonest values, by rows and then by name.
fn commonest<'a>(
    counts: impl Iterator<Item = (&'a str, u64)>,
    least: u64,
    most: usize,
) -> Vec<CategoryCount> {
    let mut counts: Vec<_> = counts.filter(|(_, rows)| *rows >= least).collect();
    counts.sort_unstable_by_key(|&(value, rows)| (Reverse(rows), value));
    counts.truncate(most);
    counts.into_iter().map(|(value, rows)| CategoryCount { value: cut(value), rows }).collect()
}

/// At most [`LONGEST`] characters of a value.
pub(crate) fn cut(value: &str) -> String {
    match value.char_indices().nth(LONGEST) {
        None => value.to_owned(),
        Some(_) => value.chars().take(LONGEST - 1).chain(['…']).collect(),
    }
}

/// A column of two versions, and its differences before they are judged.
pub(crate) struct ComparedColumn {
    /// Without its measures and their severity.
    pub(crate) drift: ColumnDrift,
    /// What was measured, in the order in which it is told.
    pub(crate) observed: Vec<(Aspect, Observed)>,
}

impl ComparedColumn {
    fn observe(
        &mut self,
        aspect: Aspect,
        observations: impl IntoIterator<Item = measures::Observation>,
        config: &Config,
    ) {
        let of = |observation| (aspect, Observed::of(observation, &config.bounds));
        self.observed.extend(observations.into_iter().map(of));
    }

    /// With the next of the measures that were judged in the order in which they were observed.
    pub(crate) fn judged(self, judged: &mut impl Iterator<Item = Measure>) -> ColumnDrift {
        let Self { mut drift, observed } = self;
        let measures: Vec<Measure> = judged.take(observed.len()).collect();
        drift.severity = worst(&measures);
        let aspects = observed.into_iter().map(|(aspect, _)| aspect);
        let measures = aspects.zip(measures);
        drift.measures =
            measures.map(|(aspect, measure)| ColumnMeasure { aspect, measure }).collect();
        drift
    }
}

/// How many independent rows a row of each side stands for: fewer than one where rows come in groups
/// that are alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Independent {
    pub(crate) before: f64,
    pub(crate) after: f64,
}

impl Independent {
    /// Every row is independent of the others.
    pub(crate) const ALL: Self = Self { before: 1.0, after: 1.0 };

    fn counts(self, before: u64, after: u64) -> (u64, u64) {
        let of = |count: u64, share: f64| (count as f64 * share).round() as u64;
        (of(before, self.before), of(after, self.after))
    }
}

/// Compares a column of two sides.
pub(crate) fn compare(
    table: &str,
    (before_rows, before): (u64, &ColumnSummary),
    (after_rows, after): (u64, &ColumnSummary),
    independent: Independent,
    config: &Config,
) -> ComparedColumn {
    let missing = |summary: &ColumnSummary, rows| HitShare { hits: summary.missing, rows };
    let (a, b) = (missing(before, before_rows), missing(after, after_rows));
    let drift = ColumnDrift {
        table: table.to_owned(),
        column: after.column.clone(),
        kind: after.kind,
        severity: Severity::None,
        uncounted: None,
        rows_before: before_rows,
        rows_after: after_rows,
        missing_before: a.value(),
        missing_after: b.value(),
        distinct_before: None,
        distinct_after: None,
        measures: Vec::new(),
        categories: Vec::new(),
        appeared: Vec::new(),
        vanished: Vec::new(),
        histogram: None,
        quantiles_before: None,
        quantiles_after: None,
        languages: Vec::new(),
        terms: Vec::new(),
    };
    let mut compared = ComparedColumn { drift, observed: Vec::new() };
    let (hits, rows) = (independent.counts(a.hits, b.hits), independent.counts(a.rows, b.rows));
    let share = measures::share(hits.0, rows.0, hits.1, rows.1);
    compared.observe(Aspect::Missing, share, config);
    match (&before.values, &after.values) {
        (Values::Categories(a), Values::Categories(b)) => {
            categories(&mut compared, (a, b), independent, config);
        }
        (Values::Numbers(a), Values::Numbers(b)) => {
            numbers(&mut compared, Aspect::Values, (a, b), config);
        }
        (Values::Texts(a), Values::Texts(b)) => {
            numbers(&mut compared, Aspect::Length, (&a.lengths, &b.lengths), config);
            languages(&mut compared, (a, b), config);
            terms(&mut compared, (a, b), config);
        }
        // Columns of another kind are told as a change of the schema.
        _ => {}
    }
    compared
}

type ValueCounts = std::collections::BTreeMap<Box<str>, u64>;

fn categories(
    compared: &mut ComparedColumn,
    (before, after): (&ValueCounts, &ValueCounts),
    independent: Independent,
    config: &Config,
) {
    let (all_before, all_after) = (before.values().sum::<u64>(), after.values().sum::<u64>());
    let values: BTreeSet<&str> = before.keys().chain(after.keys()).map(|v| &**v).collect();
    let rows = |counts: &ValueCounts, value: &str| counts.get(value).copied().unwrap_or(0);
    let mut pairs: Vec<(&str, u64, u64)> =
        values.into_iter().map(|v| (v, rows(before, v), rows(after, v))).collect();
    let counts: Vec<_> = pairs.iter().map(|&(_, a, b)| independent.counts(a, b)).collect();
    compared.observe(Aspect::Values, measures::categories(&counts), config);

    let drift = &mut compared.drift;
    drift.distinct_before = Some(before.len() as u64);
    drift.distinct_after = Some(after.len() as u64);
    let news = |ours: &ValueCounts, other: &ValueCounts| {
        let only = ours.iter().filter(|(value, _)| !other.contains_key(*value));
        commonest(only.map(|(v, &rows)| (&**v, rows)), config.min_support, NEWS)
    };
    drift.appeared = news(after, before);
    drift.vanished = news(before, after);

    pairs.sort_by_key(|&(value, a, b)| (Reverse(a.max(b)), value));
    let named = pairs.iter().take_while(|(_, a, b)| *a.max(b) >= config.min_support);
    let named = named.take(config.categories).count();
    let shift = |value: Option<String>, before, after| CategoryShift {
        value,
        before,
        after,
        share_before: ratio(before, all_before),
        share_after: ratio(after, all_after),
    };
    let (named, others) = pairs.split_at(named);
    drift.categories = named.iter().map(|&(v, a, b)| shift(Some(cut(v)), a, b)).collect();
    if !others.is_empty() {
        let sum = |of: fn(&(&str, u64, u64)) -> u64| others.iter().map(of).sum();
        drift.categories.push(shift(None, sum(|p| p.1), sum(|p| p.2)));
    }
}

fn numbers(
    compared: &mut ComparedColumn,
    aspect: Aspect,
    (before, after): (&[f64], &[f64]),
    config: &Config,
) {
    let drift = &mut compared.drift;
    drift.histogram = histogram(drift.kind, before, after, config.min_support);
    // The calendar moves days on; that is not a drift.
    if drift.kind == ColumnKind::Date {
        return;
    }
    drift.quantiles_before = quantiles(before, config.min_support);
    drift.quantiles_after = quantiles(after, config.min_support);
    let found = measures::values(Sample::new(before, 0), Sample::new(after, 0));
    compared.observe(aspect, found, config);
}

fn languages(
    compared: &mut ComparedColumn,
    (before, after): (&TextSummary, &TextSummary),
    config: &Config,
) {
    let counts: Vec<_> = before.languages.into_iter().zip(after.languages).collect();
    compared.observe(Aspect::Languages, measures::categories(&counts), config);
    let shares = language_shares(before).into_iter().zip(language_shares(after));
    compared.drift.languages = LANGUAGES
        .iter()
        .zip(shares)
        .map(|(language, (before, after))| LanguageShift {
            language: language.code().to_owned(),
            before,
            after,
            change: after - before,
        })
        .collect();
}

/// The terms whose share of texts has moved most.
fn terms(
    compared: &mut ComparedColumn,
    (before, after): (&TextSummary, &TextSummary),
    config: &Config,
) {
    let (n, m) = (before.lengths.len() as u64, after.lengths.len() as u64);
    if n == 0 || m == 0 {
        return;
    }
    let all = TermDocuments::beside(&before.terms, &after.terms, config.min_support);
    let counts: Vec<(u64, u64)> = all.iter().map(|&(_, a, b)| (a, b)).collect();
    compared.observe(Aspect::Terms, measures::terms(&counts, n, m), config);
    let mut told: Vec<(&str, f64, f64)> = all
        .into_iter()
        .map(|(term, a, b)| (term, ratio(a, n), ratio(b, m)))
        .filter(|(_, before, after)| before != after)
        .collect();
    told.sort_by(|a, b| {
        let change = |t: &(&str, f64, f64)| (t.2 - t.1).abs();
        change(b).total_cmp(&change(a)).then_with(|| a.0.cmp(b.0))
    });
    told.truncate(config.terms);
    compared.drift.terms = told
        .into_iter()
        .map(|(term, before, after)| TermShift {
            term: cut(term),
            before,
            after,
            change: after - before,
        })
        .collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_cut() {
        assert_eq!(cut("São Paulo"), "São Paulo");
        let long = cut(&"ã".repeat(10_000));
        assert_eq!(long.chars().count(), LONGEST);
        assert!(long.ends_with('…'));
        assert_eq!(cut(&"a".repeat(LONGEST)).len(), LONGEST);
    }

    #[test]
    fn values_of_few_rows_are_not_named() {
        let counts = [("b", 7), ("a", 7), ("rare", 4)];
        let told = commonest(counts.into_iter(), 5, 10);
        assert_eq!(told.iter().map(|c| c.value.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    }
}
