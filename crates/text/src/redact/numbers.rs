//! Documents, telephones, birth dates and postal codes.
//!
//! A match begins where a run of digits begins and ends where one ends, so runs are removed whole.

use super::{
    dates,
    digits::run,
    documents::{document, fits},
    labels::{self, Label},
    owner::Owner,
    phones,
    span::{Kind, Span},
    words::next_word,
};

pub(super) fn find(text: &str, owner: &Owner, spans: &mut Vec<Span>) {
    let bytes = text.as_bytes();
    let mut done = 0;
    let mut at = 0;
    while let Some(start) = next_digit(bytes, at) {
        at = start + run(bytes, start);
        let number = Number { text, from: done, at: start, digits: at - start };
        match number.read(owner) {
            Read::Personal(span) => {
                (done, at) = (span.range.end, span.range.end);
                spans.push(span);
            }
            Read::Other(end) => at = at.max(end),
        }
    }
}

/// What a number is.
enum Read {
    /// Somebody's: to remove.
    Personal(Span),
    /// Nobody's, and nothing before here is.
    Other(usize),
}

/// A number in a text, from its first digits on.
struct Number<'a> {
    text: &'a str,
    /// What is before is taken.
    from: usize,
    at: usize,
    /// Length of its first run of digits.
    digits: usize,
}

impl Number<'_> {
    fn read(&self, owner: &Owner) -> Read {
        let (bytes, at) = (self.text.as_bytes(), self.at);
        let personal = |start, end, kind| Read::Personal(Span { range: start..end, kind });
        let phone = phones::phone(bytes, self.from, at);
        // Words are looked up only for what a word could make personal: most numbers are years of
        // jobs.
        let open = matches!(phone, phones::Read::Phone(_))
            || self.labelled_document().is_some()
            || phones::labelled(bytes, at).is_some()
            || owner.number(bytes, at).is_some()
            || dates::date(self.text, at).or_else(|| dates::year(bytes, at)).is_some();
        if let (false, phones::Read::Other(end)) = (open, &phone) {
            return Read::Other(*end);
        }
        let (label, start) = self.label();
        if let Some(range) = self.birth(label, owner) {
            return Read::Personal(Span { range, kind: Kind::Birth });
        }
        if let Some(end) = owner.number(bytes, at).filter(|end| !self.is_of_something(label, *end))
        {
            return personal(self.opening(at), phones::second(bytes, end), Kind::Phone);
        }
        if label == Some(Label::Document)
            && let Some(end) = self.labelled_document()
        {
            return personal(start, end, Kind::Document);
        }
        if let Some(end) = document(bytes, at).filter(|end| !self.is_of_something(label, *end)) {
            return personal(at, end, Kind::Document);
        }
        if label == Some(Label::Phone)
            && let Some(end) = phones::labelled(bytes, at)
        {
            return personal(self.opening(at), phones::second(bytes, end), Kind::Phone);
        }
        if let Some(end) = postcode(bytes, at, label) {
            return personal(at, end, Kind::Street);
        }
        match phone {
            phones::Read::Phone(end) if !self.is_of_something(label, end) => {
                personal(self.opening(at), phones::second(bytes, end), Kind::Phone)
            }
            phones::Read::Phone(end) | phones::Read::Other(end) => Read::Other(end),
        }
    }

    /// What the number is called, and where it begins with what is glued to it.
    fn label(&self) -> (Option<Label>, usize) {
        let found = labels::before(&self.text[self.from..], self.at - self.from);
        found.map_or((None, self.at), |(label, start)| (Some(label), start + self.from))
    }

    /// Whether a number without punctuation, or a range, is said to be something else: a ticket,
    /// a port, an amount.
    fn is_of_something(&self, label: Option<Label>, end: usize) -> bool {
        let bytes = self.text.as_bytes();
        let written = &bytes[self.at..end];
        let plain = written.len() == self.digits || matches!(written, [_, _, _, _, b'-', ..]);
        let opened = self.text[self.from..self.at].ends_with(['+', '(']);
        plain
            && !opened
            && !matches!(label, Some(Label::Phone | Label::Document))
            && (label == Some(Label::Other)
                || is_money(&bytes[self.from..self.at])
                || labels::counts_something(self.text, end))
    }

    /// The bracket or plus that opens the number at `at`.
    fn opening(&self, at: usize) -> usize {
        let before = self.text.as_bytes()[self.from..at].iter().rev().take(2);
        at - before.take_while(|b| matches!(b, b'(' | b'+')).count()
    }

    /// A date that is the owner's birth, or is called a birth.
    fn birth(&self, label: Option<Label>, owner: &Owner) -> Option<std::ops::Range<usize>> {
        let labelled = label == Some(Label::Birth);
        let text = &self.text[self.from..];
        if !labelled && !owner.is_born() {
            return None;
        }
        let at = self.at - self.from;
        let date = dates::date(text, at)
            .or_else(|| labelled.then(|| dates::year(text.as_bytes(), at)).flatten())?;
        let goes = labelled || owner.is_birth(&date);
        goes.then(|| date.range.start + self.from..date.range.end + self.from)
    }

    /// Where a document's number ends, whatever its digits: five at least, for fewer are a year or
    /// a class.
    fn labelled_document(&self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let (mut end, mut digits) = (self.at + self.digits, self.digits);
        let mut group = self.digits;
        loop {
            let next =
                end + bytes[end..].iter().take(2).take_while(|b| b" .-/_".contains(b)).count();
            let more = run(bytes, next);
            // Groups between spaces are short, or they are two numbers.
            let spaced = bytes[end..next].contains(&b' ');
            if more == 0 || next == end || digits + more > 20 || spaced && group.max(more) > 4 {
                break;
            }
            (end, digits, group) = (next + more, digits + more, more);
        }
        let written = &bytes[self.at..end];
        if digits < 5 || is_range_of_years(written) || is_month(written) {
            return None;
        }
        if let [b'-', b'X' | b'x', ..] = bytes[end..] {
            end += 2;
        }
        Some(self.further(end))
    }

    /// Past the parts of a document that have names of their own: series, zone, section, state.
    fn further(&self, mut end: usize) -> usize {
        const PARTS: [&str; 8] =
            ["serie", "série", "série", "zona", "seção", "secao", "sec", "via"];
        let bytes = self.text.as_bytes();
        while let Some(word) = next_word(self.text, end, " ,.-/:") {
            if !PARTS.contains(&self.text[word.clone()].to_lowercase().as_str()) {
                break;
            }
            let rest = &self.text[word.end..];
            let next = word.end + rest.len() - rest.trim_start_matches([' ', '.', ':']).len();
            let digits = run(bytes, next);
            if digits == 0 {
                break;
            }
            end = next + digits;
        }
        end
    }
}

