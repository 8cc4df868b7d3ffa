//! Lists of terms in which one can look up.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// Terms in code point order, each once; a term's number is its place.
#[derive(Debug, Clone, Default)]
pub(super) struct SortedTerms {
    names: Vec<Box<str>>,
    /// Heads and numbers.
    table: HashTable<(u128, u32)>,
    hasher: DefaultHashBuilder,
}

impl SortedTerms {
    /// `names` must ascend.
    pub(super) fn of(names: Vec<Box<str>>) -> Self {
        let hasher = DefaultHashBuilder::default();
        let mut table = HashTable::with_capacity(names.len());
        for (number, name) in (0_u32..).zip(&names) {
            let entry = (head(name), number);
            table.insert_unique(hasher.hash_one(entry.0), entry, |(head, _)| hasher.hash_one(head));
        }
        Self { names, table, hasher }
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn names(&self) -> &[Box<str>] {
        &self.names
    }

    pub(super) fn get(&self, name: &str) -> Option<u32> {
        let head = head(name);
        let same = |(other, number): &(u128, u32)| {
            *other == head && (name.len() < 16 || *self.names[*number as usize] == *name)
        };
        self.table.find(self.hasher.hash_one(head), same).map(|(_, number)| *number)
    }
}

/// The first fifteen bytes of `name` and its length up to 16: names shorter than that are equal
/// exactly when these are, which spares the look at the name itself, a miss of the cache each time.
fn head(name: &str) -> u128 {
    let mut bytes = [0; 16];
    let len = name.len().min(15);
    bytes[..len].copy_from_slice(&name.as_bytes()[..len]);
    bytes[15] = name.len().min(16) as u8;
    u128::from_le_bytes(bytes)
}

/// How often terms were seen, and in how many texts.
#[derive(Debug, Default)]
pub(super) struct TermCounts(hashbrown::HashMap<Box<str>, Count>);

#[derive(Debug, Default)]
struct Count {
    texts: u32,
    /// The last text that held it, numbered from 1.
    last: u32,
}

impl TermCounts {
    /// Counts `term` once a text; texts are numbered from 1.
    pub(super) fn see(&mut self, term: &str, text: u32) {
        let count = match self.0.get_mut(term) {
            Some(count) => count,
            None => self.0.entry(term.into()).or_default(),
        };
        if count.last != text {
            count.last = text;
            count.texts += 1;
        }
    }

    /// The counts of other texts added.
    pub(super) fn merged(mut self, mut other: Self) -> Self {
        if self.0.len() < other.0.len() {
            std::mem::swap(&mut self, &mut other);
        }
        for (term, count) in other.0 {
            self.0.entry(term).or_default().texts += count.texts;
        }
        self
    }

    /// Calls `each` with every term and the number of texts that hold it, in no order.
    pub(super) fn each(&self, mut each: impl FnMut(&str, u32)) {
        self.0.iter().for_each(|(term, count)| each(term, count.texts));
    }

    /// Terms with the number of texts that hold them: in most texts first, then in code point order.
    pub(super) fn sorted(self) -> Vec<(Box<str>, u32)> {
        let mut all: Vec<_> = self.0.into_iter().map(|(term, count)| (term, count.texts)).collect();
        all.sort_unstable_by(|(a, x), (b, y)| y.cmp(x).then_with(|| a.cmp(b)));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_term_is_found_and_no_other() {
        let long = "desenvolvimento";
        assert_eq!(long.len(), 15);
        let mut names: Vec<Box<str>> = (0..=long.len()).map(|end| long[..end].into()).collect();
        for end in ["o", "s", "s de sistemas", "s de softwares"] {
            names.push(format!("{long}{end}").into());
        }
        names.sort_unstable();
        let terms = SortedTerms::of(names.clone());
        for (number, name) in (0..).zip(&names) {
            assert_eq!(terms.get(name), Some(number), "{name}");
            assert_eq!(terms.get(&format!("{name}\0")), None, "{name}");
            assert_eq!(terms.get(&format!("{name}x")), None, "{name}");
        }
    }
}
