//! Weights of documents, term by term.

use std::{ops::Range, slice::IterMut};

use rayon::prelude::*;
use text::tfidf::Tfidf;

use super::{Shard, shard::Placed};

/// The weights of one version's documents.
#[derive(Debug)]
pub struct Weights {
    documents: u64,
    /// One column after the other, each ascending; no zeros.
    values: Vec<f64>,
    /// By term.
    columns: Vec<Range<usize>>,
}

impl Weights {
    /// Number of documents.
    #[must_use]
    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// The weights that are not zero, in term order, each column ascending.
    pub(super) fn columns(&self) -> Vec<&[f64]> {
        self.columns.iter().map(|range| &self.values[range.clone()]).collect()
    }

    /// Of the documents of all shards; `order` is the order of the columns in which the squares of a
    /// document are added up.
    pub(super) fn of(shards: Vec<Shard<'_>>, tfidf: &Tfidf, order: &[usize]) -> Self {
        let documents = shards.iter().map(Shard::documents).sum();
        let mut places = vec![0; order.len()];
        (0..).zip(order).for_each(|(place, &column)| places[column] = place);
        let placed = shards.into_par_iter().map(|shard| shard.placed(tfidf, &places));
        let shards: Vec<Placed> = placed.collect();
        let idf: Vec<f64> = order.iter().map(|&column| tfidf.idf()[column]).collect();

        let size = |place: usize| shards.iter().map(|shard| shard.sizes[place]).sum::<usize>();
        let sizes: Vec<usize> = (0..order.len()).map(size).collect();
        let mut columns = vec![0..0; order.len()];
        let mut end = 0;
        for (&column, &size) in order.iter().zip(&sizes) {
            columns[column] = end..end + size;
            end += size;
        }
        // Each shard writes to its part of each column.
        let mut values = vec![0.0; end];
        let mut rest = values.as_mut_slice();
        let mut parts: Vec<Vec<IterMut<'_, f64>>> = shards.iter().map(|_| Vec::new()).collect();
        for place in 0..order.len() {
            for (shard, parts) in shards.iter().zip(&mut parts) {
                let (part, more) = rest.split_at_mut(shard.sizes[place]);
                parts.push(part.iter_mut());
                rest = more;
            }
        }
        shards.into_par_iter().zip(parts).for_each(|(shard, mut parts)| {
            weigh(&shard, &idf, |place, weight| {
                if let Some(value) = parts[place].next() {
                    *value = weight;
                }
            });
        });
        let mut rest = values.as_mut_slice();
        let mut unsorted = Vec::new();
        for size in sizes {
            let (column, more) = rest.split_at_mut(size);
            unsorted.push(column);
            rest = more;
        }
        unsorted.into_par_iter().for_each(|column| column.sort_unstable_by(f64::total_cmp));
        Self { documents, values, columns }
    }
}

/// Hands on the weights of each document, columns ascending.
fn weigh(documents: &Placed, idf: &[f64], mut each: impl FnMut(usize, f64)) {
    // Both are zero between documents: occurrences by column, and a bit for each that occurs.
    let mut counts = vec![0_u32; idf.len()];
    let mut present = vec![0_u64; idf.len().div_ceil(64)];
    let mut weights = Vec::new();
    for document in documents.documents() {
        for (column, count) in document {
            counts[column] += count;
            present[column / 64] |= 1 << (column % 64);
        }
        let mut squares = 0.0;
        for (at, bits) in present.iter_mut().enumerate() {
            let mut bits = std::mem::take(bits);
            while bits != 0 {
                let column = 64 * at + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let weight = f64::from(std::mem::take(&mut counts[column])) * idf[column];
                squares += weight * weight;
                weights.push((column, weight));
            }
        }
        let norm = squares.sqrt();
        weights.drain(..).for_each(|(column, weight)| each(column, weight / norm));
    }
}
