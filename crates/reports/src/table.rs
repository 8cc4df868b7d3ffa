//! Tables over lists of a report, each said as its columns.

use maud::{Markup, Render, html};

use crate::{
    Lang,
    markup::{self, Both},
    report::Severity,
};

/// What a cell holds.
pub(crate) enum Cell {
    Text(Markup),
    /// Set to the right.
    Number(Markup),
    /// Sorted by how grave it is; none where nothing was judged.
    Verdict(Option<Severity>),
}

/// Somebody's word; a dash where there is none.
pub(crate) fn word(word: &str) -> Cell {
    text(if word.is_empty() {
        html! { "–" }
    } else {
        markup::word(word)
    })
}

pub(crate) fn text(text: impl Render) -> Cell {
    Cell::Text(text.render())
}

pub(crate) fn number(number: impl Render) -> Cell {
    Cell::Number(number.render())
}

pub(crate) fn verdict(severity: impl Into<Option<Severity>>) -> Cell {
    Cell::Verdict(severity.into())
}

/// The title of a column, and what it shows of a row. The first column heads the rows.
pub(crate) type Column<'a, R> = (Both, &'a dyn Fn(&R) -> Cell);

/// A table; of no rows there is nothing to be seen.
pub(crate) struct Table {
    lang: Lang,
    /// What a screen reader calls it.
    name: String,
    /// What it shows and how to read it.
    caption: Markup,
    /// The line that unfolds it, where it is folded.
    folded: Option<Markup>,
    sorts: bool,
    titles: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    pub(crate) fn new<R>(
        lang: Lang,
        name: &str,
        caption: impl Render,
        rows: &[R],
        columns: &[Column<'_, R>],
    ) -> Self {
        let cells = |row| columns.iter().map(|(_, show)| show(row)).collect();
        Self {
            lang,
            name: name.to_owned(),
            caption: caption.render(),
            folded: None,
            sorts: rows.len() > 1,
            titles: columns.iter().map(|(title, _)| lang.of(*title)).collect(),
            rows: rows.iter().map(cells).collect(),
        }
    }

    pub(crate) fn folded(self, line: impl Render) -> Self {
        Self { folded: Some(line.render()), ..self }
    }

    /// In the order in which the rows were given, whatever a reader would like.
    pub(crate) fn unsorted(self) -> Self {
        Self { sorts: false, ..self }
    }

    fn table(&self) -> Markup {
        let class = if self.rows.len() > 12 { "scroll tall" } else { "scroll" };
        let numeric = |i: usize| matches!(self.rows[0][i], Cell::Number(_)).then_some("n");
        html! {
            div class=(class) role="region" tabindex="0" aria-label=(self.name) {
                table data-sort=[self.sorts.then_some("")] {
                    caption { span { (self.caption) } }
                    thead {
                        tr {
                            @for (i, title) in self.titles.iter().enumerate() {
                                th scope="col" class=[numeric(i)] { (title) }
                            }
                        }
                    }
                    tbody { @for row in &self.rows { tr { (self.row(row)) } } }
                }
            }
        }
    }

    fn row(&self, row: &[Cell]) -> Markup {
        html! {
            @for (i, cell) in row.iter().enumerate() {
                @match cell {
                    Cell::Text(text) | Cell::Number(text) if i == 0 => th scope="row" { (text) },
                    Cell::Text(text) => td { (text) },
                    Cell::Number(number) => td.n { (number) },
                    Cell::Verdict(None) => td data-s="0" { "–" },
                    Cell::Verdict(Some(severity)) => {
                        td data-s=(*severity as u8) { (severity.tag(self.lang)) }
                    }
                }
            }
        }
    }
}

impl Render for Table {
    fn render(&self) -> Markup {
        html! {
            @if self.rows.is_empty() {}
            @else if let Some(line) = &self.folded {
                details { summary { (line) } (self.table()) }
            } @else {
                (self.table())
            }
        }
    }
}
