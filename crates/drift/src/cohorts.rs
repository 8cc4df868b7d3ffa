//! The share of matches by the quarter of the application, and when it can be judged.
//!
//! An outcome takes its time: a quarter is mature [`MATURE`] days after its last day, and a younger
//! one is shown, not judged. Outcomes of one job are alike (a job that is filled has matches, another
//! has none), so a quarter tells less than its rows say: rows are counted as many as independent ones
//! would tell as much ([`design_effect`]).

use std::collections::BTreeMap;

use schema::calendar::{self, month_of, month_start};
use stats::Groups;

use crate::{
    applications::ApplicationRow,
    config::Config,
    observed::{self, HitShare, Observed},
    report::Cohort,
};

/// Days after its last day from which on a quarter is mature: as long as the match model leaves
/// unresolved applications out of its training by default.
const MATURE: i32 = 90;
/// Quarters that are reported.
const QUARTERS: i32 = 12;
/// Applications of a quarter, and of the year before it, below which nothing is judged.
pub(crate) const FEWEST: usize = 30;

/// A quarter of the calendar, in days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quarter {
    pub(crate) from: i32,
    pub(crate) to: i32,
}

impl Quarter {
    /// The one so many quarters before that of a day.
    fn before(day: i32, quarters: i32) -> Self {
        let month = month_of(day);
        let first = month - month.rem_euclid(3) - 3 * quarters;
        Self { from: month_start(first), to: month_start(first + 3) - 1 }
    }

    fn is_mature(self, as_of: i32) -> bool {
        as_of - self.to >= MATURE
    }

    pub(crate) fn last_mature(as_of: i32) -> Option<Self> {
        (0..4).map(|ago| Self::before(as_of, ago)).find(|quarter| quarter.is_mature(as_of))
    }

    pub(crate) fn has(self, day: i32) -> bool {
        (self.from..=self.to).contains(&day)
    }
}

/// Applications with a known outcome: the job and whether it was a match.
pub(crate) type Outcomes = Vec<(u32, bool)>;

fn outcomes(applications: &[ApplicationRow], of: impl Fn(i32) -> bool) -> Outcomes {
    let wanted = applications.iter().filter(|a| a.day.is_some_and(&of));
    wanted.filter_map(|a| Some((a.job, a.positive?))).collect()
}

/// How many of them were a match.
pub(crate) fn share(outcomes: &Outcomes) -> HitShare {
    let hits = outcomes.iter().filter(|(_, positive)| *positive).count();
    HitShare { hits: hits as u64, rows: outcomes.len() as u64 }
}

/// How many times the variance of a share is what independent rows would give, with the rows of a
/// job alike: Σ (matches − share · rows)² over jobs, over rows · share · (1 − share) (Kish, *Survey
/// Sampling*, 5.4). At least 1; each side by its own share.
pub(crate) fn design_effect(sides: &[&Outcomes]) -> f64 {
    let (mut found, mut independent) = (0.0, 0.0);
    for side in sides {
        let share = share(side).value();
        let mut jobs: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
        for &(job, positive) in *side {
            let (rows, hits) = jobs.entry(job).or_default();
            *rows += 1;
            *hits += u64::from(positive);
        }
        let off = |(rows, hits): &(u64, u64)| (*hits as f64 - share * *rows as f64).powi(2);
        found += jobs.values().map(off).sum::<f64>();
        independent += side.len() as f64 * share * (1.0 - share);
    }
    if independent > 0.0 { (found / independent).max(1.0) } else { 1.0 }
}

/// As many rows as independent ones would tell as much.
pub(crate) fn effective(share: HitShare, design_effect: f64) -> HitShare {
    let of = |count: u64| (count as f64 / design_effect).round() as u64;
    HitShare { hits: of(share.hits), rows: of(share.rows) }
}

/// The share of matches and its 95 % interval.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LabelRate {
    pub(crate) value: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// None of no rows.
pub(crate) fn rate(outcomes: &Outcomes) -> Option<LabelRate> {
    let all = share(outcomes);
    let value = (all.rows > 0).then(|| all.value())?;
    let few = effective(all, design_effect(&[outcomes]));
    let whole = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let (low, high) = stats::wilson(whole(few.hits), whole(few.rows)).unwrap_or((0.0, 1.0));
    Some(LabelRate { value, low: low.min(value), high: high.max(value) })
}

/// The quarters in which applications were made, the latest last.
pub(crate) fn cohorts(applications: &[ApplicationRow], as_of: i32) -> Vec<Cohort> {
    let first = applications.iter().filter_map(|a| a.day).min().unwrap_or(as_of);
    let quarters = (0..QUARTERS).rev().map(|ago| Quarter::before(as_of, ago));
    let cohort = |quarter: Quarter| {
        let outcomes = outcomes(applications, |day| quarter.has(day) && day <= as_of);
        let HitShare { hits, rows } = share(&outcomes);
        let rate = rate(&outcomes);
        Cohort {
            from: calendar::iso(quarter.from),
            to: calendar::iso(quarter.to),
            applications: rows,
            positives: hits,
            rate: rate.map(|rate| rate.value),
            low: rate.map(|rate| rate.low),
            high: rate.map(|rate| rate.high),
            mature: quarter.is_mature(as_of),
        }
    };
    quarters.filter(|quarter| quarter.to >= first).map(cohort).collect()
}

