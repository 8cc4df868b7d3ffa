//! One pass over a side's file, batch by batch on all threads: to gather what its columns hold, and
//! to turn its records into sparse rows. A batch of texts is in memory only while it is worked on.

use std::collections::BTreeSet;

use arrow_array::{RecordBatch, StringArray};
use parquet::file::reader::ChunkReader;
use rayon::prelude::*;
use schema::{
    Table, TableReader,
    tables::{JOBS, PEOPLE},
    text_column,
};
use serde::{Deserialize, Serialize};
use text::tfidf::{Counts, Scratch, Tfidf};

use crate::{
    Error,
    columns::Side,
    dataset::{Keys, file_of, value_at},
    relations::{Demand, Fact, JobCounts, Vocabulary, Words},
};

/// Rows of a batch: with CVs of a few thousand characters about a megabyte.
const BATCH_ROWS: usize = 256;

/// Neighbouring columns of the matrix that come from one column of the feature store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Block {
    /// An indicator for each category; a value seen in no training row sets none.
    OneHot {
        column: String,
        side: Side,
        /// The categories, ascending; a missing value is the category `""`.
        categories: Vec<String>,
    },
    Tfidf {
        column: String,
        side: Side,
        tfidf: Tfidf,
    },
}

impl Block {
    pub fn column(&self) -> &str {
        match self {
            Self::OneHot { column, .. } | Self::Tfidf { column, .. } => column,
        }
    }

    pub fn side(&self) -> Side {
        match self {
            Self::OneHot { side, .. } | Self::Tfidf { side, .. } => *side,
        }
    }

    pub fn width(&self) -> usize {
        match self {
            Self::OneHot { categories, .. } => categories.len(),
            Self::Tfidf { tfidf, .. } => tfidf.columns(),
        }
    }

    pub(super) fn values(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match self {
            Self::OneHot { categories, .. } => Box::new(categories.iter().map(String::as_str)),
            Self::Tfidf { tfidf, .. } => Box::new(tfidf.terms()),
        }
    }
}

/// What fitting counts of a column.
#[derive(Clone)]
#[expect(clippy::large_enum_variant, reason = "there are some dozen of them")]
pub(crate) enum Counted {
    OneHot { column: String, side: Side, values: BTreeSet<String> },
    Tfidf { column: String, side: Side, counts: Counts },
}

impl Counted {
    fn column(&self) -> &str {
        match self {
            Self::OneHot { column, .. } | Self::Tfidf { column, .. } => column,
        }
    }

    pub(crate) fn side(&self) -> Side {
        match self {
            Self::OneHot { side, .. } | Self::Tfidf { side, .. } => *side,
        }
    }

    /// Counts the records of a batch, each as often as `times` of its number says.
    fn add(&mut self, batch: &Batch<'_>, times: &[u64]) {
        let array = text_column(&batch.records, self.column());
        let times = batch.numbers().map(|number| times[number as usize]);
        for (row, times) in times.enumerate().filter(|(_, times)| *times > 0) {
            let value = value_at(array, row).unwrap_or("");
            match self {
                Self::OneHot { values, .. } if values.contains(value) => {}
                Self::OneHot { values, .. } => {
                    values.insert(value.to_owned());
                }
                Self::Tfidf { counts, .. } => counts.add(value, times),
            }
        }
    }

