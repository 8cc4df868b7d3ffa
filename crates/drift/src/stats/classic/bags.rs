//! Parts of documents as bags of numbered terms, each made once.

use std::hash::BuildHasher as _;

use hashbrown::{DefaultHashBuilder, HashTable};
use text::tokens::for_each_token;

use super::Documents;

/// Bytes of text by which the values of one part are remembered.
const CACHE_BYTES: usize = 8 << 20;

/// Bytes that are asked for at once. So large a block takes memory only where it is written to, and
/// all of it goes back to the system; small ones that grow leave holes behind, as many bytes again.
const BLOCK: usize = 32 << 20;

/// Bags one after the other: the terms of a part, by number, and how often each occurs in it.
#[derive(Debug)]
pub(super) struct Bags {
    pairs: Vec<(u32, u32)>,
    ends: Vec<usize>,
}

impl Bags {
    /// A bag by its number.
    pub(super) fn bag(&self, bag: u32) -> &[(u32, u32)] {
        let bag = bag as usize;
        let start = bag.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.pairs[start..self.ends[bag]]
    }

    /// Gives each term another number, or leaves it out.
    pub(super) fn renumber(&mut self, number: impl Fn(u32) -> Option<u32>) {
        let (mut start, mut kept) = (0, 0);
        for end in &mut self.ends {
            for at in start..*end {
                let (old, count) = self.pairs[at];
                if let Some(new) = number(old) {
                    self.pairs[kept] = (new, count);
                    kept += 1;
                }
            }
            (start, *end) = (*end, kept);
        }
        self.pairs.truncate(kept);
        self.pairs.shrink_to_fit();
    }
}

/// Makes bags of documents that pass one after the other.
#[derive(Debug)]
pub(super) struct Bagging {
    bags: Bags,
    /// The bag of each part of the last document.
    last: Vec<u32>,
    caches: Vec<Cache>,
    texts: String,
    hasher: DefaultHashBuilder,
    /// Occurrences by number; zero between texts.
    counts: Vec<u32>,
    numbers: Vec<u32>,
    lowered: String,
    written: String,
}

impl Default for Bagging {
    fn default() -> Self {
        let (last, caches, hasher, counts, numbers, lowered, written) = Default::default();
        let pairs = Vec::with_capacity(BLOCK / size_of::<(u32, u32)>());
        let (bags, texts) = (Bags { pairs, ends: Vec::new() }, String::with_capacity(BLOCK));
        Self { bags, last, caches, texts, hasher, counts, numbers, lowered, written }
    }
}

impl Bagging {
    /// Takes a document's parts; those of the document before it were the last to be taken. `number`
    /// gives the number of a term, or none of one that does not count.
    pub(super) fn take(
        &mut self,
        documents: &impl Documents,
        document: usize,
        mut number: impl FnMut(&str) -> Option<u32>,
    ) {
        self.caches.resize_with(documents.parts(), Cache::default);
        self.last.resize(documents.parts(), 0);
        let mut written = std::mem::take(&mut self.written);
        for part in 0..documents.parts() {
            if document > 0 && documents.repeats(document, part) {
                continue;
            }
            written.clear();
            let text = documents.part(document, part, &mut written);
            let hash = self.hasher.hash_one(text);
            self.last[part] = match self.caches[part].get(hash, text, &self.texts) {
                Some(bag) => bag,
                None => {
                    let bag = self.bag(text, &mut number);
                    self.caches[part].remember(hash, text, bag, &mut self.texts);
                    bag
                }
            };
        }
        self.written = written;
    }

    fn bag(&mut self, text: &str, mut number: impl FnMut(&str) -> Option<u32>) -> u32 {
        let Self { bags, counts, numbers, lowered, .. } = self;
        for_each_token(text, lowered, |token| {
            let Some(number) = number(token) else { return };
            let at = number as usize;
            if at >= counts.len() {
                counts.resize((at + 1).next_power_of_two(), 0);
            }
            if counts[at] == 0 {
                numbers.push(number);
            }
            counts[at] += 1;
        });
        let pairs = numbers.drain(..).map(|n| (n, std::mem::take(&mut counts[n as usize])));
        bags.pairs.extend(pairs);
        bags.ends.push(bags.pairs.len());
        u32::try_from(bags.ends.len() - 1).unwrap_or(u32::MAX)
    }

    /// The bags of the last document's parts, by number.
    pub(super) fn last(&self) -> &[u32] {
        &self.last
    }

    /// The terms of the last document, those of each part by themselves.
    pub(super) fn last_terms(&self) -> impl Iterator<Item = (u32, u32)> {
        self.last.iter().flat_map(|&bag| self.bags.bag(bag)).copied()
    }

    pub(super) fn finish(self) -> Bags {
        self.bags
    }
}

/// The values of a part and their bags.
#[derive(Debug, Default)]
struct Cache {
    table: HashTable<Value>,
    bytes: usize,
    hits: u64,
    misses: u64,
}

#[derive(Debug)]
struct Value {
    hash: u64,
    start: usize,
    len: usize,
    bag: u32,
}

impl Cache {
    /// A cache that has not been of use until it was full is not asked again: a CV, say, is that of
    /// the row before or a new one.
    fn get(&mut self, hash: u64, text: &str, texts: &str) -> Option<u32> {
        if self.bytes >= CACHE_BYTES && self.hits < self.misses {
            return None;
        }
        let same = |value: &Value| {
            value.hash == hash && texts[value.start..value.start + value.len] == *text
        };
        let found = self.table.find(hash, same).map(|value| value.bag);
        *(if found.is_some() { &mut self.hits } else { &mut self.misses }) += 1;
        found
    }

    /// Remembers a text while there is room.
    fn remember(&mut self, hash: u64, text: &str, bag: u32, texts: &mut String) {
        if self.bytes < CACHE_BYTES {
            self.bytes += text.len();
            let value = Value { hash, start: texts.len(), len: text.len(), bag };
            texts.push_str(text);
            self.table.insert_unique(hash, value, |value| value.hash);
        }
    }
}
