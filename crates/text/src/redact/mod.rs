//! Personal data out of free text: e-mail addresses, web addresses, documents, telephones and the
//! candidate's own name.
//!
//! ```
//! use text::redact::{Redactions, Redactor};
//!
//! let mut counts = Redactions::default();
//! let redactor = Redactor::new();
//! let cv = "fábio costa\nfabio_costa@gmail.com\n(11) 96366-2996\nanalista de dados";
//! let redacted = redactor.redact(cv, &["Fábio da Costa"], &mut counts);
//! assert_eq!(redacted, "·\n·\n·\nanalista de dados");
//! assert_eq!((counts.names, counts.emails, counts.phones), (1, 1, 1));
//! ```
//!
//! **What stands in its place** is a middle dot, `·` (U+00B7), for every kind. It is no word
//! character, so no term of [`tfidf`](crate::tfidf) comes of it, as one would of `[email]`; and no
//! pattern here can reach across it, so what stood on its two sides is never read as one number or
//! name, and redacting twice changes nothing.
//!
//! | kind | what is removed |
//! |---|---|
//! | e-mail | `local@domain`, letters of any script, with or without a top level; with single spaces about the `@` or the last dots (`nome @ gmail . com`) when a known top level ends it |
//! | address | `http://`, `https://`, `ftp://`, `www.` up to white space; a bare domain with a path (`linkedin.com/in/nome`), if its top level is a known one and it is not a technology (`asp.net/mvc`) |
//! | document | CNPJ, CPF, RG and PIS as they are punctuated; 11 or 14 bare or otherwise separated digits with the check digits of a CPF or CNPJ |
//! | telephone | Brazilian: with area code (valid ones), with or without country code, `0`, brackets, dots, hyphens, spaces, or none of them; without area code `96366-2996`, `3091-1234`; `0800`; any with `+` and 8 to 15 digits |
//! | name | see below |
//!
//! What is not: dates and ranges of years (`04/2017 - 10/2025`, `2015-2019`), money (after `$`),
//! versions, postal codes (CEP), eight bare digits (they are dates as often), an address without a
//! path (`node.js`, `gmail.com`), the alphanumeric CNPJ of 2026, an `@handle`.
//!
//! **Names** are whole words, whatever their accents and case: each part of the names given that has
//! three letters or more and is not a particle (`de`, `da`, `dos` …). Digits and `_` end a word.
//! - Parts in a row go as one, with the particles and initials between them.
//! - Joined parts go too (`fabiocosta`), from eight letters also when the text runs on
//!   (`fabiocostaanalista`). Otherwise a name inside another word is left alone.
//! - A part that is also an ordinary word of CVs, a skill or a city (`campos`, `dias`, `júnior`,
//!   `angular`, `santos`: `ordinary.txt`) goes only beside another part of the name: alone it does
//!   not tell who the candidate is, and the text needs it.
//! - A part after `são`, `santo` or `santa` is a place (`são paulo`) and stays, unless another part
//!   of the name is beside it.

mod contacts;
mod fold;
mod names;
mod numbers;
mod phones;

use std::{borrow::Cow, ops::Range};

/// What stands in place of what was removed.
pub const MARK: char = '·';

/// How many were removed, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Redactions {
    /// E-mail addresses.
    pub emails: u64,
    /// Web addresses.
    pub addresses: u64,
    /// CPF, CNPJ, RG and PIS numbers.
    pub documents: u64,
    /// Telephone numbers.
    pub phones: u64,
    /// Names: parts in a row are one.
    pub names: u64,
}

impl Redactions {
    /// All kinds together.
    #[must_use]
    pub fn total(&self) -> u64 {
        let Self { emails, addresses, documents, phones, names } = self;
        emails + addresses + documents + phones + names
    }
}

impl std::ops::AddAssign for Redactions {
    fn add_assign(&mut self, other: Self) {
        self.emails += other.emails;
        self.addresses += other.addresses;
        self.documents += other.documents;
        self.phones += other.phones;
        self.names += other.names;
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Email,
    Address,
    Document,
    Phone,
    Name,
}

/// A part of the text to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Span {
    range: Range<usize>,
    kind: Kind,
}

/// Removes personal data from texts. Make one and share it among threads.
#[derive(Debug, Clone)]
pub struct Redactor {
    ordinary: names::Ordinary,
}

impl Default for Redactor {
    fn default() -> Self {
        Self::new()
    }
}

impl Redactor {
    /// A redactor with the embedded lists.
    #[must_use]
    pub fn new() -> Self {
        Self { ordinary: names::Ordinary::embedded() }
    }

    /// `text` without personal data, borrowed when it has none; `names` are the full names of the
    /// person whose text it is (particles, order and repetition do not matter, nor empty ones).
    ///
    /// What was removed is added to `counts`. Takes any text; redacting again changes nothing.
    #[must_use]
    pub fn redact<'a>(
        &self,
        text: &'a str,
        names: &[&str],
        counts: &mut Redactions,
    ) -> Cow<'a, str> {
        // Kind after kind, each in what the ones before left over, as if their marks stood there
        // already: so a second run finds no more than the first. A kind added here must keep to
        // that: what it finds may depend on a neighbour only in ways that a mark in the neighbour's
        // place can but weaken.
        let mut spans = Vec::new();
        contacts::find(text, &mut spans);
        in_gaps(text, &mut spans, numbers::find);
        let names = names::Names::of(names, &self.ordinary);
        if !names.is_empty() {
            in_gaps(text, &mut spans, |gap, found| names.find(gap, found));
        }
        if spans.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut redacted = String::with_capacity(text.len());
        let mut kept = 0;
        for Span { range, kind } in spans {
            redacted.push_str(&text[kept..range.start]);
            redacted.push(MARK);
            kept = range.end;
            *match kind {
                Kind::Email => &mut counts.emails,
                Kind::Address => &mut counts.addresses,
                Kind::Document => &mut counts.documents,
                Kind::Phone => &mut counts.phones,
                Kind::Name => &mut counts.names,
            } += 1;
        }
        redacted.push_str(&text[kept..]);
        Cow::Owned(redacted)
    }
}

/// Lets `find` search between `spans`, and adds what it finds, in order of place.
fn in_gaps(text: &str, spans: &mut Vec<Span>, find: impl Fn(&str, &mut Vec<Span>)) {
    let mut found = Vec::new();
    let mut start = 0;
    let taken = spans.iter().map(|span| span.range.clone());
    for Range { start: end, end: next } in taken.chain(std::iter::once(text.len()..text.len())) {
        let before = found.len();
        find(&text[start..end], &mut found);
        for Span { range, .. } in &mut found[before..] {
            *range = range.start + start..range.end + start;
        }
        start = next;
    }
    if !found.is_empty() {
        spans.append(&mut found);
        spans.sort_unstable_by_key(|span| span.range.start);
    }
}

#[cfg(test)]
mod tests;
