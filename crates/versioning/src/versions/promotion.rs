//! What is live: `latest.txt`, and the log of what was put there.
//!
//! A promotion first takes the next number of the log with a conditional create, then moves
//! `latest.txt` by compare-and-swap to what the log's last entry says: the last entry wins whatever
//! the order of the swaps, and whoever finds `latest.txt` behind the log completes it, so that a
//! promoter that is slow or dead holds nobody up.
//!
//! A promoter that dies between the two leaves an entry whose version was never live. It shows:
//! each entry names the version that was live when it was made (`from`), so an entry has taken
//! effect when the one after it comes `from` its version, or, for the last, when `latest.txt`
//! names its version. Whoever completes what another has left first adds an entry in that one's name,
//! so that the log says when readers saw the version, and not when somebody meant to show it.
//!
//! The log is the truth: a `latest.txt` that is lost or cannot be understood is restored from its
//! last entry, and until then that entry says what is live.

use serde::{Deserialize, Serialize};

use super::{
    Series,
    latest::{Latest, lines_of, text_of},
};
use crate::{Body, Error, Precondition, Timestamp, Version, log::Log, retry::Attempts};

/// How often an entry of another is found behind before it is completed: its writer may be about
/// to do it.
const PATIENCE: u32 = 4;

/// Why a version was put live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromotionKind {
    /// It is the new one.
    Promote,
    /// It is an old one, taken back.
    Rollback,
}

/// An entry of the promotion log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    /// Its number in the log, from 1.
    pub number: u64,
    /// Whether it went forward or back.
    pub kind: PromotionKind,
    /// The version that was live when the entry was made.
    pub from: Option<Version>,
    /// The lines of `latest.txt` then, where they are not those of the entry before: a system
    /// before this one may have written them, and a rollback restores them as they were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from_lines: Vec<String>,
    /// The version that it puts live.
    pub to: Version,
    /// The lines of `latest.txt`.
    pub lines: Vec<String>,
    /// When the entry was made.
    pub at: Timestamp,
    /// Who made it: an execution, or a person.
    pub by: String,
}

/// A promotion to be made.
pub(crate) struct Move<'a> {
    pub(crate) kind: PromotionKind,
    pub(crate) to: Version,
    pub(crate) lines: &'a [String],
    pub(crate) now: Timestamp,
    pub(crate) by: &'a str,
}

impl Series {
    /// Puts a version live: `latest.txt` will hold `lines`, each `v<N>/<file>` of that version.
    /// Nothing is done when they are there already. In a lake that has releases
    /// ([`crate::Releases`]), this is theirs to do.
    ///
    /// A version of the Python system has no manifest and no claim; it can be put live with lines
    /// that name files which are there.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the version is not committed; [`Error::InvalidLatest`];
    /// [`Error::Contended`]; that the store failed.
    pub fn promote(
        &self,
        version: Version,
        lines: &[String],
        now: Timestamp,
        by: &str,
    ) -> Result<(), Error> {
        let promotion = Move { kind: PromotionKind::Promote, to: version, lines, now, by };
        self.put_live(&promotion, |_| Ok(true))
    }

    /// As [`Series::promote`], but only in the place of `seen`: what was decided on what was live
    /// then must not stand against what others have put live since.
    ///
    /// # Errors
    /// As [`Series::promote`]; [`Error::PreconditionFailed`] when another is live by now, or about
    /// to be.
    pub fn promote_over(
        &self,
        seen: Option<Version>,
        version: Version,
        lines: &[String],
        now: Timestamp,
        by: &str,
    ) -> Result<(), Error> {
        let promotion = Move { kind: PromotionKind::Promote, to: version, lines, now, by };
        self.put_live(&promotion, |(live, next)| Ok(live == seen && next == seen))
    }

    /// The live version, after bringing `latest.txt` to what the log says: a promoter that died
    /// may have left it behind. What is completed so is dated `now`.
    ///
    /// # Errors
    /// As [`Series::live`].
    pub fn settled(&self, now: Timestamp) -> Result<Option<Version>, Error> {
        self.settle(None, now)?;
        self.live()
    }

