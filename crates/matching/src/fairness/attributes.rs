//! The protected attributes of applications, for the audit alone: no other module reads them.

use hashbrown::HashMap;
use parquet::file::reader::ChunkReader;
use schema::{Role, TableReader, tables, text_column};

use crate::{
    Error,
    dataset::{Application, Dataset, Tables, file_of, value_at},
    fairness::Attribute,
};

const BATCH_ROWS: usize = 1 << 14;

/// Every protected attribute of the feature store, with the group of each of `applications`.
pub(crate) fn read<R: ChunkReader + Clone + 'static>(
    tables: &Tables<R>,
    dataset: &Dataset,
    applications: &[Application],
) -> Result<Vec<Attribute>, Error> {
    let table = &tables::CANDIDATES;
    let names: Vec<&str> =
        table.columns.iter().filter(|c| c.role == Role::Protected).map(|c| c.name).collect();
    let columns: Vec<&str> = ["codigo", "codigo_vaga"].into_iter().chain(names.clone()).collect();
    let index: HashMap<(&str, &str), usize> = applications
        .iter()
        .enumerate()
        .map(|(row, a)| {
            let person = &*dataset.people.ids()[a.person as usize];
            let job = &*dataset.jobs.ids()[a.job as usize];
            ((person, job), row)
        })
        .collect();
    let mut values: Vec<Vec<Option<String>>> = vec![vec![None; applications.len()]; names.len()];
    let source = tables.candidates.clone();
    for batch in TableReader::open(&file_of(table), source, table, &columns, BATCH_ROWS)? {
        let batch = batch?;
        let keys = ["codigo", "codigo_vaga"].map(|name| text_column(&batch, name));
        let texts: Vec<_> = names.iter().map(|name| text_column(&batch, name)).collect();
        for row in 0..batch.num_rows() {
            let key = (value_at(keys[0], row).unwrap_or(""), value_at(keys[1], row).unwrap_or(""));
            let Some(&place) = index.get(&key) else { continue };
            for (values, text) in values.iter_mut().zip(&texts) {
                values[place] = value_at(text, row).map(str::to_owned);
            }
        }
    }
    Ok(names.iter().zip(values).map(|(name, values)| Attribute::new(name, values)).collect())
}
