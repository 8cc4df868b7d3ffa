//! A text as its reader sees it: what stands for a letter is that letter.
//!
//! Compatibility forms (full-width, mathematical, ligatures), combining accents, HTML character
//! references and Cyrillic or Greek letters that look Latin become the plain character; what cannot
//! be seen (zero-width characters, soft hyphens, marks of direction) goes. Personal data is looked
//! for in this view; the text itself keeps its characters.

use std::{borrow::Cow, ops::Range};

use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

/// The view of a text, and where each part of it stands in the text.
pub(super) struct View<'a> {
    text: Cow<'a, str>,
    /// What differs, in order of place: all else is the same text, moved.
    edits: Vec<Edit>,
}

struct Edit {
    view: Range<usize>,
    source: Range<usize>,
}

impl<'a> View<'a> {
    /// Takes time linear in `source`, and nothing is copied where all is plain.
    pub(super) fn new(source: &'a str) -> Self {
        let plain = plain(source.as_bytes(), 0);
        if plain == source.len() {
            return Self { text: Cow::Borrowed(source), edits: Vec::new() };
        }
        let mut view = Builder {
            source,
            text: String::with_capacity(source.len()),
            edits: Vec::new(),
            copied: 0,
        };
        let mut at = plain;
        while at < source.len() {
            at = view.take(at);
            at = plain_from(source, at);
        }
        view.text.push_str(&source[view.copied..]);
        Self { text: Cow::Owned(view.text), edits: view.edits }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The part of the source that `range` of the view shows, whole characters with their accents.
    pub(super) fn source(&self, range: Range<usize>) -> Range<usize> {
        if self.edits.is_empty() || range.is_empty() {
            return range;
        }
        self.place(range.start).start..self.place(range.end - 1).end
    }

    /// The part of the source that the byte at `at` of the view comes from.
    fn place(&self, at: usize) -> Range<usize> {
        let after = self.edits.partition_point(|edit| edit.view.start <= at);
        let Some(edit) = after.checked_sub(1).map(|last| &self.edits[last]) else {
            return at..at + 1;
        };
        if at < edit.view.end {
            edit.source.clone()
        } else {
            let start = edit.source.end + (at - edit.view.end);
            start..start + 1
        }
    }
}

struct Builder<'a> {
    source: &'a str,
    text: String,
    edits: Vec<Edit>,
    /// Bytes of the source that are in `text`.
    copied: usize,
}

impl Builder<'_> {
    /// Puts what begins at `at`, which may not be plain, into the view; where it ends.
    fn take(&mut self, at: usize) -> usize {
        let source = &self.source[at..];
        if let Some((c, length)) = reference(source) {
            self.edit(at..at + length, std::iter::once(c));
            return at + length;
        }
        let mut chars = source.chars();
        let Some(first) = chars.next() else { return at };
        let mut end = at + first.len_utf8();
        if is_unseen(first) {
            self.edit(at..end, std::iter::empty());
            return end;
        }
        // With the accents that follow it; one that is seen first belongs to the letter before.
        let start = if is_accent(first) { self.letter_before(at) } else { at };
        end += chars.take_while(|c| is_accent(*c)).map(char::len_utf8).sum::<usize>();
        let cluster = &self.source[start..end];
        let shown: String = cluster.chars().map(latin).nfkc().map(latin).collect();
        if shown != cluster {
            self.edit(start..end, shown.chars());
        }
        end
    }

    fn letter_before(&self, at: usize) -> usize {
        let last = self.source[self.copied..at].chars().next_back();
        last.map_or(at, |c| at - c.len_utf8())
    }

    fn edit(&mut self, source: Range<usize>, shown: impl Iterator<Item = char>) {
        self.text.push_str(&self.source[self.copied..source.start]);
        let start = self.text.len();
        self.text.extend(shown);
        self.copied = source.end;
        self.edits.push(Edit { view: start..self.text.len(), source });
    }
}

/// Where the next character stands that may not be plain, from `at` on.
fn plain_from(source: &str, at: usize) -> usize {
    plain(source.as_bytes(), at)
}

/// As far as a text is ASCII without `&`, Portuguese letters, and the signs of CVs that stand for
/// nothing else.
fn plain(bytes: &[u8], mut at: usize) -> usize {
    loop {
        while let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk::<16>())
            && block.iter().fold(true, |all, b| all & (b.is_ascii() & (*b != b'&')))
        {
            at += 16;
        }
        at += match bytes.get(at..).unwrap_or_default() {
            [b'&', ..] | [] => return at,
            [0..0x80, ..] => 1,
            // Letters of Latin-1; the middle dot and the signs that are read as they are.
            [0xC3, ..] | [0xC2, 0xAA | 0xB0 | 0xB7 | 0xBA | 0xA7 | 0xAB | 0xBB, ..] => 2,
            // Dashes, quotes, bullets; a word processor's own bullets.
            [0xE2, 0x80, 0x93 | 0x94 | 0x98 | 0x99 | 0x9C | 0x9D | 0xA2, ..]
            | [0xEF, 0x81..=0x83, ..] => 3,
            _ => return at,
        };
        // An accent after a plain letter is that letter's.
        if bytes.get(at) == Some(&0xCC) || bytes.get(at) == Some(&0xCD) {
            return at;
        }
    }
}

