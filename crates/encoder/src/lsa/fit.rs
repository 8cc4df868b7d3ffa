//! From texts to a state.

use std::collections::{BTreeMap, BinaryHeap};

use ndarray::{Array2, ArrayView2, Axis, s};
use rayon::prelude::*;
use text::{
    language::{Language, language},
    stopwords::StopWords,
};
use twox_hash::XxHash3_64;

use super::{
    Params,
    encode::Lsa,
    sparse::Sparse,
    svd::{Effort, Operator, Svd},
    terms::{SortedTerms, TermCounts},
    vectors::{DIMENSIONS, PackedVectors},
    weights::{CountScratch, Weights, inverse_frequency},
    words::{for_each_group, for_each_word},
};
use crate::Error;

/// The Spanish words that carry no meaning, without accents; Portuguese and English come from
/// [`text::stopwords`].
const SPANISH: &str = include_str!("stopwords.txt");

/// The texts that a state is fitted on, chosen from a stream.
///
/// Those stay whose hash is smallest (XXH3 with the seed), so the choice is the same in whatever
/// order the texts come. Memory is that of the texts that stay.
#[derive(Debug)]
pub struct Sample {
    params: Params,
    /// Greatest hash first.
    kept: BinaryHeap<(u64, Box<str>)>,
}

impl Sample {
    /// None yet.
    ///
    /// # Errors
    /// [`Error::LsaParams`].
    pub fn new(params: Params) -> Result<Self, Error> {
        params.check()?;
        Ok(Self { params, kept: BinaryHeap::new() })
    }

    /// Considers a text; one without anything but space is none.
    pub fn add(&mut self, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let hash = XxHash3_64::oneshot_with_seed(self.params.seed, text.as_bytes());
        if self.kept.len() == self.params.texts {
            match self.kept.peek() {
                Some((greatest, kept)) if (hash, text) < (*greatest, kept) => self.kept.pop(),
                _ => return,
            };
        }
        self.kept.push((hash, text.into()));
    }

    /// Fits a state on the texts that stayed, on all of rayon's threads.
    #[must_use]
    pub fn fit(self) -> Lsa {
        let Self { params, kept } = self;
        let texts: Vec<Box<str>> =
            kept.into_sorted_vec().into_iter().map(|(_, text)| text).collect();
        fit(params, &texts)
    }
}

impl Lsa {
    /// Fits a state on `texts`, or on the [`Sample`] of them that [`Params::texts`] allows.
    ///
    /// # Errors
    /// [`Error::LsaParams`].
    pub fn fit<T: AsRef<str>>(texts: &[T], params: &Params) -> Result<Self, Error> {
        let mut sample = Sample::new(params.clone())?;
        texts.iter().for_each(|text| sample.add(text.as_ref()));
        Ok(sample.fit())
    }
}

fn fit(params: Params, texts: &[Box<str>]) -> Lsa {
    let documents = texts.len() as u64;
    let Vocabulary { words, idf, ignored } = Vocabulary::of(texts, &params);
    let (groups, group_idf) = groups(words.names(), &params);
    let weights = Weights { words, idf, ignored, groups, group_idf, documents };
    let matrix = Matrix::of(texts, &weights, params.spelling);

    let effort = Effort {
        oversampling: params.oversampling,
        power_iterations: params.power_iterations,
        seed: params.seed,
    };
    let svd = Svd::of(&matrix, DIMENSIONS, effort);
    let whitening = -f64::from(params.whitening);
    let factors: Vec<f32> =
        svd.values.iter().map(|value| libm::pow(f64::from(*value), whitening) as f32).collect();
    // What a word adds to a text is the image of the word and of its spelling together.
    let (of_words, of_groups) = svd.range().split_at(Axis(0), weights.words.len());
    let mut with_spelling = of_words.to_owned();
    matrix.spellings.times(of_groups, params.spelling, &mut with_spelling);
    let words = PackedVectors::of(svd.vectors(with_spelling.view(), &factors).view());
    let groups = PackedVectors::of(svd.vectors(of_groups, &factors).view());
    Lsa { params, weights, values: svd.values, words, groups }
}

