//! The card as its page shows it.

use reports::{Lang, card};

use super::{Card, Surrogate};
use crate::{
    champion::{self, Champion},
    compare::{SlicesBy, UnderSplit},
    config::Preset,
    fairness::{self, Alarm, AttributeAudit, Audit, Proxy},
    identity::GroupCounts,
    judge::{Calibration, Curves},
    leak::{Checks, Single},
};

impl Card {
    /// Its page.
    #[must_use]
    pub fn page(&self, lang: Lang) -> String {
        reports::card::page(&view(self), lang)
    }
}

/// What the page shows of a card.
fn view(of: &Card) -> card::Card<'_> {
    let Card { metrics, .. } = of;
    let champion = metrics.champion.as_ref();
    let baselines = metrics.baselines.iter().map(|baseline| card::Baseline {
        name: baseline.name,
        roc_auc: baseline.figures.roc_auc,
        pr_auc: baseline.figures.pr_auc,
        log_loss: baseline.figures.log_loss,
        roc_auc_difference: baseline.lead.roc_auc,
    });
    card::Card {
        features: &of.features,
        days: of.days,
        preset: match of.config.preset {
            Preset::Default => "default",
            Preset::Classic => "classic",
        },
        calibration: match of.calibrated {
            Calibration::None => "none",
            Calibration::Platt { .. } => "platt",
            Calibration::Isotonic { .. } => "isotonic",
        },
        protected: &of.protected,
        nothing_to_learn: of.nothing_to_learn,
        beats_baseline: metrics.beats_baseline,
        labels: card::Labels {
            applications: metrics.labels.applications,
            positives: metrics.labels.matches,
            open_as_negatives: metrics.labels.unresolved_as_others,
            left_out_young: metrics.labels.left_out_young,
            left_out_other: metrics.labels.left_out_other,
        },
        same_people: same(metrics.same.people),
        same_jobs: same(metrics.same.jobs),
        rows: [metrics.train.rows, metrics.aside.rows, metrics.test.rows],
        columns: metrics.columns,
        trees: metrics.trees,
        threshold: metrics.threshold.map(|chosen| card::Threshold {
            threshold: chosen.threshold,
            selected_per_job: chosen.expected.called_per_job,
        }),
        roc_auc: metrics.auc,
        pr_auc: metrics.pr_auc,
        splits: metrics.splits.iter().map(split).collect(),
        champion: champion.and_then(self::champion),
        baselines: baselines.collect(),
        slices: metrics.slices.iter().map(slices).collect(),
        curves: curves(&metrics.curves),
        importance: of.importance.iter().map(|part| (&*part.name, part.share)).collect(),
        surrogate: of.surrogate.as_ref().map(surrogate),
        checks: metrics.checks.as_ref().map(checks),
        audit: audit(&of.fairness),
    }
}

fn same(counts: GroupCounts) -> card::Same {
    card::Same { groups: counts.groups, in_groups: counts.in_groups }
}

fn split(of: &UnderSplit) -> card::Split<'_> {
    let UnderSplit { test, figures, .. } = of;
    card::Split {
        name: of.split.name(),
        rows: test.rows,
        positives: test.positives,
        roc_auc: figures.roc_auc,
        pr_auc: figures.pr_auc,
        log_loss: figures.log_loss,
        brier: figures.brier,
        ece: figures.ece,
        ndcg_at_5_lift: figures.within_job.ndcg_at_5_lift,
        recall_at_5_lift: figures.within_job.recall_at_5_lift,
    }
}

fn champion(champion: &Champion) -> Option<card::Champion<'_>> {
    let comparison = champion.comparison.as_ref()?;
    let measures = comparison.measures.iter().map(|one| card::Compared {
        measure: match one.measure {
            champion::Measure::LogLoss => card::ModelMeasure::LogLoss,
            champion::Measure::PrAuc => card::ModelMeasure::PrAuc,
            champion::Measure::Order => card::ModelMeasure::Order,
            champion::Measure::Calibration => card::ModelMeasure::Calibration,
            champion::Measure::ImpactRatio => card::ModelMeasure::ImpactRatio,
        },
        of: one.of.as_deref(),
        new: one.new,
        live: one.live,
        worse_by: one.worse_by,
        standard_error: one.standard_error,
        p_adjusted: one.p_adjusted,
    });
    let live = champion.live.as_deref().unwrap_or_default();
    Some(card::Champion { live, rows: comparison.rows, measures: measures.collect() })
}

