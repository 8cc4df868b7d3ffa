//! Levels with an order: professional, academic, and of a language.

use super::words::Words;

/// Words, folded, and the level that each names.
type LevelNames = &'static [(&'static str, u8)];

/// Ranks that say how senior somebody is.
const SENIORITY: LevelNames = &[
    ("estagiario", 0),
    ("estagiaria", 0),
    ("aprendiz", 0),
    ("trainee", 1),
    ("intern", 0),
    ("junior", 3),
    ("jr", 3),
    ("pleno", 5),
    ("pl", 5),
    ("mid", 5),
    ("semisenior", 5),
    ("senior", 6),
    ("sr", 6),
    ("especialista", 7),
    ("specialist", 7),
    ("lider", 8),
    ("supervisor", 8),
    ("supervisora", 8),
    ("coordenador", 8),
    ("coordenadora", 8),
    ("coordinator", 8),
    ("coordinador", 8),
    ("coordinadora", 8),
    ("gerente", 9),
    ("diretor", 10),
    ("diretora", 10),
];

/// Words that are a rank only where none of [`SENIORITY`] stands: an `analista sênior` is senior.
const POSTS: LevelNames = &[
    ("auxiliar", 1),
    ("assistente", 2),
    ("assistant", 2),
    ("asistente", 2),
    ("tecnico", 3),
    ("analista", 4),
    ("analyst", 4),
];

const FLUENCY: LevelNames = &[
    ("nenhum", 0),
    ("none", 0),
    ("ninguno", 0),
    ("basico", 1),
    ("basic", 1),
    ("tecnico", 1),
    ("intermediario", 2),
    ("intermediate", 2),
    ("intermedio", 2),
    ("avancado", 3),
    ("advanced", 3),
    ("avanzado", 3),
    ("fluente", 4),
    ("fluent", 4),
    ("fluido", 4),
    ("nativo", 4),
    ("native", 4),
];

/// The degree, by the word that names it.
const DEGREES: LevelNames = &[
    ("fundamental", 0),
    ("medio", 2),
    ("tecnico", 4),
    ("superior", 6),
    ("graduacao", 6),
    ("pos", 9),
    ("especializacao", 9),
    ("mba", 9),
    ("mestrado", 11),
    ("doutorado", 13),
];

/// Lines at the head of a CV in which people say what they are.
const HEAD: usize = 12;

/// Words after a language's name in which its level stands.
const NEAR: usize = 3;

fn level(names: LevelNames, word: &str) -> Option<u8> {
    names.iter().find(|(name, _)| *name == word).map(|&(_, level)| level)
}

/// The rank that a title or a level's own column names: of several the last, of seniority first.
pub(super) fn professional(words: &Words) -> Option<u8> {
    let last = |names| words.each().rev().find_map(|word| level(names, word));
    last(SENIORITY).or_else(|| last(POSTS))
}

/// The rank in the head of a CV: the first line that names one.
pub(super) fn professional_in_cv(cv: &str, words: &mut Words) -> Option<u8> {
    cv.lines().take(HEAD).find_map(|line| {
        words.read(line);
        // A line of prose names ranks of others.
        (words.len() <= 8).then(|| professional(words))?
    })
}

/// How far a degree has come: a degree begun stands between those completed.
pub(super) fn academic(words: &Words) -> Option<u8> {
    let degree = words.each().find_map(|word| level(DEGREES, word))?;
    let begun = words.each().any(|word| matches!(word, "incompleto" | "cursando" | "andamento"));
    Some(if begun { degree.saturating_sub(1) } else { degree })
}

/// The level that a language's own column names.
pub(super) fn fluency(words: &Words) -> Option<u8> {
    words.each().find_map(|word| level(FLUENCY, word))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Spanish,
}

impl Language {
    fn named(word: &str) -> Option<Self> {
        match word {
            "ingles" | "english" | "inglesa" => Some(Self::English),
            "espanhol" | "spanish" | "espanol" => Some(Self::Spanish),
            _ => None,
        }
    }
}

/// The level of a language that stands at word `at` of a text, if one does: `inglês: avançado`.
pub(super) fn fluency_at(words: &Words, at: usize) -> Option<(Language, u8)> {
    let language = Language::named(words.term(at, 1)?)?;
    for next in at + 1..=at + NEAR {
        let word = words.term(next, 1)?;
        // Another language's name begins another statement.
        if Language::named(word).is_some() {
            return None;
        }
        if let Some(level) = level(FLUENCY, word) {
            return Some((language, level));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Words {
        let mut words = Words::default();
        words.read(text);
        words
    }

    #[test]
    fn seniority_goes_before_the_post() {
        for (title, level) in [
            ("Analista de Sistemas Sênior", Some(6)),
            ("senior analyst", Some(6)),
            ("Técnico de suporte analista", Some(4)),
            ("Júnior", Some(3)),
            ("desenvolvedor", None),
            ("", None),
        ] {
            assert_eq!(professional(&words(title)), level, "{title}");
        }
        let cv = "recife/pe\nconsultor sap especialista\nreportando ao gerente da área de compras e vendas da firma";
        assert_eq!(professional_in_cv(cv, &mut Words::default()), Some(7));
    }

    #[test]
    fn degrees_and_languages_are_in_order() {
        let academic = |text| academic(&words(text));
        let rising = [
            "Ensino Médio Completo",
            "Ensino Técnico Completo",
            "Ensino Superior Cursando",
            "Ensino Superior Completo",
            "Pós Graduação Completo",
            "Mestrado Completo",
            "Doutorado Completo",
        ]
        .map(academic);
        assert!(rising.windows(2).all(|pair| pair[0] < pair[1]), "{rising:?}");
        let fluency = |text| fluency(&words(text));
        assert!(fluency("Nenhum") < fluency("Básico") && fluency("Avançado") < fluency("Fluente"));
    }

    #[test]
    fn a_language_is_read_where_it_is_named() {
        let words = words("idiomas\ninglês: nível avançado\nespanhol – básico");
        let found: Vec<_> = (0..words.len()).filter_map(|at| fluency_at(&words, at)).collect();
        assert_eq!(found, [(Language::English, 3), (Language::Spanish, 1)]);
    }

    #[test]
    fn the_level_of_another_language_is_not_taken() {
        let words = words("inglês, espanhol fluente");
        let found: Vec<_> = (0..words.len()).filter_map(|at| fluency_at(&words, at)).collect();
        assert_eq!(found, [(Language::Spanish, 4)]);
    }
}
