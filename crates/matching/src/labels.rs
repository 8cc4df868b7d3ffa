//! Which applications have a label that can be learnt from.
//!
//! What a status says is one table, [`schema::statuses::outcome`]. A status of
//! [`Positive`](Outcome::Positive) or [`Negative`](Outcome::Negative) outcome is a label as it
//! stands. The other two need a rule:
//!
//! - **Open**: most applications have no final status, and that is not an answer. Of a young one it
//!   means that nobody has decided yet, of an old one that nobody wanted the candidate enough to say
//!   so. To leave out the open ones of the last weeks alone would keep those that were decided
//!   fast, which are hires far more often (on the source's data 23.8 % of the decided ones where 2.0
//!   % of the whole cohort are), so **all** applications of those weeks are left out until their
//!   cohort has matured.
//! - **Other**: the candidate was hired in another way (`Contratado como Hunting`) or signs papers
//!   (`Documentação …`), or the status is not known. It is not a refusal, so it is never a negative
//!   label here; it is a match where `positive` names it, and else left out. It is left out by
//!   default, because it is not the event that the probabilities are of: on the source's data these
//!   are 217 of 53,759 applications, and they would raise the share of matches of the contract type
//!   `Hunting` from 0.6 % to 3.3 %.

use schema::statuses::Outcome;
use serde::{Deserialize, Serialize};

use crate::dataset::{Application, Dataset};

/// Which applications without a settled outcome are learnt from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "snake_case",
    expecting = "\"negative\", \"drop\" or a table such as { drop_younger_than = 90 }"
)]
pub enum Unresolved {
    /// All are, as no match, as in the Python system: whatever is not in `positive` is a negative
    /// label, of applications of any age.
    Negative,
    /// Open applications are left out, and those of [`Outcome::Other`].
    Drop,
    /// All applications made in so many days before the last one (or on a day that is not known) are
    /// left out, decided or not; an open application that is older is not a match. Those of
    /// [`Outcome::Other`] are left out at any age.
    DropYoungerThan(u32),
}

/// How many applications have which label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LabelCounts {
    pub applications: usize,
    pub matches: usize,
    pub resolved_others: usize,
    /// Open, taken as no match.
    pub unresolved_as_others: usize,
    /// Left out: the sum of the three below.
    pub left_out: usize,
    /// Left out because their cohort has not matured, whatever their status.
    pub left_out_young: usize,
    /// Left out because they are open.
    pub left_out_open: usize,
    /// Left out because their status is neither a match nor a refusal.
    pub left_out_other: usize,
}

/// Why an application has no label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Without {
    Young,
    Open,
    Other,
}

impl Unresolved {
    /// Whether an application is learnt from, when the last one was made on `last`.
    pub fn keeps(self, application: &Application, last: Option<i32>) -> bool {
        self.without_label(application, last).is_none()
    }

    /// Whether an application is old enough for its status to be learnt from, whatever that is.
    pub fn is_mature(self, application: &Application, last: Option<i32>) -> bool {
        match self {
            Self::Negative | Self::Drop => true,
            Self::DropYoungerThan(days) => application
                .day
                .zip(last)
                .is_some_and(|(day, last)| i64::from(last) - i64::from(day) >= i64::from(days)),
        }
    }

    fn without_label(self, application: &Application, last: Option<i32>) -> Option<Without> {
        if self == Self::Negative {
            None
        } else if !self.is_mature(application, last) {
            Some(Without::Young)
        } else if application.positive {
            None
        } else {
            match (application.outcome, self) {
                (Outcome::Other, _) => Some(Without::Other),
                (Outcome::Open, Self::Drop) => Some(Without::Open),
                _ => None,
            }
        }
    }
}

impl LabelCounts {
    /// Counts the labels of a dataset.
    pub fn of(dataset: &Dataset, unresolved: Unresolved) -> Self {
        let last = dataset.last_day();
        let mut counts = Self { applications: dataset.rows.len(), ..Self::default() };
        for application in &dataset.rows {
            *match unresolved.without_label(application, last) {
                Some(Without::Young) => &mut counts.left_out_young,
                Some(Without::Open) => &mut counts.left_out_open,
                Some(Without::Other) => &mut counts.left_out_other,
                None if application.positive => &mut counts.matches,
                None if application.outcome == Outcome::Open => &mut counts.unresolved_as_others,
                None => &mut counts.resolved_others,
            } += 1;
        }
        counts.left_out = counts.left_out_young + counts.left_out_open + counts.left_out_other;
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(outcome: Outcome, day: Option<i32>) -> Application {
        let positive = outcome == Outcome::Positive;
        Application { person: 0, job: 0, person_group: 0, job_group: 0, positive, outcome, day }
    }

    const ALL: [Outcome; 4] = [Outcome::Open, Outcome::Positive, Outcome::Negative, Outcome::Other];

    #[test]
    fn the_young_are_left_out_whatever_became_of_them() {
        let rule = Unresolved::DropYoungerThan(90);
        for outcome in ALL {
            for (day, is_mature) in [(Some(10), true), (Some(11), false), (None, false)] {
                let application = made(outcome, day);
                let kept = is_mature && outcome != Outcome::Other;
                assert_eq!(rule.keeps(&application, Some(100)), kept, "{application:?}");
                assert_eq!(rule.is_mature(&application, Some(100)), is_mature);
            }
        }
    }

    #[test]
    fn what_is_no_refusal_is_no_negative_label() {
        for rule in [Unresolved::Drop, Unresolved::DropYoungerThan(90)] {
            let hunted = made(Outcome::Other, Some(1));
            assert!(!rule.keeps(&hunted, Some(100)));
            assert!(rule.keeps(&Application { positive: true, ..hunted }, Some(100)));
        }
        let open = made(Outcome::Open, Some(1));
        assert!(!Unresolved::Drop.keeps(&open, Some(100)));
        assert!(Unresolved::DropYoungerThan(90).keeps(&open, Some(100)));
    }

    #[test]
    fn the_python_systems_rule_keeps_all() {
        for outcome in ALL {
            for day in [None, Some(100)] {
                assert!(Unresolved::Negative.keeps(&made(outcome, day), Some(100)));
            }
        }
    }
}
