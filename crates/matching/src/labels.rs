//! Which applications have a label that can be learnt from.
//!
//! Most applications have no final status, and that is no answer: of a young one it means that
//! nobody has decided yet, of an old one that nobody wanted the candidate enough to say so.

use serde::{Deserialize, Serialize};

use crate::dataset::{Application, Dataset};

/// What becomes of applications without a final status ([`schema::statuses::is_final`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "snake_case",
    expecting = "\"negative\", \"drop\" or a table such as { drop_younger_than = 90 }"
)]
pub enum Unresolved {
    /// They are no match, as in the Python system.
    Negative,
    /// They are left out of training and evaluation.
    Drop,
    /// Those made in so many days before the last application (or on a day that is not known) are
    /// left out; older ones are no match.
    DropYoungerThan(u32),
}

/// How many applications have which label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LabelCounts {
    /// All applications.
    pub applications: usize,
    /// Matches.
    pub matches: usize,
    /// Others with a final status.
    pub resolved_others: usize,
    /// Without a final status, taken as no match.
    pub unresolved_as_others: usize,
    /// Without a final status, left out.
    pub left_out: usize,
}

impl Unresolved {
    /// Whether an application is learnt from, when the last one was made on `last`.
    #[must_use]
    pub fn keeps(self, application: &Application, last: Option<i32>) -> bool {
        application.resolved
            || match self {
                Self::Negative => true,
                Self::Drop => false,
                Self::DropYoungerThan(days) => application
                    .day
                    .zip(last)
                    .is_some_and(|(day, last)| i64::from(last) - i64::from(day) >= i64::from(days)),
            }
    }
}

impl LabelCounts {
    /// Counts the labels of a dataset.
    #[must_use]
    pub fn of(dataset: &Dataset, unresolved: Unresolved) -> Self {
        let last = dataset.last_day();
        let mut counts = Self { applications: dataset.rows.len(), ..Self::default() };
        for application in &dataset.rows {
            *match (application.positive, application.resolved) {
                (true, _) => &mut counts.matches,
                (false, true) => &mut counts.resolved_others,
                (false, false) if unresolved.keeps(application, last) => {
                    &mut counts.unresolved_as_others
                }
                (false, false) => &mut counts.left_out,
            } += 1;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_open_and_young_is_left_out() {
        let open = |day| Application { person: 0, job: 0, positive: false, resolved: false, day };
        let decided = Application { resolved: true, ..open(Some(100)) };
        let rule = Unresolved::DropYoungerThan(90);
        for (application, kept) in
            [(open(Some(10)), true), (open(Some(11)), false), (open(None), false), (decided, true)]
        {
            assert_eq!(rule.keeps(&application, Some(100)), kept, "{application:?}");
            assert!(Unresolved::Negative.keeps(&application, Some(100)));
            assert_eq!(Unresolved::Drop.keeps(&application, Some(100)), application.resolved);
        }
    }
}
