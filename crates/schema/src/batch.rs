//! From values to record batches and back, one column at a time.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, Date32Array, Decimal128Array, RecordBatch, StringArray,
    builder::{Date32Builder, Decimal128Builder, Int64Builder, StringBuilder},
    cast::AsArray,
    types::{Date32Type, Decimal128Type},
};
use arrow_schema::DataType;

use crate::{Error, Kind, Table, column::MONEY};

enum Builder {
    Text(StringBuilder),
    Date(Date32Builder),
    Money(Decimal128Builder),
    Count(Int64Builder),
}

impl Builder {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text(StringBuilder::new()),
            Kind::Date => Self::Date(Date32Builder::new()),
            Kind::Money => Self::Money(
                Decimal128Builder::new().with_data_type(DataType::Decimal128(MONEY.0, MONEY.1)),
            ),
            Kind::Count => Self::Count(Int64Builder::new()),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(b) => Arc::new(b.finish()),
            Self::Date(b) => Arc::new(b.finish()),
            Self::Money(b) => Arc::new(b.finish()),
            Self::Count(b) => Arc::new(b.finish()),
        }
    }
}

/// Assembles a table's record batches from values, row by row.
///
/// Every column must be given one value a row; [`BatchBuilder::finish`] refuses ragged columns.
pub struct BatchBuilder {
    table: &'static Table,
    columns: Vec<Builder>,
    rows: usize,
    bytes: usize,
}

impl BatchBuilder {
    /// An empty batch of `table`.
    #[must_use]
    pub fn new(table: &'static Table) -> Self {
        let columns = table.columns.iter().map(|c| Builder::new(c.kind)).collect();
        Self { table, columns, rows: 0, bytes: 0 }
    }

    /// Appends a text to column `column`; an empty one is stored as null.
    ///
    /// # Panics
    /// When the column's kind is not text: the table is a constant, so that is a mistake in code.
    pub fn text(&mut self, column: usize, value: Option<&str>) {
        let Builder::Text(builder) = &mut self.columns[column] else {
            panic!("{}.{} is not a text", self.table.name, self.table.columns[column].name)
        };
        let value = value.filter(|v| !v.is_empty());
        self.bytes += value.map_or(0, str::len);
        builder.append_option(value);
    }

    /// Appends a date (days since 1970-01-01) to column `column`.
    ///
    /// # Panics
    /// When the column's kind is not date.
    pub fn date(&mut self, column: usize, days: Option<i32>) {
        let Builder::Date(builder) = &mut self.columns[column] else {
            panic!("{}.{} is not a date", self.table.name, self.table.columns[column].name)
        };
        builder.append_option(days);
    }

    /// Appends an amount in cents to column `column`.
    ///
    /// # Panics
    /// When the column's kind is not money.
    pub fn money(&mut self, column: usize, cents: Option<i128>) {
        let Builder::Money(builder) = &mut self.columns[column] else {
            panic!("{}.{} is not an amount", self.table.name, self.table.columns[column].name)
        };
        builder.append_option(cents);
    }

    /// Appends a whole number to column `column`.
    ///
    /// # Panics
    /// When the column's kind is not count.
    pub fn count(&mut self, column: usize, value: Option<i64>) {
        let Builder::Count(builder) = &mut self.columns[column] else {
            panic!("{}.{} is not a count", self.table.name, self.table.columns[column].name)
        };
        builder.append_option(value);
    }

    /// Says that a row is complete.
    pub fn end_row(&mut self) {
        self.rows += 1;
    }

    /// Rows since the last batch.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes of text since the last batch.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The rows so far as a batch; the builder is empty afterwards.
    ///
    /// # Errors
    /// [`Error::Batch`] when a column has more or fewer values than there are rows, or a key is
    /// null.
    pub fn finish(&mut self) -> Result<RecordBatch, Error> {
        let arrays = self.columns.iter_mut().map(Builder::finish).collect();
        self.rows = 0;
        self.bytes = 0;
        RecordBatch::try_new(self.table.arrow(), arrays)
            .map_err(|source| Error::Batch { table: self.table.name.to_owned(), source })
    }
}

/// The text column `name` of a batch that a [`crate::TableReader`] gave.
///
/// # Panics
/// When the batch has not that column as text: the reader has checked what it was asked for.
#[must_use]
pub fn text_column<'a>(batch: &'a RecordBatch, name: &str) -> &'a StringArray {
    column(batch, name).as_string()
}

/// The date column `name` of a batch (days since 1970-01-01).
///
/// # Panics
/// As [`text_column`].
#[must_use]
pub fn date_column<'a>(batch: &'a RecordBatch, name: &str) -> &'a Date32Array {
    column(batch, name).as_primitive::<Date32Type>()
}

/// The money column `name` of a batch (cents).
///
/// # Panics
/// As [`text_column`].
#[must_use]
pub fn money_column<'a>(batch: &'a RecordBatch, name: &str) -> &'a Decimal128Array {
    column(batch, name).as_primitive::<Decimal128Type>()
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> &'a dyn Array {
    match batch.column_by_name(name) {
        Some(array) => array.as_ref(),
        None => panic!("the batch was read without column `{name}`"),
    }
}
