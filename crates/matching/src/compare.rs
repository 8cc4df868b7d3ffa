//! The model under other splits and beside other models: what its figures are worth.

use std::ops::ControlFlow;

use boost::Csr;
use parquet::file::reader::ChunkReader;
use serde::Serialize;
use stage::Progress;

use crate::{
    Error,
    columns::Side,
    config::{Boost, Config, Split},
    dataset::{Dataset, Tables},
    decision::Decision,
    fit::{self, Fitted},
    groups,
    judge::{self, Figures, Lead, Least, Resampled, Slice},
    split::Counts,
};

/// Rows and matches below which a group gets no figures.
const LEAST: Least = Least { rows: 100, positives: 10 };

/// The figures of the model trained anew under one split.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UnderSplit {
    pub split: Split,
    pub train: Counts,
    /// The part held out, which the figures are of.
    pub test: Counts,
    pub figures: Figures,
}

/// Another model on the same rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Baseline {
    pub name: &'static str,
    /// Its figures, of probabilities calibrated like the model's.
    pub figures: Figures,
    /// What the model is ahead of it by, on the same resamples.
    pub lead: Lead,
}

/// The figures of the groups of one grouping.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SlicesBy {
    /// What the applications are told apart by.
    pub by: &'static str,
    pub groups: Vec<Slice>,
}

/// Trains anew under each of `splits` and judges.
///
/// # Errors
/// As [`fit::fit`]; a split that leaves one class only gives no figures.
pub fn splits<R: ChunkReader + Clone + 'static>(
    tables: &Tables<R>,
    dataset: &Dataset,
    config: &Config,
    splits: &[Split],
    progress: &dyn Progress,
) -> Result<Vec<UnderSplit>, Error> {
    let mut all = Vec::new();
    for &split in splits {
        let fitted = match fit::fit(tables, dataset, config, split, progress) {
            Err(Error::OneClass { .. }) => {
                progress.note(&format!("split {}: no figures, one class only", split.name()));
                continue;
            }
            fitted => fitted?,
        };
        let decision = Decision::fit(&fitted, dataset, config)?;
        let probabilities = fitted.probabilities(&decision)?;
        let resampled = resampled(&fitted, &probabilities, config);
        all.push(under(&fitted, split, &resampled));
    }
    Ok(all)
}

/// The figures of what a model says of the rows held out, on all resamples.
#[must_use]
pub fn resampled(fitted: &Fitted, probabilities: &[f32], config: &Config) -> Resampled {
    let pairs = fitted.test.pairs();
    let judged = pairs.judged(probabilities, &fitted.test.labels);
    Resampled::of(&judged, config.replicates, config.seed)
}

/// The figures of a model under the split that it was trained under.
#[must_use]
pub fn under(fitted: &Fitted, split: Split, resampled: &Resampled) -> UnderSplit {
    UnderSplit {
        split,
        train: Counts::of(&fitted.train.applications),
        test: Counts::of(&fitted.test.applications),
        figures: resampled.figures(),
    }
}

/// Judges simpler models on the rows held out: the constant, the decision tree, each side alone, and
/// the two sides without their relation under the Python system's trees. `model` are the figures
/// of the model itself.
///
/// # Errors
/// [`Error::Boost`] when a model cannot be grown.
pub fn baselines(
    fitted: &Fitted,
    tree: Option<&crate::baseline::Baseline>,
    model: &Resampled,
    config: &Config,
) -> Result<Vec<Baseline>, Error> {
    let Fitted { preprocessor, train, .. } = fitted;
    let prior = train.positives() as f64 / train.labels.len().max(1) as f64;
    let constant = |rows: &Csr| Ok(vec![prior as f32; rows.rows()]);
    let mut all = vec![judged("prior", fitted, model, config, constant)?];
    if let Some(tree) = tree {
        all.push(judged("decision_tree", fitted, model, config, |rows| Ok(tree.predict(rows)))?);
    }
    let of_side = |side| preprocessor.mask(|block| block.side() == side);
    for (name, columns, trees) in [
        ("job_only", of_side(Side::Jobs), &config.boost),
        ("candidate_only", of_side(Side::People), &config.boost),
        ("without_relations", preprocessor.mask(|_| true), &Boost::default()),
    ] {
        // The model itself, or nothing to see.
        let seen = columns.iter().filter(|&&column| column).count();
        if seen == 0 || (seen == columns.len() && *trees == config.boost) {
            continue;
        }
        let negatives = train.labels.len() - train.positives();
        let params = trees.params(config.seed, train.positives(), negatives)?;
        let rows = masked(&train.rows, &columns)?;
        let data = boost::Dataset::new(&rows, &train.labels)?;
        let simpler = boost::train(data, None, &params, &|_| ControlFlow::Continue(()))?;
        all.push(judged(name, fitted, model, config, |rows| {
            Ok(simpler.predict(&masked(rows, &columns)?)?)
        })?);
    }
    Ok(all)
}

/// The figures of what `predict` says, calibrated on the part kept aside.
fn judged(
    name: &'static str,
    fitted: &Fitted,
    model: &Resampled,
    config: &Config,
    predict: impl Fn(&Csr) -> Result<Vec<f32>, Error>,
) -> Result<Baseline, Error> {
    let Fitted { aside, test, .. } = fitted;
    let calibration = config.calibration.fit(&predict(&aside.rows)?, &aside.labels);
    let theirs = resampled(fitted, &calibration.apply(&predict(&test.rows)?), config);
    Ok(Baseline { name, figures: theirs.figures(), lead: model.lead(&theirs) })
}

/// A matrix with the entries of some columns alone; its width stays.
fn masked(rows: &Csr, columns: &[bool]) -> Result<Csr, Error> {
    let (mut indptr, mut indices, mut values) = (vec![0], Vec::new(), Vec::new());
    for row in 0..rows.rows() {
        let (row_columns, row_values) = rows.row(row);
        for (&column, &value) in row_columns.iter().zip(row_values) {
            if columns[column as usize] {
                indices.push(column);
                values.push(value);
            }
        }
        indptr.push(indices.len());
    }
    Ok(Csr::new(indptr, indices, values, rows.columns())?)
}

/// The figures of groups of the rows held out.
///
/// # Errors
/// [`Error::Table`] when a file cannot be read.
pub fn slices<R: ChunkReader + Clone + 'static>(
    tables: &Tables<R>,
    dataset: &Dataset,
    fitted: &Fitted,
    probabilities: &[f32],
    config: &Config,
) -> Result<Vec<SlicesBy>, Error> {
    let test = &fitted.test;
    let pairs = test.pairs();
    let judged = pairs.judged(probabilities, &test.labels);
    let groupings = groups::of(tables, dataset, &test.applications)?;
    let slices = |grouping: groups::Grouping| SlicesBy {
        by: grouping.by,
        groups: judge::slices(&judged, &grouping.groups, LEAST, config.replicates, config.seed),
    };
    Ok(groupings.into_iter().map(slices).collect())
}
