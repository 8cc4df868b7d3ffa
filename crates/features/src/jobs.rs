//! The jobs: written as they stream by, and kept in memory for the join.

use std::io::Write;

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_select::concat::concat;
use schema::{TableReader, TableWriter};
use stage::Phase;

use crate::{Error, extract, keys::Keys, redact::Redaction};

/// All jobs as they stand in `jobs.parquet`.
///
/// Memory: their texts once; what the join holds grows with jobs, not with applications.
pub(crate) struct Jobs {
    /// Where each job is.
    pub(crate) keys: Keys,
    /// The columns of [`schema::tables::JOBS`], a row a job.
    pub(crate) columns: Vec<ArrayRef>,
}

impl Jobs {
    /// Reads `vagas.parquet`, redacts, writes `jobs.parquet`.
    pub(crate) fn write<W: Write + Send>(
        reader: TableReader,
        writer: &mut TableWriter<W>,
        redaction: &mut Redaction,
        phase: &Phase<'_>,
    ) -> Result<Self, Error> {
        let mut batches: Vec<RecordBatch> = Vec::new();
        for batch in reader {
            let batch = batch.map_err(Error::Input)?;
            let (rows, _) = extract::JOBS.rows(&batch, redaction)?;
            writer.write(&rows).map_err(Error::Output)?;
            phase.advance(rows.num_rows() as u64);
            batches.push(rows);
        }
        let table = extract::JOBS.table;
        let keys = extract::concat_text(table.name, &batches, table.columns[0].name)?;
        let keys = Keys::new(keys).map_err(|(first, second)| Error::RepeatedKey {
            file: "vagas.parquet",
            column: "codigo",
            first,
            second,
        })?;
        let columns = (0..table.columns.len())
            .map(|column| {
                let parts: Vec<&dyn Array> =
                    batches.iter().map(|b| b.column(column).as_ref()).collect();
                match parts.as_slice() {
                    [] => Ok(arrow_array::new_empty_array(&table.columns[column].kind.arrow())),
                    parts => concat(parts).map_err(Error::assemble(table.name)),
                }
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { keys, columns })
    }
}
