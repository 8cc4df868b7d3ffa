//! The profile of a table: how full each column is, how many values it has, and their range.

use std::collections::BTreeMap;

use arrow_array::{
    Array, RecordBatch,
    cast::AsArray,
    types::{Date32Type, Decimal128Type, Int64Type},
};
use schema::{
    Kind,
    calendar::iso,
    profile::{ColumnProfile, Extreme},
};
use twox_hash::XxHash3_64;

use crate::{clean, commonest::Commonest, distinct::Distinct, rejects::Reason, statuses::Statuses};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct ColumnFigures {
    filled: u64,
    distinct: Distinct,
    /// The least and the greatest value of a date, an amount or a number.
    range: Option<(i128, i128)>,
    /// Characters of all texts, and of the longest.
    chars: u64,
    longest: u64,
    /// Texts with letters beyond ASCII, and with UTF-8 that was read as Latin-1.
    non_ascii: u64,
    mojibake: u64,
    /// Rows by day, of the columns [`BY_DAY`].
    days: BTreeMap<i32, u64>,
    /// Of CVs.
    commonest: Option<Commonest>,
    /// Of the statuses of applications.
    statuses: Option<Statuses>,
}

/// The dates that are counted by day: of jobs, of applications, and of their last changes.
const BY_DAY: [&str; 3] =
    ["informacoes_basicas.data_requicisao", "data_candidatura", "ultima_atualizacao"];

/// The texts whose commonest one is counted.
const CV: &str = "cv_pt";

const STATUS: &str = "situacao_candidado";

/// What was met of the fields of a table beside the values that stayed, by column.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    /// How often each column's key was met.
    pub(crate) present: Vec<u64>,
    /// Fields that were set aside, by reason.
    pub(crate) by_reason: BTreeMap<&'static str, BTreeMap<Reason, u64>>,
    /// The forms of unreadable dates.
    pub(crate) forms: BTreeMap<&'static str, BTreeMap<Box<str>, u64>>,
}

/// The figures of some rows of a table, column by column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TableFigures {
    rows: u64,
    columns: Vec<ColumnFigures>,
}

impl TableFigures {
    /// The figures of a batch.
    pub(crate) fn of(batch: &RecordBatch) -> Self {
        let fields = batch.schema_ref().fields().iter();
        let columns = batch
            .columns()
            .iter()
            .zip(fields)
            .map(|(array, field)| column(field.name(), array))
            .collect();
        Self { rows: batch.num_rows() as u64, columns }
    }

