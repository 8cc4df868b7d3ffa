//! Dates as people write them.

use std::ops::Range;

use super::{
    digits::run,
    fold::folded,
    words::{next_word, word_before},
};

/// A day; the year of two digits as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrittenDate {
    /// Year, four digits.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
}

/// A date in a text.
pub(super) struct Written {
    pub(super) range: Range<usize>,
    /// Year (of two digits or four), month and day; none in a year that stands alone.
    parts: Option<(u32, u32, u32)>,
}

impl Written {
    pub(super) fn is(&self, day: WrittenDate) -> bool {
        let Some((year, month, day_of_month)) = self.parts else { return false };
        let own = (u32::from(day.month), u32::from(day.day));
        let of_year = year == u32::from(day.year) || year == u32::from(day.year % 100);
        of_year && ((month, day_of_month) == own || (day_of_month, month) == own)
    }
}

/// The number of the month that a folded word names, by its first letters, in Portuguese, English
/// and Spanish.
pub(super) fn month(word: &str) -> Option<u32> {
    let number = match word.get(..3).filter(|_| word.len() <= 10)? {
        "jan" | "ene" => 1,
        "fev" | "feb" => 2,
        "mar" => 3,
        "abr" | "apr" => 4,
        "mai" | "may" => 5,
        "jun" => 6,
        "jul" => 7,
        "ago" | "aug" => 8,
        "set" | "sep" => 9,
        "out" | "oct" => 10,
        "nov" => 11,
        "dez" | "dec" | "dic" => 12,
        _ => return None,
    };
    Some(number)
}

/// The date that has its first digits at `at`, where a run of digits begins.
pub(super) fn date(text: &str, at: usize) -> Option<Written> {
    let bytes = text.as_bytes();
    let digits = run(bytes, at);
    let end = at + digits;
    let first = number(&bytes[at..end])?;
    let written = |range, year, month, day| {
        let is_date = (1..=12).contains(&month) && (1..=31).contains(&day)
            || (1..=12).contains(&day) && (1..=31).contains(&month);
        is_date.then_some(Written { range, parts: Some((year, month, day)) })
    };
    match digits {
        // 21091987 and 19870921.
        8 => {
            let part = |from: usize, to: usize| number(&bytes[at + from..at + to]);
            let (year_last, year_first) = (part(4, 8)?, part(0, 4)?);
            if is_birth_year(year_last) {
                written(at..end, year_last, part(2, 4)?, part(0, 2)?)
            } else if is_birth_year(year_first) {
                written(at..end, year_first, part(4, 6)?, part(6, 8)?)
            } else {
                None
            }
        }
        4 if is_birth_year(first) => {
            let (month_at, month) = next_number(bytes, end)?;
            let (day_at, day) = next_number(bytes, month_at)?;
            written(at..day_at, first, month, day)
        }
        1 | 2 => {
            if let Some((middle, second)) = next_number(bytes, end)
                && let Some((last, year)) = next_year(bytes, middle)
                && let Some(date) = written(at..last, year, second, first)
            {
                return Some(date);
            }
            in_words(text, at, end, first)
        }
        _ => None,
    }
}

/// `21 de setembro de 1987`, `21/set/87`, `1º janeiro 1990`, `September 21, 1987`.
fn in_words(text: &str, at: usize, end: usize, day: u32) -> Option<Written> {
    let bytes = text.as_bytes();
    let written = |range, year, month| Written { range, parts: Some((year, month, day)) };
    if !(1..=31).contains(&day) {
        return None;
    }
    let mut next = end;
    let mut found = None;
    for _ in 0..3 {
        let Some(word) = next_word(text, next, " .-/,ºª°") else { break };
        let shown = folded(&text[word.clone()]);
        if let Some(number) = month(&shown) {
            found = Some((number, word.end));
            break;
        }
        if !matches!(shown.as_str(), "de" | "of" | "o" | "st" | "nd" | "rd" | "th") {
            break;
        }
        next = word.end;
    }
    if let Some((month, after)) = found {
        let after = match next_word(text, after, " ./-,") {
            Some(word) if matches!(&text[word.clone()], "de" | "do" | "DE" | "of" | "del") => {
                word.end
            }
            _ => after,
        };
        let (last, year) = next_year(bytes, after)?;
        return Some(written(at..last, year, month));
    }
    // The month before the day: `September 21, 1987`.
    let word = word_before(text, at, " .-/")?;
    let month = month(&folded(&text[word.clone()]))?;
    let (last, year) = next_year(bytes, end)?;
    Some(written(word.start..last, year, month))
}

/// A year alone at `at`.
pub(super) fn year(bytes: &[u8], at: usize) -> Option<Written> {
    let end = at + run(bytes, at);
    let is_year = end - at == 4 && is_birth_year(number(&bytes[at..end])?);
    is_year.then_some(Written { range: at..end, parts: None })
}

fn is_birth_year(year: u32) -> bool {
    (1900..2030).contains(&year)
}

/// The number of up to four digits.
fn number(digits: &[u8]) -> Option<u32> {
    let short = (1..=8).contains(&digits.len());
    short.then(|| digits.iter().fold(0, |sum, b| sum * 10 + u32::from(b - b'0')))
}

/// One or two digits after what stands between the parts of a date; where they end.
fn next_number(bytes: &[u8], at: usize) -> Option<(usize, u32)> {
    let start = between(bytes, at)?;
    let digits = run(bytes, start);
    let value = number(&bytes[start..start + digits])?;
    matches!(digits, 1 | 2).then_some((start + digits, value))
}

/// A year of two digits or four.
fn next_year(bytes: &[u8], at: usize) -> Option<(usize, u32)> {
    let start = between(bytes, at)?;
    let digits = run(bytes, start);
    let value = number(&bytes[start..start + digits])?;
    (digits == 2 || digits == 4 && is_birth_year(value)).then_some((start + digits, value))
}

/// Past the signs between two parts of a date: one, with spaces about it, or spaces and a comma.
fn between(bytes: &[u8], at: usize) -> Option<usize> {
    let mut next = at;
    while next < at + 3 && matches!(bytes.get(next), Some(b'/' | b'-' | b'.' | b' ' | b',' | b'\\'))
    {
        next += 1;
    }
    (next > at).then_some(next)
}
