//! What a version must keep to go live: it is not surely worse than the live model, or, where there
//! is none to compare it with, it beats simpler models on the part held out; and the code that
//! serves it gives the scores that it was judged by.
//!
//! Beside a live model, what a new one is ahead of a constant or a tree by vetoes nothing: a tree's
//! figures wander from day to day, and a model that is held back for them leaves a staler one in its
//! place. They are reported. A model that is held back leaves the live one to score today's
//! features, so whether that can is looked at too.
//!
//! What a model is ahead of another by is as sure as there are matches held out. Of few, the figure
//! itself is chance (of eight matches, the interval of an AUC is .4 wide); so below
//! [`Bounds::sure_from`] a model is refused that is *surely* not ahead: whose 95 % interval does not
//! reach above the bound.

mod worse;
pub use worse::{WorseBy, beside_live};

use arrow_array::{Array, cast::AsArray, types::Float32Type};
use parquet::arrow::{ProjectionMask, arrow_reader::ParquetRecordBatchReaderBuilder};
use serde::{Deserialize, Serialize};
use stage::{Asked, Check, Question};
use versioning::{Artefact, Blob, Committed, Lake};

use crate::{
    artefacts::{METRICS, PREDICTIONS},
    champion::Champion,
    decision::{DECISION, Decision},
    judge::{Estimate, Lead, calibration::Calibration},
    pairs::Pair,
    score::{Chosen, How, look_up},
};

/// What errors call the bounds: the table of a configuration file.
const GATE: &str = "gate.matching";

const PR_AUC_ABOVE_CONSTANT: Asked = Asked {
    question: Question::Model,
    name: "pr-auc-above-constant",
    check: "average precision above the constant model's",
};
const LOG_LOSS_BELOW_CONSTANT: Asked = Asked {
    question: Question::Model,
    name: "log-loss-below-constant",
    check: "log-loss below the constant model's",
};
const AUC_ABOVE_TREE: Asked = Asked {
    question: Question::Model,
    name: "auc-above-tree",
    check: "ROC-AUC above the decision tree's",
};
const LEARNT: Asked =
    Asked { question: Question::Model, name: "something-learnt", check: "something was learnt" };
const GOLDEN: Asked =
    Asked { question: Question::Served, name: "golden-scores", check: "golden queries" };
const CARRIED: Asked = Asked {
    question: Question::Served,
    name: "carried-model-scores",
    check: "the live model on today's features",
};

/// How far a score may be from the one stored.
const TOLERANCE: f64 = 1e-6;

/// The bounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { tree_auc = 0.01 }")]
pub struct Bounds {
    /// The average precision is above the constant model's (the share of matches) by more than this.
    pub prior_pr_auc: f64,
    /// The log-loss is below the constant model's by more than this, in nats. Scores that are not
    /// calibrated are no probabilities, and are not asked for it.
    pub prior_log_loss: f64,
    /// The area under the ROC curve is above the decision tree's by more than this.
    pub tree_auc: f64,
    /// Whether a model is refused that ranks no better than chance could, as its checks at training
    /// say.
    pub must_learn: bool,
    /// Matches held out from which on the figures themselves decide; of fewer, their intervals.
    pub sure_from: usize,
    /// Applications held out that are scored again.
    pub golden: usize,
    /// A model is surely worse than the live one where the p-value of "it is worse by no more than
    /// `worse_by`" is under this; 0 holds none back. [`crate::champion`] says what is compared.
    pub worse_p: f64,
    /// True differences from the live model that are no reason to hold a model back.
    pub worse_by: WorseBy,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            prior_pr_auc: 0.0,
            prior_log_loss: 0.0,
            tree_auc: 0.0,
            must_learn: true,
            sure_from: 100,
            golden: 32,
            worse_p: 0.001,
            worse_by: WorseBy::default(),
        }
    }
}

impl Bounds {
    pub(crate) fn check(&self) -> Result<(), stage::Error> {
        for (key, found) in [
            ("prior_pr_auc", self.prior_pr_auc),
            ("prior_log_loss", self.prior_log_loss),
            ("tree_auc", self.tree_auc),
        ] {
            stage::within(GATE, key, found, -1.0..=1.0)?;
        }
        stage::within(GATE, "sure_from", self.sure_from, 0..=1_000_000)?;
        stage::within(GATE, "golden", self.golden, 1..=10_000)?;
        stage::within(GATE, "worse_p", self.worse_p, 0.0..=1.0)?;
        self.worse_by.check()
    }
}

