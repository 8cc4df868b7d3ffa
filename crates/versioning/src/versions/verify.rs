//! Whether a series is whole: its versions, keys, claims, notes, log and `latest.txt`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Binding, ClaimRecord, Committed, MANIFEST, Promotion, Series,
    latest::{Latest, lines_of},
};
use crate::{
    Artefact, Error, Key, ListRequest, Manifest, Verified, Version, VersionKey,
    digest::sha256,
    finding::{REPAIR, found, is_a_file},
    json,
    parallel::side_by_side,
    releases::ReleasedLines,
    store, time,
};

const RESTORE: &str = "restore it from a copy";

/// The bindings of a series.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    pub(super) by_key: BTreeMap<VersionKey, Binding>,
    /// Objects in their folder that bind nothing, each with what is wrong.
    pub(super) broken: Vec<(Key, Error)>,
}

impl Series {
    /// Looks over the whole series.
    pub(crate) fn verify(
        &self,
        artefact: Artefact,
        releases: &ReleasedLines,
        report: &mut Verified,
    ) -> Result<(), Error> {
        let uri = |key: &Key| self.store.uri().of(key);
        for folder in ["_keys", "_promotions", "_gate"] {
            if let Some(file) = is_a_file(&*self.store, &self.prefix.child(folder))? {
                report.find(uri(&file), "expected a folder, found a file", RESTORE);
            }
        }
        let bindings = self.bindings()?;
        for (key, error) in &bindings.broken {
            report.find(uri(key), error, REPAIR);
        }
        let log: Vec<(u64, Promotion)> = self.promotions().verified(RESTORE, report)?;
        self.verify_log(artefact, &log, releases, report);
        let last = log.last().map(|(_, last)| last);
        let live = releases.live(artefact).map(|member| member.lines.as_slice());
        let live = live.filter(|lines| !lines.is_empty());
        let logged = last.map(|last| last.lines.as_slice());
        if let Some(live) = live.filter(|live| logged != Some(*live)) {
            let what = uri(&self.prefix.child("_promotions"));
            let problem = format!("its last entry is not what is live: {}", live.join(", "));
            match logged {
                Some(_) => report.find(what, problem, REPAIR),
                // What another system has put live is in no log.
                None if self.is_foreign_live()? => {}
                None => report.find(what, problem, RESTORE),
            }
        }
        self.verify_latest(live.or(logged), report)?;
        let numbers = self.numbers()?;
        let judged = self.verify_notes(report)?;
        for version in releases.judged(artefact) {
            if !judged.contains(&version) && numbers.contains(&version) {
                let what = uri(&self.prefix.child("_gate").child(format_args!("{version}.json")));
                report.find(what, "it is gone, and a release rests on it", RESTORE);
            }
        }
        let look = Look { series: self, artefact, releases, bindings: &bindings, judged: &judged };
        for of_version in side_by_side(&numbers, |version| look.at(*version).map(Some))? {
            report.add(of_version);
        }
        Ok(())
    }

    /// Whether `latest.txt` names a version of another system.
    fn is_foreign_live(&self) -> Result<bool, Error> {
        match self.named_by_latest()? {
            Some(version) => self.is_foreign(version, &self.lines_as_they_are()?),
            None => Ok(false),
        }
    }

    /// What binds a key to a version.
    pub(super) fn bindings(&self) -> Result<Bindings, Error> {
        let folder = self.prefix.child("_keys");
        let (objects, folders) = store::list_all(&*self.store, ListRequest::children(&folder))?;
        let mut bindings = Bindings::default();
        let what = |key: &Key| self.store.uri().of(key);
        for key in folders {
            let reason = "expected a file, found a folder: move it away".to_owned();
            bindings.broken.push((key.clone(), Error::Malformed { what: what(&key), reason }));
        }
        let read = side_by_side(&objects, |object| {
            let of = match object.key.name().parse::<VersionKey>() {
                Ok(of) => of,
                Err(reason) => {
                    let error = Error::Malformed { what: what(&object.key), reason };
                    return Ok(Some((object.key.clone(), Err(error))));
                }
            };
            let read = found(json::read_strictly::<Binding>(&*self.store, &object.key))?;
            let bound = read.transpose().map(|binding| binding.map(|binding| (of, binding)));
            Ok(bound.map(|bound| (object.key.clone(), bound)))
        })?;
        for (key, bound) in read {
            match bound {
                Ok((of, binding)) => drop(bindings.by_key.insert(of, binding)),
                Err(error) => bindings.broken.push((key, error)),
            }
        }
        Ok(bindings)
    }

    /// The highest release that has moved this series, by its log.
    pub(crate) fn moved_by_release(&self) -> Result<Option<u64>, Error> {
        let log: Vec<(u64, Promotion)> =
            self.promotions().verified(RESTORE, &mut Verified::default())?;
        Ok(log.iter().filter_map(|(_, entry)| release_of(entry)).max())
    }

