//! One tree, grown depth first.

use std::sync::Mutex;

use super::ValidParams;
use super::columns::{Columns, PartitionScratch, SplitTest};
use super::cuts::Ends;
use super::histogram::{GradientPair, Pool, RowBins, subtract};
use super::split::{Best, Sparse, SplitRule};
use crate::tree::{Node, NodeKind, NodeSplit, Tree};

/// Nodes of more rows grow their two children on two threads.
const FORK: usize = 256;
/// Nodes of more rows search their split on two threads.
const SHARED_SEARCH: usize = 4000;
/// XGBoost's `kRtEps`: splits that gain no more are no splits.
const LEAST_GAIN: f64 = 1e-6;

/// The training rows in bins, both ways, and the memory that trees are grown in.
#[derive(Debug)]
pub(super) struct Matrix {
    pub(super) ends: Vec<Ends>,
    pub(super) columns: Columns,
    pub(super) rows: RowBins,
    pub(super) pool: Pool,
    pub(super) free: Mutex<Vec<GrowWorkspace>>,
}

/// Memory that one thread works in.
#[derive(Debug, Default)]
pub(super) struct GrowWorkspace {
    scratch: PartitionScratch,
    sparse: Sparse,
}

/// Gradients of one round.
#[derive(Debug)]
pub(super) struct Gradients {
    /// Gradient and hessian of each row.
    pub(super) exact: Vec<[f32; 2]>,
    /// The same, scaled to whole numbers.
    pub(super) pairs: Vec<GradientPair>,
    /// What gradients and hessians were multiplied by.
    pub(super) scale: [f64; 2],
}

/// What a tree is grown from.
#[derive(Debug)]
pub(super) struct Grower<'a> {
    pub(super) matrix: &'a Matrix,
    pub(super) params: &'a ValidParams,
    pub(super) gradients: &'a Gradients,
    /// Features that may be asked for.
    pub(super) active: &'a [bool],
    rule: SplitRule,
    /// Below so many rows it is cheaper to look at the bins that occur than at all.
    few: usize,
}

/// A grown node. A split's test speaks of bins, so that binned rows can be sent down the tree.
#[derive(Debug)]
pub(super) enum Grown {
    /// Covers the next `rows` rows of the grower's list.
    Leaf {
        rows: usize,
        value: f32,
        cover: f64,
    },
    Split {
        test: SplitTest,
        threshold: f32,
        gain: f32,
        weight: f32,
        children: Box<[Grown; 2]>,
    },
}

impl<'a> Grower<'a> {
    pub(super) fn new(
        matrix: &'a Matrix,
        params: &'a ValidParams,
        gradients: &'a Gradients,
        active: &'a [bool],
    ) -> Self {
        let scale = gradients.scale[1];
        let rule = SplitRule {
            lambda: (params.lambda * scale) as f32,
            min_child_weight: (params.min_child_weight * scale) as f32,
        };
        let few = (matrix.rows.bins() as f64 / matrix.rows.mean_entries().max(1.0) / 2.0) as usize;
        Self { matrix, params, gradients, active, rule, few }
    }

    /// Grows a tree on `rows` (ascending) and leaves them in the order of the leaves.
    pub(super) fn grow(&self, rows: &mut [u32]) -> Grown {
        let pairs = &self.gradients.pairs;
        let total = rows.iter().fold(GradientPair::ZERO, |sum, &row| sum + pairs[row as usize]);
        let histogram = (rows.len() > self.few).then(|| self.build(rows));
        self.node(rows, total, histogram, 0)
    }

