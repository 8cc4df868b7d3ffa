//! Which versions of a series there are, and which of them is meant.

use std::sync::Arc;

use super::{Committed, MANIFEST, Series};
use crate::{Error, Manifest, Version, VersionKey, parallel::side_by_side, store};

/// The versions of a series.
#[derive(Debug, Default)]
pub struct Listed {
    /// The committed ones, by number.
    pub versions: Vec<Committed>,
    /// Those whose manifest cannot be understood, each with what is wrong.
    pub unreadable: Vec<(Version, Error)>,
}

/// What was selected of the readable versions, and what could take no part.
struct Selected {
    chosen: Option<Committed>,
    unreadable: Vec<(Version, Error)>,
}

impl Series {
    /// The committed version that a key names.
    ///
    /// # Errors
    /// As [`Series::get`].
    pub fn find(&self, key: &VersionKey) -> Result<Option<Committed>, Error> {
        let Some((Some(binding), _)) = self.binding_of(key)? else { return Ok(None) };
        let committed = self.get_committed(binding.version)?;
        Ok(committed.filter(|committed| committed.manifest().key == *key))
    }

    /// A committed version.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it has no manifest; [`Error::Malformed`] and
    /// [`Error::UnsupportedFormat`] for a manifest that cannot be read; that the store failed.
    pub fn get(&self, version: Version) -> Result<Committed, Error> {
        let what = || format!("{} ({} {version})", self.version_uri(version), self.name);
        self.get_committed(version)?.ok_or_else(|| Error::NotFound { what: what() })
    }

    /// The live version, which may have been made by another system: then it has no manifest.
    ///
    /// # Errors
    /// [`Error::Foreign`]; else as [`Series::get`].
    pub fn get_live(&self, version: Version) -> Result<Committed, Error> {
        let foreign = || Error::Foreign { what: self.version_uri(version) };
        self.get_committed(version)?.ok_or_else(foreign)
    }

    /// The committed versions, by number.
    ///
    /// # Errors
    /// As [`Series::get`].
    pub fn list(&self) -> Result<Vec<Committed>, Error> {
        side_by_side(&self.numbers()?, |version| self.get_committed(*version))
    }

    /// The committed versions, by number, and those whose manifest cannot be understood, each with
    /// what is wrong.
    ///
    /// # Errors
    /// [`Error::UnsupportedFormat`]; that the store failed.
    pub fn list_all(&self) -> Result<Listed, Error> {
        self.sorted_out(|version| self.get_committed(version))
    }

    fn sorted_out(
        &self,
        read: impl Fn(Version) -> Result<Option<Committed>, Error> + Sync,
    ) -> Result<Listed, Error> {
        let read = side_by_side(&self.numbers()?, |version| match read(*version) {
            Ok(committed) => Ok(committed.map(Ok)),
            Err(error @ Error::Malformed { .. }) => Ok(Some(Err((*version, error)))),
            Err(error) => Err(error),
        })?;
        let mut listed = Listed::default();
        for read in read {
            match read {
                Ok(committed) => listed.versions.push(committed),
                Err(error) => listed.unreadable.push(error),
            }
        }
        Ok(listed)
    }

    /// The committed version of the latest logical date; of several, the last made.
    ///
    /// A manifest that cannot be understood takes part in no selection ([`Series::list_all`] names
    /// it), but of this one it is an error where it may be the newest.
    ///
    /// This and the selectors below read each manifest once for all handles of the series that a
    /// [`crate::Lake`] gives, and then, of what they select, again: it may have been pruned.
    ///
    /// # Errors
    /// As [`Series::get`].
    pub fn newest(&self) -> Result<Option<Committed>, Error> {
        let Selected { chosen: newest, unreadable } = self.select(|all| all.max_by(by_date))?;
        // One of a higher number may be the newest: to take an older one for it would be wrong.
        let newer = |(version, _): &(Version, Error)| {
            newest.as_ref().is_none_or(|newest| *version > newest.version())
        };
        match unreadable.into_iter().find(newer) {
            Some((_, error)) => Err(error),
            None => Ok(newest),
        }
    }

