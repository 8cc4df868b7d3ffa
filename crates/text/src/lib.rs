//! Free text: what the stages do with CVs and job descriptions, and nothing of where they come from.
//!
//! - [`tokens`]: the words of a text, as Python's `\w\w+` on lower-cased text finds them;
//! - [`stopwords`]: words that carry no meaning of their own, Portuguese and English;
//! - [`tfidf`]: term weights as scikit-learn's `TfidfVectorizer` computes them.

pub mod tokens;

pub mod stopwords;

pub mod tfidf;

mod error;

pub use error::Error;
