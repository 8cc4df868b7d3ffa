//! A decision tree of linfa-trees: the simple model that the trees must beat.
//!
//! linfa's tree is dense and slow, so it sees a sample of the training rows and the columns that
//! the model gains most from. It gives labels only; the rate of matches in each of its leaves is
//! counted here, over the whole training part, and is its probability.

use boost::{Csr, Importance, Model};
use linfa::{DatasetBase, ParamGuard, prelude::Fit};
use linfa_trees::{DecisionTree, TreeNode};
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

use crate::Error;

/// Most rows of the sample, for linfa's sake. Fewer are taken where [`weights`] asks for it: where
/// matches times others reach 2²⁴, so 8,000 when half are matches, all 20,000 when under 4 % are.
pub(crate) const ROWS: usize = 20_000;

/// Size of the baseline tree. linfa-trees is dense and slow, hence the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { depth = 5 }")]
pub struct Params {
    /// Training rows that it is fitted on, at most (fewer where [`baseline`](crate::baseline) says
    /// why).
    pub rows: usize,
    /// Columns that it sees: those of most gain in the model.
    pub columns: usize,
    /// Depth at most.
    pub depth: usize,
}

impl Default for Params {
    fn default() -> Self {
        Self { rows: 4_000, columns: 64, depth: 5 }
    }
}

/// A fitted tree with a probability for each leaf.
#[derive(Clone, Debug)]
pub struct Baseline {
    pub rows: usize,
    columns: Vec<usize>,
    nodes: Vec<Node>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TreeRule {
    /// Splits above it.
    pub depth: usize,
    /// Whether it is where the split above it leads what is below its threshold; null at the root.
    pub is_below: Option<bool>,
    /// Of a split, the column of the matrix that it asks for.
    pub column: Option<String>,
    /// Of a split, the value from which on a row goes to the right; a missing value is 0.
    pub threshold: Option<f32>,
    /// Of a leaf, the share of matches.
    pub rate: Option<f32>,
}

#[derive(Clone, Debug)]
enum Node {
    /// Goes to `left` when the value in `slot` is below `threshold`; the right child follows it.
    Split {
        slot: usize,
        threshold: f32,
        left: usize,
        right: usize,
    },
    Leaf {
        rate: f32,
    },
}

impl Baseline {
    /// Fits the tree; none when the sample holds one class only.
    pub fn fit(
        model: &Model,
        train: &Csr,
        of_train: &[bool],
        params: Params,
    ) -> Result<Option<Self>, Error> {
        let columns = most_gain(model, params.columns);
        let total = of_train.len();
        let mut rows = params.rows.min(total);
        let (sample, labels, (positive, negative)) = loop {
            let sample: Vec<usize> = (0..rows).map(|i| i * total / rows).collect();
            let labels: Vec<bool> = sample.iter().map(|&row| of_train[row]).collect();
            let positives = labels.iter().filter(|&&label| label).count();
            if positives == 0 || positives == rows || columns.is_empty() {
                return Ok(None);
            }
            match weights(positives, rows - positives) {
                Some(weights) => break (sample, labels, weights),
                None => rows -= rows / 50,
            }
        };
        let slots = Slots::new(train.columns(), &columns);
        let mut dense = Array2::zeros((rows, columns.len()));
        for (mut out, &row) in dense.rows_mut().into_iter().zip(&sample) {
            slots.each(train, row, |slot, value| out[slot] = value);
        }
        let weight = |&label: &bool| if label { positive } else { negative };
        let weights: Array1<f32> = labels.iter().map(weight).collect();
        // A leaf holds at least half a percent of the weight.
        let least = 0.005 * weights.sum();
        let dataset = DatasetBase::new(dense, Array1::from(labels)).with_weights(weights);
        let tree = DecisionTree::<f32, bool>::params()
            .max_depth(Some(params.depth))
            .min_weight_leaf(least)
            .check()
            .and_then(|tree| tree.fit(&dataset))
            .map_err(|e| Error::Baseline(e.to_string()))?;
        let mut nodes = Vec::new();
        flatten(tree.root_node(), &mut nodes);
        let mut baseline = Self { rows, columns, nodes };
        baseline.count_rates(train, of_train);
        Ok(Some(baseline))
    }

    /// Its nodes from the root down, a left branch before the right; `names` are those of the matrix.
    pub fn rules(&self, names: &[String]) -> Vec<TreeRule> {
        let mut rules = Vec::new();
        let mut open = vec![(0, 0, None)];
        while let Some((at, depth, is_below)) = open.pop() {
            let (column, threshold, rate) = match self.nodes[at] {
                Node::Leaf { rate } => (None, None, Some(rate)),
                Node::Split { slot, threshold, left, right } => {
                    open.push((right, depth + 1, Some(false)));
                    open.push((left, depth + 1, Some(true)));
                    let name = names.get(self.columns[slot]).cloned().unwrap_or_default();
                    (Some(name), Some(threshold), None)
                }
            };
            rules.push(TreeRule { depth, is_below, column, threshold, rate });
        }
        rules
    }

    pub fn columns(&self) -> usize {
        self.columns.len()
    }

    pub fn leaves(&self) -> usize {
        self.nodes.iter().filter(|node| matches!(node, Node::Leaf { .. })).count()
    }

