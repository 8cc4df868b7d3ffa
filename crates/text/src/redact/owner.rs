//! A record made ready to look for.

use super::{
    dates::{Written, WrittenDate},
    names::{Names, Ordinary},
    record::Record,
    streets,
};

/// A [`Record`] made ready to look for; make one a record and use it for all the record's texts.
pub struct Owner {
    pub(super) names: Names,
    born: Option<WrittenDate>,
    /// Digits that are the owner's, longest first.
    numbers: Vec<Vec<u8>>,
    /// The words of streets' names.
    streets: Vec<Vec<String>>,
}

/// Characters between two digits of one number, at most.
const APART: usize = 4;

impl Owner {
    pub(super) fn new(record: &Record<'_>, ordinary: &Ordinary) -> Self {
        let mut numbers: Vec<Vec<u8>> = Vec::new();
        for phone in &record.phones {
            add_phone(&mut numbers, digits(phone));
        }
        for document in &record.documents {
            let digits = digits(document);
            let significant = digits.iter().position(|b| *b != b'0').unwrap_or(digits.len());
            numbers.push(digits[significant..].to_vec());
            numbers.push(digits);
        }
        numbers.retain(|number| number.len() >= 7 && number.iter().any(|b| *b != number[0]));
        numbers.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        numbers.dedup();
        let mut streets: Vec<Vec<String>> =
            record.streets.iter().filter_map(|street| streets::name(street)).collect();
        streets.dedup();
        Self { names: Names::new(record, ordinary), born: record.born, numbers, streets }
    }

    pub(super) fn is_born(&self) -> bool {
        self.born.is_some()
    }

    pub(super) fn is_birth(&self, date: &Written) -> bool {
        self.born.is_some_and(|born| date.is(born))
    }

    /// The end of a number of the owner's whose first digit is at `at`, whatever stands between its
    /// digits.
    pub(super) fn number(&self, bytes: &[u8], at: usize) -> Option<usize> {
        self.numbers.iter().find_map(|number| {
            let mut next = at;
            for (i, digit) in number.iter().enumerate() {
                if i > 0 {
                    let apart = bytes[next..].iter().take(APART);
                    next += apart.take_while(|b| b" .-_/()\t".contains(b)).count();
                }
                if bytes.get(next) != Some(digit) {
                    return None;
                }
                next += 1;
            }
            (!bytes.get(next).is_some_and(u8::is_ascii_digit)).then_some(next)
        })
    }

    /// Whether the words (folded, without particles) begin with the name of a street of the
    /// owner's.
    pub(super) fn lives_in(&self, words: &[String]) -> bool {
        self.streets.iter().any(|street| words.starts_with(street))
    }
}

/// A telephone with its area code, without it, and without the ninth digit.
fn add_phone(numbers: &mut Vec<Vec<u8>>, digits: Vec<u8>) {
    let mut national = &digits[..];
    national = national.strip_prefix(b"00").unwrap_or(national);
    if national.len() > 11 {
        national = national.strip_prefix(b"55").unwrap_or(national);
    }
    national = national.strip_prefix(b"0").unwrap_or(national);
    if !(8..=15).contains(&national.len()) {
        return;
    }
    numbers.push(national.to_vec());
    if matches!(national.len(), 10 | 11) {
        numbers.push(national[2..].to_vec());
    }
    numbers.push(national[national.len() - 8..].to_vec());
}

fn digits(text: &str) -> Vec<u8> {
    text.bytes().filter(u8::is_ascii_digit).collect()
}
