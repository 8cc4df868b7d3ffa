//! The baseline: its vocabulary and, from the same reading, its weights.

use text::{
    stopwords::StopWords,
    tfidf::{CheckedParams, Params, Tfidf},
};

use super::{Shard, Weights};

/// What the vocabulary is chosen by.
#[derive(Debug)]
pub struct Fit {
    params: CheckedParams,
}

impl Fit {
    /// For a vocabulary of the `max_features` most frequent terms, without the stop words of both
    /// languages.
    ///
    /// # Errors
    /// [`text::Error::NoFeatures`] for none at all.
    pub fn new(max_features: usize) -> Result<Self, text::Error> {
        let params = Params {
            stop_words: StopWords::Both,
            max_features: Some(max_features),
            ..Params::default()
        };
        Ok(Self { params: params.check()? })
    }

    /// An empty shard of the baseline.
    #[must_use]
    pub fn shard(&self) -> Shard<'static> {
        Shard::baseline()
    }

    /// Chooses the vocabulary and weighs the documents, on all of rayon's threads.
    #[must_use]
    pub fn finish(&self, shards: Vec<Shard<'static>>) -> (Vocabulary, Weights) {
        let mut counts = self.params.counts();
        for shard in &shards {
            let terms = shard.terms().map(|found| (found.term, found.total, found.documents));
            counts.add_counted(shard.documents(), terms);
        }
        let tfidf = counts.finish();
        // One shard has seen a document, so it knows the order of the terms first seen there.
        let mut first = vec![(u64::MAX, usize::MAX); tfidf.columns()];
        for shard in &shards {
            for (number, found) in shard.terms().enumerate() {
                if let Some(column) = tfidf.column(found.term) {
                    let first = &mut first[column as usize];
                    *first = (found.first, number).min(*first);
                }
            }
        }
        let mut order: Vec<usize> = (0..tfidf.columns()).collect();
        order.sort_unstable_by_key(|&column| first[column]);
        let weights = Weights::of(shards, &tfidf, &order);
        (Vocabulary { tfidf }, weights)
    }
}

/// The baseline's most frequent terms.
#[derive(Debug)]
pub struct Vocabulary {
    tfidf: Tfidf,
}

impl Vocabulary {
    pub fn terms(&self) -> impl ExactSizeIterator<Item = &str> {
        self.tfidf.terms()
    }

    /// An empty shard of another version.
    #[must_use]
    pub fn shard(&self) -> Shard<'_> {
        Shard::of(&self.tfidf)
    }

    /// Weighs the documents of another version, on all of rayon's threads.
    #[must_use]
    pub fn weigh(&self, shards: Vec<Shard<'_>>) -> Weights {
        let order: Vec<usize> = (0..self.tfidf.columns()).collect();
        Weights::of(shards, &self.tfidf, &order)
    }
}
