//! Asking an index.

use super::Index;
use super::layout;
use crate::top::{Hit, Top};
use crate::vectors::{cosine, inverse_norm};
use crate::{Error, kernel};
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Candidates beyond `k` that are measured again in double precision.
const SPARE: usize = 8;

/// An item and how far it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// The item's number.
    pub item: u32,
    /// `sqrt(2 − 2·cosine)`, 0 to 2, as Annoy gives it; √2 when one of the two is a zero vector.
    pub distance: f32,
}

impl Index {
    /// The `k` nearest items that are found, nearest first, among equals the lower number first.
    ///
    /// At least `search_k` different items are compared with the query (`k` times the number of trees when
    /// not given): more take more time and find more of the true neighbours, and as many as the index has
    /// find all.
    pub fn nearest(
        &self,
        query: &[f32],
        k: usize,
        search_k: Option<usize>,
    ) -> Result<Vec<Neighbour>, Error> {
        if query.len() != self.dimensions() {
            return Err(Error::Dimensions { expected: self.dimensions(), found: query.len() });
        }
        let inverse = inverse_norm(kernel::dot(query, query)).ok_or(Error::NotFinite { row: 0 })?;
        let k = k.min(self.len());
        let search_k = search_k.unwrap_or(k.saturating_mul(self.trees())).max(k);

        let hits = self.candidates(query, inverse, k.saturating_add(SPARE), search_k);
        let mut neighbours: Vec<Neighbour> = hits
            .iter()
            .map(|hit| Neighbour {
                item: hit.item,
                distance: distance(query, self.nodes().vector(hit.item as usize)),
            })
            .collect();
        neighbours
            .sort_unstable_by(|a, b| a.distance.total_cmp(&b.distance).then(a.item.cmp(&b.item)));
        neighbours.truncate(k);
        Ok(neighbours)
    }

    /// The `k` nearest items to an item: itself first, but for equals of lower number.
    pub fn nearest_to_item(
        &self,
        item: usize,
        k: usize,
        search_k: Option<usize>,
    ) -> Result<Vec<Neighbour>, Error> {
        self.nearest(self.vector(item)?, k, search_k)
    }

    /// How far two items are from each other.
    pub fn distance(&self, item: usize, other: usize) -> Result<f32, Error> {
        Ok(distance(self.vector(item)?, self.vector(other)?))
    }

    /// The best `k` of at least `search_k` items from the buckets nearest to the query.
    fn candidates(&self, query: &[f32], inverse: f32, k: usize, search_k: usize) -> Vec<Hit> {
        let (nodes, checked) = (self.nodes(), self.checked());
        let (items, capacity) = (checked.items, layout::capacity(self.dimensions()));
        let table = nodes.table();
        let mut seen = vec![0u64; items.div_ceil(64)];
        let mut queue: BinaryHeap<Branch> =
            checked.roots.iter().map(|&node| Branch { priority: f32::INFINITY, node }).collect();
        let mut top = Top::new(k, 0.0);
        let (mut fresh, mut dots) = (Vec::with_capacity(capacity), vec![0f32; capacity]);
        let mut compared = 0;
        while compared < search_k
            && let Some(Branch { priority, node }) = queue.pop()
        {
            let below = nodes.below(node as usize);
            let found = if (node as usize) < items {
                std::slice::from_ref(&node)
            } else if below <= capacity {
                &nodes.words(node as usize)[1..=below]
            } else {
                let margin = kernel::dot(nodes.vector(node as usize), query);
                let [behind, before] = nodes.children(node as usize);
                queue.push(Branch { priority: priority.min(margin), node: before });
                queue.push(Branch { priority: priority.min(-margin), node: behind });
                continue;
            };
            fresh.clear();
            for &item in found {
                let (word, bit) = (item as usize / 64, 1u64 << (item % 64));
                if seen[word] & bit == 0 {
                    seen[word] |= bit;
                    fresh.push(item);
                }
            }
            compared += fresh.len();
            let dots = &mut dots[..fresh.len()];
            kernel::dots(table, &fresh, query, dots);
            for (&item, &dot) in fresh.iter().zip(&*dots) {
                let cosine = cosine(dot, inverse, checked.inverse_norms[item as usize]);
                if cosine >= top.floor() {
                    top.offer(Hit { item, cosine }, |hit| hit.cosine);
                }
            }
        }
        top.finish(|hit| hit.cosine)
    }
}

/// A node that waits to be visited; the greatest priority first, then the lowest node.
#[derive(PartialEq)]
struct Branch {
    /// The least distance by which the query is on this side of a plane above.
    priority: f32,
    node: u32,
}

impl Eq for Branch {}

impl Ord for Branch {
    fn cmp(&self, other: &Self) -> Ordering {
        self.priority.total_cmp(&other.priority).then(other.node.cmp(&self.node))
    }
}

impl PartialOrd for Branch {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// In double precision: near 1, a cosine in single precision is a distance of some 3e-4.
pub(super) fn distance(a: &[f32], b: &[f32]) -> f32 {
    let (mut ab, mut aa, mut bb) = (0f64, 0f64, 0f64);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (f64::from(*a), f64::from(*b));
        (ab, aa, bb) = (ab + a * b, aa + a * a, bb + b * b);
    }
    const SHORTEST: f64 = 1e-30;
    let cosine = if aa < SHORTEST || bb < SHORTEST { 0.0 } else { ab / (aa * bb).sqrt() };
    (2.0 - 2.0 * cosine).max(0.0).sqrt() as f32
}
