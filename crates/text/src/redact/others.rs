//! Other people whom a text names behind a label: relatives, referees, whom to ask for.

use std::{ops::Range, sync::LazyLock};

use hashbrown::HashSet;

use super::{
    Kind, Span,
    fold::folded,
    lists::list,
    words::{begins, is_letter, past_spaces, rest_of_line, word_at},
};

/// How sure a label is that a name follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sure {
    /// A relative: what follows a colon is a name.
    Relative,
    /// A referee, a contact: a name, where it begins with a given name or all its words have
    /// capitals.
    Referee,
    /// Somebody at work: a name only where it begins with a given name, after a colon.
    Colleague,
}

/// Given names, folded.
#[derive(Debug, Clone)]
pub(super) struct GivenNames {
    names: HashSet<&'static str>,
    /// Ends of given names.
    ends: Vec<&'static str>,
}

impl GivenNames {
    pub(super) fn embedded() -> Self {
        Self {
            names: include_str!("given_names.txt").lines().collect(),
            ends: list("ends of given names").collect(),
        }
    }

    fn has(&self, word: &str) -> bool {
        self.names.contains(word)
            || word.len() >= 6 && self.ends.iter().any(|end| word.ends_with(end))
    }
}

const PARTICLES: [&str; 9] = ["da", "das", "de", "del", "di", "do", "dos", "e", "y"];

/// What may stand between the label and the name or its colon.
static BETWEEN: LazyLock<HashSet<&str>> = LazyLock::new(|| list("before names").collect());

/// Words that no name holds: after them the sentence goes on.
static NO_NAME: LazyLock<HashSet<&str>> = LazyLock::new(|| list("no names").collect());

/// Words of one name, at most, particles left out; of relatives there may be two names.
const MOST_WORDS: usize = 6;

/// Lines of names below one label, at most.
const MOST_LINES: usize = 6;

/// Adds the names that stand behind the label at `label`.
pub(super) fn find(
    text: &str,
    label: Range<usize>,
    sure: Sure,
    given: &GivenNames,
    spans: &mut Vec<Span>,
) -> usize {
    let whole =
        begins(text, label.start) && !text[label.end..].chars().next().is_some_and(is_letter);
    let Some(after) = whole.then(|| after_label(text, label.end)).flatten() else {
        return label.end;
    };
    if sure == Sure::Colleague && !after.colon {
        return label.end;
    }
    let (mut at, mut end) = (after.at, label.end);
    for line in 0..MOST_LINES {
        // Below the first line, and without a colon, only a given name says that it is one.
        let sure = if line == 0 && after.colon { sure } else { Sure::Colleague };
        let Some(found) = names_of_line(text, at, sure, given, spans) else { break };
        end = found;
        let below = end + rest_of_line(text, end).len();
        if !text[below..].starts_with(['\n', '\r']) {
            break;
        }
        at = below + 1;
        at += text[at..].len()
            - text[at..].trim_start_matches(|c: char| " \t-–*•>\r".contains(c)).len();
        if sure == Sure::Relative || !after.lines {
            break;
        }
    }
    end
}

/// Where what a label labels begins.
struct After {
    at: usize,
    /// After a colon or a dash.
    colon: bool,
    /// On the lines below it.
    lines: bool,
}

fn after_label(text: &str, mut at: usize) -> Option<After> {
    for _ in 0..4 {
        let next = past_spaces(text, at);
        let rest = &text[next..];
        if let Some(sign) = rest.chars().next().filter(|c| ":-–—=.(>/".contains(*c)) {
            let mut at = past_spaces(text, next + sign.len_utf8());
            // `Ref.:`, `(a):`
            while let Some(sign) = text[at..].chars().next().filter(|c| ":-–)".contains(*c)) {
                at = past_spaces(text, at + sign.len_utf8());
            }
            if text[at..].starts_with("a):") {
                at = past_spaces(text, at + 3);
            }
            let below = text[at..].starts_with(['\n', '\r']);
            if below {
                at += text[at..].len() - text[at..].trim_start().len();
                at += text[at..].len()
                    - text[at..].trim_start_matches(|c: char| " \t-–*•>".contains(c)).len();
            }
            return Some(After { at, colon: sign != '/', lines: below });
        }
        if rest.starts_with(['\n', '\r']) {
            let at = next + rest.len()
                - rest.trim_start_matches(|c: char| "\r\n \t-–*•>".contains(c)).len();
            return Some(After { at, colon: false, lines: true });
        }
        let word = word_at(text, next)?;
        if !BETWEEN.contains(folded(&text[word.clone()]).as_str()) {
            return Some(After { at: next, colon: false, lines: false });
        }
        at = word.end;
    }
    None
}

/// The names from `at` on, one or more with `,`, `/` or `e` between; where the last ends.
fn names_of_line(
    text: &str,
    at: usize,
    sure: Sure,
    given: &GivenNames,
    spans: &mut Vec<Span>,
) -> Option<usize> {
    let mut end = name(text, at, sure, given)?;
    spans.push(Span { range: at..end, kind: Kind::Name });
    for _ in 0..MOST_LINES {
        let rest = &text[end..];
        let next = rest.trim_start_matches([' ', ',', ';', '/', '&']);
        if next.len() == rest.len() {
            break;
        }
        let start = text.len() - next.len();
        let Some(found) = name(text, start, Sure::Colleague, given) else { break };
        spans.push(Span { range: start..found, kind: Kind::Name });
        end = found;
    }
    Some(end)
}

/// The end of the name that begins at `at`.
fn name(text: &str, at: usize, sure: Sure, given: &GivenNames) -> Option<usize> {
    let first = word_at(text, at)?;
    let shown = folded(&text[first.clone()]);
    if NO_NAME.contains(shown.as_str()) || PARTICLES.contains(&shown.as_str()) {
        return None;
    }
    let is_given = given.has(&shown);
    let most = if sure == Sure::Relative { 2 * MOST_WORDS } else { MOST_WORDS };
    let (mut end, mut words, mut capitals, mut next) =
        (first.end, 1, capital(text, &first), first.end);
    let mut stranger = false;
    while words < most {
        let start = next + text[next..].len()
            - text[next..].trim_start_matches([' ', '\'', '’', '.']).len();
        // A name's hyphen has no spaces about it.
        let start = if text[next..].starts_with('-') { next + 1 } else { start };
        if start - next > 3 {
            break;
        }
        let Some(word) = word_at(text, start) else { break };
        let shown = folded(&text[word.clone()]);
        next = word.end;
        if PARTICLES.contains(&shown.as_str()) {
            continue;
        }
        if NO_NAME.contains(shown.as_str()) {
            stranger = words == 1;
            break;
        }
        // A name in capitals ends where they end.
        if capitals && !capital(text, &word) {
            break;
        }
        capitals &= capital(text, &word);
        words += 1;
        end = word.end;
    }
    let accepted = match sure {
        Sure::Relative => true,
        Sure::Referee => is_given || capitals && words >= 2 && !stranger,
        Sure::Colleague => is_given,
    };
    accepted.then_some(end)
}

fn capital(text: &str, word: &Range<usize>) -> bool {
    text[word.clone()].chars().next().is_some_and(char::is_uppercase)
}