    /// Takes back what is live: puts version `to` live, or, by default, the one that was live
    /// before the live one was promoted.
    ///
    /// # Errors
    /// [`Error::NoRollbackTarget`]; else as [`Series::promote`].
    pub fn rollback(
        &self,
        to: Option<Version>,
        now: Timestamp,
        by: &str,
    ) -> Result<Version, Error> {
        let history = self.log()?;
        let live = self.live()?;
        let none = || Error::NoRollbackTarget { what: self.uri(), live };
        let from = live.ok_or_else(none)?;
        let to = match to {
            Some(version) => version,
            None => self.target(&history, from)?.ok_or_else(none)?,
        };
        // The lines that it was live with, or those of the live one with its number.
        let lines = match lines_with(&history, to) {
            Some(lines) => lines.to_vec(),
            None => {
                let live_lines = self.live_lines()?;
                let files = live_lines.iter().filter_map(|line| self.file_of(from, line));
                files.map(|file| format!("{to}/{file}")).collect()
            }
        };
        let promotion = Move { kind: PromotionKind::Rollback, to, lines: &lines, now, by };
        self.put_live(&promotion, |_| Ok(true))?;
        Ok(to)
    }

    /// The live version: the one that `latest.txt` names; where that is lost or names none, the one
    /// of the log's last entry.
    ///
    /// # Errors
    /// [`Error::Malformed`] when `latest.txt` names none and there is no log; that the store
    /// failed.
    pub fn live(&self) -> Result<Option<Version>, Error> {
        let reason = match self.latest()? {
            Some(Latest { version: Ok(version), .. }) => return Ok(Some(version)),
            Some(Latest { version: Err(reason), .. }) => Some(reason),
            None => None,
        };
        match (self.promotions().last::<Promotion>()?, reason) {
            (Some(last), _) => Ok(Some(last.to)),
            (None, None) => Ok(None),
            (None, Some(reason)) => Err(Error::Malformed {
                what: self.store.uri().of(&self.latest_key()),
                reason: format!(
                    "{reason}, and no log of promotions says what was live; promote a version to \
                     replace it"
                ),
            }),
        }
    }

    /// The lines that stand for the live version: those of `latest.txt`, or, where it is lost or
    /// names none, those of the log's last entry. Empty when nothing is live.
    ///
    /// # Errors
    /// As [`Series::live`].
    pub(crate) fn live_lines(&self) -> Result<Vec<String>, Error> {
        match self.latest()? {
            Some(Latest { version: Ok(_), text, .. }) => Ok(lines_of(&text)),
            _ => Ok(self.promotions().last::<Promotion>()?.map_or_else(Vec::new, |p| p.lines)),
        }
    }

    /// The lines of `latest.txt`, whatever they name; empty when there is none.
    pub(super) fn lines_as_they_are(&self) -> Result<Vec<String>, Error> {
        Ok(self.latest()?.map_or_else(Vec::new, |latest| lines_of(&latest.text)))
    }

    /// Whether `latest.txt` holds `lines` and will go on to: the log has nothing else in mind.
    pub(crate) fn holds(&self, lines: &[String]) -> Result<bool, Error> {
        let last = self.promotions().last::<Promotion>()?;
        Ok(last.is_none_or(|last| last.lines == lines)
            && self.latest()?.is_some_and(|latest| lines_of(&latest.text) == lines))
    }

    /// The version that [`Series::rollback`] would put live.
    ///
    /// # Errors
    /// As [`Series::live`].
    pub fn rollback_target(&self) -> Result<Option<Version>, Error> {
        match self.live()? {
            Some(live) => self.target(&self.log()?, live),
            None => Ok(None),
        }
    }

    /// The promotions that took effect, from the first.
    ///
    /// # Errors
    /// As [`Series::live`].
    pub fn history(&self) -> Result<Vec<Promotion>, Error> {
        let mut log = self.log()?;
        let live = self.live()?;
        let after: Vec<Option<Version>> =
            log.iter().skip(1).map(|next| next.from).chain([live]).collect();
        let mut after = after.into_iter();
        log.retain(|entry| after.next().flatten() == Some(entry.to));
        Ok(log)
    }

