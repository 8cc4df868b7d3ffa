//! The best few of many.

use std::cmp::Ordering;

/// An item and its cosine with the query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// The item's row.
    pub item: u32,
    /// −1 to 1; 0 when one of the two is a zero vector.
    pub cosine: f32,
}

/// The greater cosine first; among equals the lower item.
pub(crate) fn order(a: &Hit, b: &Hit) -> Ordering {
    b.cosine.total_cmp(&a.cosine).then(a.item.cmp(&b.item))
}

/// Keeps at least the best `k` of the hits that are offered to it, whose cosines may be off by `error`.
///
/// A hit is dropped only when `k` others are better than it whatever the errors are, so the best `k` by the
/// exact cosine are among those kept. When too many lie within the error of each other, their exact cosines
/// are asked for.
#[derive(Clone)]
pub(crate) struct Top {
    k: usize,
    error: f32,
    floor: f32,
    hits: Vec<Hit>,
}

impl Top {
    pub(crate) fn new(k: usize, error: f32) -> Self {
        let floor = if k == 0 { f32::INFINITY } else { f32::NEG_INFINITY };
        Self { k, error, floor, hits: Vec::new() }
    }

    /// A cosine under this cannot be among the best.
    #[inline(always)]
    pub(crate) fn floor(&self) -> f32 {
        self.floor
    }

    /// Takes a hit whose cosine is at least [`Self::floor`].
    #[inline]
    pub(crate) fn offer(&mut self, hit: Hit, exact: impl Fn(Hit) -> f32) {
        self.hits.push(hit);
        let room = 2 * self.k + 32;
        if self.hits.len() < room {
            return;
        }
        self.prune();
        // Half of the room must be free again, else every offer would prune.
        if self.hits.len() > self.k + 16 {
            self.settle(&exact);
        }
    }

    fn prune(&mut self) {
        if self.hits.len() > self.k {
            self.hits.select_nth_unstable_by(self.k - 1, order);
            self.floor = self.hits[self.k - 1].cosine - 2.0 * self.error;
            let floor = self.floor;
            self.hits.retain(|hit| hit.cosine >= floor);
        }
    }

    /// Replaces the cosines by the exact ones and keeps the best `k`, in order.
    fn settle(&mut self, exact: &impl Fn(Hit) -> f32) {
        self.hits.iter_mut().for_each(|hit| hit.cosine = exact(*hit));
        self.hits.sort_unstable_by(order);
        self.hits.truncate(self.k);
        if self.hits.len() == self.k && self.k > 0 {
            self.floor = self.hits[self.k - 1].cosine - 2.0 * self.error;
        }
    }

    /// The best `k` by the exact cosine, best first.
    pub(crate) fn finish(mut self, exact: impl Fn(Hit) -> f32) -> Vec<Hit> {
        if self.k > 0 {
            self.prune();
        }
        self.settle(&exact);
        self.hits
    }
}
