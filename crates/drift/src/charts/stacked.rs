//! Stacked bars: a whole in parts, before above after.

use webpage::{
    draw::{WIDTH, Words, fit, label, picture, rect, scaled, text, width},
    figure::Figure,
    markup::Markup,
};

/// A thing in parts, on both sides; the parts are shares in the order of the legend.
pub(crate) struct Stack<'a> {
    pub(crate) label: &'a str,
    /// Its parts in the baseline.
    pub(crate) before: Vec<Figure>,
    /// Its parts in the current version.
    pub(crate) after: Vec<Figure>,
}

/// Two bars a thing. `legend` names the parts, `sides` before and after. A part says its share
/// where it has room to.
pub(crate) fn stacked(
    words: &Words,
    legend: &[&str],
    sides: (&str, &str),
    rows: &[Stack<'_>],
) -> Markup {
    let (left, mut x) = (52.0, 0.0);
    let mut body = Markup::new();
    for (i, name) in legend.iter().enumerate() {
        let name = fit(name, 84.0);
        body = body.then(&rect((x + 0.5, 2.5), (11.0, 11.0), &format!("s{i}"))).then(&text(
            (x + 16.0, 12.0),
            "start",
            "n",
            &Markup::of(&name),
        ));
        x += 24.0 + name.chars().map(width).sum::<f64>();
    }
    let mut y = 24.0;
    for row in rows {
        body = body.then(&label((0.0, y + 12.0), "start", row.label, WIDTH));
        for (side, parts, top) in
            [(sides.0, &row.before, y + 17.0), (sides.1, &row.after, y + 37.0)]
        {
            // A profile has one side only.
            let top = if row.before.is_empty() { top - 20.0 } else { top };
            if parts.is_empty() {
                continue;
            }
            body = body.then(&text((0.0, top + 13.0), "start", "n", &Markup::of(side)));
            let whole: f64 = parts.iter().map(|p| p.value).sum();
            let mut start = left;
            for (i, part) in parts.iter().enumerate() {
                let wide = scaled(part.value, whole, WIDTH - left - 1.0);
                if wide < 0.2 {
                    continue;
                }
                body = body.then(&rect(
                    (start + 0.5, top + 0.5),
                    (wide - 0.6, 17.0),
                    &format!("s{i}"),
                ));
                if wide > 42.0 {
                    let middle = (start + wide / 2.0, top + 13.0);
                    body = body.then(&text(middle, "middle", &format!("o{i}"), &part.svg()));
                }
                start += wide;
            }
        }
        y += if row.before.is_empty() { 44.0 } else { 64.0 };
    }
    picture(words, y, &body)
}