    fn verify_log(
        &self,
        artefact: Artefact,
        log: &[(u64, Promotion)],
        releases: &ReleasedLines,
        report: &mut Verified,
    ) {
        let mut known: BTreeSet<Version> = BTreeSet::new();
        for (number, entry) in log {
            let mut wrong = |problem: String| {
                report.find(self.promotions().uri_of(*number), problem, RESTORE);
            };
            if entry.number != *number {
                wrong(format!("expected number {number}, found {}", entry.number));
            }
            let is_of = |line: &String| self.file_of(entry.to, line).is_some();
            if entry.lines.is_empty() || !entry.lines.iter().all(is_of) {
                wrong(format!("its lines are not of {}", entry.to));
            }
            let from = entry.from.filter(|from| !known.contains(from));
            if let Some(from) = from.filter(|_| entry.from_lines.is_empty()) {
                wrong(format!("it came in the place of {from}, which no entry before it has"));
            }
            known.extend([Some(entry.to), entry.from].into_iter().flatten());
            if let Some(release) = release_of(entry) {
                let expected = releases.member(release, artefact);
                let agrees = expected.is_some_and(|member| {
                    member.version == entry.to && member.lines == entry.lines
                });
                if releases.has(release) && !agrees {
                    wrong(format!("it is not what release {release} says"));
                }
            }
        }
    }

    /// `latest.txt` beside the lines that must stand there.
    fn verify_latest(
        &self,
        expected: Option<&[String]>,
        report: &mut Verified,
    ) -> Result<(), Error> {
        let what = self.store.uri().of(&self.latest_key());
        let latest = match (self.latest()?, expected) {
            (None, None) => return Ok(()),
            (None, Some(_)) => {
                report.find(what, "it is gone, and the log has what was live", REPAIR);
                return Ok(());
            }
            (Some(latest), _) => latest,
        };
        let Latest { version, text, .. } = latest;
        let lines = lines_of(&text);
        match (version, expected) {
            (Err(reason), _) => report.find(what, reason, REPAIR),
            (Ok(version), Some(expected)) if lines != expected => {
                let expected = expected.join(", ");
                let problem =
                    format!("it names {version}, and the log says {}", expected.escape_debug());
                report.find(what, problem, REPAIR);
            }
            (Ok(version), _) => {
                if let Err(error) = found(self.check_lines(version, &lines))? {
                    let remedy = "restore that, or put another version live";
                    report.find(what, format!("it names {version}, but: {error}"), remedy);
                } else if expected.is_none() && self.is_committed(version)? {
                    let problem = format!("it names {version}, and no log says so");
                    report.find(what, problem, "restore _promotions/ from a copy");
                }
            }
        }
        Ok(())
    }

    /// The notes beside the versions; gives the versions of which there is a gate's.
    fn verify_notes(&self, report: &mut Verified) -> Result<BTreeSet<Version>, Error> {
        let mut judged = BTreeSet::new();
        for folder in ["_gate", "_accepted", "_outcomes", "_retired"] {
            let folder = self.prefix.child(folder);
            let (objects, folders) = store::list_all(&*self.store, ListRequest::children(&folder))?;
            for key in folders {
                let what = self.store.uri().of(&key);
                report.find(what, "expected a file, found a folder", "move it away");
            }
            for object in objects {
                if let Err(error) = found(json::read::<Value>(&*self.store, &object.key))? {
                    report.find(self.store.uri().of(&object.key), error, RESTORE);
                }
                if folder.name() == "_gate" {
                    let name = object.key.name().trim_end_matches(".json");
                    judged.extend(name.parse::<Version>().ok());
                }
            }
        }
        Ok(judged)
    }
}

/// The release that has made an entry, where one has.
fn release_of(entry: &Promotion) -> Option<u64> {
    entry.by.strip_prefix("release ")?.split(':').next()?.parse().ok()
}

/// What is known when a version is looked at.
struct Look<'a> {
    series: &'a Series,
    artefact: Artefact,
    releases: &'a ReleasedLines,
    bindings: &'a Bindings,
    judged: &'a BTreeSet<Version>,
}

