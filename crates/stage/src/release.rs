//! What goes live: the decision on a day's versions put into the lake, and the three ways to
//! overrule it. Every one of them is a release: a set of versions that are live together.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use versioning::{
    Artefact, Lake, LiveRelease, Member, Members, PromotionKind, Release, ReleaseDraft,
    ReleaseKind, Series, Timestamp, Version,
};

use crate::{
    Acceptance, Check, Decision, Error, ErrorName, Event, GateReport, NewVersion, Question,
    Verdict, calendar, decision::GATE, find::version_of,
};

/// How often a release is decided anew because another went live meanwhile.
const DECISIONS: u32 = 10;

/// Where acceptances are, beside the features whose data they accept: `_accepted/v7.json`.
const ACCEPTED: &str = "_accepted";

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Released {
    /// The number of the release; none where nothing moved.
    pub release: Option<u64>,
    /// What went live, as in `features v7`.
    pub published: Vec<String>,
    /// What was held back, each with its reason.
    pub held_back: Vec<String>,
    /// What stays as it is, each with its reason.
    pub stays: Vec<String>,
}

impl fmt::Display for Released {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.release {
            Some(number) if self.published.is_empty() => {
                write!(f, "release {number} moves nothing")?
            }
            Some(number) => write!(f, "release {number} is live: {}", self.published.join(", "))?,
            None => f.write_str("nothing moves")?,
        }
        for held_back in &self.held_back {
            write!(f, "; held back: {held_back}")?;
        }
        for stays in &self.stays {
            write!(f, "; {stays}")?;
        }
        Ok(())
    }
}

/// Decides on the versions that the event names (of each series that it does not name, what is live
/// stays; without any, the newest of every series are meant) and makes the decision live: all of
/// it, or nothing.
///
/// # Errors
/// [`ErrorName::GateRefused`] when the day is refused: its report is live then, and nothing else
/// has moved. [`ErrorName::BadInput`] when a version does not exist or was not verified; what the
/// store says.
pub fn release(lake: &Lake, event: &Event, now: Timestamp) -> Result<Released, Error> {
    let named = meant(lake, event)?;
    retry(|| {
        let before = Before::read(lake, event, now)?;
        let new = judged(lake, &named, &before, event, now)?;
        let features = named.get(&Artefact::Features).copied();
        let accepted = acceptances(lake, features)?;
        let decision = Decision::decide(&new, &accepted);
        let mut draft = before.draft(ReleaseKind::Publish, event, now);
        for version in &new {
            let member = version.member();
            match decision.rulings[version.artefact.name()].verdict {
                Verdict::Published => draft.versions.insert(version.artefact, member),
                Verdict::HeldBack | Verdict::Refused => {
                    draft.withheld.insert(version.artefact, member)
                }
                Verdict::Live | Verdict::Stays => None,
            };
        }
        if decision.refused {
            draft.kind = ReleaseKind::Refused;
        }
        // A day that is run again, and comes to the same, is in the log already.
        if let Some(number) = before.says_already(&draft) {
            return match decision.refused {
                true => Err(decision.refusal(number)),
                false => {
                    before.look_at_the_rest(lake, &named)?;
                    Ok(decision.released(None))
                }
            };
        }
        // What this day rests on, the days after it rest on too.
        if let (Some(features), false) = (features, decision.accepted.is_empty()) {
            let series = lake.series(Artefact::Features);
            series.put_record(ACCEPTED, &features.to_string(), &decision.accepted)?;
        }
        draft.decision = serde_json::to_value(&decision).map_err(Error::failed)?;
        let number = match before.moves(&draft) {
            true => lake.releases().publish(draft)?.number,
            false => lake.releases().note(draft)?.number,
        };
        match decision.refused {
            true => Err(decision.refusal(number)),
            false => Ok(decision.released(Some(number))),
        }
    })
}

