//! A table's file as it is: its own columns and types, whatever release wrote it, and its rows in
//! batches.

use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array,
    Int8Array, Int16Array, Int32Array, Int64Array, RecordBatch, StringArray, UInt8Array,
    UInt16Array, UInt32Array, UInt64Array, cast::AsArray, types,
};
use arrow_schema::{DataType, SchemaRef};
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
    },
    errors::ParquetError,
};
use schema::calendar;
use versioning::Blob;

use crate::Error;

/// Batches of rows, in file order.
pub(crate) type Batches = Box<dyn Iterator<Item = Result<RecordBatch, Error>> + Send>;

/// A table of a version.
#[derive(Clone)]
pub(crate) struct VersionTable {
    /// The file and its version, for errors.
    file: String,
    blob: Blob,
    schema: SchemaRef,
    /// Rows of the file.
    pub(crate) rows: u64,
}

impl VersionTable {
    /// Opens `name`.parquet of `version` (as in `v7`).
    pub(crate) fn open(name: &str, version: &str, blob: Blob) -> Result<Self, Error> {
        let file = format!("{name}.parquet of {version}");
        let builder = builder(&file, &blob)?;
        let rows = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
        let schema = SchemaRef::clone(builder.schema());
        Ok(Self { file, blob, schema, rows })
    }

    /// Its columns, in file order.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (&str, &DataType)> {
        self.schema.fields().iter().map(|f| (f.name().as_str(), f.data_type()))
    }

    /// The type of a column.
    pub(crate) fn data_type(&self, column: &str) -> Option<&DataType> {
        self.schema.field_with_name(column).ok().map(|field| field.data_type())
    }

    /// Its rows, `batch_rows` at a time, in file order; of the columns of which `wanted` is true.
    pub(crate) fn read(
        &self,
        wanted: impl Fn(&str) -> bool,
        batch_rows: usize,
    ) -> Result<Batches, Error> {
        let builder = builder(&self.file, &self.blob)?;
        // By position: `ProjectionMask::columns` would take the dots of a name for a path.
        let fields = self.schema.fields().iter().enumerate();
        let wanted = fields.filter(|(_, f)| wanted(f.name())).map(|(i, _)| i);
        let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
        let file = self.file.clone();
        let reader = builder.with_projection(mask).with_batch_size(batch_rows).build();
        let reader = reader.map_err(|source| Error::Parquet { file: file.clone(), source })?;
        Ok(Box::new(reader.map(move |batch| {
            batch.map_err(|e| Error::Parquet {
                file: file.clone(),
                source: ParquetError::External(Box::new(e)),
            })
        })))
    }

    /// That the file lacks something.
    pub(crate) fn unfit(&self, problem: impl Into<String>) -> Error {
        Error::Unfit { file: self.file.clone(), problem: problem.into() }
    }
}

fn builder(file: &str, blob: &Blob) -> Result<ParquetRecordBatchReaderBuilder<Blob>, Error> {
    // What a writer says of its Arrow types is left aside: every way to hold strings in memory is
    // one and the same column of strings in the file.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    ParquetRecordBatchReaderBuilder::try_new_with_options(blob.clone(), options)
        .map_err(|source| Error::Parquet { file: file.to_owned(), source })
}

