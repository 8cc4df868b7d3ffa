//! The terms that jobs ask for: which there are, and which of them a text has.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};
use text::stopwords::StopWords;

use super::words::{LONGEST, Words, folded};

/// Share of the jobs above which a term tells nothing of a job.
const MOST_JOBS: f64 = 0.3;

/// Terms kept: those that most jobs name.
const MOST_TERMS: usize = 20_000;

/// Words of an item of a list, at most: more is a sentence.
const ITEM_WORDS: usize = LONGEST;

/// The terms, folded and written together, ascending. A term's number is its place.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Vec<Box<str>>", into = "Vec<Box<str>>")]
pub(super) struct FoldedTerms {
    terms: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32>,
    /// Bytes of the longest.
    longest: usize,
}

impl PartialEq for FoldedTerms {
    fn eq(&self, other: &Self) -> bool {
        self.terms == other.terms
    }
}

impl From<Vec<Box<str>>> for FoldedTerms {
    fn from(terms: Vec<Box<str>>) -> Self {
        let numbers = terms.iter().cloned().zip(0..).collect();
        let longest = terms.iter().map(|term| term.len()).max().unwrap_or(0);
        Self { terms, numbers, longest }
    }
}

impl From<FoldedTerms> for Vec<Box<str>> {
    fn from(terms: FoldedTerms) -> Self {
        terms.terms
    }
}

impl FoldedTerms {
    /// A term as an item of `text` spells it; as it is written together where none does.
    pub(super) fn spelled(&self, number: u32, text: &str) -> String {
        let term = self.terms.get(number as usize).map_or("", |term| term);
        let mut words = Words::default();
        let spelling = items(text).find(|item| {
            words.read(item);
            words.whole() == term
        });
        spelling.unwrap_or(term).to_owned()
    }

    pub(super) fn len(&self) -> usize {
        self.terms.len()
    }

    pub(super) fn are_ascending(&self) -> bool {
        self.terms.windows(2).all(|pair| pair[0] < pair[1])
    }

    fn find(&self, term: &str) -> Option<u32> {
        if term.len() > self.longest { None } else { self.numbers.get(term).copied() }
    }

    /// Calls `each` with the number of every term of the words, as often as it is there.
    pub(super) fn each(&self, words: &Words, mut each: impl FnMut(u32)) {
        for from in 0..words.len() {
            for count in 1..=LONGEST {
                let Some(term) = words.term(from, count) else { break };
                if let Some(number) = self.find(term) {
                    each(number);
                }
            }
        }
    }

    /// The terms of the words, ascending, each once, over what was in `found`.
    pub(super) fn set(&self, words: &Words, found: &mut Vec<u32>) {
        found.clear();
        self.each(words, |number| found.push(number));
        found.sort_unstable();
        found.dedup();
    }

    /// The terms of a text, which `words` reads, ascending, each once.
    pub(super) fn of(&self, text: &str, words: &mut Words) -> Vec<u32> {
        words.read(text);
        let mut found = Vec::new();
        self.set(words, &mut found);
        found
    }

    /// The terms that are items of the lists of a text, ascending, each once.
    pub(super) fn items(&self, text: &str, words: &mut Words, found: &mut Vec<u32>) {
        found.clear();
        for item in items(text) {
            words.read(item);
            if (1..=ITEM_WORDS).contains(&words.len()) {
                found.extend(self.find(words.whole()));
            }
        }
        found.sort_unstable();
        found.dedup();
    }
}

/// The items of the lists of a text: what stands between commas and the like, less a heading.
fn items(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(|line| line.split_once(':').map_or(line, |(_, list)| list))
        .filter(|line| line.contains([',', ';', '/', '|']) || line.split_whitespace().count() <= 3)
        .flat_map(|line| line.split([',', ';', '|', '•', '·']))
        .map(str::trim)
        .filter(|item| !item.is_empty())
}

#[derive(Clone, Debug, Default)]
pub(super) struct Counting {
    jobs: u32,
    seen: BTreeMap<String, u32>,
}

