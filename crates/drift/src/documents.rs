//! The rows of `candidates.parquet` as documents: every column as pandas writes it, in file order,
//! joined by a space. That is what the Python system compares. Its table has none of the columns that
//! are derived for the audit (`estado`, `faixa_etaria`), so they are in no document.

use arrow_array::{Array, RecordBatch};
use rayon::prelude::*;

use crate::{
    Error, kinds,
    stats::classic::{Documents, Shard},
    table::{Cells, VersionTable},
};

/// Rows of a batch: with their CVs a megabyte.
const BATCH_ROWS: usize = 256;

/// Rows whose parts are their cells.
pub(crate) struct CellRows<'a> {
    rows: usize,
    columns: Vec<Cells<'a>>,
}

impl<'a> CellRows<'a> {
    fn of(batch: &'a RecordBatch) -> Self {
        Self { rows: batch.num_rows(), columns: batch.columns().iter().map(Cells::of).collect() }
    }
}

impl Documents for CellRows<'_> {
    fn documents(&self) -> usize {
        self.rows
    }

    fn parts(&self) -> usize {
        self.columns.len()
    }

    fn part<'a>(&'a self, row: usize, column: usize, buffer: &'a mut String) -> &'a str {
        match &self.columns[column] {
            Cells::Text(texts) if texts.is_valid(row) => texts.value(row),
            cells => {
                cells.write_as_pandas(row, buffer);
                buffer
            }
        }
    }

    fn repeats(&self, row: usize, column: usize) -> bool {
        match &self.columns[column] {
            Cells::Text(texts) => {
                texts.is_valid(row)
                    && texts.is_valid(row - 1)
                    && texts.value(row) == texts.value(row - 1)
            }
            _ => false,
        }
    }
}

/// The rows of a table, counted on all threads.
pub(crate) fn shards<'a>(
    table: &VersionTable,
    shard: impl Fn() -> Shard<'a> + Sync + Send,
) -> Result<Vec<Shard<'a>>, Error> {
    let batches = table.read(|name| !kinds::is_derived(name), BATCH_ROWS)?;
    batches
        .par_bridge()
        .try_fold(shard, |mut shard, batch| {
            shard.add(&CellRows::of(&batch?));
            Ok(shard)
        })
        .collect()
}
