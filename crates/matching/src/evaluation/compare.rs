//! The model under other splits and beside other models: what its figures are worth.

use std::ops::ControlFlow;

use boost::Csr;
use parquet::file::reader::ChunkReader;
use serde::Serialize;
use stage::Progress;
use stats::Bootstrap;

use crate::{
    Error,
    baseline::Baseline,
    columns::Side,
    config::Config,
    dataset::{Dataset, Tables},
    decision::Decision,
    fit::{self, Fitted, Part},
    groups,
    judge::{self, Figures, Judgement, Lead, Least, Slice},
    split::{Counts, Split},
    trees::Boost,
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

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SimplerModel {
    pub name: &'static str,
    /// Its figures, of probabilities calibrated like the model's.
    pub figures: Figures,
    /// What the model is ahead of it by, on the same resamples.
    pub lead: Lead,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SlicesBy {
    /// What the applications are told apart by.
    pub by: &'static str,
    pub groups: Vec<Slice>,
}

/// What the model was compared with; nothing where that was not asked for.
#[derive(Debug, Default)]
pub struct Comparisons {
    pub splits: Vec<UnderSplit>,
    pub baselines: Vec<SimplerModel>,
    pub slices: Vec<SlicesBy>,
}

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
        let probabilities = decision.probabilities(&fitted)?;
        let bootstrap = bootstrap(&fitted.test, config);
        let judgement = Judgement::new(&fitted.test.judged(&probabilities), &bootstrap);
        all.push(under(&fitted, split, &judgement));
    }
    Ok(all)
}

/// The resamples on which all models of a part are judged.
pub fn bootstrap(test: &Part, config: &Config) -> Bootstrap {
    Bootstrap::new(test.people.count(), config.replicates, config.seed)
}

/// The figures of a model under the split that it was trained under.
pub fn under(fitted: &Fitted, split: Split, judgement: &Judgement) -> UnderSplit {
    UnderSplit {
        split,
        train: Counts::of(&fitted.train.applications),
        test: Counts::of(&fitted.test.applications),
        figures: judgement.figures(),
    }
}

/// Judges simpler models on the rows held out: the constant, the decision tree, each side alone, and
/// the two sides without their relation under the Python system's trees. `judgement` is that of the
/// model itself, on the resamples of `bootstrap`.
pub fn baselines(
    fitted: &Fitted,
    tree: Option<&Baseline>,
    judgement: &Judgement,
    bootstrap: &Bootstrap,
    config: &Config,
) -> Result<Vec<SimplerModel>, Error> {
    let Fitted { preprocessor, train, aside, test, .. } = fitted;
    // Calibrated on the part kept aside, as the model is.
    let judged = |name, predict: &dyn Fn(&Csr) -> Result<Vec<f32>, Error>| {
        let calibration = config.calibration.fit(&predict(&aside.rows)?, &aside.labels);
        let probabilities = calibration.apply(&predict(&test.rows)?);
        let theirs = Judgement::new(&test.judged(&probabilities), bootstrap);
        Ok::<_, Error>(SimplerModel {
            name,
            figures: theirs.figures(),
            lead: judgement.lead(&theirs),
        })
    };
    let prior = train.positives() as f64 / train.labels.len().max(1) as f64;
    let mut all = vec![judged("prior", &|rows| Ok(vec![prior as f32; rows.rows()]))?];
    if let Some(tree) = tree {
        all.push(judged("decision_tree", &|rows| Ok(tree.predict(rows)))?);
    }
    for (name, columns, trees) in [
        ("job_only", preprocessor.mask_of_side(Side::Jobs), &config.boost),
        ("candidate_only", preprocessor.mask_of_side(Side::People), &config.boost),
        ("without_relations", preprocessor.mask_of_sides(), &Boost::default()),
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
        all.push(judged(name, &|rows| Ok(simpler.predict(&masked(rows, &columns)?)?))?);
    }
    Ok(all)
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

pub fn slices<R: ChunkReader + Clone + 'static>(
    tables: &Tables<R>,
    dataset: &Dataset,
    fitted: &Fitted,
    probabilities: &[f32],
    config: &Config,
) -> Result<Vec<SlicesBy>, Error> {
    let test = &fitted.test;
    let judged = test.judged(probabilities);
    let groupings = groups::read(tables, dataset, &test.applications)?;
    let slices = |grouping: groups::Grouping| SlicesBy {
        by: grouping.by,
        groups: judge::slices(&judged, &grouping.groups, LEAST, config.replicates, config.seed),
    };
    Ok(groupings.into_iter().map(slices).collect())
}