    /// Adds what was counted of the same column elsewhere.
    fn merge(&mut self, other: Self) -> Result<(), Error> {
        match (self, other) {
            (Self::OneHot { values, .. }, Self::OneHot { values: others, .. }) => {
                values.extend(others);
            }
            (Self::Tfidf { counts, .. }, Self::Tfidf { counts: others, .. }) => {
                counts.merge(others)?;
            }
            // The columns of both stand in one order.
            _ => {}
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> Block {
        match self {
            Self::OneHot { column, side, values } => {
                Block::OneHot { column, side, categories: values.into_iter().collect() }
            }
            Self::Tfidf { column, side, counts } => {
                Block::Tfidf { column, side, tfidf: counts.finish() }
            }
        }
    }
}

/// Counts the columns of `empty` over a side's file; record `n` counts `times[n]` times.
pub(crate) fn count<R: ChunkReader + 'static>(
    side: Side,
    source: R,
    keys: &Keys,
    times: &[u64],
    empty: Vec<Counted>,
) -> Result<Vec<Counted>, Error> {
    let (table, names) = (side.table(), empty.iter().map(Counted::column).collect());
    Batches::open(&file_of(table), table, source, &names, keys)?
        .par_bridge()
        .try_fold(
            || empty.clone(),
            |mut counted, batch| {
                let batch = batch?;
                counted.iter_mut().for_each(|column| column.add(&batch, times));
                Ok(counted)
            },
        )
        // Sums and unions: the order in which threads finish has no part in the result.
        .try_reduce(
            || empty.clone(),
            |mut all, some| {
                all.iter_mut().zip(some).try_for_each(|(all, some)| all.merge(some))?;
                Ok(all)
            },
        )
}

/// Fits what reads both sides on the jobs that `wanted` says, by number.
pub(crate) fn vocabulary<R: ChunkReader + 'static>(
    source: R,
    keys: &Keys,
    wanted: &[bool],
) -> Result<Vocabulary, Error> {
    let table = Side::Jobs.table();
    let names = Demand::COLUMNS.iter().map(|column| column.name()).collect();
    let counts = Batches::open(&file_of(table), table, source, &names, keys)?
        .par_bridge()
        .try_fold(
            || (JobCounts::default(), Words::default()),
            |(mut counts, mut words), batch| {
                let batch = batch?;
                let arrays = fact_columns::<Demand>(&batch.records);
                for (row, number) in batch.numbers().enumerate() {
                    if wanted[number as usize] {
                        counts.add(&texts_at(&arrays, row), &mut words);
                    }
                }
                Ok::<_, Error>((counts, words))
            },
        )
        // Sums and unions: the order in which threads finish has no part in the result.
        .map(|counted| counted.map(|(counts, _)| counts))
        .try_reduce(JobCounts::default, |a, b| Ok(a.merged(b)))?;
    Ok(counts.finish())
}

fn fact_columns<F: Fact>(records: &RecordBatch) -> Vec<&StringArray> {
    F::COLUMNS.iter().map(|column| text_column(records, column.name())).collect()
}

fn texts_at<'a>(arrays: &[&'a StringArray], row: usize) -> Vec<&'a str> {
    arrays.iter().map(|array| value_at(array, row).unwrap_or("")).collect()
}

/// The records of one side.
pub(crate) struct SideRecords<'a, R> {
    pub(crate) file: &'a str,
    pub(crate) source: R,
    pub(crate) table: &'static Table,
    pub(crate) keys: &'a Keys,
}

impl<'a, R> SideRecords<'a, R> {
    pub(crate) fn people(source: R, keys: &'a Keys) -> Self {
        Self { file: "people.parquet", source, table: &PEOPLE, keys }
    }

    pub(crate) fn jobs(source: R, keys: &'a Keys) -> Self {
        Self { file: "jobs.parquet", source, table: &JOBS, keys }
    }
}

/// The sparse rows of one side's records, by number, and what relations read of each.
pub(crate) struct Encoded<F> {
    facts: Vec<Vec<F>>,
    chunks: Vec<Chunk>,
    places: Vec<RowPlace>,
}

#[derive(Default)]
struct Chunk {
    columns: Vec<u32>,
    values: Vec<f32>,
    /// Number of the record and the end of its row.
    ends: Vec<(u32, u32)>,
}

#[derive(Clone, Copy, Default)]
struct RowPlace {
    chunk: u32,
    start: u32,
    end: u32,
    /// The record's place among its chunk's.
    fact: u32,
}

impl<F> Encoded<F> {
    /// What relations read of record `number`; none where there are no relations.
    pub(crate) fn fact(&self, number: u32) -> Option<&F> {
        let place = self.places[number as usize];
        self.facts.get(place.chunk as usize)?.get(place.fact as usize)
    }

    /// Columns, ascending, and values of record `number`; none for one that was not asked for.
    pub(crate) fn row(&self, number: u32) -> (&[u32], &[f32]) {
        let RowPlace { chunk, start, end, .. } = self.places[number as usize];
        let Some(chunk) = self.chunks.get(chunk as usize) else { return (&[], &[]) };
        let range = start as usize..end as usize;
        (&chunk.columns[range.clone()], &chunk.values[range])
    }
}

