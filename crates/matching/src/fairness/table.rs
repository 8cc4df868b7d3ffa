//! The table of an attribute.

use serde::{Deserialize, Serialize};
use stats::{Bootstrap, Estimate, Resampled};

use super::{
    alarms::{GroupComparison, Measure},
    attribute::Attribute,
    rates::{self, Marked, RateShare, Sums},
    settings::{FEWEST_CANDIDATES, FEWEST_MATCHES, FEWEST_ROWS, FOUR_FIFTHS, LEAST_SHARE},
    significance::{Of, worse},
};

/// An attribute, or one crossed with another (`sexo × estado`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttributeAudit {
    pub name: String,
    /// Share of all applications whose group is known; null without applications.
    pub known: Option<f64>,
    /// The groups, ascending; the unknown one last, if any row is unknown.
    pub groups: Vec<GroupAudit>,
    /// How far apart the true-positive rates of two groups are.
    pub true_positive_gap: Option<Gap>,
    /// How far apart the calibration gaps of two groups are.
    pub calibration_gap: Option<Gap>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupAudit {
    /// Its name; null is unknown.
    pub group: Option<String>,
    pub outcomes: OutcomeRates,
    pub held_out: HeldOutRates,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutcomeRates {
    pub rows: usize,
    pub candidates: usize,
    pub matches: usize,
    pub too_few: bool,
    pub observed: Rate,
}

/// What a model does to the applications of a group that were held out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldOutRates {
    pub rows: usize,
    pub candidates: usize,
    pub matches: usize,
    pub too_few: bool,
    pub observed: Estimate,
    pub mean_predicted: Option<f64>,
    /// The share of matches less the mean of the probabilities: above 0 where the group is scored
    /// too low for what became of it.
    pub calibration_gap: Estimate,
    pub selection: Rate,
    /// Share among the first of their job, over the jobs that have more applications held out than
    /// are passed on: of the others all are, whatever the scores. Rows of equal score share a place.
    pub top: Rate,
    /// Share scored above the median of all rows.
    pub scoring: Rate,
    /// Share of the matches that is selected at the operating threshold.
    pub true_positives: Rate,
}

/// A rate, by itself and against the group with the highest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// Rows that it is a share of.
    pub of: f64,
    /// Rows that count; those that share a place count for their part of it.
    pub count: f64,
    /// Whether there are too few for an interval and a ratio.
    pub too_few: bool,
    pub rate: Estimate,
    /// The share over that of the group with the highest, which is always the same one in the
    /// resamples. Null for too few and for the unknown group.
    pub impact_ratio: Estimate,
    /// Whether the ratio is below four fifths.
    pub below_four_fifths: Option<bool>,
}

/// The greatest difference between two groups: chosen by the data, so some is always found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    /// The group with the lowest figure.
    pub lowest: String,
    /// The group with the highest.
    pub highest: String,
    /// The latter less the former.
    pub gap: Estimate,
}

pub(super) struct GroupTable {
    pub(super) audit: AttributeAudit,
    pub(super) comparisons: Vec<GroupComparison>,
}

/// Rows with the resamples of their candidates.
pub(super) struct ResampledRows<'a, const N: usize> {
    pub(super) marked: Marked<'a, N>,
    pub(super) bootstrap: Bootstrap,
}

