//! The candidate's own name.

use std::ops::Range;

use hashbrown::HashSet;

use super::{
    fold::{fold, folded, is_mark},
    record::{self, Record},
    span::{Kind, Span},
    words::is_letter,
};
use crate::letters::letters_of_any_case;

/// Words that join the parts of a name and belong to everybody.
const PARTICLES: [&str; 16] = [
    "da", "das", "de", "del", "della", "der", "di", "do", "dos", "e", "la", "las", "los", "van",
    "von", "y",
];

/// Words before a saint's name: together they are a place.
const SAINTS: [&str; 5] = ["sao", "santo", "santa", "san", "saint"];

/// Parts of one name that are looked at: a field that holds a whole text is not a name.
const MOST_PARTS: usize = 12;

/// Letters of a name that stand apart, at most.
const MOST_APART: usize = 64;

/// Letters of a joined name to be found where the text runs on after it.
const LONG: usize = 8;

/// Parts of names that are ordinary words too.
#[derive(Debug, Clone)]
pub(super) struct Ordinary(HashSet<&'static str>);

impl Ordinary {
    pub(super) fn embedded() -> Self {
        Self(include_str!("ordinary.txt").lines().collect())
    }
}

/// The names of one person, folded.
pub(super) struct Names {
    /// Each part once, and whether it is enough alone.
    parts: Vec<(String, bool)>,
    /// Parts in a row without a space between, longest first.
    joined: Vec<String>,
    /// Bytes of the longest of them all.
    longest: usize,
    /// First bytes of words that may be one of them.
    first: [bool; 256],
    /// Pairs of letters that joined names begin with, hashed.
    pairs: [bool; 1024],
    /// Letters and digits of the owner's handles, which she may part as she likes.
    handles: Vec<String>,
}

/// How a word stands to the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Nothing to do with it.
    Stranger,
    /// A particle or an initial: may stand between two parts.
    Between,
    /// An ordinary word that is also a part.
    Ordinary,
    /// A part.
    Part,
    /// Several parts joined, of this length in bytes; the word may go on.
    Joined(usize),
}

impl Names {
    pub(super) fn new(record: &Record<'_>, ordinary: &Ordinary) -> Self {
        let mut parts: Vec<(String, bool)> = Vec::new();
        let mut joined = Vec::new();
        for name in &record.names {
            let words: Vec<String> = name
                .split(|c: char| !is_letter(c))
                .map(folded)
                .filter(|word| !word.is_empty())
                .take(MOST_PARTS)
                .collect();
            let kept: Vec<&String> = words.iter().filter(|word| is_part(word)).collect();
            for part in &kept {
                if !parts.iter().any(|(known, _)| known == *part) {
                    parts.push((part.to_string(), !ordinary.0.contains(part.as_str())));
                }
            }
            for (i, word) in words.iter().enumerate().filter(|(_, word)| is_part(word)) {
                // With particles and without.
                let (mut with, mut without) = (word.clone(), word.clone());
                for next in &words[i + 1..] {
                    with.push_str(next);
                    if is_part(next) {
                        without.push_str(next);
                        joined.extend([with.clone(), without.clone()]);
                    }
                }
            }
            for (i, one) in kept.iter().enumerate() {
                for (k, other) in kept.iter().enumerate().filter(|(k, _)| *k != i) {
                    joined.push(format!("{one}{other}"));
                    // `oalbuquerque`, `albuquerqueo`: an initial of the first name and a surname.
                    if i == 0 && k > 0 && !ordinary.0.contains(other.as_str()) {
                        let initial = one.chars().take(1);
                        joined.extend([
                            initial.clone().chain(other.chars()).collect(),
                            other.chars().chain(initial).collect(),
                        ]);
                    }
                }
            }
        }
        let mut handles: Vec<String> = record
            .contacts
            .iter()
            .filter_map(|contact| record::handle(contact).filter(|handle| record::is_own(handle)))
            .map(|handle| folded(handle).chars().filter(char::is_ascii_alphanumeric).collect())
            .collect();
        handles.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        handles.dedup();
        handles.retain(|handle| handle.len() >= 6);
        joined.retain(|name| name.len() >= LONG - 1);
        joined.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        joined.dedup();
        let all = parts.iter().map(|(part, _)| part).chain(&joined);
        let longest = all.map(String::len).max().unwrap_or(0);
        let mut first = [false; 256];
        for (part, _) in &parts {
            let byte = part.as_bytes()[0];
            first[usize::from(byte)] = true;
            first[usize::from(byte.to_ascii_uppercase())] = true;
        }
        // A letter with an accent begins few words: those are always looked at.
        first[0x80..].fill(true);
        for name in joined.iter().chain(&handles) {
            let byte = name.as_bytes()[0];
            first[usize::from(byte)] = true;
            first[usize::from(byte.to_ascii_uppercase())] = true;
        }
        let mut pairs = [false; 1024];
        for name in joined.iter().filter(|name| name.len() >= LONG) {
            pairs[pair(name.as_bytes())] = true;
        }
        Self { parts, joined, longest, first, pairs, handles }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty() && self.handles.is_empty()
    }

