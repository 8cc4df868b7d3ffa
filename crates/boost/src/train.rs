//! Training.

// Reading order.
mod cuts;

#[allow(unsafe_code, reason = "prefetching halves the time of a histogram; see the module")]
mod kernel;

mod columns;

mod histogram;

mod split;

mod grow;

use std::ops::ControlFlow;
use std::sync::Mutex;

use rayon::prelude::*;

use self::columns::{Columns, PartitionScratch};
use self::grow::{Gradients, Grower, Matrix};
use self::histogram::{GradientPair, Pool, RowBins};
use crate::metrics::log_loss;
use crate::model::{Best, Header, Model};
use crate::params::ValidParams;
use crate::predict::{logit, sigmoid};
use crate::rng::Stream;
use crate::{Csr, Error};

/// Rows with their labels.
#[derive(Debug, Clone, Copy)]
pub struct Dataset<'a> {
    rows: &'a Csr,
    labels: &'a [bool],
}

impl<'a> Dataset<'a> {
    /// Puts one label beside each row.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one a row.
    pub fn new(rows: &'a Csr, labels: &'a [bool]) -> Result<Self, Error> {
        let (expected, found) = (rows.rows(), labels.len());
        if expected != found {
            return Err(Error::Length { what: "labels", expected, found });
        }
        Ok(Self { rows, labels })
    }
}

/// How far a training is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Round {
    /// Trees grown.
    pub done: usize,
    /// Trees at most.
    pub of: usize,
    /// Log-loss on the validation rows, if there are any.
    pub validation_loss: Option<f64>,
}

/// Trains a model; `progress` is called after each tree, and may stop the training. The same data and parameters give the same
/// model, whatever the number of threads (rayon's current pool).
///
/// With `early_stopping_rounds`, the model keeps the trees up to the best round on `validation`.
///
/// # Errors
/// [`Error::OneClass`] if the labels do not hold both classes, [`Error::Columns`] if `validation` has
/// other columns, [`Error::NoValidation`] if early stopping lacks it, [`Error::TooLarge`] beyond 2³⁰
/// rows or 2³² entries, [`Error::Cancelled`] if `progress` breaks.
pub fn train(
    data: Dataset<'_>,
    validation: Option<Dataset<'_>>,
    params: &ValidParams,
    progress: &dyn Fn(Round) -> ControlFlow<()>,
) -> Result<Model, Error> {
    let (rows, columns) = (data.labels.len(), data.rows.columns());
    let positives = data.labels.iter().filter(|&&label| label).count();
    if positives == 0 || positives == rows {
        return Err(Error::OneClass { positives, rows });
    }
    if params.early_stopping_rounds.is_some() && validation.is_none() {
        return Err(Error::NoValidation);
    }
    if rows > MOST_ROWS {
        return Err(Error::TooLarge { what: "training rows", limit: MOST_ROWS, found: rows });
    }
    let base_score = match params.base_score {
        Some(score) => score as f32,
        None => estimate(positives as f64, rows as f64, params.scale_pos_weight),
    };
    let (ends, columns_of_bins) = Columns::cut(data.rows, params.max_bin);
    let row_bins = RowBins::new(data.rows, &ends)?;
    let mut watch = match validation {
        Some(v) if v.rows.columns() != columns => {
            return Err(Error::Columns { expected: columns, found: v.rows.columns() });
        }
        Some(v) => Some(Watch::new(v, Columns::with_ends(v.rows, &ends), base_score)),
        None => None,
    };
    let matrix = Matrix {
        ends,
        columns: columns_of_bins,
        rows: row_bins,
        pool: Pool::default(),
        free: Mutex::default(),
    };
    let mut margins = vec![logit(base_score); rows];
    let mut gradients = Gradients {
        exact: vec![[0.0; 2]; rows],
        pairs: vec![GradientPair::ZERO; rows],
        scale: [1.0; 2],
    };
    let mut order: Vec<u32> = Vec::with_capacity(rows);
    let mut scratch = PartitionScratch::default();
    let mut trees = Vec::with_capacity(params.n_estimators);
    for round in 0..params.n_estimators {
        gradients.renew(&margins, data.labels, params.scale_pos_weight as f32);
        let sample = Stream::new(params.seed, ROWS, round as u64);
        let picked = |row: &u32| sample.uniform(u64::from(*row)) < params.subsample;
        let (all, whole) = (0..rows as u32, params.subsample >= 1.0);
        order.clear();
        order.extend(all.clone().filter(|row| whole || picked(row)));
        let active = active(&matrix.rows, params, round);
        let grown = Grower::new(&matrix, params, &gradients, &active).grow(&mut order);
        let mut is_finite = true;
        let mut add = |rows: &[u32], value: f32| {
            is_finite &= value.is_finite();
            rows.iter().for_each(|&row| {
                margins[row as usize] += value;
                is_finite &= margins[row as usize].is_finite();
            });
        };
        grown.for_each_leaf(&order, &mut add);
        if !whole {
            let mut others: Vec<u32> = all.filter(|row| !picked(row)).collect();
            grown.route(&matrix.columns, &mut others, &mut scratch, &mut add);
        }
        if !is_finite {
            return Err(Error::Diverged { tree: round });
        }
        trees.push(grown.tree());
        let validation_loss = watch.as_mut().map(|watch| watch.add(&grown, round, &mut scratch));
        let round_done = Round { done: round + 1, of: params.n_estimators, validation_loss };
        if progress(round_done).is_break() {
            return Err(Error::Cancelled);
        }
        if let (Some(patience), Some(watch)) = (params.early_stopping_rounds, &watch)
            && round - watch.best.iteration >= patience
        {
            break;
        }
    }
    let best = match (params.early_stopping_rounds, watch) {
        (Some(_), Some(watch)) => {
            trees.truncate(watch.best.iteration + 1);
            Some(watch.best)
        }
        _ => None,
    };
    let header = Header {
        columns,
        base_score,
        scale_pos_weight: params.scale_pos_weight as f32,
        feature_names: vec![],
        feature_types: vec![],
        best,
    };
    Ok(Model::from_parts(trees, header))
}

