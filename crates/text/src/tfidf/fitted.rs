use hashbrown::{DefaultHashBuilder, HashTable};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    CheckedParams, Params,
    key::{HEAD, hash, head},
    ngrams::{for_each_ngram, join_tokens},
};
use crate::{Error, tokens::for_each_token};

/// Number of the stored format.
pub const FORMAT: u32 = 1;

/// A text's weights: `(column, weight)`, columns ascending, none of them zero; of length (L2) one,
/// or empty when the text has no term of the vocabulary.
pub type Row = Vec<(u32, f64)>;

/// A fitted vectoriser: the vocabulary in code point order and a weight for each term.
///
/// Serialised it is an object of `format`, `params`, `documents`, `terms` and `idf`; equal states
/// give equal bytes, and reading checks the whole of it ([`Error`] says what can be wrong).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(into = "Stored", try_from = "Stored")]
pub struct Tfidf {
    params: CheckedParams,
    documents: u64,
    terms: Vec<Box<str>>,
    idf: Vec<f64>,
    index: TermIndex,
}

/// Memory of [`Tfidf::transform`], to be used again from text to text (and vectoriser to
/// vectoriser).
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    /// Occurrences by column; zero between calls.
    counts: Vec<u32>,
    /// Columns that occur.
    columns: Vec<u32>,
    buffer: String,
    joined: String,
    spans: Vec<(usize, usize)>,
}

impl Tfidf {
    pub(super) fn new(
        params: CheckedParams,
        documents: u64,
        terms: Vec<Box<str>>,
        idf: Vec<f64>,
    ) -> Self {
        let index = TermIndex::of(&terms);
        Self { params, documents, terms, idf, index }
    }

    /// Number of columns: 0 when the corpus left no term.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.terms.len()
    }

    /// The vocabulary, ascending by code point: column 0 first.
    pub fn terms(&self) -> impl ExactSizeIterator<Item = &str> {
        self.terms.iter().map(|term| &**term)
    }

    /// The column of a term.
    #[must_use]
    pub fn column(&self, term: &str) -> Option<u32> {
        if term.is_empty() { None } else { self.index.get(term, &self.terms) }
    }

    /// Inverse document frequency by column.
    #[must_use]
    pub fn idf(&self) -> &[f64] {
        &self.idf
    }

    /// Number of documents that it was fitted on, with multiplicity.
    #[must_use]
    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// What it was fitted with.
    #[must_use]
    pub fn params(&self) -> &Params {
        &self.params
    }

    /// The weights of `text`.
    pub fn transform(&self, text: &str, scratch: &mut Scratch) -> Row {
        let mut row = Row::new();
        self.transform_into(text, scratch, &mut row);
        row
    }

    /// The weights of `text`, replacing what `row` held.
    pub fn transform_into(&self, text: &str, scratch: &mut Scratch, row: &mut Row) {
        row.clear();
        let Scratch { counts, columns, buffer, joined, spans } = scratch;
        if counts.len() < self.terms.len() {
            counts.resize(self.terms.len(), 0);
        }
        let mut count = |term: &str| {
            if let Some(column) = self.index.get(term, &self.terms) {
                let count = &mut counts[column as usize];
                if *count == 0 {
                    columns.push(column);
                }
                *count += 1;
            }
        };
        if self.params.ngram_range.1 == 1 {
            // No stop word is in the vocabulary: no need to ask.
            for_each_token(text, buffer, count);
        } else {
            join_tokens(text, &self.params, buffer, joined, spans);
            for_each_ngram(joined, spans, self.params.ngram_range, &mut count);
        }
        columns.sort_unstable();
        let mut squares = 0.0;
        for column in columns.drain(..) {
            let count = f64::from(std::mem::take(&mut counts[column as usize]));
            let tf = if self.params.sublinear_tf { libm::log(count) + 1.0 } else { count };
            let weight = tf * self.idf[column as usize];
            squares += weight * weight;
            row.push((column, weight));
        }
        let norm = squares.sqrt();
        row.iter_mut().for_each(|(_, weight)| *weight /= norm);
    }

    /// The weights of every text, in order, on all of rayon's threads.
    pub fn transform_many<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Vec<Row> {
        texts
            .par_iter()
            .map_init(Scratch::default, |scratch, text| self.transform(text.as_ref(), scratch))
            .collect()
    }
}

impl PartialEq for Tfidf {
    fn eq(&self, other: &Self) -> bool {
        self.params == other.params
            && self.documents == other.documents
            && self.terms == other.terms
            && self.idf == other.idf
    }
}

/// From term to column.
#[derive(Debug, Clone)]
struct TermIndex {
    /// Heads and columns.
    table: HashTable<(u128, u32)>,
    hasher: DefaultHashBuilder,
    /// By first byte, the set of lengths (up to 63) of the terms that begin with it. A vocabulary is
    /// often some 20 to 100 terms, and most words of a text end their search here, unhashed.
    lengths: Box<[u64; 256]>,
}

impl TermIndex {
    fn of(terms: &[Box<str>]) -> Self {
        let hasher = DefaultHashBuilder::default();
        let mut table = HashTable::with_capacity(terms.len());
        let mut lengths = Box::new([0; 256]);
        for (column, term) in (0u32..).zip(terms) {
            let head = head(term);
            let rehash =
                |&(head, column): &(u128, u32)| hash(&hasher, &terms[column as usize], head);
            table.insert_unique(hash(&hasher, term, head), (head, column), rehash);
            lengths[usize::from(term.as_bytes()[0])] |= length_bit(term);
        }
        Self { table, hasher, lengths }
    }

    fn get(&self, term: &str, terms: &[Box<str>]) -> Option<u32> {
        if self.lengths[usize::from(term.as_bytes()[0])] & length_bit(term) == 0 {
            return None;
        }
        let head = head(term);
        let same = |&(other, column): &(u128, u32)| {
            // A longer term of the same head has another sixteenth byte than a zero.
            other == head && (term.len() < HEAD || *terms[column as usize] == *term)
        };
        self.table.find(hash(&self.hasher, term, head), same).map(|&(_, column)| column)
    }
}

fn length_bit(term: &str) -> u64 {
    1 << term.len().min(63)
}

/// [`Tfidf`] as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: u32,
    params: Params,
    documents: u64,
    terms: Vec<Box<str>>,
    idf: Vec<f64>,
}

impl From<Tfidf> for Stored {
    fn from(tfidf: Tfidf) -> Self {
        let Tfidf { params, documents, terms, idf, .. } = tfidf;
        Self { format: FORMAT, params: (*params).clone(), documents, terms, idf }
    }
}

impl TryFrom<Stored> for Tfidf {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self, Error> {
        let Stored { format, params, documents, terms, idf } = stored;
        if format != FORMAT {
            return Err(Error::Format { what: "tf-idf", found: format, expected: FORMAT });
        }
        let params = params.check()?;
        if terms.len() != idf.len() {
            return Err(Error::IdfLength { terms: terms.len(), idf: idf.len() });
        }
        // With the empty string before the first, an empty term is out of order too.
        let before = std::iter::once("").chain(terms.iter().map(|term| &**term));
        if let Some(index) = before.zip(&terms).position(|(a, b)| *a >= **b) {
            return Err(Error::TermOrder { index });
        }
        if let Some(index) = idf.iter().position(|idf| !(idf.is_finite() && *idf > 0.0)) {
            return Err(Error::Idf { index, found: idf[index] });
        }
        Ok(Self::new(params, documents, terms, idf))
    }
}
