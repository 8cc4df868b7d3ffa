//! How many of the true neighbours an index finds, and how many trees that takes.

use super::rng::Rng;
use super::{Forest, Index, Params};
use crate::exact::Scan;
use crate::{Error, Vectors};
use rayon::prelude::*;

/// Recall@k: the mean share of the true `k` nearest items that the index finds.
///
/// `sample` of the `queries` are asked (all when there are fewer), drawn by `seed`. An item that is as near as
/// the last of the true ones counts as true. `items` are the vectors of the index. When the items themselves
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
    truth.recall(index, items, search_k)
}

/// What a forest must reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted {
    /// Recall@`k`, 0 to 1.
    pub recall: f64,
    /// Neighbours asked for.
    pub k: usize,
    /// Items compared a query; `k` times the number of trees when not given.
    pub search_k: Option<usize>,
    /// Queries that it is measured on.
    pub sample: usize,
    /// No more trees than these, even if the recall is not reached.
    pub most_trees: usize,
    /// Seed of the trees and of the sample.
    pub seed: u64,
}

impl Default for Wanted {
    /// Recall@10 of .95, measured on 500 queries, with at most 400 trees.
    fn default() -> Self {
        Self { recall: 0.95, k: 10, search_k: None, sample: 500, most_trees: 400, seed: 42 }
    }
}

/// A forest and what it reaches.
#[derive(Debug)]
pub struct Grown<'a> {
    /// The forest.
    pub forest: Forest<'a>,
    /// Its index, in memory.
    pub index: Index,
    /// Its recall; under the wanted one only when the most trees were too few.
    pub recall: f64,
}

/// Grows as few trees over `items` as find the wanted share of the true neighbours of `queries`.
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
        Ok((truth.recall(&index, items, wanted.search_k)?, index))
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
    Ok(Grown { forest, index, recall })
}

/// The queries and the cosine of the last of their true neighbours.
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
        let last = hits.iter().map(|hits| hits.last().map_or(0.0, |hit| hit.cosine)).collect();
        Ok(Self { queries, last, k })
    }

    fn recall(
        &self,
        index: &Index,
        items: &Vectors<'_>,
        search_k: Option<usize>,
    ) -> Result<f64, Error> {
        if self.queries.is_empty() || self.k == 0 {
            return Ok(1.0);
        }
        let found: Result<Vec<usize>, Error> = self
            .queries
            .par_iter()
            .zip(&self.last)
            .map(|(query, &last)| {
                let query_vectors = Vectors::new(query, items.dimensions())?;
                let neighbours = index.nearest(query, self.k, search_k)?;
                let near = |item: u32| query_vectors.cosine(0, items, item as usize) >= last;
                Ok(neighbours.iter().filter(|neighbour| near(neighbour.item)).count())
            })
            .collect();
        let found: usize = found?.iter().sum();
        Ok(found as f64 / (self.k * self.queries.len()) as f64)
    }
}
