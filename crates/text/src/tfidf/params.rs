use serde::{Deserialize, Serialize};

use crate::{Error, stopwords::StopWords};

/// A bound on the number of documents that a term is in, as scikit-learn's `min_df` and `max_df`.
///
/// In configuration a whole number is a count and a number with a fraction (`0.5`, `1.0`) a share.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum DocumentFrequency {
    /// So many documents; at least 1.
    Count(u64),
    /// This share of all documents; 0.0 to 1.0.
    Share(f64),
}

impl DocumentFrequency {
    /// The bound for a corpus of `documents`.
    #[expect(clippy::cast_precision_loss, reason = "scikit-learn compares in f64 too")]
    pub(super) fn bound(self, documents: u64) -> f64 {
        match self {
            Self::Count(count) => count as f64,
            Self::Share(share) => share * documents as f64,
        }
    }

    fn check(self, field: &'static str) -> Result<(), Error> {
        match self {
            Self::Count(0) => Err(Error::ZeroCount { field }),
            Self::Share(found) if !(0.0..=1.0).contains(&found) => {
                Err(Error::Share { field, found })
            }
            _ => Ok(()),
        }
    }
}

/// What `TfidfVectorizer` is told, by scikit-learn's names and with its defaults.
///
/// ```
/// use text::{stopwords::StopWords, tfidf::Params};
///
/// let params = Params { stop_words: StopWords::Both, max_features: Some(2), ..Params::default() };
/// let tfidf = params.check()?.fit(&["Java e SQL", "SQL, Java e Oracle"]);
/// assert_eq!(tfidf.terms().collect::<Vec<_>>(), ["java", "sql"]);
/// # Ok::<(), text::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Tokens to leave out before n-grams are made.
    pub stop_words: StopWords,
    /// Shortest and longest n-gram, in tokens.
    pub ngram_range: (usize, usize),
    /// Drop terms in fewer documents.
    pub min_df: DocumentFrequency,
    /// Drop terms in more documents.
    pub max_df: DocumentFrequency,
    /// Drop terms that fewer texts have, however many documents each text stands for. Ours:
    /// scikit-learn has no such bound, as 1 is none.
    #[serde(skip_serializing_if = "is_none")]
    pub min_texts: u32,
    /// Keep so many terms, those of the greatest total count.
    pub max_features: Option<usize>,
    /// Add one to document counts, as if one more document held every term.
    pub smooth_idf: bool,
    /// Replace a count in a text by 1 + ln(count).
    pub sublinear_tf: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_none(min_texts: &u32) -> bool {
    *min_texts <= 1
}

impl Default for Params {
    fn default() -> Self {
        Self {
            stop_words: StopWords::None,
            ngram_range: (1, 1),
            min_df: DocumentFrequency::Count(1),
            max_df: DocumentFrequency::Share(1.0),
            min_texts: 1,
            max_features: None,
            smooth_idf: true,
            sublinear_tf: false,
        }
    }
}

impl Params {
    /// Checks every field.
    ///
    /// # Errors
    /// [`Error::NgramRange`], [`Error::Share`], [`Error::ZeroCount`] or [`Error::NoFeatures`].
    pub fn check(self) -> Result<CheckedParams, Error> {
        let (min, max) = self.ngram_range;
        if min == 0 || max < min {
            return Err(Error::NgramRange { min, max });
        }
        self.min_df.check("min_df")?;
        self.max_df.check("max_df")?;
        if self.max_features == Some(0) {
            return Err(Error::NoFeatures);
        }
        Ok(CheckedParams(self))
    }
}

/// Parameters that hold together: the start of every fit.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedParams(Params);

impl std::ops::Deref for CheckedParams {
    type Target = Params;

    fn deref(&self) -> &Params {
        &self.0
    }
}
