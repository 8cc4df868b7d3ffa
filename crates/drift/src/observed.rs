//! Differences on their way to a verdict: what was measured, and from which size on it matters.
//!
//! They are judged together once all of a comparison are there, for what is significant depends on
//! how many there are.

use crate::{
    config::SeverityBounds,
    report::{Measure, MeasureName},
    stats::{
        categories::shares_differ,
        measures::{Observation, Significance, volume},
        verdict::{EffectBounds as Bound, judge_within},
    },
};

/// A difference with the bounds that it is judged by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Observed {
    pub(crate) observation: Observation,
    pub(crate) bound: Bound,
}

impl Observed {
    /// With the bounds of its kind.
    pub(crate) fn of(observation: Observation, bounds: &SeverityBounds) -> Self {
        Self { observation, bound: bounds.of(observation.name) }
    }
}

/// Judgements of a report at most: with each of four references, of how much arrives and how much of
/// it is a match, of what it is like, and of the live model.
const JUDGEMENTS: f64 = 7.0;

/// Judges them together, as one of the report's judgements: each has its part of `level`, the
/// probability of any false alarm in the whole report. The adjusted p allows for that too.
pub(crate) fn judge(observed: &[Observed], level: f64) -> Vec<Measure> {
    let pairs: Vec<_> = observed.iter().map(|o| (o.observation, o.bound)).collect();
    let mut measures = judge_within(&pairs, level / JUDGEMENTS);
    for p in measures.iter_mut().filter_map(|m| m.p_adjusted.as_mut()) {
        *p = (*p * JUDGEMENTS).min(1.0);
    }
    measures
}

/// `hits` of `rows`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HitShare {
    pub(crate) hits: u64,
    pub(crate) rows: u64,
}

impl HitShare {
    /// Its value; 0 of no rows.
    pub(crate) fn value(self) -> f64 {
        ratio(self.hits, self.rows)
    }
}

/// `a` of `b`; 0 of nothing.
pub(crate) fn ratio(a: u64, b: u64) -> f64 {
    if b == 0 { 0.0 } else { a as f64 / b as f64 }
}

/// The share of matches in its own size: it is small, and half of it gone is much. None where there
/// are not rows or were no matches.
pub(crate) fn rate(before: HitShare, after: HitShare, bounds: &SeverityBounds) -> Option<Observed> {
    if before.hits == 0 || after.rows == 0 {
        return None;
    }
    let observation = Observation {
        name: MeasureName::RelativeChange,
        value: (after.value() - before.value()).abs() / before.value(),
        significance: Significance::P(shares_differ(
            before.hits,
            before.rows,
            after.hits,
            after.rows,
        )),
        before: before.rows,
        after: after.rows,
    };
    Some(Observed { observation, bound: bounds.label.into() })
}

/// A count of everything there is: what shrank is judged, for it says that data went missing; what
/// grew only where `growth` says so.
pub(crate) fn count(
    before: u64,
    after: u64,
    bounds: &SeverityBounds,
    growth: bool,
) -> Option<Observed> {
    let bound = if after < before {
        bounds.fall
    } else if growth {
        bounds.growth
    } else {
        return None;
    };
    Some(Observed { observation: volume(before, after)?, bound: bound.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fall_is_judged_and_growth_where_asked() {
        let bounds = SeverityBounds::default();
        let judged = |before, after, growth| {
            let observed = count(before, after, &bounds, growth)?;
            judge(&[observed], 0.05).pop().map(|m| (m.value, m.severity))
        };
        use crate::report::Severity::{Alert, None as Fine, Watch};
        assert_eq!(judged(100, 50, false), Some((0.5, Alert)));
        assert_eq!(judged(100, 90, false), Some((0.1, Watch)));
        assert_eq!(judged(100, 180, false), None);
        assert_eq!(judged(100, 180, true), Some((0.8, Watch)));
        assert_eq!(judged(100, 120, true), Some((0.2, Fine)));
        assert_eq!(judged(0, 5, true), None);
    }

    #[test]
    fn a_rate_is_judged_in_its_own_size() {
        let of = |hits, rows| HitShare { hits, rows };
        let bounds = SeverityBounds::default();
        let judged = |a, b| judge(&[rate(a, b, &bounds).unwrap()], 0.05).remove(0);
        let halved = judged(of(550, 10_000), of(275, 10_000));
        assert_eq!((halved.value, halved.severity), (0.5, crate::report::Severity::Alert));
        let luck = judged(of(5, 100), of(2, 100));
        assert_eq!(luck.severity, crate::report::Severity::None);
        assert!(rate(of(0, 100), of(5, 100), &bounds).is_none());
        assert!(rate(of(5, 100), of(0, 0), &bounds).is_none());
    }
}
