//! From which probability on an application is called a match: by what mistakes cost, or by how
//! many can be seen.

use serde::{Deserialize, Serialize};
use stats::Groups;

use super::{Judged, sorted::Sorted};
use crate::Error;

/// What a threshold is chosen by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdRule {
    Costs(Costs),
    /// By how many applications of a job can be seen.
    Capacity(Capacity),
}

/// What mistakes cost, in one unit; what is right costs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// An application that is called and is not a match: an interview in vain.
    pub false_positive: f64,
    /// A match that is not called.
    pub false_negative: f64,
}

/// How many applications can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// Applications called of a job, on the mean: five interviews a job.
    pub per_job: f64,
}

impl ThresholdRule {
    /// Checks what types cannot say; `key` is that of the rule in the config.
    pub fn check(&self, key: &str) -> Result<(), Error> {
        let values = match self {
            Self::Costs(costs) => vec![
                ("costs.false_positive", costs.false_positive),
                ("costs.false_negative", costs.false_negative),
            ],
            Self::Capacity(capacity) => vec![("capacity.per_job", capacity.per_job)],
        };
        for (name, value) in values {
            if !(value.is_finite() && value > 0.0) {
                return Err(Error::Config {
                    key: format!("{key}.{name}"),
                    expected: "a number above 0".to_owned(),
                    found: value.to_string(),
                });
            }
        }
        Ok(())
    }
}

/// A threshold and what comes of it: stored with the model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chosen {
    /// An application is called a match from this probability on.
    pub threshold: f64,
    pub rule: ThresholdRule,
    /// What comes of it on the rows it was judged by.
    pub expected: Expected,
    /// With costs: the threshold that would have been cheapest on those rows. Far from the one
    /// chosen, it says that the probabilities are not calibrated, or that the rows are few. None
    /// where it is cheapest to call nobody, and with a capacity.
    pub cheapest: Option<Expected>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    pub threshold: f64,
    /// Share of the applications that is called.
    pub called: f64,
    /// Share of those that is a match; null where none is called.
    pub precision: Option<f64>,
    /// Share of the matches that is called; null where there are none.
    pub recall: Option<f64>,
    /// Applications called of a job, on the mean.
    pub called_per_job: f64,
    /// Mean cost of an application, with costs.
    pub cost: Option<f64>,
}

/// Applications of a job, on the mean; none without applications. `jobs` has the job of each.
pub fn applications_per_job(jobs: &[u32]) -> Option<f64> {
    (!jobs.is_empty()).then(|| jobs.len() as f64 / Groups::new(jobs).count() as f64)
}

/// Chooses a threshold of calibrated probabilities, on a part kept aside; none without rows.
///
/// With costs it is the probability at which both mistakes cost the same, `fp / (fp + fn)` (Elkan,
/// "The foundations of cost-sensitive learning", IJCAI 2001). With a capacity it is the lowest
/// probability of the part above which no more applications of a job lie, on the mean, than can be
/// seen; equal probabilities are called together, and the highest always.
///
/// A part kept aside by candidate has but some of a job's applications, so how many a job gets is
/// not counted there: `per_job` is that number, [`applications_per_job`] of all of them.
pub fn choose(rule: ThresholdRule, aside: &Judged<'_>, per_job: f64) -> Option<Chosen> {
    let totals = Totals { rows: aside.rows(), positives: aside.positives(), per_job, rule };
    if totals.rows == 0 {
        return None;
    }
    let sorted = Sorted::of(aside);
    // From the highest probability on: the threshold, and what it calls.
    let mut steps: Vec<Called> = Vec::new();
    let mut called = Called { threshold: f64::INFINITY, rows: 0, positives: 0 };
    sorted.for_each_run(&vec![1; sorted.people], |threshold, _, positives, negatives| {
        called.threshold = threshold;
        called.rows += (positives + negatives) as usize;
        called.positives += positives as usize;
        steps.push(called);
    });
    let none = Called { threshold: f64::INFINITY, rows: 0, positives: 0 };
    let (expected, cheapest) = match rule {
        ThresholdRule::Costs(costs) => {
            let threshold = costs.false_positive / (costs.false_positive + costs.false_negative);
            let before = steps.partition_point(|step| step.threshold >= threshold);
            let at = before.checked_sub(1).map_or(none, |last| steps[last]);
            // Of equals, the one that calls fewest.
            let cost = |step: &Called| totals.cost(costs, step);
            let cheapest = steps
                .iter()
                .fold(none, |least, step| if cost(step) < cost(&least) { *step } else { least });
            let cheapest = (cheapest.rows > 0).then(|| totals.expected(cheapest));
            (totals.expected(Called { threshold, ..at }), cheapest)
        }
        ThresholdRule::Capacity(Capacity { per_job: seen }) => {
            let most = seen / per_job * totals.rows as f64;
            // A hair more, for the quotient may round a whole number down.
            let within = steps.partition_point(|step| step.rows as f64 <= most + 1e-6);
            let mut at = steps[within.max(1) - 1];
            if within == steps.len() {
                // All can be seen, so lower ones too.
                at.threshold = 0.0;
            }
            (totals.expected(at), None)
        }
    };
    Some(Chosen { threshold: expected.threshold, rule, expected, cheapest })
}

