//! The status of an application, in the one spelling that the feature store knows.

use schema::{profile::Difference, statuses};

use super::{Parsed, fold::fold, mojibake::repaired};

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

/// The known status that an unknown one is most like: in another encoding, or with up to a quarter
/// of its letters changed.
pub(crate) fn resembled(unknown: &str) -> Option<(&'static str, Difference)> {
    if let Some(Parsed::Value(known)) = repaired(unknown).map(|text| status(&text)) {
        return Some((known, Difference::Encoding));
    }
    let folded = fold(unknown);
    let distance = |known: &str| strsim::osa_distance(&folded, &fold(known));
    let nearest = statuses::KNOWN.iter().map(|known| (distance(known), *known)).min()?;
    (nearest.0 <= nearest.1.chars().count() / 4).then_some((nearest.1, Difference::Spelling))
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
    fn an_unknown_status_resembles_a_known_one_by_encoding_or_by_spelling() {
        for (text, expected) in [
            (
                "NÃ£o Aprovado pelo Cliente",
                Some(("Não Aprovado pelo Cliente", Difference::Encoding)),
            ),
            ("Entrevista TÃ©cnica", Some(("Entrevista Técnica", Difference::Encoding))),
            ("Contratado pela Decisao", Some(("Contratado pela Decision", Difference::Spelling))),
            ("Aprovada", Some(("Aprovado", Difference::Spelling))),
            ("Hired by Decision", None),
            ("Ligar para Ana Prado", None),
        ] {
            assert_eq!(resembled(text), expected, "{text}");
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
