//! From sizes and probabilities to a severity.
//!
//! The rule, one for all measures: a difference is an **alert** when its size reaches the alert bound
//! of its kind and it is significant, a **watch** when it reaches the watch bound and is significant,
//! else **none**. So the number of rows cannot make an alarm out of a difference that does not matter
//! (a shift of .02 standard deviations at 42,000 rows), nor chance one out of few rows.
//!
//! Significant means: the probability, adjusted by Holm's method for all measures judged together,
//! is under the level; a population stability index must exceed its critical value at the level over
//! the number of measures. Both keep the probability of **any** false alarm among them, alert or
//! watch, at most the level, however the measures depend on one another. Judge all measures of a
//! report in one call, or give each call its part of the level.

use ::stats::testing::holm;

use super::measures::{Observation, Significance};
use crate::report::{Measure, MeasureName, Severity};

/// The probability of any false alarm in a report.
pub const LEVEL: f64 = 0.05;

/// From which size on a difference matters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EffectBounds {
    /// Worth a look.
    pub watch: f64,
    /// Worth acting.
    pub alert: f64,
}

/// The bounds of a kind of measure.
///
/// They are set to say the same of the same change: half of the rows moving to another category
/// share of 60 %, for instance, is a V of .1 and a divergence of .0073 bits, and normal values that
/// move by a quarter of their deviation have a Kolmogorov and Smirnov distance of .1. The index
/// keeps the bounds that its users know.
pub const fn bounds(name: MeasureName) -> EffectBounds {
    let (watch, alert) = match name {
        MeasureName::Ks | MeasureName::CramersV => (0.05, 0.1),
        MeasureName::Wasserstein => (0.125, 0.25),
        MeasureName::Psi => (0.1, 0.25),
        MeasureName::JensenShannon => (0.002, 0.0075),
        MeasureName::ShareDifference => (0.025, 0.05),
        MeasureName::RelativeChange => (0.25, 0.5),
        MeasureName::Separability => (0.1, 0.2),
    };
    EffectBounds { watch, alert }
}

/// Judges measures together by the bounds of their kinds, with a probability of at most `level` of
/// any false alarm.
pub fn judge(observations: &[Observation], level: f64) -> Vec<Measure> {
    let bounded: Vec<_> = observations.iter().map(|o| (*o, bounds(o.name))).collect();
    judge_within(&bounded, level)
}

/// As [`judge`], by bounds of one's own.
pub fn judge_within(observations: &[(Observation, EffectBounds)], level: f64) -> Vec<Measure> {
    let p: Vec<Option<f64>> = observations
        .iter()
        .map(|(observation, _)| match observation.significance {
            Significance::P(p) => Some(p),
            Significance::Critical(bins) => Some(bins.p(observation.value)),
            Significance::Certain => None,
        })
        .collect();
    let tested: Vec<f64> = p.iter().copied().flatten().collect();
    let mut adjusted = holm(&tested).into_iter();
    let each = level / tested.len().max(1) as f64;
    observations
        .iter()
        .zip(p)
        .map(|((observation, EffectBounds { watch, alert }), p)| {
            let (watch, alert) = (*watch, *alert);
            let p_adjusted = p.and_then(|_| adjusted.next());
            let (critical, significant) = match observation.significance {
                Significance::P(_) => (None, p_adjusted.is_some_and(|p| p < level)),
                Significance::Critical(bins) => {
                    let critical = bins.critical(each);
                    (critical, critical.is_some_and(|critical| observation.value > critical))
                }
                Significance::Certain => (None, true),
            };
            let severity = match observation.value {
                value if significant && value >= alert => Severity::Alert,
                value if significant && value >= watch => Severity::Watch,
                _ => Severity::None,
            };
            Measure {
                name: observation.name,
                value: observation.value,
                watch,
                alert,
                p,
                p_adjusted,
                critical,
                before: observation.before,
                after: observation.after,
                severity,
            }
        })
        .collect()
}

pub fn worst(measures: &[Measure]) -> Severity {
    measures.iter().map(|measure| measure.severity).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::critical::Bins;

    fn ks(value: f64, p: f64) -> Observation {
        Observation {
            name: MeasureName::Ks,
            value,
            significance: Significance::P(p),
            before: 500,
            after: 400,
        }
    }

    #[test]
    fn an_alarm_needs_size_and_significance() {
        let severity = |value, p| judge(&[ks(value, p)], LEVEL)[0].severity;
        assert_eq!(severity(0.3, 0.001), Severity::Alert);
        assert_eq!(severity(0.06, 0.001), Severity::Watch);
        assert_eq!(severity(0.04, 1e-30), Severity::None);
        assert_eq!(severity(0.3, 0.06), Severity::None);
        assert_eq!(severity(f64::NAN, 0.0), Severity::None);
    }

    #[test]
    fn many_measures_need_more_evidence() {
        let mut observations = vec![ks(0.3, 0.004)];
        assert_eq!(worst(&judge(&observations, LEVEL)), Severity::Alert);
        observations.extend([ks(0.0, 1.0); 19]);
        let measures = judge(&observations, LEVEL);
        assert_eq!(worst(&measures), Severity::None);
        assert!((measures[0].p_adjusted.unwrap() - 0.08).abs() < 1e-12);
    }

    #[test]
    fn an_index_is_judged_by_its_critical_value() {
        let psi = |rows: u64| Observation {
            name: MeasureName::Psi,
            value: 0.3,
            significance: Significance::Critical(Bins {
                number: 10,
                smallest_expected: rows as f64 / 10.0,
                before: rows,
                after: rows,
            }),
            before: rows,
            after: rows,
        };
        let measures = judge(&[psi(100), psi(1_000)], LEVEL);
        assert_eq!(measures[0].severity, Severity::None);
        assert!(measures[0].critical.unwrap() > 0.3);
        assert_eq!(measures[1].severity, Severity::Alert);
    }

    #[test]
    fn a_volume_needs_no_test_and_takes_no_evidence_from_others() {
        let volume = crate::stats::measures::volume(100, 160).unwrap();
        let measures = judge(&[volume, ks(0.3, 0.04)], LEVEL);
        assert_eq!(measures[0].severity, Severity::Alert);
        assert_eq!((measures[0].p, measures[0].p_adjusted), (None, None));
        assert_eq!(measures[1].severity, Severity::Alert);
        assert_eq!(judge(&[], LEVEL), []);
    }
}
