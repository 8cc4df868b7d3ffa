//! Finding a row by its key.

use arrow_array::{Array, StringArray};

/// The keys of a table's rows, and where each is.
///
/// Memory: the keys themselves and 4 bytes a row.
pub(crate) struct Keys {
    keys: StringArray,
    /// Rows in ascending order of their keys.
    order: Vec<u32>,
}

impl Keys {
    /// An index of `keys`, none of them null; the rows (earlier, later) of a key that is there
    /// twice otherwise.
    pub(crate) fn new(keys: StringArray) -> Result<Self, (usize, usize)> {
        let mut order: Vec<u32> = (0..u32::try_from(keys.len()).unwrap_or(u32::MAX)).collect();
        order.sort_by(|a, b| keys.value(*a as usize).cmp(keys.value(*b as usize)));
        for pair in order.windows(2) {
            let (first, second) = (pair[0] as usize, pair[1] as usize);
            if keys.value(first) == keys.value(second) {
                return Err((first, second));
            }
        }
        Ok(Self { keys, order })
    }

    /// The keys, a row each.
    pub(crate) fn codes(&self) -> &StringArray {
        &self.keys
    }

    pub(crate) fn row(&self, key: &str) -> Option<u32> {
        self.order
            .binary_search_by(|row| self.keys.value(*row as usize).cmp(key))
            .ok()
            .map(|at| self.order[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_and_an_absent_one_is_not() {
        let keys = Keys::new(StringArray::from(vec!["30", "4", "100"])).unwrap();
        assert_eq!(keys.row("30"), Some(0));
        assert_eq!(keys.row("4"), Some(1));
        assert_eq!(keys.row("100"), Some(2));
        assert_eq!(keys.row("3"), None);
        assert_eq!(Keys::new(StringArray::from(Vec::<&str>::new())).unwrap().row(""), None);
    }

    #[test]
    fn a_repeated_key_is_told_by_its_rows() {
        let keys = StringArray::from(vec!["b", "a", "c", "a"]);
        assert_eq!(Keys::new(keys).err(), Some((1, 3)));
    }
}