struct Vocabulary {
    words: SortedTerms,
    idf: Vec<f32>,
    ignored: SortedTerms,
}

impl Vocabulary {
    fn of(texts: &[Box<str>], params: &Params) -> Self {
        // Each piece counts on its own, and the sums do not depend on how they were cut.
        let piece = texts.len().div_ceil(4 * rayon::current_num_threads()).max(1);
        let by_language = texts
            .par_chunks(piece)
            .map(|texts| {
                let (mut of, mut buffer) = (ByLanguage::default(), String::new());
                for (number, text) in (1..).zip(texts) {
                    let of = of.entry(language(text)).or_default();
                    of.texts += 1;
                    for_each_word(text, &mut buffer, |word| of.counts.see(word, number));
                }
                of
            })
            .reduce(ByLanguage::default, merged);
        let documents = texts.len() as u64;
        let mut ignored: Vec<Box<str>> = stop_words();
        let stop = SortedTerms::of(ignored.clone());
        let (mut words, mut frequent) = (Vec::new(), Vec::new());
        for (word, Frequency { texts, share }) in frequencies(by_language, documents) {
            if stop.get(&word).is_some() {
                continue;
            }
            if texts > 1 && share > params.max_share {
                frequent.push(word);
            } else if texts >= params.min_texts && words.len() < params.words {
                words.push((word, inverse_frequency(share * documents as f64, documents)));
            }
        }
        ignored.append(&mut frequent);
        ignored.sort_unstable();
        words.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let (words, idf) = words.into_iter().unzip();
        Self { words: SortedTerms::of(words), idf, ignored: SortedTerms::of(ignored) }
    }
}

/// What was counted in the texts of each language.
type ByLanguage = BTreeMap<Language, OfLanguage>;

#[derive(Default)]
struct OfLanguage {
    texts: u64,
    counts: TermCounts,
}

fn merged(mut all: ByLanguage, other: ByLanguage) -> ByLanguage {
    for (language, OfLanguage { texts, counts }) in other {
        let of = all.entry(language).or_default();
        of.texts += texts;
        of.counts = std::mem::take(&mut of.counts).merged(counts);
    }
    all
}

/// How common a word is.
struct Frequency {
    /// Texts that hold it.
    texts: u32,
    /// Their share, or that among the texts of the language in which it is most common.
    share: f64,
}

/// Words with how common they are: in most texts first, then in code point order.
///
/// Where one text in ten is English, `worked` is in few texts, and yet says nothing: it is in nearly
/// every English one. Weighed by all texts, such words make texts of a language alike whatever they
/// are about, so a word is as common as in the language in which it is most common. Two standard
/// deviations are taken off what was counted in one language, lest chance in a small one count.
fn frequencies(by_language: ByLanguage, documents: u64) -> Vec<(Box<str>, Frequency)> {
    let mut shares: hashbrown::HashMap<Box<str>, f64> = hashbrown::HashMap::new();
    let mut all = TermCounts::default();
    for OfLanguage { texts, counts } in by_language.into_values() {
        counts.each(|word, count| {
            let count = f64::from(count);
            let share = (count - 2.0 * count.sqrt()) / texts as f64;
            match shares.get_mut(word) {
                Some(greatest) => *greatest = greatest.max(share),
                None => drop(shares.insert(word.into(), share)),
            }
        });
        all = all.merged(counts);
    }
    let frequency = |(word, texts): (Box<str>, u32)| {
        let share = (f64::from(texts) / documents as f64).max(shares[&word]);
        (word, Frequency { texts, share })
    };
    all.sorted().into_iter().map(frequency).collect()
}

