//! What is live: `latest.txt`, and the log of what was put there.
//!
//! A promotion first takes the next number of the log with a conditional create, then moves
//! `latest.txt` by compare-and-swap to what the log's last entry says. Who finds `latest.txt`
//! behind the log after its own entry brings it up, whoever was to do it, so that a promoter that
//! is slow or dead holds nobody up, and the last entry wins whatever the order of the swaps.
//!
//! A promoter that dies between the two leaves an entry whose version was never live. It shows:
//! each entry names the version that was live when it was made (`from`), so an entry has taken
//! effect when the one after it comes `from` its version, or, for the last, when `latest.txt`
//! names its version.

use serde::{Deserialize, Serialize};

use super::{Series, Version, side_by_side};
use crate::{Body, ETag, Error, Key, ListRequest, Precondition, Timestamp, store};

/// How often a swap or a number of the log is tried; each failure means that another succeeded.
const ATTEMPTS: u32 = 1000;

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
    /// The version that it puts live.
    pub to: Version,
    /// The lines of `latest.txt`.
    pub lines: Vec<String>,
    /// When the entry was made.
    pub at: Timestamp,
    /// Who made it: an execution, or a person.
    pub by: String,
}

/// `latest.txt` as it was read.
struct Latest {
    text: String,
    etag: ETag,
    version: Version,
}

impl Series {
    /// Puts a version live: `latest.txt` will hold `lines`, each `v<N>/<file>` of that version.
    /// Nothing is done when they are there already.
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
        self.put_live(PromotionKind::Promote, version, lines, now, by, |_| true)
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
        self.put_live(PromotionKind::Promote, version, lines, now, by, |live| live == seen)
    }

    /// The live version, after bringing `latest.txt` to what the log says: a promoter that died
    /// may have left it behind.
    ///
    /// # Errors
    /// As [`Series::live`].
    pub fn settled(&self) -> Result<Option<Version>, Error> {
        self.settle()?;
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
        let latest = self.latest()?;
        let live = latest.as_ref().map(|l| l.version);
        let none = || Error::NoRollbackTarget { what: self.uri(), live };
        let latest = latest.as_ref().ok_or_else(none)?;
        let to = match to {
            Some(version) => version,
            None => self.target(&history, latest.version)?.ok_or_else(none)?,
        };
        // The lines that it was live with, or those of the live one with its number.
        let logged = history.iter().rev().find(|p| p.to == to).map(|p| p.lines.clone());
        let lines = logged.unwrap_or_else(|| {
            let prefix = format!("{}/", latest.version);
            let files = latest.text.lines().filter_map(|line| line.strip_prefix(&prefix));
            files.map(|file| format!("{to}/{file}")).collect()
        });
        self.put_live(PromotionKind::Rollback, to, &lines, now, by, |_| true)?;
        Ok(to)
    }

    /// The live version: the one that `latest.txt` names.
    ///
    /// # Errors
    /// [`Error::Malformed`] when `latest.txt` names none; that the store failed.
    pub fn live(&self) -> Result<Option<Version>, Error> {
        Ok(self.latest()?.map(|l| l.version))
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
            match log[index].from {
                Some(from) if from != live && self.is_committed(from)? => return Ok(Some(from)),
                Some(from) => (at, end) = (from, index),
                None => return Ok(None),
            }
        }
    }

    fn put_live(
        &self,
        kind: PromotionKind,
        to: Version,
        lines: &[String],
        now: Timestamp,
        by: &str,
        over: impl Fn(Option<Version>) -> bool,
    ) -> Result<(), Error> {
        // From here on pruning leaves the version alone; it did not begin before either.
        if self.refresh(to, now, |_| true)? == Some(false) {
            let what = format!("{} (it is being pruned)", self.version_uri(to));
            return Err(Error::NotFound { what });
        }
        self.check_lines(to, lines)?;
        for _ in 0..ATTEMPTS {
            let last = self.last_entry()?;
            let latest = self.latest()?;
            let settled = last.as_ref().is_none_or(|l| l.to == to);
            if settled && latest.as_ref().is_some_and(|l| l.text == text_of(lines)) {
                return Ok(());
            }
            let live = latest.as_ref().map(|l| l.version);
            let next = last.as_ref().map_or(live, |l| Some(l.to));
            if !over(live) || !over(next) {
                return Err(Error::PreconditionFailed {
                    what: self.store.uri().of(&self.latest_key()),
                });
            }
            let number = last.map_or(0, |l| l.number) + 1;
            let from = latest.map(|l| l.version);
            let lines = lines.to_vec();
            let entry = Promotion { number, kind, from, to, lines, at: now, by: by.to_owned() };
            let key = self.entry_key(number);
            // Ours is there already when the answer to our put was lost and it was sent again.
            let made = self.write_json(&key, &entry, &Precondition::IfAbsent)?;
            if made || self.entry(&key)?.as_ref() == Some(&entry) {
                return self.settle();
            }
        }
        Err(Error::Contended { what: self.uri(), attempts: ATTEMPTS })
    }

    /// Brings `latest.txt` to what the log's last entry says.
    fn settle(&self) -> Result<(), Error> {
        for _ in 0..ATTEMPTS {
            // The log after `latest.txt`: a swap that came in between fails, and is seen next time.
            let latest = self.latest()?;
            let Some(entry) = self.last_entry()? else { return Ok(()) };
            let text = text_of(&entry.lines);
            let precondition = match latest {
                Some(latest) if latest.text == text => return Ok(()),
                Some(latest) => Precondition::IfMatch(latest.etag),
                None => Precondition::IfAbsent,
            };
            match self.store.put(&self.latest_key(), &Body::Bytes(text.into()), &precondition) {
                Ok(_) | Err(Error::PreconditionFailed { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::Contended { what: self.uri(), attempts: ATTEMPTS })
    }

    fn check_lines(&self, version: Version, lines: &[String]) -> Result<(), Error> {
        let committed = self.get(version)?;
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

    fn latest(&self) -> Result<Option<Latest>, Error> {
        let key = self.latest_key();
        let Some((bytes, etag)) = store::read(&*self.store, &key)? else { return Ok(None) };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        match text.split(['/', '\r', '\n']).next().unwrap_or_default().parse() {
            Ok(version) => Ok(Some(Latest { text, etag, version })),
            Err(reason) => Err(Error::Malformed { what: self.store.uri().of(&key), reason }),
        }
    }

    /// All entries, effective or not, by number.
    fn log(&self) -> Result<Vec<Promotion>, Error> {
        let (objects, _) = store::list_all(&*self.store, ListRequest::children(&self.log_key()))?;
        side_by_side(&objects, |object| self.entry(&object.key))
    }

    fn last_entry(&self) -> Result<Option<Promotion>, Error> {
        let (objects, _) = store::list_all(&*self.store, ListRequest::children(&self.log_key()))?;
        match objects.last() {
            Some(last) => self.entry(&last.key),
            None => Ok(None),
        }
    }

    fn entry(&self, key: &Key) -> Result<Option<Promotion>, Error> {
        Ok(self.read_json(key)?.map(|(entry, _)| entry))
    }

    fn latest_key(&self) -> Key {
        self.prefix.child("latest.txt")
    }

    fn log_key(&self) -> Key {
        self.prefix.child("_promotions")
    }

    /// Numbers of equal width: a listing is in their order.
    fn entry_key(&self, number: u64) -> Key {
        self.log_key().child(format_args!("{number:010}.json"))
    }
}

/// The content of `latest.txt`: its lines joined, no closing line feed, as consumers know it.
fn text_of(lines: &[String]) -> String {
    lines.join("\n")
}
