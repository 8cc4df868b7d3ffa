//! Parquet: the same tables, one row a record (of prospects, one an application; or a job with the list
//! of its applications, as in JSON), a column named as in the clean table each. Missing columns are
//! null, and so is a column without any value, of whatever type it is; further ones are counted; the
//! keys must be there. What this stage writes, it reads.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow_array::{
    Array, ArrayRef, RecordBatch, RecordBatchOptions, UInt32Array,
    cast::AsArray,
    types::{
        ArrowPrimitiveType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type,
        Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
        TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
        UInt64Type,
    },
};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, TimeUnit};
use arrow_select::take::take;
use parquet::{
    arrow::{ProjectionMask, arrow_reader::ParquetRecordBatchReader},
    file::{metadata::ParquetMetaData, reader::ChunkReader, statistics::Statistics},
};
use schema::{BatchBuilder, Kind, Role, Table, guarded, open_parquet};

use crate::{
    Config, Error,
    part::{Kept, TablePart},
    rejects::{Reason, Reject},
    rows::{RawValue, RecordRows},
    unknown::Unknown,
};

/// Between the names of a struct and its field.
const SEPARATOR: &str = ".";

/// Some neighbouring rows of a file.
#[derive(Debug)]
pub(crate) struct RowBlock {
    batch: RecordBatch,
    /// The number of each row in the file; of an element of a list, that of its record.
    places: Vec<u64>,
    /// The bytes of the file that they stand for.
    read: u64,
    /// Columns that the table has not: their names, each with the rows of the file, are told once,
    /// with the first block.
    unknown: Unknown,
    /// Bytes of a row's texts at most.
    max_record_bytes: usize,
}

/// Reads a file's rows, some at a time.
pub(crate) struct RowReader {
    file: Arc<str>,
    reader: ParquetRecordBatchReader,
    next: u64,
    rows: u64,
    bytes: u64,
    unknown: Unknown,
    max_record_bytes: usize,
    /// The column of lists whose elements are the rows.
    list: Option<&'static str>,
}

impl RowReader {
    /// Opens a file and checks its columns.
    pub(crate) fn open<R: ChunkReader + 'static>(
        file: Arc<str>,
        source: R,
        table: &'static Table,
        config: &Config,
    ) -> Result<Self, Error> {
        let bytes = source.len();
        let fail = |e: parquet::errors::ParquetError| Error::BadParquet {
            file: file.to_string(),
            message: e.to_string(),
        };
        let builder = open_parquet(source).map_err(fail)?;
        let rows = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
        let flat = builder.schema().normalize(SEPARATOR, None).map_err(|e| fail(e.into()))?;
        let list = flat.field_with_name(table.name).ok().filter(|f| elements(f).is_some());
        let list = list.map(|_| table.name);
        let empty = columns_without_values(builder.metadata());
        let unknown = check(&file, &without_list(&flat, list), table, rows, &empty)?;
        let roots = builder.schema().fields().iter().enumerate();
        let is_read = |f: &Field| {
            matches!(f.data_type(), DataType::Struct(_))
                || table.position(f.name()).is_some()
                || list == Some(f.name().as_str())
        };
        let known: Vec<usize> = roots.filter(|(_, f)| is_read(f)).map(|(i, _)| i).collect();
        let mask = ProjectionMask::roots(builder.parquet_schema(), known);
        let builder = builder.with_projection(mask).with_batch_size(config.block_rows);
        let reader = guarded(|| builder.build()).map_err(fail)?;
        let max_record_bytes = config.max_record_bytes;
        Ok(Self { file, reader, next: 0, rows, bytes, unknown, max_record_bytes, list })
    }
}

