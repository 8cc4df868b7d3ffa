//! Horizontal bars.

use crate::{
    draw::{WIDTH, Words, label, picture, rect, scaled, text},
    figure::Figure,
    markup::Markup,
};

/// What the longest bar takes; its figure stands to its right.
pub const ROOM: f64 = WIDTH - 66.0;

/// A thing and its size.
pub struct Single<'a> {
    pub label: &'a str,
    pub value: Figure,
}

pub fn singles(words: &Words, rows: &[Single<'_>]) -> Markup {
    let most = rows.iter().map(|r| r.value.value).fold(0.0, f64::max);
    let mut body = Markup::new();
    let mut y = 0.0;
    for row in rows {
        let width = scaled(row.value.value, most, ROOM);
        body = body
            .then(&label((0.0, y + 12.0), "start", row.label, WIDTH))
            .then(&rect((0.5, y + 17.5), (width.max(1.0), 11.0), "b"))
            .then(&text((width + 6.0, y + 27.5), "start", "n", &row.value.svg()));
        y += 40.0;
    }
    picture(words, y.max(1.0), &body)
}
