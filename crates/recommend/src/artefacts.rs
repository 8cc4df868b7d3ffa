//! The files of a version.

use std::{io::Write, sync::Arc};

use arrow_array::{
    Array, ArrayRef, BooleanArray, Float32Array, Float64Array, Int32Array, RecordBatch,
    StringArray,
    cast::AsArray,
    types::{Float64Type, Int32Type},
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use neighbours::{Hit, npy};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use schema::{TableWriter, WriterOptions};
use stage::Outputs;
use versioning::Blob;

use crate::{
    Error,
    columns::Side,
    embed::Embedded,
    evaluate::{Answer, Ranks},
};

/// The candidates' vectors, `(n, dimensions)`, as the encoder gives them.
pub const CANDIDATE_EMBEDDINGS: &str = "candidate_embeddings.npy";
/// The jobs' vectors, `(n, dimensions)`, as the encoder gives them.
pub const JOB_EMBEDDINGS: &str = "job_embeddings.npy";
/// The index over the jobs' vectors, by angle.
pub const INDEX: &str = "annoy_index.ann";
/// Which candidate each row of [`CANDIDATE_EMBEDDINGS`] is.
pub const CANDIDATE_ROWS: &str = "candidate_rows.parquet";
/// Which job each row of [`JOB_EMBEDDINGS`] is, and each item of [`INDEX`].
pub const JOB_ROWS: &str = "job_rows.parquet";
/// The jobs for each candidate.
pub const RECOMMENDATIONS: &str = "recommendations.parquet";
/// The candidates for each job.
pub const JOB_RECOMMENDATIONS: &str = "job_recommendations.parquet";
/// What the ranking answered to each query of its evaluation, for later versions to be compared
/// with.
pub const EVALUATION: &str = "evaluation.parquet";
pub const METRICS: &str = "metrics.json";

const BATCH_ROWS: usize = 1 << 16;

/// The file of a side's vectors.
#[must_use]
pub const fn embeddings_of(side: Side) -> &'static str {
    match side {
        Side::People => CANDIDATE_EMBEDDINGS,
        Side::Jobs => JOB_EMBEDDINGS,
    }
}

/// The file that says which record each row is.
#[must_use]
pub const fn rows_of(side: Side) -> &'static str {
    match side {
        Side::People => CANDIDATE_ROWS,
        Side::Jobs => JOB_ROWS,
    }
}

/// Writes the vectors of a side, and which record each row is.
pub(crate) fn embeddings(out: &Outputs, of: &Embedded) -> Result<(), stage::Error> {
    let file = embeddings_of(of.side);
    let failed = |source| Error::Neighbours { file: file.to_owned(), source };
    let sink = out.create(file)?;
    let mut writer = npy::Writer::new(sink, of.ids.len(), of.dimensions).map_err(failed)?;
    writer.rows(&of.vectors).map_err(failed)?;
    writer.finish().map_err(failed)?.finish(Some(of.ids.len() as u64))?;
    rows(out, of)
}

/// Columns of `candidate_rows.parquet` and `job_rows.parquet`: the row of the vector, the id, the
/// SHA-256 of the text in hexadecimal digits, its characters, and whether more was there than the
/// encoder has read.
fn rows_schema(side: Side) -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("row", DataType::Int32, false),
        Field::new(side.key(), DataType::Utf8, false),
        Field::new("sha256", DataType::Utf8, false),
        Field::new("characters", DataType::Int32, false),
        Field::new("cut", DataType::Boolean, false),
    ]))
}

fn rows(out: &Outputs, of: &Embedded) -> Result<(), stage::Error> {
    let file = rows_of(of.side);
    let mut table = ParquetFile::create(out, file, rows_schema(of.side))?;
    for begin in (0..of.ids.len()).step_by(BATCH_ROWS) {
        let range = begin..(begin + BATCH_ROWS).min(of.ids.len());
        let hashes = of.hashes[range.clone()].iter().map(|hash| versioning::hex(hash));
        table.write(vec![
            Arc::new(Int32Array::from_iter_values(range.clone().map(number))),
            text(of.ids[range.clone()].iter().map(|id| &**id)),
            Arc::new(StringArray::from_iter_values(hashes)),
            Arc::new(Int32Array::from_iter_values(
                of.characters[range.clone()].iter().map(|&n| number(n as usize)),
            )),
            Arc::new(BooleanArray::from_iter(of.cut[range].iter().map(|cut| Some(*cut)))),
        ])?;
    }
    table.finish()
}

