//! What the words before a number, and the word after it, say that it is.

use std::{ops::Range, sync::LazyLock};

use hashbrown::{HashMap, HashSet};

use super::{
    dates,
    fold::folded,
    lists::list,
    words::{begins, next_word, word_before},
};

/// What a number is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// A document or a register: CPF, RG, CTPS.
    Document,
    /// A telephone.
    Phone,
    /// A date of birth.
    Birth,
    /// A postal code.
    Postcode,
    /// Something that is nobody's: a ticket, a port, an amount.
    Other,
}

/// Words between a label and what it labels, at most.
const MOST_WORDS: usize = 6;

/// What may stand between a label and its number, besides words.
const BETWEEN: &str = " \t\u{a0}:.-–—=#/()[]ºª°*_|,;>\"'";

/// The beginnings of words for a birth.
const BIRTHS: [&str; 6] = ["nasc", "nacim", "nacid", "birth", "born", "aniversario"];

/// The states' letters, which stand in the numbers of documents.
const STATES: [&str; 27] = [
    "ac", "al", "am", "ap", "ba", "ce", "df", "es", "go", "ma", "mg", "ms", "mt", "pa", "pb", "pe",
    "pi", "pr", "rj", "rn", "ro", "rr", "rs", "sc", "se", "sp", "to",
];

/// The label of the number whose digits begin at `at`, and where what it labels begins: up to three
/// letters that are glued to the digits (`FX123456`, `MG-12.345.678`) belong to them.
pub(super) fn before(text: &str, at: usize) -> Option<(Label, usize)> {
    let mut start = at;
    let mut end = at;
    let mut words = 0;
    // Over one line's end only right after the label: `CPF:` and the number below it.
    let mut broken = None;
    while let Some(word) = previous(text, end, &mut broken) {
        let word = initials(text, word);
        let mut shown = folded(&text[word.clone()]);
        shown.retain(|c| c != '.');
        let meaning = meaning(&shown);
        if let Some(Meaning::Label(label)) = meaning {
            let near = match label {
                Label::Other => words <= 2,
                // `Registro Geral`, `carteira de trabalho`: alone they say little.
                Label::Document if matches!(shown.as_str(), "registro" | "carteira") => words > 0,
                _ => true,
            };
            let apart = broken.is_none_or(|line: usize| line >= word.end);
            return (near && apart && begins(text, word.start)).then_some((label, start));
        }
        let glued = word.end == end || is_prefix(&text[word.clone()]);
        if words == 0 && glued && shown.len() <= 3 && begins(text, word.start) {
            start = word.start;
        } else if meaning.is_none() {
            return birth_further(text, word, words).map(|label| (label, at));
        }
        words += 1;
        if words > MOST_WORDS {
            return None;
        }
        end = word.start;
    }
    None
}

/// The whole of `C.P.F` whose last letter is `word`.
fn initials(text: &str, word: Range<usize>) -> Range<usize> {
    let mut start = word.start;
    while word.len() == 1
        && let [.., letter, b'.'] = text.as_bytes()[..start]
        && letter.is_ascii_alphabetic()
        && begins(text, start - 2)
    {
        start -= 2;
    }
    start..word.end
}

/// `MG` of `MG-12.345.678`.
fn is_prefix(word: &str) -> bool {
    word.len() == 2 && STATES.contains(&folded(word).as_str())
}

/// The word before `end`; over a line's end at most once, whose place is kept.
fn previous(text: &str, end: usize, broken: &mut Option<usize>) -> Option<Range<usize>> {
    if let Some(word) = word_before(text, end, BETWEEN) {
        return Some(word);
    }
    let line = text[..end].trim_end_matches(|c| BETWEEN.contains(c));
    let above = line.strip_suffix('\n')?;
    let above = above.strip_suffix('\r').unwrap_or(above);
    if broken.is_some() {
        return None;
    }
    let word = word_before(text, above.len(), BETWEEN)?;
    *broken = Some(word.end);
    Some(word)
}

/// `nascido em São Paulo, em` before a date: a birth has its place between.
fn birth_further(text: &str, word: Range<usize>, mut words: usize) -> Option<Label> {
    let mut start = word.start;
    while words < MOST_WORDS {
        let word = word_before(text, start, " \t,.-/")?;
        let shown = folded(&text[word.clone()]);
        if ["nascid", "nacid", "born"].iter().any(|birth| shown.starts_with(birth)) {
            return Some(Label::Birth);
        }
        start = word.start;
        words += 1;
    }
    None
}

/// What a word before a number means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Label(Label),
    Filler,
}

/// The meanings of words, folded.
static MEANINGS: LazyLock<HashMap<&str, Meaning>> = LazyLock::new(|| {
    let all = |section, meaning| list(section).map(move |word| (word, meaning));
    let these = |words: &'static [&'static str], meaning| words.iter().map(move |w| (*w, meaning));
    // Labels last: they win where a word is in two lists.
    these(&STATES, Meaning::Filler)
        .chain(all("fillers", Meaning::Filler))
        .chain(all("numbered", Meaning::Label(Label::Other)))
        .chain(these(&["cep", "zip"], Meaning::Label(Label::Postcode)))
        .chain(all("phones", Meaning::Label(Label::Phone)))
        .chain(all("documents", Meaning::Label(Label::Document)))
        .chain(these(&["dn", "dob"], Meaning::Label(Label::Birth)))
        .collect()
});

/// What is counted, folded.
static COUNTED: LazyLock<HashSet<&str>> = LazyLock::new(|| list("units").collect());

fn meaning(word: &str) -> Option<Meaning> {
    if BIRTHS.iter().any(|birth| word.starts_with(birth)) {
        return Some(Meaning::Label(Label::Birth));
    }
    let month = || dates::month(word).map(|_| Meaning::Filler);
    MEANINGS.get(word).copied().or_else(month)
}

/// Whether the word after `at` is what the number counts: `reais`, `usuários`.
pub(super) fn counts_something(text: &str, at: usize) -> bool {
    let word = next_word(text, at, " \t\u{a0}");
    word.is_some_and(|word| COUNTED.contains(folded(&text[word]).as_str()))
}
