//! The rows of `candidates.parquet` as texts: every column as pandas writes it, in file order,
//! joined by a space. That is what the Python system compares. Its table has none of the columns that
//! are derived for the audit (`estado`, `faixa_etaria`), so they are in no document.

use arrow_array::RecordBatch;

use crate::{
    Error, kinds,
    table::{Cells, Table},
};

/// Rows of a batch: with their CVs a megabyte.
const BATCH_ROWS: usize = 256;

/// Hands every batch of texts to `each`, in file order.
///
/// # Errors
/// [`Error::Parquet`].
pub(crate) fn for_each_batch(table: &Table, mut each: impl FnMut(&[String])) -> Result<(), Error> {
    for batch in table.read(|name| !kinds::is_derived(name), BATCH_ROWS)? {
        each(&texts(&batch?));
    }
    Ok(())
}

fn texts(batch: &RecordBatch) -> Vec<String> {
    let write = |range: std::ops::Range<usize>| {
        let columns: Vec<Cells<'_>> = batch.columns().iter().map(Cells::of).collect();
        let row = |row: usize| {
            let mut text = String::new();
            for (i, cells) in columns.iter().enumerate() {
                if i > 0 {
                    text.push(' ');
                }
                cells.write_as_pandas(row, &mut text);
            }
            text
        };
        range.map(row).collect::<Vec<_>>()
    };
    let rows = batch.num_rows();
    let half = rows / 2;
    let (mut first, second) = rayon::join(|| write(0..half), || write(half..rows));
    first.extend(second);
    first
}
