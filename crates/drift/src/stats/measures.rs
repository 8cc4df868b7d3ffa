//! From the values of two versions to sizes and probabilities, not yet judged.

use super::{
    categories,
    critical::{Bins, quantile_psi},
    distance::wasserstein,
    ks::{self, Method, Sample},
};
use crate::report::MeasureName;

/// A size, and what says whether it may be chance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    pub name: MeasureName,
    /// The size of the difference.
    pub value: f64,
    /// How chance is told apart.
    pub significance: Significance,
    /// Rows before.
    pub before: u64,
    /// Rows after.
    pub after: u64,
}

/// How chance is told apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Significance {
    /// By the probability of so great a difference without drift.
    P(f64),
    /// By the critical value of a population stability index.
    Critical(Bins),
    /// Not at all: counts of everything there is, of which nothing was drawn.
    Certain,
}

/// Samples up to this size are tested exactly.
const EXACT: u64 = 1_000;

/// Numbers, days or lengths: Kolmogorov and Smirnov's distance, Wasserstein's distance, and the
/// index over quantiles. Empty where a side is.
///
/// Both distances are significant by the test of Kolmogorov and Smirnov: it is of the same question,
/// whether the distributions are equal.
#[must_use]
pub fn values(before: Sample<'_>, after: Sample<'_>) -> Vec<Observation> {
    let (n, m) = (before.len(), after.len());
    let method = if n.max(m) <= EXACT { Method::Exact } else { Method::Asymptotic };
    let of =
        |name, value, significance| Observation { name, value, significance, before: n, after: m };
    let mut found = Vec::with_capacity(3);
    if let Some(test) = ks::test(before, after, method) {
        // Asymptotically nothing can be said of a single value.
        let p = if test.p.is_nan() { 1.0 } else { test.p };
        found.push(of(MeasureName::Ks, test.distance, Significance::P(p)));
        if let Some(distance) = wasserstein(before, after) {
            found.push(of(MeasureName::Wasserstein, distance, Significance::P(p)));
        }
    }
    if let Some((psi, bins)) = quantile_psi(before, after) {
        found.push(of(MeasureName::Psi, psi, Significance::Critical(bins)));
    }
    found
}

/// Categories or languages, as counts before and after: Cramér's V, Jensen and Shannon's divergence,
/// and the index. Empty where a side is.
#[must_use]
pub fn categories(counts: &[(u64, u64)]) -> Vec<Observation> {
    let Some(found) = categories::compare(counts) else { return Vec::new() };
    let of = |name, value, significance| Observation {
        name,
        value,
        significance,
        before: found.before,
        after: found.after,
    };
    vec![
        of(MeasureName::CramersV, found.cramers_v, Significance::P(found.p)),
        of(MeasureName::JensenShannon, found.jensen_shannon, Significance::P(found.p)),
        of(MeasureName::Psi, found.psi, Significance::Critical(found.bins)),
    ]
}

/// Two shares, `x` of `n` before and `y` of `m` after. None where a side is empty.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "shares of counts")]
pub fn share(x: u64, n: u64, y: u64, m: u64) -> Option<Observation> {
    if n == 0 || m == 0 {
        return None;
    }
    Some(Observation {
        name: MeasureName::ShareDifference,
        value: (y as f64 / m as f64 - x as f64 / n as f64).abs(),
        significance: Significance::P(categories::shares_differ(x, n, y, m)),
        before: n,
        after: m,
    })
}

/// Terms that fewer rows have, both sides together, are not tested: they cannot be significant.
const TERM_ROWS: u64 = 10;

/// The terms of a text column, as the numbers of rows that have each, of `n` before and of `m`
/// after: the term whose share moved most, and the chance that any of the terms moves so far. None
/// where there is no term or a side is empty.
#[must_use]
pub fn terms(counts: &[(u64, u64)], n: u64, m: u64) -> Option<Observation> {
    let tested = || counts.iter().filter(|&&(x, y)| x + y >= TERM_ROWS);
    let most = tested()
        .filter_map(|&(x, y)| share(x, n, y, m))
        .max_by(|a, b| a.value.total_cmp(&b.value))?;
    #[expect(clippy::cast_precision_loss, reason = "a number of terms")]
    let number = tested().count() as f64;
    let significance = match most.significance {
        Significance::P(p) => Significance::P((p * number).min(1.0)),
        other => other,
    };
    Some(Observation { significance, ..most })
}

/// A count before and after, as its relative change. None where there was nothing before.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a ratio of counts")]
pub fn volume(before: u64, after: u64) -> Option<Observation> {
    (before > 0).then(|| Observation {
        name: MeasureName::RelativeChange,
        value: (after as f64 - before as f64).abs() / before as f64,
        significance: Significance::Certain,
        before,
        after,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_measured_on_an_empty_side() {
        let some = [1.0, 2.0];
        assert_eq!(values(Sample::new(&some, 0), Sample::new(&[], 0)), []);
        assert_eq!(categories(&[(3, 0), (4, 0)]), []);
        assert_eq!(share(0, 0, 1, 2), None);
        assert_eq!(terms(&[(5, 50)], 0, 100), None);
        assert_eq!(volume(0, 10), None);
    }

    #[test]
    fn one_value_on_each_side_is_no_evidence() {
        for found in values(Sample::new(&[1.0], 0), Sample::new(&[2.0], 0)) {
            match found.significance {
                Significance::P(p) => assert_eq!(p, 1.0),
                Significance::Critical(bins) => assert_eq!(bins.critical(0.05), None),
                Significance::Certain => panic!("{found:?}"),
            }
        }
    }

    #[test]
    fn terms_allow_for_their_number() {
        let alone = terms(&[(10, 30)], 100, 100).unwrap();
        let mut counts = vec![(20, 20); 99];
        counts.push((10, 30));
        let among = terms(&counts, 100, 100).unwrap();
        let (Significance::P(alone), Significance::P(hundred)) =
            (alone.significance, among.significance)
        else {
            panic!("{alone:?} {among:?}");
        };
        assert!((among.value - 0.2).abs() < 1e-12);
        assert!((hundred - 100.0 * alone).abs() < 1e-12);
    }
}
