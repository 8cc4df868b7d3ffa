//! The page: `drift.json` as an analyst reads it, in one HTML file.
//!
//! A pure function of the report, in the frame of [`webpage`]: each figure says by a JSON pointer
//! where in `drift.json` it stands, and the report is read through these pointers alone, so that the
//! page cannot say what the file does not.

pub use webpage::{Error, Lang};
use webpage::{figure, markup, severity, view};

mod arrivals;
mod comparison;
mod finding;
mod glossary;
mod pictures;
mod sections;
mod table;
mod words;

use crate::report::Report;

/// The page of a report.
pub fn render(report: &Report, lang: Lang) -> Result<String, Error> {
    render_json(&serde_json::to_value(report)?, lang)
}

/// The page of a `drift.json` as it was read: in another language, say, than it was written with.
pub fn render_json(report: &serde_json::Value, lang: Lang) -> Result<String, Error> {
    webpage::html(&sections::view(&figure::Node::root(report, lang), lang), lang)
}