/// Encodes the records of a file that are `wanted`, by number. `table` is the file's, whose columns
/// those of the blocks must be; the blocks come with their first column, ascending.
///
/// With a `vocabulary`, what relations read is read in the same pass.
pub(crate) fn encode<F: Fact, R: ChunkReader + 'static>(
    records: SideRecords<'_, R>,
    blocks: &[(u32, &Block)],
    vocabulary: Option<&Vocabulary>,
    wanted: &[bool],
) -> Result<Encoded<F>, Error> {
    let SideRecords { file, source, table, keys } = records;
    let mut names: BTreeSet<_> = blocks.iter().map(|(_, block)| block.column()).collect();
    if vocabulary.is_some() {
        names.extend(F::COLUMNS.iter().map(|column| column.name()));
    }
    let read: Vec<(Chunk, Vec<F>)> = Batches::open(file, table, source, &names, keys)?
        .par_bridge()
        .map_init(
            || (Scratch::default(), Words::default()),
            |(scratch, words), batch| {
                let batch = batch?;
                let facts = vocabulary
                    .map_or_else(Vec::new, |vocabulary| facts(&batch, vocabulary, wanted, words));
                Ok((chunk(&batch, blocks, wanted, scratch), facts))
            },
        )
        .collect::<Result<_, Error>>()?;
    let (chunks, facts): (Vec<_>, Vec<_>) = read.into_iter().unzip();
    let mut places = vec![RowPlace::default(); keys.len()];
    for (number, chunk) in (0..).zip(&chunks) {
        let mut start = 0;
        for (fact, &(record, end)) in (0..).zip(&chunk.ends) {
            places[record as usize] = RowPlace { chunk: number, start, end, fact };
            start = end;
        }
    }
    Ok(Encoded { facts, chunks, places })
}

/// What relations read of the records of a batch that are wanted, in order.
fn facts<F: Fact>(
    batch: &Batch<'_>,
    vocabulary: &Vocabulary,
    wanted: &[bool],
    words: &mut Words,
) -> Vec<F> {
    let arrays = fact_columns::<F>(&batch.records);
    let wanted = batch.numbers().enumerate().filter(|&(_, number)| wanted[number as usize]);
    wanted.map(|(row, _)| F::read(vocabulary, &texts_at(&arrays, row), words)).collect()
}

fn chunk(
    batch: &Batch<'_>,
    blocks: &[(u32, &Block)],
    wanted: &[bool],
    scratch: &mut Scratch,
) -> Chunk {
    let arrays: Vec<_> =
        blocks.iter().map(|(_, block)| text_column(&batch.records, block.column())).collect();
    let mut chunk = Chunk::default();
    let mut weights = Vec::new();
    for (row, number) in batch.numbers().enumerate() {
        if !wanted[number as usize] {
            continue;
        }
        for (&(first, block), array) in blocks.iter().zip(&arrays) {
            let value = value_at(array, row).unwrap_or("");
            match block {
                Block::OneHot { categories, .. } => {
                    if let Ok(place) = categories.binary_search_by(|c| c.as_str().cmp(value)) {
                        chunk.columns.push(first + place as u32);
                        chunk.values.push(1.0);
                    }
                }
                Block::Tfidf { tfidf, .. } => {
                    tfidf.transform_into(value, scratch, &mut weights);
                    chunk.columns.extend(weights.iter().map(|(column, _)| first + column));
                    chunk.values.extend(weights.iter().map(|&(_, weight)| weight as f32));
                }
            }
        }
        chunk.ends.push((number, chunk.columns.len() as u32));
    }
    chunk.columns.shrink_to_fit();
    chunk.values.shrink_to_fit();
    chunk
}

/// Some rows of a file, and where in the file they begin.
pub(crate) struct Batch<'a> {
    pub(crate) records: RecordBatch,
    first: usize,
    keys: &'a Keys,
}

impl Batch<'_> {
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u32> {
        (self.first..self.first + self.records.num_rows()).map(|row| self.keys.number_at(row))
    }
}

pub(crate) struct Batches<'a> {
    reader: TableReader,
    next: usize,
    keys: &'a Keys,
}

impl<'a> Batches<'a> {
    pub(crate) fn open<R: ChunkReader + 'static>(
        file: &str,
        table: &'static Table,
        source: R,
        columns: &BTreeSet<&str>,
        keys: &'a Keys,
    ) -> Result<Self, Error> {
        let columns: Vec<_> = columns.iter().copied().collect();
        let reader = TableReader::open(file, source, table, &columns, BATCH_ROWS)?;
        Ok(Self { reader, next: 0, keys })
    }
}

impl<'a> Iterator for Batches<'a> {
    type Item = Result<Batch<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let records = match self.reader.next()? {
            Ok(records) => records,
            Err(e) => return Some(Err(e.into())),
        };
        let first = self.next;
        self.next += records.num_rows();
        Some(Ok(Batch { records, first, keys: self.keys }))
    }
}