/// The last mature quarter beside the year before it, not judged yet.
pub(crate) struct Fall {
    pub(crate) quarter: Quarter,
    pub(crate) before: HitShare,
    pub(crate) after: HitShare,
    pub(crate) rate: LabelRate,
    pub(crate) observed: Observed,
}

/// None where either side has too few rows, or the year before no match.
pub(crate) fn fall(applications: &[ApplicationRow], as_of: i32, config: &Config) -> Option<Fall> {
    let quarter = Quarter::last_mature(as_of)?;
    let after = outcomes(applications, |day| quarter.has(day));
    let before = outcomes(applications, |day| (quarter.from - 365..quarter.from).contains(&day));
    if before.len().min(after.len()) < FEWEST {
        return None;
    }
    let effect = design_effect(&[&before, &after]);
    let (was, is) = (share(&before), share(&after));
    let (few, now) = (effective(was, effect), effective(is, effect));
    let mut observed = observed::rate(few, now, &config.bounds)?;
    // The size is that of the shares themselves; only its significance is of fewer rows.
    observed.observation.value = (is.value() - was.value()).abs() / was.value();
    Some(Fall { quarter, before: was, after: is, rate: rate(&after)?, observed })
}

/// Cluster sizes as a share: how many independent rows a row stands for where the rows of a cluster
/// have one value (Kish): rows² / Σ size², over rows.
pub(crate) fn independent(clusters: impl Iterator<Item = u32>) -> f64 {
    let clusters: Vec<u32> = clusters.collect();
    let rows = clusters.len() as f64;
    if rows == 0.0 { 1.0 } else { Groups::new(&clusters).independent_rows() / rows }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(day: i32, job: u32, positive: bool) -> ApplicationRow {
        ApplicationRow { person: 0, job, day: Some(day), positive: Some(positive) }
    }

    /// 2021-04-01; its quarter ends on 2021-06-30.
    const APRIL: i32 = 18_718;

    #[test]
    fn a_quarter_is_mature_ninety_days_after_its_last_day() {
        let quarter = Quarter::before(APRIL + 10, 0);
        assert_eq!(
            (calendar::iso(quarter.from), calendar::iso(quarter.to)),
            ("2021-04-01".into(), "2021-06-30".into())
        );
        assert_ne!(Quarter::last_mature(quarter.to + 89), Some(quarter));
        assert_eq!(Quarter::last_mature(quarter.to + 90), Some(quarter));
    }

    #[test]
    fn rows_of_a_job_that_are_alike_tell_no_more_than_one() {
        let alike: Outcomes = (0..400).map(|i| (i / 4, (i / 4) % 10 == 0)).collect();
        assert!((design_effect(&[&alike]) - 4.0).abs() < 1e-9);
        let alone: Outcomes = (0..400).map(|i| (i, i % 10 == 0)).collect();
        assert!((design_effect(&[&alone]) - 1.0).abs() < 1e-9);
        let (narrow, wide) = (rate(&alone).unwrap(), rate(&alike).unwrap());
        assert!(wide.high - wide.low > 1.7 * (narrow.high - narrow.low));
        assert_eq!(independent((0..400).map(|i| i / 4)), 0.25);
        assert_eq!(independent(std::iter::empty()), 1.0);
    }

    #[test]
    fn the_first_mature_quarter_that_halves_is_an_alert_and_a_young_one_is_not_judged() {
        // 14 % of 12 applications a day in the year before, 7 % from April on.
        let of = |day: i32| {
            let every = if day < APRIL { 7 } else { 14 };
            (0..12).map(move |i| applied(day, (day * 12 + i) as u32, (day * 12 + i) % every == 0))
        };
        let until = |last: i32| (APRIL - 400..=last).flat_map(of).collect::<Vec<_>>();
        let config = Config::default();
        let judged = |as_of: i32| {
            let fall = fall(&until(as_of), as_of, &config).unwrap();
            (fall.quarter.from, observed::judge(&[fall.observed], config.level)[0].severity)
        };
        use crate::report::Severity::{Alert, None};
        let last = APRIL + 90;
        assert_eq!(judged(last + 89), (APRIL - 90, None));
        assert_eq!(judged(last + 90), (APRIL, Alert));
        let shown = cohorts(&until(last), last);
        assert_eq!(shown.last().unwrap().from, "2021-04-01");
        assert!(!shown.last().unwrap().mature && shown[shown.len() - 3].mature);
    }
}
