//! Text: control characters and text directions removed, Unicode NFC, trimmed; `-` and nothing are not text.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The text in NFC without control characters (line feed, carriage return and tab stay) and without
/// the marks that turn the direction of a line, which would hide what a terminal shows; and without white space, no-break spaces or zero-width characters at its ends; `None` when nothing
/// or only `-` is left. Borrows unless something inside had to change.
pub(crate) fn text(raw: &str) -> Option<Cow<'_, str>> {
    let tidy = if is_plain(raw) { Cow::Borrowed(raw) } else { normalise(raw) };
    match tidy {
        Cow::Borrowed(tidy) => meaning(tidy).map(Cow::Borrowed),
        Cow::Owned(tidy) => {
            let left = meaning(&tidy)?;
            Some(Cow::Owned(if left.len() == tidy.len() { tidy } else { left.to_owned() }))
        }
    }
}

/// What is left of a text without its blank ends, unless that says that there is none.
fn meaning(tidy: &str) -> Option<&str> {
    let left = tidy.trim_matches(is_blank);
    (!left.is_empty() && left != "-").then_some(left)
}

/// White space (with the no-break space), zero-width characters, the soft hyphen and the
/// byte-order mark.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

fn is_unwanted(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

fn normalise(raw: &str) -> Cow<'_, str> {
    let visible: Cow<'_, str> = if raw.contains(is_unwanted) {
        Cow::Owned(raw.chars().filter(|c| !is_unwanted(*c)).collect())
    } else {
        Cow::Borrowed(raw)
    };
    match is_nfc_quick(visible.chars()) {
        IsNormalized::Yes => visible,
        IsNormalized::No | IsNormalized::Maybe => Cow::Owned(visible.nfc().collect()),
    }
}

/// Bytes looked at together: few enough that a bullet spoils little, enough for vector registers.
const LANE: usize = 32;

/// Whether every character is one of those below U+0300 and the bullets and dashes of CVs that are
/// known to be in NFC whatever stands beside them, and none is a control character. `false` says
/// only that a closer look is needed.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut start = 0;
    while start < bytes.len() {
        let end = (start + LANE).min(bytes.len());
        let lane = &bytes[start..end];
        // No early exit in the fold: the compiler makes it a handful of vector instructions.
        let notable = lane.iter().fold(false, |any, &b| any | is_notable(b));
        if notable {
            let plain = (start..end).all(|i| !is_notable(bytes[i]) || is_plain_from(&bytes[i..]));
            if !plain {
                return false;
            }
        }
        start = end;
    }
    true
}

/// Bytes that need a look at what follows: control characters, and lead bytes of U+0080 to U+00BF
/// and of U+0300 on.
fn is_notable(b: u8) -> bool {
    (b < 0x20) & (b != b'\n') & (b != b'\r') & (b != b'\t')
        | (b == 0x7f)
        | (b == 0xc2)
        | (b >= 0xcc)
}

/// Whether the character that begins here with a notable byte is plain after all.
fn is_plain_from(bytes: &[u8]) -> bool {
    match bytes {
        // U+00A0 to U+00BF, not the control characters before them.
        [0xc2, second, ..] => *second >= 0xa0,
        // U+2002 to U+203F: dashes, quotes, bullets; not the marks of direction among them.
        [0xe2, 0x80, third, ..] => *third >= 0x82 && !(0xaa..=0xae).contains(third),
        // U+2080 to U+20BF (the euro), U+2580 to U+25FF (squares), U+2700 to U+27BF (ticks).
        [0xe2, 0x82 | 0x96 | 0x97 | 0x9c..=0x9e, ..] => true,
        // U+F000 to U+F8FF: a word processor's own bullets; U+FFFD.
        [0xef, 0x80..=0xa3, ..] | [0xef, 0xbf, 0xbd, ..] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::{char::canonical_combining_class, is_nfc};

    use super::*;

    fn clean(raw: &str) -> Option<String> {
        text(raw).map(Cow::into_owned)
    }

    #[test]
    fn the_source_says_in_many_ways_that_there_is_no_text() {
        for raw in
            ["", "-", " ", "\t\n", " - ", "\u{a0}", "\u{200b}\u{feff}", "\u{a0}-\u{a0}", "\0"]
        {
            assert_eq!(text(raw), None, "{raw:?}");
        }
        assert_eq!(clean("--").as_deref(), Some("--"));
    }

    #[test]
    fn ends_are_trimmed_and_the_inside_stays() {
        assert_eq!(clean(" \u{a0}Ana  Maria\n\u{200b}").as_deref(), Some("Ana  Maria"));
        assert_eq!(clean("a\nb\tc").as_deref(), Some("a\nb\tc"));
        assert!(matches!(text(" São Paulo – • "), Some(Cow::Borrowed("São Paulo – •"))));
    }

    #[test]
    fn control_characters_go() {
        assert_eq!(clean("a\0b\u{7f}c\u{85}d\u{1b}e").as_deref(), Some("abcde"));
        assert_eq!(clean("Dev\u{202e}oãs\u{2066}x\u{2069}").as_deref(), Some("Devoãsx"));
        // Even where taking them out lets two characters join.
        assert_eq!(clean("e\0\u{301}").as_deref(), Some("é"));
    }

    #[test]
    fn decomposed_letters_are_composed() {
        assert_eq!(clean("Sa\u{303}o Jose\u{301}").as_deref(), Some("São José"));
        assert_eq!(clean("\u{212b}ngstro\u{308}m").as_deref(), Some("Ångström"));
    }

    #[test]
    fn characters_taken_as_plain_are_composed_whatever_stands_beside_them() {
        for c in '\0'..=char::MAX {
            if is_plain(c.encode_utf8(&mut [0; 4])) {
                assert!(!is_unwanted(c), "{c:?}");
                assert_eq!(is_nfc_quick(std::iter::once(c)), IsNormalized::Yes, "{c:?}");
                assert_eq!(canonical_combining_class(c), 0, "{c:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn cleaning_is_idempotent_and_gives_nfc(raw in "[\\PC\\x00-\\x1fa\u{301}\u{303} \u{200b}-]{0,80}") {
            if let Some(once) = clean(&raw) {
                prop_assert!(is_nfc(&once));
                prop_assert!(!once.contains(is_unwanted));
                prop_assert_eq!(clean(&once), Some(once));
            }
        }

        #[test]
        fn what_is_plain_is_what_the_slow_way_leaves_alone(raw in ".{0,80}") {
            if is_plain(&raw) {
                prop_assert_eq!(normalise(&raw), raw.as_str());
            }
        }
    }
}
