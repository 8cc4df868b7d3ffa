//! Whether candidates fare alike, whatever their sex, marital status, disability, age or state.
//!
//! [`audit`] is a pure function of scores, outcomes and protected attributes, which no model has as
//! an input. It asks three things of each group of an attribute:
//!
//! - **Outcomes**: what share of its applications ended in a match, over all applications. That
//!   needs no model: it says what is in the labels that a model learns from.
//! - **Selection**, of the applications held out: what share the model would pass on, at the
//!   operating threshold, among the first of each job, and above the median score.
//! - **Errors**: what share of its matches the model would pass on (equal opportunity: Hardt, Price
//!   and Srebro 2016), and how far its scores are from what became of it (calibration).
//!
//! A group's rate is set against that of the group with the highest rate, which is the *impact
//! ratio*; below four fifths it is flagged. Rule and tables are those of New York City's Local Law
//! 144 of 2021 (Rules of the City of New York, title 6, §5-300 and §5-301): (b) selection rates,
//! (c) scoring rates, the share above the median score, (b)(3) and (c)(4) intersections with sex,
//! and how many are in an unknown category. The four fifths are those of the Uniform Guidelines on
//! Employee Selection Procedures (29 CFR 1607.4 D). The law counts persons, this audit counts
//! applications, for a person may apply for several jobs.
//!
//! **Unknown.** Most candidates do not say. They are shown as a group of their own, without a
//! ratio, and are in no comparison: what holds of those who say need not hold of the others.
//!
//! **Too few.** A group is compared if it has [`FEWEST_CANDIDATES`] and [`LEAST_SHARE`] of the rows
//! whose group is known. Under thirty clusters a bootstrap over them is not to be trusted (Cameron,
//! Gelbach and Miller 2008); under two per cent §5-301(d) allows to leave a category out. A rate needs
//! [`FEWEST_ROWS`] in its denominator, a true-positive rate [`FEWEST_MATCHES`]. Below, the counts
//! and the rate are shown, as that section asks, without interval and ratio.
//!
//! **Alarms** need size and significance, see [`Alarm`]. Intervals are of one figure each and are no
//! test: among hundreds of them some exclude 1 by chance.
//!
//! [`proxy`](fn@proxy) asks how well the inputs of a model give an attribute away.

use serde::{Deserialize, Serialize};
use stats::{Bootstrap, Groups, Resampled};

use crate::judge::Judged;

mod attribute;
pub use attribute::Attribute;

pub(crate) mod attributes;

mod settings;
pub use settings::{
    Audited, FEWEST_CANDIDATES, FEWEST_MATCHES, FEWEST_ROWS, FOUR_FIFTHS, LEAST_SHARE, Outcomes,
    Settings,
};

mod rates;

mod table;
pub use table::{AttributeAudit, Gap, GroupAudit, HeldOutRates, OutcomeRates, Rate};

mod significance;

mod alarms;
pub use alarms::{Alarm, Measure};

mod proxy;
pub use proxy::{Gain, GroupProxy, Proxy, ProxySettings, proxy};

#[cfg(test)]
mod tests;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Audit {
    /// An application was selected from this probability on.
    pub threshold: f64,
    /// So many applications of a job were passed on.
    pub top: usize,
    /// The median score, above which the scoring rate counts; null without rows.
    pub median: Option<f64>,
    pub level: f64,
    pub tests: usize,
    pub attributes: Vec<AttributeAudit>,
    pub intersections: Vec<AttributeAudit>,
    /// How well the model's inputs give the attributes away; [`proxy`](fn@proxy) makes them.
    pub proxies: Vec<Proxy>,
    /// What must be looked at, the most certain first.
    pub alarms: Vec<Alarm>,
}

/// Audits a model and the labels that it learned from.
pub fn audit(audited: &Audited<'_>, outcomes: &Outcomes<'_>, settings: &Settings<'_>) -> Audit {
    let names = |attributes: &[Attribute]| {
        attributes.iter().map(|a| (a.name().to_owned(), a.groups().to_vec())).collect::<Vec<_>>()
    };
    assert!(
        names(audited.attributes) == names(outcomes.attributes),
        "the same attributes of both, with the same groups"
    );
    let median = rates::median(audited.judged.probabilities);
    let bootstrap =
        |people: &Groups| Bootstrap::new(people.count(), settings.replicates, settings.seed);
    let held_out = table::ResampledRows {
        marked: rates::Marked::of_held_out(&audited.judged, median, settings),
        bootstrap: bootstrap(audited.judged.people),
    };
    let all = table::ResampledRows {
        marked: rates::Marked::of_outcomes(outcomes),
        bootstrap: bootstrap(outcomes.people),
    };
    let table = |of_held_out: &Attribute, of_all: &Attribute| {
        table::GroupTable::of(&held_out, of_held_out, &all, of_all)
    };
    let pairs = || audited.attributes.iter().zip(outcomes.attributes);
    let attributes: Vec<_> = pairs().map(|(a, b)| table(a, b)).collect();
    let crossed = pairs().find(|(a, _)| a.name() == settings.crossed);
    let others = || pairs().filter(|(a, _)| a.name() != settings.crossed);
    let intersections: Vec<_> = crossed
        .into_iter()
        .flat_map(|(a, b)| others().map(move |(c, d)| Attribute::crossed((a, b), (c, d))))
        .map(|(a, b)| table(&a, &b))
        .collect();
    fn of(tables: &[table::GroupTable]) -> Vec<&[alarms::GroupComparison]> {
        tables.iter().map(|table| table.comparisons.as_slice()).collect()
    }
    let (alarms, tests) =
        alarms::alarms(&of(&attributes), &of(&intersections), settings.crossed, settings.level);
    let audits = |tables: Vec<table::GroupTable>| tables.into_iter().map(|t| t.audit).collect();
    Audit {
        threshold: settings.threshold,
        top: settings.top,
        median,
        level: settings.level,
        tests,
        attributes: audits(attributes),
        intersections: audits(intersections),
        proxies: Vec::new(),
        alarms,
    }
}

/// Of each attribute, the lowest impact ratio of the scoring rate, as the audit has it; none where fewer
/// than two groups are large enough. `bootstrap` draws the candidates of the rows.
pub(crate) fn lowest_scoring_ratios(
    judged: &Judged<'_>,
    attributes: &[Attribute],
    bootstrap: &Bootstrap,
) -> Vec<Option<Resampled<f64>>> {
    let median = rates::median(judged.probabilities);
    let rows = rates::Marked::of_held_out(judged, median, &Settings::default());
    attributes.iter().map(|a| table::lowest_scoring_ratio(&rows, a, bootstrap)).collect()
}
