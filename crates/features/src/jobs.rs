//! The jobs: written as they stream by, and kept in memory for the join.

use std::{io::Write, sync::Arc};

use arrow_array::{Array, ArrayRef, Date32Array, RecordBatch, cast::AsArray, new_empty_array};
use arrow_select::concat::concat;
use schema::{TableReader, TableWriter, date_column};
use stage::Phase;

use crate::{
    Error, dates::Future, extract, groups::Sharing, keys::Keys, lists::Lists, redact::Redaction,
};

/// All jobs as they stand in `jobs.parquet`.
///
/// Memory: their texts once; what the join holds grows with jobs, not with applications.
pub(crate) struct Jobs {
    pub(crate) keys: Keys,
    /// The columns of [`schema::tables::JOBS`], a row a job.
    pub(crate) columns: Vec<ArrayRef>,
    /// The dates that are set aside.
    pub(crate) future: Vec<Future>,
    /// Who is behind them.
    pub(crate) parties: Sharing,
}

/// The column of a job's date.
pub(crate) const DATE: &str = "data_requicisao";

impl Jobs {
    /// Reads `vagas.parquet`, redacts, writes `jobs.parquet`; dates after `newest` are set aside.
    pub(crate) fn write<W: Write + Send>(
        reader: TableReader,
        writer: &mut TableWriter<W>,
        redaction: &mut Redaction,
        lists: &mut Lists,
        newest: Option<i32>,
        phase: &Phase<'_>,
    ) -> Result<Self, Error> {
        let mut batches: Vec<RecordBatch> = Vec::new();
        let (mut future, mut parties) = (Vec::new(), Sharing::default());
        for batch in reader {
            let batch = batch.map_err(Error::Input)?;
            parties.add_parties(&batch);
            let (rows, _) = extract::JOBS.rows(&batch, redaction, lists)?;
            let rows = without_future(rows, newest, &mut future)?;
            writer.write(&rows).map_err(Error::Output)?;
            phase.advance(rows.num_rows() as u64)?;
            batches.push(rows);
        }
        let columns = concat_columns(batches)?;
        let keys = columns[0].as_string::<i32>().clone();
        let keys = Keys::new(keys).map_err(|(first, second)| Error::RepeatedKey {
            file: "vagas.parquet",
            column: "codigo",
            first,
            second,
        })?;
        Ok(Self { keys, columns, future, parties })
    }
}

/// The rows without the dates after `newest`, which are put down.
fn without_future(
    rows: RecordBatch,
    newest: Option<i32>,
    future: &mut Vec<Future>,
) -> Result<RecordBatch, Error> {
    let (Some(newest), Some(at)) = (newest, extract::JOBS.table.position(DATE)) else {
        return Ok(rows);
    };
    let (codes, dates) = (rows.column(0).as_string::<i32>(), date_column(&rows, DATE));
    let kept: Date32Array = (codes.iter().zip(dates))
        .map(|(code, day)| {
            if let (Some(code), Some(day)) = (code, day.filter(|day| *day > newest)) {
                future.push(Future { codigo_vaga: code.to_owned(), codigo: None, day });
            }
            day.filter(|day| *day <= newest)
        })
        .collect();
    let mut columns = rows.columns().to_vec();
    columns[at] = Arc::new(kept);
    RecordBatch::try_new(rows.schema(), columns).map_err(Error::assemble(extract::JOBS.table.name))
}

/// The columns of [`schema::tables::JOBS`] of all batches. Column by column, each part freed once
/// it is copied, so that the texts are there twice for one column at most.
fn concat_columns(batches: Vec<RecordBatch>) -> Result<Vec<ArrayRef>, Error> {
    let table = extract::JOBS.table;
    let mut parts: Vec<Vec<ArrayRef>> = vec![Vec::new(); table.columns.len()];
    for batch in batches {
        for (column, part) in parts.iter_mut().zip(batch.columns()) {
            column.push(Arc::clone(part));
        }
    }
    parts
        .into_iter()
        .zip(table.columns)
        .map(|(parts, column)| {
            let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
            match parts.as_slice() {
                [] => Ok(new_empty_array(&column.kind.arrow())),
                parts => concat(parts).map_err(Error::assemble(table.name)),
            }
        })
        .collect()
}