    pub(super) fn find(&self, text: &str, spans: &mut Vec<Span>) {
        let bytes = text.as_bytes();
        let mut buffer = String::new();
        let mut before = 0..0;
        let (mut at, mut end) = (0, 0);
        while at < bytes.len() {
            // A word of which the beginning was removed goes on from there.
            if end <= at {
                if bytes[at].is_ascii() && !bytes[at].is_ascii_alphabetic() {
                    at += 1;
                    continue;
                }
                end = word_end(text, at);
                if end == at {
                    at += text[at..].chars().next().map_or(1, char::len_utf8);
                    continue;
                }
            }
            let start = at;
            let may_begin = self.first[usize::from(bytes[start])];
            let one_letter = end - start <= 2;
            let odd = (may_begin.then(|| self.handle(text, start)).flatten())
                .or_else(|| one_letter.then(|| self.apart(text, start)).flatten())
                .or_else(|| self.hyphenated(text, start..end));
            if let Some(found) = odd {
                spans.push(Span { range: start..found, kind: Kind::Name });
                (at, before) = (found, found..found);
            } else if may_begin
                && let Some(found) = self.run(text, start, &mut end, &before, &mut buffer)
            {
                spans.push(Span { range: start..found, kind: Kind::Name });
                (at, before) = (found, found..found);
            } else if let Some(inner) = self.inside(&text[start..end]) {
                // `cvfabiocosta`: goes on from the name within the word, which may have another before
                // it.
                let mut prefix = start + inner;
                if let Some(found) = self.run(text, start, &mut prefix, &before, &mut buffer) {
                    spans.push(Span { range: start..found, kind: Kind::Name });
                }
                (at, before) = (start + inner, start..start);
            } else {
                (at, before) = (end, start..end);
            }
        }
    }

    /// The end of a handle of the owner's that begins at `start`, with dots, hyphens and underscores
    /// or without.
    fn handle(&self, text: &str, start: usize) -> Option<usize> {
        let bytes = text.as_bytes();
        self.handles.iter().find_map(|handle| {
            let mut at = start;
            for (i, letter) in handle.bytes().enumerate() {
                if i > 0 && bytes.get(at).is_some_and(|b| matches!(b, b'.' | b'-' | b'_' | b'+')) {
                    at += 1;
                }
                if !bytes.get(at)?.eq_ignore_ascii_case(&letter) {
                    return None;
                }
                at += 1;
            }
            let ends = !text[at..].chars().next().is_some_and(is_letter);
            (ends || handle.len() >= LONG).then_some(at)
        })
    }

    /// The end of `F á b i o   C o s t a`: a name whose letters stand apart, with all the letters
    /// that stand so beside it.
    fn apart(&self, text: &str, start: usize) -> Option<usize> {
        let mut letters = String::new();
        let mut chars = text[start..].char_indices().peekable();
        let mut end = start;
        while let Some((at, letter)) = chars.next_if(|(_, c)| is_letter(*c)) {
            if chars.peek().is_some_and(|(_, c)| is_letter(*c)) || letters.len() > MOST_APART {
                break;
            }
            fold(letter, &mut letters);
            end = start + at + letter.len_utf8();
            let mut spaces = 0;
            while spaces < 4 && chars.next_if(|(_, c)| " \t\u{a0}._-".contains(*c)).is_some() {
                spaces += 1;
            }
            if spaces == 0 || spaces == 4 {
                break;
            }
        }
        let named = |(part, alone): &(String, bool)| {
            *alone && part.len() >= 4 && letters.contains(part.as_str())
        };
        (letters.len() >= 4 && self.parts.iter().any(named)).then_some(end)
    }

    /// The end of `bran-` and, in the next line, `dão`: a part that is broken over two lines.
    fn hyphenated(&self, text: &str, word: Range<usize>) -> Option<usize> {
        let rest = text[word.end..].strip_prefix('-')?;
        let below = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n'))?;
        let start = text.len() - below.len();
        let end = word_end(text, start);
        let whole = folded(&text[word.start..word.end]) + &folded(&text[start..end]);
        let part = self.parts.iter().any(|(part, _)| *part == whole);
        (start < end && (part || self.joined.contains(&whole))).then_some(end)
    }

    /// Where a joined name begins within a word, not at its beginning.
    fn inside(&self, word: &str) -> Option<usize> {
        let bytes = word.as_bytes();
        if bytes.len() <= LONG {
            return None;
        }
        (1..=bytes.len() - LONG).find(|&at| {
            let fits = self.pairs[pair(&bytes[at..])] || !bytes[at..at + 2].is_ascii();
            fits && word.is_char_boundary(at)
                && self
                    .joined
                    .iter()
                    .any(|name| name.len() >= LONG && begins_with(&word[at..], name))
        })
    }

