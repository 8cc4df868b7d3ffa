//! What is measured, on which table, and as what.
//!
//! Each column is measured where it stands once: what is said of a person on `people.parquet`, of a
//! job on `jobs.parquet`, and on `candidates.parquet` only what is said of the application itself.
//! In the joined table a person with many applications would count many times.

use std::collections::BTreeSet;

use arrow_schema::DataType;
use schema::{Role, tables};

use crate::{
    Error,
    report::ColumnKind,
    table::{Cells, VersionTable},
};

/// The texts that people write freely. All other known texts are chosen from lists.
const FREE_TEXTS: [&str; 8] = [
    "titulo_profissional",
    "conhecimentos_tecnicos",
    "certificacoes",
    "outras_certificacoes",
    "cv_candidato",
    "titulo_vaga",
    "competencia_tecnicas_e_comportamentais",
    "principais_atividades",
];

/// Values of an unknown column that are looked at.
const LOOKED_AT: usize = 10_000;
/// A column of texts with more different values than this, and than a fifth of those looked at, is
/// free text.
const CATEGORIES: usize = 50;

/// A column to be measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) column: String,
    pub(crate) kind: ColumnKind,
}

/// The columns of a version's tables that are measured, in file order; `people` and `jobs` are
/// those of the same version, for a column of `candidates` that is theirs is measured there.
pub(crate) fn plan(table: &VersionTable, sides: &[&VersionTable]) -> Result<Vec<Planned>, Error> {
    let mut planned = Vec::new();
    for (column, data_type) in table.columns() {
        let measured_there = sides.iter().any(|side| side.data_type(column).is_some());
        if is_key(column) || measured_there {
            continue;
        }
        if let Some(kind) = kind(table, column, data_type)? {
            planned.push(Planned { column: column.to_owned(), kind });
        }
    }
    Ok(planned)
}

/// A column names a record, and so has nothing to drift.
pub(crate) fn is_key(column: &str) -> bool {
    let mut columns = tables::ALL.iter().flat_map(|table| table.columns);
    columns.any(|c| c.name == column && c.role == Role::Key)
}

/// A column is derived for the audit: the Python system's table has it not.
pub(crate) fn is_derived(column: &str) -> bool {
    let mut columns = tables::ALL.iter().flat_map(|table| table.columns);
    columns.any(|c| c.name == column && c.is_derived())
}

fn kind(
    table: &VersionTable,
    column: &str,
    data_type: &DataType,
) -> Result<Option<ColumnKind>, Error> {
    Ok(match data_type {
        DataType::Utf8 if FREE_TEXTS.contains(&column) => Some(ColumnKind::Text),
        DataType::Utf8 => {
            let known = tables::ALL.iter().any(|t| t.position(column).is_some());
            let kind = if known { ColumnKind::Category } else { guess(table, column)? };
            Some(kind)
        }
        DataType::Boolean => Some(ColumnKind::Category),
        DataType::Date32 => Some(ColumnKind::Date),
        DataType::Decimal128(..) | DataType::Float32 | DataType::Float64 => {
            Some(ColumnKind::Number)
        }
        whole if whole.is_integer() => Some(ColumnKind::Number),
        _ => None,
    })
}

/// What an unknown column of texts holds, by its first values.
fn guess(table: &VersionTable, column: &str) -> Result<ColumnKind, Error> {
    let mut distinct = BTreeSet::new();
    let mut values = 0;
    for batch in table.read(|name| name == column, 1 << 12)? {
        let batch = batch?;
        let cells = Cells::of(batch.column(0));
        for word in (0..batch.num_rows()).filter_map(|row| cells.word(row)) {
            values += 1;
            distinct.insert(Box::<str>::from(word));
        }
        if values >= LOOKED_AT {
            break;
        }
    }
    let free = distinct.len() > CATEGORIES && distinct.len() * 5 > values;
    Ok(if free { ColumnKind::Text } else { ColumnKind::Category })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_texts_are_columns_of_the_tables() {
        for name in FREE_TEXTS {
            assert!(tables::ALL.iter().any(|t| t.position(name).is_some()), "{name}");
        }
        assert!(is_derived("estado") && is_derived("faixa_etaria") && !is_derived("cidade"));
        assert!(is_key("codigo") && is_key("codigo_vaga") && !is_key("cidade"));
    }
}
