//! Python's `\w`, as a table of Unicode 14.
//!
//! Python's `re` calls a character a word character when `str.isalnum` does, or when it is an
//! underscore: the categories L*, N* and the few others with a numeric value. That is narrower than
//! Rust's `char::is_alphanumeric` and than the `\w` of UTS 18, which both take the vowel signs of
//! Indic scripts and the circled letters (Ⓐ) too, and UTS 18 all marks and all connectors. The table
//! is CPython 3.11's (Unicode 14.0.0), so tokens do not change with the Rust toolchain.
//!
//! What is left: characters that Unicode assigned after version 14 separate words here and under
//! CPython 3.11, but not under later CPythons (15,559 letters and digits up to Unicode 17, most of
//! them rare Han, none of Portuguese, English or Spanish).

use std::sync::LazyLock;

/// Whether Python's `\w` matches `c`.
pub(super) fn is_word(c: char) -> bool {
    let c = u32::from(c);
    match c {
        0..0x80 => c == 0x5F || u8::try_from(c).is_ok_and(|b| b.is_ascii_alphanumeric()),
        0x80..0xC0 => matches!(c, 0xAA | 0xB2 | 0xB3 | 0xB5 | 0xB9 | 0xBA | 0xBC..=0xBE),
        0xC0..=0x2C1 => c != 0xD7 && c != 0xF7,
        _ => {
            let after = WORD.partition_point(|&(first, _)| first <= c);
            after > 0 && c <= WORD[after - 1].1
        }
    }
}

/// Inclusive ranges of the word characters from U+02C2 on, ascending, from `word.txt`.
static WORD: LazyLock<Vec<(u32, u32)>> = LazyLock::new(|| {
    let number = |hex| u32::from_str_radix(hex, 16).expect("a test reads the table");
    let ranges = include_str!("word.txt").split_whitespace();
    ranges
        .map(|range| range.split_once('-').unwrap_or((range, range)))
        .map(|(first, last)| (number(first), number(last)))
        .collect()
});
