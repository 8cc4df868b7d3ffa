//! What the figures are told apart by: groups of the applications held out.

use std::collections::BTreeMap;

use parquet::file::reader::ChunkReader;
use schema::{calendar::iso_month, text_column};
use text::language::language;

use crate::{
    Error,
    columns::Side,
    dataset::{Application, Dataset, Keys, Tables, file_of, value_at},
    encode::Batches,
    history::History,
};

/// The name of a group whose value is missing.
pub const UNKNOWN: &str = "?";

/// A way to tell applications apart, with the group of each.
#[derive(Clone, Debug, PartialEq)]
pub struct Grouping {
    pub by: &'static str,
    /// The group of each application, in their order.
    pub groups: Vec<String>,
}

/// Groups `applications` by the language of the CV, the job's area and level, the month, and
/// whether the candidate had applied before.
pub fn read<R: ChunkReader + Clone + 'static>(
    tables: &Tables<R>,
    dataset: &Dataset,
    applications: &[Application],
) -> Result<Vec<Grouping>, Error> {
    let people: Vec<u32> = applications.iter().map(|a| a.person).collect();
    let jobs: Vec<u32> = applications.iter().map(|a| a.job).collect();
    let of_person = |column, of: fn(&str) -> String| {
        values(Side::People, column, tables.people.clone(), &dataset.people, &people, of)
    };
    let of_job = |column, of: fn(&str) -> String| {
        values(Side::Jobs, column, tables.jobs.clone(), &dataset.jobs, &jobs, of)
    };
    let history = History::of(dataset);
    let month = |a: &Application| a.day.map_or_else(|| UNKNOWN.to_owned(), iso_month);
    let returning = |a: &Application| {
        let moment = history.at(a.pair(), a.day);
        let name = moment.map_or(UNKNOWN, |m| if m.returning > 0 { "returning" } else { "new" });
        name.to_owned()
    };
    Ok(vec![
        Grouping {
            by: "cv_language",
            groups: of_person("cv_candidato", |cv| language(cv).code().to_owned())?,
        },
        Grouping { by: "area", groups: of_job("areas_atuacao_vaga", first_area)? },
        Grouping { by: "level", groups: of_job("nivel_profissional_vaga", str::to_owned)? },
        Grouping { by: "month", groups: applications.iter().map(month).collect() },
        Grouping { by: "candidate", groups: applications.iter().map(returning).collect() },
    ])
}

/// The texts of a job that list what it requires: its competences and its activities.
pub(crate) fn requirements<R: ChunkReader + Clone + 'static>(
    tables: &Tables<R>,
    dataset: &Dataset,
    job: u32,
) -> Result<String, Error> {
    let mut text = String::new();
    for column in ["competencia_tecnicas_e_comportamentais", "principais_atividades"] {
        let source = tables.jobs.clone();
        let found = values(Side::Jobs, column, source, &dataset.jobs, &[job], str::to_owned)?;
        text.extend(found.into_iter().filter(|found| found != UNKNOWN).map(|found| found + "\n"));
    }
    Ok(text)
}

/// What `of` makes of a column's value, for each of the records; [`UNKNOWN`] of a missing one.
fn values<R: ChunkReader + 'static>(
    side: Side,
    column: &str,
    source: R,
    keys: &Keys,
    records: &[u32],
    of: fn(&str) -> String,
) -> Result<Vec<String>, Error> {
    let mut wanted = vec![false; keys.len()];
    records.iter().for_each(|&record| wanted[record as usize] = true);
    let mut found = BTreeMap::new();
    let table = side.table();
    for batch in Batches::open(&file_of(table), table, source, &[column].into(), keys)? {
        let batch = batch?;
        let texts = text_column(&batch.records, column);
        for (row, number) in batch.numbers().enumerate().filter(|(_, n)| wanted[*n as usize]) {
            found.insert(number, value_at(texts, row).map(of));
        }
    }
    let value = |record| found.get(record).cloned().flatten();
    Ok(records.iter().map(|r| value(r).unwrap_or_else(|| UNKNOWN.to_owned())).collect())
}

/// The first of the areas of a job, which the source ends with `-` each: `TI - SAP-TI - Suporte-`.
fn first_area(areas: &str) -> String {
    let end = areas
        .match_indices('-')
        .map(|(at, _)| at)
        .find(|&at| !areas[..at].ends_with(' '))
        .unwrap_or(areas.len());
    areas[..end].trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_area_is_that_before_the_first_end() {
        assert_eq!(first_area("TI - SAP-TI - Suporte-"), "TI - SAP");
        assert_eq!(first_area("Logística-"), "Logística");
        assert_eq!(first_area("Compras"), "Compras");
    }
}
