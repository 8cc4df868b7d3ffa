//! A small model that tells the texts of two versions apart, and how well it does.
//!
//! Naive Bayes over which terms a text has (Bernoulli's): a term weighs the difference of its log
//! odds on the two sides. It is fitted by counting, so it is the same whatever the order of texts,
//! and each weight can be read. Half of the people are counted; the other half, on both sides, are
//! what it is judged on.

use std::cmp::Reverse;

use hashbrown::HashMap;
use text::tokens::for_each_token;

use super::separation::ratio;

/// Terms of the model, at most: those that most texts have.
const MOST: usize = 5_000;

/// A term of the model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelTerm {
    pub term: String,
    /// Its weight: positive where it speaks for the current version.
    pub weight: f64,
    /// The share of the texts that the model was fitted on that have it, before.
    pub before: f64,
    pub after: f64,
}

impl ModelTerm {
    /// How much it tells: the difference of the shares times the weight. A rare term may weigh much
    /// and yet tell little.
    pub fn information(&self) -> f64 {
        (self.after - self.before) * self.weight
    }
}

#[derive(Clone, Debug)]
#[allow(clippy::disallowed_types, reason = "hashbrown's; its order reaches no output")]
pub struct Model {
    terms: Vec<ModelTerm>,
    columns: HashMap<String, usize>,
}

/// Memory of [`Model::score`], to be used again from text to text.
#[derive(Clone, Debug, Default)]
pub struct ScoreScratch {
    buffer: String,
    /// For each term, the last text that had it.
    seen: Vec<u64>,
    texts: u64,
}

impl Model {
    /// Fits on how many texts have each term, of `n` before and of `m` after.
    pub fn fit(mut counts: Vec<(&str, u64, u64)>, n: u64, m: u64) -> Self {
        counts.sort_unstable_by_key(|&(term, x, y)| (Reverse(x + y), term));
        counts.truncate(MOST);
        let terms: Vec<ModelTerm> = counts
            .into_iter()
            .map(|(term, x, y)| ModelTerm {
                term: term.to_owned(),
                weight: log_odds(y, m) - log_odds(x, n),
                before: ratio(x, n),
                after: ratio(y, m),
            })
            .collect();
        let columns = terms.iter().enumerate().map(|(i, t)| (t.term.clone(), i)).collect();
        Self { terms, columns }
    }

    /// How much a text speaks for the current version.
    pub fn score(&self, text: &str, scratch: &mut ScoreScratch) -> f64 {
        let ScoreScratch { buffer, seen, texts } = scratch;
        seen.resize(self.terms.len(), 0);
        *texts += 1;
        let mut score = 0.0;
        for_each_token(text, buffer, |token| {
            if let Some(&column) = self.columns.get(token)
                && seen[column] != *texts
            {
                seen[column] = *texts;
                score += self.terms[column].weight;
            }
        });
        score
    }

    /// Its terms, those that tell most first.
    pub fn told(&self) -> Vec<&ModelTerm> {
        let mut told: Vec<&ModelTerm> = self.terms.iter().collect();
        told.sort_by(|a, b| {
            b.information().total_cmp(&a.information()).then_with(|| a.term.cmp(&b.term))
        });
        told
    }
}

/// The logarithm of the odds that a text has a term, one more text with it and one without added.
fn log_odds(hits: u64, of: u64) -> f64 {
    libm::log((hits as f64 + 1.0) / (of.saturating_sub(hits) as f64 + 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_that_came_speaks_for_the_current_version() {
        let counts = vec![("java", 50, 50), ("webassembly", 0, 30), ("cobol", 20, 5), ("x1", 0, 1)];
        let model = Model::fit(counts, 100, 100);
        let mut scratch = ScoreScratch::default();
        let score = |text: &str, scratch: &mut ScoreScratch| model.score(text, scratch);
        let new = score("Java e webassembly, webassembly", &mut scratch);
        let once = score("webassembly java", &mut scratch);
        assert!(new > 3.0 && new == once);
        assert!(score("cobol", &mut scratch) < 0.0);
        assert_eq!(score("", &mut scratch), 0.0);
        let told: Vec<_> = model.told().into_iter().map(|t| t.term.as_str()).collect();
        assert_eq!(told, ["webassembly", "cobol", "x1", "java"]);
    }
}
