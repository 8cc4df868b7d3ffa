//! The page: `drift.json` as an analyst reads it, in one HTML file.
//!
//! A pure function of the report. It needs nothing from anywhere: style, script and pictures are in
//! it, and its content-security policy lets nothing else in. Each figure says by a JSON pointer where
//! in `drift.json` it stands (`data-v`), and the report is read through these pointers alone, so
//! that the page cannot say what the file does not.

mod lang;
pub use lang::Lang;

pub(crate) mod figure;
pub(crate) mod markup;
pub(crate) mod severity;
mod view;

mod comparison;
mod finding;
mod glossary;
mod pictures;
mod policy;
mod sections;
mod table;
mod words;

use tera::{Context, Tera};

use crate::report::Report;

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A language that the page is not written in.
    #[error("lang must be `pt` or `en`, found `{found}`")]
    Lang {
        /// What was asked for.
        found: String,
    },
    /// The report could not be read as JSON.
    #[error("the report cannot be written as JSON: {0}")]
    Report(#[from] serde_json::Error),
    /// The template and what it was given do not agree.
    #[error("the page cannot be rendered: {0}")]
    Template(#[from] tera::Error),
}

/// The page of a report.
pub fn render(report: &Report, lang: Lang) -> Result<String, Error> {
    render_json(&serde_json::to_value(report)?, lang)
}

/// The page of a `drift.json` as it was read: in another language, say, than it was written with.
pub fn render_json(report: &serde_json::Value, lang: Lang) -> Result<String, Error> {
    html(&sections::view(&figure::Node::root(report, lang), lang), lang)
}

const STYLE: &str = include_str!("page/templates/page.css");
const SCRIPT: &str = include_str!("page/templates/page.js");

/// The view as HTML.
fn html(view: &view::View, lang: Lang) -> Result<String, Error> {
    let mut tera = Tera::new();
    tera.add_raw_templates([
        ("block.html", include_str!("page/templates/block.html")),
        ("page.html", include_str!("page/templates/page.html")),
    ])?;
    let mut context = Context::from_serialize(view)?;
    context.insert("lang", lang.tag());
    context.insert("style", STYLE);
    context.insert("script", SCRIPT);
    context.insert("policy", &policy::policy(STYLE, SCRIPT));
    context.insert("t", &words::labels(lang));
    Ok(tera.render("page.html", &context)?)
}
