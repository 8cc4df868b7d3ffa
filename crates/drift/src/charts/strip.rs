//! A row of marks: the verdicts of the versions, oldest first.

use webpage::{
    draw::{WIDTH, Words, coordinate, fit, path, picture, rect, text},
    figure::Figure,
    markup::Markup,
    severity::Severity,
};

/// A version and its verdict.
pub(crate) struct Cell {
    pub(crate) version: Figure,
    pub(crate) severity: Severity,
}

/// Marks in a line.
const A_ROW: usize = 10;

/// One mark a version, each verdict a shape of its own: a circle for none, a triangle for watch, a
/// square for alert. The last one, this report's, stands in a frame.
pub(crate) fn strip(words: &Words, cells: &[Cell]) -> Markup {
    let (wide, tall) = (WIDTH / A_ROW as f64, 44.0);
    let mut body = Markup::new();
    for (i, cell) in cells.iter().enumerate() {
        let x = (i % A_ROW) as f64 * wide + wide / 2.0;
        let y = (i / A_ROW) as f64 * tall + 14.0;
        if i + 1 == cells.len() {
            body =
                body.then(&rect((x - wide / 2.0 + 1.0, y - 13.0), (wide - 2.0, tall - 3.0), "f"));
        }
        let (l, r) = (coordinate(x - 8.0), coordinate(x + 8.0));
        let (t, b, m) = (coordinate(y - 8.0), coordinate(y + 8.0), coordinate(x));
        let shape = match cell.severity {
            Severity::None => {
                format!("M{l} {}a8 8 0 1 0 16 0a8 8 0 1 0 -16 0z", coordinate(y))
            }
            Severity::Watch => format!("M{m} {t}L{r} {b}H{l}z"),
            Severity::Alert => format!("M{l} {t}H{r}V{b}H{l}z"),
        };
        body = body.then(&path(&shape, cell.severity.class())).then(&text(
            (x, y + 23.0),
            "middle",
            "n",
            &cell.version.shown_as(fit(&cell.version.text, wide)).svg(),
        ));
    }
    let rows = cells.len().div_ceil(A_ROW).max(1) as f64;
    picture(words, rows * tall, &body)
}
