//! Keys: strings of 1 to 18 digits, as numbers, and which of them have been seen.

use std::fmt;

use roaring::RoaringTreemap;
use serde::{Deserialize, Serialize};

/// Digits of a key at most: a number of 18 fits in 60 bits, which leaves 4 for leading zeros.
const DIGITS: usize = 18;
const ZEROS: u32 = 60;

/// A key; `7` and `07` are two keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Key(u64);

impl Key {
    /// The key that a text of digits is; `None` for other texts.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > DIGITS || !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let zeros = text.bytes().take_while(|b| *b == b'0').count();
        // Of more than 15 leading zeros the surplus does not fit: no source writes such keys.
        let zeros = u64::try_from(zeros).ok().filter(|z| *z < 16)?;
        Some(Self(zeros << ZEROS | text.parse::<u64>().ok()?))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let zeros = usize::try_from(self.0 >> ZEROS).unwrap_or(0);
        let number = self.0 & ((1 << ZEROS) - 1);
        f.write_str(&"0000000000000000"[..zeros])?;
        if number > 0 { write!(f, "{number}") } else { Ok(()) }
    }
}

/// The keys seen so far: a compressed bitmap, so that memory grows with the keys alone and by
/// some bits a key where they lie close together.
#[derive(Debug, Default)]
pub(crate) struct SeenKeys(RoaringTreemap);

impl SeenKeys {
    /// Notes a key; false when it was there already.
    pub(crate) fn insert(&mut self, key: Key) -> bool {
        self.0.insert(key.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_digits_are_keys() {
        for text in ["", " 1", "a", "1.0", "-1", "1234567890123456789", "٣", "0000000000000000"] {
            assert_eq!(Key::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_leading_zero_makes_another_key() {
        let mut seen = SeenKeys::default();
        for text in ["7", "07", "007", "0", "00", "70"] {
            assert!(seen.insert(Key::parse(text).unwrap()), "{text}");
        }
        assert!(!seen.insert(Key::parse("07").unwrap()));
    }

    proptest! {
        #[test]
        fn keys_make_the_round_trip(text in "0{0,15}[1-9][0-9]{0,2}|[0-9]{1,15}") {
            prop_assert_eq!(Key::parse(&text).unwrap().to_string(), text);
        }
    }
}