/// Columns of `recommendations.parquet` and `job_recommendations.parquet`: whom it is for, the place
/// from 1, what is recommended, and the cosine of the two vectors.
fn ranked_schema(of: Side, found: Side) -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new(of.key(), DataType::Utf8, false),
        Field::new("rank", DataType::Int32, false),
        Field::new(found.key(), DataType::Utf8, false),
        Field::new("cosine", DataType::Float32, false),
    ]))
}

/// Recommendations on their way to a file.
pub(crate) struct Recommendations<'a> {
    table: ParquetFile<'a>,
    of: &'a Embedded,
    found: &'a Embedded,
    /// Row of the one that it is for, place from 1, row of the one found, cosine.
    waiting: Vec<(u32, i32, u32, f32)>,
}

impl<'a> Recommendations<'a> {
    /// Recommendations of `found` for the records of `of`.
    pub(crate) fn create(
        out: &Outputs,
        file: &'a str,
        of: &'a Embedded,
        found: &'a Embedded,
    ) -> Result<Self, stage::Error> {
        let table = ParquetFile::create(out, file, ranked_schema(of.side, found.side))?;
        Ok(Self { table, of, found, waiting: Vec::new() })
    }

    /// What was found for a row, the best first.
    pub(crate) fn add(&mut self, row: u32, hits: &[Hit]) -> Result<(), stage::Error> {
        self.waiting.extend((1..).zip(hits).map(|(place, h)| (row, place, h.item, h.cosine)));
        if self.waiting.len() >= BATCH_ROWS { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<(), stage::Error> {
        let Self { table, of, found, waiting } = self;
        table.write(vec![
            text(waiting.iter().map(|(row, ..)| &*of.ids[*row as usize])),
            Arc::new(Int32Array::from_iter_values(waiting.iter().map(|(_, place, ..)| *place))),
            text(waiting.iter().map(|(_, _, item, _)| &*found.ids[*item as usize])),
            Arc::new(Float32Array::from_iter_values(waiting.iter().map(|(.., cosine)| *cosine))),
        ])?;
        waiting.clear();
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<(), stage::Error> {
        self.write()?;
        self.table.finish()
    }
}

/// Columns of `evaluation.parquet`: the candidate, the person's first code, the month (`YYYY-MM`), a
/// hash of the jobs open and sought, then the ranks of the recommendations and those of chance.
fn answers_schema() -> SchemaRef {
    let text = |name| Field::new(name, DataType::Utf8, false);
    let number = |name| Field::new(name, DataType::Float64, false);
    Arc::new(Schema::new(vec![
        text("codigo"),
        text("pessoa"),
        text("month"),
        text("question"),
        number("recall_10"),
        number("reciprocal_rank"),
        number("random_recall_10"),
        number("random_reciprocal_rank"),
    ]))
}

/// Writes `evaluation.parquet`; `ids` are those of the candidates, by row.
pub(crate) fn answers(
    out: &Outputs,
    answers: &[Answer],
    ids: &[Box<str>],
) -> Result<(), stage::Error> {
    let mut table = ParquetFile::create(out, EVALUATION, answers_schema())?;
    let id = |row: u32| &*ids[row as usize];
    let numbers = |of: fn(&Answer) -> f64| -> ArrayRef {
        Arc::new(Float64Array::from_iter_values(answers.iter().map(of)))
    };
    table.write(vec![
        text(answers.iter().map(|answer| id(answer.candidate))),
        text(answers.iter().map(|answer| id(answer.person))),
        text(answers.iter().map(|answer| &*answer.month)),
        text(answers.iter().map(|answer| &*answer.question)),
        numbers(|answer| answer.own.recall_10),
        numbers(|answer| answer.own.reciprocal),
        numbers(|answer| answer.random.recall_10),
        numbers(|answer| answer.random.reciprocal),
    ])?;
    table.finish()
}

/// A stored answer, with ids in the place of rows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StoredAnswer {
    pub(crate) query: (Box<str>, Box<str>),
    pub(crate) person: Box<str>,
    pub(crate) question: Box<str>,
    /// The ranks of the recommendations.
    pub(crate) own: Ranks,
    /// Those of chance.
    pub(crate) random: Ranks,
}

/// Reads `evaluation.parquet`.
pub(crate) fn read_answers(blob: Blob) -> Result<Vec<StoredAnswer>, Error> {
    let broken =
        |source| Error::Table(schema::Error::Parquet { file: EVALUATION.to_owned(), source });
    let unread =
        |source| Error::Table(schema::Error::Batch { table: EVALUATION.to_owned(), source });
    let schema = answers_schema();
    let builder = ParquetRecordBatchReaderBuilder::try_new(blob).map_err(broken)?;
    if builder.schema().fields() != schema.fields() {
        let names = |schema: &Schema| {
            schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>().join(", ")
        };
        return Err(Error::Mismatch {
            file: EVALUATION.to_owned(),
            expected: format!("the columns {}, of their types", names(&schema)),
            found: names(builder.schema()),
            remedy: "run `recommend` again",
        });
    }
    let mut answers = Vec::new();
    for batch in builder.build().map_err(broken)? {
        let batch = batch.map_err(unread)?;
        let text = |column: usize| batch.column(column).as_string::<i32>();
        let number = |column: usize| batch.column(column).as_primitive::<Float64Type>();
        for row in 0..batch.num_rows() {
            let ranks = |column| Ranks {
                recall_10: number(column).value(row),
                reciprocal: number(column + 1).value(row),
            };
            answers.push(StoredAnswer {
                query: (text(0).value(row).into(), text(2).value(row).into()),
                person: text(1).value(row).into(),
                question: text(3).value(row).into(),
                own: ranks(4),
                random: ranks(6),
            });
        }
    }
    Ok(answers)
}

/// A Parquet file of a version while it is written.
struct ParquetFile<'a> {
    file: &'a str,
    schema: SchemaRef,
    writer: TableWriter<stage::OutputFile>,
}

impl<'a> ParquetFile<'a> {
    fn create(out: &Outputs, file: &'a str, schema: SchemaRef) -> Result<Self, stage::Error> {
        let sink = out.create(file)?;
        let options = WriterOptions::default();
        let writer = TableWriter::with_schema(file, sink, Arc::clone(&schema), options);
        Ok(Self { file, schema, writer: writer.map_err(Error::Table)? })
    }