    /// The version that was live at a time; none before the first promotion.
    ///
    /// # Errors
    /// As [`Series::live`].
    pub fn live_at(&self, time: Timestamp) -> Result<Option<Version>, Error> {
        // The order of the log counts, not the clocks of those who wrote it: an entry dated before
        // its predecessor took effect no earlier than that.
        let mut since = Timestamp::default();
        let mut live = None;
        for entry in self.history()? {
            since = since.max(entry.at);
            if since <= time {
                live = Some(entry.to);
            }
        }
        Ok(live)
    }

    /// The version before `live`, on the way back through the promotions: after a rollback from
    /// the third to the second, this is the first. One that is pruned is passed over.
    fn target(&self, log: &[Promotion], live: Version) -> Result<Option<Version>, Error> {
        let (mut at, mut end) = (live, log.len());
        loop {
            let made =
                |kind: PromotionKind| log[..end].iter().rposition(|p| p.to == at && p.kind == kind);
            let made = made(PromotionKind::Promote).or_else(|| made(PromotionKind::Rollback));
            let Some(index) = made else { return Ok(None) };
            let Some(from) = log[index].from else { return Ok(None) };
            let lines = lines_with(log, from).unwrap_or_default();
            if from != live && self.is_there(from, lines)? {
                return Ok(Some(from));
            }
            (at, end) = (from, index);
        }
    }

    /// Makes a promotion, where `over` holds of what is live and of what the log says is next. It
    /// is called after the end of the log was read and before the entry takes the number after it:
    /// whatever `over` has seen was so when nothing stood behind that end.
    pub(crate) fn put_live(
        &self,
        promotion: &Move<'_>,
        over: impl Fn((Option<Version>, Option<Version>)) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let Move { kind, to, lines, now, by } = *promotion;
        self.hold(to, now)?;
        self.check_lines(to, lines)?;
        let mut attempts = Attempts::at(self.uri());
        loop {
            let last = self.promotions().last::<Promotion>()?;
            let latest = self.latest()?;
            let settled = last.as_ref().is_none_or(|l| l.lines == lines);
            if settled && latest.as_ref().is_some_and(|l| lines_of(&l.text) == lines) {
                return Ok(());
            }
            let next = last.as_ref().map(|l| l.to);
            let live = latest.as_ref().and_then(|l| l.version.clone().ok()).or(next);
            if !over((live, next.or(live)))? {
                return Err(Error::PreconditionFailed {
                    what: self.store.uri().of(&self.latest_key()),
                });
            }
            let entry = Promotion {
                number: last.as_ref().map_or(0, |l| l.number) + 1,
                kind,
                from: live,
                from_lines: foreign_lines(latest.as_ref(), last.as_ref()),
                to,
                lines: lines.to_vec(),
                at: now,
                by: by.to_owned(),
            };
            if self.promotions().add(entry.number, &entry)? {
                return self.settle(Some(entry), now);
            }
            attempts.again()?;
        }
    }

    /// Keeps pruning from a version from here on; it did not begin before either.
    pub(crate) fn hold(&self, version: Version, now: Timestamp) -> Result<(), Error> {
        if self.refresh(version, now, |_| true)? == Some(false) {
            let what = format!("{} (it is being pruned)", self.version_uri(version));
            return Err(Error::NotFound { what });
        }
        Ok(())
    }