impl GroupTable {
    /// The attribute of the rows held out and of all rows.
    pub(super) fn of(
        held_out: &ResampledRows<'_, 8>,
        of_held_out: &Attribute,
        all: &ResampledRows<'_, 2>,
        of_all: &Attribute,
    ) -> Self {
        let rows = held_out.marked.marks.len();
        assert!(of_held_out.of_rows().len() == rows, "one group a probability");
        let name = of_all.name();
        let outcomes = AttributeSums::of(&all.marked, of_all, &all.bootstrap);
        let model = AttributeSums::of(&held_out.marked, of_held_out, &held_out.bootstrap);
        let (held_out, all) = (&held_out.marked, &all.marked);
        let observed = outcomes.rates(rates::OUTCOME, FEWEST_ROWS);
        let of_model = [
            (Measure::Selection, rates::SELECTION, FEWEST_ROWS),
            (Measure::Top, rates::AMONG_FIRST, FEWEST_ROWS),
            (Measure::Scoring, rates::SCORING, FEWEST_ROWS),
            (Measure::TruePositives, rates::TRUE_POSITIVES, FEWEST_MATCHES),
        ];
        let mut comparisons = Vec::new();
        let mut compare = |measure, rates: &[Rate], p: Vec<Option<f64>>| {
            let figures: Vec<_> = rates.iter().map(Compared::of_rate).collect();
            comparisons.extend(compared(name, of_all.groups(), measure, &figures, &p));
        };
        compare(Measure::Outcome, &observed, worse(all, of_all, rates::OUTCOME, Of::Rows));
        let of_model = of_model.map(|(measure, share, fewest)| {
            let rates = model.rates(share, fewest);
            compare(measure, &rates, worse(held_out, of_held_out, share, Of::Rows));
            rates
        });
        let p = worse(held_out, of_held_out, rates::CALIBRATION, Of::Expectations);
        let figures = model.predicted_to_observed();
        comparisons.extend(compared(name, of_all.groups(), Measure::Calibration, &figures, &p));

        let apart = |eligible: Vec<bool>, figure: fn(&[f64; 8]) -> f64| {
            gap(&model, of_all.groups(), &eligible, figure)
        };
        let audit = AttributeAudit {
            name: name.to_owned(),
            known: outcomes.known(),
            true_positive_gap: apart(of_model[3].iter().map(|rate| !rate.too_few).collect(), |s| {
                s[rates::SELECTED_MATCHES] / s[rates::MATCHES]
            }),
            calibration_gap: apart(model.enough.clone(), calibration_gap),
            groups: Vec::new(),
        };
        let mut of_model = of_model.map(Vec::into_iter);
        let names = of_all.groups().iter().cloned().map(Some).chain([None]);
        let groups = names.zip(observed).enumerate().filter_map(|(g, (group, observed))| {
            let (all, sums) = (&outcomes.of_all()[g], &model.of_all()[g]);
            let [selection, top, scoring, true_positives] = of_model.each_mut().map(Iterator::next);
            let held_out = HeldOutRates {
                rows: sums[rates::ROWS] as usize,
                candidates: model.sums.candidates[g],
                matches: sums[rates::MATCHES] as usize,
                too_few: !model.enough[g],
                observed: model.estimate(g, |s| s[rates::MATCHES] / s[rates::ROWS]),
                mean_predicted: model.estimate(g, |s| s[rates::PREDICTED] / s[rates::ROWS]).value,
                calibration_gap: model.estimate(g, calibration_gap),
                selection: selection?,
                top: top?,
                scoring: scoring?,
                true_positives: true_positives?,
            };
            let outcomes = OutcomeRates {
                rows: all[rates::ROWS] as usize,
                candidates: outcomes.sums.candidates[g],
                matches: all[rates::MATCHES] as usize,
                too_few: !outcomes.enough[g],
                observed,
            };
            let empty = outcomes.rows == 0 && held_out.rows == 0;
            (!empty || group.is_some()).then_some(GroupAudit { group, outcomes, held_out })
        });
        let audit = AttributeAudit { groups: groups.collect(), ..audit };
        Self { audit, comparisons }
    }
}

fn calibration_gap(sums: &[f64; 8]) -> f64 {
    (sums[rates::MATCHES] - sums[rates::PREDICTED]) / sums[rates::ROWS]
}

/// The groups of an attribute, the unknown one last.
struct AttributeSums<const N: usize> {
    sums: Sums<N>,
    /// Whether each has candidates and rows enough.
    enough: Vec<bool>,
}

impl<const N: usize> AttributeSums<N> {
    fn of(rows: &Marked<'_, N>, attribute: &Attribute, bootstrap: &Bootstrap) -> Self {
        let sums = Sums::of(rows, attribute, bootstrap);
        let unknown = attribute.groups().len();
        let rows: Vec<f64> = sums.of_groups.value.iter().map(|sums| sums[rates::ROWS]).collect();
        let known: f64 = rows[..unknown].iter().sum();
        let enough = |group: usize| {
            sums.candidates[group] >= FEWEST_CANDIDATES
                && (group == unknown || rows[group] >= LEAST_SHARE * known)
        };
        let enough = (0..rows.len()).map(enough).collect();
        Self { sums, enough }
    }

    /// The sums over all rows.
    fn of_all(&self) -> &[[f64; N]] {
        &self.sums.of_groups.value
    }

    fn known(&self) -> Option<f64> {
        let rows = |sums: &[[f64; N]]| sums.iter().map(|sums| sums[rates::ROWS]).sum::<f64>();
        let (_, groups) = self.of_all().split_last()?;
        let all = rows(self.of_all());
        (all > 0.0).then(|| rows(groups) / all)
    }

    /// A figure of one group; without interval where it has too few candidates.
    fn estimate(&self, group: usize, figure: impl Fn(&[f64; N]) -> f64) -> Estimate {
        if !self.enough[group] {
            return alone(figure(&self.of_all()[group]));
        }
        self.sums.of_groups.estimate(|sums| figure(&sums[group]))
    }

    /// A rate of each group; `fewest` is what its denominator needs.
    fn rates(&self, share: RateShare, fewest: f64) -> Vec<Rate> {
        let RateShare { count, of } = share;
        let share = |sums: &[f64; N]| sums[count] / sums[of];
        let too_few = self.too_few(of, fewest);
        let unknown = too_few.len() - 1;
        let compared = (0..unknown).filter(|&group| !too_few[group]);
        let highest = compared.max_by(|&a, &b| {
            let share = |group: usize| share(&self.of_all()[group]);
            share(a).total_cmp(&share(b)).then(b.cmp(&a))
        });
        let rate = |(group, sums): (usize, &[f64; N])| {
            let ratio = match highest {
                Some(highest) if group != unknown && !too_few[group] => {
                    let sums = &self.sums.of_groups;
                    sums.estimate(|sums| share(&sums[group]) / share(&sums[highest]))
                }
                _ => Estimate::default(),
            };
            Rate {
                of: sums[of],
                count: sums[count],
                too_few: too_few[group],
                rate: if too_few[group] { alone(share(sums)) } else { self.estimate(group, share) },
                impact_ratio: ratio,
                below_four_fifths: ratio.value.map(|ratio| ratio < FOUR_FIFTHS),
            }
        };
        self.of_all().iter().enumerate().map(rate).collect()
    }

