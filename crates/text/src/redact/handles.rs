//! Names under which somebody is found on networks, behind the network's name.

use std::ops::Range;

use super::words::{begins, past_spaces};

/// The handle behind a network's name at `network`. Of a messenger (Skype) a word in a list is one
/// too; of others it may be what somebody works with.
pub(super) fn handle(text: &str, network: Range<usize>, messenger: bool) -> Option<Range<usize>> {
    if !begins(text, network.start) {
        return None;
    }
    spaced_page(text, &network).or_else(|| named(text, network.end, messenger))
}

/// `linkedin . com / in / nome`: a page with spaces in its address.
fn spaced_page(text: &str, network: &Range<usize>) -> Option<Range<usize>> {
    let mut at = network.end;
    let mut labels = 0;
    while let Some(label) = after_sign(text, at, '.') {
        at = label;
        labels += 1;
    }
    if labels == 0 {
        return None;
    }
    let mut end = None;
    while let Some(part) = after_sign(text, at, '/') {
        (at, end) = (part, Some(part));
    }
    Some(network.start..end?)
}

/// The end of the token after `sign`, with or without spaces about it.
fn after_sign(text: &str, at: usize, sign: char) -> Option<usize> {
    let next = past_spaces(text, at);
    let rest = text[next..].strip_prefix(sign)?;
    let start = past_spaces(text, text.len() - rest.len());
    let token = token(text, start);
    (!token.is_empty()).then_some(token.end)
}

/// The handle after `:` or `@`, or in a path.
fn named(text: &str, at: usize, messenger: bool) -> Option<Range<usize>> {
    let mut next = past_spaces(text, at);
    let mut signs = String::new();
    while let Some(sign) = text[next..].chars().next().filter(|c| ":=–-/@()|>".contains(*c)) {
        signs.push(sign);
        next = past_spaces(text, next + sign.len_utf8());
    }
    // `LinkedIn:` and the handle below it.
    if signs.ends_with(':') && text[next..].starts_with('\n') {
        next = past_spaces(text, next + 1);
    }
    for folder in ["in/", "pub/"] {
        if text[next..].starts_with(folder) && !signs.is_empty() {
            let found = token(text, next + folder.len());
            return (!found.is_empty()).then_some(found);
        }
    }
    let mut found = token(text, next);
    // Discord's `nome#1234`.
    if let Some([b'#', b'0'..=b'9', ..]) = text.as_bytes().get(found.end..found.end + 5) {
        found.end += 5;
    }
    let shown = &text[found.clone()];
    if signs.is_empty() || shown.len() < 3 || !shown.contains(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let marked = shown.contains(|c: char| c.is_ascii_digit() || "._-#".contains(c));
    let technical = [".js", ".net", ".io"].iter().any(|end| shown.ends_with(end))
        || shown.starts_with("e-")
        || shown.starts_with('.');
    let rest = text[found.end..].trim_start_matches([' ', '\t', '\r']);
    let alone = rest.is_empty()
        || rest.starts_with(['\n', '|'])
        || messenger && rest.starts_with([',', ';', ')', '/', '-', '–']);
    let is_handle = signs.contains('@')
        || marked && !technical && signs.contains([':', '=', '/'])
        || marked && !technical && messenger
        || alone && signs.contains(':') && shown.is_ascii();
    is_handle.then_some(found)
}

/// `live:.cid.nome`: how Skype writes a handle.
pub(super) fn live(text: &str, label: Range<usize>) -> Option<Range<usize>> {
    let rest = &text[label.end..];
    let found = token(text, label.end + usize::from(rest.starts_with('.')));
    (begins(text, label.start) && found.len() >= 4).then_some(label.start..found.end)
}

/// The letters, digits and signs of a handle from `at` on.
fn token(text: &str, at: usize) -> Range<usize> {
    let rest = &text[at..];
    let end =
        rest.find(|c: char| !(c.is_alphanumeric() || "._-".contains(c))).unwrap_or(rest.len());
    at..at + rest[..end].trim_end_matches(['.', '-', '_']).len()
}

/// `@nome`: a handle where a line is nothing else, or where it has what annotations and packages
/// have not, a digit, a dot or an underscore among small letters.
pub(super) fn mention(text: &str, from: usize, at: usize) -> Option<Range<usize>> {
    let before = &text[from..at];
    if before.chars().next_back().is_some_and(char::is_alphanumeric) {
        return None;
    }
    let found = token(text, at + 1);
    let shown = &text[found.clone()];
    let rest = &text[found.end..];
    let small = !shown.contains(|c: char| c.is_uppercase());
    let letters = shown.chars().filter(|c| c.is_alphabetic()).count();
    if !small || letters < 4 || rest.starts_with(['/', '(', '@', '-']) {
        return None;
    }
    let line = before.trim_end_matches([' ', '\t']);
    let alone = (line.is_empty() && from == 0 || line.ends_with('\n'))
        && rest.trim_start_matches([' ', '\t', '\r']).chars().next().is_none_or(|c| c == '\n');
    let marked = shown.contains(|c: char| c.is_ascii_digit() || c == '_' || c == '.')
        && !shown.ends_with(".js");
    (alone || marked).then_some(at..found.end)
}
