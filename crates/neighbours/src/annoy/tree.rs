//! A tree over a set of items.

use super::layout;
use super::rng::Rng;
use super::split::two_means;
use crate::{Vectors, kernel};

/// A side with more than this share of the items is not a split.
const UNBALANCED: f64 = 0.95;

/// Planes that are tried before the items are halved as they come.
const ATTEMPTS: usize = 3;

/// Sides of sets larger than this are grown by several threads.
const PARALLEL: usize = 4096;

#[derive(Debug)]
pub(super) enum Tree {
    Item(u32),
    Bucket(Vec<u32>),
    Split(Box<PlaneSplit>),
}

#[derive(Debug)]
pub(super) struct PlaneSplit {
    /// Zeros where no plane parts the items: a query then goes both ways.
    pub(super) normal: Vec<f32>,
    /// Items below.
    pub(super) below: usize,
    pub(super) sides: [Tree; 2],
}

impl Tree {
    pub(super) fn split(normal: Vec<f32>, below: usize, sides: [Tree; 2]) -> Self {
        Self::Split(Box::new(PlaneSplit { normal, below, sides }))
    }
}

/// Items, ascending, that become a tree, and the randomness that it uses.
pub(super) struct Set {
    pub(super) items: Vec<u32>,
    pub(super) rng: Rng,
}

/// A set in two: what lies behind the plane, and what before it.
pub(super) struct Parts {
    pub(super) normal: Vec<f32>,
    pub(super) sides: [Set; 2],
}

/// Grows a tree, a side after the other or both at once.
pub(super) fn grow(vectors: &Vectors<'_>, set: Set) -> Tree {
    let below = set.items.len();
    if below <= layout::capacity(vectors.dimensions()) {
        // A root is a node of its own, even over a single item.
        return if below == 1 && vectors.len() > 1 {
            Tree::Item(set.items[0])
        } else {
            Tree::Bucket(set.items)
        };
    }
    let Parts { normal, sides: [left, right] } = part(vectors, set);
    let (left, right) = if below > PARALLEL {
        rayon::join(|| grow(vectors, left), || grow(vectors, right))
    } else {
        (grow(vectors, left), grow(vectors, right))
    };
    Tree::split(normal, below, [left, right])
}

fn part(vectors: &Vectors<'_>, mut set: Set) -> Parts {
    match normal(vectors, &mut set) {
        Some(normal) => {
            let margins = margins(vectors, &set.items, &normal);
            part_by(vectors, set, normal, &margins)
        }
        None => halves(vectors, set),
    }
}

/// A plane to part a set by, `None` when it is of one direction.
pub(super) fn normal(vectors: &Vectors<'_>, set: &mut Set) -> Option<Vec<f32>> {
    two_means(vectors, &set.items, &mut set.rng)
}

fn margins(vectors: &Vectors<'_>, items: &[u32], normal: &[f32]) -> Vec<f32> {
    let mut margins = vec![0f32; items.len()];
    kernel::dots(vectors.table(), items, normal, &mut margins);
    margins
}

/// Parts a set by a plane, or by another when that one leaves nearly all on one side.
pub(super) fn part_by(
    vectors: &Vectors<'_>,
    mut set: Set,
    plane: Vec<f32>,
    products: &[f32],
) -> Parts {
    let limit = (set.items.len() as f64 * UNBALANCED) as usize;
    let mut plane = Some(plane);
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            plane = normal(vectors, &mut set);
        }
        let Some(normal) = plane.take() else { break };
        let again = if attempt > 0 { margins(vectors, &set.items, &normal) } else { Vec::new() };
        let products = if attempt > 0 { &again } else { products };
        let mut sides = [0, 1].map(|_| Vec::with_capacity(set.items.len() / 2 + 1));
        for (&item, &product) in set.items.iter().zip(products) {
            // On the plane, either side is right.
            let before = product > 0.0 || product == 0.0 && set.rng.next() & 1 == 1;
            sides[usize::from(before)].push(item);
        }
        if sides.iter().all(|side| side.len() <= limit) {
            return Parts { normal, sides: with_rng(set.rng, sides) };
        }
    }
    halves(vectors, set)
}

/// Of one direction, or nearly: any halves are as good as others, and the depth stays logarithmic.
pub(super) fn halves(vectors: &Vectors<'_>, set: Set) -> Parts {
    let sides = [0, 1].map(|side| set.items.iter().skip(side).step_by(2).copied().collect());
    Parts { normal: vec![0.0; vectors.dimensions()], sides: with_rng(set.rng, sides) }
}

fn with_rng(rng: Rng, [left, right]: [Vec<u32>; 2]) -> [Set; 2] {
    [Set { items: left, rng: rng.part(0) }, Set { items: right, rng: rng.part(1) }]
}
