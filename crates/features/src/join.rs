//! Applications × people × jobs, without copying a text.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, Date32Array, DictionaryArray, Int32Array, RecordBatch, StringArray, UInt32Array,
    types::Int32Type,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use arrow_select::take::take;
use schema::{Column, Kind, Rule, tables};

use crate::{Error, age, applications::Applications, jobs::Jobs};

const TABLE: &str = tables::CANDIDATES.name;

/// Where a column of `candidates.parquet` comes from: the table and the column's position there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Person(usize),
    Job(usize),
    Status,
    Date,
    AgeBand,
}

fn origin(column: &Column) -> Origin {
    match (tables::PEOPLE.position(column.name), tables::JOBS.position(column.name)) {
        (Some(position), _) => Origin::Person(position),
        (None, Some(position)) => Origin::Job(position),
        (None, None) if column.rule == Rule::AgeBand => Origin::AgeBand,
        (None, None) if column.kind == Kind::Date => Origin::Date,
        (None, None) => Origin::Status,
    }
}

/// One row to make: the person's row in its batch, and the application.
pub(crate) type PersonApplication = (u32, u32);

/// Makes rows of `candidates.parquet`.
///
/// A text column is a dictionary array whose values are the person's or the job's own column, so a
/// row costs four bytes a column: the Parquet writer reads through it and writes plain strings, as
/// the file's schema says.
pub(crate) struct Join<'a> {
    jobs: &'a Jobs,
    applications: &'a Applications,
    origins: Vec<Origin>,
    schema: SchemaRef,
}

impl<'a> Join<'a> {
    /// A join of these jobs and applications.
    pub(crate) fn new(jobs: &'a Jobs, applications: &'a Applications) -> Self {
        let columns = tables::CANDIDATES.columns;
        let origins: Vec<_> = columns.iter().map(origin).collect();
        let fields: Vec<Field> = columns
            .iter()
            .zip(&origins)
            .map(|(column, origin)| {
                let data_type = match (column.kind, origin) {
                    (Kind::Text, Origin::Person(_) | Origin::Job(_)) => {
                        DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
                    }
                    (kind, _) => kind.arrow(),
                };
                Field::new(column.name, data_type, column.nullable())
            })
            .collect();
        Self { jobs, applications, origins, schema: Arc::new(Schema::new(fields)) }
    }

    /// The rows of `pairs`, whose people are rows of `people`, `born` on these days.
    pub(crate) fn rows(
        &self,
        people: &RecordBatch,
        born: &Date32Array,
        pairs: &[PersonApplication],
    ) -> Result<RecordBatch, Error> {
        let assemble = Error::assemble(TABLE);
        let person: Vec<u32> = pairs.iter().map(|(row, _)| *row).collect();
        // Only applications whose job is there are kept.
        let job: Vec<u32> =
            pairs.iter().filter_map(|(_, i)| self.applications.job_row(*i)).collect();
        let (person, job) = (RowSelection::new(person), RowSelection::new(job));
        let columns = self
            .origins
            .iter()
            .map(|origin| match *origin {
                Origin::Person(column) => person.of(people.column(column)).map_err(&assemble),
                Origin::Job(column) => job.of(&self.jobs.columns[column]).map_err(&assemble),
                Origin::Status => Ok(Arc::new(
                    pairs
                        .iter()
                        .map(|(_, i)| self.applications.status(*i))
                        .collect::<StringArray>(),
                ) as ArrayRef),
                Origin::Date => Ok(Arc::new(
                    pairs.iter().map(|(_, i)| self.applications.date(*i)).collect::<Date32Array>(),
                ) as ArrayRef),
                Origin::AgeBand => Ok(Arc::new(
                    pairs
                        .iter()
                        .map(|(row, i)| age::band(born, *row as usize, self.applications.date(*i)))
                        .collect::<StringArray>(),
                ) as ArrayRef),
            })
            .collect::<Result<Vec<_>, _>>()?;
        RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(assemble)
    }
}

/// Rows of a table in the order wanted, with repetitions.
struct RowSelection {
    keys: Int32Array,
    indices: UInt32Array,
}

impl RowSelection {
    fn new(rows: Vec<u32>) -> Self {
        let keys = rows.iter().map(|row| row.cast_signed()).collect();
        Self { keys, indices: UInt32Array::from(rows) }
    }

    fn of(&self, column: &ArrayRef) -> Result<ArrayRef, arrow_schema::ArrowError> {
        if *column.data_type() == DataType::Utf8 {
            let keys = self.keys.clone();
            let rows = DictionaryArray::<Int32Type>::try_new(keys, Arc::clone(column))?;
            return Ok(Arc::new(rows));
        }
        take(column, &self.indices, None)
    }
}

#[cfg(test)]
mod tests {
    use schema::Role;

    use super::*;

    #[test]
    fn every_column_has_the_origin_that_its_source_says() {
        for column in tables::CANDIDATES.columns {
            let (table, position) = match origin(column) {
                Origin::Person(position) => (tables::PEOPLE, position),
                Origin::Job(position) => (tables::JOBS, position),
                Origin::Status => {
                    assert_eq!(column.name, "situacao_candidato");
                    continue;
                }
                Origin::Date => {
                    assert_eq!(column.name, "data_candidatura");
                    continue;
                }
                Origin::AgeBand => {
                    assert_eq!((column.name, column.source), ("faixa_etaria", age::BORN));
                    continue;
                }
            };
            let found = table.columns[position];
            // A key has its own name in each table of the source.
            let of_source = found.role == Role::Key || found.source == column.source;
            assert!(of_source && found.kind == column.kind, "{} of {}", column.name, table.name);
        }
    }

    #[test]
    fn no_name_but_the_keys_is_in_both_tables() {
        for column in tables::PEOPLE.columns {
            assert_eq!(tables::JOBS.position(column.name), None, "{}", column.name);
        }
    }
}
