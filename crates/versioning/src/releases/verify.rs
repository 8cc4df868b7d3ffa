//! Whether the log of releases and `release.json` are whole and agree.

use std::{collections::BTreeMap, sync::Arc};

use super::{LiveRelease, Member, Release, ReleaseKind, Releases, pointer_key};
use crate::{
    Artefact, Error, Key, Verified, Version,
    finding::{REPAIR, found, is_a_file},
    json, store,
};

const RESTORE: &str = "restore it from a copy";

/// What the releases say of the series.
#[derive(Debug, Default)]
pub(crate) struct ReleasedLines {
    live: Option<LiveRelease>,
    by_number: BTreeMap<u64, Release>,
}

impl ReleasedLines {
    /// What is live of a series.
    pub(crate) fn live(&self, artefact: Artefact) -> Option<&Member> {
        self.live.as_ref()?.versions.get(&artefact)
    }

    /// What a release has of a series; none where it cannot be known.
    pub(crate) fn member(&self, number: u64, artefact: Artefact) -> Option<&Member> {
        self.by_number.get(&number)?.versions.get(&artefact)
    }

    /// Whether there is anything in the log of that number.
    pub(crate) fn has(&self, number: u64) -> bool {
        self.by_number.contains_key(&number)
    }

    /// Whether a release has, or withholds, a version.
    pub(crate) fn names(&self, artefact: Artefact, version: Version) -> bool {
        let is = |member: Option<&Member>| member.is_some_and(|member| member.version == version);
        let named = |r: &Release| is(r.versions.get(&artefact)) || is(r.withheld.get(&artefact));
        is(self.live(artefact)) || self.by_number.values().any(named)
    }

    /// The versions of a series that a day's gate has judged, as the decisions rest on it.
    pub(crate) fn judged(&self, artefact: Artefact) -> Vec<Version> {
        let days = [ReleaseKind::Publish, ReleaseKind::Refused];
        let releases = self.by_number.values().filter(|r| days.contains(&r.kind));
        let of = |release: &Release| {
            let new = release.versions.get(&artefact).filter(|member| !member.carried);
            [new, release.withheld.get(&artefact)].map(|member| member.map(|m| m.version))
        };
        releases.flat_map(of).flatten().collect()
    }
}

impl Releases {
    /// Looks at the log and at `release.json`; findings are added only with `tell`.
    pub(crate) fn verify(&self, tell: bool, report: &mut Verified) -> Result<ReleasedLines, Error> {
        let mut own = Verified::default();
        let data = self.lake.data();
        if let Some(file) = is_a_file(&**data, &Key::constant("releases"))? {
            own.find(data.uri().of(&file), "expected a folder, found a file", RESTORE);
        }
        // Before the log: a release that is published meanwhile is in the log first.
        let live = found(json::read_strictly::<LiveRelease>(&**data, &pointer_key()))?;
        let log = self.log();
        let entries: Vec<(u64, Release)> = log.verified(RESTORE, &mut own)?;
        for (number, entry) in &entries {
            if entry.number != *number {
                let problem = format!("expected number {number}, found {}", entry.number);
                own.find(log.uri_of(*number), problem, RESTORE);
            }
            if let Err(error) = self.check_format(entry.format) {
                own.find(log.uri_of(*number), error, RESTORE);
            }
            if entry.from.is_some_and(|from| from >= *number) {
                own.find(log.uri_of(*number), "it came in the place of a later one", RESTORE);
            }
        }
        let by_number: BTreeMap<u64, Release> = entries.into_iter().collect();
        let what = self.uri();
        let live = match live {
            Err(error) => {
                own.find(what, error, REPAIR);
                None
            }
            Ok(None) => {
                if self.live_by_the_logs(&by_number)?.is_some() {
                    let problem = "it is gone, and releases/ has what was live";
                    own.find(what, problem, REPAIR);
                }
                None
            }
            Ok(Some(live)) => {
                match by_number.get(&live.number) {
                    Some(entry) if entry.pointer() == live => {}
                    Some(_) => {
                        let problem =
                            format!("it is not what releases/ says of release {}", live.number);
                        own.find(what, problem, REPAIR);
                    }
                    None => {
                        let problem = format!("releases/ has no release {}", live.number);
                        own.find(what, problem, RESTORE);
                    }
                }
                Some(live)
            }
        };
        if tell {
            self.verify_members(live.as_ref(), &mut own)?;
            report.add(own);
        }
        Ok(ReleasedLines { live, by_number })
    }

    /// Whether all that is live is there, with its lines.
    fn verify_members(
        &self,
        live: Option<&LiveRelease>,
        report: &mut Verified,
    ) -> Result<(), Error> {
        for (artefact, Member { version, lines, .. }) in
            live.into_iter().flat_map(|live| &live.versions)
        {
            let series = self.lake.series(*artefact);
            let held = match lines.is_empty() {
                true => series.get(*version).map(drop),
                false => series.check_lines(*version, lines),
            };
            if let Err(error) = found(held)? {
                let problem = format!("{} {version} is live, but: {error}", artefact.name());
                let remedy = "restore that, or `mllab release rollback`";
                report.find(self.uri(), problem, remedy);
            }
        }
        Ok(())
    }

    /// The release that was live by all that the logs tell: one that another came in the place of,
    /// or that moved a `latest.txt`. An entry of which neither is so may never have been live.
    pub(super) fn live_by_the_logs(
        &self,
        by_number: &BTreeMap<u64, Release>,
    ) -> Result<Option<u64>, Error> {
        let mut live = by_number.values().filter_map(|release| release.from).max();
        for artefact in Artefact::ALL {
            live = live.max(self.lake.series(artefact).moved_by_release()?);
        }
        Ok(live.filter(|number| by_number.contains_key(number)))
    }

    /// What can be read of the log.
    pub(super) fn readable_entries(&self) -> Result<BTreeMap<u64, Release>, Error> {
        let entries: Vec<(u64, Release)> =
            self.log().verified(RESTORE, &mut Verified::default())?;
        Ok(entries.into_iter().filter(|(number, entry)| entry.number == *number).collect())
    }

    /// `release.json` as it can be read, if it can, and its state, if it is there.
    pub(super) fn pointer_as_it_is(
        &self,
    ) -> Result<(Option<LiveRelease>, Option<crate::ETag>), Error> {
        let store = Arc::clone(self.lake.data());
        let etag = store::read(&*store, &pointer_key())?.map(|(_, etag)| etag);
        let live = found(json::read_strictly::<LiveRelease>(&*store, &pointer_key()))?;
        Ok((live.ok().flatten(), etag))
    }
}
