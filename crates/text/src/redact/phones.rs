//! Telephone numbers: Brazil's numbering plan, and any number with a plus.

use super::{digits::run, documents::is_cpf};

/// What begins at a run of digits.
pub(super) enum Read {
    /// A telephone that ends here.
    Phone(usize),
    /// None, nor is there one before here.
    Other(usize),
}

/// Area codes that are in use (Anatel), by the tens.
const AREAS: [&[u8]; 10] = [
    b"",
    b"123456789",
    b"12478",
    b"1234578",
    b"123456789",
    b"1345",
    b"123456789",
    b"134579",
    b"123456789",
    b"123456789",
];

/// Reads at `at`, where a run of digits begins; what is before `from` is taken.
pub(super) fn phone(bytes: &[u8], from: usize, at: usize) -> Read {
    let before = &bytes[from..at];
    let opened = before.last() == Some(&b'(');
    let unopened = before.strip_suffix(b"(").unwrap_or(before);
    if let [rest @ .., b'+'] = unopened {
        // `C++11`, `2+2`. Letters before do not count: they may be a name and go.
        let glued = rest.last().is_some_and(|b| *b == b'+' || b.is_ascii_digit());
        if !glued || bytes[at..].starts_with(b"55") {
            return brazilian(bytes, at, opened)
                .map_or_else(|| international(bytes, at), Read::Phone);
        }
    }
    let money = matches!(before, [.., b'$'] | [.., b'$', b' ']);
    if money {
        return Read::Other(at);
    }
    if let Some(end) = spaced(bytes, at).or_else(|| abroad(bytes, at)) {
        return Read::Phone(end);
    }
    match brazilian(bytes, at, opened) {
        Some(end) => Read::Phone(end),
        None => Read::Other(at),
    }
}

/// `1 1 9 8 7 6 5 4 3 2 1`: a number whose every digit stands apart.
fn spaced(bytes: &[u8], at: usize) -> Option<usize> {
    let mut digits = Vec::new();
    let mut next = at;
    while digits.len() < 14 && run(bytes, next) == 1 {
        digits.push(bytes[next]);
        match bytes.get(next + 1..next + 3) {
            Some([b' ' | b'.' | b'-', b'0'..=b'9']) => next += 2,
            _ => {
                let national = digits.strip_prefix(b"55").unwrap_or(&digits);
                let whole = is_national(national)
                    || matches!(digits[..], [b'9', ..] if digits.len() == 9)
                    || digits.len() == 11 && is_cpf(&digits);
                return whole.then_some(next + 1);
            }
        }
    }
    None
}

/// `00351912345678`: the prefix for abroad, country and subscriber.
fn abroad(bytes: &[u8], at: usize) -> Option<usize> {
    let digits = run(bytes, at);
    let [b'0', b'0', country @ ..] = &bytes[at..at + digits] else { return None };
    if country.first() == Some(&b'0') || digits > 15 {
        return None;
    }
    match international(bytes, at) {
        Read::Phone(end) => {
            let written = bytes[at..end].iter().filter(|b| b.is_ascii_digit()).count();
            (written >= 11).then_some(end)
        }
        Read::Other(_) => None,
    }
}

/// The end of what is called a telephone and has the digits of one, 8 to 13, in any groups.
pub(super) fn labelled(bytes: &[u8], at: usize) -> Option<usize> {
    let (mut next, mut digits, mut years) = (at, 0, 0);
    let mut fitting = None;
    loop {
        let group = run(bytes, next);
        if group == 0 || digits + group > 13 {
            break;
        }
        years += usize::from(is_year(&bytes[next..next + group]));
        digits += group;
        let end = next + group;
        if digits >= 8 && years < 2 {
            fitting = Some(end);
        }
        next = separator(bytes, end);
        // A second number begins.
        if next == end || digits >= 10 && group >= 4 {
            break;
        }
    }
    fitting.filter(|end| !bytes.get(*end).is_some_and(u8::is_ascii_digit))
}

