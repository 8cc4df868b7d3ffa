//! What must be looked at.
//!
//! An alarm needs **size**, an impact ratio below four fifths, and **significance**, a p of faring
//! worse than all others whose group is known. The p are adjusted for all comparisons of an audit
//! together by Holm's method with weights (Scandinavian Journal of Statistics 6, 1979), so that the
//! probability of *any* false alarm is at most the level, however they depend on one another.
//!
//! The weights are fixed beforehand and know nothing of the outcomes. Half of the level goes to what
//! became of applications, for that is what a model learns from, and it has the most rows; of the
//! other half most goes to what the model does to each attribute, the rest to intersections. Of each
//! part the attribute that the law names, sex, has half and the others the rest in equal shares;
//! then measures have equal weights, then groups: an attribute of two groups does not pay for another
//! of twenty-seven.

use serde::{Deserialize, Serialize};

use super::{FOUR_FIFTHS, table::Table};

/// The part of the level for outcomes, for the model, and for intersections.
const PARTS: [f64; 3] = [0.5, 0.35, 0.15];

/// What is compared between groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The share of matches, over all applications. Says something of the labels, not of the model.
    Outcome,
    /// The share selected at the operating threshold.
    Selection,
    /// The share among the first of a job.
    Top,
    /// The share scored above the median.
    Scoring,
    /// The share of the matches that is selected.
    TruePositives,
    /// The matches that the scores expect over those that there were. Low means that scores and
    /// outcomes disagree on the group, to its disadvantage; which of them is biased it cannot say.
    Calibration,
}

/// A group that fares worse than the rule allows, and not by chance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// The attribute, or two crossed.
    pub attribute: String,
    pub group: String,
    pub measure: Measure,
    /// Rows of the group that the figure is of.
    pub rows: f64,
    pub figure: f64,
    /// The group with the highest figure.
    pub highest: String,
    pub highest_figure: f64,
    /// The former figure over the latter.
    pub ratio: f64,
    /// Probability of faring so much worse than all others, or still worse, by chance.
    pub p: f64,
    /// The same, adjusted for all comparisons.
    pub p_adjusted: f64,
}

/// A comparison of one group with the others.
#[derive(Clone, Debug)]
pub(super) struct Comparison {
    pub(super) attribute: String,
    pub(super) group: String,
    pub(super) measure: Measure,
    pub(super) rows: f64,
    pub(super) figure: f64,
    pub(super) highest: String,
    pub(super) highest_figure: f64,
    pub(super) p: f64,
}

/// The comparisons of a table, by measure.
type Measured = Vec<Vec<Comparison>>;

/// The alarms, the most certain first, and how many comparisons there were. The attribute `first`
/// has half of each part of the level that it is in.
pub(super) fn alarms(
    attributes: &[Table],
    intersections: &[Table],
    first: &str,
    level: f64,
) -> (Vec<Alarm>, usize) {
    let of = |tables: &[Table], counts: fn(Measure) -> bool| -> Vec<Measured> {
        let of_table = |table: &Table| -> Measured {
            let by_measure = table.comparisons.chunk_by(|a, b| a.measure == b.measure);
            by_measure.filter(|of| counts(of[0].measure)).map(<[_]>::to_vec).collect()
        };
        tables.iter().map(of_table).filter(|table| !table.is_empty()).collect()
    };
    let parts = [
        of(attributes, |measure| measure == Measure::Outcome),
        of(attributes, |measure| measure != Measure::Outcome),
        of(intersections, |_| true),
    ];
    let mut weighted: Vec<(Comparison, f64)> = Vec::new();
    for (part, share) in parts.into_iter().zip(PARTS) {
        let named = |table: &Measured| table[0][0].attribute == first;
        let (tables, has_named) = (part.len() as f64, part.iter().any(named));
        for table in part {
            let share = match (has_named, named(&table)) {
                (true, true) if tables > 1.0 => share / 2.0,
                (true, false) => share / 2.0 / (tables - 1.0),
                _ => share / tables,
            };
            let share = share / table.len() as f64;
            for measured in table {
                let share = share / measured.len() as f64;
                weighted.extend(measured.into_iter().map(|comparison| (comparison, share)));
            }
        }
    }
    let tests = weighted.len();
    let pairs: Vec<(f64, f64)> = weighted.iter().map(|(c, weight)| (c.p, *weight)).collect();
    let adjusted = holm(&pairs);
    let alarm = |((c, _), p_adjusted): ((Comparison, f64), f64)| {
        let ratio = c.figure / c.highest_figure;
        (ratio < FOUR_FIFTHS && p_adjusted < level).then_some(Alarm {
            attribute: c.attribute,
            group: c.group,
            measure: c.measure,
            rows: c.rows,
            figure: c.figure,
            highest: c.highest,
            highest_figure: c.highest_figure,
            ratio,
            p: c.p,
            p_adjusted,
        })
    };
    let mut alarms: Vec<Alarm> = weighted.into_iter().zip(adjusted).filter_map(alarm).collect();
    // Stable: equal ones stay in the order of attributes, measures and groups.
    alarms.sort_by(|a, b| a.p_adjusted.total_cmp(&b.p_adjusted).then(a.p.total_cmp(&b.p)));
    (alarms, tests)
}

/// Adjusts each p, given with its weight.
fn holm(weighted: &[(f64, f64)]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..weighted.len()).collect();
    let key = |at: usize| weighted[at].0 / weighted[at].1;
    order.sort_by(|&a, &b| key(a).total_cmp(&key(b)));
    let mut adjusted = vec![1.0; weighted.len()];
    let mut greatest: f64 = 0.0;
    // From the last on, for a sum of what is left and not a difference that rounding makes negative.
    let mut left: Vec<f64> = order.iter().map(|&at| weighted[at].1).collect();
    for at in (1..left.len()).rev() {
        left[at - 1] += left[at];
    }
    for (&at, left) in order.iter().zip(left) {
        greatest = greatest.max((key(at) * left).min(1.0));
        adjusted[at] = greatest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_weights_adjust_as_r_does() {
        // R: p.adjust(c(.01, .04, .03, .005), "holm")
        let found = holm(&[0.01, 0.04, 0.03, 0.005].map(|p| (p, 0.25)));
        for (found, expected) in found.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
        assert_eq!(holm(&[]), [0.0; 0]);
    }

    #[test]
    fn weight_buys_certainty() {
        // .01 / .5 = .02; then .04 · .5 / .25.
        let found = holm(&[(0.01, 0.5), (0.04, 0.25), (0.5, 0.25)]);
        for (found, expected) in found.iter().zip([0.02, 0.08, 0.5]) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
    }
}
