//! E-mail addresses, and the ways in which people hide them from machines.

use std::{ops::Range, sync::LazyLock};

use hashbrown::HashSet;

use super::{
    domains::is_top_level,
    fold::folded,
    lists::list,
    words::{is_letter, leading, trailing, word_before},
};

/// Where people have their mail: behind these a top level may be missing or misspelt.
static PROVIDERS: LazyLock<HashSet<&str>> = LazyLock::new(|| list("providers").collect());

/// Ends of names of files and technologies, which are not a top level.
const NO_TOP_LEVELS: [&str; 12] =
    ["js", "ts", "py", "md", "sh", "pdf", "doc", "docx", "json", "yml", "xml", "java"];

/// How the `@` is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// `@` itself.
    Sign,
    /// `(at)`, `[arroba]`, `%40`: nothing else is meant.
    Hidden,
    /// ` at `, ` arroba `: words that sentences have too.
    Word,
}

/// The address about the `@` at `at`; nothing before `from` is free.
pub(super) fn email(text: &str, from: usize, at: Range<usize>, how: At) -> Option<Range<usize>> {
    let (local, before) = local(text, from, at.start, how)?;
    let domain = domain(text, at.end, how, before, &text[local..at.start])?;
    Some(local..domain)
}

/// Where the part before the `@` begins, and whether something stands between it and the `@`.
fn local(text: &str, from: usize, at: usize, how: At) -> Option<(usize, bool)> {
    let before = &text[from..at];
    let trimmed = trim_gap_end(before);
    let local = trailing(trimmed, is_local);
    if local.is_empty() {
        return None;
    }
    let mut start = from + trimmed.len() - local.len();
    // `n o m e @`: letters that stand apart.
    let mut apart = 0;
    if local.chars().count() == 1 {
        while let [.., letter, b' '] = text.as_bytes()[from..start]
            && letter.is_ascii()
            && is_local(char::from(letter))
            && !text[from..start - 2].chars().next_back().is_some_and(is_local)
        {
            start -= 2;
            apart += 1;
        }
        if apart < 2 && how == At::Word {
            return None;
        }
    }
    // `nome ponto sobrenome arroba`.
    while how != At::Sign
        && let Some(dot) = word_before(text, start, " ").filter(|dot| dot.start >= from)
        && matches!(
            folded(&text[dot.clone()]).as_str(),
            "ponto" | "dot" | "underline" | "underscore"
        )
    {
        let part = trailing(text[from..dot.start].trim_end_matches(' '), is_local);
        if part.is_empty() {
            break;
        }
        start = from + text[from..dot.start].trim_end_matches(' ').len() - part.len();
    }
    Some((start, trimmed.len() != before.len()))
}

/// Where the domain behind the `@` ends.
fn domain(text: &str, at: usize, how: At, before: bool, local: &str) -> Option<usize> {
    let after = &text[at..];
    let domain = trim_gap_start(after);
    let start = text.len() - domain.len();
    let spaced = before || domain.len() != after.len() || how == At::Word;
    let plain = leading(domain, |c| c.is_alphanumeric() || c == '.' || c == '-')
        .trim_end_matches(['.', '-']);
    if plain.starts_with(['.', '-']) || plain.is_empty() {
        return None;
    }
    let first = plain.split('.').next().unwrap_or_default();
    // `react@18.2.0`, `git@v2.0-rc`.
    if !first.trim_start_matches(['v', 'V']).contains(is_letter) {
        return None;
    }
    let provider = PROVIDERS.contains(first.to_lowercase().as_str());
    let mut end = plain.len();
    if !ends_in_top_level(plain) {
        // `gmail . com`, `gmail ponto com`: goes on as long as a top level follows.
        while let Some(more) = apart_top_level(&domain[end..], provider) {
            end += more;
        }
        if end == plain.len() {
            end = if let Some(end) = spaced.then(|| up_to_top_level(plain)).flatten() {
                end
            } else if let Some(end) = letters_apart(domain) {
                end
            } else {
                let dotted = ends_like_a_domain(plain);
                let personal = local.contains(['.', '_']) && !spaced;
                let goes = match how {
                    At::Sign => dotted || provider || personal,
                    At::Hidden => dotted || provider || local.contains(['.', '_']),
                    At::Word => provider,
                };
                if !goes {
                    return None;
                }
                plain.len()
            };
        }
    } else if how == At::Word && !provider && !(local.contains(['.', '_']) || has_digit(local)) {
        // `developer at amazon.com` is where somebody worked.
        return None;
    }
    Some(start + end)
}

