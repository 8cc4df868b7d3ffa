//! The plane that parts a set of items in two.

use super::rng::Rng;
use crate::Vectors;
use crate::kernel::{self, StridedVectors};

/// Items that the two means are computed from. Annoy moves its means 200 times by an item each; more items and
/// whole rounds find better groups, and the sample stays in the cache.
const SAMPLE: usize = 256;

/// Rounds of assigning the sample to the nearer mean.
const ROUNDS: usize = 4;

/// The normal of a plane through the origin between the means of two groups of the items, by spherical
/// 2-means (Dhillon and Modha 2001) on a sample; `None` when the sample is of one direction.
pub(super) fn two_means(vectors: &Vectors<'_>, items: &[u32], rng: &mut Rng) -> Option<Vec<f32>> {
    let dimensions = vectors.dimensions();
    let count = items.len().min(SAMPLE);
    // One from each of `count` equal parts, at unit length, one behind the other.
    let mut sample = vec![0f32; count * dimensions];
    let mut used = 0;
    for i in 0..count {
        let (start, end) = (i * items.len() / count, (i + 1) * items.len() / count);
        let item = items[start + rng.below(end - start)] as usize;
        let scale = vectors.inverse_norm(item);
        if scale > 0.0 {
            let to = &mut sample[used * dimensions..(used + 1) * dimensions];
            to.iter_mut().zip(vectors.row(item)).for_each(|(to, from)| *to = from * scale);
            used += 1;
        }
    }
    if used < 2 {
        return None;
    }
    let table = StridedVectors::dense(&sample, dimensions);
    let rows: Vec<u32> = (0..used as u32).collect();

    let first = rng.below(used);
    let second = (first + 1 + rng.below(used - 1)) % used;
    let mut margins = vec![0f32; used];
    let mut normal = difference(table.row(first), table.row(second))?;
    for _ in 0..ROUNDS {
        kernel::dots(table, &rows, &normal, &mut margins);
        let mut sums = [vec![0f32; dimensions], vec![0f32; dimensions]];
        for (row, margin) in margins.iter().enumerate() {
            if *margin != 0.0 {
                kernel::add(&mut sums[usize::from(*margin > 0.0)], table.row(row));
            }
        }
        let [minus, plus] = &mut sums;
        if unit(minus) == 0.0 || unit(plus) == 0.0 {
            break;
        }
        let [minus, plus] = sums;
        normal = difference(&plus, &minus)?;
    }
    Some(normal)
}

/// `plus − minus` at unit length, `None` when they are equal.
fn difference(plus: &[f32], minus: &[f32]) -> Option<Vec<f32>> {
    let mut normal: Vec<f32> = plus.iter().zip(minus).map(|(plus, minus)| plus - minus).collect();
    (unit(&mut normal) > 0.0).then_some(normal)
}

/// Brings a vector to unit length; its length before, 0 when it is too short to have a direction.
fn unit(vector: &mut [f32]) -> f32 {
    let length = kernel::dot(vector, vector).sqrt();
    if length < 1e-6 {
        return 0.0;
    }
    vector.iter_mut().for_each(|value| *value /= length);
    length
}
