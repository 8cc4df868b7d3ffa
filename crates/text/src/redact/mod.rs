//! Personal data out of free text: contacts, documents, birth dates, streets, and names.
//!
//! ```
//! use text::redact::{Record, Redactions, Redactor};
//!
//! let mut counts = Redactions::default();
//! let redactor = Redactor::new();
//! let owner = redactor.owner(&Record { names: vec!["Fábio da Costa"], ..Record::default() });
//! let cv = "fábio costa\nfabio_costa [at] gmail.com\n(11) 96366-2996\ncpf: 12345678901\nanalista";
//! let redacted = redactor.redact(cv, &owner, &mut counts);
//! assert_eq!(redacted, "·\n·\n·\ncpf: ·\nanalista");
//! assert_eq!((counts.names, counts.emails, counts.phones, counts.documents), (1, 1, 1, 1));
//! ```
//!
//! **What stands in its place** is a middle dot, `·` (U+00B7), for every kind. It is not a word
//! character, so no term of [`tfidf`](crate::tfidf) comes of it, as one would of `[email]`; and no
//! pattern here can reach across it, so what stood on its two sides is never read as one number or
//! name, and redacting twice changes nothing.
//!
//! **What is looked at** is the text as a reader sees it (`view`): compatibility forms, combining
//! accents, HTML references, and Cyrillic and Greek letters that look Latin are the plain character,
//! and what cannot be seen is not there. What is left keeps its own characters.
//!
//! | kind | what is removed |
//! |---|---|
//! | e-mail | `local@domain`, letters of any script; with spaces or a line's end about the `@`, with `[at]`, `(arroba)`, `%40`, ` at `, ` arroba ` for it and ` ponto `, `(dot)`, `,` for the dot, where a top level or a provider of mail says that it is one; without a top level only where the local part has a dot or an underscore |
//! | address | `http://`, `https://`, `ftp://`, `www.` up to white space; a bare domain with a path (`linkedin.com/in/nome`), if its top level is a known one and it is not a technology (`asp.net/mvc`); `nome.github.io` and such; what goes on in the next line |
//! | handle | behind the name of a network (`skype:`, `linkedin:`, `github:`, `instagram @`); `live:`; `@nome` alone on its line, or with a digit, a dot or an underscore |
//! | document | CNPJ, CPF, RG and PIS as they are punctuated; 11 or 14 bare or otherwise separated digits with the check digits of a CPF or CNPJ; any number of five digits and more behind `cpf`, `rg`, `pis`, `cnh`, `ctps`, `título de eleitor`, `passaporte`, `rne`, `oab`, `crea` … |
//! | telephone | Brazilian: with area code (valid ones), with or without country code, `0`, brackets, dots, hyphens, spaces, underscores, or none of them; without area code `96366-2996`, `3091-1234`; `0800`; any with `+` or `00` and 8 to 15 digits; 8 to 13 digits behind `tel`, `cel`, `fone`, `recado` … |
//! | birth | a date in any writing behind `nasc…`, `DN`, `birth`, `born` |
//! | street | `rua`, `av.` … with a name and a number, flat and block; postal codes (`01310-100`, and any behind `cep`) |
//! | name | the owner's: see below; another's behind `mãe`, `cônjuge`, `filiação`, `referência`, `contato` … and, where it begins with a given name (`given_names.txt`), behind `gestor:` and such |
//!
//! **The owner's record** ([`Record`]) says what else goes, whatever stands before it: her birth date
//! in any writing, her telephones and documents however their digits are parted, her handles and
//! the local parts of her addresses, her street without its number.
//!
//! **What stays**: dates and ranges of years (`04/2017 - 10/2025`, `2015-2019`), money (after `$`),
//! versions, an address without a path (`node.js`, `gmail.com`), the alphanumeric CNPJ of 2026; a
//! bare number that its line says is something else (`pedido 987654321`, `porta 8080-8090`,
//! `1138764321 reais`), be it the owner's; people who are named without a label, nicknames, names
//! with a letter wrong or digits for letters, numbers in words, ages, marital status, extension
//! numbers, and what is only in another language than Portuguese, English and Spanish.
//!
//! **Names** are whole words, whatever their accents and case: each part of the names given that has
//! three letters or more and is not a particle (`de`, `da`, `dos` …). Digits and `_` end a word.
//! - Parts in a row go as one, with the particles and initials between them.
//! - Joined parts go too (`fabiocosta`, `fcosta`), from eight letters also within a word
//!   (`fabiocostaanalista`, `cvfabiocosta`); so do letters that stand apart (`F á b i o`), and a part
//!   that is broken over two lines. Otherwise a name inside another word is left alone.
//! - A part that is also an ordinary word of CVs, a skill or a place (`campos`, `dias`, `júnior`,
//!   `angular`, `bahia`: `ordinary.txt`) goes only beside another part of the name: alone it does
//!   not tell who the candidate is, and the text needs it.
//! - A part after `são`, `santo` or `santa` is a place (`são paulo`) and stays, unless another part
//!   of the name is beside it.

mod contacts;
mod cues;
mod dates;
mod digits;
mod documents;
mod domains;
mod emails;
mod fold;
mod handles;
mod labels;
mod lists;
mod names;
mod numbers;
mod others;
mod owner;
mod phones;
mod record;
mod span;
mod streets;
mod view;
mod words;

