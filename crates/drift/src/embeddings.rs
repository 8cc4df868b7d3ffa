//! The recommender's embeddings of two versions, told apart.

use std::io::Read;

use neighbours::npy;
use versioning::Committed;

use crate::{
    Error, apart,
    comparison::Embedding,
    config::Config,
    observed::Observed,
    report::Absence,
    stats::embedding::{SplitVectors, separation},
    table::{Cells, VersionTable},
};

/// The sides, and the column that names a record of each.
const SIDES: [(&str, &str, &str); 2] =
    [("people", "candidate", "codigo"), ("jobs", "job", "codigo_vaga")];

/// What must be equal for two embeddings to lie in one space.
const ENCODER: [&str; 3] = ["encoder", "encoder_revision", "kernel"];

const BATCH_ROWS: usize = 1 << 14;

/// Tells both sides' embeddings apart, where one encoder made them all.
pub(crate) fn compare(
    before: &Committed,
    after: &Committed,
    config: &Config,
) -> Result<Result<Vec<(Observed, Embedding)>, Absence>, stage::Error> {
    let figure = |of: &Committed, name: &str| of.manifest().metrics.get(name).cloned();
    if ENCODER.iter().any(|name| figure(before, name) != figure(after, name)) {
        return Ok(Err(Absence::OtherEncoder));
    }
    let encoder = figure(after, ENCODER[0]).and_then(|name| name.as_str().map(str::to_owned));
    let encoder = encoder.unwrap_or_default();
    let mut sides = Vec::new();
    for (side, record, key) in SIDES {
        let (old, new) = (Side::read(before, record, key)?, Side::read(after, record, key)?);
        if let Some(found) = separation(old.vectors(), new.vectors()) {
            let embedding = Embedding { side, encoder: encoder.clone(), auc: found.auc };
            sides.push((apart::observed(&found, config), embedding));
        }
    }
    Ok(if sides.is_empty() { Err(Absence::TooFew) } else { Ok(sides) })
}

/// The embeddings of a side of one version.
struct Side {
    array: npy::Array,
    fitted: Vec<bool>,
}

impl Side {
    fn read(version: &Committed, record: &str, key: &str) -> Result<Self, stage::Error> {
        let name = format!("recommend {}", version.version());
        let file = format!("{record}_embeddings.npy");
        let unfit = |problem: String| Error::Unfit { file: format!("{file} of {name}"), problem };
        let blob = version.open(&file)?;
        let reader = std::io::BufReader::new(blob.reader_at(0)?).take(blob.len());
        let array = npy::read(reader).map_err(|e| unfit(e.to_string()))?;
        let rows = format!("{record}_rows");
        let table = VersionTable::open(&rows, &name, version.open(&format!("{rows}.parquet"))?)?;
        let mut fitted = Vec::new();
        for batch in table.read(|column| column == key, BATCH_ROWS)? {
            let batch = batch?;
            let Some(ids) = batch.column_by_name(key) else {
                return Err(table.unfit(format!("it has no column `{key}`")).into());
            };
            let ids = Cells::of(ids);
            fitted.extend(
                (0..batch.num_rows()).map(|row| apart::is_fitted(ids.word(row).unwrap_or(""))),
            );
        }
        if fitted.len() != array.rows {
            let problem = format!("it has {} rows, {rows}.parquet {}", array.rows, fitted.len());
            return Err(unfit(problem).into());
        }
        Ok(Self { array, fitted })
    }

    fn vectors(&self) -> SplitVectors<'_> {
        let npy::Array { values, columns, .. } = &self.array;
        SplitVectors { values, dimensions: *columns, fitted: &self.fitted }
    }
}
