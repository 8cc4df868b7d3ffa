//! Words behind which, or about which, personal data stands: one pass finds all of them.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::{
    Kind, Span,
    emails::{At, email},
    handles, others,
    others::{GivenNames, Sure},
    owner::Owner,
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

const CUES: &[(Cue, &[&str])] = &[
    (
        Cue::At(At::Hidden),
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
    (Cue::At(At::Word), &[" at ", " arroba ", "\narroba ", " arroba\n"]),
    (
        Cue::Network,
        &[
            "linkedin",
            "linked in",
            "github",
            "gitlab",
            "instagram",
            "insta",
            "facebook",
            "twitter",
            "tiktok",
            "bitbucket",
            "behance",
            "kaggle",
            "youtube",
            "pinterest",
            "medium",
            "dribbble",
            "stackoverflow",
            "hackerrank",
        ],
    ),
    (Cue::Messenger, &["skype", "discord", "msn", "telegram"]),
    (Cue::Live, &["live:"]),
    (
        Cue::Street,
        &[
            "rua",
            "avenida",
            "av.",
            "av",
            "alameda",
            "travessa",
            "praça",
            "praca",
            "PRAÇA",
            "rodovia",
            "estrada",
            "viela",
            "endereço",
            "endereco",
            "ENDEREÇO",
            "r.",
            "al.",
            "end.",
        ],
    ),
    (
        Cue::Other(Sure::Relative),
        &[
            "mãe",
            "mae",
            "MÃE",
            "pai",
            "cônjuge",
            "conjuge",
            "CÔNJUGE",
            "esposa",
            "esposo",
            "marido",
            "companheira",
            "companheiro",
            "noiva",
            "noivo",
            "namorada",
            "namorado",
            "filiação",
            "filiacao",
            "FILIAÇÃO",
            "filho de",
            "filha de",
            "filhos",
            "filho",
            "filha",
            "casado com",
            "casada com",
            "irmão",
            "irmã",
            "IRMÃO",
            "IRMÃ",
            "genitora",
            "genitor",
            "progenitora",
            "progenitor",
            "mother",
            "father",
            "spouse",
            "husband",
            "wife",
            "dependente",
            "dependentes",
            "avó",
            "avô",
            "sogra",
            "sogro",
            "tia",
            "tio",
        ],
    ),
    (
        Cue::Other(Sure::Referee),
        &[
            "referência",
            "referências",
            "referencia",
            "referencias",
            "REFERÊNCIA",
            "REFERÊNCIAS",
            "ref",
            "refs",
            "reference",
            "references",
            "referee",
            "contato",
            "contatos",
            "contact",
            "recado",
            "recados",
            "indicação",
            "indicacao",
            "INDICAÇÃO",
            "indicado por",
            "indicada por",
            "emergência",
            "emergencia",
            "EMERGÊNCIA",
            "falar com",
            "tratar com",
            "aos cuidados de",
            "a/c",
            "testemunha",
            "testemunhas",
            "recomendação",
            "recomendado por",
            "recomendada por",
            "referenciado por",
        ],
    ),
    (
        Cue::Other(Sure::Colleague),
        &[
            "gestor",
            "gestora",
            "gerente",
            "supervisor",
            "supervisora",
            "superior",
            "chefe",
            "líder",
            "lider",
            "LÍDER",
            "coordenador",
            "coordenadora",
            "diretor",
            "diretora",
            "orientador",
            "orientadora",
            "professor",
            "professora",
            "responsável",
            "responsavel",
            "RESPONSÁVEL",
            "sócio",
            "sócia",
            "nome",
            "name",
            "manager",
            "supervisado por",
            "advisor",
            "tutor",
            "tutora",
            "ex-chefe",
            "encarregado",
            "encarregada",
            "proprietário",
            "proprietária",
            "requisitante",
            "solicitante",
        ],
    ),
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
        let words = CUES.iter().flat_map(|(_, words)| words.iter());
        let built = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            // Twice as fast as what is chosen for so many words, in a megabyte or two.
            .kind(Some(AhoCorasickKind::DFA))
            .build(words);
        let cues = CUES.iter().flat_map(|(cue, words)| words.iter().map(|_| *cue)).collect();
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
                Cue::Street => streets::street(text, cue, owner).map(|range| (range, Kind::Street)),
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