/// Past the last digits of further numbers: `98765-4321/4322`, `3091-1234 ou 1235`.
pub(super) fn second(bytes: &[u8], mut end: usize) -> usize {
    loop {
        let next = match bytes.get(end..).unwrap_or_default() {
            [b' ', b'o', b'u', b' ', ..] => end + 4,
            [b' ', b'/', b' ', ..] => end + 3,
            [b'/', b' ', ..] | [b' ', b'/', ..] => end + 2,
            [b'/', ..] => end + 1,
            _ => return end,
        };
        match run(bytes, next) {
            4 if bytes.get(next + 4) != Some(&b'-') => end = next + 4,
            2 if bytes.get(next + 2).is_none_or(|b| !b"-/ ".contains(b)) => end = next + 2,
            _ => return end,
        }
    }
}

/// Digits in groups, 8 to 15 in all (ITU E.164).
fn international(bytes: &[u8], at: usize) -> Read {
    let (mut end, mut digits, mut groups, mut years) = (at, 0, 0, 0);
    let mut thousands = true;
    let mut next = at;
    loop {
        let group = run(bytes, next);
        if group == 0 || digits + group > 15 {
            break;
        }
        thousands &= if groups == 0 { group <= 3 } else { group == 3 && bytes[next - 1] == b'.' };
        years += usize::from(is_year(&bytes[next..next + group]));
        (digits, groups, end) = (digits + group, groups + 1, next + group);
        next = separator(bytes, end);
        if next == end {
            break;
        }
    }
    let thousands = thousands && groups > 1;
    if digits < 8 || thousands || years > 1 || bytes.get(end).is_some_and(u8::is_ascii_digit) {
        Read::Other(end)
    } else {
        Read::Phone(end)
    }
}

/// `[55] [0]area subscriber`, or a subscriber alone; `opened` when a bracket is before it.
fn brazilian(bytes: &[u8], at: usize, opened: bool) -> Option<usize> {
    let digits = run(bytes, at);
    let end = at + digits;
    let run_of = &bytes[at..end];
    match (digits, run_of) {
        // All in one: country, zero, area, subscriber.
        (12 | 13, [b'5', b'5', rest @ ..]) => is_national(rest).then_some(end),
        (11 | 12, [b'0', rest @ ..]) if is_national(rest) => Some(end),
        (10 | 11, national) => is_national(national).then_some(end),
        (2, b"55") => {
            let next = separator(bytes, end);
            let rest = || {
                let digits = run(bytes, next);
                let national = is_national(&bytes[next..next + digits]).then_some(next + digits);
                national.or_else(|| area(bytes, next, bytes[next - 1] == b'('))
            };
            (next > end).then(rest).flatten().or_else(|| area(bytes, at, opened))
        }
        // `0xx11`, `0**11`.
        (1, b"0") if matches!(bytes.get(end..end + 2), Some(b"xx" | b"XX" | b"**")) => {
            area(bytes, end + 2, true)
        }
        (2 | 3, _) => area(bytes, at, opened),
        (4, b"0800" | b"0300") => toll_free(bytes, end),
        (9, [b'9', ..]) => Some(end),
        _ => local(bytes, at),
    }
}

/// An area code of two digits, or three with a zero, and a subscriber.
fn area(bytes: &[u8], at: usize, opened: bool) -> Option<usize> {
    let digits = run(bytes, at);
    let code = &bytes[at..at + digits];
    let (b"" | b"0", [tens, units]) = code.split_at(digits.checked_sub(2)?) else { return None };
    if !opened && !is_area(*tens, *units) {
        return None;
    }
    let next = separator(bytes, at + digits);
    (next > at + digits).then(|| subscriber(bytes, next, opened)).flatten()
}

