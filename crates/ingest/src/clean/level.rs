//! Levels of a language, in the one spelling that the models know.

use std::borrow::Cow;

use super::{Parsed, fold::fold};

/// Each level's spelling, then what else is read as it: Portuguese, English and Spanish, folded to
/// lower case without accents.
const LEVELS: [(&str, &[&str]); 5] = [
    (
        "Nenhum",
        &["nenhum", "nenhuma", "nao", "nao possui", "none", "ninguno", "ninguna", "nulo", "zero"],
    ),
    ("Básico", &["basico", "basica", "basic", "beginner", "elementary", "iniciante", "elemental"]),
    (
        "Intermediário",
        &["intermediario", "intermediaria", "intermediate", "intermedio", "intermedia", "medio"],
    ),
    ("Avançado", &["avancado", "avancada", "advanced", "avanzado", "avanzada"]),
    ("Fluente", &["fluente", "fluent", "fluido", "nativo", "nativa", "native"]),
];

/// The canonical spelling of a level.
pub(crate) fn level(clean: &str) -> Parsed<&'static str> {
    if let Some((spelling, _)) = LEVELS.iter().find(|(spelling, _)| *spelling == clean) {
        return Parsed::Value(spelling);
    }
    let folded = fold(clean);
    match LEVELS.iter().find(|(_, variants)| variants.contains(&folded.as_str())) {
        Some((spelling, _)) => Parsed::Value(spelling),
        None => Parsed::Invalid,
    }
}

/// `Português - Fluente`: a language and its level, the level in its canonical spelling; any other
/// text stays as it is.
pub(crate) fn language(clean: &str) -> Cow<'_, str> {
    if let Some((name, spelled)) = clean.rsplit_once(" - ")
        && let Parsed::Value(canonical) = level(spelled.trim())
        && canonical != spelled
    {
        return Cow::Owned(format!("{name} - {canonical}"));
    }
    Cow::Borrowed(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_have_one_spelling() {
        for (text, expected) in [
            ("Básico", "Básico"),
            ("BASICO", "Básico"),
            ("basic", "Básico"),
            ("intermedio", "Intermediário"),
            ("Intermediate", "Intermediário"),
            ("AVANÇADO", "Avançado"),
            ("avanzado", "Avançado"),
            ("Fluent", "Fluente"),
            ("nenhum", "Nenhum"),
            ("Não possui", "Nenhum"),
        ] {
            assert_eq!(level(text), Parsed::Value(expected), "{text}");
        }
        assert_eq!(level("Técnico"), Parsed::Invalid);
    }

    #[test]
    fn canonical_spellings_are_their_own() {
        for (spelling, variants) in LEVELS {
            assert_eq!(level(spelling), Parsed::Value(spelling));
            for variant in variants {
                assert_eq!(level(variant), Parsed::Value(spelling), "{variant}");
            }
        }
    }

    #[test]
    fn a_language_keeps_its_name() {
        assert_eq!(language("Português - fluente"), "Português - Fluente");
        assert_eq!(language("Français - B2"), "Français - B2");
        assert_eq!(language("Francês"), "Francês");
        assert_eq!(language("Alemão - Suíço - basic"), "Alemão - Suíço - Básico");
    }
}
