//! The upper levels of all trees at once.
//!
//! A tree alone reads every vector once a level; where they are more than the cache holds, that is what the
//! time goes into. So all large sets of all trees are parted level by level, and a block of vectors is read
//! from memory once for all of them. The trees are the same as when each is grown alone.

use super::tree::{self, Parts, Set, Tree};
use crate::{Vectors, kernel};
use rayon::prelude::*;

/// Sets of no more values than these are left to [`tree::grow`]: they fit a cache.
const VALUES: usize = 1 << 20;

/// Vectors that are read at a time.
const BLOCK: usize = 1024;

/// Blocks that are one task.
const TASK: usize = 4;

/// One tree over each set.
pub(super) fn grow(vectors: &Vectors<'_>, sets: Vec<Set>) -> Vec<Tree> {
    let large = |set: &Set| set.items.len() * vectors.dimensions() > VALUES;
    if !sets.iter().any(large) {
        return sets.into_par_iter().map(|set| tree::grow(vectors, set)).collect();
    }
    let parted = part(vectors, sets, large);
    let (mut shapes, mut next) = (Vec::with_capacity(parted.len()), Vec::new());
    for part in parted {
        match part {
            Ok(Parts { normal, sides }) => {
                shapes.push(Some((normal, sides.iter().map(|set| set.items.len()).sum())));
                next.extend(sides);
            }
            Err(small) => {
                shapes.push(None);
                next.push(small);
            }
        }
    }
    // Pairs of sides come back in the order in which they went.
    let mut grown = grow(vectors, next).into_iter();
    let mut tree = || grown.next().unwrap_or(Tree::Bucket(Vec::new()));
    shapes
        .into_iter()
        .map(|shape| match shape {
            Some((normal, below)) => Tree::split(normal, below, [tree(), tree()]),
            None => tree(),
        })
        .collect()
}

/// Parts the large sets; the small ones come back as they are.
fn part(
    vectors: &Vectors<'_>,
    mut sets: Vec<Set>,
    large: impl Fn(&Set) -> bool + Sync,
) -> Vec<Result<Parts, Set>> {
    let normals: Vec<Option<Vec<f32>>> = sets
        .par_iter_mut()
        .map(|set| if large(set) { tree::normal(vectors, set) } else { None })
        .collect();
    let mut planes: Vec<(&[u32], &[f32])> = Vec::new();
    for (set, normal) in sets.iter().zip(&normals) {
        planes.extend(normal.as_ref().map(|normal| (&set.items[..], &normal[..])));
    }
    let mut margins = margins(vectors, &planes).into_iter();
    let margins: Vec<Vec<f32>> = normals
        .iter()
        .map(|n| n.as_ref().and_then(|_| margins.next()).unwrap_or_default())
        .collect();
    sets.into_par_iter()
        .zip(normals)
        .zip(margins)
        .map(|((set, normal), margins)| match normal {
            Some(normal) => Ok(tree::part_by(vectors, set, normal, &margins)),
            None if large(&set) => Ok(tree::halves(vectors, set)),
            None => Err(set),
        })
        .collect()
}

/// The products of every set's items with its normal.
fn margins(vectors: &Vectors<'_>, planes: &[(&[u32], &[f32])]) -> Vec<Vec<f32>> {
    let tasks: Vec<usize> = (0..vectors.len()).step_by(BLOCK * TASK).collect();
    let parts: Vec<Vec<Vec<f32>>> = tasks
        .into_par_iter()
        .map(|first| {
            let mut out = vec![Vec::new(); planes.len()];
            for first in (first..first + BLOCK * TASK).step_by(BLOCK) {
                for ((items, normal), out) in planes.iter().zip(&mut out) {
                    // The items ascend.
                    let at = |limit: usize| items.partition_point(|&item| (item as usize) < limit);
                    let items = &items[at(first)..at(first + BLOCK)];
                    let filled = out.len();
                    out.resize(filled + items.len(), 0.0);
                    kernel::dots(vectors.table(), items, normal, &mut out[filled..]);
                }
            }
            out
        })
        .collect();
    (0..planes.len())
        .map(|plane| parts.iter().flat_map(|part| &part[plane]).copied().collect())
        .collect()
}