use std::{borrow::Cow, ops::Range};

pub use dates::WrittenDate;
pub use owner::Owner;
pub use record::Record;
pub use span::MARK;
use span::{Kind, Span};

/// How many were removed, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Redactions {
    /// E-mail addresses.
    pub emails: u64,
    /// Web addresses.
    pub addresses: u64,
    /// Names under which somebody is found on networks.
    pub handles: u64,
    /// Numbers of documents.
    pub documents: u64,
    /// Telephone numbers.
    pub phones: u64,
    /// Dates of birth.
    pub births: u64,
    /// Streets with their numbers, and postal codes.
    pub streets: u64,
    /// Names: parts in a row are one.
    pub names: u64,
}

impl Redactions {
    /// All kinds together.
    #[must_use]
    pub fn total(&self) -> u64 {
        let Self { emails, addresses, handles, documents, phones, births, streets, names } = self;
        emails + addresses + handles + documents + phones + births + streets + names
    }

    fn of(&mut self, kind: Kind) -> &mut u64 {
        match kind {
            Kind::Email => &mut self.emails,
            Kind::Address => &mut self.addresses,
            Kind::Handle => &mut self.handles,
            Kind::Document => &mut self.documents,
            Kind::Phone => &mut self.phones,
            Kind::Birth => &mut self.births,
            Kind::Street => &mut self.streets,
            Kind::Name => &mut self.names,
        }
    }
}

impl std::ops::AddAssign for Redactions {
    fn add_assign(&mut self, other: Self) {
        self.emails += other.emails;
        self.addresses += other.addresses;
        self.handles += other.handles;
        self.documents += other.documents;
        self.phones += other.phones;
        self.births += other.births;
        self.streets += other.streets;
        self.names += other.names;
    }
}

/// Removes personal data from texts. Make one and share it among threads.
#[derive(Debug, Clone)]
pub struct Redactor {
    ordinary: names::Ordinary,
    cues: cues::Cues,
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
        Self { ordinary: names::Ordinary::embedded(), cues: cues::Cues::embedded() }
    }

    /// Makes a record ready to look for in the texts of the person that it is about.
    #[must_use]
    pub fn owner(&self, record: &Record<'_>) -> Owner {
        Owner::new(record, &self.ordinary)
    }

    /// `text` without personal data, borrowed when it has none; `owner` is whose text it is.
    ///
    /// What was removed is added to `counts`. Takes any text; redacting again changes nothing.
    #[must_use]
    pub fn redact<'a>(
        &self,
        text: &'a str,
        owner: &Owner,
        counts: &mut Redactions,
    ) -> Cow<'a, str> {
        let mut redacted = self.redact_once(text, owner, counts);
        // A name that is cut out of a word may leave an address or a handle: `nomegithub.io/7`,
        // `nome@nome7`.
        for _ in 0..AGAIN {
            if !is_glued(&redacted) {
                break;
            }
            match self.redact_once(&redacted, owner, counts) {
                Cow::Owned(again) => redacted = Cow::Owned(again),
                Cow::Borrowed(_) => break,
            }
        }
        redacted
    }

    fn redact_once<'a>(
        &self,
        text: &'a str,
        owner: &Owner,
        counts: &mut Redactions,
    ) -> Cow<'a, str> {
        let view = view::View::new(text);
        let spans = self.spans(view.text(), owner);
        if spans.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut redacted = String::with_capacity(text.len());
        let mut kept = 0;
        for Span { range, kind } in spans {
            let range = view.source(range);
            // Two spans may lie in what one character stands for.
            if range.start < kept {
                continue;
            }
            redacted.push_str(&text[kept..range.start]);
            redacted.push(MARK);
            kept = range.end;
            *counts.of(kind) += 1;
        }
        redacted.push_str(&text[kept..]);
        Cow::Owned(redacted)
    }

    /// What is personal in a text, in order of place.
    fn spans(&self, text: &str, owner: &Owner) -> Vec<Span> {
        // Kind after kind, each in what the ones before left over, as if their marks stood there
        // already: so a second run finds no more than the first. A kind added here must keep to
        // that: what it finds may depend on a neighbour only in ways that a mark in the neighbour's
        // place can but weaken. Names go before numbers, for the word before a number may keep it
        // (`pedido 12345678`).
        let mut spans = Vec::new();
        contacts::find(text, &mut spans);
        in_gaps(text, &mut spans, |gap, found| self.cues.find(gap, owner, found));
        if !owner.names.is_empty() {
            in_gaps(text, &mut spans, |gap, found| owner.names.find(gap, found));
        }
        in_gaps(text, &mut spans, |gap, found| numbers::find(gap, owner, found));
        spans
    }
}

/// How often a text is looked at again at most; once is enough but for words made up to need more.
const AGAIN: usize = 4;

/// Whether a mark stands within a word, or before what may now begin a handle.
fn is_glued(redacted: &str) -> bool {
    redacted.match_indices(MARK).any(|(at, mark)| {
        let before = redacted[..at].chars().next_back();
        let after = redacted[at + mark.len()..].chars().next();
        before.is_some_and(char::is_alphanumeric)
            || after.is_some_and(|c| c.is_alphanumeric() || c == '@')
    })
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
