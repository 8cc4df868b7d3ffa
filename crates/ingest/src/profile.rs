//! The profile of a table: how full each column is, how many values it has, and their range.

use std::collections::BTreeMap;

use arrow_array::{
    Array, RecordBatch,
    cast::AsArray,
    types::{Date32Type, Decimal128Type, Int64Type},
};
use schema::{Kind, Table};
use serde_json::{Map, Value, json};
use twox_hash::XxHash3_64;

use crate::{clean, distinct::Distinct};

/// A column's figures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Column {
    filled: u64,
    distinct: Distinct,
    /// The least and the greatest value of a date, an amount or a number.
    range: Option<(i128, i128)>,
    /// Characters of all texts, and of the longest.
    chars: u64,
    longest: u64,
}

/// The figures of some rows of a table, column by column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    rows: u64,
    columns: Vec<Column>,
}

impl Profile {
    /// The figures of a batch.
    pub(crate) fn of(batch: &RecordBatch) -> Self {
        let columns = batch.columns().iter().map(|array| column(array)).collect();
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
        }
    }

    /// As `profile.json` has it: an object by column. `set_aside` counts the fields that were set
    /// aside, by column and reason.
    pub(crate) fn json(
        &self,
        table: &Table,
        set_aside: &BTreeMap<&'static str, BTreeMap<&'static str, u64>>,
    ) -> Value {
        let mut object = Map::new();
        for (of, column) in table.columns.iter().zip(&self.columns) {
            let (distinct, exact) = column.distinct.count();
            let mut entry = json!({
                "filled": column.filled,
                "fill_rate": ratio(column.filled, self.rows),
                "distinct": distinct.min(column.filled),
                "distinct_is": if exact { "exact" } else { "estimate" },
            });
            match (of.kind, column.range) {
                (Kind::Text, _) if column.filled > 0 => {
                    entry["chars_mean"] = json!(ratio(column.chars, column.filled));
                    entry["chars_max"] = json!(column.longest);
                }
                (Kind::Date, Some((min, max))) => {
                    let day = |days| i32::try_from(days).map_or_else(|_| String::new(), clean::iso);
                    entry["min"] = json!(day(min));
                    entry["max"] = json!(day(max));
                }
                (Kind::Money, Some((min, max))) => {
                    entry["min"] = json!(min as f64 / 100.0);
                    entry["max"] = json!(max as f64 / 100.0);
                }
                (Kind::Count, Some((min, max))) => {
                    entry["min"] = json!(min as f64);
                    entry["max"] = json!(max as f64);
                }
                _ => {}
            }
            if let Some(reasons) = set_aside.get(of.name) {
                entry["set_aside"] = json!(reasons);
            }
            object.insert(of.name.to_owned(), entry);
        }
        Value::Object(object)
    }
}

/// To six decimals: enough for people and for drift, and short in the file.
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64 * 1e6).round() / 1e6 }
}

fn column(array: &dyn Array) -> Column {
    let filled = (array.len() - array.null_count()) as u64;
    let mut column = Column { filled, ..Column::default() };
    if let Some(texts) = array.as_string_opt::<i32>() {
        let mut hashes = Vec::with_capacity(array.len());
        for text in texts.iter().flatten() {
            hashes.push(XxHash3_64::oneshot(text.as_bytes()));
            let chars = text.chars().count() as u64;
            column.chars += chars;
            column.longest = column.longest.max(chars);
        }
        column.distinct = Distinct::of(hashes);
    } else if let Some(days) = array.as_primitive_opt::<Date32Type>() {
        numbers(&mut column, days.iter().flatten().map(i128::from));
    } else if let Some(cents) = array.as_primitive_opt::<Decimal128Type>() {
        numbers(&mut column, cents.iter().flatten());
    } else if let Some(counts) = array.as_primitive_opt::<Int64Type>() {
        numbers(&mut column, counts.iter().flatten().map(i128::from));
    }
    column
}

fn numbers(column: &mut Column, values: impl Iterator<Item = i128>) {
    let mut hashes = Vec::new();
    for value in values {
        let (min, max) = column.range.unwrap_or((value, value));
        column.range = Some((min.min(value), max.max(value)));
        hashes.push(XxHash3_64::oneshot(&value.to_le_bytes()));
    }
    column.distinct = Distinct::of(hashes);
}
