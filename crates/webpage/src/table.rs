//! Tables over lists of the document, each said as its columns.

use crate::{
    Lang,
    figure::{Figure, Node},
    lang::MISSING,
    markup::Markup,
    severity::Severity,
    view::{Block, Column, LONGEST, Row, Table},
};

/// How a figure is written.
#[derive(Debug, Clone, Copy)]
pub enum Format {
    Integer,
    /// With so many decimals.
    Decimal(usize),
    /// A change, with its sign and so many decimals.
    Signed(usize),
    /// A share in percent, with so many decimals.
    Percent(usize),
    /// A difference of shares in percentage points.
    Points,
    /// A change of a share in percentage points, with its sign.
    SignedPoints,
    Probability,
    Date,
    /// A day given as days since 1970-01-01.
    Day,
    /// A name with a number in it.
    Name,
}

impl Format {
    /// What stands at a place, so written.
    pub fn of(self, node: &Node<'_>) -> Figure {
        match self {
            Self::Integer => node.integer(),
            Self::Decimal(places) => node.decimal(places),
            Self::Signed(places) => node.signed(places),
            Self::Percent(places) => node.percent(places),
            Self::Points => node.points(),
            Self::SignedPoints => node.signed_points(),
            Self::Probability => node.probability(),
            Self::Date => node.date(),
            Self::Day => node.day(),
            Self::Name => node.name(),
        }
    }
}

/// What a column shows of a row.
#[derive(Clone, Copy)]
pub enum Show {
    /// Somebody's word.
    Word,
    Figure(Format),
    /// A figure that is written as the row says: the row and the path of the figure in it. Its text
    /// stands alone in the cell, or it says its place itself.
    Own(fn(&Node<'_>, &str) -> Markup),
    Severity,
    /// What it is in words.
    Words(fn(&Node<'_>, Lang) -> Markup),
    /// The head that the row was given.
    Head,
}

/// A column: its title in Portuguese and English, the path of its value in a row, what it shows.
pub type Spec = ((&'static str, &'static str), &'static str, Show);

/// The table of a list. The first column heads the rows. Without rows there is no table.
pub fn table(list: &Node<'_>, lang: Lang, caption: &Markup, specs: &[Spec]) -> Option<Table> {
    let items: Vec<_> = list.items().into_iter().map(|row| (Markup::new(), row)).collect();
    let mut table = of_rows(&items, lang, caption, specs)?;
    // The place of the list and the row's position say what each row's own pointer said.
    table.list = list.pointer().to_owned();
    for row in &mut table.rows {
        row.pointer.clear();
    }
    Some(table)
}

/// A table of rows from anywhere in the document: each says its place, and has a head of its own for
/// [`Show::Head`].
pub fn of_rows(
    rows: &[(Markup, Node<'_>)],
    lang: Lang,
    caption: &Markup,
    specs: &[Spec],
) -> Option<Table> {
    if rows.is_empty() {
        return None;
    }
    let columns = specs
        .iter()
        .map(|((pt, en), key, show)| Column {
            title: lang.pick(pt, en),
            key: if matches!(show, Show::Figure(_) | Show::Own(_)) { key } else { "" },
            numeric: show.is_number(),
        })
        .collect();
    let body = rows
        .iter()
        .map(|(head, row)| Row {
            pointer: row.pointer().to_owned(),
            cells: specs
                .iter()
                .enumerate()
                .map(|(i, spec)| cell(head, row, i == 0, spec, lang))
                .collect(),
        })
        .collect();
    Some(Table {
        name: lang.pick("Tabela", "Table").to_owned(),
        caption: caption.clone(),
        folded: None,
        tall: rows.len() > 12,
        sorts: rows.len() > 1,
        list: String::new(),
        columns,
        rows: body,
    })
}

impl Show {
    fn is_number(self) -> bool {
        match self {
            Self::Figure(format) => !matches!(format, Format::Date | Format::Day | Format::Name),
            Self::Own(_) => true,
            _ => false,
        }
    }
}

fn cell(head: &Markup, row: &Node<'_>, first: bool, spec: &Spec, lang: Lang) -> Markup {
    let (_, key, show) = *spec;
    let node = row.path(key);
    let severity = Severity::of(&node);
    let open = match show {
        _ if first => "<th scope=\"row\">",
        Show::Severity => severity.cell(),
        show if show.is_number() => "<td class=n>",
        _ => "<td>",
    };
    let cell = Markup::new().raw(open);
    match show {
        Show::Word if node.text().is_empty() => cell.text(MISSING),
        Show::Word => cell.word(node.text(), LONGEST),
        Show::Figure(format) => cell.text(&format.of(&node).text),
        Show::Own(figure) => cell.then(&figure(row, key)),
        Show::Severity if !node.is_there() => cell.text(MISSING),
        Show::Severity => cell.then(&severity.tag(lang)),
        Show::Words(_) if !node.is_there() => cell.text(MISSING),
        Show::Words(words) => cell.then(&words(&node, lang)),
        Show::Head => cell.then(head),
    }
}

impl Table {
    /// Named for those who hear the page.
    pub fn named(mut self, name: &str) -> Self {
        self.name = name.to_owned();
        self
    }

    /// Folded under a line.
    pub fn folded(mut self, line: Markup) -> Self {
        self.folded = Some(line);
        self
    }

    /// As a block.
    pub fn block(self) -> Block {
        Block::Table(self)
    }
}
