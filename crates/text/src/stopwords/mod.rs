//! Words that carry no meaning of their own: the lists that the Python system joins.
//!
//! Portuguese is the list of PyPI's `stop-words`, English that of scikit-learn
//! (`ENGLISH_STOP_WORDS`); both are embedded as they are, one word a line. They are compared with
//! tokens as they stand: a listed word that the tokeniser would never give (`é`, one letter long)
//! removes nothing, as in scikit-learn.

use std::sync::LazyLock;

use hashbrown::HashSet;
use serde::{Deserialize, Serialize};

/// A choice of stop words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum StopWords {
    /// None: every token counts.
    #[default]
    None,
    /// The Portuguese list (329 words).
    Portuguese,
    /// The English list (318 words).
    English,
    /// Portuguese and English.
    Both,
}

static PORTUGUESE: LazyLock<List> = LazyLock::new(|| List::of(&[include_str!("portuguese.txt")]));
static ENGLISH: LazyLock<List> = LazyLock::new(|| List::of(&[include_str!("english.txt")]));
static BOTH: LazyLock<List> =
    LazyLock::new(|| List::of(&[include_str!("portuguese.txt"), include_str!("english.txt")]));

struct List {
    sorted: Vec<&'static str>,
    set: HashSet<&'static str>,
}

impl List {
    fn of(files: &[&'static str]) -> Self {
        let mut sorted: Vec<_> = files.iter().flat_map(|file| file.lines()).collect();
        sorted.sort_unstable();
        sorted.dedup();
        Self { set: sorted.iter().copied().collect(), sorted }
    }
}

impl StopWords {
    fn list(self) -> Option<&'static List> {
        match self {
            Self::None => None,
            Self::Portuguese => Some(&PORTUGUESE),
            Self::English => Some(&ENGLISH),
            Self::Both => Some(&BOTH),
        }
    }

    /// The words, sorted by code point, each once.
    #[must_use]
    pub fn words(self) -> &'static [&'static str] {
        self.list().map_or(&[], |list| &list.sorted)
    }

    /// Whether `token` is one of them.
    #[must_use]
    pub fn contains(self, token: &str) -> bool {
        self.list().is_some_and(|list| list.set.contains(token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_equal_the_golden_ones() {
        let golden: std::collections::BTreeMap<String, Vec<String>> =
            serde_json::from_str(include_str!("../../tests/golden/stopwords.json")).unwrap();
        assert_eq!(StopWords::Portuguese.words(), golden["portuguese"]);
        assert_eq!(StopWords::English.words(), golden["english"]);
        let union: std::collections::BTreeSet<&String> = golden.values().flatten().collect();
        assert!(StopWords::Both.words().iter().eq(union.iter()));
    }

    #[test]
    fn membership_is_by_exact_token() {
        assert!(StopWords::Portuguese.contains("também"));
        assert!(!StopWords::Portuguese.contains("Também"));
        assert!(!StopWords::English.contains("também"));
        assert!(StopWords::Both.contains("also"));
        assert!(!StopWords::None.contains("de"));
    }
}
