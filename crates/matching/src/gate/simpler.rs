//! Whether the new model beats simpler models, by the figures of `metrics.json`.

use serde::Deserialize;
use stage::{Asked, Check};
use stats::Estimate;

use super::{
    bounds::{Bounds, of_model},
    worse::beside_live,
};
use crate::{champion::Champion, judge::Lead};

const PR_AUC_ABOVE_CONSTANT: Asked =
    of_model("pr-auc-above-constant", "average precision above the constant model's");
const LOG_LOSS_BELOW_CONSTANT: Asked =
    of_model("log-loss-below-constant", "log-loss below the constant model's");
const AUC_ABOVE_TREE: Asked = of_model("auc-above-tree", "ROC-AUC above the decision tree's");
const LEARNT: Asked = of_model("something-learnt", "something was learnt");
/// What the gate reads of `metrics.json`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Figures {
    test: Test,
    auc: Option<f64>,
    pr_auc: Option<f64>,
    log_loss: Option<f64>,
    prior: Prior,
    baseline: Option<BaselineTree>,
    baselines: Vec<Other>,
    checks: Option<Verdict>,
    /// None in a version that was made before there was a comparison.
    champion: Option<Champion>,
}

#[derive(Clone, Debug, Deserialize)]
struct Test {
    rows: usize,
    positives: usize,
}

#[derive(Clone, Debug, Deserialize)]
struct Prior {
    log_loss: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
struct BaselineTree {
    auc: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
struct Other {
    name: String,
    lead: Lead,
}

#[derive(Clone, Debug, Deserialize)]
struct Verdict {
    nothing_to_learn: bool,
}

/// What a model is ahead by; positive is better.
#[derive(Clone, Copy, Debug, Default)]
struct Ahead {
    by: Option<f64>,
    interval: Option<(f64, f64)>,
}

impl Ahead {
    fn of(lead: Estimate) -> Self {
        Self { by: lead.value, interval: lead.low.zip(lead.high) }
    }

    /// Of a figure that is better the lower it is.
    fn turned(self) -> Self {
        Self { by: self.by.map(|by| -by), interval: self.interval.map(|(low, high)| (-high, -low)) }
    }

    fn between(ours: Option<f64>, theirs: Option<f64>) -> Self {
        Self { by: ours.zip(theirs).map(|(ours, theirs)| ours - theirs), interval: None }
    }

