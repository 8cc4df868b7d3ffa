//! What the template is given: words and markup in the order of the page, no decisions left.

use serde::Serialize;

use crate::markup::Markup;

#[derive(Debug, Serialize)]
pub struct View {
    pub title: String,
    /// What kind of page it is, above everything.
    pub kicker: &'static str,
    /// The verdict, which is the heading.
    pub verdict: Verdict,
    /// Why, the weightiest first; a numbered list.
    pub reasons: Vec<Markup>,
    /// What follows from it, a paragraph each.
    pub advice: Vec<Markup>,
    /// What it is about, at a glance.
    pub facts: Vec<Fact>,
    /// The sections, which the contents list.
    pub sections: Vec<Section>,
    pub footer: Vec<Markup>,
}

/// The verdict in a word, a mark, a colour and a line.
#[derive(Debug, Serialize)]
pub struct Verdict {
    /// Of its colours ([`crate::severity::Severity::class`]).
    pub class: &'static str,
    /// Which says the same without colour.
    pub mark: &'static str,
    /// Which says it in a word.
    pub word: &'static str,
    /// The heading of the page.
    pub headline: String,
}

/// A fact of the head of the page.
#[derive(Debug, Serialize)]
pub struct Fact {
    pub term: &'static str,
    pub value: Markup,
    /// Smaller, under it.
    pub note: Option<Markup>,
}

/// A section under a heading.
#[derive(Debug, Serialize)]
pub struct Section {
    /// Of the page, in ASCII.
    pub id: String,
    pub title: Markup,
    /// What is in it, from top to bottom.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Block {
    Text {
        text: Markup,
    },
    List {
        items: Vec<Markup>,
    },
    /// A heading under the section's.
    Heading {
        text: Markup,
    },
    /// Pictures side by side.
    Pictures {
        pictures: Vec<Picture>,
    },
    Table(Table),
    /// Terms and what they mean.
    Glossary {
        entries: Vec<Entry>,
    },
}

/// A picture with its caption and a line on how to read it.
#[derive(Debug, Serialize)]
pub struct Picture {
    pub caption: Markup,
    pub note: Markup,
    pub svg: Markup,
}

/// A term and its meaning.
#[derive(Debug, Serialize)]
pub struct Entry {
    pub term: &'static str,
    pub text: &'static str,
}

/// A table over a list of the document.
#[derive(Debug, Serialize)]
pub struct Table {
    /// What a screen reader calls it.
    pub name: String,
    /// What it shows and how to read it.
    pub caption: Markup,
    /// The line that unfolds it, where it is folded.
    pub folded: Option<Markup>,
    /// Whether it scrolls by itself.
    pub tall: bool,
    pub sorts: bool,
    /// The pointer of the list; empty where each row says its place.
    pub list: String,
    pub columns: Vec<Column>,
    /// The rows, each with as many cells.
    pub rows: Vec<Row>,
}

/// The head of a column.
#[derive(Debug, Clone, Serialize)]
pub struct Column {
    pub title: &'static str,
    /// The key in a row of the list, where the cells are figures.
    pub key: &'static str,
    /// Whether it is set to the right.
    pub numeric: bool,
}

/// A row: cells with their tags, whose ends HTML lets one leave out.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Its place in the document; empty where the table's list and the row's position say it.
    pub pointer: String,
    /// The cells, the first of which heads the row.
    pub cells: Vec<Markup>,
}

/// As much of somebody's word as the page shows.
pub const LONGEST: usize = 60;

impl Block {
    pub fn text(text: Markup) -> Self {
        Self::Text { text }
    }

    pub fn heading(text: &str) -> Self {
        Self::Heading { text: Markup::of(text) }
    }
}
