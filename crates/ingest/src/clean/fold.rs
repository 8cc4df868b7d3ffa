//! Texts made alike that differ by case and accents alone.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The text in lower case without accents.
pub(super) fn fold(text: &str) -> String {
    text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}
