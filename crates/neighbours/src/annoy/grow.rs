//! Growing the trees.

use super::layout;
use super::rng::Rng;
use super::split::two_means;
use crate::kernel;
use crate::{Error, Vectors};
use rayon::prelude::*;

/// A side with more than this share of the items is no split.
const UNBALANCED: f64 = 0.95;

/// Planes that are tried before the items are halved as they come.
const ATTEMPTS: usize = 3;

/// Sets larger than this are split by several threads.
const PARALLEL: usize = 4096;

/// How a forest is grown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    /// Trees, 1 to 10,000: more of them find more of the true neighbours and take more time and space.
    pub trees: usize,
    /// Another seed gives other trees. Tree i is the same however many there are.
    pub seed: u64,
}

/// The trees over a set of vectors.
#[derive(Debug)]
pub struct Forest<'a> {
    pub(super) vectors: &'a Vectors<'a>,
    pub(super) seed: u64,
    pub(super) trees: Vec<Tree>,
}

#[derive(Debug)]
pub(super) enum Tree {
    Item(u32),
    Bucket(Vec<u32>),
    Split(Box<Split>),
}

#[derive(Debug)]
pub(super) struct Split {
    /// Zeros where no plane parts the items: a query then goes both ways.
    pub(super) normal: Vec<f32>,
    /// Items below.
    pub(super) below: usize,
    pub(super) sides: [Tree; 2],
}

impl<'a> Forest<'a> {
    /// Grows the trees on the threads of rayon's current pool; the same trees whatever their number.
    pub fn grow(vectors: &'a Vectors<'a>, params: &Params) -> Result<Self, Error> {
        let mut forest = Self { vectors, seed: params.seed, trees: Vec::new() };
        forest.grow_to(params.trees)?;
        Ok(forest)
    }

    /// How many trees there are.
    pub fn trees(&self) -> usize {
        self.trees.len()
    }

    /// Grows further trees, up to `trees` in all.
    pub(super) fn grow_to(&mut self, trees: usize) -> Result<(), Error> {
        if !(1..=10_000).contains(&trees) {
            return Err(Error::Parameter { name: "trees", expected: "1 to 10,000", found: trees });
        }
        let (vectors, seed) = (self.vectors, Rng::new(self.seed));
        let items: Vec<u32> = (0..vectors.len() as u32).collect();
        let new = self.trees.len()..trees;
        self.trees.par_extend(new.into_par_iter().map(|tree| {
            if items.len() <= layout::capacity(vectors.dimensions()) {
                return Tree::Bucket(items.clone());
            }
            grow(vectors, items.clone(), seed.part(tree as u64))
        }));
        Ok(())
    }
}

fn grow(vectors: &Vectors<'_>, items: Vec<u32>, mut rng: Rng) -> Tree {
    if let [item] = items[..] {
        return Tree::Item(item);
    }
    if items.len() <= layout::capacity(vectors.dimensions()) {
        return Tree::Bucket(items);
    }
    let below = items.len();
    let (normal, [left, right]) = part(vectors, &items, &mut rng);
    drop(items);
    let rngs = [rng.part(0), rng.part(1)];
    let [left_rng, right_rng] = rngs;
    let sides = if below > PARALLEL {
        rayon::join(|| grow(vectors, left, left_rng), || grow(vectors, right, right_rng))
    } else {
        (grow(vectors, left, left_rng), grow(vectors, right, right_rng))
    };
    Tree::Split(Box::new(Split { normal, below, sides: sides.into() }))
}

/// Parts the items by a plane: its normal, and the items behind and before it, in ascending order.
fn part(vectors: &Vectors<'_>, items: &[u32], rng: &mut Rng) -> (Vec<f32>, [Vec<u32>; 2]) {
    let limit = (items.len() as f64 * UNBALANCED) as usize;
    for _ in 0..ATTEMPTS {
        let Some(normal) = two_means(vectors, items, rng) else { break };
        let margins = margins(vectors, items, &normal);
        let mut sides = [Vec::with_capacity(items.len()), Vec::with_capacity(items.len())];
        for (&item, &margin) in items.iter().zip(&margins) {
            // On the plane, either side is right.
            let before = margin > 0.0 || margin == 0.0 && rng.next() & 1 == 1;
            sides[usize::from(before)].push(item);
        }
        if sides.iter().all(|side| side.len() <= limit) {
            return (normal, sides.map(|side| side.into_boxed_slice().into_vec()));
        }
    }
    // One direction, or nearly: any halves are as good as others, and the depth stays logarithmic.
    let halves = [0, 1].map(|side| items.iter().skip(side).step_by(2).copied().collect());
    (vec![0.0; vectors.dimensions()], halves)
}

fn margins(vectors: &Vectors<'_>, items: &[u32], normal: &[f32]) -> Vec<f32> {
    let mut margins = vec![0f32; items.len()];
    if items.len() > PARALLEL {
        let blocks = margins.par_chunks_mut(PARALLEL / 4).zip(items.par_chunks(PARALLEL / 4));
        blocks.for_each(|(out, items)| kernel::dots(vectors.table(), items, normal, out));
    } else {
        kernel::dots(vectors.table(), items, normal, &mut margins);
    }
    margins
}