    fn node(
        &self,
        rows: &mut [u32],
        total: GradientPair,
        histogram: Option<Vec<GradientPair>>,
        depth: usize,
    ) -> Grown {
        let pool = &self.matrix.pool;
        let found = if depth < self.params.max_depth {
            self.split(rows, total, histogram.as_deref())
        } else {
            None
        };
        let Some((best, gain)) = found else {
            histogram.into_iter().for_each(|h| pool.give(h));
            return self.leaf(rows);
        };
        let feature = self.matrix.rows.features[best.feature as usize];
        let test = SplitTest {
            column: feature.column,
            bin: best.bin as u16,
            default_left: best.default_left,
        };
        let n = rows.len();
        let lefts =
            self.with_workspace(|work| self.matrix.columns.part(test, rows, &mut work.scratch));
        let (left, right) = rows.split_at_mut(lefts);
        let histograms = self.child_histograms(histogram, left, right, depth + 1);
        let totals = (best.left, total - best.left);
        let grow_left = || self.node(left, totals.0, histograms.0, depth + 1);
        let grow_right = || self.node(right, totals.1, histograms.1, depth + 1);
        let children =
            if n > FORK { rayon::join(grow_left, grow_right) } else { (grow_left(), grow_right()) };
        let [g, h] = self.unscaled(total);
        Grown::Split {
            test,
            threshold: self.matrix.ends[feature.column as usize][best.bin as usize],
            gain: gain as f32,
            weight: (-g / (h + self.params.lambda)) as f32,
            children: Box::new([children.0, children.1]),
        }
    }

    /// The node's split and what it gains, if one is worth it.
    fn split(
        &self,
        rows: &[u32],
        total: GradientPair,
        histogram: Option<&[GradientPair]>,
    ) -> Option<(Best, f64)> {
        let (params, matrix) = (self.params, &self.matrix.rows);
        let [g, h] = self.unscaled(total);
        if h < 2.0 * params.min_child_weight {
            return None;
        }
        let best = match histogram {
            Some(histogram) if rows.len() > SHARED_SEARCH => {
                self.rule.best_shared(matrix, histogram, total)
            }
            Some(histogram) => self.rule.best(matrix, histogram, total),
            None => self.with_workspace(|work| {
                let pairs = &self.gradients.pairs;
                work.sparse.best(self.rule, matrix, self.active, pairs, rows, total)
            }),
        };
        if best.score <= 0.0 {
            return None;
        }
        // Once more in 64 bits: the search compares in 32.
        let value = |[g, h]: [f64; 2]| g * g / (h + params.lambda);
        let right = total - best.left;
        let gain = value(self.unscaled(best.left)) + value(self.unscaled(right)) - value([g, h]);
        (gain > LEAST_GAIN && gain >= params.gamma).then_some((best, gain))
    }

    /// The children's histograms, of which only the smaller is built; the other is the rest of the
    /// parent's. None where it will not be needed.
    fn child_histograms(
        &self,
        parent: Option<Vec<GradientPair>>,
        left: &[u32],
        right: &[u32],
        depth: usize,
    ) -> (Option<Vec<GradientPair>>, Option<Vec<GradientPair>>) {
        let pool = &self.matrix.pool;
        let Some(mut parent) = parent else { return (None, None) };
        let smaller_left = left.len() <= right.len();
        let (small, large) = if smaller_left { (left, right) } else { (right, left) };
        if depth >= self.params.max_depth || large.len() <= self.few {
            pool.give(parent);
            return (None, None);
        }
        let built = self.build(small);
        subtract(&mut parent, &built, self.matrix.rows.bins());
        let built = if small.len() > self.few {
            Some(built)
        } else {
            pool.give(built);
            None
        };
        if smaller_left { (built, Some(parent)) } else { (Some(parent), built) }
    }

    /// The histogram of `rows`, empty where features are not active.
    fn build(&self, rows: &[u32]) -> Vec<GradientPair> {
        let matrix = &self.matrix.rows;
        let mut histogram = self.matrix.pool.build(matrix, &self.gradients.pairs, rows);
        for (feature, _) in matrix.features.iter().zip(self.active).filter(|(_, active)| !**active)
        {
            histogram[feature.range()].fill(GradientPair::ZERO);
        }
        histogram
    }