/// The values of a column of a batch, by what can be done with them.
pub(crate) enum Cells<'a> {
    Text(&'a StringArray),
    Flag(&'a BooleanArray),
    Day(&'a Date32Array),
    /// An amount, with its decimals.
    Amount(&'a Decimal128Array, i8),
    Whole(Box<dyn Fn(usize) -> i128 + 'a>, &'a dyn Array),
    Real(Box<dyn Fn(usize) -> f64 + 'a>, &'a dyn Array),
    /// A type that is only named.
    Other(&'a dyn Array),
}

impl<'a> Cells<'a> {
    /// The values of `array`.
    pub(crate) fn of(array: &'a ArrayRef) -> Self {
        macro_rules! whole {
            ($array:ty) => {{
                let Some(typed) = array.as_any().downcast_ref::<$array>() else {
                    return Self::Other(array.as_ref());
                };
                Self::Whole(Box::new(|row| i128::from(typed.value(row))), array.as_ref())
            }};
        }
        macro_rules! real {
            ($array:ty) => {{
                let Some(typed) = array.as_any().downcast_ref::<$array>() else {
                    return Self::Other(array.as_ref());
                };
                Self::Real(Box::new(|row| f64::from(typed.value(row))), array.as_ref())
            }};
        }
        match array.data_type() {
            DataType::Utf8 => Self::Text(array.as_string()),
            DataType::Boolean => Self::Flag(array.as_boolean()),
            DataType::Date32 => Self::Day(array.as_primitive::<types::Date32Type>()),
            DataType::Decimal128(_, scale) => {
                Self::Amount(array.as_primitive::<types::Decimal128Type>(), *scale)
            }
            DataType::Int8 => whole!(Int8Array),
            DataType::Int16 => whole!(Int16Array),
            DataType::Int32 => whole!(Int32Array),
            DataType::Int64 => whole!(Int64Array),
            DataType::UInt8 => whole!(UInt8Array),
            DataType::UInt16 => whole!(UInt16Array),
            DataType::UInt32 => whole!(UInt32Array),
            DataType::UInt64 => whole!(UInt64Array),
            DataType::Float32 => real!(Float32Array),
            DataType::Float64 => real!(Float64Array),
            _ => Self::Other(array.as_ref()),
        }
    }

    fn array(&self) -> &dyn Array {
        match self {
            Self::Text(a) => a,
            Self::Flag(a) => a,
            Self::Day(a) => a,
            Self::Amount(a, _) => a,
            Self::Whole(_, a) | Self::Real(_, a) | Self::Other(a) => *a,
        }
    }

    /// The value of a number or, for a day, the days since 1970-01-01.
    pub(crate) fn number(&self, row: usize) -> Option<f64> {
        if self.array().is_null(row) {
            return None;
        }
        let value = match self {
            Self::Day(a) => f64::from(a.value(row)),
            Self::Amount(a, scale) => a.value(row) as f64 / 10f64.powi(i32::from(*scale)),
            Self::Whole(value, _) => value(row) as f64,
            Self::Real(value, _) => value(row),
            Self::Text(_) | Self::Flag(_) | Self::Other(_) => return None,
        };
        value.is_finite().then_some(value)
    }

    /// The value of a category or text.
    pub(crate) fn word(&self, row: usize) -> Option<&'a str> {
        if self.array().is_null(row) {
            return None;
        }
        match self {
            Self::Text(a) => Some(a.value(row)).filter(|text| !text.is_empty()),
            Self::Flag(a) => Some(if a.value(row) { "true" } else { "false" }),
            _ => None,
        }
    }

    /// Appends the value as pandas writes it: `read_parquet` gives Python objects and `astype(str)`
    /// their `str`, so a day is `2021-03-25`, an amount `1500.00`, and what is missing `None`.
    /// (Exact for the types of our tables; pandas has ways of its own with whole numbers where some
    /// are missing, and with fractions.)
    pub(crate) fn write_as_pandas(&self, row: usize, out: &mut String) {
        use std::fmt::Write as _;
        if self.array().is_null(row) {
            out.push_str("None");
            return;
        }
        let written = match self {
            Self::Text(a) => {
                out.push_str(a.value(row));
                return;
            }
            Self::Flag(a) => write!(out, "{}", if a.value(row) { "True" } else { "False" }),
            Self::Day(a) => write!(out, "{}", calendar::date(a.value(row))),
            Self::Amount(a, _) => write!(out, "{}", a.value_as_string(row)),
            Self::Whole(value, _) => write!(out, "{}", value(row)),
            Self::Real(value, _) => write!(out, "{}", value(row)),
            Self::Other(_) => return,
        };
        // A String takes everything.
        debug_assert!(written.is_ok());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn pandas(array: impl Array + 'static, row: usize) -> String {
        let array: ArrayRef = Arc::new(array);
        let mut out = String::new();
        Cells::of(&array).write_as_pandas(row, &mut out);
        out
    }

    #[test]
    fn values_are_written_as_pandas_does() {
        let amounts = Decimal128Array::from(vec![Some(150_000), Some(5), Some(0), None, Some(-5)]);
        let amounts = amounts.with_precision_and_scale(14, 2).unwrap();
        for (row, text) in ["1500.00", "0.05", "0.00", "None", "-0.05"].iter().enumerate() {
            assert_eq!(pandas(amounts.clone(), row), *text);
        }
        let days = Date32Array::from(vec![Some(18_711), None]);
        assert_eq!(pandas(days.clone(), 0), "2021-03-25");
        assert_eq!(pandas(days, 1), "None");
        assert_eq!(pandas(StringArray::from(vec!["São Paulo"]), 0), "São Paulo");
        assert_eq!(pandas(BooleanArray::from(vec![true]), 0), "True");
        assert_eq!(pandas(Int64Array::from(vec![-7]), 0), "-7");
    }

    #[test]
    fn numbers_are_finite_and_words_not_empty() {
        let reals: ArrayRef = Arc::new(Float64Array::from(vec![1.5, f64::NAN, f64::INFINITY]));
        let cells = Cells::of(&reals);
        assert_eq!([0, 1, 2].map(|row| cells.number(row)), [Some(1.5), None, None]);
        let words: ArrayRef = Arc::new(StringArray::from(vec![Some(""), None, Some("a")]));
        let cells = Cells::of(&words);
        assert_eq!([0, 1, 2].map(|row| cells.word(row)), [None, None, Some("a")]);
    }
}
