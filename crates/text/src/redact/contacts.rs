//! E-mail and web addresses.
//!
//! Every one of them has an `@`, a dot between two words, or `://`: those three bytes are looked for
//! at the speed of memory, and only about them is anything read.

use std::ops::Range;

use super::{Kind, MARK, Span};

/// Top levels that Brazilian CVs name. Beyond them a dot is more often a technology.
const TOP_LEVELS: [&str; 26] = [
    "ar", "biz", "br", "cl", "com", "de", "edu", "es", "eu", "fr", "gov", "info", "it", "jobs",
    "mx", "name", "net", "online", "org", "page", "pro", "pt", "site", "tv", "uk", "us",
];

/// Top levels that are also the ends of names of technologies (`asp.net/mvc`, `socket.io/redis`):
/// a domain of two labels needs to be one of [`HOSTS`].
const AMBIGUOUS: [&str; 7] = ["ai", "app", "co", "dev", "io", "me", "net"];

/// Short domains under which people have pages.
const HOSTS: [&str; 14] = [
    "about.me",
    "behance.net",
    "bit.ly",
    "carrd.co",
    "dev.to",
    "fb.me",
    "goo.gl",
    "linktr.ee",
    "lnkd.in",
    "slideshare.net",
    "t.co",
    "t.me",
    "wa.me",
    "youtu.be",
];

pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    let bytes = text.as_bytes();
    let mut done = 0;
    // End of the last domain that was looked at, so that its further dots are not.
    let mut seen = 0;
    for at in memchr::memchr3_iter(b'@', b'.', b':', bytes) {
        if at < done {
            continue;
        }
        let found = match bytes[at] {
            b'@' => email(text, done, at).map(|range| (range, Kind::Email)),
            b':' => scheme(text, done, at).map(|range| (range, Kind::Address)),
            // The dot that ends a sentence ends its look-up here.
            _ if !bytes.get(at + 1).is_some_and(|&b| b.is_ascii_alphanumeric()) => None,
            _ => world_wide_web(text, done, at)
                .or_else(|| if at < seen { None } else { domain(text, done, at, &mut seen) })
                .map(|range| (range, Kind::Address)),
        };
        if let Some((range, kind)) = found {
            done = range.end;
            spans.push(Span { range, kind });
        }
    }
}

/// `local@domain` about the `@` at `at`; nothing before `from` is free.
fn email(text: &str, from: usize, at: usize) -> Option<Range<usize>> {
    let before = &text[from..at];
    let local_end = before.strip_suffix(' ').unwrap_or(before);
    let local = trailing(local_end, |c| c.is_alphanumeric() || "._%+-'".contains(c));
    let after = &text[at + 1..];
    let domain = after.strip_prefix(' ').unwrap_or(after);
    if local.is_empty() {
        return None;
    }
    let start = from + local_end.len() - local.len();
    let domain_start = text.len() - domain.len();
    let plain = leading(domain, |c| c.is_alphanumeric() || c == '.' || c == '-')
        .trim_end_matches(['.', '-']);
    if plain.is_empty() || plain.starts_with(['.', '-']) {
        return None;
    }
    let spaced = local_end.len() != before.len() || domain.len() != after.len();
    let mut end = plain.len();
    // `gmail . com`: goes on as long as a top level follows.
    if !ends_in_top_level(plain) {
        while let Some(more) = spaced_top_level(&domain[end..]) {
            end += more;
        }
        if spaced && end == plain.len() {
            // Between spaces an `@` is an address only if a known top level says so.
            end = up_to_top_level(plain)?;
        }
    }
    Some(start..domain_start + end)
}

/// The length of ` . com` at the start of `text`, spaces optional.
fn spaced_top_level(text: &str) -> Option<usize> {
    let rest = text.strip_prefix(' ').unwrap_or(text).strip_prefix('.')?;
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    let label = leading(rest, char::is_alphanumeric);
    is_top_level(label).then(|| text.len() - rest.len() + label.len())
}

/// The end of the first known top level in `domain`, digits that run on left out.
fn up_to_top_level(domain: &str) -> Option<usize> {
    let mut end = None;
    let mut start = 0;
    for (i, label) in domain.split('.').enumerate() {
        let letters = leading(label, char::is_alphabetic);
        if i > 0 && is_top_level(letters) {
            end = Some(start + letters.len());
        }
        start += label.len() + 1;
    }
    end
}

fn ends_in_top_level(domain: &str) -> bool {
    domain.rsplit_once('.').is_some_and(|(_, label)| is_top_level(label))
}

fn is_top_level(label: &str) -> bool {
    TOP_LEVELS.iter().chain(&AMBIGUOUS).any(|top| label.eq_ignore_ascii_case(top))
}

/// `http://…` about the colon at `at`.
fn scheme(text: &str, from: usize, at: usize) -> Option<Range<usize>> {
    let rest = text[at..].strip_prefix("://")?;
    let before = &text.as_bytes()[from..at];
    let scheme = [&b"https"[..], b"http", b"ftp"].into_iter().find(|scheme| {
        before.len() >= scheme.len()
            && before[before.len() - scheme.len()..].eq_ignore_ascii_case(scheme)
    })?;
    let rest = address(rest);
    (!rest.is_empty()).then(|| at - scheme.len()..at + 3 + rest.len())
}

/// `www.…` about the dot at `at`.
fn world_wide_web(text: &str, from: usize, at: usize) -> Option<Range<usize>> {
    let start = at.checked_sub(3).filter(|&start| start >= from)?;
    text.as_bytes()[start..at].eq_ignore_ascii_case(b"www").then_some(())?;
    let rest = address(&text[at + 1..]);
    (!rest.is_empty()).then(|| start..at + 1 + rest.len())
}

/// `domain.com/path` about the dot at `at`.
fn domain(text: &str, from: usize, at: usize, seen: &mut usize) -> Option<Range<usize>> {
    let host = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    let start = at - trailing(&text[from..at], host).len();
    let end = at + leading(&text[at..], host).len();
    *seen = end;
    let path = text[end..].strip_prefix('/')?;
    let host = text[start..end].trim_start_matches(['.', '-']);
    let (name, top) = host.rsplit_once('.')?;
    let known = || {
        HOSTS.iter().any(|known| {
            host.len() >= known.len() && {
                let (before, tail) = host.as_bytes().split_at(host.len() - known.len());
                tail.eq_ignore_ascii_case(known.as_bytes())
                    && matches!(before.last(), None | Some(b'.'))
            }
        })
    };
    let ambiguous = AMBIGUOUS.iter().any(|other| top.eq_ignore_ascii_case(other));
    let accepted = !name.is_empty()
        && (known() || if ambiguous { name.contains('.') } else { is_top_level(top) });
    let path = address(path);
    (accepted && !path.is_empty()).then(|| end - host.len()..end + 1 + path.len())
}

/// As much of `text` as an address goes on: to white space or a bracket, without the punctuation of
/// the sentence about it.
fn address(text: &str) -> &str {
    leading(text, |c| !c.is_whitespace() && !c.is_control() && c != MARK && !"<>\"|".contains(c))
        .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}', '\'', '/', '*', '-', '_'])
}

fn leading(text: &str, accept: impl Fn(char) -> bool) -> &str {
    &text[..text.find(|c| !accept(c)).unwrap_or(text.len())]
}

fn trailing(text: &str, accept: impl Fn(char) -> bool) -> &str {
    let kept = text.trim_end_matches(accept).len();
    &text[kept..]
}
