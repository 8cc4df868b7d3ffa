//! Texts in the wrong encoding.

/// As Latin-1 has it, `?` for what it has not.
pub(super) fn latin_1(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect()
}

/// UTF-8 taken for Windows-1252.
pub(super) fn mojibake(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            0x80..=0x9f => WINDOWS_1252[usize::from(byte) - 0x80],
            _ => char::from(byte),
        })
        .collect()
}

/// What Windows-1252 has from 0x80 to 0x9f, where Latin-1 has controls.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž',
    '\u{fffd}', '\u{fffd}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}',
    'ž', 'Ÿ',
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_are_spoilt_as_people_know_them() {
        assert_eq!(mojibake("São Paulo – Não"), "SÃ£o Paulo â€“ NÃ£o");
        assert_eq!(latin_1("São – "), b"S\xe3o ? ");
    }
}
