//! Numbers of documents, by their form and their check digits.

use super::digits::run;

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
pub(super) fn document(bytes: &[u8], at: usize) -> Option<usize> {
    let digits = run(bytes, at);
    match digits {
        11 if is_cpf(&bytes[at..at + 11]) => return Some(at + 11),
        14 if is_cnpj(&bytes[at..at + 14]) => return Some(at + 14),
        2 | 3 | 8 | 9 => {}
        _ => return None,
    }
    let fits = |pattern: &&&[u8]| fits(bytes, at, pattern);
    if let Some(pattern) = PUNCTUATED.iter().find(fits) {
        return Some(at + pattern.len());
    }
    let pattern = CHECKED.iter().find(fits)?;
    let mut cpf = [0; 11];
    let digits = bytes[at..at + pattern.len()].iter().filter(|b| b.is_ascii_digit());
    cpf.iter_mut().zip(digits).for_each(|(to, from)| *to = *from);
    is_cpf(&cpf).then_some(at + pattern.len())
}

/// Whether what begins at `at` has the form of a pattern, and no digit follows.
pub(super) fn fits(bytes: &[u8], at: usize, pattern: &[u8]) -> bool {
    let Some(candidate) = bytes[at..].get(..pattern.len()) else { return false };
    let alike = pattern.iter().zip(candidate).all(|(pattern, b)| match pattern {
        b'0' => b.is_ascii_digit(),
        b'X' => b.is_ascii_digit() || b.eq_ignore_ascii_case(&b'x'),
        _ => pattern == b,
    });
    alike && !bytes.get(at + pattern.len()).is_some_and(u8::is_ascii_digit)
}

/// Whether eleven digits end in the check digits of a CPF (Receita Federal: weights 10 … 2 and
/// 11 … 2, modulo 11).
pub(super) fn is_cpf(digits: &[u8]) -> bool {
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
