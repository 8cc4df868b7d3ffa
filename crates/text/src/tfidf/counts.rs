use rayon::prelude::*;

use super::{
    CheckedParams, Numbers, Tfidf,
    ngrams::{for_each_ngram, join_tokens},
};
use crate::{Error, tokens::for_each_token};

/// What fitting must know of a part of the corpus: how often each term occurs, in how many
/// documents, and how many documents there are.
///
/// Memory is one entry and one copy of each distinct term, whatever the length of the corpus.
#[derive(Debug, Clone)]
pub struct Counts {
    params: CheckedParams,
    terms: Terms,
    documents: u64,
    /// Number of the text being counted, to see a term's first occurrence in it.
    text: u32,
    /// For the tokeniser.
    buffer: String,
    /// For n-grams: the tokens of one text joined by spaces, and where each stands.
    joined: String,
    spans: Vec<(usize, usize)>,
}

impl CheckedParams {
    /// Empty counts for these parameters: one per shard.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts::new(self.clone())
    }

    /// Fits on `texts`, on all of rayon's threads.
    pub fn fit<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Tfidf {
        // Each piece counts into a vocabulary of its own, so few pieces: enough to even out texts of
        // unequal length, no more.
        let piece = texts.len().div_ceil(4 * rayon::current_num_threads()).max(1);
        texts
            .par_chunks(piece)
            .map(|texts| {
                let mut counts = self.counts();
                texts.iter().for_each(|text| counts.add(text.as_ref(), 1));
                counts
            })
            .reduce(|| self.counts(), Counts::merged)
            .finish()
    }
}

impl Counts {
    pub(super) fn new(params: CheckedParams) -> Self {
        Self {
            params,
            terms: Terms::default(),
            documents: 0,
            text: 0,
            buffer: String::new(),
            joined: String::new(),
            spans: Vec::new(),
        }
    }

    /// Number of documents counted, with multiplicity.
    #[must_use]
    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// Counts `text` as `times` equal documents, at the cost of one. With 0 it does nothing.
    pub fn add(&mut self, text: &str, times: u64) {
        if times == 0 {
            return;
        }
        self.documents += times;
        if self.text == u32::MAX {
            self.terms.forget_texts();
            self.text = 0;
        }
        self.text += 1;
        let (terms, number) = (&mut self.terms, self.text);
        if self.params.ngram_range.1 == 1 {
            // Stop words are counted like any term and left out at the end: cheaper than to look
            // every token up twice.
            for_each_token(text, &mut self.buffer, |token| terms.count(token, times, number));
            return;
        }
        join_tokens(text, &self.params, &mut self.buffer, &mut self.joined, &mut self.spans);
        for_each_ngram(&self.joined, &self.spans, self.params.ngram_range, |ngram| {
            terms.count(ngram, times, number);
        });
    }

    /// Adds `documents` that were counted elsewhere: each of their terms, how often it occurs in all
    /// of them, and how many have it, each a text of its own.
    pub fn add_counted<'a>(
        &mut self,
        documents: u64,
        terms: impl IntoIterator<Item = (&'a str, u64, u64)>,
    ) {
        self.documents += documents;
        for (term, total, documents) in terms {
            let texts = u32::try_from(documents).unwrap_or(u32::MAX);
            self.terms.add(term, &Tally { total, documents, texts, last: 0 });
        }
    }

    /// Adds what another part of the corpus counted.
    ///
    /// # Errors
    /// [`Error::CountsDiffer`] when the two were made with different parameters; `self` is then
    /// unchanged.
    pub fn merge(&mut self, other: Self) -> Result<(), Error> {
        if self.params != other.params {
            return Err(Error::CountsDiffer);
        }
        *self = std::mem::replace(self, Self::new(other.params.clone())).merged(other);
        Ok(())
    }

    /// The sum of two counts of the same parameters.
    pub(super) fn merged(mut self, mut other: Self) -> Self {
        if self.terms.len() < other.terms.len() {
            std::mem::swap(&mut self, &mut other);
        }
        self.documents += other.documents;
        for (term, tally) in other.terms.iter() {
            self.terms.add(term, tally);
        }
        self
    }

    /// Chooses the vocabulary and computes its inverse document frequencies.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "scikit-learn's counts become f64 too")]
    pub fn finish(self) -> Tfidf {
        let Self { params, terms, documents, .. } = self;
        let (low, high) = (params.min_df.bound(documents), params.max_df.bound(documents));
        let unigrams = params.ngram_range.1 == 1;
        let mut kept: Vec<(&str, &Tally)> = terms
            .iter()
            .filter(|(term, tally)| {
                let df = tally.documents as f64;
                tally.texts >= params.min_texts
                    && (low..=high).contains(&df)
                    && !(unigrams && params.stop_words.contains(term))
            })
            .collect();
        if let Some(limit) = params.max_features
            && limit < kept.len()
        {
            // UTF-8 sorts by code point, as Python's strings do.
            kept.select_nth_unstable_by(limit, |(a, x), (b, y)| {
                y.total.cmp(&x.total).then_with(|| a.cmp(b))
            });
            kept.truncate(limit);
        }
        kept.sort_unstable_by_key(|&(term, _)| term);
        let smooth = u64::from(params.smooth_idf);
        let idf = |tally: &Tally| {
            libm::log((documents + smooth) as f64 / (tally.documents + smooth) as f64) + 1.0
        };
        let (names, weights) =
            kept.into_iter().map(|(term, tally)| (Box::from(term), idf(tally))).unzip();
        Tfidf::new(params, documents, names, weights)
    }
}

/// Distinct terms and how often each occurs.
#[derive(Debug, Clone, Default)]
struct Terms {
    numbers: Numbers,
    /// By number.
    tallies: Vec<Tally>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    total: u64,
    documents: u64,
    texts: u32,
    /// The number of the last text that had the term.
    last: u32,
}

impl Terms {
    fn len(&self) -> usize {
        self.tallies.len()
    }

    fn iter(&self) -> impl Iterator<Item = (&str, &Tally)> {
        self.numbers.terms().zip(&self.tallies)
    }

    /// Counts one occurrence in the text numbered `text`, which stands for `times` documents.
    fn count(&mut self, term: &str, times: u64, text: u32) {
        let tally = self.tally(term);
        tally.total += times;
        if tally.last != text {
            tally.last = text;
            tally.texts = tally.texts.saturating_add(1);
            tally.documents += times;
        }
    }

    fn add(&mut self, term: &str, counted: &Tally) {
        let tally = self.tally(term);
        tally.total += counted.total;
        tally.documents += counted.documents;
        tally.texts = tally.texts.saturating_add(counted.texts);
    }

    fn tally(&mut self, term: &str) -> &mut Tally {
        let number = self.numbers.of(term) as usize;
        if number == self.tallies.len() {
            self.tallies.push(Tally::default());
        }
        &mut self.tallies[number]
    }

    fn forget_texts(&mut self) {
        self.tallies.iter_mut().for_each(|tally| tally.last = 0);
    }
}