/// As [`for_each_word`] gives them, ascending.
fn stop_words() -> Vec<Box<str>> {
    let (mut found, mut buffer) = (Vec::new(), String::new());
    for line in StopWords::Both.words().iter().copied().chain(SPANISH.lines()) {
        for_each_word(line, &mut buffer, |word| found.push(word.into()));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The groups of letters that most words share, and how rare each is among the words.
fn groups(words: &[Box<str>], params: &Params) -> (SortedTerms, Vec<f32>) {
    if params.spelling == 0.0 {
        return (SortedTerms::default(), Vec::new());
    }
    let (mut counts, mut padded) = (TermCounts::default(), String::new());
    for (number, word) in (1..).zip(words) {
        for_each_group(word, &mut padded, |group| counts.see(group, number));
    }
    let all = counts.sorted().into_iter();
    // A group of one word alone says no more than the word.
    let mut kept: Vec<_> = all.take_while(|(_, words)| *words > 1).take(params.groups).collect();
    kept.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    let total = words.len() as u64;
    let (names, idf) = kept
        .into_iter()
        .map(|(group, count)| (group, inverse_frequency(f64::from(count), total)))
        .unzip();
    (SortedTerms::of(names), idf)
}

/// The texts over words and groups of letters: `R [I, αS]`, where row i of R holds the TF-IDF
/// weights of text i over words, of length one, and row j of S the spelling of word j.
///
/// Multiplied in that order it costs no more than R alone: a word's groups are summed once a word,
/// not once a text.
struct Matrix {
    texts: Sparse,
    texts_transposed: Sparse,
    spellings: Sparse,
    spellings_transposed: Sparse,
    spelling: f32,
}

impl Matrix {
    fn of(texts: &[Box<str>], weights: &Weights, spelling: f32) -> Self {
        let rows: Vec<Vec<(u32, f32)>> = texts
            .par_iter()
            .map_init(CountScratch::default, |scratch, text| {
                weights.count(text, scratch);
                let mut row = weights.of_words(scratch);
                let norm = row.iter().map(|(_, w)| w * w).sum::<f32>().sqrt();
                row.iter_mut().for_each(|(_, weight)| *weight /= norm);
                row
            })
            .collect();
        let mut matrix = Sparse::new(weights.words.len());
        rows.iter().for_each(|row| matrix.push(row));
        drop(rows);
        let mut spellings = Sparse::new(weights.groups.len());
        let (mut padded, mut row) = (String::new(), Vec::new());
        for word in weights.words.names() {
            weights.spelling(word, &mut padded, &mut row);
            spellings.push(&row);
        }
        Self {
            texts_transposed: matrix.transposed(),
            texts: matrix,
            spellings_transposed: spellings.transposed(),
            spellings,
            spelling,
        }
    }
}

impl Operator for Matrix {
    fn shape(&self) -> (usize, usize) {
        (self.texts.rows(), self.texts.columns() + self.spellings.columns())
    }

    fn times(&self, x: ArrayView2<'_, f32>) -> Array2<f32> {
        let (of_words, of_groups) = x.split_at(Axis(0), self.texts.columns());
        let mut words = of_words.to_owned();
        self.spellings.times(of_groups, self.spelling, &mut words);
        let mut product = Array2::zeros((self.texts.rows(), x.ncols()));
        self.texts.times(words.view(), 1.0, &mut product);
        product
    }

    fn transposed_times(&self, y: ArrayView2<'_, f32>) -> Array2<f32> {
        let words = self.texts.columns();
        let mut of_words = Array2::zeros((words, y.ncols()));
        self.texts_transposed.times(y, 1.0, &mut of_words);
        let mut of_groups = Array2::zeros((self.spellings.columns(), y.ncols()));
        self.spellings_transposed.times(of_words.view(), self.spelling, &mut of_groups);
        let mut product = Array2::zeros((words + of_groups.nrows(), y.ncols()));
        product.slice_mut(s![..words, ..]).assign(&of_words);
        product.slice_mut(s![words.., ..]).assign(&of_groups);
        product
    }
}
