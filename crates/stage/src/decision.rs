//! One decision on all of a day's versions, from what their gates have found. Pure: it reads no
//! lake.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use versioning::{Artefact, Timestamp, Version};

use crate::{Check, GateReport, Question};

/// Where reports of the gate are, beside the versions.
pub(crate) const GATE: &str = "_gate";

/// A series' new version before the decision.
#[derive(Clone, Debug)]
pub struct NewVersion {
    pub artefact: Artefact,
    pub version: Version,
    /// The live version, where there is one.
    pub live: Option<Version>,
    /// Why the live version stays whatever the new one is like: a backfill, or a rollback.
    pub stays: Option<String>,
    /// What the gate found; none where it was not asked, because the version is live or stays back.
    pub report: Option<GateReport>,
}

/// A breach that somebody has accepted as the state of the data from now on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Acceptance {
    pub check: String,
    /// The size of the accepted breach, where the check has one: a larger one is a new breach.
    pub size: Option<f64>,
    pub reason: String,
    pub by: String,
    pub at: Timestamp,
}

/// What becomes of a series' new version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Live,
    Published,
    /// The live one stays, whatever the new one is like.
    Stays,
    /// It is worse than the live one, which stays and serves what else goes live.
    HeldBack,
    Refused,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ruling {
    /// The new version, as in `v7`.
    pub version: String,
    pub verdict: Verdict,
    /// Why it stays, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub asked: Vec<Question>,
    /// The checks that did not pass, accepted ones among them.
    pub failed: Vec<Check>,
}

/// The decision on a day: what a release record keeps of its gate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Whether the day is refused: nothing moves but the report.
    pub refused: bool,
    /// The ruling on each series' new version, by the series' name.
    pub rulings: BTreeMap<String, Ruling>,
    pub accepted: Vec<Acceptance>,
}

/// How much larger than an accepted breach one may be that still counts as accepted: exports of
/// successive days differ a little.
const SLACK: f64 = 1.1;

impl Decision {
    /// Decides on a day's versions. `accepted` are the acceptances of this day's data and those
    /// that the live release rests on.
    #[must_use]
    pub fn decide(new: &[NewVersion], accepted: &[Acceptance]) -> Self {
        let mut decision = Self::default();
        for version in new {
            let ruling = decision.ruling(version, accepted);
            decision.refused |= ruling.verdict == Verdict::Refused;
            decision.rulings.insert(version.artefact.name().to_owned(), ruling);
        }
        if decision.refused {
            for (name, ruling) in &mut decision.rulings {
                // The report of a refused day is read more than any other.
                let is_report = name == Artefact::Drift.name() && ruling.is_served();
                if !is_report && matches!(ruling.verdict, Verdict::Published | Verdict::HeldBack) {
                    ruling.verdict = Verdict::Refused;
                }
                if is_report && ruling.verdict == Verdict::Refused {
                    ruling.verdict = Verdict::Published;
                }
            }
        }
        decision
    }

    fn ruling(&mut self, new: &NewVersion, accepted: &[Acceptance]) -> Ruling {
        let checks = new.report.iter().flat_map(|report| &report.checks);
        let mut asked: Vec<Question> = checks.clone().map(|check| check.question).collect();
        asked.sort_unstable();
        asked.dedup();
        let failed: Vec<Check> = checks.filter(|check| !check.passed).cloned().collect();
        let (mut refuses, mut holds_back) = (false, false);
        for check in &failed {
            match check.question {
                Question::Input | Question::World => match acceptance(check, accepted) {
                    Some(acceptance) if self.accepted.contains(acceptance) => {}
                    Some(acceptance) => self.accepted.push(acceptance.clone()),
                    None => refuses = true,
                },
                // Without a live model there is none that could serve in its place.
                Question::Model if new.live.is_some() => holds_back = true,
                Question::Model | Question::Served => refuses = true,
            }
        }
        let verdict = if new.live == Some(new.version) {
            Verdict::Live
        } else if new.stays.is_some() {
            Verdict::Stays
        } else if refuses {
            Verdict::Refused
        } else if holds_back {
            Verdict::HeldBack
        } else {
            Verdict::Published
        };
        let reason = new.stays.clone().filter(|_| verdict == Verdict::Stays);
        Ruling { version: new.version.to_string(), verdict, reason, asked, failed }
    }

    /// The series whose new versions have this verdict.
    pub fn with(&self, verdict: Verdict) -> impl Iterator<Item = (&str, &Ruling)> {
        let rulings = self.rulings.iter().filter(move |(_, ruling)| ruling.verdict == verdict);
        rulings.map(|(name, ruling)| (name.as_str(), ruling))
    }

    /// The breaches that [`Acceptance`]s could settle and none has.
    #[must_use]
    pub fn breaches(&self) -> Vec<&Check> {
        let failed = self.rulings.values().flat_map(|ruling| &ruling.failed);
        failed
            .filter(|check| matches!(check.question, Question::Input | Question::World))
            .filter(|check| acceptance(check, &self.accepted).is_none())
            .collect()
    }
}