/// With more, rounding would use up the scaled sums.
const MOST_ROWS: usize = 1 << 30;

/// Purposes of random streams.
const ROWS: u64 = 1;
const COLUMNS: u64 = 2;

/// XGBoost 3's intercept: the mean label, or with a weight on the positives one Newton step from ½.
fn estimate(positives: f64, rows: f64, scale_pos_weight: f64) -> f32 {
    if scale_pos_weight == 1.0 {
        return (positives / rows) as f32;
    }
    let (up, down) = (positives * scale_pos_weight, rows - positives);
    let margin = 2.0 * (up - down) / (up + down);
    sigmoid(margin as f32)
}

/// The features that round `round` may split on.
fn active(matrix: &RowBins, params: &ValidParams, round: usize) -> Vec<bool> {
    let features = matrix.features.len();
    if params.colsample_bytree >= 1.0 {
        return vec![true; features];
    }
    let amount = ((features as f64 * params.colsample_bytree).round() as usize).clamp(1, features);
    let mut active = vec![false; features];
    for feature in Stream::new(params.seed, COLUMNS, round as u64).sample(features, amount) {
        active[feature] = true;
    }
    active
}

/// Rows whose sums are added up on one thread, in order.
const CHUNK: usize = 4096;

impl Gradients {
    /// Gradients and hessians of the weighted log-loss at `margins`, in 32 bits as XGBoost has them.
    fn renew(&mut self, margins: &[f32], labels: &[bool], scale_pos_weight: f32) {
        let chunks = self.exact.par_chunks_mut(CHUNK).zip(margins.par_chunks(CHUNK));
        let sums = chunks.zip(labels.par_chunks(CHUNK)).map(|((exact, margins), labels)| {
            let mut sums = [0.0; 2];
            for ((exact, &margin), &label) in exact.iter_mut().zip(margins).zip(labels) {
                let p = sigmoid(margin);
                let (target, weight) = if label { (1.0, scale_pos_weight) } else { (0.0, 1.0) };
                let gradient = (p - target) * weight;
                let hessian = (p * (1.0 - p)).max(1e-16) * weight;
                *exact = [gradient, hessian];
                sums[0] += f64::from(gradient.abs());
                sums[1] += f64::from(hessian);
            }
            sums
        });
        let sums: Vec<[f64; 2]> = sums.collect();
        // All sums fit 31 bits even if every row rounds up, and the scale and the products too (by
        // 2⁻²⁴ of 2³¹ each).
        let most = f64::from(i32::MAX) - labels.len() as f64 - 512.0;
        self.scale = [0, 1].map(|i| most / sums.iter().map(|s| s[i]).sum::<f64>().max(1e-30));
        let [g, h] = self.scale.map(|scale| scale as f32);
        self.scale = [f64::from(g), f64::from(h)];
        self.pairs.par_chunks_mut(CHUNK).zip(self.exact.par_chunks(CHUNK)).for_each(
            |(to, from)| {
                for (pair, [gradient, hessian]) in to.iter_mut().zip(from) {
                    *pair = GradientPair::new(
                        (gradient * g).round() as i32,
                        (hessian * h).round() as u32,
                    );
                }
            },
        );
    }
}

/// The validation rows while trees are added.
struct Watch<'a> {
    labels: &'a [bool],
    columns: Columns,
    margins: Vec<f32>,
    probabilities: Vec<f32>,
    order: Vec<u32>,
    best: Best,
}

impl<'a> Watch<'a> {
    fn new(data: Dataset<'a>, columns: Columns, base_score: f32) -> Self {
        let rows = data.labels.len();
        Self {
            labels: data.labels,
            columns,
            margins: vec![logit(base_score); rows],
            probabilities: vec![0.0; rows],
            order: vec![0; rows],
            best: Best { iteration: 0, validation_loss: f64::INFINITY },
        }
    }

    /// The log-loss with one more tree.
    fn add(
        &mut self,
        grown: &grow::Grown,
        iteration: usize,
        scratch: &mut PartitionScratch,
    ) -> f64 {
        self.order.iter_mut().enumerate().for_each(|(i, row)| *row = i as u32);
        let margins = &mut self.margins;
        grown.route(&self.columns, &mut self.order, scratch, &mut |rows, value| {
            rows.iter().for_each(|&row| margins[row as usize] += value);
        });
        for (probability, &margin) in self.probabilities.iter_mut().zip(&self.margins) {
            *probability = sigmoid(margin);
        }
        let validation_loss = log_loss(&self.probabilities, self.labels);
        if validation_loss < self.best.validation_loss {
            self.best = Best { iteration, validation_loss };
        }
        validation_loss
    }
}