/// Accepts breaches of the newest refused day as the state of its data from now on. Run the day
/// again, and it goes live where nothing else is in its way.
///
/// # Errors
/// [`ErrorName::BadInput`] when no day is refused, or not for such a breach;
/// [`ErrorName::ConfigInvalid`] without a reason; what the store says.
pub fn accept(lake: &Lake, event: &Event, now: Timestamp) -> Result<Accepted, Error> {
    let reason = reason_of(event)?;
    let newest = lake.releases().newest()?;
    let refused = newest.filter(|release| release.kind == ReleaseKind::Refused);
    let refused = refused.ok_or_else(|| {
        Error::bad_input(
            "nothing to accept: the newest release was not refused (`mllab release list`)",
        )
    })?;
    let decision = decision_of(&refused)?;
    let breaches = decision.breaches();
    let features = refused.withheld.get(&Artefact::Features);
    let features = features.or(refused.versions.get(&Artefact::Features));
    let features = features.ok_or_else(|| {
        Error::bad_input(format!("release {} has no features: nothing to accept", refused.number))
    })?;
    let mut accepted = accepted_of(lake, features.version)?;
    for name in &event.breaches {
        let Some(check) = breaches.iter().find(|check| check.name == *name) else {
            let known: Vec<&str> = breaches.iter().map(|check| check.name.as_str()).collect();
            return Err(Error::bad_input(format!(
                "release {} was not refused for `{}`: expected one of {}",
                refused.number,
                name.escape_debug(),
                if known.is_empty() {
                    "none: what refused it cannot be accepted".to_owned()
                } else {
                    known.join(", ")
                }
            )));
        };
        accepted.push(Acceptance {
            check: check.name.clone(),
            size: check.size,
            reason: reason.clone(),
            by: event.by.clone(),
            at: now,
        });
    }
    let series = lake.series(Artefact::Features);
    series.put_record(ACCEPTED, &features.version.to_string(), &accepted)?;
    let left = breaches.iter().filter(|check| !event.breaches.contains(&check.name));
    Ok(Accepted {
        features: series.version_uri(features.version),
        logical_date: refused.logical_date.clone(),
        accepted: event.breaches.clone(),
        left: left.map(|check| check.name.clone()).collect(),
    })
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The folder of the features whose data it is.
    pub features: String,
    /// The day that the data stand for.
    pub logical_date: String,
    /// The names of the breaches that were accepted.
    pub accepted: Vec<String>,
    /// The names of those that still refuse the day.
    pub left: Vec<String>,
}

/// Publishes what a release withheld (a model that was held back, a refused day), whatever the gate
/// found.
///
/// # Errors
/// [`ErrorName::BadInput`] when there is no such release, or it withheld nothing;
/// [`ErrorName::ConfigInvalid`] without a reason; what the store says.
pub fn publish_anyway(lake: &Lake, event: &Event, now: Timestamp) -> Result<Released, Error> {
    let reason = reason_of(event)?;
    let number = event.release.ok_or_else(|| Error::config("which release? expected a number"))?;
    let of = lake.releases().get(number)?.ok_or_else(|| {
        Error::bad_input(format!("there is no release {number}: `mllab release list` lists all"))
    })?;
    if of.withheld.is_empty() {
        return Err(Error::bad_input(format!(
            "release {number} withheld nothing: `mllab release rollback --to {number}` makes its \
             versions live again"
        )));
    }
    retry(|| {
        let before = Before::read(lake, event, now)?;
        let mut draft = before.draft(ReleaseKind::Promote, event, now);
        draft.versions.extend(of.withheld.clone());
        draft.reason = Some(reason.clone());
        draft.decision.clone_from(&of.decision);
        let release = Some(lake.releases().publish(draft)?.number);
        Ok(Released { release, published: names(&of.withheld), ..Released::default() })
    })
}

/// Makes the versions of an earlier release live again, all of them.
///
/// # Errors
/// [`ErrorName::BadInput`] when there is none to go back to; what the store says.
pub fn rollback(lake: &Lake, event: &Event, now: Timestamp) -> Result<Released, Error> {
    let reason = Some(event.reason.clone()).filter(|reason| !reason.is_empty());
    let by = if event.by.is_empty() { &event.execution } else { &event.by };
    lake.releases().complete(now, by)?;
    let live = lake.releases().rollback(event.release, now, by, reason)?;
    let (release, published) = (Some(live.number), names(&live.versions));
    Ok(Released { release, published, ..Released::default() })
}