    /// The committed version of the earliest logical date; of several, the first made.
    ///
    /// # Errors
    /// As [`Series::get`].
    pub fn oldest(&self) -> Result<Option<Committed>, Error> {
        Ok(self.select(|versions| versions.min_by(by_date))?.chosen)
    }

    /// The committed version before `version` of this series, by logical date and, of one date, by
    /// number.
    ///
    /// # Errors
    /// As [`Series::get`].
    pub fn before(&self, version: &Committed) -> Result<Option<Committed>, Error> {
        self.newest_where(|c| by_date(c, version).is_lt())
    }

    /// The newest of the committed versions of which `holds` is true.
    ///
    /// # Errors
    /// As [`Series::get`].
    pub fn newest_where(
        &self,
        holds: impl Fn(&Committed) -> bool,
    ) -> Result<Option<Committed>, Error> {
        Ok(self.select(|versions| versions.filter(&holds).max_by(by_date))?.chosen)
    }

    /// The version that `choose` takes of those whose manifests are known, once it still is what it
    /// was: backfills put dates out of the order of numbers, so all manifests must be looked at,
    /// but only the chosen one must be read for it.
    fn select(
        &self,
        choose: impl Fn(&mut dyn Iterator<Item = Committed>) -> Option<Committed>,
    ) -> Result<Selected, Error> {
        loop {
            let Listed { versions, unreadable } =
                self.sorted_out(|version| self.known_or_read(version))?;
            let Some(chosen) = choose(&mut versions.into_iter()) else {
                return Ok(Selected { chosen: None, unreadable });
            };
            // What has changed since is known now, so that the next turn chooses among the rest.
            match self.get_committed(chosen.version()) {
                Ok(Some(read)) if read.manifest() == chosen.manifest() => {
                    return Ok(Selected { chosen: Some(read), unreadable });
                }
                Ok(_) | Err(Error::Malformed { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn known_or_read(&self, version: Version) -> Result<Option<Committed>, Error> {
        let known = self.known.lock().get(&version).cloned();
        match known {
            Some(manifest) => Ok(Some(Committed::new(self.clone(), manifest))),
            None => self.get_committed(version),
        }
    }

    /// A committed version; none when there is none of that number (any more).
    ///
    /// # Errors
    /// As [`Series::get`].
    pub fn find_version(&self, version: Version) -> Result<Option<Committed>, Error> {
        self.get_committed(version)
    }

    pub(super) fn get_committed(&self, version: Version) -> Result<Option<Committed>, Error> {
        let read = self.manifest(version).inspect_err(|_| drop(self.known.lock().remove(&version)));
        let Some(manifest) = read? else {
            self.known.lock().remove(&version);
            return Ok(None);
        };
        let manifest = Arc::new(manifest);
        self.known.lock().insert(version, Arc::clone(&manifest));
        Ok(Some(Committed::new(self.clone(), manifest)))
    }

    pub(super) fn manifest(&self, version: Version) -> Result<Option<Manifest>, Error> {
        let key = self.folder(version).child(MANIFEST);
        let Some((json, _)) = store::read(&*self.store, &key)? else { return Ok(None) };
        let what = self.store.uri().of(&key);
        let malformed = |reason: String| Error::Malformed {
            what: what.clone(),
            reason: format!("{reason}; {}", self.remedy(version)),
        };
        let manifest = Manifest::from_json(&what, &json).map_err(|error| match error {
            Error::Malformed { reason, .. } => malformed(reason),
            error => error,
        })?;
        if manifest.version != version {
            return Err(malformed(format!(
                "expected version {version}, found {}",
                manifest.version
            )));
        }
        Ok(Some(manifest))
    }
}

pub(crate) fn by_date(a: &Committed, b: &Committed) -> std::cmp::Ordering {
    let key = |c: &Committed| (c.manifest().logical_date.clone(), c.version());
    key(a).cmp(&key(b))
}
