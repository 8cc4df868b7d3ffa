//! A file of pairs to be scored, as its owner wrote it: no table of ours, so it is read with more
//! patience, and named in errors as it was on the command line.

use arrow_array::{Array, cast::AsArray, downcast_integer_array};
use arrow_schema::{DataType, Schema};
use parquet::arrow::{
    ProjectionMask,
    arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions},
};
use schema::{guarded, open_parquet, tables::CANDIDATES};
use versioning::Blob;

use crate::{Error, Scorer, columns::Side};

pub type Pair = (Box<str>, Box<str>);

const EXPECTED: &str = "expected Parquet with the columns codigo and codigo_vaga (texts or \
     integers), or with all columns of candidates.parquet";

/// Pairs of a file at most: their ids and scores are in memory, and some hundred bytes each.
const MOST_PAIRS: i64 = 1_000_000;

#[derive(Clone)]
pub struct PairFile {
    name: String,
    blob: Blob,
}

impl PairFile {
    pub fn new(path: &str, blob: Blob) -> Self {
        Self { name: format!("--pairs {path}"), blob }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn blob(&self) -> &Blob {
        &self.blob
    }

    pub fn pairs(&self) -> Result<Vec<Pair>, Error> {
        let builder = open_parquet(self.blob.clone()).map_err(|e| self.refuse(&e.to_string()))?;
        let rows = builder.metadata().file_metadata().num_rows();
        if rows > MOST_PAIRS {
            return Err(self.refuse(&format!("{rows} pairs, of which {MOST_PAIRS} fit: cut it")));
        }
        let place = |side: Side| {
            let key = side.key();
            builder.schema().index_of(key).map_err(|_| self.refuse(&format!("no column {key}")))
        };
        let wanted = [place(Side::People)?, place(Side::Jobs)?];
        let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
        let mut reader = guarded(|| builder.with_projection(mask).build())
            .map_err(|e| self.refuse(&e.to_string()))?;
        let mut pairs = Vec::new();
        while let Some(batch) = guarded(|| reader.next().transpose()).transpose() {
            let batch = batch.map_err(|e| self.refuse(&e.to_string()))?;
            let of = |side: Side| {
                let column = batch.column_by_name(side.key());
                column.map_or_else(|| Ok(Vec::new()), |column| self.ids(side, column, pairs.len()))
            };
            let (people, jobs) = (of(Side::People)?, of(Side::Jobs)?);
            pairs.extend(people.into_iter().zip(jobs));
        }
        Ok(pairs)
    }

    /// The ids of a column whose first row is row `first` of the file.
    fn ids(&self, side: Side, column: &dyn Array, first: usize) -> Result<Vec<Box<str>>, Error> {
        let key = side.key();
        if column.null_count() > 0 {
            let row = (0..column.len()).position(|row| column.is_null(row)).unwrap_or(0);
            return Err(self.refuse(&format!("row {} has no {key}", first + row + 1)));
        }
        downcast_integer_array! {
            column => { Ok(column.values().iter().map(|id| id.to_string().into()).collect()) }
            DataType::Utf8 => {
                Ok(column.as_string::<i32>().iter().flatten().map(Box::from).collect())
            }
            other => Err(self.refuse(&format!("the column {key} is {other}")))
        }
    }

    /// Whether it has the columns that the model uses, so that nothing is looked up.
    pub(crate) fn is_joined(&self, scorer: &Scorer) -> Result<bool, Error> {
        let load = || ArrowReaderMetadata::load(&self.blob, ArrowReaderOptions::default());
        let metadata = guarded(load).map_err(|e| self.refuse(&e.to_string()))?;
        let found: &Schema = metadata.schema();
        let (there, missing): (Vec<_>, Vec<_>) =
            scorer.columns().partition(|column| found.field_with_name(column).is_ok());
        if there.is_empty() {
            return Ok(false);
        }
        if !missing.is_empty() {
            let (there, missing) = (there.len(), missing.join(", "));
            return Err(self.refuse(&format!(
                "{there} of the columns that the model uses, but not {missing}"
            )));
        }
        for column in there {
            let Ok(field) = found.field_with_name(column) else { continue };
            let position = CANDIDATES.position(column);
            let expected = position.map(|p| CANDIDATES.columns[p].kind.arrow());
            if let Some(expected) = expected.filter(|expected| expected != field.data_type()) {
                let found = field.data_type();
                return Err(self.refuse(&format!(
                    "the column {column} is {found}, in candidates.parquet it is {expected}"
                )));
            }
        }
        Ok(true)
    }

    fn refuse(&self, found: &str) -> Error {
        Error::Argument(format!("{}: {EXPECTED}; found: {found}", self.name))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Int64Array, LargeStringArray, RecordBatch, StringArray};
    use schema::{TableWriter, WriterOptions};

    use super::*;

    fn file(columns: Vec<(&str, ArrayRef)>) -> PairFile {
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let options = WriterOptions::default();
        let mut writer =
            TableWriter::with_schema("x", Vec::new(), batch.schema(), options).unwrap();
        writer.write(&batch).unwrap();
        PairFile::new("p.parquet", Blob::from(writer.finish().unwrap().1))
    }

    #[test]
    fn ids_are_texts_or_integers() {
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![31_000, 31_001]));
        let large: ArrayRef = Arc::new(LargeStringArray::from(vec!["5", "6"]));
        let pairs = file(vec![("codigo_vaga", large), ("codigo", numbers)]).pairs().unwrap();
        assert_eq!(pairs, [("31000".into(), "5".into()), ("31001".into(), "6".into())]);
    }

    #[test]
    fn errors_name_the_file_and_what_it_should_be() {
        let said = |file: PairFile| {
            let message = file.pairs().unwrap_err().to_string();
            assert!(message.starts_with("--pairs p.parquet: expected Parquet"), "{message}");
            message
        };
        let text = |values: Vec<Option<&str>>| -> ArrayRef { Arc::new(StringArray::from(values)) };
        let message = said(PairFile::new("p.parquet", Blob::from(b"codigo,codigo_vaga".to_vec())));
        assert!(message.contains("found: Parquet error"), "{message}");
        let message = said(file(vec![("codigo", text(vec![Some("1")]))]));
        assert!(message.contains("no column codigo_vaga"), "{message}");
        let gap = text(vec![Some("1"), None]);
        let message = said(file(vec![("codigo", Arc::clone(&gap)), ("codigo_vaga", gap)]));
        assert!(message.contains("row 2 has no codigo"), "{message}");
        let share: ArrayRef = Arc::new(arrow_array::Float64Array::from(vec![1.5]));
        let message = said(file(vec![("codigo", Arc::clone(&share)), ("codigo_vaga", share)]));
        assert!(message.contains("the column codigo is Float64"), "{message}");
    }
}