fn slices(of: &SlicesBy) -> card::Slices<'_> {
    let groups = of.groups.iter().map(|slice| card::Slice {
        group: &slice.group,
        rows: slice.rows,
        positives: slice.positives,
        roc_auc: slice.roc_auc,
        mean_probability: slice.mean_probability,
        rate: slice.rate,
        too_few: slice.too_few,
    });
    card::Slices { by: of.by, groups: groups.collect() }
}

fn curves(of: &Curves) -> card::Curves {
    let calibration = of.calibration.iter().map(|bin| card::CalibrationBin {
        mean_probability: bin.mean_probability,
        rate: bin.rate,
        low: bin.low,
        high: bin.high,
    });
    let scores = of.histogram.iter().map(|bin| card::ScoreBin {
        from: bin.from,
        to: bin.to,
        negatives: bin.negatives,
        positives: bin.positives,
    });
    card::Curves {
        roc: of.roc.iter().map(|point| (point.x, point.y)).collect(),
        pr: of.pr.iter().map(|point| (point.x, point.y)).collect(),
        calibration: calibration.collect(),
        scores: scores.collect(),
    }
}

fn surrogate(of: &Surrogate) -> card::Surrogate<'_> {
    let rules = of.rules.iter().map(|rule| card::Rule {
        depth: rule.depth,
        is_below: rule.is_below,
        column: rule.column.as_deref(),
        threshold: rule.threshold.map(f64::from),
        rate: rule.rate.map(f64::from),
    });
    card::Surrogate { agreement: of.agreement, fidelity: of.fidelity, rules: rules.collect() }
}

fn checks(of: &Checks) -> card::Checks<'_> {
    fn single(single: &Single) -> (&str, f64) {
        (&single.column, single.auc)
    }
    card::Checks {
        highest_single: of.highest_single.as_ref().map(single),
        above_bound: of.above_bound.iter().map(single).collect(),
        shuffled_auc: of.shuffled_auc,
        shuffled_se: of.shuffled_se,
    }
}

fn audit(of: &Audit) -> card::Audit<'_> {
    card::Audit {
        tests: of.tests,
        level: of.level,
        alarms: of.alarms.iter().map(alarm).collect(),
        attributes: of.attributes.iter().map(attribute).collect(),
        intersections: of.intersections.iter().map(attribute).collect(),
        proxies: of.proxies.iter().flat_map(proxies).collect(),
    }
}

fn alarm(of: &Alarm) -> card::Alarm<'_> {
    card::Alarm {
        attribute: &of.attribute,
        group: &of.group,
        measure: match of.measure {
            fairness::Measure::Outcome => card::GroupMeasure::Outcome,
            fairness::Measure::Selection => card::GroupMeasure::Selection,
            fairness::Measure::Top => card::GroupMeasure::Top,
            fairness::Measure::Scoring => card::GroupMeasure::Scoring,
            fairness::Measure::TruePositives => card::GroupMeasure::TruePositives,
            fairness::Measure::Calibration => card::GroupMeasure::Calibration,
        },
        figure: of.figure,
        highest_figure: of.highest_figure,
        ratio: of.ratio,
        p_adjusted: of.p_adjusted,
    }
}

fn attribute(of: &AttributeAudit) -> card::Attribute<'_> {
    let rate =
        |rate: &fairness::Rate| card::Rate { rate: rate.rate, impact_ratio: rate.impact_ratio };
    let groups = of.groups.iter().map(|group| card::Group {
        name: group.group.as_deref(),
        rows: group.outcomes.rows,
        observed: rate(&group.outcomes.observed),
        selection: rate(&group.held_out.selection),
        top: rate(&group.held_out.top),
        scoring: rate(&group.held_out.scoring),
        true_positives: rate(&group.held_out.true_positives),
        calibration_gap: group.held_out.calibration_gap,
        too_few: group.held_out.too_few,
    });
    card::Attribute { name: &of.name, known: of.known, groups: groups.collect() }
}

fn proxies(of: &Proxy) -> impl Iterator<Item = card::Proxy<'_>> {
    of.groups.iter().map(|group| card::Proxy {
        attribute: &of.attribute,
        group: &group.group,
        auc: group.auc,
        column: group.columns.first().map(|gain| &*gain.column),
    })
}
