//! Keys and columns that no table knows: counted by name, so that a new one is noticed.

use serde::{Serialize, Serializer, ser::SerializeMap};

/// Names counted one by one; what comes after so many is counted together.
const NAMES: usize = 50;
/// Bytes of a name at most.
const NAME_BYTES: usize = 120;

/// How often each unknown name was met, in the order in which they were met first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unknown {
    names: Vec<(String, u64)>,
    others: u64,
}

impl Unknown {
    /// Counts `within.name` `n` times.
    pub(crate) fn count(&mut self, within: Option<&str>, name: &str, n: u64) {
        let name = &name[..name.floor_char_boundary(NAME_BYTES)];
        let same = |known: &str| match within {
            None => known == name,
            Some(section) => known
                .strip_prefix(section)
                .and_then(|rest| rest.strip_prefix('.'))
                .is_some_and(|rest| rest == name),
        };
        if let Some((_, count)) = self.names.iter_mut().find(|(known, _)| same(known)) {
            *count += n;
        } else if self.names.len() < NAMES {
            let name = within.map_or_else(|| name.to_owned(), |s| format!("{s}.{name}"));
            self.names.push((name, n));
        } else {
            self.others += n;
        }
    }

    /// Adds what another part has met.
    pub(crate) fn merge(&mut self, other: Self) {
        for (name, n) in other.names {
            self.count(None, &name, n);
        }
        self.others += other.others;
    }

    /// Whether none was met.
    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty() && self.others == 0
    }
}

/// As an object of name to count, `…` being all others.
impl Serialize for Unknown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, n) in &self.names {
            map.serialize_entry(name, n)?;
        }
        if self.others > 0 {
            map.serialize_entry("…", &self.others)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_counted_up_to_a_number_and_a_length() {
        let mut all = Unknown::default();
        for i in 0..60 {
            all.count(Some("a"), &i.to_string(), 1);
        }
        let mut more = Unknown::default();
        more.count(Some("a"), "3", 2);
        more.count(None, &"é".repeat(200), 1);
        all.merge(more);
        let json = serde_json::to_value(&all).unwrap();
        assert_eq!(json["a.3"], 3);
        assert_eq!(json["…"], 11);
        assert_eq!(json.as_object().unwrap().len(), 51);
    }
}