impl Iterator for RowReader {
    type Item = Result<RowBlock, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = guarded(|| self.reader.next().transpose()).transpose()?;
        let batch = batch.and_then(|batch| batch.normalize(SEPARATOR, None));
        let batch = match batch {
            Ok(batch) => batch,
            Err(e) => {
                let file = self.file.to_string();
                return Some(Err(Error::BadParquet { file, message: e.to_string() }));
            }
        };
        let first = self.next;
        self.next += batch.num_rows() as u64;
        let (batch, places) = match self.list {
            None => (batch, (first..self.next).collect()),
            Some(list) => match rows_of_lists(&batch, list, first) {
                Ok(rows) => rows,
                Err(e) => {
                    let file = self.file.to_string();
                    return Some(Err(Error::BadParquet { file, message: e.to_string() }));
                }
            },
        };
        let bytes = |row: u64| {
            let share = u128::from(self.bytes) * u128::from(row) / u128::from(self.rows.max(1));
            u64::try_from(share).unwrap_or(u64::MAX)
        };
        let read = bytes(self.next).saturating_sub(bytes(first));
        let unknown = std::mem::take(&mut self.unknown);
        let max_record_bytes = self.max_record_bytes;
        Some(Ok(RowBlock { batch, places, read, unknown, max_record_bytes }))
    }
}

/// The fields of a list's elements, where the column is a list of structs.
fn elements(field: &Field) -> Option<&Fields> {
    match field.data_type() {
        DataType::List(element) => match element.data_type() {
            DataType::Struct(fields) => Some(fields),
            _ => None,
        },
        _ => None,
    }
}

/// The columns of the rows that [`rows_of_lists`] makes.
fn without_list(schema: &Schema, list: Option<&str>) -> Schema {
    let Some(list) = list else { return schema.clone() };
    let mut fields = Vec::new();
    for field in schema.fields() {
        match elements(field).filter(|_| field.name() == list) {
            Some(elements) => fields.extend(elements.iter().map(|f| Field::clone(f))),
            None => fields.push(Field::clone(field)),
        }
    }
    // A null element is null in each of its fields, whatever they promise.
    Schema::new(fields.into_iter().map(|field| field.with_nullable(true)).collect::<Vec<_>>())
}

/// One row an element of a column of lists of structs, beside the record's other columns; and the
/// number of each row's record, the first of which is `first`. A null element is a row of nulls.
fn rows_of_lists(
    batch: &RecordBatch,
    list: &str,
    first: u64,
) -> Result<(RecordBatch, Vec<u64>), ArrowError> {
    let lists = batch.column_by_name(list).and_then(|column| column.as_list_opt::<i32>());
    let Some(lists) = lists else { return Ok((batch.clone(), Vec::new())) };
    let (mut records, mut places) = (Vec::new(), Vec::new());
    let mut taken = Vec::new();
    for (record, ends) in (0_u32..).zip(lists.value_offsets().windows(2)) {
        if lists.is_valid(record as usize) {
            for element in ends[0]..ends[1] {
                records.push(record);
                taken.push(element as u32);
                places.push(first + u64::from(record));
            }
        }
    }
    let (records, taken) = (UInt32Array::from(records), UInt32Array::from(taken));
    let elements = take(lists.values(), &taken, None)?;
    let mut columns = Vec::new();
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        if field.name() == list {
            columns.extend(elements.as_struct().columns().iter().cloned());
        } else {
            columns.push(take(column, &records, None)?);
        }
    }
    let schema = without_list(&batch.schema(), Some(list));
    let options = RecordBatchOptions::new().with_row_count(Some(places.len()));
    Ok((RecordBatch::try_new_with_options(Arc::new(schema), columns, &options)?, places))
}

/// Checks that the keys are there and that every column can be read; names the columns unknown, each
/// met in all `rows` of the file.
fn check(
    file: &str,
    found: &Schema,
    table: &'static Table,
    rows: u64,
    empty: &BTreeSet<String>,
) -> Result<Unknown, Error> {
    for column in table.columns {
        match found.field_with_name(column.name) {
            Ok(field)
                if !readable(column.kind, field.data_type()) && !empty.contains(column.name) =>
            {
                return Err(Error::ColumnType {
                    file: file.to_owned(),
                    column: column.name,
                    expected: match column.kind {
                        Kind::Text => "strings, numbers, booleans or dates",
                        Kind::Date => "strings, dates or timestamps",
                        Kind::Money => "strings, numbers or decimals",
                        Kind::Count => "strings or whole numbers",
                    },
                    found: field.data_type().to_string(),
                });
            }
            Err(_) if column.role == Role::Key => {
                let names: Vec<_> = found.fields().iter().map(|f| f.name().as_str()).collect();
                return Err(Error::MissingKeyColumn {
                    file: file.to_owned(),
                    column: column.name,
                    found: names.join(", "),
                });
            }
            _ => {}
        }
    }
    let mut unknown = Unknown::default();
    for field in found.fields().iter().filter(|f| table.position(f.name()).is_none()) {
        unknown.count_all(field.name(), rows);
    }
    Ok(unknown)
}

