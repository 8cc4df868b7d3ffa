//! What each feature contributes to one prediction: exact path-dependent TreeSHAP.
//!
//! The values are those of Lundberg, Erion and Lee, "Consistent individualized feature attribution for
//! tree ensembles" (2018), algorithm 2, and of XGBoost's `pred_contribs`: the Shapley values of the game
//! in which a feature that is left out sends a row down both sides of its splits, weighted by cover.
//!
//! They are computed another way. For a leaf whose path asks for the features `1..=d`, feature `i`
//! multiplies the leaf's weight by `o_i` (1 if the row passes all its splits on the path, else 0) when
//! it is known and by `z_i` (the product of its splits' cover ratios) when it is not. With the beta
//! integral `∫ tᵏ(1−t)^{d−1−k} dt = k!(d−1−k)!/d!` the Shapley weights become one integral over the
//! share `t` of the features that are known:
//!
//! ```text
//! φ_i = v (o_i − z_i) ∫₀¹ Π_{j≠i} (z_j (1−t) + o_j t) dt
//! ```
//!
//! a polynomial of degree `d − 1`, for which Gauss-Legendre quadrature with `⌈d/2⌉` points is exact
//! (the idea of Yu et al., "Linear TreeSHAP", NeurIPS 2022). So going down a tree takes one product a
//! point, and coming back up one sum a point: `O(nodes · depth)` a row instead of `O(leaves · depth²)`.

use rayon::prelude::*;

use crate::tree::{NodeKind, NodeSplit, Tree};
use crate::{Csr, Error, Model};

/// The most quadrature points, enough for paths of `2 · MOST` features.
const MOST: usize = 32;

impl Model {
    /// Contributions to the margin, row-major `(rows, columns + 1)`: entry `j` of a row is the Shapley
    /// value of column `j`, the last is the bias (the mean margin of the training rows, by cover); they
    /// sum to the row's margin.
    ///
    /// # Errors
    /// [`Error::Columns`] if the matrix has another number of columns than the model,
    /// [`Error::TooLarge`] if a tree (of a model that was read) is deeper than 64.
    pub fn contributions(&self, rows: &Csr) -> Result<Vec<f32>, Error> {
        self.check_columns(rows)?;
        let deepest = self.trees.iter().map(Tree::depth).max().unwrap_or(0);
        match deepest {
            0..=4 => Ok(self.contributions_by::<2>(rows)),
            5..=8 => Ok(self.contributions_by::<4>(rows)),
            9..=16 => Ok(self.contributions_by::<8>(rows)),
            17..=64 => Ok(self.contributions_by::<MOST>(rows)),
            found => {
                Err(Error::TooLarge { what: "splits on a path of a tree", limit: 2 * MOST, found })
            }
        }
    }

    fn contributions_by<const POINTS: usize>(&self, rows: &Csr) -> Vec<f32> {
        let columns = self.columns();
        let means: Vec<f64> = self.trees.iter().map(|tree| mean(tree, 0)).collect();
        let bias = f64::from(self.base_margin()) + means.iter().sum::<f64>();
        let quadrature = Quadrature::<POINTS>::new();
        let mut out = vec![0.0f32; rows.rows() * (columns + 1)];
        let workspace = || (vec![f32::NAN; columns], vec![0.0f64; columns], Vec::new());
        let each = out.par_chunks_mut(columns + 1).enumerate();
        each.for_each_init(workspace, |(dense, sums, path), (row, out)| {
            let (indices, values) = rows.row(row);
            for (&column, &value) in indices.iter().zip(values) {
                dense[column as usize] = value;
            }
            sums.fill(0.0);
            for tree in &self.trees {
                let mut walk = Walk { tree, row: dense, quadrature: &quadrature, sums, path };
                walk.node(0, quadrature.weights);
            }
            for (out, &sum) in out.iter_mut().zip(sums.iter()) {
                *out = sum as f32;
            }
            out[columns] = bias as f32;
            for &column in indices {
                dense[column as usize] = f32::NAN;
            }
        });
        out
    }
}

/// Mean leaf value below a node, by cover.
fn mean(tree: &Tree, node: u32) -> f64 {
    match &tree.nodes[node as usize].kind {
        NodeKind::Leaf { value } => f64::from(*value),
        NodeKind::Split(split) => {
            let [left, right] = ratios(tree, split);
            left * mean(tree, split.left) + right * mean(tree, split.right)
        }
    }
}

/// The shares of a split's rows that went left and right.
fn ratios(tree: &Tree, split: &NodeSplit) -> [f64; 2] {
    let cover = |node: u32| f64::from(tree.nodes[node as usize].cover);
    let (left, right) = (cover(split.left), cover(split.right));
    let both = left + right;
    // A model that was read may have covers of 0; then either side counts half.
    if both > 0.0 { [left / both, right / both] } else { [0.5, 0.5] }
}

