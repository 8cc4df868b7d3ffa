use hashbrown::{DefaultHashBuilder, HashTable, hash_table};

use super::key::{HEAD, hash, head};

/// Distinct terms, numbered from 0 in the order in which they came.
///
/// Their texts stand one after the other in one string: a term costs its bytes and an entry.
#[derive(Debug, Clone, Default)]
pub struct Numbers {
    table: HashTable<(u128, u32)>,
    names: String,
    /// Where each name begins.
    starts: Vec<usize>,
    hasher: DefaultHashBuilder,
}

impl Numbers {
    /// Number of terms.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether there is none yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The number of a term, which is [`Numbers::len`] where it is new. A term holds no NUL.
    ///
    /// # Panics
    /// With 2^32 terms.
    pub fn of(&mut self, term: &str) -> u32 {
        let Self { table, names, starts, hasher } = self;
        let head = head(term);
        let hash_of =
            |&(head, number): &(u128, u32)| hash(hasher, name(names, starts, number), head);
        let same = |&(other, number): &(u128, u32)| {
            // A longer term of the same head has another sixteenth byte than a zero.
            other == head && (term.len() < HEAD || name(names, starts, number) == term)
        };
        match table.entry(hash(hasher, term, head), same, hash_of) {
            hash_table::Entry::Occupied(entry) => entry.get().1,
            hash_table::Entry::Vacant(place) => {
                let number = u32::try_from(starts.len()).expect("terms are fewer than 2^32");
                starts.push(names.len());
                names.push_str(term);
                place.insert((head, number));
                number
            }
        }
    }

    /// The terms by number.
    pub fn terms(&self) -> impl Iterator<Item = &str> {
        (0u32..).zip(&self.starts).map(|(number, _)| name(&self.names, &self.starts, number))
    }
}

fn name<'a>(names: &'a str, starts: &[usize], number: u32) -> &'a str {
    let number = number as usize;
    let end = starts.get(number + 1).copied().unwrap_or(names.len());
    &names[starts[number]..end]
}

#[cfg(test)]
mod tests {
    use super::Numbers;

    #[test]
    fn a_term_keeps_its_number() {
        let words = ["java", "sql", "extraordinariamente", "extraordinariamentes", "ação", "a"];
        let mut numbers = Numbers::default();
        for _ in 0..2 {
            for (number, word) in (0..).zip(words) {
                assert_eq!(numbers.of(word), number);
            }
        }
        assert!(numbers.terms().eq(words) && numbers.len() == words.len());
    }
}
