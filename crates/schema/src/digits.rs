//! Whole numbers as their decimal text, for columns of texts that others store as numbers.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, RecordBatch, StringArray,
    cast::AsArray,
    types::{
        Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
    },
};
use arrow_schema::{ArrowError, DataType, Field, Schema};

/// The batch with the whole numbers in `columns` (positions) as texts; a null stays one.
pub(crate) fn spell(batch: RecordBatch, columns: &[usize]) -> Result<RecordBatch, ArrowError> {
    if columns.is_empty() {
        return Ok(batch);
    }
    let schema = batch.schema();
    let mut fields: Vec<Arc<Field>> = schema.fields().iter().map(Arc::clone).collect();
    let mut arrays = batch.columns().to_vec();
    for &column in columns {
        let field = &fields[column];
        fields[column] = Arc::new(Field::new(field.name(), DataType::Utf8, field.is_nullable()));
        arrays[column] = texts(&arrays[column])?;
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
}

fn texts(numbers: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    Ok(match numbers.data_type() {
        DataType::Int8 => of::<Int8Type>(numbers),
        DataType::Int16 => of::<Int16Type>(numbers),
        DataType::Int32 => of::<Int32Type>(numbers),
        DataType::Int64 => of::<Int64Type>(numbers),
        DataType::UInt8 => of::<UInt8Type>(numbers),
        DataType::UInt16 => of::<UInt16Type>(numbers),
        DataType::UInt32 => of::<UInt32Type>(numbers),
        DataType::UInt64 => of::<UInt64Type>(numbers),
        other => {
            let message = format!("expected whole numbers, found {other}");
            return Err(ArrowError::CastError(message));
        }
    })
}

fn of<T: ArrowPrimitiveType>(numbers: &ArrayRef) -> ArrayRef
where
    T::Native: ToString,
{
    let numbers = numbers.as_primitive::<T>();
    Arc::new(numbers.iter().map(|n| n.map(|n| n.to_string())).collect::<StringArray>())
}

#[cfg(test)]
mod tests {
    use arrow_array::{
        DictionaryArray, Float64Array, Int32Array, Int64Array, LargeStringArray, StringViewArray,
        UInt32Array,
    };
    use bytes::Bytes;
    use parquet::arrow::ArrowWriter;

    use super::*;
    use crate::{Error, TableReader, tables, text_column};

    /// A file with these values as the keys of jobs.
    fn jobs(keys: ArrayRef) -> Bytes {
        let batch = RecordBatch::try_from_iter([("codigo_vaga", keys)]).unwrap();
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        Bytes::from(bytes)
    }

    fn read(keys: ArrayRef) -> Result<Vec<Option<String>>, Error> {
        let columns = ["codigo_vaga"];
        let mut found = Vec::new();
        for batch in TableReader::open("pairs", jobs(keys), &tables::JOBS, &columns, 2)? {
            let batch = batch?;
            found.extend(text_column(&batch, columns[0]).iter().map(|k| k.map(str::to_owned)));
        }
        Ok(found)
    }

    #[test]
    fn texts_are_read_however_their_writer_held_them() {
        let texts = ["31000", "7", "31000"];
        let expected: Vec<_> = texts.iter().map(|t| Some((*t).to_owned())).collect();
        let large = LargeStringArray::from(texts.to_vec());
        let codes = Int32Array::from(vec![0, 1, 0]);
        let values: ArrayRef = Arc::new(LargeStringArray::from(vec!["31000", "7"]));
        let held: [ArrayRef; 5] = [
            Arc::new(StringArray::from(texts.to_vec())),
            Arc::new(large),
            Arc::new(StringViewArray::from(texts.to_vec())),
            Arc::new(texts.into_iter().collect::<DictionaryArray<Int32Type>>()),
            Arc::new(DictionaryArray::try_new(codes, values).unwrap()),
        ];
        for array in held {
            let held = array.data_type().clone();
            assert_eq!(read(array).unwrap(), expected, "{held}");
        }
    }

    #[test]
    fn whole_numbers_stand_for_their_decimal_text() {
        let text = |n: &str| Some(n.to_owned());
        let keys = Arc::new(Int64Array::from(vec![Some(31_000), None, Some(-7)]));
        assert_eq!(read(keys).unwrap(), [text("31000"), None, text("-7")]);
        let keys = Arc::new(UInt32Array::from(vec![0, u32::MAX]));
        assert_eq!(read(keys).unwrap(), [text("0"), text("4294967295")]);
        let keys = Arc::new(arrow_array::Int8Array::from(vec![1]));
        assert_eq!(read(keys).unwrap(), [text("1")]);
    }

    #[test]
    fn fractions_are_refused_by_column() {
        let error = read(Arc::new(Float64Array::from(vec![7.0]))).unwrap_err().to_string();
        assert!(
            error.starts_with("pairs: column `codigo_vaga` is Float64, expected Utf8"),
            "{error}"
        );
    }
}
