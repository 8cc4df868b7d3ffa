//! Pruning a lake after a day: what is kept of every series, and what nothing refers to any more.
//!
//! Kept are, whatever their age:
//!
//! - the versions of the live release and of the one that a rollback would make live, those that
//!   `latest.txt` names and that a rollback of one series would put there, and what all these were
//!   made from (inputs of stages that come before theirs; that a model was compared with the one
//!   before it keeps nothing, or each would keep all those before it);
//! - of the features, the last version of each of the last months, to compare with;
//! - of each series but `lsa`, the newest versions by date; and the highest number;
//! - what was made in the last days.
//!
//! The rest goes, what was made last first, so that nothing is left whose inputs are gone. A
//! version of `lsa` stays while a kept version was made with it. Of the memos, a group stays that a
//! kept version names ([`Manifest::memo_groups`]), or may use without saying so, and any other until
//! it has not grown for [`Policy::keep_days`]; losing one costs time only.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    Artefact, Committed, Error, InputRef, Key, Lake, Manifest, Policy, Pruned, Timestamp, Version,
    versions::{PruneMode, by_date},
};

/// The versions of each series.
type Versions = BTreeMap<Artefact, BTreeSet<Version>>;

/// What pruning a lake has removed, or would remove.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrunedLake {
    /// Versions and claims, of each series that lost any.
    pub series: BTreeMap<Artefact, Pruned>,
    /// Groups of the memos, as `<folder>/<group>`.
    pub memo: Vec<String>,
    /// Bytes of the files of the versions.
    pub bytes: u64,
}

/// When a group of a memo was last seen to have grown: `_seen.json` beside the groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct MemoSeen {
    since: Timestamp,
    pieces: BTreeSet<String>,
}

impl Lake {
    /// Removes what the policy does not keep, of all series and memos. It may run beside a day:
    /// what is put live meanwhile, or is being made, stays. Killed in the middle, the next one goes
    /// on.
    ///
    /// # Errors
    /// [`Error::Malformed`] and [`Error::UnsupportedFormat`] for a manifest or release that cannot
    /// be read; that the store failed.
    pub fn prune_day(&self, policy: &Policy, now: Timestamp) -> Result<PrunedLake, Error> {
        self.prune_lake(policy, now, PruneMode::Real)
    }

    /// What [`Lake::prune_day`] would remove; nothing is written.
    ///
    /// # Errors
    /// As [`Lake::prune_day`].
    pub fn prune_day_plan(&self, policy: &Policy, now: Timestamp) -> Result<PrunedLake, Error> {
        self.prune_lake(policy, now, PruneMode::Dry)
    }