    /// The end of the name that begins with the word from `start` to `end`; `end` becomes that of
    /// the word that the name ends in.
    fn run(
        &self,
        text: &str,
        start: usize,
        end: &mut usize,
        before: &Range<usize>,
        buffer: &mut String,
    ) -> Option<usize> {
        let mut alone = match self.standing(&text[start..*end], buffer) {
            Standing::Joined(len) => return Some(start + len),
            Standing::Part => !is_place(text, before, start, buffer),
            Standing::Ordinary => false,
            Standing::Between | Standing::Stranger => return None,
        };
        let mut found = *end;
        // As far as parts follow, with at most two particles or initials before each.
        let (mut next, mut between) = (found, 0);
        while let Some(start) = next_word(text, next) {
            next = word_end(text, start);
            match self.standing(&text[start..next], buffer) {
                Standing::Part | Standing::Ordinary => (alone, found, between) = (true, next, 0),
                Standing::Joined(len) => {
                    *end = next;
                    return Some(start + len);
                }
                Standing::Between if between < 2 => between += 1,
                Standing::Between | Standing::Stranger => break,
            }
        }
        if alone {
            *end = found;
        }
        alone.then_some(found)
    }

    fn standing(&self, word: &str, buffer: &mut String) -> Standing {
        // No further than tells it from every name: a text without spaces is one word.
        buffer.clear();
        for c in word.chars() {
            if buffer.len() > self.longest {
                break;
            }
            fold(c, buffer);
        }
        let word_folded = buffer.as_str();
        if let Some((_, alone)) = self.parts.iter().find(|(part, _)| part == word_folded) {
            return if *alone { Standing::Part } else { Standing::Ordinary };
        }
        let joined = self.joined.iter().find(|name| {
            word_folded
                .strip_prefix(name.as_str())
                .is_some_and(|rest| rest.is_empty() || name.len() >= LONG)
        });
        if let Some(joined) = joined {
            return Standing::Joined(unfolded_len(word, joined.len()));
        }
        if PARTICLES.contains(&word_folded) || word_folded.chars().nth(1).is_none() {
            return Standing::Between;
        }
        Standing::Stranger
    }
}

/// Bytes of `word` whose folding has `len` bytes, with the accents on the last letter.
fn unfolded_len(word: &str, len: usize) -> usize {
    let mut letters = String::new();
    let beyond = word.char_indices().find(|&(_, c)| {
        let whole = letters.len() >= len;
        fold(c, &mut letters);
        whole && !is_mark(c)
    });
    beyond.map_or(word.len(), |(at, _)| at)
}

/// A number of the first two letters, whatever their case.
fn pair(bytes: &[u8]) -> usize {
    usize::from(bytes[0] & 31) << 5 | usize::from(bytes[1] & 31)
}

/// Whether a word, folded, begins with `name`, which is folded.
fn begins_with(word: &str, name: &str) -> bool {
    let mut left = name.as_bytes();
    let mut letters = String::new();
    // Accents fold to nothing, so the characters are bounded too.
    for c in word.chars().take(4 * name.len()) {
        let Some((expected, rest)) = left.split_first() else { return true };
        if c.is_ascii() {
            if c.to_ascii_lowercase() != char::from(*expected) {
                return false;
            }
            left = rest;
        } else {
            letters.clear();
            fold(c, &mut letters);
            match left.strip_prefix(letters.as_bytes()) {
                Some(rest) => left = rest,
                None => return false,
            }
        }
    }
    left.is_empty()
}

fn is_part(word: &str) -> bool {
    word.chars().nth(2).is_some() && !PARTICLES.contains(&word)
}

/// Where the word at `at` ends; `at` itself if there is none.
fn word_end(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    loop {
        at += letters_of_any_case(&bytes[at..]);
        while at < bytes.len() && bytes[at].is_ascii_alphabetic() {
            at += 1;
        }
        match bytes.get(at) {
            // U+00C0 to U+00FF, signs left out.
            Some(0xC3) if !matches!(bytes[at + 1], 0x97 | 0xB7) => at += 2,
            Some(0x80..) => match text[at..].chars().next() {
                Some(c) if is_letter(c) => at += c.len_utf8(),
                _ => return at,
            },
            _ => return at,
        }
    }
}

/// Where the next word begins, if only up to three spaces or marks of a name's punctuation are
/// between.
fn next_word(text: &str, at: usize) -> Option<usize> {
    let mut chars = text[at..].char_indices();
    for _ in 0..=3 {
        let (more, c) = chars.next()?;
        if is_letter(c) {
            return (more > 0).then_some(at + more);
        }
        // Not over a line's end: below the name often stands a city, which may be a part of it. Nor
        // over a comma: that is a list, of cities or skills.
        if !" \t\u{a0}.-_'’".contains(c) {
            return None;
        }
    }
    None
}

/// Whether a saint's title is right before the word at `at`.
fn is_place(text: &str, before: &Range<usize>, at: usize, buffer: &mut String) -> bool {
    let between = &text[before.end..at];
    if between.is_empty() || !between.chars().all(char::is_whitespace) {
        return false;
    }
    buffer.clear();
    text[before.clone()].chars().for_each(|c| fold(c, buffer));
    SAINTS.contains(&buffer.as_str())
}
