/// What can be wrong with parameters, with partial counts, and with a fitted state that is loaded.
///
/// No message holds a term or a piece of text: either may be personal data.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `ngram_range` is empty or starts below 1.
    #[error("ngram_range is ({min}, {max}): expected 1 <= min <= max")]
    NgramRange {
        /// Tokens of the shortest n-gram asked for.
        min: usize,
        /// Tokens of the longest.
        max: usize,
    },
    /// A document frequency given as a share is not one.
    #[error("{field} is the share {found}: expected 0.0 to 1.0, or a whole number for a count")]
    Share {
        /// `min_df` or `max_df`.
        field: &'static str,
        /// What was given.
        found: f64,
    },
    /// A document frequency given as a count is 0.
    #[error("{field} is 0: expected a count of at least 1, or a share from 0.0 to 1.0")]
    ZeroCount {
        /// `min_df` or `max_df`.
        field: &'static str,
    },
    /// `max_features` is 0.
    #[error("max_features is 0: expected at least 1, or none for all terms")]
    NoFeatures,
    /// Two partial counts were made with different parameters.
    #[error("these counts were made with other parameters: merge only counts of the same fit")]
    CountsDiffer,
    /// A stored state is of a format that this version does not know.
    #[error("{what} has format {found}: this version reads format {expected}, fit it again")]
    Format {
        /// What was being read.
        what: &'static str,
        /// Its format number.
        found: u32,
        /// The one that is understood.
        expected: u32,
    },
    /// A stored vocabulary is not strictly ascending by code point.
    #[error("term {index} does not come after the one before it: the stored vocabulary is damaged")]
    TermOrder {
        /// Place of the offending term.
        index: usize,
    },
    /// A stored state has not one weight a term.
    #[error(
        "{terms} terms but {idf} idf values: expected one for each, the stored state is damaged"
    )]
    IdfLength {
        /// Number of terms.
        terms: usize,
        /// Number of inverse document frequencies.
        idf: usize,
    },
    /// A stored inverse document frequency is not a positive finite number.
    #[error(
        "idf {index} is {found}: expected a positive finite number, the stored state is damaged"
    )]
    Idf {
        /// Place of the offending value.
        index: usize,
        /// Its value.
        found: f64,
    },
}
