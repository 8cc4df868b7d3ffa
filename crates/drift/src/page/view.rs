//! What the template is given: words and markup in the order of the page, no decisions left.

use serde::Serialize;

use crate::page::markup::Markup;

/// The whole page.
#[derive(Debug, Serialize)]
pub(crate) struct View {
    pub(crate) title: String,
    pub(crate) verdict: Verdict,
    pub(crate) reasons: Vec<Markup>,
    pub(crate) advice: Vec<Markup>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) sections: Vec<Section>,
    pub(crate) footer: Vec<Markup>,
}

/// The verdict in a word, a mark, a colour and a line.
#[derive(Debug, Serialize)]
pub(crate) struct Verdict {
    pub(crate) class: &'static str,
    pub(crate) mark: &'static str,
    pub(crate) word: &'static str,
    pub(crate) headline: String,
}

/// A fact of the head of the page.
#[derive(Debug, Serialize)]
pub(crate) struct Fact {
    pub(crate) term: &'static str,
    pub(crate) value: Markup,
    pub(crate) note: Option<Markup>,
}

/// A section under a heading.
#[derive(Debug, Serialize)]
pub(crate) struct Section {
    /// Of the page, in ASCII.
    pub(crate) id: String,
    pub(crate) title: Markup,
    pub(crate) blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum Block {
    /// A paragraph.
    Text { text: Markup },
    /// A list.
    List { items: Vec<Markup> },
    /// A heading under the section's.
    Heading { text: Markup },
    /// Pictures side by side.
    Pictures { pictures: Vec<Picture> },
    /// A table.
    Table(Table),
    /// Terms and what they mean.
    Glossary { entries: Vec<Entry> },
}

/// A picture with its caption and a line on how to read it.
#[derive(Debug, Serialize)]
pub(crate) struct Picture {
    pub(crate) caption: Markup,
    pub(crate) note: Markup,
    pub(crate) svg: Markup,
}

/// A term and its meaning.
#[derive(Debug, Serialize)]
pub(crate) struct Entry {
    pub(crate) term: &'static str,
    pub(crate) text: &'static str,
}

/// A table over a list of the report.
#[derive(Debug, Serialize)]
pub(crate) struct Table {
    /// What a screen reader calls it.
    pub(crate) name: String,
    pub(crate) caption: Markup,
    /// The line that unfolds it, where it is folded.
    pub(crate) folded: Option<Markup>,
    /// Whether it scrolls by itself.
    pub(crate) tall: bool,
    /// Whether it sorts.
    pub(crate) sorts: bool,
    /// The pointer of the list; empty where each row says its place.
    pub(crate) list: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Row>,
}

/// The head of a column.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Column {
    pub(crate) title: &'static str,
    /// The key in a row of the list, where the cells are figures.
    pub(crate) key: &'static str,
    pub(crate) numeric: bool,
}

/// A row: cells with their tags, whose ends HTML lets one leave out.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    /// Its place in the report; empty where the table's list and the row's position say it.
    pub(crate) pointer: String,
    pub(crate) cells: Vec<Markup>,
}

/// As much of somebody's word as the page shows.
pub(crate) const LONGEST: usize = 60;

impl Block {
    /// A paragraph.
    pub(crate) fn text(text: Markup) -> Self {
        Self::Text { text }
    }

    /// A heading.
    pub(crate) fn heading(text: &str) -> Self {
        Self::Heading { text: Markup::of(text) }
    }
}