/// One feature on the way from the root.
#[derive(Debug, Clone, Copy)]
struct PathFeature {
    feature: u32,
    /// Product of the cover ratios of its splits so far.
    zero: f64,
    /// Whether the row passed all of them.
    one: bool,
}

/// One row going down one tree.
struct Walk<'a, const POINTS: usize> {
    tree: &'a Tree,
    row: &'a [f32],
    quadrature: &'a Quadrature<POINTS>,
    sums: &'a mut [f64],
    /// The edges above; a feature's last step stands for it.
    path: &'a mut Vec<PathFeature>,
}

impl<const POINTS: usize> Walk<'_, POINTS> {
    /// Adds what the subtree contributes to the features above it, and returns its leaves' sum of
    /// `v Π_j (z_j (1−t) + o_j t)` at each point; `product` is that product (and the point's weight)
    /// on the way here.
    fn node(&mut self, node: u32, product: [f64; POINTS]) -> [f64; POINTS] {
        let tree = self.tree;
        let split = match &tree.nodes[node as usize].kind {
            NodeKind::Leaf { value } => return product.map(|p| p * f64::from(*value)),
            NodeKind::Split(split) => split,
        };
        let way = split.child(self.row[split.feature as usize]);
        let above = self.path.iter().rposition(|step| step.feature == split.feature);
        let above = above.map(|at| self.path[at]);
        let [left, right] = ratios(tree, split);
        let a = self.edge(split.left, left, way == split.left, split.feature, above, &product);
        let b = self.edge(split.right, right, way == split.right, split.feature, above, &product);
        std::array::from_fn(|q| a[q] + b[q])
    }

    /// Goes down one side of a split on `feature`, which was met before as `above`.
    fn edge(
        &mut self,
        child: u32,
        ratio: f64,
        passes: bool,
        feature: u32,
        above: Option<PathFeature>,
        product: &[f64; POINTS],
    ) -> [f64; POINTS] {
        let zero = ratio * above.map_or(1.0, |step| step.zero);
        let one = passes && above.is_none_or(|step| step.one);
        // Neither known nor unknown does the row get here.
        if zero == 0.0 && !one {
            return [0.0; POINTS];
        }
        let step = PathFeature { feature, zero, one };
        let factor = self.quadrature.factor(step);
        let old = above.map(|step| self.quadrature.factor(step));
        let inside = match &old {
            Some(old) => std::array::from_fn(|q| product[q] / old[q] * factor[q]),
            None => std::array::from_fn(|q| product[q] * factor[q]),
        };
        self.path.push(step);
        let sum = self.node(child, inside);
        self.path.pop();
        let without = |factor: &[f64; POINTS]| (0..POINTS).map(|q| sum[q] / factor[q]).sum::<f64>();
        let gap = |step: PathFeature| f64::from(u8::from(step.one)) - step.zero;
        let mut phi = gap(step) * without(&factor);
        // The step above will count this subtree with its own factor: take that away beforehand.
        if let (Some(above), Some(old)) = (above, &old) {
            phi -= gap(above) * without(old);
        }
        self.sums[feature as usize] += phi;
        sum
    }
}

/// Gauss-Legendre quadrature on [0, 1].
struct Quadrature<const POINTS: usize> {
    points: [f64; POINTS],
    weights: [f64; POINTS],
}

impl<const POINTS: usize> Quadrature<POINTS> {
    /// Roots of the Legendre polynomial by Newton's method.
    fn new() -> Self {
        let n = POINTS as f64;
        let (mut points, mut weights) = ([0.0; POINTS], [0.0; POINTS]);
        for i in 0..POINTS {
            let mut x = (std::f64::consts::PI * (i as f64 + 0.75) / (n + 0.5)).cos();
            let mut slope = 1.0;
            for _ in 0..100 {
                let (mut value, mut before) = (1.0, 0.0);
                for k in 0..POINTS {
                    let k = k as f64;
                    let next = ((2.0 * k + 1.0) * x * value - k * before) / (k + 1.0);
                    (before, value) = (value, next);
                }
                slope = n * (x * value - before) / (x * x - 1.0);
                let move_by = value / slope;
                x -= move_by;
                if move_by.abs() < 1e-15 {
                    break;
                }
            }
            points[i] = 0.5 - 0.5 * x;
            weights[i] = 1.0 / ((1.0 - x * x) * slope * slope);
        }
        Self { points, weights }
    }

    /// `z (1−t) + o t` at each point; never 0, as the points lie inside (0, 1) and not both are 0.
    fn factor(&self, step: PathFeature) -> [f64; POINTS] {
        let one = f64::from(u8::from(step.one));
        self.points.map(|t| step.zero * (1.0 - t) + one * t)
    }
}