    /// Of each group, whether it has too few candidates or rows for a rate whose denominator needs
    /// `fewest`.
    fn too_few(&self, of: usize, fewest: f64) -> Vec<bool> {
        let groups = self.of_all().iter().zip(&self.enough);
        groups.map(|(sums, enough)| !enough || sums[of] < fewest).collect()
    }
}

/// The lowest impact ratio of the scoring rate, of groups large enough to be compared: which group is
/// lowest and which highest is settled once, on all rows. None of fewer than two groups.
pub(super) fn lowest_scoring_ratio(
    rows: &Marked<'_, 8>,
    attribute: &Attribute,
    bootstrap: &Bootstrap,
) -> Option<Resampled<f64>> {
    let groups = AttributeSums::of(rows, attribute, bootstrap);
    let too_few = groups.too_few(rates::ROWS, FEWEST_ROWS);
    let compared = || (0..attribute.groups().len()).filter(|&group| !too_few[group]);
    let share = |sums: &[f64; 8]| sums[rates::ABOVE] / sums[rates::ROWS];
    let by = |a: &usize, b: &usize| {
        share(&groups.of_all()[*a]).total_cmp(&share(&groups.of_all()[*b])).then(b.cmp(a))
    };
    let (low, high) = (compared().min_by(by)?, compared().max_by(by)?);
    let ratio = |sums: &Vec<[f64; 8]>| share(&sums[low]) / share(&sums[high]);
    (compared().count() > 1).then(|| groups.sums.of_groups.map(ratio))
}

impl AttributeSums<8> {
    /// How many of a group's matches the scores expect, and that against the group with the
    /// highest.
    fn predicted_to_observed(&self) -> Vec<Compared> {
        let of = |(sums, &enough): (&[f64; 8], &bool)| Compared {
            figure: sums[rates::PREDICTED] / sums[rates::MATCHES],
            rows: sums[rates::ROWS],
            enough: enough && sums[rates::MATCHES] >= FEWEST_MATCHES,
        };
        self.of_all().iter().zip(&self.enough).map(of).collect()
    }
}

/// The groups with the lowest and the highest figure among the `eligible`, the unknown one left out.
fn gap(
    groups: &AttributeSums<8>,
    names: &[String],
    eligible: &[bool],
    figure: impl Fn(&[f64; 8]) -> f64,
) -> Option<Gap> {
    let of = |group: usize| figure(&groups.of_all()[group]);
    let compared = || (0..names.len()).filter(|&group| eligible[group] && of(group).is_finite());
    let by_figure = |a: &usize, b: &usize| of(*a).total_cmp(&of(*b)).then(a.cmp(b));
    let (low, high) = (compared().min_by(by_figure)?, compared().max_by(by_figure)?);
    (low != high).then(|| Gap {
        lowest: names[low].clone(),
        highest: names[high].clone(),
        gap: groups.sums.of_groups.estimate(|sums| figure(&sums[high]) - figure(&sums[low])),
    })
}

/// A figure that is compared: worse is lower.
struct Compared {
    figure: f64,
    rows: f64,
    enough: bool,
}

impl Compared {
    fn of_rate(rate: &Rate) -> Self {
        Self { figure: rate.count / rate.of, rows: rate.of, enough: !rate.too_few }
    }
}

/// The comparisons of one measure, those of groups that have enough and a p.
fn compared(
    attribute: &str,
    groups: &[String],
    measure: Measure,
    figures: &[Compared],
    p: &[Option<f64>],
) -> Vec<GroupComparison> {
    let enough: Vec<usize> = (0..groups.len())
        .filter(|&group| figures[group].enough && figures[group].figure.is_finite())
        .collect();
    let by_figure =
        |a: &&usize, b: &&usize| figures[**a].figure.total_cmp(&figures[**b].figure).then(b.cmp(a));
    let Some(&highest) = enough.iter().max_by(by_figure).filter(|_| enough.len() > 1) else {
        return Vec::new();
    };
    let comparison = |&group: &usize| {
        let (figure, highest_figure) = (figures[group].figure, figures[highest].figure);
        Some(GroupComparison {
            attribute: attribute.to_owned(),
            group: groups[group].clone(),
            measure,
            rows: figures[group].rows,
            figure,
            highest: groups[highest].clone(),
            highest_figure,
            p: p[group]?,
        })
    };
    enough.iter().filter_map(comparison).collect()
}

/// A figure alone, of too few rows for an interval.
fn alone(value: f64) -> Estimate {
    Estimate { value: value.is_finite().then_some(value), low: None, high: None }
}
