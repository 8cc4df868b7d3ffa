//! Bars to both sides of a middle: what fell to the left, what rose to the right.

use webpage::{
    draw::{WIDTH, Words, label, line, picture, rect, scaled, text},
    figure::Figure,
    markup::Markup,
};

/// A thing and how much it changed.
pub(crate) struct Change<'a> {
    pub(crate) label: &'a str,
    /// By how much, signed.
    pub(crate) change: Figure,
}

/// One bar a row. The label stands on the side that the bar leaves free.
pub(crate) fn diverging(words: &Words, rows: &[Change<'_>]) -> Markup {
    let (middle, room, step) = (WIDTH / 2.0, WIDTH / 2.0 - 74.0, 22.0);
    let most = rows.iter().map(|r| r.change.value.abs()).fold(0.0, f64::max);
    let mut body = Markup::new();
    let mut y = 0.0;
    for row in rows {
        let width = scaled(row.change.value.abs(), most, room).max(1.0);
        let figure = row.change.svg();
        body = body.then(&if row.change.value < 0.0 {
            rect((middle - width, y + 4.0), (width, 13.0), "d")
                .then(&text((middle - width - 4.0, y + 15.5), "end", "n", &figure))
                .then(&label((middle + 6.0, y + 15.5), "start", row.label, middle - 8.0))
        } else {
            rect((middle, y + 4.0), (width, 13.0), "u")
                .then(&text((middle + width + 4.0, y + 15.5), "start", "n", &figure))
                .then(&label((middle - 6.0, y + 15.5), "end", row.label, middle - 8.0))
        });
        y += step;
    }
    let height = y.max(1.0);
    picture(words, height, &body.then(&line((middle, 0.0), (middle, height), "t")))
}
