//! Streets with their numbers.

use std::{ops::Range, sync::LazyLock};

use hashbrown::HashSet;

use super::{
    digits::run,
    fold::folded,
    lists::list,
    words::{begins, is_letter, past_spaces, word_at},
};

/// Words of a street's name, at most.
const MOST_WORDS: usize = 8;

const PARTICLES: [&str; 6] = ["da", "das", "de", "do", "dos", "e"];

/// What stands before the house's number.
const BEFORE_NUMBER: [&str; 9] = ["n", "no", "nº", "n°", "nr", "nro", "num", "numero", "km"];

/// What follows the house's number.
static INSIDE: LazyLock<HashSet<&str>> = LazyLock::new(|| list("after house numbers").collect());

/// Kinds of street, which are not a part of its name.
const KINDS: [&str; 14] = [
    "al", "alameda", "av", "avenida", "estrada", "largo", "praca", "r", "rod", "rodovia", "rua",
    "travessa", "tv", "viela",
];

/// Kinds that are hardly ever anything else.
const SURE: [&str; 7] = ["alameda", "av", "avenida", "praca", "rodovia", "rua", "travessa"];

/// The street whose kind (`rua`, `av.`) is `kind`: with its number and what follows that, or
/// without one where it is the owner's.
pub(super) fn street(
    text: &str,
    kind: Range<usize>,
    is_own: impl Fn(&[String]) -> bool,
) -> Option<Range<usize>> {
    if !begins(text, kind.start) || text[kind.end..].chars().next().is_some_and(is_letter) {
        return None;
    }
    let line = super::words::rest_of_line(text, kind.end);
    let text = &text[..kind.end + line.len()];
    let mut at = kind.end;
    let mut words: Vec<String> = Vec::new();
    let mut end_of_own = None;
    let mut named = 0;
    loop {
        let next = past(text, at, " \t.:-'’");
        if let Some(word) = word_at(text, next) {
            let shown = folded(&text[word.clone()]);
            if named > 0
                && BEFORE_NUMBER.contains(&shown.as_str())
                && number(text, word.end).is_some()
            {
                at = word.end;
                break;
            }
            named += 1;
            let is_kind = words.is_empty() && KINDS.contains(&shown.as_str());
            if !(is_kind || PARTICLES.contains(&shown.as_str())) {
                words.push(shown);
                end_of_own = end_of_own.or_else(|| is_own(&words).then_some(word.end));
            }
            at = word.end;
        } else if let Some(end) = in_name(text, next) {
            named += 1;
            at = end;
        } else {
            break;
        }
        if named > MOST_WORDS {
            return end_of_own.map(|end| kind.start..end);
        }
    }
    if named == 0 {
        return None;
    }
    let sure = SURE.contains(&folded(text[kind.clone()].trim_end_matches('.')).as_str());
    let end = number(text, at).filter(|end| {
        // Without a comma only where nothing but more of an address follows.
        let comma = text[at..*end].contains([',', '-', '–', ':', 'n', 'N']);
        let rest = text[*end..].trim_start_matches([' ', '\t']);
        comma || sure && (rest.is_empty() || rest.starts_with([',', '-', '–', ';', '/', '(', '|']))
    });
    let end = end.map(|end| inside(text, end)).or(end_of_own)?;
    Some(kind.start..end)
}

/// `7 de` of `7 de Setembro`.
fn in_name(text: &str, at: usize) -> Option<usize> {
    let digits = run(text.as_bytes(), at);
    let rest = &text[at + digits..];
    let of = rest.strip_prefix(" de ").or_else(|| rest.strip_prefix(" DE "));
    (matches!(digits, 1 | 2) && of.is_some()).then_some(at + digits)
}

/// The end of the house's number after `at`.
fn number(text: &str, at: usize) -> Option<usize> {
    let mut next = past(text, at, " \t.ºª°");
    let comma = text[next..].starts_with([',', '-', '–', ':']);
    if comma {
        next = past(text, next, " \t,-–:");
        if let Some(word) = word_at(text, next)
            && BEFORE_NUMBER.contains(&folded(&text[word.clone()]).as_str())
        {
            next = past(text, word.end, " \t.ºª°:");
        }
    }
    let bytes = text.as_bytes();
    if let Some(b"s/n" | b"S/N") = bytes.get(next..next + 3) {
        return Some(next + 3);
    }
    let digits = run(bytes, next);
    let end = next + digits;
    let year =
        digits == 4 && (bytes[next..end].starts_with(b"19") || bytes[next..end].starts_with(b"20"));
    // A date goes on, and a year stands without a comma.
    let date = matches!(bytes.get(end..end + 2), Some([b'/' | b'-', b'0'..=b'9']));
    let fits = (1..=5).contains(&digits) && !date && (comma || !year);
    let letter = usize::from(
        bytes.get(end).is_some_and(u8::is_ascii_alphabetic)
            && !text[end + 1..].chars().next().is_some_and(char::is_alphanumeric),
    );
    fits.then_some(end + letter)
}

/// Past flat, block and storey after `at`.
fn inside(text: &str, mut at: usize) -> usize {
    loop {
        let next = past(text, at, " \t,-–/");
        let Some(word) = word_at(text, next) else { return at };
        if !INSIDE.contains(folded(&text[word.clone()]).as_str()) {
            return at;
        }
        let token = past(text, word.end, " \t.:");
        let rest = &text[token..];
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let fits = length > 0 && length <= 5 && (length < 3 || rest.as_bytes()[0].is_ascii_digit());
        at = if fits { token + length } else { word.end };
    }
}

fn past(text: &str, at: usize, these: &str) -> usize {
    let rest = &text[at..];
    at + rest.len() - rest.trim_start_matches(|c| these.contains(c)).len()
}

/// The words of the street that a postal address names, folded and without particles; none where no
/// number follows them (a state, a city).
pub(super) fn name(address: &str) -> Option<Vec<String>> {
    let digits = address.find(|c: char| c.is_ascii_digit())?;
    let end = address[..digits].find(',').unwrap_or(digits);
    let words = address[..end].split(|c| !is_letter(c)).map(folded);
    let mut words: Vec<String> = words
        .filter(|word| !word.is_empty() && !PARTICLES.contains(&word.as_str()))
        .filter(|word| !BEFORE_NUMBER.contains(&word.as_str()))
        .collect();
    if words.first().is_some_and(|word| KINDS.contains(&word.as_str())) {
        words.remove(0);
    }
    (!words.is_empty() && past_spaces(address, 0) < digits).then_some(words)
}
