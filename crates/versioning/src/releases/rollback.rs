//! Going back to an earlier release.

use super::{Members, Release, ReleaseDraft, ReleaseKind, Releases};
use crate::{Error, Timestamp};

/// A release that can be gone back to.
struct Target {
    /// Its number; none for what was live before the first release.
    number: Option<u64>,
    versions: Members,
    logical_date: Option<String>,
}

impl Releases {
    /// Makes the versions of an earlier release live again, all of them or none, as a release of
    /// its own: those of release `to` (0 for what was live before the first one), or, by default, of
    /// the one before the live one. Releases that were never live and those of which a version was
    /// pruned are passed over; after a rollback from the third to the second, the default is the
    /// first.
    ///
    /// A series that the earlier release does not have stays as it is.
    ///
    /// # Errors
    /// [`Error::NoRelease`] when there is none to go back to; else as [`Releases::publish`].
    pub fn rollback(
        &self,
        to: Option<u64>,
        now: Timestamp,
        by: &str,
        reason: Option<String>,
    ) -> Result<Release, Error> {
        let published = self.published()?;
        let target = match to {
            Some(number) => self.named(&published, number)?,
            None => self.before(&published)?,
        };
        let none = |reason: &str| Error::NoRelease { what: self.uri(), reason: reason.to_owned() };
        let target =
            target.ok_or_else(|| none("no earlier one is whole, so there is no way back"))?;
        let live = published.last().ok_or_else(|| none("nothing was published yet"))?;
        let mut versions = target.versions;
        for (artefact, member) in &live.versions {
            let carried = super::Member { carried: true, ..member.clone() };
            versions.entry(*artefact).or_insert(carried);
        }
        for (artefact, member) in &mut versions {
            let is_live = live.versions.get(artefact).map(|live| live.version);
            member.carried = is_live == Some(member.version);
        }
        let draft = ReleaseDraft {
            kind: ReleaseKind::Rollback,
            versions,
            from: Some(live.number),
            logical_date: target.logical_date.unwrap_or_else(|| live.logical_date.clone()),
            execution: by.to_owned(),
            at: now,
            by: by.to_owned(),
            reason,
            decision: serde_json::Value::Null,
            withheld: Members::new(),
        };
        self.make_live(draft, target.number)
    }

    /// The versions that [`Releases::rollback`] would make live by default.
    ///
    /// # Errors
    /// As [`Releases::list`].
    pub fn rollback_target(&self) -> Result<Option<Members>, Error> {
        Ok(self.before(&self.published()?)?.map(|target| target.versions))
    }

    fn named(&self, published: &[Release], number: u64) -> Result<Option<Target>, Error> {
        let none = |reason: String| Error::NoRelease { what: self.uri(), reason };
        let target = match number {
            0 => published.first().and_then(before_the_first),
            _ => published.iter().find(|release| release.number == number).map(target_of),
        };
        let target = target.ok_or_else(|| none(format!("release {number} was never live")))?;
        match self.is_whole(&target.versions)? {
            true => Ok(Some(target)),
            false => Err(none(format!("a version of release {number} was pruned"))),
        }
    }

    /// The way back leads from a release to the one that it came in the place of, and from a
    /// rollback to the one whose versions it has: its number always falls.
    fn before(&self, published: &[Release]) -> Result<Option<Target>, Error> {
        let Some(live) = published.last() else { return Ok(None) };
        let find = |number: u64| published.iter().find(|release| release.number == number);
        let mut at = live.original().and_then(find);
        while let Some(release) = at {
            let previous = release.from.and_then(find).and_then(Release::original);
            let Some(before) = previous.and_then(find).filter(|b| b.number < release.number) else {
                let first = published.first().and_then(before_the_first);
                return match first {
                    Some(first) if self.is_whole(&first.versions)? => Ok(Some(first)),
                    _ => Ok(None),
                };
            };
            if !live.has(&before.versions) && self.is_whole(&before.versions)? {
                return Ok(Some(target_of(before)));
            }
            at = Some(before);
        }
        Ok(None)
    }

    /// Whether all versions of a set are there.
    fn is_whole(&self, versions: &Members) -> Result<bool, Error> {
        for (artefact, member) in versions {
            if !self.lake.series(*artefact).is_there(member.version, &member.lines)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn target_of(release: &Release) -> Target {
    Target {
        number: release.original(),
        versions: release.versions.clone(),
        logical_date: Some(release.logical_date.clone()),
    }
}

/// What was live before the first release, if anything was.
fn before_the_first(first: &Release) -> Option<Target> {
    let versions = first.before.clone();
    (!versions.is_empty()).then_some(Target { number: None, versions, logical_date: None })
}