/// The columns that are null in every row, as far as the footer says so: writers give them any type.
fn columns_without_values(file: &ParquetMetaData) -> BTreeSet<String> {
    let mut nulls: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for group in file.row_groups() {
        for column in group.columns() {
            let path = column.column_path().parts();
            let of_column = column.statistics().and_then(Statistics::null_count_opt).unwrap_or(0);
            let values = u64::try_from(column.num_values()).unwrap_or(u64::MAX);
            // A list and a struct have their elements' columns below their own name.
            for depth in 1..=path.len() {
                let (of, all) = nulls.entry(path[..depth].join(SEPARATOR)).or_default();
                *of += of_column;
                *all = all.saturating_add(values);
            }
        }
    }
    nulls.into_iter().filter(|(_, (of, all))| of == all).map(|(name, _)| name).collect()
}

fn readable(kind: Kind, found: &DataType) -> bool {
    use DataType::{Binary, Boolean, Date32, Decimal128, Null, Timestamp, Utf8};
    let number = found.is_integer() || matches!(found, DataType::Float32 | DataType::Float64);
    match found {
        // Writers without logical types say of no string that it is one.
        Null | Utf8 | Binary => true,
        Boolean => kind == Kind::Text,
        Date32 | Timestamp(..) => matches!(kind, Kind::Text | Kind::Date),
        Decimal128(_, scale) => kind != Kind::Date && (0..=18).contains(scale),
        _ => number && kind != Kind::Date,
    }
}

/// Reads a block's rows; `file` is the number of its file.
pub(crate) fn read_rows(
    table: &'static Table,
    file: u32,
    block: &RowBlock,
) -> Result<TablePart, Error> {
    let columns: Vec<(usize, &ArrayRef)> = table
        .columns
        .iter()
        .enumerate()
        .filter_map(|(i, column)| Some((i, block.batch.column_by_name(column.name)?)))
        .collect();
    let keys: Vec<usize> =
        (0..table.columns.len()).filter(|i| table.columns[*i].role == Role::Key).collect();
    let mut rows = RecordRows::new(table);
    let read = block.batch.num_rows() as u64;
    // Of a table with two keys, many rows have the same first one: they are items of it.
    let is_item = keys.len() > 1;
    let mut part = TablePart::new(file, block.read, if is_item { 0 } else { read });
    part.items = if is_item { read } else { 0 };
    let mut batch = BatchBuilder::new(table);
    for (row, place) in block.places.iter().copied().enumerate() {
        rows.clear();
        rows.begin_row();
        let mut texts = 0;
        for (column, array) in &columns {
            let cell = cell(array.as_ref(), row, table.columns[*column].kind);
            if let RawValue::Text(text) = cell {
                texts += text.len();
            }
            if texts <= block.max_record_bytes {
                rows.put(*column, cell);
            }
        }
        let key = rows.key(keys[0]);
        let reject = |field, reason| Reject {
            key,
            field: Some(field),
            reason,
            place,
            file,
            item: is_item,
            form: None,
        };
        let fault = keys.iter().find_map(|k| Some((table.columns[*k].name, rows.key_fault(*k)?)));
        if let Some((field, reason)) = fault {
            part.rejects.push(reject(field, reason));
            continue;
        }
        if texts > block.max_record_bytes {
            part.rejects.push(Reject { field: None, ..reject("", Reason::TooLarge) });
            continue;
        }
        rows.append(0, &mut batch);
        part.rejects.extend(
            rows.issues()
                .map(|issue| Reject { form: issue.form, ..reject(issue.field, issue.reason) }),
        );
        if let Some(key) = key {
            part.kept.push(Kept { key, rows: 1, place, content: rows.content(0), is_item });
        }
    }
    part.unknown = block.unknown.clone();
    part.present = rows.present().to_vec();
    part.finish(&mut batch)
}

