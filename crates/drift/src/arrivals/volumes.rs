//! How much arrives a week, and how much of a change is usual.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::{
    config::SeverityBounds,
    observed::Observed,
    report::MeasureName,
    stats::{
        measures::{Observation, Significance},
        verdict,
    },
};

/// Days by which the usual change is measured: whole weeks, long enough that neighbours differ by
/// themselves and not by the day of the week.
const BLOCK: i32 = 28;
/// Blocks below which nothing is said.
const FEWEST: usize = 4;
/// Rows that a window must expect.
const EXPECTED: f64 = 10.0;
const YEAR: i32 = 365;
const WEEK: f64 = 7.0;

/// Rows a week of a window and of the year before it, not judged yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flow {
    pub(super) before: f64,
    pub(super) usual_low: f64,
    pub(super) usual_high: f64,
    pub(super) after: f64,
    pub(super) observed: Observed,
}

/// The rows of the last `window` days up to `as_of`, beside the blocks of the year before them.
///
/// A block's rows vary about their mean by more than chance alone (Poisson) where business does; the
/// window's are t-distributed about what the blocks lead to expect, as if it varied as one block does
/// for each 28 of its days, for neighbouring months are alike. None where the year has too few blocks
/// or rows.
pub(super) fn flow(
    days: &[Option<i32>],
    as_of: i32,
    window: i32,
    bounds: &SeverityBounds,
) -> Option<Flow> {
    let dated = || days.iter().flatten().copied().filter(|day| *day <= as_of);
    let start = as_of + 1 - window;
    let span = (start - dated().min()?.max(start - YEAR)).max(0);
    let number = usize::try_from(span / BLOCK).ok().filter(|number| *number >= FEWEST)?;
    let mut blocks = vec![0_u64; number];
    let mut after = 0_u64;
    for day in dated() {
        if day >= start {
            after += 1;
        } else if let Ok(block) = usize::try_from((start - 1 - day) / BLOCK)
            && let Some(rows) = blocks.get_mut(block)
        {
            *rows += 1;
        }
    }
    let before = blocks.iter().sum::<u64>();
    let number = number as f64;
    let mean = before as f64 / number;
    let squares = blocks.iter().map(|&rows| (rows as f64 - mean).powi(2)).sum::<f64>();
    let variance = (squares / (number - 1.0)).max(mean);
    let length = f64::from(window) / f64::from(BLOCK);
    let expected = mean * length;
    if expected < EXPECTED {
        return None;
    }
    let deviation = length * (variance * (1.0 + 1.0 / number)).sqrt();
    let law = StudentsT::new(0.0, 1.0, number - 1.0).ok()?;
    let p = 2.0 * law.sf((after as f64 - expected).abs() / deviation);
    let usual = law.inverse_cdf(0.975) * deviation;
    let weeks = f64::from(window) / WEEK;
    let bound = if (after as f64) < expected {
        verdict::bounds(MeasureName::RelativeChange)
    } else {
        bounds.growth.into()
    };
    let observation = Observation {
        name: MeasureName::RelativeChange,
        value: (after as f64 - expected).abs() / expected,
        significance: Significance::P(p.min(1.0)),
        before,
        after,
    };
    Some(Flow {
        before: expected / weeks,
        usual_low: ((expected - usual) / weeks).max(0.0),
        usual_high: (expected + usual) / weeks,
        after: after as f64 / weeks,
        observed: Observed { observation, bound },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{observed::judge, report::Severity};

    /// So many rows on each day of 500, and others in the last 30.
    fn found(usual: i32, late: i32) -> Option<(Flow, Severity)> {
        let rows = |day: i32| if day < 470 { usual } else { late };
        let days: Vec<_> =
            (0..500).flat_map(|day| (0..rows(day)).map(move |_| Some(day))).collect();
        let flow = flow(&days, 499, 30, &SeverityBounds::default())?;
        Some((flow, judge(&[flow.observed], 0.05)[0].severity))
    }

    #[test]
    fn a_stop_and_a_half_are_told_and_a_tenth_is_not() {
        let (same, severity) = found(10, 10).unwrap();
        assert_eq!(severity, Severity::None);
        assert!((same.before - 70.0).abs() < 1e-9 && (same.after - 70.0).abs() < 1e-9);
        assert!(same.usual_low < 70.0 && same.usual_high > 70.0);
        assert_eq!(found(10, 0).unwrap().1, Severity::Alert);
        assert_eq!(found(10, 5).unwrap().1, Severity::Alert);
        assert_eq!(found(10, 9).unwrap().1, Severity::None);
        assert_eq!(found(10, 31).unwrap().1, Severity::Alert);
        assert!(found(0, 10).is_none());
    }
}
