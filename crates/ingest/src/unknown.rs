//! Keys and columns that no table knows: counted by name, so that a new one is noticed.

/// Names of a table counted one by one; what comes after so many is counted together.
const NAMES: usize = 50;
/// The same within one part: more, so that which names are counted does not depend on how the
/// table was parted.
const PART_NAMES: usize = 1000;
/// Bytes of a name at most.
const NAME_BYTES: usize = 120;

/// How often each unknown name was met, in the order in which they were met first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unknown {
    names: Vec<(String, u64)>,
    others: u64,
}

impl Unknown {
    pub(crate) fn count(&mut self, within: Option<&str>, name: &str) {
        self.add(within, name, 1, PART_NAMES);
    }

    pub(crate) fn count_all(&mut self, name: &str, n: u64) {
        self.add(None, name, n, PART_NAMES);
    }

    fn add(&mut self, within: Option<&str>, name: &str, n: u64, names: usize) {
        let end = (0..=NAME_BYTES.min(name.len())).rev().find(|i| name.is_char_boundary(*i));
        let name = &name[..end.unwrap_or(0)];
        let same = |known: &str| match within {
            None => known == name,
            Some(section) => known
                .strip_prefix(section)
                .and_then(|rest| rest.strip_prefix('.'))
                .is_some_and(|rest| rest == name),
        };
        if let Some((_, count)) = self.names.iter_mut().find(|(known, _)| same(known)) {
            *count += n;
        } else if self.names.len() < names {
            let name = within.map_or_else(|| name.to_owned(), |s| format!("{s}.{name}"));
            self.names.push((name, n));
        } else {
            self.others += n;
        }
    }

    /// The names with their counts, and the count of all others.
    pub(crate) fn counts(&self) -> (&[(String, u64)], u64) {
        (&self.names, self.others)
    }

    pub(crate) fn of(names: Vec<(String, u64)>, others: u64) -> Self {
        Self { names, others }
    }

    /// Adds what another part has met.
    pub(crate) fn merge(&mut self, other: Self) {
        for (name, n) in other.names {
            self.add(None, &name, n, NAMES);
        }
        self.others += other.others;
    }

    /// How many names were met (of those counted one by one).
    pub(crate) fn names(&self) -> usize {
        self.names.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_counted_up_to_a_number_and_a_length() {
        let mut part = Unknown::default();
        for i in 0..60 {
            part.count(Some("a"), &i.to_string());
        }
        let mut more = Unknown::default();
        more.count(Some("a"), "3");
        more.count(None, "a.3");
        more.count(None, &"é".repeat(200));
        let mut all = Unknown::default();
        all.merge(part);
        all.merge(more);
        assert_eq!(all.names(), 50);
        let (names, others) = all.counts();
        assert_eq!(names[3], ("a.3".to_owned(), 3));
        assert_eq!(others, 11);
    }
}
