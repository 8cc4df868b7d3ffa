//! Documents that are counted, and kept as numbers to be weighed.

use text::tfidf::{CheckedParams, Numbers, Tfidf};

use super::{
    Documents,
    bags::{Bagging, Bags},
};

/// Some of a version's documents: counted, and kept as numbers.
#[derive(Debug)]
pub struct Shard<'a> {
    terms: TermNumbers<'a>,
    /// By number.
    tallies: Vec<Tally>,
    bagging: Bagging,
    /// The bags of each document, one document after the other.
    bags: Vec<u32>,
    parts: usize,
    documents: u32,
}

/// What numbers the terms.
#[derive(Debug)]
enum TermNumbers<'a> {
    /// All are taken.
    All(Numbers),
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

/// Chooses the vocabulary: the most frequent terms of the baseline.
#[must_use]
pub fn fit(shards: &[Shard<'static>], params: &CheckedParams) -> Tfidf {
    let mut counts = params.counts();
    for shard in shards {
        if let TermNumbers::All(numbers) = &shard.terms {
            let terms = numbers.terms().zip(&shard.tallies);
            let terms = terms.map(|(term, t)| (term, t.total, u64::from(t.documents)));
            counts.add_counted(shard.documents(), terms);
        }
    }
    counts.finish()
}

impl Shard<'static> {
    /// An empty one of the baseline, whose terms are not known.
    #[must_use]
    pub fn baseline() -> Self {
        Self::new(TermNumbers::All(Numbers::default()), 0)
    }
}

impl<'a> Shard<'a> {
    /// An empty one of another version, of which the terms of a vocabulary count.
    #[must_use]
    pub fn restricted_to(tfidf: &'a Tfidf) -> Self {
        Self::new(TermNumbers::Of(tfidf), tfidf.columns())
    }

    fn new(terms: TermNumbers<'a>, known: usize) -> Self {
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

    /// Counts some documents; all that a shard counts have as many parts.
    pub fn add(&mut self, documents: &impl Documents) {
        let Self { terms, tallies, bagging, .. } = self;
        self.parts = documents.parts();
        for document in 0..documents.documents() {
            bagging.take(documents, document, |term| match terms {
                TermNumbers::Of(tfidf) => tfidf.column(term),
                TermNumbers::All(numbers) => {
                    let number = numbers.of(term);
                    if number as usize == tallies.len() {
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

    pub(super) fn documents(&self) -> u64 {
        u64::from(self.documents)
    }

    /// The weights that are not zero, by column of the vocabulary.
    pub(super) fn weigh(self, tfidf: &Tfidf) -> Vec<Vec<f64>> {
        let Self { terms, tallies, bagging, bags: documents, parts, .. } = self;
        // By number.
        let columns: Vec<Option<u32>> = match terms {
            TermNumbers::All(numbers) => numbers.terms().map(|term| tfidf.column(term)).collect(),
            TermNumbers::Of(_) => (0..).map(Some).take(tfidf.columns()).collect(),
        };
        let mut weights = vec![Vec::new(); tfidf.columns()];
        for (column, tally) in columns.iter().zip(tallies) {
            if let Some(column) = column {
                weights[*column as usize].reserve_exact(tally.documents as usize);
            }
        }
        let mut bags = bagging.finish();
        bags.renumber(|number| columns[number as usize]);
        let mut row = WeightedRow::new(tfidf.idf());
        for parts in documents.chunks(parts.max(1)) {
            row.weigh(&bags, parts, |column, weight| weights[column].push(weight));
        }
        weights
    }
}

/// Weighs one document after the other.
struct WeightedRow<'a> {
    idf: &'a [f64],
    /// Occurrences by column; zero between documents.
    counts: Vec<u32>,
    /// A bit for each column that occurs; zero between documents.
    present: Vec<u64>,
    weights: Vec<(usize, f64)>,
}

impl<'a> WeightedRow<'a> {
    fn new(idf: &'a [f64]) -> Self {
        let (counts, present) = (vec![0; idf.len()], vec![0; idf.len().div_ceil(64)]);
        Self { idf, counts, present, weights: Vec::new() }
    }

    /// Hands on the weights of a document of these bags.
    fn weigh(&mut self, bags: &Bags, parts: &[u32], mut each: impl FnMut(usize, f64)) {
        let Self { idf, counts, present, weights } = self;
        // A term may be in several parts.
        for &(column, count) in parts.iter().flat_map(|&bag| bags.bag(bag)) {
            counts[column as usize] += count;
            present[column as usize / 64] |= 1 << (column % 64);
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
