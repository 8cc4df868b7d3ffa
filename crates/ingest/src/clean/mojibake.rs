//! UTF-8 that was read as Latin-1 or Windows-1252 and written again: `SÃ£o Paulo`.

/// What the second byte of a letter of Portuguese looks like in Windows-1252, but for the quotes,
/// dashes and the ellipsis that may well stand behind a capital `Ã` (`AMANHÃ”`).
fn is_second_byte(c: char) -> bool {
    matches!(c, '\u{a0}'..='\u{ba}' | '\u{bc}'..='\u{bf}') || "€‚ƒ„†‡ˆ‰Š‹ŒŽ˜™š›œžŸ".contains(c)
}

/// Whether a text holds such a sequence: `Ã` or `Â` before what is not a letter of a word, or `â€`.
pub(crate) fn is_mojibake(text: &str) -> bool {
    let mut before = ' ';
    for c in text.chars() {
        let broken = match before {
            // A no-break space may stand behind a word in capitals.
            'Ã' => is_second_byte(c) && c != '\u{a0}',
            'Â' => matches!(c, '\u{a1}'..='\u{bf}'),
            'â' => c == '€',
            _ => false,
        };
        if broken {
            return true;
        }
        before = c;
    }
    false
}

/// The text that was read as Latin-1; none where it cannot have been.
pub(crate) fn repaired(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    String::from_utf8(bytes?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_text_is_told_from_text_in_capitals() {
        for text in ["SÃ£o Paulo", "formaÃ§Ã£o", "inglÃªs", "nÃºmero", "2Âª via", "â€“ Java"]
        {
            assert!(is_mojibake(text), "{text}");
        }
        for text in [
            "São Paulo",
            "FORMAÇÃO",
            "AMANHÃ",
            "AMANHÃ”",
            "AMANHÃ – 8h",
            "IRMÃ\u{a0}MARIA",
            "ÂNGELA",
            "2ª via",
            "âmbito",
            "",
        ] {
            assert!(!is_mojibake(text), "{text}");
        }
    }

    #[test]
    fn what_was_read_as_latin_1_is_read_again() {
        assert_eq!(repaired("NÃ£o").as_deref(), Some("Não"));
        for text in ["Nao", "Não", "Contratado – CLT"] {
            assert_eq!(repaired(text), None, "{text}");
        }
    }
}