    pub fn predict(&self, rows: &Csr) -> Vec<f32> {
        let mut probabilities = Vec::with_capacity(rows.rows());
        self.for_each_leaf(rows, |leaf| {
            let rate = match self.nodes[leaf] {
                Node::Leaf { rate } => rate,
                Node::Split { .. } => f32::NAN,
            };
            probabilities.push(rate);
        });
        probabilities
    }

    /// Sets each leaf's rate from the training rows that fall into it: matches by rows, with one
    /// more row of the average rate, so that it is never 0 or 1.
    fn count_rates(&mut self, train: &Csr, of_train: &[bool]) {
        let mut counts = vec![(0_u32, 0_u32); self.nodes.len()];
        let mut labels = of_train.iter();
        self.for_each_leaf(train, |leaf| {
            let (positives, rows) = &mut counts[leaf];
            *positives += u32::from(labels.next() == Some(&true));
            *rows += 1;
        });
        let positives = of_train.iter().filter(|&&label| label).count();
        let prior = positives as f64 / of_train.len().max(1) as f64;
        for (node, (positives, rows)) in self.nodes.iter_mut().zip(counts) {
            if let Node::Leaf { rate } = node {
                *rate = ((f64::from(positives) + prior) / (f64::from(rows) + 1.0)) as f32;
            }
        }
    }

    /// Calls `each` with the node that every row ends in, row by row.
    fn for_each_leaf(&self, rows: &Csr, mut each: impl FnMut(usize)) {
        let slots = Slots::new(rows.columns(), &self.columns);
        let mut values = vec![0.0; self.columns.len()];
        for row in 0..rows.rows() {
            values.fill(0.0);
            slots.each(rows, row, |slot, value| values[slot] = value);
            let mut at = 0;
            while let Node::Split { slot, threshold, left, right } = self.nodes[at] {
                at = if values[slot] < threshold { left } else { right };
            }
            each(at);
        }
    }
}

/// The columns of most total gain, ascending; fewer when the model uses fewer.
fn most_gain(model: &Model, count: usize) -> Vec<usize> {
    let mut columns = by_gain(&model.importance(Importance::TotalGain));
    columns.truncate(count);
    columns.sort_unstable();
    columns
}

/// The columns that have gain, those of most first.
pub(crate) fn by_gain(gain: &[f64]) -> Vec<usize> {
    let mut columns: Vec<usize> = (0..gain.len()).filter(|&c| gain[c] > 0.0).collect();
    columns.sort_by(|&a, &b| gain[b].total_cmp(&gain[a]).then(a.cmp(&b)));
    columns
}

/// Weights of a positive and a negative row under which both classes weigh the same, nearly.
///
/// linfa asks a `HashMap` which class of a leaf weighs most, so a tie would be decided by chance,
/// run by run. There is none: the weights are coprime, a negative's is above the number of
/// positives, and all sums are exact (whole numbers below 2²⁴), so `a` positives and `b` negatives
/// never weigh the same. None where the rows are too many for exact sums.
fn weights(positives: usize, negatives: usize) -> Option<(f32, f32)> {
    let negative = positives + 1;
    let mut positive = (negatives * negative).div_ceil(positives);
    while gcd(positive, negative) != 1 {
        positive += 1;
    }
    let exact = (positives * positive).max(negatives * negative) < 1 << f32::MANTISSA_DIGITS;
    exact.then_some((positive as f32, negative as f32))
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Copies linfa's tree; gives the place of the node.
fn flatten(node: &TreeNode<f32, bool>, nodes: &mut Vec<Node>) -> usize {
    let place = nodes.len();
    nodes.push(Node::Leaf { rate: 0.0 });
    if let [Some(left), Some(right)] = node.children()[..]
        && !node.is_leaf()
    {
        let (slot, threshold, _) = node.split();
        let left = flatten(left, nodes);
        let right = flatten(right, nodes);
        nodes[place] = Node::Split { slot, threshold, left, right };
    }
    place
}

/// From columns of the matrix to those of the dense sample.
struct Slots(Vec<Option<u32>>);

impl Slots {
    fn new(matrix_columns: usize, columns: &[usize]) -> Self {
        let mut slots = vec![None; matrix_columns];
        for (slot, &column) in (0..).zip(columns) {
            slots[column] = Some(slot);
        }
        Self(slots)
    }

    /// Calls `each` with slot and value of a row's entries that have one.
    fn each(&self, rows: &Csr, row: usize, mut each: impl FnMut(usize, f32)) {
        let (columns, values) = rows.row(row);
        for (&column, &value) in columns.iter().zip(values) {
            if let Some(slot) = self.0[column as usize] {
                each(slot as usize, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_leaves_tie() {
        for (positives, negatives) in
            [(1, 1), (55, 945), (4_000, 4_000), (440, 7_560), (7_999, 1), (800, 19_200)]
        {
            let (positive, negative) = weights(positives, negatives).unwrap();
            let sums = [positives as f32 * positive, negatives as f32 * negative];
            assert!(sums.iter().all(|&sum| sum < 2_f32.powi(24)), "{sums:?}");
            if negatives >= 55 {
                assert!((sums[0] / sums[1] - 1.0).abs() < 0.02, "{sums:?}");
            }
            for a in 1..=positives as u64 {
                assert_ne!(a * positive as u64 % negative as u64, 0);
            }
        }
        assert_eq!(weights(10_000, 10_000), None);
    }
}