fn is_accent(c: char) -> bool {
    canonical_combining_class(c) != 0
}

/// Whether a character takes no room: it may stand inside a word and nobody sees it.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

/// The Latin letter that a Cyrillic or Greek one looks like.
fn latin(c: char) -> char {
    match c {
        'а' | 'α' => 'a',
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'с' | 'ϲ' => 'c',
        'С' | 'Ϲ' => 'C',
        'ԁ' => 'd',
        'е' | 'ε' => 'e',
        'Е' | 'Ε' => 'E',
        'ё' => 'ë',
        'ɡ' => 'g',
        'һ' => 'h',
        'Н' | 'Η' => 'H',
        'і' | 'ι' => 'i',
        'І' | 'Ι' | 'Ӏ' => 'I',
        'ј' => 'j',
        'Ј' => 'J',
        'к' | 'κ' => 'k',
        'К' | 'Κ' => 'K',
        'М' | 'Μ' => 'M',
        'ո' => 'n',
        'Ν' => 'N',
        'о' | 'ο' | 'օ' => 'o',
        'О' | 'Ο' | 'Օ' => 'O',
        'р' | 'ρ' => 'p',
        'Р' | 'Ρ' => 'P',
        'ԛ' => 'q',
        'ѕ' => 's',
        'Ѕ' => 'S',
        'Т' | 'Τ' => 'T',
        'υ' => 'u',
        'ѵ' | 'ν' => 'v',
        'ѡ' | 'ω' => 'w',
        'х' | 'χ' => 'x',
        'Х' | 'Χ' => 'X',
        'у' | 'γ' => 'y',
        'У' | 'Υ' => 'Y',
        'Ζ' => 'Z',
        // What stands for an `@` or a dot.
        '‧' | '∙' | '․' | '。' | '｡' => '.',
        c => c,
    }
}

/// The character that an HTML reference at the start of `text` names, and the reference's length.
fn reference(text: &str) -> Option<(char, usize)> {
    let rest = text.strip_prefix('&')?;
    let end = rest.bytes().take(10).position(|b| b == b';')?;
    let name = &rest[..end];
    let c = match name.strip_prefix('#') {
        Some(number) => numbered(number)?,
        None => named(name)?,
    };
    Some((latin(c), end + 2)).filter(|(c, _)| !c.is_control())
}

fn numbered(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    char::from_u32(code.ok()?)
}

/// The letters of Portuguese, and the signs that contacts are written with.
fn named(name: &str) -> Option<char> {
    let sign = match name {
        "commat" => '@',
        "period" => '.',
        "lowbar" | "UnderBar" => '_',
        "colon" => ':',
        "comma" => ',',
        "sol" => '/',
        "lpar" => '(',
        "rpar" => ')',
        "hyphen" | "dash" => '-',
        "plus" => '+',
        "nbsp" => ' ',
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "ordm" => 'º',
        "ordf" => 'ª',
        "ndash" => '–',
        "mdash" => '—',
        "middot" => '.',
        _ => return letter(name),
    };
    Some(sign)
}

/// `aacute`, `Ccedil`: a letter and its accent.
fn letter(name: &str) -> Option<char> {
    let letter = name.chars().next().filter(char::is_ascii_alphabetic)?;
    let accent = match &name[1..] {
        "acute" => '\u{301}',
        "grave" => '\u{300}',
        "circ" => '\u{302}',
        "tilde" => '\u{303}',
        "uml" => '\u{308}',
        "cedil" => '\u{327}',
        _ => return None,
    };
    unicode_normalization::char::compose(letter, accent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_a_letter_is_that_letter() {
        for (source, shown) in [
            ("plain, João & Maria — 5º • ½", "plain, João & Maria — 5º • 1⁄2"),
            ("Ot&aacute;vio&nbsp;Brand&#227;o &amp; &#x41; &foo; &", "Otávio Brandão & A &foo; &"),
            ("Jo\u{200b}a\u{303}o\u{ad} a\u{301}", "João á"),
            ("Otаviо Brаndãо", "Otavio Brandão"),
            ("ａ＠ｂ．ｃ （１１）", "a@b.c (11)"),
            ("\u{301}x", "\u{301}x"),
        ] {
            assert_eq!(View::new(source).text(), shown);
        }
    }

    #[test]
    fn a_part_of_the_view_is_found_in_the_source() {
        let source = "xx Jo\u{200b}a\u{303}o &aacute; ＠ ﬁm";
        let view = View::new(source);
        for (shown, expected) in [
            ("João", "Jo\u{200b}a\u{303}o"),
            ("ã", "a\u{303}"),
            ("xx", "xx"),
            ("á", "&aacute;"),
            ("@", "＠"),
            ("f", "ﬁ"),
            ("im", "ﬁm"),
        ] {
            let at = view.text().find(shown).unwrap();
            assert_eq!(&source[view.source(at..at + shown.len())], expected, "{shown}");
        }
    }

    #[test]
    fn the_view_of_a_plain_text_is_the_text() {
        let text = "analista júnior – .NET (2019)";
        assert!(matches!(View::new(text).text, Cow::Borrowed(_)));
    }
}
