//! E-mail and web addresses, and `@nome`.
//!
//! Every one of them has an `@`, a dot between two words, or `://`: those three bytes are looked for
//! at the speed of memory, and only about them is anything read.

use std::{ops::Range, sync::LazyLock};

use super::{
    Kind, MARK, Span,
    emails::{At, email},
    handles,
    lists::list,
};

/// Top levels that Brazilian CVs name. Beyond them a dot is more often a technology.
const TOP_LEVELS: [&str; 26] = [
    "ar", "biz", "br", "cl", "com", "de", "edu", "es", "eu", "fr", "gov", "info", "it", "jobs",
    "mx", "name", "net", "online", "org", "page", "pro", "pt", "site", "tv", "uk", "us",
];

/// Top levels that are also the ends of names of technologies (`asp.net/mvc`, `socket.io/redis`):
/// a domain of two labels needs to be one of [`HOSTS`].
const AMBIGUOUS: [&str; 7] = ["ai", "app", "co", "dev", "io", "me", "net"];

/// Short domains under which people have pages.
static HOSTS: LazyLock<Vec<&str>> = LazyLock::new(|| list("hosts").collect());

/// Hosts that give each person a domain of her own.
static PAGES: LazyLock<Vec<&str>> = LazyLock::new(|| list("pages").collect());

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
            b'@' => email(text, done, at..at + 1, At::Sign)
                .map(|range| (range, Kind::Email))
                .or_else(|| handles::mention(text, done, at).map(|range| (range, Kind::Handle))),
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

pub(super) fn is_top_level(label: &str) -> bool {
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
    let length = address(rest).len();
    (length > 0).then(|| at - scheme.len()..broken(text, at + 3 + length))
}

/// `www.…` about the dot at `at`.
fn world_wide_web(text: &str, from: usize, at: usize) -> Option<Range<usize>> {
    let start = at.checked_sub(3).filter(|&start| start >= from)?;
    text.as_bytes()[start..at].eq_ignore_ascii_case(b"www").then_some(())?;
    let length = address(&text[at + 1..]).len();
    (length > 0).then(|| start..broken(text, at + 1 + length))
}

/// `domain.com/path` about the dot at `at`.
fn domain(text: &str, from: usize, at: usize, seen: &mut usize) -> Option<Range<usize>> {
    let host = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    let start = at - trailing(&text[from..at], host).len();
    let end = at + leading(&text[at..], host).len();
    *seen = end;
    let host = text[start..end].trim_start_matches(['.', '-']);
    let Some(path) = text[end..].strip_prefix('/') else {
        let host = host.trim_end_matches(['.', '-']);
        let end = start + text[start..end].trim_end_matches(['.', '-']).len();
        return is_page(host).then(|| end - host.len()..end);
    };
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
    (accepted && !path.is_empty()).then(|| end - host.len()..broken(text, end + 1 + path.len()))
}

/// Whether a domain without a path is somebody's page: `nome.github.io`.
fn is_page(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    PAGES.iter().any(|page| {
        host.strip_suffix(page).and_then(|name| name.strip_suffix('.')).is_some_and(|name| {
            !name.is_empty() && !["www", "docs", "help", "pages"].contains(&name)
        })
    })
}

/// The end of an address that ends at `end`, or goes on in the next line: after `/in/`, or after a
/// sign that ends no address, before what has a digit or a sign or fills its line.
fn broken(text: &str, end: usize) -> usize {
    let rest = &text[end..];
    let signs = rest.len() - rest.trim_start_matches(['/', '-', '_']).len();
    let gap = rest[signs..].trim_start_matches([' ', '\t', '\r']);
    let Some(below) = gap.strip_prefix('\n').filter(|_| signs > 0) else { return end };
    let below = below.trim_start_matches([' ', '\t']);
    let token = leading(below, |c| c.is_alphanumeric() || "._-%".contains(c))
        .trim_end_matches(['.', '-', '_']);
    let folder = ["/in", "/pub"].iter().any(|folder| text[..end].ends_with(folder));
    let marked = token.contains(|c: char| c.is_ascii_digit() || c == '-' || c == '_');
    let fills = below[token.len()..].trim_start_matches([' ', '\t', '\r', '/']);
    let fills = (fills.is_empty() || fills.starts_with('\n')) && !rest.starts_with('/');
    if !token.is_empty() && (folder || marked || fills) {
        text.len() - below.len() + token.len()
    } else {
        end
    }
}

/// As much of `text` as an address goes on: to white space or a bracket, without the punctuation of
/// the sentence about it.
fn address(text: &str) -> &str {
    leading(text, |c| !c.is_whitespace() && !c.is_control() && c != MARK && !"<>\"|".contains(c))
        .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}', '\'', '/', '*', '-', '_'])
}

pub(super) fn leading(text: &str, accept: impl Fn(char) -> bool) -> &str {
    &text[..text.find(|c| !accept(c)).unwrap_or(text.len())]
}

pub(super) fn trailing(text: &str, accept: impl Fn(char) -> bool) -> &str {
    let kept = text.trim_end_matches(accept).len();
    &text[kept..]
}
