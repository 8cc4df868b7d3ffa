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
use stats::testing::weighted_holm;

use super::settings::FOUR_FIFTHS;

/// The part of the level for outcomes, for the model, and for intersections.
const PARTS: [f64; 3] = [0.5, 0.35, 0.15];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The share of matches, over all applications. Says something of the labels, not of the model.
    Outcome,
    Selection,
    /// The share among the first of a job.
    Top,
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
    pub rows: f64,
    pub figure: f64,
    pub highest: String,
    pub highest_figure: f64,
    /// The former figure over the latter.
    pub ratio: f64,
    /// Probability of faring so much worse than all others, or still worse, by chance.
    pub p: f64,
    /// The same, adjusted for all comparisons.
    pub p_adjusted: f64,
}

#[derive(Clone, Debug)]
pub(super) struct GroupComparison {
    pub(super) attribute: String,
    pub(super) group: String,
    pub(super) measure: Measure,
    pub(super) rows: f64,
    pub(super) figure: f64,
    pub(super) highest: String,
    pub(super) highest_figure: f64,
    pub(super) p: f64,
}

type Measured = Vec<Vec<GroupComparison>>;

/// The alarms, the most certain first, and how many comparisons there were. The attribute `first`
/// has half of each part of the level that it is in.
pub(super) fn alarms(
    attributes: &[&[GroupComparison]],
    intersections: &[&[GroupComparison]],
    first: &str,
    level: f64,
) -> (Vec<Alarm>, usize) {
    let of = |tables: &[&[GroupComparison]], counts: fn(Measure) -> bool| -> Vec<Measured> {
        let of_table = |table: &&[GroupComparison]| -> Measured {
            let by_measure = table.chunk_by(|a, b| a.measure == b.measure);
            by_measure.filter(|of| counts(of[0].measure)).map(<[_]>::to_vec).collect()
        };
        tables.iter().map(of_table).filter(|table| !table.is_empty()).collect()
    };
    let parts = [
        of(attributes, |measure| measure == Measure::Outcome),
        of(attributes, |measure| measure != Measure::Outcome),
        of(intersections, |_| true),
    ];
    let mut weighted: Vec<(GroupComparison, f64)> = Vec::new();
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
    let (p, weights): (Vec<f64>, Vec<f64>) =
        weighted.iter().map(|(c, weight)| (c.p, *weight)).unzip();
    let adjusted = weighted_holm(&p, &weights);
    let alarm = |((c, _), p_adjusted): ((GroupComparison, f64), f64)| {
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
