//! Weights of documents, term by term.

use rayon::prelude::*;
use text::tfidf::Tfidf;

use super::Shard;

/// The weights of one version's documents.
#[derive(Debug)]
pub struct Weights {
    /// Number of documents.
    pub(super) documents: u64,
    /// By column, the weights that are not zero, ascending.
    pub(super) columns: Vec<Vec<f64>>,
}

impl Weights {
    /// Of the documents of all shards, on all of rayon's threads.
    #[must_use]
    pub fn from_shards(shards: Vec<Shard<'_>>, tfidf: &Tfidf) -> Self {
        let documents = shards.iter().map(Shard::documents).sum();
        let shards: Vec<_> = shards.into_par_iter().map(|shard| shard.weigh(tfidf)).collect();
        let mut columns = vec![Vec::new(); tfidf.columns()];
        for shard in shards {
            for (column, mut weights) in columns.iter_mut().zip(shard) {
                column.append(&mut weights);
            }
        }
        columns.par_iter_mut().for_each(|column| column.sort_unstable_by(f64::total_cmp));
        Self { documents, columns }
    }
}