    /// The leaf's value, from the exact gradients in the order of the rows.
    fn leaf(&self, rows: &[u32]) -> Grown {
        let (mut g, mut h) = (0.0, 0.0);
        for &row in rows {
            let [gradient, hessian] = self.gradients.exact[row as usize];
            g += f64::from(gradient);
            h += f64::from(hessian);
        }
        let value = -g / (h + self.params.lambda) * self.params.learning_rate;
        Grown::Leaf { rows: rows.len(), value: value as f32, cover: h }
    }

    fn unscaled(&self, pair: GradientPair) -> [f64; 2] {
        let [g, h] = self.gradients.scale;
        [f64::from(pair.gradient()) / g, f64::from(pair.hessian()) / h]
    }

    /// Lends memory to `work`, which must not wait for other tasks meanwhile.
    fn with_workspace<T>(&self, work: impl FnOnce(&mut GrowWorkspace) -> T) -> T {
        let lock = || self.matrix.free.lock().expect("no thread panics while it holds the list");
        let free = lock().pop();
        let mut workspace = free.unwrap_or_default();
        let result = work(&mut workspace);
        lock().push(workspace);
        result
    }
}

impl Grown {
    /// Calls `visit` with each leaf's rows and value, where `rows` is the list that the tree was
    /// grown on.
    pub(super) fn for_each_leaf(&self, rows: &[u32], visit: &mut impl FnMut(&[u32], f32)) {
        fn walk<'r>(
            node: &Grown,
            rows: &'r [u32],
            visit: &mut impl FnMut(&[u32], f32),
        ) -> &'r [u32] {
            match node {
                Grown::Leaf { rows: n, value, .. } => {
                    let (mine, rest) = rows.split_at(*n);
                    visit(mine, *value);
                    rest
                }
                Grown::Split { children, .. } => {
                    let rest = walk(&children[0], rows, visit);
                    walk(&children[1], rest, visit)
                }
            }
        }
        walk(self, rows, visit);
    }

    /// Sends other rows (ascending) down the tree and calls `visit` with what comes to each leaf.
    pub(super) fn route(
        &self,
        columns: &Columns,
        rows: &mut [u32],
        scratch: &mut PartitionScratch,
        visit: &mut impl FnMut(&[u32], f32),
    ) {
        match self {
            Self::Leaf { value, .. } => visit(rows, *value),
            Self::Split { .. } if rows.is_empty() => {}
            Self::Split { test, children, .. } => {
                let lefts = columns.part(*test, rows, scratch);
                let (left, right) = rows.split_at_mut(lefts);
                children[0].route(columns, left, scratch, visit);
                children[1].route(columns, right, scratch, visit);
            }
        }
    }

    /// The tree for the model.
    pub(super) fn tree(&self) -> Tree {
        fn push(grown: &Grown, nodes: &mut Vec<Node>) -> (u32, f64) {
            let at = nodes.len();
            match grown {
                Grown::Leaf { value, cover, .. } => {
                    let kind = NodeKind::Leaf { value: *value };
                    nodes.push(Node { kind, cover: *cover as f32, weight: *value });
                    (at as u32, *cover)
                }
                Grown::Split { test, threshold, gain, weight, children } => {
                    let kind = NodeKind::Leaf { value: 0.0 };
                    nodes.push(Node { kind, cover: 0.0, weight: *weight });
                    let (left, left_cover) = push(&children[0], nodes);
                    let (right, right_cover) = push(&children[1], nodes);
                    let cover = left_cover + right_cover;
                    nodes[at].cover = cover as f32;
                    nodes[at].kind = NodeKind::Split(NodeSplit {
                        feature: test.column,
                        threshold: *threshold,
                        default_left: test.default_left,
                        gain: *gain,
                        left,
                        right,
                    });
                    (at as u32, cover)
                }
            }
        }
        let mut nodes = Vec::new();
        push(self, &mut nodes);
        Tree { nodes }
    }
}