#[derive(Clone, Copy, Debug)]
struct Called {
    threshold: f64,
    rows: usize,
    positives: usize,
}

/// What every threshold is judged by.
struct Totals {
    rows: usize,
    positives: usize,
    per_job: f64,
    rule: ThresholdRule,
}

impl Totals {
    fn cost(&self, costs: Costs, called: &Called) -> f64 {
        costs.false_positive * (called.rows - called.positives) as f64
            + costs.false_negative * (self.positives - called.positives) as f64
    }

    fn expected(&self, called: Called) -> Expected {
        let ratio = |part: usize, whole: usize| (whole > 0).then(|| part as f64 / whole as f64);
        let share = called.rows as f64 / self.rows as f64;
        Expected {
            threshold: called.threshold,
            called: share,
            precision: ratio(called.positives, called.rows),
            recall: ratio(called.positives, self.positives),
            called_per_job: share * self.per_job,
            cost: match self.rule {
                ThresholdRule::Costs(costs) => Some(self.cost(costs, &called) / self.rows as f64),
                ThresholdRule::Capacity(_) => None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use stats::Random;

    use super::*;
    use crate::judge::tests::Rows;

    const PROBABILITIES: [f32; 5] = [0.9, 0.6, 0.6, 0.3, 0.1];

    fn aside() -> Rows {
        Rows::alone(&PROBABILITIES, &[true, true, false, false, false])
    }

    fn costs(false_positive: f64, false_negative: f64) -> ThresholdRule {
        ThresholdRule::Costs(Costs { false_positive, false_negative })
    }

    fn capacity(per_job: f64) -> ThresholdRule {
        ThresholdRule::Capacity(Capacity { per_job })
    }

    #[test]
    fn costs_by_hand() {
        let chosen = choose(costs(1.0, 4.0), &aside().judged(), 10.0).unwrap();
        assert_eq!(chosen.threshold, 0.2);
        let expected = chosen.expected;
        assert_eq!((expected.called, expected.called_per_job), (0.8, 8.0));
        assert_eq!((expected.precision, expected.recall), (Some(0.5), Some(1.0)));
        assert_eq!(expected.cost, Some(2.0 / 5.0));
        // To call the three highest costs one mistake less.
        let cheapest = chosen.cheapest.unwrap();
        assert!((cheapest.threshold - 0.6).abs() < 1e-6 && cheapest.cost == Some(0.2));

        let dear = choose(costs(99.0, 1.0), &aside().judged(), 10.0).unwrap();
        assert_eq!((dear.threshold, dear.expected.precision), (0.99, None));
        assert_eq!((dear.expected.recall, dear.expected.called), (Some(0.0), 0.0));
        assert!((dear.cheapest.unwrap().threshold - 0.9).abs() < 1e-6);
        let no_match = Rows::alone(&PROBABILITIES, &[false; 5]);
        let chosen = choose(costs(1.0, 4.0), &no_match.judged(), 10.0).unwrap();
        assert_eq!((chosen.cheapest, chosen.expected.recall), (None, None));
    }

    #[test]
    fn capacity_by_hand() {
        let chosen = |seen| choose(capacity(seen), &aside().judged(), 5.0).unwrap();
        // Equals are called together, or not at all.
        for (seen, threshold, called) in
            [(0.1, 0.9, 1.0), (1.0, 0.9, 1.0), (2.0, 0.9, 1.0), (3.0, 0.6, 3.0), (4.5, 0.3, 4.0)]
        {
            let chosen = chosen(seen);
            assert!((chosen.threshold - threshold).abs() < 1e-6, "{chosen:?}");
            assert!((chosen.expected.called_per_job - called).abs() < 1e-12, "{chosen:?}");
        }
        assert_eq!((chosen(5.0).threshold, chosen(9.0).expected.called), (0.0, 1.0));
        let three = chosen(3.0).expected;
        assert_eq!((three.precision, three.recall), (Some(2.0 / 3.0), Some(1.0)));
        assert_eq!((three.cost, chosen(3.0).cheapest), (None, None));
        assert_eq!(choose(capacity(5.0), &Rows::default().judged(), 5.0), None);
    }

    #[test]
    fn a_job_has_as_many_applications_as_all_rows_say() {
        assert_eq!(applications_per_job(&[3, 1, 3, 3]), Some(2.0));
        assert_eq!(applications_per_job(&[]), None);
    }

    #[test]
    fn of_calibrated_probabilities_the_chosen_threshold_is_nearly_the_cheapest() {
        let mut random = Random::new(6);
        let (probabilities, labels): (Vec<f32>, Vec<bool>) = (0..20_000)
            .map(|_| {
                let truth = random.uniform();
                (truth as f32, random.uniform() < truth)
            })
            .unzip();
        let aside = Rows::alone(&probabilities, &labels);
        let chosen = choose(costs(1.0, 3.0), &aside.judged(), 1.0).unwrap();
        let cheapest = chosen.cheapest.unwrap();
        assert!((chosen.threshold - cheapest.threshold).abs() < 0.05, "{chosen:?}");
        let (own, least) = (chosen.expected.cost.unwrap(), cheapest.cost.unwrap());
        assert!(least <= own && own < least * 1.01, "{own} {least}");
    }

    #[test]
    fn a_rule_is_read_and_checked() {
        let read: ThresholdRule =
            serde_json::from_str(r#"{"costs":{"false_positive":1,"false_negative":4.5}}"#).unwrap();
        assert_eq!(read, costs(1.0, 4.5));
        let read: ThresholdRule = serde_json::from_str(r#"{"capacity":{"per_job":5}}"#).unwrap();
        assert_eq!(read, capacity(5.0));
        for wrong in [
            r#"{"costs":{"false_positive":1}}"#,
            r#"{"capacity":{"per_job":5,"a":1}}"#,
            r#"{"luck":{}}"#,
        ] {
            assert!(serde_json::from_str::<ThresholdRule>(wrong).is_err(), "{wrong}");
        }
        assert!(costs(1.0, 2.0).check("threshold").is_ok());
        for (key, rule) in [
            ("costs.false_positive", costs(0.0, 1.0)),
            ("costs.false_negative", costs(1.0, f64::INFINITY)),
            ("capacity.per_job", capacity(-1.0)),
        ] {
            let error = rule.check("threshold").unwrap_err().to_string();
            assert!(
                error.contains(&format!("threshold.{key} must be a number above 0")),
                "{error}"
            );
        }
        let chosen = choose(costs(1.0, 4.0), &aside().judged(), 10.0).unwrap();
        let json = serde_json::to_string(&chosen).unwrap();
        assert_eq!(serde_json::from_str::<Chosen>(&json).unwrap(), chosen);
    }

    proptest! {
        #[test]
        fn no_more_are_called_than_can_be_seen(
            rows in prop::collection::vec((0_u8..=20, any::<bool>()), 1..60),
            seen in 0.1..12.0_f64,
        ) {
            let (probabilities, labels): (Vec<f32>, Vec<bool>) =
                rows.iter().map(|&(p, label)| (f32::from(p) / 20.0, label)).unzip();
            let aside = Rows::alone(&probabilities, &labels);
            let Chosen { threshold, expected, .. } = choose(capacity(seen), &aside.judged(), 10.0).unwrap();
            let called: Vec<f32> =
                probabilities.iter().copied().filter(|&p| f64::from(p) >= threshold).collect();
            prop_assert!((expected.called - called.len() as f64 / labels.len() as f64).abs() < 1e-12);
            let only_the_highest = called.iter().all(|p| *p == called[0]);
            prop_assert!(expected.called_per_job <= seen + 1e-5 || only_the_highest);
        }
    }
}
