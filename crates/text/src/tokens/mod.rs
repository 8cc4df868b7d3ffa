//! Words, as Python's `re.findall(r"(?u)\b\w\w+\b", text.lower())` gives them.
//!
//! That is scikit-learn's default `token_pattern` with `lowercase=True`: maximal runs of two or more
//! word characters (letters, digits, underscore) of the lower-cased text. What differs from Rust's
//! own notions is kept Python's way. A word character is what CPython 3.11 (Unicode 14) says: no
//! combining marks, no circled letters, and nothing that Unicode assigned later (other CPythons have
//! other versions; no letter of Portuguese, English or Spanish is concerned). In lower-casing, a
//! final sigma (`ΟΔΟΣ` → `οδος`), and `İ`, which becomes `i` and a combining dot, and the dot ends
//! the word. Every code point is tested against Python.
//!
//! [`for_each_token`] is a scanner over bytes. A word that is lower-case already, in ASCII or
//! Latin-1 (all of Portuguese, Spanish and English), is handed on as a slice of the text; only
//! others are copied, into one reused buffer.

mod unicode;

use crate::letters::lower_letters;
use unicode::is_word;

/// What a byte tells of the character that it begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// ASCII that separates words.
    Separator,
    /// ASCII word character that lower-casing leaves alone.
    Lower,
    /// ASCII capital.
    Upper,
    /// First byte of U+00C0 to U+00FF, where accented letters of Western Europe are.
    Latin,
    /// First byte of another character beyond ASCII.
    Other,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Other; 256];
    let mut b = 0;
    while b < 0x80 {
        classes[b] = match b as u8 {
            b'a'..=b'z' | b'0'..=b'9' | b'_' => Class::Lower,
            b'A'..=b'Z' => Class::Upper,
            _ => Class::Separator,
        };
        b += 1;
    }
    classes[0xC3] = Class::Latin;
    classes
};

/// Calls `each` with every token of `text`, in order.
///
/// `buffer` holds words that had to be lower-cased; give the same one again to reuse its memory. Its
/// content before and after means nothing.
pub fn for_each_token(text: &str, buffer: &mut String, each: impl FnMut(&str)) {
    // A capital sigma's lower case depends on its neighbours, as far as the next letter on either
    // side: leave that to the standard library, which has the same rule as Python (Unicode 3.13).
    if has_capital_sigma(text.as_bytes()) {
        scan(&text.to_lowercase(), buffer, each);
    } else {
        scan(text, buffer, each);
    }
}

/// The tokens of `text`, in order.
///
/// ```
/// assert_eq!(text::tokens::tokens("Gestão de C++ e .NET, 5 anos"), ["gestão", "de", "net", "anos"]);
/// ```
#[must_use]
pub fn tokens(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for_each_token(text, &mut String::new(), |token| found.push(token.to_owned()));
    found
}

/// Σ is CE A3. CE begins Greek and nothing else, so in Latin text this is one `memchr`.
fn has_capital_sigma(bytes: &[u8]) -> bool {
    memchr::memchr_iter(0xCE, bytes).any(|at| bytes.get(at + 1) == Some(&0xA3))
}

fn scan(text: &str, buffer: &mut String, mut each: impl FnMut(&str)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        while at < bytes.len() && CLASSES[usize::from(bytes[at])] == Class::Separator {
            at += 1;
        }
        let start = at;
        // As long as lower-casing changes nothing, the word is a slice of the text.
        let changed = loop {
            at += lower_letters(&bytes[at..]);
            while at < bytes.len() && CLASSES[usize::from(bytes[at])] == Class::Lower {
                at += 1;
            }
            match bytes.get(at).map(|&b| CLASSES[usize::from(b)]) {
                None | Some(Class::Separator | Class::Lower) => break false,
                Some(Class::Upper) => break true,
                // U+00DF to U+00FF but the division sign: lower-case letters.
                Some(Class::Latin) if matches!(bytes[at + 1], 0x9F..=0xB6 | 0xB8..=0xBF) => {
                    at += 2;
                }
                Some(Class::Latin | Class::Other) => match text[at..].chars().next() {
                    Some(c) if is_word(c) => {
                        if is_lower(c) {
                            at += c.len_utf8();
                        } else {
                            break true;
                        }
                    }
                    _ => break false,
                },
            }
        };
        if changed {
            buffer.clear();
            buffer.push_str(&text[start..at]);
            at = lower_word(text, at, buffer);
            emit(buffer, &mut each);
        } else {
            emit(&text[start..at], &mut each);
        }
        // What ended the word separates.
        match text[at..].chars().next() {
            None => return,
            Some(c) => at += c.len_utf8(),
        }
    }
}

/// Appends the word that goes on at `at` to `buffer` in lower case; returns where it ends.
fn lower_word(text: &str, mut at: usize, buffer: &mut String) -> usize {
    for c in text[at..].chars() {
        if !is_word(c) {
            break;
        }
        if c == 'İ' {
            // Its lower case is `i` and U+0307, and that mark is not a word character. The caller
            // steps over the character that ended the word, so this one plays both parts.
            buffer.push('i');
            break;
        }
        at += c.len_utf8();
        if c.is_ascii() {
            buffer.push(c.to_ascii_lowercase());
        } else {
            buffer.extend(c.to_lowercase());
        }
    }
    at
}

fn is_lower(c: char) -> bool {
    let mut lower = c.to_lowercase();
    lower.next() == Some(c) && lower.next().is_none()
}

/// Hands on a word of two characters or more.
fn emit(word: &str, each: &mut impl FnMut(&str)) {
    let bytes = word.as_bytes();
    if bytes.len() < 2 {
        return;
    }
    if bytes[0] < 0x80 || word.chars().nth(1).is_some() {
        each(word);
    }
}

#[cfg(test)]
mod tests;
