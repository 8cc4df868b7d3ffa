//! Horizontal bars: before beside after, and one bar against its threshold.

use webpage::{
    charts::ROOM,
    draw::{WIDTH, Words, fit, label, line, picture, rect, scaled, text, width as width_of},
    figure::Figure,
    markup::Markup,
    severity::Severity,
};

/// A thing measured on both sides.
pub(crate) struct Pair<'a> {
    pub(crate) label: &'a str,
    pub(crate) before: Figure,
    pub(crate) after: Figure,
}

/// Bars in pairs: the upper one, hollow, is before, the lower one, filled, is after.
pub(crate) fn pairs(words: &Words, rows: &[Pair<'_>]) -> Markup {
    let most = rows.iter().flat_map(|r| [r.before.value, r.after.value]).fold(0.0, f64::max);
    let mut body = Markup::new();
    let mut y = 0.0;
    for row in rows {
        body = body.then(&label((0.0, y + 12.0), "start", row.label, WIDTH));
        for (figure, class, top) in [(&row.before, "a", y + 17.0), (&row.after, "b", y + 31.0)] {
            let width = scaled(figure.value, most, ROOM);
            body = body.then(&rect((0.5, top + 0.5), (width.max(1.0), 10.0), class)).then(&text(
                (width + 6.0, top + 9.0),
                "start",
                "n",
                &figure.svg(),
            ));
        }
        y += 55.0;
    }
    picture(words, y.max(1.0), &body)
}

/// A measure against the value from which it is too much.
pub(crate) struct Bar<'a> {
    /// Of what: somebody's word, and ours.
    pub(crate) label: (&'a str, String),
    pub(crate) value: Figure,
    /// Its threshold, with the word for it before.
    pub(crate) threshold: Figure,
    pub(crate) severity: Severity,
}

/// A bar each, with a tick at the threshold of its own; `word` names the threshold. The longest bar
/// sets the scale: a tick beyond it stands at the edge.
pub(crate) fn thresholds(words: &Words, word: &str, rows: &[Bar<'_>]) -> Markup {
    let most = 1.1 * rows.iter().map(|r| r.value.value).fold(0.0, f64::max);
    let mut body = Markup::new();
    let mut y = 0.0;
    for row in rows {
        let width = scaled(row.value.value, most, ROOM);
        let (word_of, ours) = &row.label;
        let ours = format!(" · {ours}");
        let room = WIDTH - 104.0 - ours.chars().map(width_of).sum::<f64>();
        let named = Markup::new()
            .element("tspan", &[("class", "w")], &Markup::of(&fit(word_of, room)))
            .text(&ours);
        let tick = scaled(row.threshold.value, most, ROOM);
        let limit = Markup::new().text(word).text(" ").then(&row.threshold.svg());
        let figure = Markup::of(row.severity.mark()).text(" ").then(&row.value.svg());
        body = body
            .then(&text((0.0, y + 12.0), "start", "", &named))
            .then(&text((WIDTH, y + 12.0), "end", "n", &limit))
            .then(&rect((0.5, y + 18.5), (width.max(1.0), 11.0), row.severity.class()))
            .then(&text((width.max(tick) + 6.0, y + 28.5), "start", "n", &figure))
            .then(&line((tick, y + 15.0), (tick, y + 33.0), "t"));
        y += 44.0;
    }
    picture(words, y.max(1.0), &body)
}