/// What the gate reads of `metrics.json`.
#[derive(Clone, Debug, Deserialize)]
struct Figures {
    test: Test,
    auc: Option<f64>,
    pr_auc: Option<f64>,
    log_loss: Option<f64>,
    prior: Prior,
    baseline: Option<Tree>,
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
struct Tree {
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

/// Looks at a version.
///
/// # Errors
/// What the store says; [`stage::ErrorName::BadInput`] when the version of the features that the
/// model was made from is not there any more.
pub(crate) fn verify(
    committed: &Committed,
    lake: &Lake,
    bounds: &Bounds,
) -> Result<Vec<Check>, stage::Error> {
    let bytes = committed.open(METRICS)?.bytes()?;
    let figures: Figures = serde_json::from_slice(&bytes).map_err(|e| {
        let version = committed.version();
        stage::Error::bad_input(format!(
            "{METRICS} of {version}: {e}: it was written by another release, train again"
        ))
    })?;
    let decision = Decision::from_json(&committed.open(DECISION)?.bytes()?);
    let calibrated = decision.is_ok_and(|d| d.calibration != Calibration::None);
    let mut checks = figures.checks(bounds, calibrated);
    let is_held_back = checks.iter().any(|check| !check.passed);
    let features = features_of(committed, lake)?;
    checks.push(golden(committed, &features, bounds.golden)?);
    checks.push(carried((committed, is_held_back), lake, &features, bounds.golden)?);
    Ok(checks)
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
    fn checks(&self, bounds: &Bounds, calibrated: bool) -> Vec<Check> {
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

/// The version of the features that a model was made from.
fn features_of(committed: &Committed, lake: &Lake) -> Result<Chosen, stage::Error> {
    let from = committed.manifest().inputs.iter().find(|input| input.name == "features");
    let version = from.and_then(|input| input.version).ok_or_else(|| {
        stage::Error::bad_input(format!("{}manifest.json names no features", committed.uri()))
    })?;
    Ok(Chosen { version: lake.series(Artefact::Features).get(version)?, how: How::Asked })
}

/// Whether the live model, which stays where this version is held back, can score the features that
/// this one was made from. Where this one goes live it need not.
fn carried(
    (committed, is_held_back): (&Committed, bool),
    lake: &Lake,
    features: &Chosen,
    count: usize,
) -> Result<Check, stage::Error> {
    let series = lake.series(Artefact::Matching);
    let expected = format!("{count} applications scored, or this version in its place");
    let live = match series.live()? {
        None => return Ok(CARRIED.answer(expected, "no version is live", true)),
        Some(live) if live == committed.version() => {
            return Ok(CARRIED.answer(expected, "this version is live", true));
        }
        Some(live) => live,
    };
    let Some(version) = series.find_version(live)? else {
        let found =
            format!("live {live} was not made by this system, which does not score with it");
        return Ok(CARRIED.answer(expected, found, true));
    };
    let scored = || {
        let stored = held_out(&committed.open(PREDICTIONS)?, count)?;
        let pairs: Vec<Pair> = stored.into_iter().map(|(pair, _)| pair).collect();
        let scorer = Chosen { version, how: How::Live }.scorer()?;
        let scores = look_up(features, &scorer, &pairs)?;
        let sound = scores.iter().filter(|score| (0.0..=1.0).contains(*score)).count();
        Ok((format!("live {live} scores {sound} of {}", scores.len()), sound == scores.len()))
    };
    let mut check = CARRIED.answer_or_failure(expected, scored())?;
    if !check.passed && !is_held_back {
        check.passed = true;
        check.found = format!("live {live}: {}; this version takes its place", check.found);
    }
    Ok(check)
}

/// Whether the code that serves the version gives the probabilities stored with it.
fn golden(committed: &Committed, features: &Chosen, count: usize) -> Result<Check, stage::Error> {
    let model = Chosen { version: committed.clone(), how: How::Asked };
    let found = || {
        let stored = held_out(&committed.open(PREDICTIONS)?, count)?;
        let (pairs, probabilities): (Vec<Pair>, Vec<f32>) = stored.into_iter().unzip();
        let scores = look_up(features, &model.scorer()?, &pairs)?;
        let apart = scores.iter().zip(&probabilities);
        let apart: Vec<f64> = apart.map(|(a, b)| (f64::from(*a) - f64::from(*b)).abs()).collect();
        // What is no number is not near.
        let far = apart.iter().filter(|apart| apart.is_nan() || **apart > TOLERANCE).count();
        let most = apart.iter().copied().fold(0.0, f64::max);
        let count = apart.len();
        let said = match (count, far) {
            (0, _) => "no application is held out".to_owned(),
            (_, 0) => format!("{count} of {count}, the furthest by {most:.1e}"),
            _ => format!("{} of {count}, the furthest by {most:.1e}", count - far),
        };
        Ok((said, count > 0 && far == 0))
    };
    let expected =
        format!("{count} applications held out scored again as stored, to {TOLERANCE:e}");
    GOLDEN.answer_or_failure(expected, found())
}

/// Up to `count` applications held out with their probabilities, evenly over the file.
fn held_out(file: &Blob, count: usize) -> Result<Vec<(Pair, f32)>, stage::Error> {
    let broken = |e: &dyn std::fmt::Display| {
        stage::Error::bad_input(format!("{PREDICTIONS} cannot be read: {e}"))
    };
    let open = |columns: &[&str]| {
        let builder = ParquetRecordBatchReaderBuilder::try_new(file.clone());
        let builder = builder.map_err(|e| broken(&e))?;
        let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
        builder.with_projection(mask).build().map_err(|e| broken(&e))
    };
    let mut rows = 0;
    for batch in open(&["probability"])? {
        let batch = batch.map_err(|e| broken(&e))?;
        let column = batch.column_by_name("probability");
        rows += column.map_or(0, |column| column.len() - column.null_count());
    }
    let mut chosen = places(rows, count).peekable();
    let mut found = Vec::with_capacity(count);
    let mut at = 0;
    for batch in open(&["codigo", "codigo_vaga", "probability"])? {
        let batch = batch.map_err(|e| broken(&e))?;
        let column = |name: &str| {
            batch.column_by_name(name).ok_or_else(|| broken(&format!("no column {name}")))
        };
        let text = |name: &str| {
            column(name)?
                .as_string_opt::<i32>()
                .ok_or_else(|| broken(&format!("{name} is no text")))
        };
        let (people, jobs) = (text("codigo")?, text("codigo_vaga")?);
        let probability = column("probability")?.as_primitive_opt::<Float32Type>();
        let probability = probability.ok_or_else(|| broken(&"probability is no number"))?;
        for row in (0..batch.num_rows()).filter(|&row| probability.is_valid(row)) {
            if chosen.next_if_eq(&at).is_some() {
                let pair = (people.value(row).into(), jobs.value(row).into());
                found.push((pair, probability.value(row)));
            }
            at += 1;
        }
    }
    Ok(found)
}

/// Up to `count` of `rows` places, evenly spaced.
fn places(rows: usize, count: usize) -> impl Iterator<Item = usize> {
    let count = count.min(rows);
    (0..count).map(move |i| (i as u128 * rows as u128 / count as u128) as usize)
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

    #[test]
    fn a_misspelt_bound_is_refused_with_a_suggestion() {
        for (gate, said) in [
            (json!({"tree_acu": 0.1}), "did you mean `tree_auc`?"),
            (json!({"golden": 0}), "config of gate.matching: `golden` is 0, expected 1 to 10000"),
            (json!({"tree_auc": 2}), "`tree_auc` is 2, expected -1 to 1"),
            (json!({"must_learn": "no"}), "expected true or false"),
        ] {
            let error = stage::checked_gate::<crate::Matching>(&gate).unwrap_err();
            assert_eq!(error.name, stage::ErrorName::ConfigInvalid);
            assert!(error.message.contains(said), "{error}");
        }
    }

    #[test]
    fn places_are_even_and_as_many_as_there_are() {
        assert_eq!(places(10, 3).collect::<Vec<_>>(), [0, 3, 6]);
        assert_eq!(places(2, 32).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(places(0, 32).count(), 0);
    }
}