/// `2015-2019`, `2015 a`.
fn is_range_of_years(written: &[u8]) -> bool {
    let is_year =
        |part: &[u8]| part.len() == 4 && (part.starts_with(b"19") || part.starts_with(b"20"));
    let mut parts = written.split(|b| !b.is_ascii_digit());
    parts.clone().count() > 1 && parts.all(is_year)
}

/// `04/2017`.
fn is_month(written: &[u8]) -> bool {
    matches!(written, [b'0'..=b'1', _, b'/' | b'-' | b'.', b'1' | b'2', b'0' | b'9', _, _])
}

fn is_money(before: &[u8]) -> bool {
    matches!(before, [.., b'$'] | [.., b'$', b' '])
}

/// End of the postal code that begins at `at`: `01310-100`, `01.310-100`, and where it is called
/// one in any other way.
fn postcode(bytes: &[u8], at: usize, label: Option<Label>) -> Option<usize> {
    let labelled = label == Some(Label::Postcode);
    let fits = |pattern: &&&[u8]| fits(bytes, at, pattern);
    let plain: [&[u8]; 2] = [b"00000-000", b"00.000-000"];
    let called: [&[u8]; 4] = [b"00000000", b"00000 000", b"00.000.000", b"00000 - 000"];
    let pattern = (plain.iter().find(fits).filter(|_| label != Some(Label::Other)))
        .or_else(|| called.iter().find(fits).filter(|_| labelled))?;
    Some(at + pattern.len())
}

/// Place of the first digit from `at` on.
fn next_digit(bytes: &[u8], mut at: usize) -> Option<usize> {
    // Sixteen bytes at once, as most of a text has no digit.
    while let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk::<16>()) {
        if block.iter().fold(false, |any, b| any | b.is_ascii_digit()) {
            break;
        }
        at += 16;
    }
    bytes.get(at..)?.iter().position(u8::is_ascii_digit).map(|more| at + more)
}