fn is_local(c: char) -> bool {
    c.is_alphanumeric() || "._%+-'".contains(c)
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit())
}

/// Without what may stand before an `@`: spaces, one line's end, an open bracket.
fn trim_gap_end(text: &str) -> &str {
    let trimmed = trim_spaces_end(text);
    let trimmed = trimmed.strip_suffix(['(', '[', '{', '<']).map_or(trimmed, trim_spaces_end);
    let broken = trimmed.strip_suffix('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    broken.map_or(trimmed, trim_spaces_end)
}

fn trim_spaces_end(text: &str) -> &str {
    let trimmed = text.trim_end_matches([' ', '\t', '\u{a0}']);
    if text.len() - trimmed.len() <= 3 { trimmed } else { text }
}

/// Without what may stand behind an `@`.
fn trim_gap_start(text: &str) -> &str {
    let trimmed = trim_spaces_start(text);
    let trimmed = trimmed.strip_prefix([')', ']', '}', '>']).map_or(trimmed, trim_spaces_start);
    let broken = trimmed.strip_prefix("\r\n").or_else(|| trimmed.strip_prefix('\n'));
    broken.map_or(trimmed, trim_spaces_start)
}

fn trim_spaces_start(text: &str) -> &str {
    let trimmed = text.trim_start_matches([' ', '\t', '\u{a0}']);
    if text.len() - trimmed.len() <= 3 { trimmed } else { text }
}

/// The length of ` . com`, `,com`, ` ponto com`, `(dot)com` at the start of `text`; of a provider
/// also over a line's end.
fn apart_top_level(text: &str, provider: bool) -> Option<usize> {
    let rest = text.trim_start_matches([' ', '(', '[', '{']);
    let lower = leading(rest, |c| c.is_ascii_alphabetic()).to_ascii_lowercase();
    let word = ["ponto", "dot", "pt"].into_iter().find(|word| lower == *word);
    let rest = match word {
        Some(word) => &rest[word.len()..],
        None if provider => rest.strip_prefix(['.', ',', ';'])?,
        None => rest.strip_prefix('.').or_else(|| text.strip_prefix(','))?,
    };
    if text.len() - rest.len() > 10 {
        return None;
    }
    let rest = rest.trim_start_matches([' ', ')', ']', '}']);
    let rest = if provider { rest.trim_start_matches(['\r', '\n']) } else { rest };
    let label = leading(rest, char::is_alphanumeric);
    is_top_level(label).then(|| text.len() - rest.len() + label.len())
}

/// The length of `h o t m a i l . c o m` at the start of a domain.
fn letters_apart(domain: &str) -> Option<usize> {
    let bytes = domain.as_bytes();
    let mut squeezed = String::new();
    let mut at = 0;
    while let Some(letter) = bytes.get(at).filter(|b| b.is_ascii_alphanumeric() || **b == b'.')
        && bytes.get(at + 1).is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'.')
    {
        squeezed.push(char::from(*letter));
        match bytes.get(at + 1..at + 3) {
            Some([b' ', b]) if b.is_ascii_alphanumeric() || *b == b'.' => at += 2,
            _ => break,
        }
    }
    (squeezed.len() >= 5 && up_to_top_level(&squeezed).is_some()).then_some(at + 1)
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

/// Whether the last label could be a top level that is not known here.
fn ends_like_a_domain(domain: &str) -> bool {
    domain.rsplit_once('.').is_some_and(|(_, label)| {
        let letters = label.chars().take_while(|c| c.is_alphabetic()).count();
        letters >= 2 && !NO_TOP_LEVELS.contains(&label.to_lowercase().as_str())
    })
}
