//! Words behind which, or about which, personal data stands: one pass finds all of them.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::{
    emails::{At, email},
    handles,
    lists::list,
    others,
    others::{GivenNames, Sure},
    owner::Owner,
    span::{Kind, Span},
    streets,
};

/// What stands behind a word.
#[derive(Debug, Clone, Copy)]
enum Cue {
    /// It stands for an `@`.
    At(At),
    /// It names a network on which people have handles.
    Network,
    /// It names a messenger.
    Messenger,
    /// It begins a handle of Skype.
    Live,
    /// A kind of street.
    Street,
    /// It names somebody who is not the owner.
    Other(Sure),
}

/// The forms of an `@`, which are not words.
const AT: &[(At, &[&str])] = &[
    (
        At::Hidden,
        &[
            "(at)",
            "[at]",
            "{at}",
            "<at>",
            "( at )",
            "[ at ]",
            "(arroba)",
            "[arroba]",
            "{arroba}",
            "<arroba>",
            "( arroba )",
            "[ arroba ]",
            "%40",
            "(a)",
            "[a]",
            "_at_",
            "-at-",
            "-arroba-",
            "_arroba_",
        ],
    ),
    (At::Word, &[" at ", " arroba ", "\narroba ", " arroba\n"]),
];

/// The lists of the other cues.
const LISTS: [(&str, Cue); 6] = [
    ("networks", Cue::Network),
    ("messengers", Cue::Messenger),
    ("streets", Cue::Street),
    ("relatives", Cue::Other(Sure::Relative)),
    ("referees", Cue::Other(Sure::Referee)),
    ("colleagues", Cue::Other(Sure::Colleague)),
];

/// All cues as one automaton.
#[derive(Debug, Clone)]
pub(super) struct Cues {
    words: AhoCorasick,
    cues: Vec<Cue>,
    given: GivenNames,
}

impl Cues {
    pub(super) fn embedded() -> Self {
        let at = AT.iter().flat_map(|(at, words)| words.iter().map(|word| (*word, Cue::At(*at))));
        let listed = LISTS.iter().flat_map(|(name, cue)| list(name).map(|word| (word, *cue)));
        let (words, cues): (Vec<&str>, Vec<Cue>) =
            at.chain([("live:", Cue::Live)]).chain(listed).unzip();
        let built = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            // Twice as fast as what is chosen for so many words, in a megabyte or two.
            .kind(Some(AhoCorasickKind::DFA))
            .build(words);
        // Some kilobytes of states: far below the automaton's bounds.
        let Ok(words) = built else { unreachable!("the cues fit into an automaton") };
        Self { words, cues, given: GivenNames::embedded() }
    }

    pub(super) fn find(&self, text: &str, owner: &Owner, spans: &mut Vec<Span>) {
        let mut done = 0;
        for found in self.words.find_iter(text) {
            let cue = found.range();
            if cue.start < done {
                continue;
            }
            let one = match self.cues[found.pattern().as_usize()] {
                Cue::At(how) => email(text, done, cue, how).map(|range| (range, Kind::Email)),
                Cue::Network => {
                    handles::handle(text, cue, false).map(|range| (range, Kind::Handle))
                }
                Cue::Messenger => {
                    handles::handle(text, cue, true).map(|range| (range, Kind::Handle))
                }
                Cue::Live => handles::live(text, cue).map(|range| (range, Kind::Handle)),
                Cue::Street => streets::street(text, cue, |words| owner.lives_in(words))
                    .map(|range| (range, Kind::Street)),
                Cue::Other(sure) => {
                    done = done.max(others::find(text, cue, sure, &self.given, spans));
                    None
                }
            };
            if let Some((range, kind)) = one {
                done = range.end;
                spans.push(Span { range, kind });
            }
        }
    }
}