    /// Adds the rows of another part.
    pub(crate) fn merge(&mut self, other: Self) {
        if self.columns.is_empty() {
            *self = other;
            return;
        }
        self.rows += other.rows;
        for (mine, theirs) in self.columns.iter_mut().zip(other.columns) {
            mine.filled += theirs.filled;
            mine.distinct.merge(&theirs.distinct);
            mine.range = match (mine.range, theirs.range) {
                (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
                (one, other) => one.or(other),
            };
            mine.chars += theirs.chars;
            mine.longest = mine.longest.max(theirs.longest);
            mine.non_ascii += theirs.non_ascii;
            mine.mojibake += theirs.mojibake;
            for (day, n) in theirs.days {
                *mine.days.entry(day).or_default() += n;
            }
            if let (Some(mine), Some(theirs)) = (&mut mine.commonest, &theirs.commonest) {
                mine.merge(theirs);
            }
            if let (Some(mine), Some(theirs)) = (&mut mine.statuses, theirs.statuses) {
                mine.merge(theirs);
            }
        }
    }

    /// As `profile.json` has them.
    pub(crate) fn columns(
        &self,
        table: &schema::Table,
        fields: &Fields,
    ) -> BTreeMap<String, ColumnProfile> {
        let columns = table.columns.iter().zip(&self.columns).zip(&fields.present);
        columns
            .map(|((of, column), n)| {
                (of.name.to_owned(), self.column_profile(of, column, *n, fields))
            })
            .collect()
    }

    fn column_profile(
        &self,
        of: &schema::Column,
        column: &ColumnFigures,
        present: u64,
        fields: &Fields,
    ) -> ColumnProfile {
        let (distinct, exact) = column.distinct.count();
        let set_aside = fields.by_reason.get(of.name);
        let reasons = || set_aside.into_iter().flatten();
        let unreadable = reasons().filter(|(reason, _)| reason.unreadable()).map(|(_, n)| n).sum();
        let is_text = of.kind == Kind::Text && column.filled > 0;
        let extreme = |value: i128| match of.kind {
            Kind::Date => {
                i32::try_from(value).map_or(Extreme::Number(value as f64), |d| Extreme::Day(iso(d)))
            }
            Kind::Money => Extreme::Number(value as f64 / 100.0),
            Kind::Count | Kind::Text => Extreme::Number(value as f64),
        };
        let forms = fields.forms.get(of.name).into_iter().flatten();
        ColumnProfile {
            filled: column.filled,
            fill_rate: ratio(column.filled, self.rows),
            missing: self.rows.saturating_sub(column.filled + unreadable),
            unreadable,
            present,
            distinct: distinct.min(column.filled),
            distinct_is: if exact { "exact" } else { "estimate" }.to_owned(),
            chars_mean: is_text.then(|| ratio(column.chars, column.filled)),
            chars_max: is_text.then_some(column.longest),
            min: column.range.map(|(min, _)| extreme(min)),
            max: column.range.map(|(_, max)| extreme(max)),
            set_aside: reasons().map(|(reason, n)| (reason.code().to_owned(), *n)).collect(),
            forms: forms.map(|(form, n)| (form.to_string(), *n)).collect(),
            days: column.days.iter().map(|(day, n)| (iso(*day), *n)).collect(),
            non_ascii: column.non_ascii,
            mojibake: column.mojibake,
            commonest: column.commonest.as_ref().map(Commonest::count),
            statuses: column.statuses.as_ref().map(Statuses::profile),
        }
    }
}

/// To six decimals: enough for people and for drift, and short in the file.
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64 * 1e6).round() / 1e6 }
}

fn column(name: &str, array: &dyn Array) -> ColumnFigures {
    let filled = (array.len() - array.null_count()) as u64;
    let mut column = ColumnFigures { filled, ..ColumnFigures::default() };
    if let Some(texts) = array.as_string_opt::<i32>() {
        let mut hashes = Vec::with_capacity(array.len());
        for text in texts.iter().flatten() {
            hashes.push(XxHash3_64::oneshot(text.as_bytes()));
            let chars = text.chars().count() as u64;
            column.chars += chars;
            column.longest = column.longest.max(chars);
            if chars < text.len() as u64 {
                column.non_ascii += 1;
                column.mojibake += u64::from(clean::is_mojibake(text));
            }
        }
        column.commonest = (name == CV).then(|| Commonest::of(&hashes));
        column.statuses = (name == STATUS).then(|| Statuses::of(texts));
        column.distinct = Distinct::of(hashes);
    } else if let Some(days) = array.as_primitive_opt::<Date32Type>() {
        numbers(&mut column, days.iter().flatten().map(i128::from));
        if BY_DAY.contains(&name) {
            for day in days.iter().flatten() {
                *column.days.entry(day).or_default() += 1;
            }
        }
    } else if let Some(cents) = array.as_primitive_opt::<Decimal128Type>() {
        numbers(&mut column, cents.iter().flatten());
    } else if let Some(counts) = array.as_primitive_opt::<Int64Type>() {
        numbers(&mut column, counts.iter().flatten().map(i128::from));
    }
    column
}

fn numbers(column: &mut ColumnFigures, values: impl Iterator<Item = i128>) {
    let mut hashes = Vec::new();
    for value in values {
        let (min, max) = column.range.unwrap_or((value, value));
        column.range = Some((min.min(value), max.max(value)));
        hashes.push(XxHash3_64::oneshot(&value.to_le_bytes()));
    }
    column.distinct = Distinct::of(hashes);
}
