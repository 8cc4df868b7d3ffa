//! Two distributions over the same bins: one as an outline, the other as filled bars.

use crate::{
    draw::{WIDTH, Words, coordinate, line, path, picture, rect, scaled, text},
    figure::Figure,
    markup::Markup,
};

/// Two distributions over the same bins.
pub struct Histogram {
    /// The share of each bin in the first, the outline.
    pub before: Vec<f64>,
    /// The share of each bin in the second, the bars.
    pub after: Vec<f64>,
    /// The lower end of the first bin and the upper end of the last.
    pub ends: (Figure, Figure),
}

/// Bars for what is after, a stepped line for what is before.
pub fn histogram(words: &Words, data: &Histogram) -> Markup {
    let (top, height) = (4.0, 120.0);
    let floor = top + height;
    let bins = data.before.len().max(data.after.len()).max(1);
    let width = WIDTH / bins as f64;
    let most = data.before.iter().chain(&data.after).copied().fold(0.0, f64::max);
    let mut body = Markup::new();
    for (i, share) in data.after.iter().enumerate() {
        let tall = scaled(*share, most, height);
        if tall > 0.05 {
            let gap = (width * 0.08).min(1.0);
            let corner = (i as f64 * width + gap, floor - tall);
            body = body.then(&rect(corner, (width - 2.0 * gap, tall), "b"));
        }
    }
    let mut steps = format!("M0 {}", coordinate(floor));
    for (i, share) in data.before.iter().enumerate() {
        let y = coordinate(floor - scaled(*share, most, height));
        let end = coordinate((i + 1) as f64 * width);
        steps.push_str(&format!("V{y}H{end}"));
    }
    steps.push_str(&format!("V{}", coordinate(floor)));
    body = body
        .then(&path(&steps, "l"))
        .then(&line((0.0, floor), (WIDTH, floor), "t"))
        .then(&text((0.0, floor + 15.0), "start", "n", &data.ends.0.svg()))
        .then(&text((WIDTH, floor + 15.0), "end", "n", &data.ends.1.svg()));
    picture(words, floor + 20.0, &body)
}
