//! What a text weighs: its words, and the letters of the words that are not known.

use super::{
    terms::SortedTerms,
    words::{for_each_group, for_each_word},
};

/// The vocabulary and its weights.
#[derive(Debug, Clone)]
pub(super) struct Weights {
    pub(super) words: SortedTerms,
    /// Inverse document frequency of each word.
    pub(super) idf: Vec<f32>,
    /// Words that count for nothing, nor do their letters.
    pub(super) ignored: SortedTerms,
    pub(super) groups: SortedTerms,
    /// Inverse frequency of each group among the words.
    pub(super) group_idf: Vec<f32>,
    /// Texts that it was fitted on.
    pub(super) documents: u64,
}

/// Memory of counting, to be used again from text to text.
#[derive(Debug, Default)]
pub(super) struct CountScratch {
    buffer: String,
    /// Occurrences by word; zero between texts.
    counts: Vec<u32>,
    /// Words that occur.
    words: Vec<u32>,
    /// The words that are not known, one after the other, and where each ends.
    unknown: String,
    ends: Vec<usize>,
    padded: String,
    /// Weights by group; zero between texts.
    sums: Vec<f32>,
}

impl CountScratch {
    /// Unknown words with how often each occurs, in code point order.
    fn unknown(&self) -> Vec<(&str, u32)> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let mut words: Vec<&str> =
            starts.zip(&self.ends).map(|(start, end)| &self.unknown[start..*end]).collect();
        words.sort_unstable();
        words.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u32)).collect()
    }
}

impl Weights {
    /// Counts the words of `text`, replacing what `scratch` held.
    pub(super) fn count(&self, text: &str, scratch: &mut CountScratch) {
        let CountScratch { buffer, counts, words, unknown, ends, .. } = scratch;
        for word in words.drain(..) {
            counts[word as usize] = 0;
        }
        counts.resize(self.words.len(), 0);
        unknown.clear();
        ends.clear();
        for_each_word(text, buffer, |word| {
            if let Some(number) = self.words.get(word) {
                let count = &mut counts[number as usize];
                if *count == 0 {
                    words.push(number);
                }
                *count += 1;
            } else if self.groups.len() > 0 && self.ignored.get(word).is_none() {
                unknown.push_str(word);
                ends.push(unknown.len());
            }
        });
        words.sort_unstable();
    }

    /// TF-IDF weights of the known words that were counted, ascending.
    pub(super) fn of_words(&self, scratch: &CountScratch) -> Vec<(u32, f32)> {
        let weight = |word: &u32| {
            let word = *word as usize;
            (word as u32, sublinear(scratch.counts[word]) * self.idf[word])
        };
        scratch.words.iter().map(weight).collect()
    }

    /// Weights of the groups of letters of the unknown words that were counted, ascending. Each group
    /// once, for texts are full of the same endings.
    pub(super) fn of_groups(&self, spelling: f32, scratch: &mut CountScratch) -> Vec<(u32, f32)> {
        if scratch.ends.is_empty() {
            return Vec::new();
        }
        let rarest = inverse_frequency(1.0, self.documents);
        let (mut padded, mut row, mut sums) =
            (std::mem::take(&mut scratch.padded), Vec::new(), std::mem::take(&mut scratch.sums));
        sums.resize(self.groups.len(), 0.0);
        let mut groups: Vec<u32> = Vec::new();
        for (word, count) in scratch.unknown() {
            self.spelling(word, &mut padded, &mut row);
            let weight = sublinear(count) * rarest * spelling;
            for (group, share) in &row {
                let sum = &mut sums[*group as usize];
                if *sum == 0.0 {
                    groups.push(*group);
                }
                *sum += weight * share;
            }
        }
        groups.sort_unstable();
        let take = |group: u32| (group, std::mem::take(&mut sums[group as usize]));
        let weights = groups.into_iter().map(take).collect();
        (scratch.padded, scratch.sums) = (padded, sums);
        weights
    }

    /// The spelling of a word: its groups of letters that are known, weighted by how rare they are,
    /// ascending. Of length one together with those that are not.
    pub(super) fn spelling(&self, word: &str, padded: &mut String, row: &mut Vec<(u32, f32)>) {
        row.clear();
        let rarest = inverse_frequency(1.0, self.words.len() as u64);
        let mut squares = 0.0;
        for_each_group(word, padded, |group| match self.groups.get(group) {
            Some(number) => row.push((number, self.group_idf[number as usize])),
            None => squares += rarest * rarest,
        });
        row.sort_unstable_by_key(|(number, _)| *number);
        // A group that occurs twice weighs twice.
        row.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        squares += row.iter().map(|(_, weight)| weight * weight).sum::<f32>();
        let norm = squares.sqrt();
        row.iter_mut().for_each(|(_, weight)| *weight /= norm);
    }
}

/// `1 + ln(count)`.
fn sublinear(count: u32) -> f32 {
    1.0 + libm::logf(count as f32)
}

/// `ln((1 + documents) / (1 + those with it)) + 1`, as scikit-learn smooths it.
pub(super) fn inverse_frequency(with: f64, documents: u64) -> f32 {
    (libm::log((1 + documents) as f64 / (1.0 + with)) + 1.0) as f32
}
