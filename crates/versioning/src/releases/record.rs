//! What is written of a release: its entry in the log, and the pointer to the live one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Artefact, Timestamp, Version};

/// How a release came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseKind {
    /// A day made it, and it was found good enough.
    Publish,
    /// A person put it together: one version put live, or a refused day published all the same.
    Promote,
    /// It is an earlier one, taken back.
    Rollback,
    /// One series was taken back to an earlier version.
    RollbackOne,
    /// A day made it, and it was not found good enough: at most its report goes live, and the rest
    /// is as it was.
    Refused,
}

/// A version of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The version.
    pub version: Version,
    /// The lines of the series' `latest.txt`, as they are written there; empty for a series that
    /// has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// It was live before the release, and is only carried on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub carried: bool,
}

/// The versions of a release, by series; each is written under [`Artefact::name`].
pub type Members = BTreeMap<Artefact, Member>;

/// What a release is to be, before it has a number.
#[derive(Clone, Debug, PartialEq)]
pub struct ReleaseDraft {
    /// How it came to be.
    pub kind: ReleaseKind,
    /// The versions that are to be live together.
    pub versions: Members,
    /// The release that was live when this one was decided on; none before the first. It is
    /// published in the place of that one, or not at all.
    pub from: Option<u64>,
    /// The day that its data stands for, `YYYY-MM-DD`.
    pub logical_date: String,
    /// The execution that made it.
    pub execution: String,
    /// When it was decided on.
    pub at: Timestamp,
    /// Who decided: an execution, or a person.
    pub by: String,
    /// Why, in words; of a refused one, what was refused.
    pub reason: Option<String>,
    /// What the gate found; opaque here.
    pub decision: Value,
    /// The new versions that do not go live: held back, or refused.
    pub withheld: Members,
}

/// An entry of the log of releases, `releases/0000000007.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Release {
    /// The format of this object: [`Release::FORMAT`] when written.
    pub format: u32,
    /// Its number in the log, from 1.
    pub number: u64,
    /// How it came to be.
    pub kind: ReleaseKind,
    /// Its versions.
    pub versions: Members,
    /// The release that was live when it was made.
    pub from: Option<u64>,
    /// Of a rollback: the release whose versions these are. None when it goes back to what was live
    /// before the first release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restores: Option<u64>,
    /// Of the first release: what was live before it.
    #[serde(default, skip_serializing_if = "Members::is_empty")]
    pub before: Members,
    /// The day that its data stands for, `YYYY-MM-DD`.
    pub logical_date: String,
    /// The execution that made it.
    pub execution: String,
    /// When it was made.
    pub at: Timestamp,
    /// Who decided: an execution, or a person.
    pub by: String,
    /// Why, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the gate found; opaque here.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub decision: Value,
    /// The new versions that did not go live: held back, or refused.
    #[serde(default, skip_serializing_if = "Members::is_empty")]
    pub withheld: Members,
}

impl Release {
    /// The format that this release writes, and the newest that it reads.
    pub const FORMAT: u32 = 1;

    pub(super) fn pointer(&self) -> LiveRelease {
        LiveRelease {
            format: self.format,
            number: self.number,
            kind: self.kind,
            logical_date: self.logical_date.clone(),
            at: self.at,
            versions: self.versions.clone(),
        }
    }

    /// Whether it has the same versions as another set; which of them are carried does not count,
    /// nor does the report, which moves on a refused day too.
    pub(super) fn has(&self, versions: &Members) -> bool {
        let set = |members: &Members| -> Vec<(Artefact, Version)> {
            let served = members.iter().filter(|(artefact, _)| **artefact != Artefact::Drift);
            served.map(|(artefact, member)| (*artefact, member.version)).collect()
        };
        set(&self.versions) == set(versions)
    }

    /// The release whose versions these are: of a rollback, the one that it restores.
    pub(super) fn original(&self) -> Option<u64> {
        match self.kind {
            ReleaseKind::Rollback => self.restores,
            _ => Some(self.number),
        }
    }
}

/// `release.json`: the live release, in one object for whoever needs versions that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveRelease {
    /// The format of this object: [`Release::FORMAT`] when written.
    pub format: u32,
    /// Its number in the log.
    pub number: u64,
    /// How it came to be.
    pub kind: ReleaseKind,
    /// The day that its data stands for, `YYYY-MM-DD`.
    pub logical_date: String,
    /// When it was made.
    pub at: Timestamp,
    /// Its versions.
    pub versions: Members,
}