    fn check(self, asked: Asked, least: f64, matches: usize, sure_from: usize) -> Check {
        let interval = self.interval.filter(|_| matches < sure_from);
        let decides = interval.map_or(self.by, |(_, high)| Some(high));
        let expected = match interval {
            None => format!("by more than {least}"),
            Some(_) => format!(
                "by more than {least} within the 95 % interval (less than {sure_from} matches are held out)"
            ),
        };
        let found = match (self.by, self.interval) {
            (None, _) => "not defined: one class only is held out".to_owned(),
            (Some(by), None) => format!("{by:.4}, {matches} matches held out"),
            (Some(by), Some((low, high))) => {
                format!("{by:.4} ({low:.4} to {high:.4}), {matches} matches held out")
            }
        };
        let passed = decides.is_some_and(|by| by > least);
        asked.answer(expected, found, passed)
    }
}

impl Figures {
    pub(super) fn checks(&self, bounds: &Bounds, calibrated: bool) -> Vec<Check> {
        let lead = |name: &str| self.baselines.iter().find(|b| b.name == name).map(|b| b.lead);
        let (prior, tree) = (lead("prior"), lead("decision_tree"));
        let matches = self.test.positives;
        // Without the comparisons that training can be told to leave out, figures stand alone.
        let rate = (self.test.rows > 0).then(|| matches as f64 / self.test.rows as f64);
        let pr_auc =
            prior.map_or_else(|| Ahead::between(self.pr_auc, rate), |lead| Ahead::of(lead.pr_auc));
        let log_loss = prior.map_or_else(
            || Ahead::between(self.prior.log_loss, self.log_loss),
            |lead| Ahead::of(lead.log_loss).turned(),
        );
        let auc = match (tree, &self.baseline) {
            (Some(lead), _) => Some(Ahead::of(lead.roc_auc)),
            (None, Some(tree)) => Some(Ahead::between(self.auc, tree.auc)),
            // Nothing to fit a tree on: such a model is the constant.
            (None, None) => None,
        };
        let of = |ahead: Ahead, asked: Asked, least: f64| {
            ahead.check(asked, least, matches, bounds.sure_from)
        };
        let mut checks = vec![of(pr_auc, PR_AUC_ABOVE_CONSTANT, bounds.prior_pr_auc)];
        if calibrated {
            checks.push(of(log_loss, LOG_LOSS_BELOW_CONSTANT, bounds.prior_log_loss));
        }
        if let Some(auc) = auc {
            checks.push(of(auc, AUC_ABOVE_TREE, bounds.tree_auc));
        }
        if let Some(Verdict { nothing_to_learn }) = self.checks
            && bounds.must_learn
            && matches >= bounds.sure_from
        {
            let auc = self.auc.map_or_else(|| "not defined".to_owned(), |auc| format!("{auc:.4}"));
            let than = if nothing_to_learn { "no better than chance could" } else { "better" };
            checks.push(LEARNT.answer(
                "applications held out are ranked better than chance could",
                format!("{than}: ROC-AUC {auc}"),
                !nothing_to_learn,
            ));
        }
        let Some(champion) = &self.champion else { return checks };
        if let (Some(live), Some(_)) = (&champion.live, &champion.comparison) {
            for check in checks.iter_mut().filter(|check| !check.passed) {
                check.passed = true;
                check.found +=
                    &format!(" (reported only: the comparison with live {live} decides)");
            }
        }
        checks.extend(beside_live(champion, bounds));
        checks
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn lead(value: f64, half: f64) -> Value {
        json!({"value": value, "low": value - half, "high": value + half})
    }

    /// A model that is ahead of the constant by .1 and of the tree by `by`, each give or take `half`.
    fn figures(matches: usize, by: f64, half: f64) -> Figures {
        let other = |name: &str, by: f64| {
            let better = lead(by, half);
            json!({"name": name, "lead": {
                "roc_auc": better, "pr_auc": better, "log_loss": lead(-by, half),
                "brier": better, "ndcg_at_5": better
            }})
        };
        serde_json::from_value(json!({
            "test": {"rows": 1000, "positives": matches}, "auc": 0.7, "pr_auc": 0.2, "log_loss": 0.3,
            "prior": {"log_loss": 0.4}, "baseline": {"auc": 0.7 - by},
            "baselines": [other("prior", 0.1), other("decision_tree", by)],
            "checks": {"nothing_to_learn": false}
        }))
        .unwrap()
    }

    fn refused(figures: &Figures, gate: Value) -> Vec<String> {
        let checks = figures.checks(&stage::checked_gate::<crate::Matching>(&gate).unwrap(), true);
        checks.into_iter().filter(|check| !check.passed).map(|check| check.check).collect()
    }

    const TREE: &str = "ROC-AUC above the decision tree's";

    #[test]
    fn of_many_matches_the_figure_decides_and_of_few_the_interval() {
        for (matches, by, half, passes) in [
            (200, 0.01, 0.02, true),
            (200, -0.01, 0.02, false),
            (8, -0.01, 0.02, true),
            (8, -0.03, 0.02, false),
            (100, -0.01, 0.02, false),
        ] {
            let refused = refused(&figures(matches, by, half), json!({}));
            assert_eq!(refused.is_empty(), passes, "{matches} {by} {refused:?}");
            assert!(refused.iter().all(|check| check == TREE));
        }
    }

    #[test]
    fn bounds_say_by_how_much() {
        let model = figures(200, 0.02, 0.01);
        assert_eq!(refused(&model, json!({"tree_auc": 0.02})), [TREE]);
        assert_eq!(refused(&model, json!({"tree_auc": -0.5})), [""; 0]);
        assert_eq!(
            refused(&model, json!({"prior_pr_auc": 0.11})),
            ["average precision above the constant model's"]
        );
        assert_eq!(
            refused(&model, json!({"prior_log_loss": 0.11})),
            ["log-loss below the constant model's"]
        );
    }

    #[test]
    fn a_model_that_its_own_checks_call_chance_is_refused_once_that_is_sure() {
        let mut model = figures(200, 0.02, 0.01);
        model.checks = Some(Verdict { nothing_to_learn: true });
        assert_eq!(refused(&model, json!({})), ["something was learnt"]);
        assert_eq!(refused(&model, json!({"must_learn": false})), [""; 0]);
        assert_eq!(refused(&model, json!({"sure_from": 201})), [""; 0]);
    }

    #[test]
    fn without_comparisons_the_figures_themselves_are_compared() {
        let mut model = figures(8, -0.01, 0.0);
        (model.baselines, model.checks) = (Vec::new(), None);
        assert_eq!(refused(&model, json!({})), [TREE]);
        model.log_loss = Some(0.5);
        assert_eq!(model.checks(&Bounds::default(), true).len(), 3);
        assert_eq!(
            refused(&model, json!({"tree_auc": -1})),
            ["log-loss below the constant model's"]
        );
        // What was never calibrated is not asked how true its probabilities are.
        assert_eq!(model.checks(&Bounds::default(), false).len(), 2);
        model.pr_auc = None;
        assert!(
            refused(&model, json!({}))
                .contains(&"average precision above the constant model's".to_owned())
        );
    }
}
