//! An append-only log: small JSON objects whose names are numbers of equal width, so that a listing
//! is in their order.

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Error, Key, ListRequest, Precondition, Store, Verified, finding::found, json,
    parallel::side_by_side, store,
};

/// Digits of a name.
const WIDTH: usize = 10;

/// The entries in a folder of a store, by number from 1.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    store: Arc<dyn Store>,
    folder: Key,
}

impl Log {
    pub(crate) fn new(store: Arc<dyn Store>, folder: Key) -> Self {
        Self { store, folder }
    }

    /// All entries, by number.
    pub(crate) fn all<T: DeserializeOwned + Send>(&self) -> Result<Vec<T>, Error> {
        side_by_side(&self.numbers()?, |number| self.get(*number))
    }

    /// The entry of the highest number.
    pub(crate) fn last<T: DeserializeOwned>(&self) -> Result<Option<T>, Error> {
        match self.last_number()? {
            0 => Ok(None),
            number => self.get(number),
        }
    }

    /// The highest number; 0 for an empty log.
    pub(crate) fn last_number(&self) -> Result<u64, Error> {
        Ok(self.numbers()?.last().copied().unwrap_or(0))
    }

    pub(crate) fn get<T: DeserializeOwned>(&self, number: u64) -> Result<Option<T>, Error> {
        Ok(json::read(&*self.store, &self.key(number))?.map(|(entry, _)| entry))
    }

    /// Adds an entry under a number that must not be taken; false when it is, by another entry.
    pub(crate) fn add<T: Serialize + DeserializeOwned + PartialEq>(
        &self,
        number: u64,
        entry: &T,
    ) -> Result<bool, Error> {
        let made = json::write(&*self.store, &self.key(number), entry, &Precondition::IfAbsent)?;
        // Ours is there already when the answer to our put was lost and it was sent again.
        Ok(made || self.get(number)?.as_ref() == Some(entry))
    }

    /// All entries that can be read strictly, by number; what cannot, and what is missing, is a
    /// finding each.
    pub(crate) fn verified<T: Serialize + DeserializeOwned + Send>(
        &self,
        remedy: &str,
        report: &mut Verified,
    ) -> Result<Vec<(u64, T)>, Error> {
        let uri = |key: &Key| self.store.uri().of(key);
        let numbers = self.numbers()?;
        let mut expected = 1;
        for number in &numbers {
            for missing in expected..*number {
                report.find(uri(&self.key(missing)), "the log has lost this entry", remedy);
            }
            expected = number + 1;
        }
        let (_, folders) = store::list_all(&*self.store, ListRequest::children(&self.folder))?;
        for folder in folders {
            report.find(uri(&folder), "expected a file, found a folder", "move it away");
        }
        let read = side_by_side(&numbers, |number| {
            Ok(Some((*number, found(json::read_strictly(&*self.store, &self.key(*number)))?)))
        })?;
        let mut entries = Vec::new();
        for (number, read) in read {
            match read {
                Ok(Some(entry)) => entries.push((number, entry)),
                Ok(None) => {}
                Err(error) => report.find(uri(&self.key(number)), error, remedy),
            }
        }
        Ok(entries)
    }

    /// The URI of an entry.
    pub(crate) fn uri_of(&self, number: u64) -> String {
        self.store.uri().of(&self.key(number))
    }

    fn numbers(&self) -> Result<Vec<u64>, Error> {
        let (objects, _) = store::list_all(&*self.store, ListRequest::children(&self.folder))?;
        Ok(objects.iter().filter_map(|object| number_of(object.key.name())).collect())
    }

    fn key(&self, number: u64) -> Key {
        self.folder.child(format_args!("{number:0WIDTH$}.json"))
    }
}

/// The number of an entry's name; none for what is not an entry.
fn number_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".json")?;
    let is_entry = digits.len() == WIDTH && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| is_entry)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::{Body, MemoryStore};

    #[test]
    fn entries_have_numbers_and_a_number_has_one_entry() {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new("s"));
        let log = Log::new(Arc::clone(&store), Key::constant("log"));
        assert_eq!((log.last_number().unwrap(), log.last::<String>().unwrap()), (0, None));
        assert!(log.add(1, &"one".to_owned()).unwrap());
        assert!(!log.add(1, &"other".to_owned()).unwrap());
        assert!(log.add(1, &"one".to_owned()).unwrap(), "our own, sent twice");
        assert!(log.add(2, &"two".to_owned()).unwrap());
        for name in ["log/notes.txt", "log/3.json", "log/000000000x.json"] {
            let body = Body::Bytes(Bytes::from_static(b"{"));
            store.put(&Key::constant(name), &body, &Precondition::None).unwrap();
        }
        assert_eq!(log.all::<String>().unwrap(), ["one", "two"]);
        assert_eq!(log.last::<String>().unwrap().as_deref(), Some("two"));
    }
}
