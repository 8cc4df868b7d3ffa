//! Words of a text: what stands before and after a place.

use std::ops::Range;

use super::fold::is_mark;

pub(super) fn is_letter(c: char) -> bool {
    c.is_alphabetic() && c != 'º' && c != 'ª' || is_mark(c)
}

/// The letters from `at` on, if there are any.
pub(super) fn word_at(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = &text[at..];
    let end = rest.find(|c| !is_letter(c)).unwrap_or(rest.len());
    (end > 0).then_some(at..at + end)
}

/// The next word, where only characters of `between` stand before it.
pub(super) fn next_word(text: &str, at: usize, between: &str) -> Option<Range<usize>> {
    let rest = &text[at..];
    let start = rest.find(|c| !between.contains(c))?;
    word_at(text, at + start)
}

/// The word before `at`, where only characters of `between` stand after it.
pub(super) fn word_before(text: &str, at: usize, between: &str) -> Option<Range<usize>> {
    let end = text[..at].trim_end_matches(|c| between.contains(c)).len();
    let start = text[..end].trim_end_matches(is_letter).len();
    (start < end).then_some(start..end)
}

/// Whether no letter stands right before `at`.
pub(super) fn begins(text: &str, at: usize) -> bool {
    !text[..at].chars().next_back().is_some_and(is_letter)
}

/// Past spaces and tabs.
pub(super) fn past_spaces(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    at + rest.len() - rest.trim_start_matches([' ', '\t', '\u{a0}']).len()
}

/// Bytes of a line that are looked at: an extractor may leave a text without line ends.
const LINE: usize = 300;

/// The line that `at` is in, from there on.
pub(super) fn rest_of_line(text: &str, at: usize) -> &str {
    let mut end = text.len().min(at + LINE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let rest = &text[at..end];
    &rest[..memchr::memchr2(b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len())]
}

pub(super) fn leading(text: &str, accept: impl Fn(char) -> bool) -> &str {
    &text[..text.find(|c| !accept(c)).unwrap_or(text.len())]
}

pub(super) fn trailing(text: &str, accept: impl Fn(char) -> bool) -> &str {
    let kept = text.trim_end_matches(accept).len();
    &text[kept..]
}
