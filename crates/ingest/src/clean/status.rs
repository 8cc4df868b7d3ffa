//! The status of an application, in the one spelling that the feature store knows.

use schema::statuses;

use super::{Parsed, fold::fold};

/// The canonical spelling of a status that differs by case, accents and white space at most.
pub(crate) fn status(clean: &str) -> Parsed<&'static str> {
    if let Some(spelling) = statuses::KNOWN.iter().find(|known| **known == clean) {
        return Parsed::Value(spelling);
    }
    let folded = fold(clean);
    let words = || folded.split_whitespace();
    match statuses::KNOWN.iter().find(|known| fold(known).split_whitespace().eq(words())) {
        Some(spelling) => Parsed::Value(spelling),
        None => Parsed::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_have_one_spelling() {
        for (text, expected) in [
            ("APROVADO", "Aprovado"),
            ("nao aprovado pelo rh", "Não Aprovado pelo RH"),
            ("Na\u{303}o  Aprovado\npelo Cliente", "Não Aprovado pelo Cliente"),
            ("Entrevista Tecnica", "Entrevista Técnica"),
            ("documentação pj", "Documentação PJ"),
        ] {
            assert_eq!(status(text), Parsed::Value(expected), "{text}");
        }
        for text in ["Aprovada", "NãoAprovado pelo RH", "Ligar para Ana Prado", "Outro"] {
            assert_eq!(status(text), Parsed::Invalid, "{text}");
        }
    }

    #[test]
    fn canonical_spellings_are_their_own_and_differ_when_folded() {
        for spelling in statuses::KNOWN {
            assert_eq!(status(spelling), Parsed::Value(spelling));
            assert_eq!(status(&fold(spelling)), Parsed::Value(spelling));
        }
    }
}
