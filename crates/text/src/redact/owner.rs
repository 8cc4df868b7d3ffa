//! What a record says of the person whose texts it holds.

use std::sync::LazyLock;

use hashbrown::HashSet;

use super::{
    dates::{Day, Written},
    fold::folded,
    lists::list,
    names::{Names, Ordinary},
    streets,
};

/// What a record says of the person whose texts it holds, as the record writes it. All of it goes
/// from her texts, however it is written there; nothing has to be known.
#[derive(Clone, Default)]
pub struct Record<'a> {
    /// Full names (particles, order and repetition do not matter).
    pub names: Vec<&'a str>,
    /// Date of birth.
    pub born: Option<Day>,
    /// Telephones, with or without area code.
    pub phones: Vec<&'a str>,
    /// Numbers of documents.
    pub documents: Vec<&'a str>,
    /// E-mail addresses, addresses of pages, handles.
    pub contacts: Vec<&'a str>,
    /// Postal addresses.
    pub streets: Vec<&'a str>,
}

/// A [`Record`] made ready to look for; make one a record and use it for all the record's texts.
pub struct Owner {
    pub(super) names: Names,
    born: Option<Day>,
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
    /// owner's; how many words that is.
    pub(super) fn street(&self, words: &[String]) -> Option<usize> {
        self.streets.iter().find(|street| words.starts_with(street)).map(Vec::len)
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

/// What an e-mail address or a page calls its owner: the part before the `@`, the last part of a
/// path, a handle.
pub(super) fn handle(contact: &str) -> Option<&str> {
    let contact = contact.trim().trim_end_matches('/');
    let contact = contact.split(['?', '#']).next().unwrap_or(contact);
    let handle = match contact.split_once('@') {
        Some((local, _)) if !local.is_empty() => local,
        _ => contact.rsplit(['/', '@', ':']).next().unwrap_or(contact),
    };
    let is_domain = contact.starts_with("www.") && !contact.contains('/');
    let fits = handle.chars().all(|c| c.is_alphanumeric() || "._-+".contains(c));
    let letters = handle.chars().filter(|c| c.is_alphanumeric()).count();
    (fits && !is_domain && (6..=40).contains(&letters)).then_some(handle)
}

/// Handles that say what somebody does, not who.
static ROLES: LazyLock<HashSet<&str>> = LazyLock::new(|| list("roles").collect());

/// Whether a handle is told from an ordinary word: by a sign or a digit in it, or its length.
pub(super) fn is_own(handle: &str) -> bool {
    let word = folded(handle);
    let marked = handle.chars().any(|c| !c.is_alphabetic());
    let letters = word.chars().filter(char::is_ascii_alphabetic).count();
    (marked && letters >= 4 || letters >= 8) && !ROLES.contains(word.as_str())
}
