//! How many of the true neighbours an index finds, and how many trees and comparisons that takes.

use super::query::distance;
use super::rng::Rng;
use super::{Forest, Index, Params};
use crate::exact::Scan;
use crate::{Error, Vectors};
use rayon::prelude::*;

/// Recall@k: the mean share of the true `k` nearest items that the index finds.
///
/// `sample` of the `queries` are asked (all when there are fewer), drawn by `seed`. An item that is as near as
/// the last of the true ones, to [`TIE`], counts as true: which of several equal items is named does not matter. `items` are the vectors of the index. When the items themselves
/// are the queries, each finds itself, which flatters the figure by at most `1/k`.
pub fn recall(
    index: &Index,
    items: &Vectors<'_>,
    queries: &Vectors<'_>,
    k: usize,
    search_k: Option<usize>,
    (sample, seed): (usize, u64),
) -> Result<f64, Error> {
    let truth = Truth::new(items, queries, k, sample, seed)?;
    truth.recall(index, search_k)
}

/// Distances that differ by less are equal: they are of the same texts, or of rounding.
pub const TIE: f32 = 1e-6;

/// What a forest must reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted {
    /// Recall@`k`, 0 to 1.
    pub recall: f64,
    /// Neighbours asked for.
    pub k: usize,
    /// Queries that it is measured on.
    pub sample: usize,
    /// No more trees than these: where they do not reach the recall, more items are compared.
    pub most_trees: usize,
    /// Seed of the trees and of the sample.
    pub seed: u64,
}

impl Default for Wanted {
    /// Recall@10 of 0.95, measured on 500 queries, with at most 100 trees.
    fn default() -> Self {
        Self { recall: 0.95, k: 10, sample: 500, most_trees: 100, seed: 42 }
    }
}

/// A forest and what it reaches.
#[derive(Debug)]
pub struct Grown<'a> {
    /// The forest.
    pub forest: Forest<'a>,
    /// Its index, in memory.
    pub index: Index,
    /// Items to compare a query, for [`Index::nearest`].
    pub search_k: usize,
    /// Its recall with them.
    pub recall: f64,
}

/// Grows as few trees over `items` as find the wanted share of the true neighbours of `queries` when `k` times
/// as many items are compared, as [`Index::nearest`] does by itself. Where the most trees find fewer, because
/// the queries lie far from all items alike, more items are compared: that costs time at a query, and no space.
pub fn grow_for_recall<'a>(
    items: &'a Vectors<'a>,
    queries: &Vectors<'_>,
    wanted: &Wanted,
) -> Result<Grown<'a>, Error> {
    let truth = Truth::new(items, queries, wanted.k, wanted.sample, wanted.seed)?;
    let first = wanted.most_trees.min(8);
    let mut forest = Forest::grow(items, &Params { trees: first, seed: wanted.seed })?;
    let measure = |forest: &Forest<'a>, trees: usize| -> Result<(f64, Index), Error> {
        let index = forest.index_of(trees)?;
        Ok((truth.recall(&index, None)?, index))
    };
    // Doubled until it is enough; then the least that is enough, by halves: more trees find more.
    let mut too_few = 0;
    let mut best = (forest.trees(), measure(&forest, forest.trees())?);
    while best.1.0 < wanted.recall && best.0 < wanted.most_trees {
        too_few = best.0;
        let trees = (best.0 * 2).min(wanted.most_trees);
        forest.grow_to(trees)?;
        best = (trees, measure(&forest, trees)?);
    }
    if best.1.0 >= wanted.recall {
        while best.0 - too_few > 1 {
            let middle = too_few + (best.0 - too_few) / 2;
            let measured = measure(&forest, middle)?;
            if measured.0 >= wanted.recall {
                best = (middle, measured);
            } else {
                too_few = middle;
            }
        }
    }
    let (trees, (recall, index)) = best;
    forest.trees.truncate(trees);
    let by_itself = (wanted.k * trees, recall);
    let (search_k, recall) = if recall >= wanted.recall {
        by_itself
    } else {
        let of = |search_k| truth.recall(&index, Some(search_k));
        least_search(by_itself, items.len(), wanted.recall, of)?
    };
    Ok(Grown { forest, index, search_k, recall })
}

/// The fewest items to compare, to an eighth, that reach the recall, of more than are `too_few`; all of them
/// reach what can be reached.
fn least_search(
    (mut too_few, mut recall): (usize, f64),
    items: usize,
    wanted: f64,
    of: impl Fn(usize) -> Result<f64, Error>,
) -> Result<(usize, f64), Error> {
    let mut enough = too_few;
    while recall < wanted && enough < items {
        too_few = enough;
        enough = (enough * 2).min(items);
        recall = of(enough)?;
    }
    while recall >= wanted && (enough - too_few) * 8 > enough {
        let middle = too_few + (enough - too_few) / 2;
        let there = of(middle)?;
        if there >= wanted {
            (enough, recall) = (middle, there);
        } else {
            too_few = middle;
        }
    }
    Ok((enough, recall))
}

/// The queries and the distance of the last of their true neighbours.
struct Truth {
    queries: Vec<Vec<f32>>,
    last: Vec<f32>,
    k: usize,
}

impl Truth {
    fn new(
        items: &Vectors<'_>,
        queries: &Vectors<'_>,
        k: usize,
        sample: usize,
        seed: u64,
    ) -> Result<Self, Error> {
        let k = k.min(items.len());
        let count = sample.min(queries.len());
        // One from each of `count` equal parts.
        let mut rng = Rng::new(seed).part(u64::MAX);
        let rows = (0..count).map(|i| {
            let (start, end) = (i * queries.len() / count, (i + 1) * queries.len() / count);
            queries.row(start + rng.below(end - start)).to_vec()
        });
        let queries: Vec<Vec<f32>> = rows.collect();
        let flat = queries.concat();
        let sampled = Vectors::new(&flat, items.dimensions())?;
        let hits = Scan::new(k).collect(&sampled, items)?;
        // The scan orders by cosine in single precision, which near 1 does not tell distances apart.
        let last = queries
            .iter()
            .zip(&hits)
            .map(|(query, hits)| {
                let far = hits.iter().map(|hit| distance(query, items.row(hit.item as usize)));
                far.fold(0.0, f32::max)
            })
            .collect();
        Ok(Self { queries, last, k })
    }

    fn recall(&self, index: &Index, search_k: Option<usize>) -> Result<f64, Error> {
        if self.queries.is_empty() || self.k == 0 {
            return Ok(1.0);
        }
        let found: Result<Vec<usize>, Error> = self
            .queries
            .par_iter()
            .zip(&self.last)
            .map(|(query, &last)| {
                let neighbours = index.nearest(query, self.k, search_k)?;
                Ok(neighbours.iter().filter(|neighbour| neighbour.distance <= last + TIE).count())
            })
            .collect();
        let found: usize = found?.iter().sum();
        Ok(found as f64 / (self.k * self.queries.len()) as f64)
    }
}
