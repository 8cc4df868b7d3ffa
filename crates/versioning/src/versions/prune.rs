//! Forgetting old versions, and the claims of runs that never came to an end.

use std::collections::BTreeSet;

use super::{Committed, MANIFEST, Series, claim::ClaimRecord};
use crate::{ETag, Error, ListRequest, Timestamp, Version, store};

/// What is kept. The live version, its rollback target and the highest number are kept besides,
/// whatever the policy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The newest versions by logical date that are kept.
    pub keep_last: usize,
    /// Versions made in the last so many days are kept.
    pub keep_days: u32,
    /// Of the features, the last version of each of so many months is kept, the newest months of
    /// which there is one, to compare with. Only [`crate::Lake::prune_day`] heeds it.
    pub keep_months: usize,
    /// A run that began so many days ago is taken for dead: its claim is given up, and nothing
    /// younger is removed. Longer than any run lasts.
    pub abandon_days: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self { keep_last: 30, keep_days: 30, keep_months: 13, abandon_days: 7 }
    }
}

/// What was removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Versions.
    pub versions: Vec<Version>,
    /// Claims, with the files that their runs had stored.
    pub claims: Vec<Version>,
}

/// Whether something is removed, or only found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PruneMode {
    Real,
    Dry,
}

impl Series {
    /// Removes old versions, and claims given up. A version vanishes at once, with its manifest;
    /// its files follow, those of an interrupted pruning at the next one.
    ///
    /// # Errors
    /// As [`Series::get`].
    pub fn prune(&self, policy: &Policy, now: Timestamp) -> Result<Pruned, Error> {
        let versions = self.list()?;
        let mut sorted: Vec<_> = versions.iter().collect();
        sorted.sort_by(|a, b| super::by_date(a, b));
        let old = sorted.len().saturating_sub(policy.keep_last);
        let kept: BTreeSet<Version> = sorted[old..].iter().map(|c| c.version()).collect();
        self.prune_but(&versions, &kept, policy, now, PruneMode::Real)
    }

    /// Removes those of all `versions` that are not `kept`, were made before the days that the
    /// policy keeps, and are not needed; and claims given up.
    pub(crate) fn prune_but(
        &self,
        versions: &[Committed],
        kept: &BTreeSet<Version>,
        policy: &Policy,
        now: Timestamp,
        run: PruneMode,
    ) -> Result<Pruned, Error> {
        let mut pruned = Pruned::default();
        let existing: BTreeSet<Version> = versions.iter().map(Committed::version).collect();
        // The highest number stays, and with it all numbers below are never given again.
        let Some(&highest) = existing.last() else { return Ok(pruned) };
        let recent = now.days_before(policy.keep_days.max(policy.abandon_days));
        for committed in versions {
            let version = committed.version();
            if version != highest
                && !kept.contains(&version)
                && committed.manifest().created_at < recent
                && self.remove_version(version, recent, run)?
            {
                pruned.versions.push(version);
            }
        }
        let abandoned = now.days_before(policy.abandon_days);
        for version in self.numbers()? {
            if version < highest
                && !existing.contains(&version)
                && self.remove_claim(version, abandoned, run)?
            {
                pruned.claims.push(version);
            }
        }
        pruned.versions.sort_unstable();
        Ok(pruned)
    }

    /// Removes a version, unless it is live or the rollback target, or was put live lately. Its
    /// claim is given up first: from then on it can neither be put live nor made again.
    fn remove_version(
        &self,
        version: Version,
        recent: Timestamp,
        run: PruneMode,
    ) -> Result<bool, Error> {
        let Some((claim, etag)) = self.old_claim(version, recent)? else { return Ok(false) };
        if self.is_needed(version)? {
            return Ok(false);
        }
        if run == PruneMode::Dry {
            return Ok(true);
        }
        if !self.give_up(version, claim, etag)? {
            return Ok(false);
        }
        self.store.delete(&self.folder(version).child(MANIFEST))?;
        self.remove_files(version)?;
        Ok(true)
    }

    /// The claim of a number, when it is older than `before`.
    fn old_claim(
        &self,
        version: Version,
        before: Timestamp,
    ) -> Result<Option<(ClaimRecord, ETag)>, Error> {
        let claim = self.read_json::<ClaimRecord>(&self.claim_key(version))?;
        Ok(claim.filter(|(claim, _)| claim.at < before))
    }

    fn is_needed(&self, version: Version) -> Result<bool, Error> {
        Ok(self.live()? == Some(version) || self.rollback_target()? == Some(version))
    }

    /// Removes a number without a version, once it is so old that nobody works on it any more.
    fn remove_claim(
        &self,
        version: Version,
        abandoned: Timestamp,
        run: PruneMode,
    ) -> Result<bool, Error> {
        // A folder without a claim is none of ours: the Python system left some.
        let Some((claim, etag)) = self.old_claim(version, abandoned)? else { return Ok(false) };
        if run == PruneMode::Dry {
            return Ok(true);
        }
        // Taken up again this moment, it stays.
        if !self.give_up(version, claim, etag)? {
            return Ok(false);
        }
        if self.is_committed(version)? {
            return Ok(false);
        }
        self.remove_files(version)?;
        Ok(true)
    }

    /// Removes all files of a number, the claim last: while it stands, an interrupted removal can
    /// be told from a folder that is none of ours.
    fn remove_files(&self, version: Version) -> Result<(), Error> {
        let folder = self.folder(version);
        let claim = self.claim_key(version);
        let (objects, _) = store::list_all(&*self.store, ListRequest::below(&folder))?;
        for object in objects.iter().filter(|o| o.key != claim) {
            self.store.delete(&object.key)?;
        }
        self.store.delete(&claim)
    }
}