    /// Brings `latest.txt` to what the log's last entry says. `own` is the entry that the caller
    /// has just added.
    fn settle(&self, own: Option<Promotion>, now: Timestamp) -> Result<(), Error> {
        let mut own = own;
        let mut attempts = Attempts::at(self.uri());
        loop {
            // The log after `latest.txt`: a swap that came in between fails, and is seen next time.
            let latest = self.latest()?;
            let Some(last) = self.promotions().last::<Promotion>()? else { return Ok(()) };
            let text = text_of(&last.lines);
            let (live, precondition) = match &latest {
                Some(latest) if latest.text == text => return Ok(()),
                Some(Latest { version, etag, .. }) => {
                    (version.clone().ok(), Precondition::IfMatch(etag.clone()))
                }
                None => (None, Precondition::IfAbsent),
            };
            // Lost, it is restored: what the log's last entry names has been live all the time.
            if live.is_none() || own.as_ref().is_some_and(|own| own.lines == last.lines) {
                match self.store.put(&self.latest_key(), &Body::Bytes(text.into()), &precondition) {
                    Ok(_) | Err(Error::PreconditionFailed { .. }) => {}
                    Err(error) => return Err(error),
                }
            } else if attempts.begun() >= PATIENCE {
                let from_lines = foreign_lines(latest.as_ref(), Some(&last));
                // In the name of who decided it: two releases may be carried out at once, and each
                // moves what the other's entry says.
                let number = last.number + 1;
                let entry = Promotion { number, from: live, from_lines, at: now, ..last };
                if self.promotions().add(number, &entry)? {
                    own = Some(entry);
                }
            }
            attempts.again()?;
        }
    }

    /// Whether a version can be put live with `lines`.
    pub(crate) fn is_there(&self, version: Version, lines: &[String]) -> Result<bool, Error> {
        Ok(self.is_committed(version)? || self.is_foreign(version, lines)?)
    }

    /// Whether a version is none of ours, but of the system that wrote the lake before: it has no
    /// claim, and the files that `lines` name are there.
    pub(super) fn is_foreign(&self, version: Version, lines: &[String]) -> Result<bool, Error> {
        if lines.is_empty() || self.store.head(&self.claim_key(version))?.is_some() {
            return Ok(false);
        }
        for line in lines {
            let Some(file) = self.file_of(version, line) else { return Ok(false) };
            let Ok(key) = self.folder(version).join(file) else { return Ok(false) };
            if self.store.head(&key)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Checks that a version is there with all that `lines` name.
    pub(crate) fn check_lines(&self, version: Version, lines: &[String]) -> Result<(), Error> {
        let Some(committed) = self.get_committed(version)? else {
            return match self.is_foreign(version, lines)? {
                true => Ok(()),
                false => self.get(version).map(drop),
            };
        };
        let what = self.store.uri().of(&self.latest_key());
        let invalid = |line: &str, reason: String| {
            let line = line.escape_debug().to_string();
            Err(Error::InvalidLatest { what: what.clone(), line, reason })
        };
        if lines.is_empty() {
            return invalid("", "expected at least one line: what is live must be named".into());
        }
        for line in lines {
            let file = line.strip_prefix(&format!("{version}/"));
            if file.is_none_or(|file| committed.manifest().output(file).is_none()) {
                return invalid(line, format!("expected {version}/<a file of its manifest>"));
            }
        }
        Ok(())
    }

    /// All entries, effective or not, by number.
    fn log(&self) -> Result<Vec<Promotion>, Error> {
        self.promotions().all()
    }

    pub(super) fn promotions(&self) -> Log {
        Log::new(self.store.clone(), self.prefix.child("_promotions"))
    }
}

/// The lines that a version was last live with, as far as the log knows.
fn lines_with(log: &[Promotion], version: Version) -> Option<&[String]> {
    log.iter().rev().find_map(|entry| match entry {
        Promotion { to, lines, .. } if *to == version => Some(lines.as_slice()),
        Promotion { from, from_lines, .. } if *from == Some(version) && !from_lines.is_empty() => {
            Some(from_lines)
        }
        _ => None,
    })
}

/// The lines of `latest.txt` when they are not those of the log's last entry.
fn foreign_lines(latest: Option<&Latest>, last: Option<&Promotion>) -> Vec<String> {
    let lines = latest.filter(|l| l.version.is_ok()).map_or_else(Vec::new, |l| lines_of(&l.text));
    if last.is_some_and(|last| last.lines == lines) { Vec::new() } else { lines }
}
