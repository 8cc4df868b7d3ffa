//! Growing the trees.

use super::rng::Rng;
use super::together;
use super::tree::{Set, Tree};
use crate::{Error, Vectors};

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
        let seed = Rng::new(self.seed);
        let items: Vec<u32> = (0..self.vectors.len() as u32).collect();
        let set = |tree: usize| Set { items: items.clone(), rng: seed.part(tree as u64) };
        let new: Vec<usize> = (self.trees.len()..trees).collect();
        // Some at a time: each holds a list of all items while it grows.
        for some in new.chunks(16) {
            let sets = some.iter().map(|&tree| set(tree)).collect();
            self.trees.extend(together::grow(self.vectors, sets));
        }
        Ok(())
    }
}