    fn write(&mut self, arrays: Vec<ArrayRef>) -> Result<(), stage::Error> {
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map_err(|source| schema::Error::Batch { table: self.file.to_owned(), source });
        let batch = batch.map_err(Error::Table)?;
        Ok(self.writer.write(&batch).map_err(Error::Table)?)
    }

    fn finish(self) -> Result<(), stage::Error> {
        let (rows, sink) = self.writer.finish().map_err(Error::Table)?;
        sink.finish(Some(rows))
    }
}

fn number(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

fn text<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

/// The ids of a stored version, in the order of its vectors.
pub(crate) fn read_ids(side: Side, blob: Blob) -> Result<Vec<Box<str>>, Error> {
    let file = rows_of(side);
    let broken = |source| Error::Table(schema::Error::Parquet { file: file.to_owned(), source });
    let builder = ParquetRecordBatchReaderBuilder::try_new(blob).map_err(broken)?;
    let mismatch = |found: String| Error::Mismatch {
        file: file.to_owned(),
        expected: format!("the columns row and {}, rows from 0 on", side.key()),
        found,
        remedy: "run `recommend` again",
    };
    let mut ids = Vec::new();
    for batch in builder.build().map_err(broken)? {
        let batch = batch.map_err(|source| {
            Error::Table(schema::Error::Batch { table: file.to_owned(), source })
        })?;
        let rows = batch.column_by_name("row").and_then(|c| c.as_primitive_opt::<Int32Type>());
        let of = batch.column_by_name(side.key()).and_then(|c| c.as_string_opt::<i32>());
        let (Some(rows), Some(of)) = (rows, of) else {
            return Err(mismatch("other columns".to_owned()));
        };
        for at in 0..batch.num_rows() {
            if rows.is_null(at) || of.is_null(at) || rows.value(at) != number(ids.len()) {
                return Err(mismatch(format!("another row at place {}", ids.len())));
            }
            ids.push(Box::from(of.value(at)));
        }
    }
    Ok(ids)
}

pub(crate) fn metrics(out: &Outputs, metrics: &impl serde::Serialize) -> Result<(), stage::Error> {
    let mut json = serde_json::to_vec_pretty(metrics).map_err(stage::Error::failed)?;
    json.push(b'\n');
    let mut file = out.create(METRICS)?;
    file.write_all(&json).map_err(stage::Error::failed)?;
    file.finish(None)
}
