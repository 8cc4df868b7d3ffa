//! What a ranker answered to each query, and whether another is surely better.
//!
//! Two rankers are compared on the queries that both were asked: by the difference on each query, for
//! queries differ more from one another than rankers do on one of them; people are independent, their
//! queries are not ([`stats::paired`]).

use serde::{Deserialize, Serialize};
use stats::Groups;

use super::outcome::ListFigures;

/// People without whom a comparison says nothing: the test takes a mean over them to be normal.
const FEWEST: usize = 30;

/// How high the jobs sought of a query rank.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ranks {
    /// Share of them that are among the first ten.
    pub recall_10: f64,
    /// 1 / rank of the first of them.
    pub reciprocal: f64,
}

impl Ranks {
    pub(super) const fn of([recall_10, _, reciprocal, _]: &ListFigures) -> Self {
        Self { recall_10: *recall_10, reciprocal: *reciprocal }
    }
}

/// What a ranker answered to a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub candidate: u32,
    /// Row of the first code of the person.
    pub person: u32,
    /// The month, as `YYYY-MM`.
    pub month: String,
    /// A hash of the jobs that were open and of those sought: the same of the same question.
    pub question: String,
    pub own: Ranks,
    pub random: Ranks,
}

/// By how much one ranker is ahead of another on the same queries.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankerDifference {
    /// The mean over the queries: negative where the ranker is behind.
    pub mean: f64,
    pub standard_error: f64,
}

impl RankerDifference {
    fn of_means(differences: &[f64], people: &Groups) -> Option<Self> {
        let stats::paired::Difference { mean, standard_error, groups } =
            stats::paired::Difference::of_means(differences, people)?;
        (groups >= FEWEST).then_some(Self { mean, standard_error })
    }

    /// The p-value of the one-sided test that the ranker is behind by at most `margin`: small where
    /// it is surely further behind.
    pub fn p_behind(self, margin: f64) -> f64 {
        stats::paired::one_sided(-self.mean - margin, self.standard_error)
    }
}

/// A ranker against another, on the same queries.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankerComparison {
    pub queries: usize,
    pub recall_10: RankerDifference,
    /// By the reciprocal rank of the first job sought.
    pub reciprocal_rank: RankerDifference,
}

impl RankerComparison {
    /// Of pairs of ranks, the ranker's and the other's; `people` numbers the person of each.
    ///
    /// Returns `None` with fewer than 30 people.
    pub fn of(pairs: &[(Ranks, Ranks)], people: &[u32]) -> Option<Self> {
        let people = Groups::new(people);
        let by = |figure: fn(&Ranks) -> f64| {
            let each = pairs.iter().map(|(own, other)| figure(own) - figure(other));
            RankerDifference::of_means(&each.collect::<Vec<f64>>(), &people)
        };
        Some(Self {
            queries: pairs.len(),
            recall_10: by(|ranks| ranks.recall_10)?,
            reciprocal_rank: by(|ranks| ranks.reciprocal)?,
        })
    }

    pub(super) fn with_random(answers: &[Answer]) -> Option<Self> {
        let pairs: Vec<_> = answers.iter().map(|answer| (answer.own, answer.random)).collect();
        let people: Vec<u32> = answers.iter().map(|answer| answer.person).collect();
        Self::of(&pairs, &people)
    }

    /// The p-value of the test that the ranker is behind by at most `margin` in both figures: the
    /// smaller of two, doubled (Bonferroni).
    pub fn p_behind(&self, margin: f64) -> f64 {
        let p = [self.recall_10, self.reciprocal_rank].map(|by| by.p_behind(margin));
        (2.0 * p[0].min(p[1])).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(people: u32, difference: impl Fn(u32) -> f64) -> Option<RankerComparison> {
        let ranks = |recall_10| Ranks { recall_10, reciprocal: 0.5 };
        let pairs: Vec<_> = (0..people).map(|i| (ranks(0.4 + difference(i)), ranks(0.4))).collect();
        RankerComparison::of(&pairs, &(0..people).collect::<Vec<u32>>())
    }

    #[test]
    fn surely_behind_is_not_by_chance_and_not_within_the_margin() {
        let noise = |i: u32| if i.is_multiple_of(2) { 0.3 } else { -0.3 };
        let behind = compared(1_000, |i| noise(i) - 0.05).unwrap();
        assert!((behind.recall_10.mean + 0.05).abs() < 1e-12);
        assert!(behind.p_behind(0.0) < 1e-3 && behind.p_behind(0.01) < 1e-3);
        assert!(behind.p_behind(0.05) > 0.5);
        assert!(compared(100, |i| noise(i) - 0.05).unwrap().p_behind(0.0) > 1e-3);
        assert!(compared(1_000, |i| noise(i) + 0.05).unwrap().p_behind(0.0) > 0.5);
        // A hair on every query is sure, and within the margin.
        let hair = compared(1_000, |_| -0.001).unwrap();
        assert!(hair.p_behind(0.0) < 1e-3 && hair.p_behind(0.01) > 0.5);
        assert_eq!(compared(1_000, |_| 0.0).unwrap().p_behind(0.0), 1.0);
    }

    /// How often, of 2,000 pairs of rankers that find a job among the first ten for these shares of the
    /// people, each by its own chance, the first is said to be surely behind at level 0.001.
    fn refused(people: u32, own: f64, other: f64, margin: f64) -> f64 {
        let mut random = stats::Random::new(7);
        let mut ranks = |found: f64| {
            let (hit, rank) = (random.uniform() < found, random.below(10) as f64 + 1.0);
            Ranks {
                recall_10: f64::from(u8::from(hit)),
                reciprocal: if hit { 1.0 / rank } else { 0.0 },
            }
        };
        let refused = (0..2_000).filter(|_| {
            let pairs: Vec<_> = (0..people).map(|_| (ranks(own), ranks(other))).collect();
            let compared =
                RankerComparison::of(&pairs, &(0..people).collect::<Vec<u32>>()).unwrap();
            compared.p_behind(margin) < 0.001
        });
        refused.count() as f64 / 2_000.0
    }

    #[test]
    fn equals_are_hardly_ever_refused_and_half_as_good_is() {
        for people in [30, 200, 1_600] {
            assert!(refused(people, 0.1, 0.1, 0.0) <= 0.003, "{people}");
            assert!(refused(people, 0.1, 0.1, 0.01) <= 0.001, "{people}");
        }
        assert!(refused(1_600, 0.05, 0.1, 0.01) > 0.6);
        assert!(refused(1_600, 0.03, 0.1, 0.01) > 0.99);
    }

    #[test]
    fn few_people_say_nothing() {
        assert_eq!(compared(29, |_| -0.4), None);
        assert!(compared(30, |_| -0.4).is_some());
        // A thousand queries of two people are two people.
        let pairs = vec![(Ranks::default(), Ranks::default()); 1_000];
        assert_eq!(RankerComparison::of(&pairs, &[[0; 500], [1; 500]].concat()), None);
    }
}
