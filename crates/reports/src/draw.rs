//! What pictures are drawn with: inline SVG, over plain data.
//!
//! Each is an image with a title and a description that says the same in words. Colours are classes
//! of the page's style, so that light, dark and print each have theirs; what a colour says, a shape
//! or a word says too. Nothing has an id. Widths are in units of a drawing [`WIDTH`] wide, which is
//! what a telephone shows at its own scale.

use maud::{Markup, Render, html};

use crate::markup::{bold, joined, visible, word};

/// The width of a drawing.
pub(crate) const WIDTH: f64 = 360.0;

/// What stands above a picture.
pub(crate) struct Caption<'a> {
    /// The column that it is of, where it is of one.
    pub(crate) of: Option<&'a str>,
    pub(crate) title: &'static str,
    /// How to read it.
    pub(crate) note: Markup,
}

/// A picture; `told` says in words what is to be seen.
pub(crate) fn picture(
    caption: &Caption<'_>,
    told: &[String],
    height: f64,
    body: &Markup,
) -> Markup {
    html! {
        figure {
            figcaption {
                @if let Some(of) = caption.of { (bold(word(of))) " · " }
                (caption.title)
            }
            p { (caption.note) }
            svg role="img" viewBox={ "0 0 " (WIDTH) " " (coordinate(height.max(1.0))) } {
                title { (caption.title) }
                desc { (joined(told, "; ")) "." }
                (body)
            }
        }
    }
}

/// Pictures side by side under a heading, where there are any.
pub(crate) fn gallery(heading: Option<&str>, pictures: Vec<Option<Markup>>) -> Markup {
    let pictures: Vec<Markup> = pictures.into_iter().flatten().collect();
    html! {
        @if !pictures.is_empty() {
            @if let Some(heading) = heading { h3 { (heading) } }
            div.pictures { @for picture in &pictures { (picture) } }
        }
    }
}

/// Where a text has its place: it begins, ends or has its middle there.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

pub(crate) fn text(
    (x, y): (f64, f64),
    anchor: Anchor,
    class: &str,
    content: impl Render,
) -> Markup {
    let anchor = match anchor {
        Anchor::Start => None,
        Anchor::Middle => Some("middle"),
        Anchor::End => Some("end"),
    };
    html! {
        text x=(coordinate(x)) y=(coordinate(y)) text-anchor=[anchor] class=(class) { (content) }
    }
}

/// Somebody's word as a text of a picture, cut to fit `room`.
pub(crate) fn label(at: (f64, f64), anchor: Anchor, word: &str, room: f64) -> Markup {
    text(at, anchor, "w", fit(word, room))
}

/// A rectangle from its upper left corner; a size below 0 is none.
pub(crate) fn rect((x, y): (f64, f64), (width, height): (f64, f64), class: &str) -> Markup {
    let size = |length: f64| coordinate(length.max(0.0));
    html! {
        rect x=(coordinate(x)) y=(coordinate(y)) width=(size(width)) height=(size(height))
            class=(class) {}
    }
}

pub(crate) fn line((x1, y1): (f64, f64), (x2, y2): (f64, f64), class: &str) -> Markup {
    let [x1, y1, x2, y2] = [x1, y1, x2, y2].map(coordinate);
    path(&format!("M{x1} {y1}L{x2} {y2}"), class)
}

/// A path by its commands.
pub(crate) fn path(d: &str, class: &str) -> Markup {
    html! { path d=(d) class=(class) {} }
}

/// A coordinate, to a tenth of a unit.
pub(crate) fn coordinate(value: f64) -> String {
    let value = if value.is_finite() { value } else { 0.0 };
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

/// A length in proportion to the longest: `room` for `most`, 0 for what is none.
pub(crate) fn scaled(value: f64, most: f64, room: f64) -> f64 {
    let share = value / most;
    if share.is_finite() { share.clamp(0.0, 1.0) * room } else { 0.0 }
}

/// As much of a word as `room` has place for.
pub(crate) fn fit(word: &str, room: f64) -> String {
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
pub(crate) fn width(c: char) -> f64 {
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
        let shown = label((0.0, 0.0), Anchor::Start, "</text><script>\u{202e}", 300.0);
        assert_eq!(
            shown.0,
            "<text x=\"0\" y=\"0\" class=\"w\">&lt;/text&gt;&lt;script&gt;\u{fffd}</text>"
        );
    }
}
