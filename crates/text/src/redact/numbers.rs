//! Documents and telephones.
//!
//! A match begins where a run of digits begins and ends where one ends, so runs are removed whole.

use super::{Kind, Span};

pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    let bytes = text.as_bytes();
    let mut done = 0;
    let mut at = 0;
    while let Some(start) = next_digit(bytes, at) {
        at = start + run(bytes, start);
        let found = match document(bytes, start) {
            Some(end) => Some((end, Kind::Document)),
            None => match super::phones::phone(bytes, done, start) {
                super::phones::Read::Phone(end) => Some((end, Kind::Phone)),
                super::phones::Read::Other(end) => {
                    at = at.max(end);
                    None
                }
            },
        };
        if let Some((end, kind)) = found {
            // The bracket or plus that opens it.
            let opening = bytes[done..start].iter().rev().take(2);
            let opening = opening.take_while(|b| matches!(b, b'(' | b'+')).count();
            spans.push(Span { range: start - opening..end, kind });
            (done, at) = (end, end);
        }
    }
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

/// Length of the run of digits at `at`.
pub(super) fn run(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count()
}

/// How documents are punctuated; a 0 stands for any digit, an X for a digit or an X.
const PUNCTUATED: [&[u8]; 5] = [
    b"00.000.000/0000-00",
    b"00000000/0000-00",
    b"000.000.000-00",
    b"000.00000.00-0",
    b"00.000.000-X",
];

/// Other ways to write a CPF: only with its check digits, as they could be something else.
const CHECKED: [&[u8]; 5] =
    [b"000000000-00", b"000.000.000.00", b"000 000 000 00", b"000 000 000-00", b"000.000.000/00"];

/// End of the document number that begins at `at`.
fn document(bytes: &[u8], at: usize) -> Option<usize> {
    let digits = run(bytes, at);
    match digits {
        11 if is_cpf(&bytes[at..at + 11]) => return Some(at + 11),
        14 if is_cnpj(&bytes[at..at + 14]) => return Some(at + 14),
        2 | 3 | 8 | 9 => {}
        _ => return None,
    }
    let fits = |pattern: &&&[u8]| {
        let Some(candidate) = bytes[at..].get(..pattern.len()) else { return false };
        let alike = pattern.iter().zip(candidate).all(|(pattern, b)| match pattern {
            b'0' => b.is_ascii_digit(),
            b'X' => b.is_ascii_digit() || b.eq_ignore_ascii_case(&b'x'),
            _ => pattern == b,
        });
        alike && !bytes.get(at + pattern.len()).is_some_and(u8::is_ascii_digit)
    };
    if let Some(pattern) = PUNCTUATED.iter().find(fits) {
        return Some(at + pattern.len());
    }
    let pattern = CHECKED.iter().find(fits)?;
    let mut cpf = [0; 11];
    let digits = bytes[at..at + pattern.len()].iter().filter(|b| b.is_ascii_digit());
    cpf.iter_mut().zip(digits).for_each(|(to, from)| *to = *from);
    is_cpf(&cpf).then_some(at + pattern.len())
}

/// Whether eleven digits end in the check digits of a CPF (Receita Federal: weights 10 … 2 and
/// 11 … 2, modulo 11).
fn is_cpf(digits: &[u8]) -> bool {
    let check = |of: &[u8]| (2..).zip(of.iter().rev()).map(|(w, b)| w * u32::from(b - b'0')).sum();
    !all_equal(digits) && ends_in(digits, check)
}

/// Whether fourteen digits end in the check digits of a CNPJ (weights 2 … 9 from the right, again
/// and again, modulo 11).
fn is_cnpj(digits: &[u8]) -> bool {
    let weights = || (2..=9).cycle();
    let check =
        |of: &[u8]| weights().zip(of.iter().rev()).map(|(w, b)| w * u32::from(b - b'0')).sum();
    !all_equal(digits) && ends_in(digits, check)
}

/// Numbers of one digit repeated pass the sums but are never given out.
fn all_equal(digits: &[u8]) -> bool {
    digits.iter().all(|digit| *digit == digits[0])
}

fn ends_in(digits: &[u8], sum: impl Fn(&[u8]) -> u32) -> bool {
    [digits.len() - 2, digits.len() - 1].into_iter().all(|at| {
        let rest = sum(&digits[..at]) % 11;
        u32::from(digits[at] - b'0') == if rest < 2 { 0 } else { 11 - rest }
    })
}
