//! What pictures are drawn with: inline SVG, over plain data.
//!
//! Each is an image with a title and a description that says the same in words. Colours are classes
//! of the page's style, so that light, dark and print each have theirs; what a colour says, a shape
//! or a word says too. Nothing has an id. Widths are in units of a drawing [`WIDTH`] wide, which is
//! what a telephone shows at its own scale.

use crate::markup::{Markup, visible};

/// The width of a drawing.
pub const WIDTH: f64 = 360.0;

/// What a picture says in words: its title, and what is to be seen in it.
pub struct Words {
    pub title: Markup,
    pub description: Markup,
}

/// A picture from its parts.
pub fn picture(words: &Words, height: f64, body: &Markup) -> Markup {
    let content = Markup::new()
        .element("title", &[], &words.title)
        .element("desc", &[], &words.description)
        .then(body);
    let view = format!("0 0 {WIDTH} {}", coordinate(height));
    Markup::new().element("svg", &[("role", "img"), ("viewBox", &view)], &content)
}

/// A line of text; `anchor` is `start`, `middle` or `end`.
pub fn text(at: (f64, f64), anchor: &str, class: &str, content: &Markup) -> Markup {
    let (x, y) = (coordinate(at.0), coordinate(at.1));
    let mut attributes = vec![("x", x.as_str()), ("y", y.as_str())];
    if anchor != "start" {
        attributes.push(("text-anchor", anchor));
    }
    if !class.is_empty() {
        attributes.push(("class", class));
    }
    Markup::new().element("text", &attributes, content)
}

/// Somebody's word as a text of a picture, cut to fit `room`.
pub fn label(at: (f64, f64), anchor: &str, word: &str, room: f64) -> Markup {
    let shown = Markup::of(&fit(word, room));
    text(at, anchor, "w", &shown)
}

/// A rectangle from its upper left corner; a size below 0 is none.
pub fn rect(corner: (f64, f64), size: (f64, f64), class: &str) -> Markup {
    let (x, y) = (coordinate(corner.0), coordinate(corner.1));
    let (w, h) = (coordinate(size.0.max(0.0)), coordinate(size.1.max(0.0)));
    let attributes =
        [("x", x.as_str()), ("y", &y), ("width", &w), ("height", &h), ("class", class)];
    Markup::new().element("rect", &attributes, &Markup::new())
}

pub fn line(from: (f64, f64), to: (f64, f64), class: &str) -> Markup {
    let (x1, y1) = (coordinate(from.0), coordinate(from.1));
    let (x2, y2) = (coordinate(to.0), coordinate(to.1));
    let attributes = [("x1", x1.as_str()), ("y1", &y1), ("x2", &x2), ("y2", &y2), ("class", class)];
    Markup::new().element("line", &attributes, &Markup::new())
}

/// A path by its commands.
pub fn path(d: &str, class: &str) -> Markup {
    Markup::new().element("path", &[("d", d), ("class", class)], &Markup::new())
}

/// A coordinate, to a tenth of a unit.
pub fn coordinate(value: f64) -> String {
    let value = if value.is_finite() { value } else { 0.0 };
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

/// A length in proportion to the longest: `room` for `most`, 0 for what is none.
pub fn scaled(value: f64, most: f64, room: f64) -> f64 {
    let share = value / most;
    if share.is_finite() { share.clamp(0.0, 1.0) * room } else { 0.0 }
}

/// As much of a word as `room` has place for.
pub fn fit(word: &str, room: f64) -> String {
    let word = visible(word, 120);
    let mut used = 0.0;
    let mut cut = None;
    for (i, c) in word.char_indices() {
        let wide = width(c);
        // Where a cut leaves room for the ellipsis.
        if used + wide <= room - width('…') {
            cut = Some(i + c.len_utf8());
        }
        used += wide;
    }
    if used <= room {
        return word;
    }
    format!("{}…", word.get(..cut.unwrap_or(0)).unwrap_or_default())
}

/// What a character takes at the size of labels, in a wide sans-serif.
pub fn width(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | '\'' | '|' | '!' => 4.5,
        'm' | 'w' | 'M' | 'W' | '…' | '\u{fffd}' => 12.5,
        'A'..='Z' | '0'..='9' | '_' => 8.8,
        c if c < '\u{1100}' => 7.9,
        _ => 14.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_cut_to_its_room() {
        assert_eq!(fit("python", 100.0), "python");
        assert_eq!(fit(&"a".repeat(10_000), 60.0), "aaaaaa…");
        assert_eq!(fit("mmm", 1.0), "…");
        assert_eq!(fit("", 10.0), "");
    }

    #[test]
    fn lengths_are_in_proportion_and_never_odd() {
        assert_eq!(scaled(1.0, 4.0, 100.0), 25.0);
        for (value, most) in [(0.0, 0.0), (f64::NAN, 1.0), (1.0, 0.0), (-1.0, 2.0)] {
            assert_eq!(scaled(value, most, 100.0), 0.0);
        }
        assert_eq!((coordinate(1.04), coordinate(2.26)), ("1".into(), "2.3".into()));
        assert_eq!(coordinate(f64::NAN), "0");
    }

    #[test]
    fn a_word_in_a_picture_is_no_markup() {
        let shown = label((0.0, 0.0), "start", "</text><script>\u{202e}", 300.0);
        assert_eq!(
            shown.as_str(),
            "<text x=\"0\" y=\"0\" class=\"w\">&lt;/text&gt;&lt;script&gt;\u{fffd}</text>"
        );
    }
}
