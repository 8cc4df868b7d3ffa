//! Documents that are counted, and kept as numbers to be weighed.

use text::tfidf::{Numbers, Tfidf};

use super::{
    Documents,
    bags::{Bagging, Bags},
};

/// Some of a version's documents: counted, and kept as numbers.
#[derive(Debug)]
pub struct Shard<'a> {
    terms: Terms<'a>,
    /// By number.
    tallies: Vec<Tally>,
    bagging: Bagging,
    /// The bags of each document, one document after the other.
    bags: Vec<u32>,
    parts: usize,
    documents: u32,
}

/// What gives a term its number.
#[derive(Debug)]
enum Terms<'a> {
    /// All are taken; by number, the document where each was first seen.
    All(Numbers, Vec<u64>),
    /// Those of a vocabulary are, and the number is the column.
    Of(&'a Tfidf),
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    total: u64,
    documents: u32,
    /// The last document that had the term; documents are numbered from one.
    last: u32,
}

/// A term of the baseline.
pub(super) struct Found<'a> {
    pub(super) term: &'a str,
    pub(super) total: u64,
    pub(super) documents: u64,
    /// The document where it was first seen. Terms of one such document are in the order in which
    /// they stand there.
    pub(super) first: u64,
}

impl<'a> Shard<'a> {
    /// Of the baseline, whose terms are not known.
    pub(super) fn baseline() -> Self {
        Self::new(Terms::All(Numbers::default(), Vec::new()), 0)
    }

    pub(super) fn of(tfidf: &'a Tfidf) -> Self {
        Self::new(Terms::Of(tfidf), tfidf.columns())
    }

    fn new(terms: Terms<'a>, known: usize) -> Self {
        let (bagging, bags) = Default::default();
        Self {
            terms,
            tallies: vec![Tally::default(); known],
            bagging,
            bags,
            parts: 0,
            documents: 0,
        }
    }

    /// Counts some documents, of which `first` is the number of the first one in the version.
    ///
    /// A shard takes them in ascending order, and all of as many parts.
    pub fn add(&mut self, first: u64, documents: &impl Documents) {
        let Self { terms, tallies, bagging, .. } = self;
        self.parts = documents.parts();
        for (document, place) in (0..documents.documents()).zip(first..) {
            bagging.take(documents, document, |term| match terms {
                Terms::Of(tfidf) => tfidf.column(term),
                Terms::All(numbers, seen) => {
                    let number = numbers.of(term);
                    if number as usize == seen.len() {
                        seen.push(place);
                        tallies.push(Tally::default());
                    }
                    Some(number)
                }
            });
            self.documents += 1;
            for (number, occurrences) in bagging.last_terms() {
                let tally = &mut tallies[number as usize];
                tally.total += u64::from(occurrences);
                if tally.last != self.documents {
                    tally.last = self.documents;
                    tally.documents += 1;
                }
            }
            self.bags.extend_from_slice(bagging.last());
        }
    }

    /// Number of documents.
    pub(super) fn documents(&self) -> u64 {
        u64::from(self.documents)
    }

    /// The terms of the baseline by number.
    pub(super) fn terms(&self) -> impl Iterator<Item = Found<'_>> {
        let all = match &self.terms {
            Terms::All(numbers, first) => Some(numbers.terms().zip(first)),
            Terms::Of(_) => None,
        };
        all.into_iter().flatten().zip(&self.tallies).map(|((term, &first), tally)| Found {
            term,
            total: tally.total,
            documents: u64::from(tally.documents),
            first,
        })
    }

    /// The documents, of which a term is the place of its column.
    pub(super) fn placed(self, tfidf: &Tfidf, places: &[u32]) -> Placed {
        let Self { terms, tallies, bagging, bags: documents, parts, .. } = self;
        let mut bags = bagging.finish();
        let mut sizes = vec![0; places.len()];
        let place = |column: u32| places[column as usize];
        // By number, the place.
        let placed: Vec<Option<u32>> = match terms {
            Terms::All(numbers, _) => {
                numbers.terms().map(|term| tfidf.column(term).map(place)).collect()
            }
            Terms::Of(_) => (0..).take(places.len()).map(|column| Some(place(column))).collect(),
        };
        for (place, tally) in placed.iter().zip(tallies) {
            if let Some(place) = place {
                sizes[*place as usize] = tally.documents as usize;
            }
        }
        bags.renumber(|number| placed[number as usize]);
        Placed { bags, documents, parts, sizes }
    }
}

/// Documents whose terms are places of columns.
#[derive(Debug)]
pub(super) struct Placed {
    bags: Bags,
    documents: Vec<u32>,
    parts: usize,
    /// By place, how many documents have the term.
    pub(super) sizes: Vec<usize>,
}

impl Placed {
    /// Every document, as places and occurrences; a term may be in several of its parts.
    pub(super) fn documents(&self) -> impl Iterator<Item = impl Iterator<Item = (usize, u32)>> {
        self.documents.chunks(self.parts.max(1)).map(|parts| {
            let pairs = parts.iter().flat_map(|&bag| self.bags.bag(bag));
            pairs.map(|&(place, count)| (place as usize, count))
        })
    }
}