impl Counting {
    pub(super) fn add(&mut self, texts: &[&str], words: &mut Words) {
        self.jobs += 1;
        let mut found: Vec<String> = Vec::new();
        for text in texts {
            words.read(text);
            found.extend(words.each().filter(|word| word.len() >= 2).map(str::to_owned));
            for item in items(text) {
                words.read(item);
                if (2..=ITEM_WORDS).contains(&words.len()) {
                    found.push(words.whole().to_owned());
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        for term in found {
            *self.seen.entry(term).or_default() += 1;
        }
    }

    pub(super) fn merged(mut self, other: Self) -> Self {
        self.jobs += other.jobs;
        for (term, count) in other.seen {
            *self.seen.entry(term).or_default() += count;
        }
        self
    }

    pub(super) fn finish(self) -> FoldedTerms {
        let stop: std::collections::BTreeSet<String> =
            StopWords::Both.words().iter().map(|word| folded(word)).collect();
        let most = (f64::from(self.jobs) * MOST_JOBS).max(f64::from(schema::FEWEST));
        let mut kept: Vec<(String, u32)> = self
            .seen
            .into_iter()
            .filter(|(term, jobs)| {
                *jobs >= schema::FEWEST && f64::from(*jobs) <= most && !stop.contains(term.as_str())
            })
            .collect();
        kept.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        kept.truncate(MOST_TERMS);
        let mut terms: Vec<Box<str>> = kept.into_iter().map(|(term, _)| term.into()).collect();
        terms.sort_unstable();
        terms.into()
    }
}

/// How many numbers two ascending lists have in common, and the sum of `weight` over them.
pub(super) fn shared(a: &[u32], b: &[u32], weight: impl Fn(u32) -> f64) -> (usize, f64) {
    let (mut count, mut sum) = (0, 0.0);
    each_shared(a, b, |number| {
        count += 1;
        sum += weight(number);
    });
    (count, sum)
}

/// Calls `each` with every number that two ascending lists have in common.
pub(super) fn each_shared(mut a: &[u32], mut b: &[u32], mut each: impl FnMut(u32)) {
    while let (Some(&x), Some(&y)) = (a.first(), b.first()) {
        if x == y {
            each(x);
        }
        if x <= y {
            a = &a[1..];
        }
        if y <= x {
            b = &b[1..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms() -> FoldedTerms {
        let mut counting = Counting::default();
        let mut words = Words::default();
        for job in 0..10 {
            let text = if job < 3 {
                "Requisitos: Spring Boot, C#, SAP S/4 HANA\natuação em redes de clientes"
            } else {
                "Conhecimentos: excel; word\natuação com redes de computadores e outros"
            };
            counting.add(&[text], &mut words);
        }
        counting.finish()
    }

    fn names(terms: &FoldedTerms, numbers: &[u32]) -> Vec<String> {
        numbers.iter().map(|&n| terms.spelled(n, "")).collect()
    }

    #[test]
    fn terms_are_words_and_items_of_lists() {
        let terms = terms();
        assert!(terms.are_ascending());
        // Three of ten jobs are as many as may name a term: the others are too common to tell.
        let all: Vec<u32> = (0..terms.len() as u32).collect();
        assert_eq!(
            names(&terms, &all),
            [
                "boot",
                "clientes",
                "csharp",
                "hana",
                "requisitos",
                "sap",
                "saps4hana",
                "spring",
                "springboot"
            ]
        );
    }

    #[test]
    fn other_spellings_are_found() {
        let terms = terms();
        let (mut words, mut found) = (Words::default(), Vec::new());
        words.read("5 anos de springboot e c sharp");
        terms.set(&words, &mut found);
        assert_eq!(names(&terms, &found), ["csharp", "springboot"]);
        terms.items(
            "Requisitos: spring boot, C#\numa frase, que não é item",
            &mut words,
            &mut found,
        );
        assert_eq!(names(&terms, &found), ["csharp", "springboot"]);
    }

    #[test]
    fn a_term_is_shown_as_the_job_spells_it() {
        let terms = terms();
        let mut found = Vec::new();
        let text = "Requisitos: Spring-Boot, C#";
        terms.items(text, &mut Words::default(), &mut found);
        let spelled: Vec<_> = found.iter().map(|&n| terms.spelled(n, text)).collect();
        assert_eq!(spelled, ["C#", "Spring-Boot"]);
    }

    #[test]
    fn what_two_have_in_common() {
        assert_eq!(shared(&[1, 3, 5, 9], &[2, 3, 9], f64::from), (2, 12.0));
        assert_eq!(shared(&[], &[1], f64::from), (0, 0.0));
    }
}