/// The value of a row of a column whose type [`readable`] has let pass.
fn cell(array: &dyn Array, row: usize, kind: Kind) -> RawValue<'_> {
    if array.is_null(row) {
        return RawValue::Null;
    }
    match array.data_type() {
        DataType::Utf8 => RawValue::Text(array.as_string::<i32>().value(row)),
        DataType::Binary => {
            let text = std::str::from_utf8(array.as_binary::<i32>().value(row));
            text.map_or(RawValue::Other, RawValue::Text)
        }
        DataType::Boolean => RawValue::Bool(array.as_boolean().value(row)),
        DataType::Int8 => RawValue::Signed(primitive::<Int8Type>(array, row).into()),
        DataType::Int16 => RawValue::Signed(primitive::<Int16Type>(array, row).into()),
        DataType::Int32 => RawValue::Signed(primitive::<Int32Type>(array, row).into()),
        DataType::Int64 => RawValue::Signed(primitive::<Int64Type>(array, row)),
        DataType::UInt8 => RawValue::Unsigned(primitive::<UInt8Type>(array, row).into()),
        DataType::UInt16 => RawValue::Unsigned(primitive::<UInt16Type>(array, row).into()),
        DataType::UInt32 => RawValue::Unsigned(primitive::<UInt32Type>(array, row).into()),
        DataType::UInt64 => RawValue::Unsigned(primitive::<UInt64Type>(array, row)),
        DataType::Float32 => RawValue::Float(primitive::<Float32Type>(array, row).into()),
        DataType::Float64 => RawValue::Float(primitive::<Float64Type>(array, row)),
        DataType::Date32 => RawValue::Day(primitive::<Date32Type>(array, row).into()),
        DataType::Decimal128(_, scale) => {
            let unscaled = primitive::<Decimal128Type>(array, row);
            if kind == Kind::Money { cents(unscaled, *scale) } else { number(unscaled, *scale) }
        }
        DataType::Timestamp(unit, _) => RawValue::Day(match unit {
            TimeUnit::Second => days(primitive::<TimestampSecondType>(array, row), 1),
            TimeUnit::Millisecond => days(primitive::<TimestampMillisecondType>(array, row), 1_000),
            TimeUnit::Microsecond => {
                days(primitive::<TimestampMicrosecondType>(array, row), 1_000_000)
            }
            TimeUnit::Nanosecond => {
                days(primitive::<TimestampNanosecondType>(array, row), 1_000_000_000)
            }
        }),
        _ => RawValue::Null,
    }
}

fn primitive<T: ArrowPrimitiveType>(array: &dyn Array, row: usize) -> T::Native {
    array.as_primitive::<T>().value(row)
}

fn days(time: i64, per_second: i64) -> i64 {
    time.div_euclid(per_second * 86_400)
}

/// The number that a decimal is, as databases have their keys: whole where it is whole.
fn number(unscaled: i128, scale: i8) -> RawValue<'static> {
    let one = 10_i128.pow(u32::try_from(scale).unwrap_or(0));
    match i64::try_from(unscaled / one) {
        Ok(whole) if unscaled % one == 0 => RawValue::Signed(whole),
        _ => RawValue::Float(unscaled as f64 / one as f64),
    }
}

/// Cents of a decimal, rounded half up; one beyond the column's 14 digits, or below zero, is no
/// amount.
fn cents(unscaled: i128, scale: i8) -> RawValue<'static> {
    let power = |n: u8| 10_i128.pow(u32::from(n));
    let cents = match u8::try_from(scale).unwrap_or(0) {
        digits @ 0..2 => unscaled.checked_mul(power(2 - digits)),
        2 => Some(unscaled),
        digits => {
            let divisor = power(digits - 2);
            unscaled.checked_add(divisor / 2).map(|n| n.div_euclid(divisor))
        }
    };
    match cents {
        Some(cents) if (0..power(14)).contains(&cents) => RawValue::Cents(cents),
        _ => RawValue::Float(f64::NAN),
    }
}
