//! Margins of many rows: all trees over a small block of rows that is made dense.

use rayon::prelude::*;

use crate::Csr;
use crate::tree::{NodeKind, Tree};

/// Rows that are made dense together; their values should stay in the cache.
const BLOCK: usize = 32;
/// Rows that go down a tree in lockstep, so that their cache misses overlap.
const LANES: usize = 8;

/// A node in 12 bytes; the right child follows the left one.
///
/// A leaf is a node that leads to itself: its threshold is +∞, missing goes left, and `left` is its
/// own place. So every row takes exactly `depth` steps, without a branch to mispredict.
#[derive(Debug, Clone, Copy)]
struct PackedNode {
    /// Column, and in the highest bit whether missing goes left.
    feature: u32,
    threshold: f32,
    left: u32,
}

/// The highest bit of [`PackedNode::feature`].
const DEFAULT_LEFT: u32 = 1 << 31;

impl PackedNode {
    fn next(self, value: f32) -> u32 {
        let missing_right = self.feature & DEFAULT_LEFT == 0;
        let right = (value >= self.threshold) | (value.is_nan() & missing_right);
        self.left + u32::from(right)
    }
}

/// Where a tree starts in [`Forest::steps`] and how deep it is.
#[derive(Debug, Clone, Copy)]
struct Root {
    step: u32,
    depth: usize,
}

/// All trees of a model, laid out for prediction.
#[derive(Debug, Clone)]
pub(crate) struct Forest {
    roots: Vec<Root>,
    steps: Vec<PackedNode>,
    /// Value of the leaf at the same place in `steps`, 0 for splits.
    values: Vec<f32>,
}

impl Forest {
    pub(crate) fn new(trees: &[Tree]) -> Self {
        let nodes = trees.iter().map(|t| t.nodes.len()).sum();
        let mut forest = Self {
            roots: Vec::with_capacity(trees.len()),
            steps: Vec::with_capacity(nodes),
            values: Vec::with_capacity(nodes),
        };
        for tree in trees {
            forest.push(tree);
        }
        forest
    }

    fn push(&mut self, tree: &Tree) {
        let first = self.steps.len() as u32;
        self.roots.push(Root { step: first, depth: tree.depth() });
        // Breadth first; `order[i]` is the node that gets place `first + i`.
        let mut order = vec![0u32];
        let mut at = 0;
        while let Some(&node) = order.get(at) {
            let place = first + at as u32;
            let (step, value) = match &tree.nodes[node as usize].kind {
                NodeKind::Leaf { value } => {
                    let threshold = f32::INFINITY;
                    (PackedNode { feature: DEFAULT_LEFT, threshold, left: place }, *value)
                }
                NodeKind::Split(s) => {
                    let left = first + order.len() as u32;
                    order.extend([s.left, s.right]);
                    let missing = if s.default_left { DEFAULT_LEFT } else { 0 };
                    (PackedNode { feature: s.feature | missing, threshold: s.threshold, left }, 0.0)
                }
            };
            self.steps.push(step);
            self.values.push(value);
            at += 1;
        }
    }

    /// `base` plus the leaves of each row, added in 32 bits in the order of the trees as XGBoost does.
    pub(crate) fn margins(&self, rows: &Csr, base: f32) -> Vec<f32> {
        let columns = rows.columns().max(1);
        let mut margins = vec![base; rows.rows()];
        let dense = || vec![f32::NAN; columns * BLOCK];
        margins.par_chunks_mut(BLOCK).enumerate().for_each_init(dense, |dense, (block, out)| {
            let n = out.len();
            let block_rows = || (block * BLOCK..).zip((0..n).map(|row| row * columns));
            for (row, place) in block_rows() {
                let (indices, values) = rows.row(row);
                for (&column, &value) in indices.iter().zip(values) {
                    dense[place + column as usize] = value;
                }
            }
            self.add_leaves(dense, columns, out);
            for (row, place) in block_rows() {
                for &column in rows.row(row).0 {
                    dense[place + column as usize] = f32::NAN;
                }
            }
        });
        margins
    }

    fn add_leaves(&self, dense: &[f32], columns: usize, out: &mut [f32]) {
        for (lanes, values) in out.chunks_mut(LANES).zip(dense.chunks(LANES * columns)) {
            for root in &self.roots {
                let mut at = [root.step; LANES];
                for _ in 0..root.depth {
                    for (lane, at) in at.iter_mut().enumerate() {
                        let step = self.steps[*at as usize];
                        let column = (step.feature & !DEFAULT_LEFT) as usize;
                        *at = step.next(values[lane * columns + column]);
                    }
                }
                for (margin, &at) in lanes.iter_mut().zip(&at) {
                    *margin += self.values[at as usize];
                }
            }
        }
    }
}

/// XGBoost's sigmoid, in 32 bits.
pub(crate) fn sigmoid(margin: f32) -> f32 {
    1.0 / (1.0 + (-margin).min(88.7).exp())
}

/// The margin of a probability, in 32 bits as XGBoost does.
pub(crate) fn logit(probability: f32) -> f32 {
    -(1.0 / probability - 1.0).ln()
}