/// Makes versions live that are named one by one, in the place of the live ones of their series,
/// whatever the gate found: the caller has looked at that.
///
/// # Errors
/// [`ErrorName::BadInput`] when a version does not exist; what the store says.
pub fn promote(
    lake: &Lake,
    members: Members,
    kind: ReleaseKind,
    event: &Event,
    now: Timestamp,
) -> Result<u64, Error> {
    retry(|| {
        let before = Before::read(lake, event, now)?;
        let mut draft = before.draft(kind, event, now);
        draft.versions.extend(members.clone());
        draft.reason = Some(event.reason.clone()).filter(|reason| !reason.is_empty());
        Ok(lake.releases().publish(draft)?.number)
    })
}

/// What the gate found of a version, where it was asked.
pub fn gate_report(series: &Series, version: Version) -> Result<Option<GateReport>, Error> {
    Ok(series.record(GATE, &version.to_string())?)
}

/// The decision that a release rests on.
///
/// # Errors
/// [`ErrorName::StageFailed`] when it was written by another release of the program.
pub fn decision_of(release: &Release) -> Result<Decision, Error> {
    if release.decision.is_null() {
        return Ok(Decision::default());
    }
    serde_json::from_value(release.decision.clone()).map_err(|e| {
        Error::failed(format!("release {}: its decision cannot be read: {e}", release.number))
    })
}

fn reason_of(event: &Event) -> Result<String, Error> {
    match event.reason.trim() {
        "" => Err(Error::config("a reason is needed: it is recorded with the release")),
        reason => Ok(reason.to_owned()),
    }
}

fn retry<T>(mut decide: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
    let mut decisions = 1;
    loop {
        match decide() {
            Err(error) if error.name == ErrorName::VersionContended && decisions < DECISIONS => {
                decisions += 1;
            }
            result => return result,
        }
    }
}

/// The versions that an event means.
fn meant(lake: &Lake, event: &Event) -> Result<BTreeMap<Artefact, Version>, Error> {
    let mut new = BTreeMap::new();
    for artefact in Artefact::PUBLISHED {
        let series = lake.series(artefact);
        match event.versions.get(artefact.name()).map(Option::as_deref) {
            Some(Some(uri)) => {
                let version = version_of("versions", uri, &series)?;
                new.insert(artefact, series.get(version)?.version());
            }
            Some(None) => {}
            None if event.versions.is_empty() => {
                new.extend(series.newest()?.map(|newest| (artefact, newest.version())));
            }
            None => {}
        }
    }
    let known = |name: &String| Artefact::PUBLISHED.iter().any(|artefact| artefact.name() == name);
    if let Some(name) = event.versions.keys().find(|name| !known(name)) {
        let known = Artefact::PUBLISHED.map(Artefact::name).join(", ");
        return Err(Error::config(format!(
            "versions: `{}` is not a series that goes live: expected {known}",
            name.escape_debug()
        )));
    }
    Ok(new)
}

/// What there is before a decision.
struct Before {
    /// The live release, where the lake has one.
    live: Option<LiveRelease>,
    /// The newest entry of the log, live or not.
    newest: Option<Release>,
    served: Members,
}

impl Before {
    /// Carries out first what a release that broke off has left: the call that is repeated after a
    /// kill finds its decision made, and must not take it for done.
    fn read(lake: &Lake, event: &Event, now: Timestamp) -> Result<Self, Error> {
        let releases = lake.releases();
        releases.complete(now, &event.execution)?;
        let (live, newest, served) = (releases.live()?, releases.newest()?, releases.served()?);
        Ok(Self { live, newest, served })
    }

    fn version(&self, artefact: Artefact) -> Option<Version> {
        self.served.get(&artefact).map(|member| member.version)
    }

    /// Before a day that moves nothing is said to be well: what is live beside its own versions is
    /// whole. (These were looked at when they were found.)
    fn look_at_the_rest(
        &self,
        lake: &Lake,
        own: &BTreeMap<Artefact, Version>,
    ) -> Result<(), Error> {
        for (artefact, Member { version, .. }) in &self.served {
            if own.get(artefact) != Some(version)
                && let Some(committed) = lake.series(*artefact).find_version(*version)?
            {
                committed.check_whole()?;
            }
        }
        Ok(())
    }

