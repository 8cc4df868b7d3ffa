//! Taking a version out that nobody can use any more: one of its files is damaged, say.

use serde::{Deserialize, Serialize};

use super::{ClaimRecord, MANIFEST, Series};
use crate::{
    Error, KeyBuilder, ListRequest, Precondition, Timestamp, Version, VersionKey, json,
    retry::Attempts, store,
};

/// Where it is noted which versions were taken out.
pub(crate) const RETIRED: &str = "_retired";

/// A version that was taken out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retired {
    /// Its number.
    pub version: Version,
    /// When.
    pub at: Timestamp,
    /// Who took it out.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl Series {
    /// Takes a version out: its manifest and files are removed, whether or not they can be read,
    /// and no key names it any more, so that what it was made from can be made anew. Its number is
    /// never given again while it is the highest. The note stays.
    ///
    /// Killed in the middle, the same call goes on.
    ///
    /// # Errors
    /// [`Error::StillLive`]; [`Error::NotFound`] when nothing of it is there; that the store failed.
    pub fn retire(&self, retired: &Retired) -> Result<(), Error> {
        let version = retired.version;
        let folder = self.folder(version);
        let (objects, _) = store::list_all(&*self.store, ListRequest::below(&folder))?;
        if objects.is_empty() {
            let what = format!("{} ({} {version})", self.version_uri(version), self.name);
            return Err(Error::NotFound { what });
        }
        self.not_live(version)?;
        self.put_record(RETIRED, &version.to_string(), retired)?;
        self.give_up_whatever(version, retired)?;
        // From here on it cannot be put live; it may have been just before.
        self.not_live(version)?;
        self.store.delete(&folder.child(MANIFEST))?;
        let claim = self.claim_key(version);
        for object in objects.iter().filter(|object| object.key != claim) {
            self.store.delete(&object.key)?;
        }
        for key in self.keys_of(version)? {
            self.store.delete(&self.binding(&key))?;
        }
        Ok(())
    }

    /// The versions that were taken out, by number.
    ///
    /// # Errors
    /// [`Error::Malformed`]; that the store failed.
    pub fn retired(&self) -> Result<Vec<Retired>, Error> {
        let folder = self.prefix.child(RETIRED);
        let (objects, _) = store::list_all(&*self.store, ListRequest::children(&folder))?;
        let mut all = Vec::new();
        for object in objects {
            all.extend(json::read::<Retired>(&*self.store, &object.key)?.map(|(note, _)| note));
        }
        all.sort_by_key(|retired| retired.version);
        Ok(all)
    }

    fn not_live(&self, version: Version) -> Result<(), Error> {
        if self.live()? != Some(version) {
            return Ok(());
        }
        Err(Error::StillLive { what: format!("{} {version}", self.name) })
    }

    /// Gives up the claim of a number, one that is lost or cannot be read too: the claim that is
    /// left keeps the number from being given again.
    fn give_up_whatever(&self, version: Version, retired: &Retired) -> Result<(), Error> {
        let key = self.claim_key(version);
        let mut attempts = Attempts::at(self.uri());
        loop {
            let found = store::read(&*self.store, &key)?;
            let claim = found.as_ref().and_then(|(json, _)| serde_json::from_slice(json).ok());
            let claim: ClaimRecord = match claim {
                Some(claim) => claim,
                None => ClaimRecord {
                    key: self.key_for(version)?,
                    owner: retired.by.clone(),
                    at: retired.at,
                    given_up: false,
                },
            };
            if claim.given_up {
                return Ok(());
            }
            let condition = match found {
                Some((_, etag)) => Precondition::IfMatch(etag),
                None => Precondition::IfAbsent,
            };
            if self.write_json(&key, &ClaimRecord { given_up: true, ..claim }, &condition)? {
                return Ok(());
            }
            attempts.again()?;
        }
    }

    /// The key of a number whose claim does not tell it; where nothing does, one that no inputs
    /// have.
    fn key_for(&self, version: Version) -> Result<VersionKey, Error> {
        let unknown = || KeyBuilder::new(&self.name, RETIRED, &serde_json::json!(version)).finish();
        Ok(self.keys_of(version)?.pop().unwrap_or_else(unknown))
    }

    /// The keys that are bound to a version.
    fn keys_of(&self, version: Version) -> Result<Vec<VersionKey>, Error> {
        let folder = self.prefix.child("_keys");
        let (objects, _) = store::list_all(&*self.store, ListRequest::children(&folder))?;
        let mut keys = Vec::new();
        for key in objects.iter().filter_map(|object| object.key.name().parse().ok()) {
            if let Some((Some(binding), _)) = self.binding_of(&key)?
                && binding.version == version
            {
                keys.push(key);
            }
        }
        Ok(keys)
    }
}
