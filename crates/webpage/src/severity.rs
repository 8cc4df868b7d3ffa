//! A verdict as the page shows it: a word, a mark and a class, never a colour alone.

use crate::{Lang, figure::Node, markup::Markup};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing to do.
    None,
    /// Keep an eye on it.
    Watch,
    Alert,
}

impl Severity {
    /// As it stands in the document.
    pub fn of(node: &Node<'_>) -> Self {
        match node.text() {
            "alert" => Self::Alert,
            "watch" => Self::Watch,
            _ => Self::None,
        }
    }

    /// The class of its colours.
    pub fn class(self) -> &'static str {
        match self {
            Self::None => "ok",
            Self::Watch => "watch",
            Self::Alert => "alert",
        }
    }

    /// Its mark, which prints and needs no colour.
    pub fn mark(self) -> &'static str {
        match self {
            Self::None => "○",
            Self::Watch => "▲",
            Self::Alert => "■",
        }
    }

    pub fn word(self, lang: Lang) -> &'static str {
        match self {
            Self::None => lang.pick("Sem alarme", "No alarm"),
            Self::Watch => lang.pick("Atenção", "Watch"),
            Self::Alert => lang.pick("Alerta", "Alert"),
        }
    }

    /// Its mark and its word, as markup.
    pub fn tag(self, lang: Lang) -> Markup {
        let word = Markup::of(self.mark()).text("\u{a0}").text(self.word(lang));
        let class = format!("tag {}", self.class());
        Markup::new().element("span", &[("class", &class)], &word)
    }

    /// The start of a cell that sorts by how much it matters.
    pub fn cell(self) -> &'static str {
        match self {
            Self::None => "<td data-s=0>",
            Self::Watch => "<td data-s=1>",
            Self::Alert => "<td data-s=2>",
        }
    }
}
