//! Releases: which versions are live together.
//!
//! ```text
//! release.json                  the live release: its number, versions and lines; the decision
//! releases/0000000007.json      every release that a day or a person made, refused ones too
//! ```
//!
//! Readers that came first follow four `latest.txt`, which cannot move in one step. So a release is
//! published in three:
//!
//! 1. its entry is added to the log, under the next number;
//! 2. `release.json` is moved to it by compare-and-swap, from the release that it was decided
//!    against: this is the decision, and it is one write;
//! 3. it is carried out: each `latest.txt` that does not hold the release's lines is moved, models
//!    before features, through the promotion log of its series.
//!
//! Who is killed before the second step has published nothing, and the entry is no more than a
//! note. Who is killed after it has published all of it: [`Releases::complete`], which every command
//! that writes calls when it opens a lake, carries out what is left, and [`Releases::pending`] says
//! what that is.
//!
//! Which entries were ever live shows without a further write: each names the release that it came
//! in the place of (`from`), so they are the chain that leads back from `release.json`. Numbers in
//! it only fall, because a release takes its number after it has seen the one before it.
//!
//! **Why a slow process undoes nothing.** A process that carries out release 7 may be stopped, and
//! go on when 8 has been carried out. Before it adds an entry to the promotion log of a series, it
//! reads the end of that log, then `release.json`, and adds the entry under the next number, which
//! must be free. Say it has read 7 there. Then 8 was decided later, so that whatever 8 adds to the log of that series comes after the end
//! that was read: either 8 comes first, the number is taken, and the process reads `release.json`
//! again and finds 8; or it comes first itself, and 8's entry stands after its own and wins. One case
//! is left: 8 has found its own lines in `latest.txt` already, and adds nothing, just before 7's late
//! entry. Therefore whoever carries out a release reads `release.json` again after the last move,
//! and carries out the one that it finds there. Killed even between these two, it leaves a pending
//! move like any other, which the next command completes.

mod carry;
mod record;
mod repair;
mod rollback;
mod verify;
use std::sync::Arc;

pub use carry::{Completed, Moved, Pending};
pub use record::{LiveRelease, Member, Members, Release, ReleaseDraft, ReleaseKind};
pub(crate) use verify::ReleasedLines;

use crate::{
    Artefact, ETag, Error, Key, Lake, Precondition, Timestamp, Version, json, log::Log,
    retry::Attempts,
};

/// The releases of a lake.
#[derive(Clone, Debug)]
pub struct Releases {
    lake: Lake,
}

impl Lake {
    /// Its releases: which versions are live together.
    #[must_use]
    pub fn releases(&self) -> Releases {
        Releases { lake: self.clone() }
    }
}

impl Releases {
    /// Makes a release, decides on it and carries it out.
    ///
    /// # Errors
    /// [`Error::NotFound`] or [`Error::InvalidLatest`] when a version is not there with its lines;
    /// [`Error::PreconditionFailed`] when another than the draft's `from` is live by now:
    /// nothing has moved, and the decision must be taken anew; [`Error::NotCarriedOut`] when it is
    /// live, but not all `latest.txt` could be moved; [`Error::Contended`]; that the store failed.
    pub fn publish(&self, draft: ReleaseDraft) -> Result<Release, Error> {
        self.make_live(draft, None)
    }

    /// Notes a decision by which nothing moves: an entry in the log, never live.
    ///
    /// # Errors
    /// [`Error::Contended`]; that the store failed.
    pub fn note(&self, draft: ReleaseDraft) -> Result<Release, Error> {
        self.add(draft, None, Members::new())
    }

    /// Puts one version live beside those that are live already, as a release of its own.
    ///
    /// # Errors
    /// As [`Releases::publish`].
    pub fn promote(
        &self,
        artefact: Artefact,
        version: Version,
        lines: &[String],
        now: Timestamp,
        by: &str,
    ) -> Result<Release, Error> {
        let live = self.live()?;
        let mut versions = self.served()?;
        versions.insert(artefact, Member { version, lines: lines.to_vec(), carried: false });
        let logical_date = live.as_ref().map_or_else(|| now.day(), |l| l.logical_date.clone());
        self.publish(ReleaseDraft {
            kind: ReleaseKind::Promote,
            versions,
            from: live.map(|live| live.number),
            logical_date,
            execution: by.to_owned(),
            at: now,
            by: by.to_owned(),
            reason: Some(format!("{} {version} was put live by hand", artefact.name())),
            decision: serde_json::Value::Null,
            withheld: Members::new(),
        })
    }

    /// The live release: what `release.json` says. None in a lake that has none yet.
    ///
    /// # Errors
    /// [`Error::Malformed`]; [`Error::UnsupportedFormat`]; that the store failed.
    pub fn live(&self) -> Result<Option<LiveRelease>, Error> {
        Ok(self.pointer()?.map(|(live, _)| live))
    }

    /// What readers are served, as members to be carried on: the versions of the live release, or,
    /// without one, those that each `latest.txt` names, with its lines as they are.
    ///
    /// # Errors
    /// As [`Releases::live`]; [`Error::Malformed`] for a `latest.txt` that names no version.
    pub fn served(&self) -> Result<Members, Error> {
        let mut members = match self.live()? {
            Some(live) => live.versions,
            None => self.named_by_latest()?,
        };
        members.values_mut().for_each(|member| member.carried = true);
        Ok(members)
    }

    /// A release; none when there is none of that number.
    ///
    /// # Errors
    /// As [`Releases::list`].
    pub fn get(&self, number: u64) -> Result<Option<Release>, Error> {
        self.log().get::<Release>(number)?.map(|release| self.readable(release)).transpose()
    }

