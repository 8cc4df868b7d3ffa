//! Free text: what the stages do with CVs and job descriptions, and nothing of where they come from.
//!
//! - [`tokens`]: the words of a text, as Python's `\w\w+` on lower-cased text finds them;
//! - [`stopwords`]: words that carry no meaning of their own, Portuguese and English;
//! - [`tfidf`]: term weights as scikit-learn's `TfidfVectorizer` computes them;
//! - [`redact`]: texts without e-mail, telephone, documents, addresses and the candidate's own name;
//! - [`language`]: whether a text is Portuguese, English, Spanish or of another language.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod tokens;

pub mod stopwords;

pub mod tfidf;

pub mod redact;

pub mod language;

mod letters;

mod error;

pub use error::Error;