    /// A release of what is served already, to be changed.
    fn draft(&self, kind: ReleaseKind, event: &Event, now: Timestamp) -> ReleaseDraft {
        ReleaseDraft {
            kind,
            versions: self.served.clone(),
            withheld: Members::new(),
            from: self.live.as_ref().map(|live| live.number),
            logical_date: event.logical_date.clone(),
            execution: event.execution.clone(),
            at: now,
            by: if event.by.is_empty() { event.execution.clone() } else { event.by.clone() },
            reason: None,
            decision: serde_json::Value::Null,
        }
    }

    /// Whether a draft puts another version live than is live.
    fn moves(&self, draft: &ReleaseDraft) -> bool {
        versions(&draft.versions) != versions(&self.served)
    }

    /// The number of the newest release where a draft says nothing new: it moves nothing, and
    /// withholds nothing that is not withheld already.
    fn says_already(&self, draft: &ReleaseDraft) -> Option<u64> {
        let newest = self.newest.as_ref();
        let number = newest.map_or(0, |newest| newest.number);
        let withheld = newest.is_some_and(|n| versions(&n.withheld) == versions(&draft.withheld));
        let nothing_new = !self.moves(draft) && (draft.withheld.is_empty() || withheld);
        nothing_new.then_some(number)
    }
}

fn versions(members: &Members) -> Vec<(Artefact, Version)> {
    members.iter().map(|(artefact, member)| (*artefact, member.version)).collect()
}

/// As in `features v7`.
fn names(members: &Members) -> Vec<String> {
    members.iter().map(|(artefact, m)| format!("{} {}", artefact.name(), m.version)).collect()
}

/// The new versions with what their gates found.
fn judged(
    lake: &Lake,
    named: &BTreeMap<Artefact, Version>,
    before: &Before,
    event: &Event,
    now: Timestamp,
) -> Result<Vec<NewVersion>, Error> {
    let judge = |(&artefact, &version): (&Artefact, &Version)| {
        let series = lake.series(artefact);
        let live = before.version(artefact);
        let stays = stays(&series, artefact, live, version, event, now)?;
        let report = match live == Some(version) || stays.is_some() {
            true => None,
            false => Some(gate_report(&series, version)?.ok_or_else(|| {
                let name = artefact.name();
                Error::bad_input(format!(
                    "{name} {version} was not judged: verify it before its release"
                ))
            })?),
        };
        Ok(NewVersion { artefact, version, live, stays, report })
    };
    named.iter().map(judge).collect()
}

impl NewVersion {
    fn member(&self) -> Member {
        let lines = self.report.as_ref().map(|report| report.lines.clone()).unwrap_or_default();
        Member { version: self.version, lines, carried: false }
    }
}

/// Why what is live stays, whatever the new version is like: a day of the past is a backfill, and
/// what somebody took back does not return by itself.
///
/// # Errors
/// [`ErrorName::ConfigInvalid`] when what is live stands for a day after tomorrow: no day could
/// move anything before that one comes. What the store says.
pub fn stays(
    series: &Series,
    artefact: Artefact,
    live: Option<Version>,
    version: Version,
    event: &Event,
    now: Timestamp,
) -> Result<Option<String>, Error> {
    let what = live.map_or("nothing is live".to_owned(), |live| format!("{live} stays live"));
    let Event { logical_date, started, .. } = event;
    if logical_date < started {
        return Ok(Some(format!(
            "{what}: {logical_date} lies before {started}, when the execution began, and a backfill \
             moves nothing"
        )));
    }
    let Some(live) = live.filter(|live| *live != version) else { return Ok(None) };
    // A live version of another system has no manifest, and so no day.
    let live_date = series.find_version(live)?.map(|live| live.manifest().logical_date.clone());
    if let Some(live_date) = live_date.filter(|live_date| logical_date < live_date) {
        if calendar::check_day(&live_date, now).is_err() {
            return Err(Error::config(format!(
                "{} {live} is live and stands for {live_date}, a day that has not come, so this \
                 clock is wrong or the one of that run was: set this one right, or take that day \
                 back (`mllab release rollback`), and run again",
                artefact.name()
            )));
        }
        return Ok(Some(format!(
            "{what}: it stands for {live_date}, and a backfill moves nothing"
        )));
    }
    if rolled_back(series, version)? {
        return Ok(Some(format!(
            "{what}: {version} was rolled back; `mllab promote {} {version}` brings it back",
            artefact.name()
        )));
    }
    Ok(None)
}