impl Look<'_> {
    fn at(&self, version: Version) -> Result<Verified, Error> {
        let mut report = Verified::default();
        let Series { store, .. } = self.series;
        let folder = self.series.folder(version);
        let what = store.uri().of(&folder.child(MANIFEST));
        if store.head(&folder)?.is_some() {
            let what = store.uri().of(&folder);
            report.find(what, "expected a folder, found a file", "move it away, or restore it");
            return Ok(report);
        }
        let claim = self.claim(version, &mut report)?;
        let Some((bytes, _)) = store::read(&**store, &folder.child(MANIFEST))? else {
            self.without_manifest(version, claim.as_ref(), &mut report)?;
            return Ok(report);
        };
        match found(self.series.manifest(version))? {
            Ok(Some(manifest)) => {
                self.manifest(&manifest, &sha256(&bytes), &mut report);
                if claim.is_some_and(|claim| claim.key != manifest.key) {
                    let what = store.uri().of(&self.series.claim_key(version));
                    report.find(what, "it is of another key than the manifest", RESTORE);
                }
                self.files(&Committed::new(self.series.clone(), manifest.into()), &mut report)?;
            }
            Ok(None) => {}
            Err(Error::Malformed { reason, .. }) => {
                let problem = format!("it cannot be read: {reason}");
                report.find(what, problem, "nothing can be done with the version until then");
            }
            Err(error) => report.find(what, error, RESTORE),
        }
        Ok(report)
    }

    fn claim(&self, version: Version, report: &mut Verified) -> Result<Option<ClaimRecord>, Error> {
        let key = self.series.claim_key(version);
        match found(json::read_strictly(&*self.series.store, &key))? {
            Ok(claim) => {
                if claim.is_none() && self.series.is_committed(version)? {
                    report.find(self.series.store.uri().of(&key), "it is gone", REPAIR);
                }
                Ok(claim)
            }
            Err(error) => {
                report.find(self.series.store.uri().of(&key), error, REPAIR);
                Ok(None)
            }
        }
    }

    /// A number without a manifest: a run that has not ended, a version of another system, one that
    /// was taken out, or one whose manifest is lost.
    fn without_manifest(
        &self,
        version: Version,
        claim: Option<&ClaimRecord>,
        report: &mut Verified,
    ) -> Result<(), Error> {
        let series = self.series;
        if claim.is_some_and(|claim| claim.given_up) {
            return Ok(());
        }
        let lines = series.lines_as_they_are()?;
        if claim.is_none() && series.is_foreign(version, &lines)? {
            return Ok(());
        }
        let sealed = self.bindings.by_key.values();
        let sealed = sealed.filter(|binding| binding.version == version);
        let mut sealed = sealed.filter(|binding| binding.manifest.is_some());
        let is_named = sealed.next().is_some()
            || self.judged.contains(&version)
            || self.releases.names(self.artefact, version);
        let what = series.store.uri().of(&series.folder(version).child(MANIFEST));
        match (is_named, claim) {
            (true, _) => {
                report.find(what, "it is gone, and its files are there", &series.remedy(version));
            }
            (false, Some(claim)) => {
                report.notes.push(format!(
                    "{}: the run that began it at {} has not ended, or has died",
                    series.version_uri(version),
                    claim.at
                ));
            }
            (false, None) => {
                let uri = series.version_uri(version);
                report.notes.push(format!("{uri}: it has no manifest, and nothing names it"));
            }
        }
        Ok(())
    }

    /// A manifest beside the binding of its key.
    fn manifest(&self, manifest: &Manifest, sha256: &str, report: &mut Verified) {
        let series = self.series;
        let version = manifest.version;
        let what = series.store.uri().of(&series.folder(version).child(MANIFEST));
        let key = series.store.uri().of(&series.binding(&manifest.key));
        match self.bindings.by_key.get(&manifest.key) {
            None => report.find(key, format!("it is gone, and {version} is of that key"), REPAIR),
            Some(binding) if binding.version != version => {
                let now = binding.version;
                report.notes.push(format!(
                    "{what}: its key names {now} now, so that no hash covers this manifest"
                ));
            }
            Some(Binding { manifest: None, .. }) => report.notes.push(format!(
                "{what}: an earlier release has made it, and no hash covers it; `mllab verify \
                 --repair` notes the one that it has now"
            )),
            Some(Binding { manifest: Some(expected), .. }) if expected != sha256 => {
                let problem = format!("expected sha256 {expected}, found {sha256}");
                report.find(what.clone(), problem, &series.remedy(version));
            }
            Some(_) => {}
        }
        if !time::is_date(&manifest.logical_date) {
            let problem = format!("logical date `{}`", manifest.logical_date.escape_debug());
            report.find(what, problem, RESTORE);
        }
    }

    fn files(&self, committed: &Committed, report: &mut Verified) -> Result<(), Error> {
        for output in &committed.manifest().outputs {
            match found(committed.open(&output.file))? {
                Ok(_) => {
                    (report.files, report.bytes) = (report.files + 1, report.bytes + output.bytes)
                }
                Err(Error::Corrupt { what, expected, found, remedy }) => {
                    let problem = format!("expected {expected}, found {found}");
                    report.find(what, problem, &remedy);
                }
                Err(error) => {
                    report.find(format!("{}{}", committed.uri(), output.file), error, RESTORE);
                }
            }
        }
        Ok(())
    }
}