    /// All releases, live or not, by number.
    ///
    /// # Errors
    /// [`Error::Malformed`]; [`Error::UnsupportedFormat`]; that the store failed.
    pub fn list(&self) -> Result<Vec<Release>, Error> {
        let all = self.log().all::<Release>()?;
        all.into_iter().map(|release| self.readable(release)).collect()
    }

    /// The release of the highest number, live or not.
    ///
    /// # Errors
    /// As [`Releases::list`].
    pub fn newest(&self) -> Result<Option<Release>, Error> {
        self.log().last::<Release>()?.map(|release| self.readable(release)).transpose()
    }

    /// The releases that were live, from the first to the live one.
    ///
    /// # Errors
    /// As [`Releases::list`].
    pub fn published(&self) -> Result<Vec<Release>, Error> {
        let mut next = self.live()?.map(|live| live.number);
        let mut published = self.list()?;
        published.reverse();
        published.retain(|release| {
            let was_live = next == Some(release.number);
            if was_live {
                next = release.from;
            }
            was_live
        });
        published.reverse();
        Ok(published)
    }

    /// The release that was live at a time; none before the first. The order of the log counts, not
    /// the clocks of those who wrote it: a release dated before the one that it followed was live no
    /// earlier than that.
    ///
    /// # Errors
    /// As [`Releases::list`].
    pub fn live_at(&self, time: Timestamp) -> Result<Option<Release>, Error> {
        let mut since = Timestamp::default();
        let mut live = None;
        for release in self.published()? {
            since = since.max(release.at);
            if since <= time {
                live = Some(release);
            }
        }
        Ok(live)
    }

    /// Checks the versions, adds the entry, decides and carries out.
    fn make_live(&self, draft: ReleaseDraft, restores: Option<u64>) -> Result<Release, Error> {
        let (now, by) = (draft.at, draft.by.clone());
        for (artefact, member) in &draft.versions {
            let series = self.lake.series(*artefact);
            series.hold(member.version, now)?;
            match member.lines.is_empty() {
                true => drop(series.get(member.version)?),
                false => series.check_lines(member.version, &member.lines)?,
            }
        }
        let pointer = self.pointer()?;
        let seen = pointer.as_ref().map(|(live, _)| live.number);
        let what = self.uri();
        if seen != draft.from {
            return Err(Error::PreconditionFailed { what });
        }
        let before = match pointer {
            Some(_) => Members::new(),
            None => self.named_by_latest_or_nothing()?,
        };
        let release = self.add(draft, restores, before)?;
        let condition = match pointer {
            Some((_, etag)) => Precondition::IfMatch(etag),
            None => Precondition::IfAbsent,
        };
        let pointer = release.pointer();
        let store = self.lake.data();
        if !json::write(&**store, &pointer_key(), &pointer, &condition)?
            // Ours is there already when the answer to our put was lost and it was sent again.
            && self.live()?.as_ref() != Some(&pointer)
        {
            return Err(Error::PreconditionFailed { what });
        }
        self.carry_out(pointer, now, &by)?;
        Ok(release)
    }

    /// Adds an entry under the next number.
    fn add(
        &self,
        draft: ReleaseDraft,
        restores: Option<u64>,
        before: Members,
    ) -> Result<Release, Error> {
        let ReleaseDraft {
            kind,
            versions,
            from,
            logical_date,
            execution,
            at,
            by,
            reason,
            decision,
            withheld,
        } = draft;
        let mut release = Release {
            format: Release::FORMAT,
            number: 0,
            kind,
            versions,
            from,
            restores,
            before,
            logical_date,
            execution,
            at,
            by,
            reason,
            decision,
            withheld,
        };
        let log = self.log();
        let mut attempts = Attempts::at(self.uri());
        loop {
            // Above the live one too, should the log have lost its end: numbers only grow.
            release.number = log.last_number()?.max(from.unwrap_or(0)) + 1;
            if log.add(release.number, &release)? {
                return Ok(release);
            }
            attempts.again()?;
        }
    }

    /// What each `latest.txt` names.
    fn named_by_latest(&self) -> Result<Members, Error> {
        let mut members = Members::new();
        for artefact in Artefact::PUBLISHED {
            let series = self.lake.series(artefact);
            if let Some(version) = series.live()? {
                let lines = series.live_lines()?;
                members.insert(artefact, Member { version, lines, carried: true });
            }
        }
        Ok(members)
    }

    /// As [`Releases::named_by_latest`], without what cannot be understood: the first release
    /// replaces it, and nobody can go back to it.
    fn named_by_latest_or_nothing(&self) -> Result<Members, Error> {
        match self.named_by_latest() {
            Err(Error::Malformed { .. }) => Ok(Members::new()),
            members => members,
        }
    }

    fn pointer(&self) -> Result<Option<(LiveRelease, ETag)>, Error> {
        let found = json::read::<LiveRelease>(&**self.lake.data(), &pointer_key())?;
        if let Some((live, _)) = &found {
            self.check_format(live.format)?;
        }
        Ok(found)
    }

    fn readable(&self, release: Release) -> Result<Release, Error> {
        self.check_format(release.format)?;
        Ok(release)
    }

    fn check_format(&self, found: u32) -> Result<(), Error> {
        let supported = Release::FORMAT;
        if (1..=supported).contains(&found) {
            return Ok(());
        }
        Err(Error::UnsupportedFormat { what: self.uri(), found, supported })
    }

    fn log(&self) -> Log {
        Log::new(Arc::clone(self.lake.data()), Key::constant("releases"))
    }

    /// The URI of `release.json`.
    fn uri(&self) -> String {
        self.lake.data().uri().of(&pointer_key())
    }
}

fn pointer_key() -> Key {
    Key::constant("release.json")
}
