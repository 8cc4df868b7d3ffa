//! What earlier runs have worked out: pieces of bytes by group, which a run may use instead of
//! working the same thing out again.
//!
//! A piece never changes: its name is the SHA-256 of its bytes. Many may add at once; losing a
//! piece costs time, never a result.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    Blob, Body, Error, Key, ListRequest, Precondition, Store, Verified,
    digest::{sha256, sha256_of},
    finding::{REPAIR, found, is_a_file},
    json, store,
};

/// What pruning notes beside the groups.
const NOTE: &str = "_seen.json";

/// Pieces of bytes by group; the default one holds nothing and keeps nothing.
#[derive(Clone, Debug, Default)]
pub struct Memo {
    place: Option<(Arc<dyn Store>, Key)>,
    /// What is to be told of damaged pieces; all clones share it.
    set_aside: Arc<Mutex<Vec<String>>>,
}

/// One piece, its hash verified.
#[derive(Clone, Debug)]
pub struct Piece {
    key: Key,
    /// Its bytes.
    pub blob: Blob,
}

impl Memo {
    /// The memo below `folder` of a store.
    pub(crate) fn new(store: Arc<dyn Store>, folder: Key) -> Self {
        Self { place: Some((store, folder)), set_aside: Arc::default() }
    }

    /// The pieces of a group, in order of name; none when nothing was added. A damaged one is passed
    /// over and, where the store lets it, removed: what it held is worked out again.
    ///
    /// # Errors
    /// [`Error::BadKey`] when `group` can be no part of a key; that the store failed.
    pub fn pieces(&self, group: &str) -> Result<Vec<Piece>, Error> {
        let Some((store, folder)) = &self.place else { return Ok(Vec::new()) };
        let request = ListRequest::children(&folder.join(group)?);
        let (objects, _) = store::list_all(&**store, request)?;
        let mut pieces = Vec::with_capacity(objects.len());
        for object in objects {
            // Another run may have merged it away since the listing.
            match self.piece(&object.key) {
                Ok(piece) => pieces.extend(piece),
                Err(error @ Error::DamagedPiece { .. }) => {
                    let mut said = self.set_aside.lock().unwrap_or_else(PoisonError::into_inner);
                    said.push(error.to_string());
                    // What cannot be removed is passed over the next time too.
                    drop(store.delete(&object.key));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(pieces)
    }

    /// What is to be told of the damaged pieces met since the last call.
    #[must_use]
    pub fn take_set_aside(&self) -> Vec<String> {
        let mut said = self.set_aside.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut said)
    }

    /// Adds a piece to a group; nothing when it is there already.
    ///
    /// # Errors
    /// [`Error::BadKey`]; that the store failed.
    pub fn add(&self, group: &str, bytes: Bytes) -> Result<(), Error> {
        let Some((store, folder)) = &self.place else { return Ok(()) };
        let key = folder.join(group)?.child(sha256(&bytes));
        match store.put(&key, &Body::Bytes(bytes), &Precondition::IfAbsent) {
            Ok(_) | Err(Error::PreconditionFailed { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Puts one piece in the place of several that it holds all of.
    ///
    /// # Errors
    /// As [`Memo::add`].
    pub fn merge(&self, group: &str, pieces: &[Piece], bytes: Bytes) -> Result<(), Error> {
        let merged = sha256(&bytes);
        self.add(group, bytes)?;
        let Some((store, _)) = &self.place else { return Ok(()) };
        let old = pieces.iter().filter(|piece| piece.key.name() != merged);
        old.into_iter().try_for_each(|piece| store.delete(&piece.key))
    }
}

impl Memo {
    /// Looks at every piece.
    pub(crate) fn verify(&self, report: &mut Verified) -> Result<(), Error> {
        for (key, error) in self.damaged()? {
            let Some((store, _)) = &self.place else { return Ok(()) };
            report.find(store.uri().of(&key), error, REPAIR);
        }
        Ok(())
    }

    /// Removes what is damaged; gives what was done.
    pub(crate) fn repair(&self, done: &mut Vec<String>) -> Result<(), Error> {
        for (key, _) in self.damaged()? {
            let Some((store, _)) = &self.place else { return Ok(()) };
            if store.head(&key)?.is_some() {
                store.delete(&key)?;
                let uri = store.uri().of(&key);
                done.push(format!("{uri}: it was damaged, and is removed: it is made again"));
            }
        }
        Ok(())
    }

    /// What is not a piece, and no note of pruning's that can be read.
    fn damaged(&self) -> Result<Vec<(Key, Error)>, Error> {
        let Some((store, folder)) = &self.place else { return Ok(Vec::new()) };
        let malformed = |key: &Key, reason: &str| {
            let (what, reason) = (store.uri().of(key), reason.to_owned());
            (key.clone(), Error::Malformed { what, reason })
        };
        let mut damaged = Vec::new();
        if let Some(file) = is_a_file(&**store, folder)? {
            damaged.push(malformed(&file, "expected a folder, found a file"));
        }
        let (objects, groups) = store::list_all(&**store, ListRequest::children(folder))?;
        for object in objects {
            if object.key.name() != NOTE {
                damaged.push(malformed(&object.key, "expected a folder, found a file"));
            } else if let Err(error) = found(json::read::<Value>(&**store, &object.key))? {
                damaged.push((object.key, error));
            }
        }
        for group in groups.iter().filter(|group| group.name() == NOTE) {
            damaged.push(malformed(group, "expected a file, found a folder: move it away"));
        }
        for group in groups.iter().filter(|group| group.name() != NOTE) {
            let (objects, folders) = store::list_all(&**store, ListRequest::children(group))?;
            for folder in folders {
                let reason = "expected a file, found a folder: move it away";
                damaged.push(malformed(&folder, reason));
            }
            for object in objects {
                if let Err(error) = found(self.piece(&object.key))? {
                    damaged.push((object.key, error));
                }
            }
        }
        Ok(damaged)
    }

    /// The piece at a key, its hash verified; none when there is none.
    fn piece(&self, key: &Key) -> Result<Option<Piece>, Error> {
        let Some((store, _)) = &self.place else { return Ok(None) };
        let blob = match store.get(key, None) {
            Ok(object) => object.body,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let what = store.uri().of(key);
        let found = sha256_of(&blob, &what)?;
        match found == key.name() {
            true => Ok(Some(Piece { key: key.clone(), blob })),
            false => Err(Error::DamagedPiece { what, found }),
        }
    }
}

/// For pruning: groups as a whole.
impl Memo {
    /// The groups that have a piece, each as `<folder>/<group>` below the store.
    pub(crate) fn groups(&self) -> Result<Vec<Key>, Error> {
        let Some((store, folder)) = &self.place else { return Ok(Vec::new()) };
        Ok(store::list_all(&**store, ListRequest::children(folder))?.1)
    }

    /// The names of the pieces of a group.
    pub(crate) fn names(&self, group: &Key) -> Result<BTreeSet<String>, Error> {
        let Some((store, _)) = &self.place else { return Ok(BTreeSet::new()) };
        let (objects, _) = store::list_all(&**store, ListRequest::children(group))?;
        Ok(objects.iter().map(|object| object.key.name().to_owned()).collect())
    }

    /// Removes a group.
    pub(crate) fn remove(&self, group: &Key) -> Result<(), Error> {
        let Some((store, _)) = &self.place else { return Ok(()) };
        let (objects, _) = store::list_all(&**store, ListRequest::below(group))?;
        objects.iter().try_for_each(|object| store.delete(&object.key))
    }

    /// What the last pruning noted. One that cannot be read is none: the days are counted anew.
    pub(crate) fn note<T: DeserializeOwned>(&self) -> Result<Option<T>, Error> {
        let Some((store, folder)) = &self.place else { return Ok(None) };
        match json::read(&**store, &folder.child(NOTE)) {
            Ok(note) => Ok(note.map(|(note, _)| note)),
            Err(Error::Malformed { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn put_note(&self, note: &impl Serialize) -> Result<(), Error> {
        let Some((store, folder)) = &self.place else { return Ok(()) };
        json::write(&**store, &folder.child(NOTE), note, &Precondition::None).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Artefact, Lake, MemoryStore};

    fn texts(memo: &Memo, group: &str) -> Vec<Bytes> {
        let pieces = memo.pieces(group).unwrap();
        pieces.iter().map(|piece| piece.blob.bytes().unwrap()).collect()
    }

    #[test]
    fn pieces_are_kept_by_group_once_each() {
        let memo = Lake::in_memory().memo(Artefact::Recommend);
        assert!(memo.pieces("a").unwrap().is_empty());
        memo.add("a", Bytes::from_static(b"one")).unwrap();
        memo.add("a", Bytes::from_static(b"one")).unwrap();
        memo.add("b", Bytes::from_static(b"two")).unwrap();
        assert_eq!(texts(&memo, "a"), [Bytes::from_static(b"one")]);
        assert_eq!(texts(&memo, "b"), [Bytes::from_static(b"two")]);
    }

    #[test]
    fn a_merged_piece_stands_for_those_that_it_holds() {
        let memo = Lake::in_memory().memo(Artefact::Recommend);
        memo.add("a", Bytes::from_static(b"one")).unwrap();
        memo.add("a", Bytes::from_static(b"two")).unwrap();
        let pieces = memo.pieces("a").unwrap();
        memo.merge("a", &pieces, Bytes::from_static(b"onetwo")).unwrap();
        assert_eq!(texts(&memo, "a"), [Bytes::from_static(b"onetwo")]);
        let pieces = memo.pieces("a").unwrap();
        memo.merge("a", &pieces, Bytes::from_static(b"onetwo")).unwrap();
        assert_eq!(texts(&memo, "a"), [Bytes::from_static(b"onetwo")]);
    }

    #[test]
    fn a_damaged_piece_is_found_and_set_aside() {
        let store = Arc::new(MemoryStore::new("data"));
        let memo = Memo::new(store.clone(), Key::constant("memo"));
        memo.add("a", Bytes::from_static(b"one")).unwrap();
        let key = Key::constant("memo/a").child("0".repeat(64));
        store.put(&key, &Body::Bytes(Bytes::from_static(b"x")), &Precondition::None).unwrap();
        let mut report = Verified::default();
        memo.verify(&mut report).unwrap();
        assert!(matches!(&report.findings[..], [f] if f.what.ends_with(&"0".repeat(64))));
        assert_eq!(texts(&memo, "a"), [Bytes::from_static(b"one")]);
        assert_eq!(store.head(&key).unwrap(), None);
        let said = memo.clone().take_set_aside();
        assert!(matches!(&said[..], [said] if said.contains("memo/a/000")), "{said:?}");
        assert!(memo.take_set_aside().is_empty());
    }

    #[test]
    fn the_default_one_keeps_nothing() {
        let memo = Memo::default();
        memo.add("a", Bytes::from_static(b"one")).unwrap();
        assert!(memo.pieces("a").unwrap().is_empty());
    }
}