/// A subscriber after an area code: `96366-2996`, `3091 1234`, `9 6366-2996`, or without a break.
fn subscriber(bytes: &[u8], at: usize, opened: bool) -> Option<usize> {
    let digits = run(bytes, at);
    let end = at + digits;
    match (digits, &bytes[at..end]) {
        (9, [b'9', ..]) => Some(end),
        (8, [b'2'..=b'9', ..]) if opened || !is_day(&bytes[at..end]) => Some(end),
        (5, [b'9', ..]) => four(bytes, separator(bytes, end)),
        (1, b"9") => {
            let next = separator(bytes, end);
            (run(bytes, next) == 4).then(|| four(bytes, separator(bytes, next + 4))).flatten()
        }
        (4, [b'2'..=b'9', ..]) => {
            let next = separator(bytes, end);
            let last = four(bytes, next)?;
            // `12 2019 3000`, `11-2019-2020`: a month and years.
            let hyphen = bytes[end..next].contains(&b'-');
            let years = is_year(&bytes[at..end]) && (!hyphen || is_year(&bytes[next..last]));
            (opened || !years).then_some(last)
        }
        _ => None,
    }
}

/// A subscriber without an area code: `96366-2996`, `9 6366-2996`, `3091-1234`.
fn local(bytes: &[u8], at: usize) -> Option<usize> {
    let digits = run(bytes, at);
    let end = at + digits;
    let next = end + 1;
    match (digits, &bytes[at..end], bytes.get(end)?) {
        (5, [b'9', ..], b'-' | b'.' | b' ') => four(bytes, next),
        (1, b"9", b'-' | b'.' | b' ') if run(bytes, next) == 4 => {
            let middle = next + 4;
            matches!(bytes.get(middle), Some(b'-' | b'.' | b' '))
                .then(|| four(bytes, middle + 1))?
        }
        (4, first @ [b'2'..=b'9', ..], b'-') => {
            let last = four(bytes, next)?;
            let second = &bytes[next..last];
            // `2015-2019`, `ISO 9001-2015`, and `3000-4000` or `8080-8090` of anything.
            let range = is_year(second) && (is_year(first) || first[0] == b'9')
                || first.ends_with(b"00") && second.ends_with(b"00")
                || first[..2] == second[..2] && first < second;
            (!range).then_some(last)
        }
        _ => None,
    }
}

/// `0800 123 4567`, `0800 1234567`, `0800-123456`.
fn toll_free(bytes: &[u8], at: usize) -> Option<usize> {
    let next = separator(bytes, at);
    match run(bytes, next) {
        _ if next == at => None,
        digits @ (6 | 7) => Some(next + digits),
        digits @ (2 | 3) => four(bytes, separator(bytes, next + digits)),
        _ => None,
    }
}

/// The end of four digits at `at`, if there are just four.
fn four(bytes: &[u8], at: usize) -> Option<usize> {
    (at <= bytes.len() && run(bytes, at) == 4).then_some(at + 4)
}

/// A national number in one run.
fn is_national(digits: &[u8]) -> bool {
    match digits {
        [tens, units, b'9', rest @ ..] if rest.len() == 8 => is_area(*tens, *units),
        [tens, units, b'2'..=b'9', rest @ ..] if rest.len() == 7 => is_area(*tens, *units),
        _ => false,
    }
}

fn is_area(tens: u8, units: u8) -> bool {
    AREAS[usize::from(tens - b'0')].contains(&units)
}

fn is_year(digits: &[u8]) -> bool {
    digits.len() == 4 && (digits.starts_with(b"19") || digits.starts_with(b"20"))
}

/// `20240115`.
fn is_day(digits: &[u8]) -> bool {
    let [year @ .., m, n, d, e] = digits else { return false };
    let two = |tens: &u8, units: &u8| (tens - b'0') * 10 + (units - b'0');
    is_year(year) && (1..=12).contains(&two(m, n)) && (1..=31).contains(&two(d, e))
}

/// Past what may stand between two groups of a number: up to three spaces, hyphens, dots,
/// underscores, brackets.
fn separator(bytes: &[u8], mut at: usize) -> usize {
    for _ in 0..3 {
        at += match bytes.get(at..).unwrap_or_default() {
            [b' ' | b'-' | b'.' | b'(' | b')' | b'_' | b'\t', ..] => 1,
            // No-break space.
            [0xC2, 0xA0, ..] => 2,
            // U+2010 to U+2014: hyphens and dashes.
            [0xE2, 0x80, 0x90..=0x94, ..] => 3,
            _ => break,
        };
    }
    at
}
