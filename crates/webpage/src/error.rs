//! Why there is no page.

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A language that pages are not written in.
    #[error("lang must be `pt` or `en`, found `{found}`")]
    Lang { found: String },
    /// The document could not be read as JSON.
    #[error("the page's document cannot be written as JSON: {0}")]
    Document(#[from] serde_json::Error),
    /// The template and what it was given do not agree.
    #[error("the page cannot be rendered: {0}")]
    Template(#[from] tera::Error),
}
