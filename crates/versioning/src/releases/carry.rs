//! Carrying a release out: each `latest.txt` comes to hold what the release says.

use super::{LiveRelease, Member, ReleaseKind, Releases};
use crate::{Artefact, Error, PromotionKind, Timestamp, Version, retry::Attempts, versions::Move};

/// Models before features: whoever follows the newest features finds the models made of them.
const ORDER: [Artefact; 6] = [
    Artefact::Processed,
    Artefact::Lsa,
    Artefact::Matching,
    Artefact::Recommend,
    Artefact::Drift,
    Artefact::Features,
];

/// A `latest.txt` that does not hold yet what the live release says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Its series.
    pub artefact: Artefact,
    /// The version that the release has.
    pub expected: Version,
    /// The version that readers find; none when there is none, or it names none.
    pub found: Option<Version>,
}

/// A `latest.txt` that was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Its series.
    pub artefact: Artefact,
    /// The version that readers found before; none when there was none, or it named none.
    pub from: Option<Version>,
    /// The version that they find now.
    pub to: Version,
}

/// What [`Releases::complete`] has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completed {
    /// The number of the release.
    pub release: u64,
    /// What was moved, in this order.
    pub moved: Vec<Moved>,
}

impl Releases {
    /// Carries out what is left of the live release: a process that published it may have been
    /// killed. None when nothing is left. Whoever opens a lake to write calls this first. Many may at
    /// once; what is moved is dated `now`.
    ///
    /// # Errors
    /// [`Error::NotCarriedOut`]; as [`Releases::live`].
    pub fn complete(&self, now: Timestamp, by: &str) -> Result<Option<Completed>, Error> {
        let Some(live) = self.live()? else { return Ok(None) };
        if self.left_of(&live)?.is_empty() {
            return Ok(None);
        }
        self.carry_out(live, now, by).map(Some)
    }

    /// The `latest.txt` that do not hold what the live release says, or, by the log of their series,
    /// are about not to; none without a release.
    ///
    /// # Errors
    /// As [`Releases::live`].
    pub fn pending(&self) -> Result<Vec<Pending>, Error> {
        match self.live()? {
            Some(live) => self.left_of(&live),
            None => Ok(Vec::new()),
        }
    }

    fn left_of(&self, release: &LiveRelease) -> Result<Vec<Pending>, Error> {
        let mut left = Vec::new();
        for (artefact, member) in in_order(release) {
            let series = self.lake.series(artefact);
            if !series.holds(&member.lines)? {
                let (expected, found) = (member.version, series.named_by_latest()?);
                left.push(Pending { artefact, expected, found });
            }
        }
        Ok(left)
    }

    /// Moves each `latest.txt` to what the release says, and, should another be live by then, to what
    /// that one says.
    pub(super) fn carry_out(
        &self,
        release: LiveRelease,
        now: Timestamp,
        by: &str,
    ) -> Result<Completed, Error> {
        let (mut release, mut moved) = (release, Vec::new());
        let mut attempts = Attempts::at(self.uri());
        loop {
            match self.moves(&release, now, by, &mut moved) {
                // Another is live: found at the end of the turn.
                Ok(()) | Err(Error::PreconditionFailed { .. }) => {}
                Err(error) => return Err(self.not_carried_out(&release, error)),
            }
            match self.live() {
                Ok(Some(live)) if live.number != release.number => release = live,
                Ok(_) => return Ok(Completed { release: release.number, moved }),
                Err(error) => return Err(self.not_carried_out(&release, error)),
            }
            if let Err(error) = attempts.again() {
                return Err(self.not_carried_out(&release, error));
            }
        }
    }

    fn moves(
        &self,
        release: &LiveRelease,
        now: Timestamp,
        by: &str,
        moved: &mut Vec<Moved>,
    ) -> Result<(), Error> {
        let kind = match release.kind {
            ReleaseKind::Rollback | ReleaseKind::RollbackOne => PromotionKind::Rollback,
            _ => PromotionKind::Promote,
        };
        let by = format!("release {}: {by}", release.number);
        for (artefact, Member { version, lines, .. }) in in_order(release) {
            let series = self.lake.series(artefact);
            if series.holds(lines)? {
                continue;
            }
            let from = series.named_by_latest()?;
            let promotion = Move { kind, to: *version, lines, now, by: &by };
            let is_live = |_| Ok(self.live()?.is_some_and(|live| live.number == release.number));
            series.put_live(&promotion, is_live)?;
            moved.push(Moved { artefact, from, to: *version });
        }
        Ok(())
    }

    /// The error for a release that is decided and not carried out.
    fn not_carried_out(&self, release: &LiveRelease, error: Error) -> Error {
        let left = self.left_of(release).ok().map(|left| {
            let names: Vec<_> = left.iter().map(|pending| pending.artefact.name()).collect();
            names.join(", ")
        });
        Error::NotCarriedOut {
            release: release.number,
            // The store that failed may fail to say so too.
            left: left.unwrap_or_else(|| "some series".to_owned()),
            source: Box::new(error),
        }
    }
}

/// The members that have a `latest.txt`, in the order in which they are moved.
fn in_order(release: &LiveRelease) -> impl Iterator<Item = (Artefact, &Member)> {
    let member = |artefact| release.versions.get(&artefact).map(|member| (artefact, member));
    ORDER.into_iter().filter_map(member).filter(|(_, member)| !member.lines.is_empty())
}
