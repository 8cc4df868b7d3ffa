//! Putting the bookkeeping of a series right where what it says is known from elsewhere.

use super::{ClaimRecord, Series};
use crate::{Error, Key, Precondition, Timestamp, digest::sha256, finding::found, json, store};

impl Series {
    /// Rewrites bindings and claims that are lost or cannot be read, from the manifests; a binding
    /// that no manifest knows of is removed. A binding without the hash of its manifest gets it.
    /// Gives what was done.
    pub(crate) fn repair_bookkeeping(
        &self,
        now: Timestamp,
        done: &mut Vec<String>,
    ) -> Result<(), Error> {
        let uri = |key: &Key| self.store.uri().of(key);
        let before = self.bindings()?;
        for (key, _) in &before.broken {
            if self.store.head(key)?.is_some() {
                self.store.delete(key)?;
                done.push(format!("{}: it could not be read, and is removed", uri(key)));
            }
        }
        for committed in self.list_all()?.versions {
            let (version, manifest) = (committed.version(), committed.manifest());
            let key = self.binding(&manifest.key);
            let bound = before.by_key.get(&manifest.key);
            let ours = bound.is_none_or(|binding| binding.version == version);
            let sealed = bound.is_some_and(|binding| binding.manifest.is_some());
            // A folder in its place is not ours to remove.
            let is_free = bound.is_some() || !self.is_a_folder(&key)?;
            if ours && !sealed && is_free {
                let json = store::read(&*self.store, &self.folder(version).child(super::MANIFEST))?;
                if let Some((json, _)) = json {
                    self.seal(&manifest.key, version, &sha256(&json))?;
                    done.push(format!("{}: written from {version}'s manifest", uri(&key)));
                }
            }
            self.repair_claim(&committed, now, done)?;
        }
        Ok(())
    }

    fn repair_claim(
        &self,
        committed: &super::Committed,
        now: Timestamp,
        done: &mut Vec<String>,
    ) -> Result<(), Error> {
        let key = self.claim_key(committed.version());
        let read = found(json::read_strictly::<ClaimRecord>(&*self.store, &key))?;
        if matches!(read, Ok(Some(_))) || self.is_a_folder(&key)? {
            return Ok(());
        }
        let condition = match store::read(&*self.store, &key)? {
            Some((_, etag)) => Precondition::IfMatch(etag),
            None => Precondition::IfAbsent,
        };
        let (of, owner) = (committed.manifest().key.clone(), &committed.manifest().execution);
        let claim = ClaimRecord { key: of, owner: owner.clone(), at: now, given_up: false };
        if self.write_json(&key, &claim, &condition)? {
            let version = committed.version();
            let uri = self.store.uri().of(&key);
            done.push(format!("{uri}: written from {version}'s manifest"));
        }
        Ok(())
    }

    /// Whether objects lie below a key.
    fn is_a_folder(&self, key: &Key) -> Result<bool, Error> {
        let (objects, folders) = store::list_all(&*self.store, crate::ListRequest::children(key))?;
        let local = self.store.local_path(key).is_some_and(|path| path.is_dir());
        Ok(local || !objects.is_empty() || !folders.is_empty())
    }

    /// Restores a `latest.txt` that is lost or names nothing from the log; gives what was done.
    pub(crate) fn repair_latest(&self, now: Timestamp) -> Result<Option<String>, Error> {
        let before = self.named_by_latest()?;
        let after = self.settled(now)?;
        let moved = after.filter(|_| before != after);
        let what = self.store.uri().of(&self.latest_key());
        Ok(moved.map(|version| format!("{what}: names {version} again, as the log does")))
    }
}