impl Ruling {
    /// Whether the version can be served by the code that serves it.
    fn is_served(&self) -> bool {
        self.failed.iter().all(|check| check.question != Question::Served)
    }
}

/// The acceptance that settles a failed check.
pub(crate) fn acceptance<'a>(check: &Check, accepted: &'a [Acceptance]) -> Option<&'a Acceptance> {
    accepted.iter().find(|acceptance| {
        acceptance.check == check.name
            && match (acceptance.size, check.size) {
                (Some(accepted), Some(found)) => found <= accepted * SLACK,
                _ => true,
            }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Asked;

    fn check(question: Question, name: &'static str, passed: bool) -> Check {
        Asked { question, name, check: name }.answer("enough", "little", passed)
    }

    fn made(artefact: Artefact, live: Option<u64>, checks: Vec<Check>) -> NewVersion {
        let version = Version::new(2).unwrap();
        NewVersion {
            artefact,
            version,
            live: live.and_then(Version::new),
            stays: None,
            report: Some(GateReport {
                version: version.to_string(),
                uri: String::new(),
                execution: "e".to_owned(),
                lines: vec!["v2/f".to_owned()],
                passed: checks.iter().all(|check| check.passed),
                checks,
            }),
        }
    }

    /// The verdicts on a day where one check of one series has not passed.
    fn verdicts(
        live: Option<u64>,
        failing: (Artefact, Question),
        accepted: &[Acceptance],
    ) -> String {
        let new = Artefact::PUBLISHED.map(|artefact| {
            let failed = artefact == failing.0;
            let checks =
                vec![check(Question::Served, "files", true), check(failing.1, "breach", !failed)];
            made(artefact, live, checks)
        });
        let decision = Decision::decide(&new, accepted);
        let letter = |artefact: Artefact| match decision.rulings[artefact.name()].verdict {
            Verdict::Live => 'L',
            Verdict::Published => 'P',
            Verdict::Stays => 'S',
            Verdict::HeldBack => 'H',
            Verdict::Refused => 'R',
        };
        Artefact::PUBLISHED.map(letter).iter().collect()
    }

    fn accepted(size: Option<f64>) -> [Acceptance; 1] {
        [Acceptance {
            check: "breach".to_owned(),
            size,
            reason: "as agreed".to_owned(),
            by: "somebody".to_owned(),
            at: Timestamp::from_millis(0),
        }]
    }

    #[test]
    fn each_question_has_its_own_answer() {
        use Artefact::{Drift, Features, Matching, Recommend};
        use Question::{Input, Model, Served, World};
        for (live, failing, expected) in [
            (Some(1), (Features, Input), "RRRP"),
            (Some(1), (Recommend, Input), "RRRP"),
            (Some(1), (Drift, World), "RRRP"),
            (Some(1), (Matching, Model), "PHPP"),
            (Some(1), (Recommend, Model), "PPHP"),
            (Some(1), (Matching, Served), "RRRP"),
            (Some(1), (Drift, Served), "RRRR"),
            (None, (Matching, Model), "RRRP"),
        ] {
            assert_eq!(verdicts(live, failing, &[]), expected, "{failing:?}");
        }
    }

    #[test]
    fn an_accepted_breach_of_the_data_passes_until_it_grows() {
        let input = (Artefact::Features, Question::Input);
        assert_eq!(verdicts(Some(1), input, &accepted(None)), "PPPP");
        assert_eq!(
            verdicts(Some(1), (Artefact::Matching, Question::Served), &accepted(None)),
            "RRRP"
        );
        let of_size = |size| Check { size: Some(size), ..check(Question::Input, "breach", false) };
        let refused = |size| {
            let new = [made(Artefact::Features, Some(1), vec![of_size(size)])];
            let decision = Decision::decide(&new, &accepted(Some(0.3)));
            assert_eq!(decision.breaches().len(), usize::from(decision.refused));
            decision.refused
        };
        assert_eq!([0.2, 0.3, 0.32, 0.4].map(refused), [false, false, false, true]);
    }

    #[test]
    fn what_stays_back_or_is_live_moves_nothing() {
        let mut features = made(Artefact::Features, Some(1), vec![]);
        features.stays = Some("a backfill".to_owned());
        let live = made(Artefact::Matching, Some(2), vec![]);
        let decision = Decision::decide(&[features, live], &[]);
        assert_eq!(decision.rulings["features"].verdict, Verdict::Stays);
        assert_eq!(decision.rulings["features"].reason.as_deref(), Some("a backfill"));
        assert_eq!(decision.rulings["matching"].verdict, Verdict::Live);
        assert_eq!(decision.with(Verdict::Published).count(), 0);
    }
}