    /// Removes what the policy does not keep of one series: not what is live, nor the ways back of
    /// its release and of the series, nor what any of these were made from.
    ///
    /// # Errors
    /// As [`Lake::prune_day`].
    pub fn prune_series(
        &self,
        artefact: Artefact,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Pruned, Error> {
        let all = self.all()?;
        let mut kept = self.needed()?;
        self.keep_inputs(&all, &mut kept);
        let mut kept = kept.remove(&artefact).unwrap_or_default();
        kept.extend(newest(&all[&artefact], policy.keep_last));
        self.series(artefact).prune_but(&all[&artefact], &kept, policy, now, PruneMode::Real)
    }

    fn all(&self) -> Result<BTreeMap<Artefact, Vec<Committed>>, Error> {
        Artefact::ALL
            .map(|artefact| Ok((artefact, self.series(artefact).list()?)))
            .into_iter()
            .collect()
    }

    fn prune_lake(
        &self,
        policy: &Policy,
        now: Timestamp,
        run: PruneMode,
    ) -> Result<PrunedLake, Error> {
        let all = self.all()?;
        let kept = self.kept(&all, policy, now)?;
        let mut pruned = PrunedLake::default();
        for (artefact, versions) in all.iter().rev() {
            let series = self.series(*artefact);
            let gone = series.prune_but(versions, &kept[artefact], policy, now, run)?;
            let is_gone = |committed: &&Committed| gone.versions.contains(&committed.version());
            let files = versions.iter().filter(is_gone).flat_map(|c| &c.manifest().outputs);
            pruned.bytes += files.map(|file| file.bytes).sum::<u64>();
            if gone != Pruned::default() {
                pruned.series.insert(*artefact, gone);
            }
        }
        for artefact in [Artefact::Processed, Artefact::Recommend] {
            let is_kept = |c: &&Committed| kept[&artefact].contains(&c.version());
            let users = all[&artefact].iter().filter(is_kept).map(Committed::manifest);
            let users = Users::of(artefact, users);
            pruned.memo.extend(self.prune_memo(artefact, &users, policy, now, run)?);
        }
        Ok(pruned)
    }

    fn kept(
        &self,
        all: &BTreeMap<Artefact, Vec<Committed>>,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Versions, Error> {
        let mut kept = self.needed()?;
        self.keep_inputs(all, &mut kept);
        for (artefact, versions) in all {
            let kept = kept.entry(*artefact).or_default();
            kept.extend(versions.iter().map(Committed::version).max());
            let recent = now.days_before(policy.keep_days);
            let made_lately = versions.iter().filter(|c| c.manifest().created_at >= recent);
            kept.extend(made_lately.map(Committed::version));
            if *artefact != Artefact::Lsa {
                kept.extend(newest(versions, policy.keep_last));
            }
            if *artefact == Artefact::Features {
                kept.extend(last_of_months(versions, policy.keep_months));
            }
        }
        // A state of the encoder is of use as long as what was made with it.
        let recommend = kept.get(&Artefact::Recommend).cloned().unwrap_or_default();
        let made_with = all[&Artefact::Recommend]
            .iter()
            .filter(|c| recommend.contains(&c.version()))
            .flat_map(|c| self.inputs(c.manifest()))
            .filter(|(artefact, _)| *artefact == Artefact::Lsa)
            .map(|(_, version)| version);
        kept.entry(Artefact::Lsa).or_default().extend(made_with);
        Ok(kept)
    }

    /// What is live, and the ways back.
    fn needed(&self) -> Result<Versions, Error> {
        let mut needed = Versions::new();
        let releases = self.releases();
        let live = releases.live()?.map(|live| live.versions);
        for members in [live, releases.rollback_target()?].into_iter().flatten() {
            for (artefact, member) in members {
                needed.entry(artefact).or_default().insert(member.version);
            }
        }
        for artefact in Artefact::ALL {
            let series = self.series(artefact);
            let live = [series.live()?, series.rollback_target()?];
            needed.entry(artefact).or_default().extend(live.into_iter().flatten());
        }
        Ok(needed)
    }

    /// Adds what the versions were made from, from the last stage of a day to the first: an input
    /// counts where it is of a stage before.
    fn keep_inputs(&self, all: &BTreeMap<Artefact, Vec<Committed>>, kept: &mut Versions) {
        for (artefact, versions) in all.iter().rev() {
            for committed in versions {
                if !kept[artefact].contains(&committed.version()) {
                    continue;
                }
                for (input, version) in self.inputs(committed.manifest()) {
                    if input < *artefact {
                        kept.entry(input).or_default().insert(version);
                    }
                }
            }
        }
    }

    /// The versions that a manifest names as inputs.
    fn inputs(&self, manifest: &Manifest) -> Vec<(Artefact, Version)> {
        let of = |input: &InputRef| {
            let version = input.version?;
            Some((Artefact::of_uri(&input.uri, version)?, version))
        };
        manifest.inputs.iter().filter_map(of).collect()
    }

    /// Removes the groups of a memo that nobody uses and that have not grown lately.
    fn prune_memo(
        &self,
        artefact: Artefact,
        users: &Users<'_>,
        policy: &Policy,
        now: Timestamp,
        run: PruneMode,
    ) -> Result<Vec<String>, Error> {
        let memo = self.memo(artefact);
        let before: BTreeMap<String, MemoSeen> = memo.note()?.unwrap_or_default();
        let (mut seen, mut gone) = (BTreeMap::new(), Vec::new());
        for group in memo.groups()? {
            let pieces = memo.names(&group)?;
            // Fewer pieces are not growth: a removal that was broken off goes on.
            let known = before.get(group.name()).filter(|seen| pieces.is_subset(&seen.pieces));
            let since = known.map_or(now, |seen| seen.since);
            if since >= now.days_before(policy.keep_days) || users.may_use(&group) {
                let pieces = known.map_or(pieces, |seen| seen.pieces.clone());
                seen.insert(group.name().to_owned(), MemoSeen { since, pieces });
                continue;
            }
            if run == PruneMode::Real {
                memo.remove(&group)?;
            }
            gone.push(group.to_string());
        }
        if run == PruneMode::Real && seen != before {
            memo.put_note(&seen)?;
        }
        Ok(gone)
    }
}

/// Which groups of a memo the kept versions use.
enum Users<'a> {
    /// Those that are named.
    Of(Vec<&'a str>),
    /// One of the versions does not say, so it may be any.
    Unknown,
}

impl<'a> Users<'a> {
    fn of(artefact: Artefact, manifests: impl Iterator<Item = &'a Manifest>) -> Self {
        // Parts of raw files are read once, by the day that made them.
        if artefact == Artefact::Processed {
            return Self::Of(Vec::new());
        }
        let groups: Option<Vec<_>> = manifests.map(Manifest::memo_groups).collect();
        groups.map_or(Self::Unknown, |groups| Self::Of(groups.concat()))
    }

    fn may_use(&self, group: &Key) -> bool {
        match self {
            Self::Of(groups) => groups.contains(&group.name()),
            Self::Unknown => true,
        }
    }
}

/// The newest `n` versions by logical date.
fn newest(versions: &[Committed], n: usize) -> Vec<Version> {
    sorted(versions).into_iter().rev().take(n).map(Committed::version).collect()
}

/// The last version of each of the last `n` months of which there is one.
fn last_of_months(versions: &[Committed], n: usize) -> Vec<Version> {
    let month = |c: &Committed| c.manifest().logical_date.get(..7).map(str::to_owned);
    let last: BTreeMap<_, _> =
        sorted(versions).into_iter().map(|c| (month(c), c.version())).collect();
    last.into_values().rev().take(n).collect()
}

fn sorted(versions: &[Committed]) -> Vec<&Committed> {
    let mut sorted: Vec<_> = versions.iter().collect();
    sorted.sort_by(|a, b| by_date(a, b));
    sorted
}
