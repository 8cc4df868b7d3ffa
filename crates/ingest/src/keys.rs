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

/// A set of keys: a compressed bitmap, so that memory grows with the keys alone and by some bits a
/// key where they lie close together.
#[derive(Debug, Default)]
pub(crate) struct KeySet(RoaringTreemap);

impl KeySet {
    /// Adds a key; false when it was there already.
    pub(crate) fn insert(&mut self, key: Key) -> bool {
        self.0.insert(key.0)
    }

    pub(crate) fn contains(&self, key: Key) -> bool {
        self.0.contains(key.0)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Where a key has been met before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Met {
    Nowhere,
    InThisFile,
    InEarlierFile,
}

/// The keys met so far, those of the file being read apart from those of the files before it.
#[derive(Debug, Default)]
pub(crate) struct SeenKeys {
    file: u32,
    here: KeySet,
    earlier: KeySet,
}

impl SeenKeys {
    /// Adds a key that records of one file may share; tells of earlier files first.
    pub(crate) fn insert_shared(&mut self, file: u32, key: Key) -> Met {
        match self.insert(file, key) {
            Met::InThisFile if self.earlier.contains(key) => Met::InEarlierFile,
            met => met,
        }
    }

    /// Adds a key of a file; files come in order.
    pub(crate) fn insert(&mut self, file: u32, key: Key) -> Met {
        if file != self.file {
            self.earlier.0 |= std::mem::take(&mut self.here.0);
            self.file = file;
        }
        match (self.here.insert(key), self.earlier.contains(key)) {
            (false, _) => Met::InThisFile,
            (true, true) => Met::InEarlierFile,
            (true, false) => Met::Nowhere,
        }
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
        let mut keys = KeySet::default();
        for text in ["7", "07", "007", "0", "00", "70"] {
            assert!(keys.insert(Key::parse(text).unwrap()), "{text}");
        }
        assert!(!keys.insert(Key::parse("07").unwrap()));
    }

    #[test]
    fn a_key_is_met_in_this_file_or_in_an_earlier_one() {
        let mut seen = SeenKeys::default();
        let met = [(0, "7"), (0, "7"), (1, "8"), (1, "7"), (1, "7"), (3, "7"), (3, "9")]
            .map(|(file, key)| seen.insert(file, Key::parse(key).unwrap()));
        use Met::{InEarlierFile, InThisFile, Nowhere};
        let first = [Nowhere, InThisFile, Nowhere];
        assert_eq!(met[..3], first);
        assert_eq!(met[3..], [InEarlierFile, InThisFile, InEarlierFile, Nowhere]);
    }

    proptest! {
        #[test]
        fn keys_make_the_round_trip(text in "0{0,15}[1-9][0-9]{0,2}|[0-9]{1,15}") {
            prop_assert_eq!(Key::parse(&text).unwrap().to_string(), text);
        }
    }
}
