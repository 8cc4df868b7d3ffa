//! Words of people, and wordings of ours around figures.

use maud::{Markup, Render, html};

/// As much of somebody's word as a page shows.
const LONGEST: usize = 60;

/// As much of a name with a number in it (`v12`) as a page shows.
const LONGEST_NAME: usize = 20;

/// A wording in Portuguese and in English, each filled with the same pieces in its places `{}`.
macro_rules! wording {
    ($lang:expr, $pt:literal, $en:literal $(, $piece:expr)* $(,)?) => {
        maud::PreEscaped(match $lang {
            $crate::Lang::Pt => format!($pt $(, $crate::markup::escaped(&$piece))*),
            $crate::Lang::En => format!($en $(, $crate::markup::escaped(&$piece))*),
        })
    };
}
pub(crate) use wording;

/// A wording in Portuguese and in English.
pub(crate) type Both = (&'static str, &'static str);

pub(crate) fn escaped(piece: &impl Render) -> String {
    piece.render().into_string()
}

/// Somebody's word: shown in full view, cut, in its own direction. A long name may break after its
/// underscores.
pub(crate) fn word(word: &str) -> Markup {
    html! {
        bdi {
            @for part in plain(word).split_inclusive('_') {
                (part) @if part.ends_with('_') { wbr; }
            }
        }
    }
}

/// Somebody's word where a text has no markup.
pub(crate) fn plain(word: &str) -> String {
    visible(word, LONGEST)
}

/// The name of a version.
pub(crate) fn name(name: &str) -> String {
    visible(name, LONGEST_NAME)
}

pub(crate) fn bold(content: impl Render) -> Markup {
    html! { b { (content) } }
}

pub(crate) fn soft(content: impl Render) -> Markup {
    html! { span.soft { (content) } }
}

/// A paragraph of text.
pub(crate) fn text(content: impl Render) -> Markup {
    html! { p.text { (content) } }
}

pub(crate) fn list(items: impl IntoIterator<Item = Markup>) -> Markup {
    html! { ul.reasons { @for item in items { li { (item) } } } }
}

/// Pieces with something between them.
pub(crate) fn joined<T: Render>(pieces: impl IntoIterator<Item = T>, between: &str) -> Markup {
    html! {
        @for (i, piece) in pieces.into_iter().enumerate() {
            @if i > 0 { (between) }
            (piece)
        }
    }
}

/// A word as it may be shown: what has no shape (controls, marks that turn the direction of text,
/// joiners of width zero) becomes `�`, and what is longer than `most` characters ends in `…`.
pub(crate) fn visible(word: &str, most: usize) -> String {
    let mut out = String::new();
    for (i, c) in word.chars().enumerate() {
        if i + 1 == most && word.chars().nth(most).is_some() {
            out.push('…');
            break;
        }
        out.push(if is_hidden(c) { '\u{fffd}' } else { c });
    }
    out
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}' | '\u{e000}'..='\u{f8ff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lang;

    #[test]
    fn people_cannot_write_markup() {
        let hostile = r#""><img onerror=x>&<script>"#;
        let shown = wording!(Lang::En, "{} e {}", "{} and {}", word(hostile), hostile);
        assert!(!shown.0.contains("<img") && !shown.0.contains("<script"), "{}", shown.0);
        assert!(shown.0.contains("&lt;img onerror=x&gt;&amp;&lt;script&gt;</bdi> and &quot;&gt;"));
    }

    #[test]
    fn what_hides_is_shown_and_what_is_long_is_cut() {
        assert_eq!(visible("ab\u{202e}cd\u{2066}\n", 20), "ab\u{fffd}cd\u{fffd}\u{fffd}");
        assert_eq!(visible("ação", 4), "ação");
        assert_eq!(visible("ações", 4), "açõ…");
        assert_eq!(visible(&"a".repeat(10_000), 40).chars().count(), 40);
        assert_eq!(visible("", 4), "");
    }
}
