//! Lists of terms in which one can look up.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// Terms in code point order, each once; a term's number is its place.
#[derive(Debug, Clone, Default)]
pub(super) struct Terms {
    names: Vec<Box<str>>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Terms {
    /// `names` must ascend.
    pub(super) fn of(names: Vec<Box<str>>) -> Self {
        let hasher = DefaultHashBuilder::default();
        let mut table = HashTable::with_capacity(names.len());
        for (number, name) in (0_u32..).zip(&names) {
            let rehash = |number: &u32| hasher.hash_one(&names[*number as usize]);
            table.insert_unique(hasher.hash_one(name), number, rehash);
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
        // As a boxed string hashes.
        let same = |number: &u32| *self.names[*number as usize] == *name;
        self.table.find(self.hasher.hash_one(name), same).copied()
    }
}

/// How often terms were seen, and in how many texts.
#[derive(Debug, Default)]
pub(super) struct Counts(hashbrown::HashMap<Box<str>, Count>);

#[derive(Debug, Default)]
struct Count {
    texts: u32,
    /// The last text that held it, numbered from 1.
    last: u32,
}

impl Counts {
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