/// Whether the last thing that happened to a version that was live is that it was rolled back.
fn rolled_back(series: &Series, version: Version) -> Result<bool, Error> {
    let history = series.history()?;
    let last = history.iter().rev().find(|p| p.from == Some(version) || p.to == version);
    Ok(last.is_some_and(|p| p.kind == PromotionKind::Rollback && p.from == Some(version)))
}

/// The acceptances that hold for the data of a version of the features: its own, and those that
/// the live version rests on.
pub(crate) fn acceptances(
    lake: &Lake,
    features: Option<Version>,
) -> Result<Vec<Acceptance>, Error> {
    let live = lake.series(Artefact::Features).live()?;
    let mut accepted = Vec::new();
    for version in features.into_iter().chain(live) {
        accepted.extend(accepted_of(lake, version)?);
    }
    Ok(accepted)
}

fn accepted_of(lake: &Lake, features: Version) -> Result<Vec<Acceptance>, Error> {
    let series = lake.series(Artefact::Features);
    Ok(series.record(ACCEPTED, &features.to_string())?.unwrap_or_default())
}

impl Decision {
    fn released(&self, release: Option<u64>) -> Released {
        let said = |verdict| {
            let of = self.with(verdict);
            of.map(|(name, ruling)| format!("{name} {}", ruling.version)).collect::<Vec<_>>()
        };
        let held_back = self.with(Verdict::HeldBack);
        let stays = self.with(Verdict::Stays);
        Released {
            release,
            published: said(Verdict::Published),
            held_back: held_back
                .map(|(name, ruling)| format!("{name} {}: {}", ruling.version, ruling.why()))
                .collect(),
            stays: stays
                .map(|(name, ruling)| {
                    format!("{name}: {}", ruling.reason.as_deref().unwrap_or_default())
                })
                .collect(),
        }
    }

    /// The error of a refused day: what was found against what bound, and how it is overruled.
    fn refusal(&self, number: u64) -> Error {
        let refused = self.rulings.iter().filter(|(_, ruling)| ruling.refuses(self));
        let said: Vec<String> = refused
            .map(|(name, ruling)| format!("{name} {}: {}", ruling.version, ruling.why()))
            .collect();
        let report = self.rulings.get(Artefact::Drift.name());
        let page = match report {
            Some(report) => {
                format!(" The report is drift_reports/{}/drift_report.html.", report.version)
            }
            None => String::new(),
        };
        let breaches: Vec<&str> = self.breaches().iter().map(|check| check.name.as_str()).collect();
        let remedy = match breaches.is_empty() {
            false => format!(
                "If the data are right as they are: `mllab accept {} --reason TEXT`",
                breaches.join(" ")
            ),
            true => format!(
                "To publish it all the same: `mllab release publish {number} --anyway --reason TEXT`"
            ),
        };
        Error::new(
            ErrorName::GateRefused,
            format!(
                "the day is refused: {}.{page} Nothing else has moved. {remedy}",
                said.join("; ")
            ),
        )
    }
}

impl crate::Ruling {
    /// The failed checks in words.
    fn why(&self) -> String {
        let of = |c: &Check| {
            format!("{}: expected {}, found {} ({})", c.check, c.expected, c.found, c.name)
        };
        self.failed.iter().map(of).collect::<Vec<_>>().join("; ")
    }

    /// Whether something of this version refuses the day.
    fn refuses(&self, decision: &Decision) -> bool {
        let open = decision.breaches();
        self.failed.iter().any(|check| match check.question {
            Question::Input | Question::World => open.contains(&check),
            Question::Served => true,
            Question::Model => self.verdict == Verdict::Refused,
        })
    }
}
