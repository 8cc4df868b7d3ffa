//! The model card: what the model is for, how good and how fair it is, and what it goes by, for
//! those who decide whether to trust it. One document ([`CARD`]), and [`reports`]' page of it in
//! Portuguese and in English, made from the struct that is written as the document.
//!
//! After Mitchell et al., "Model Cards for Model Reporting" (FAT* 2019).

mod view;

use boost::Importance;
use parquet::file::reader::ChunkReader;
use serde::Serialize;
use stats::Groups;

use crate::{
    Error, attributes,
    baseline::{Baseline, TreeRule},
    columns,
    config::Config,
    dataset::{Application, Dataset, Tables},
    decision::Decision,
    evaluation::{Evaluation, Metrics},
    fairness::{self, Audit, Audited, Outcomes, ProxySettings, Settings},
    fit::Fitted,
    judge::Calibration,
};

pub const CARD: &str = "model_card.json";
pub const PAGE_PT: &str = "model_card.html";
pub const PAGE_EN: &str = "model_card.en.html";

/// Applications of a job that are passed on, for the audit.
const TOP: usize = 5;

/// Columns whose importance is told, at most.
const MOST_IMPORTANT: usize = 20;

/// Number of the format of [`CARD`].
const FORMAT: u32 = 1;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Card {
    /// Number of the format.
    pub card_format: u32,
    /// The version of the feature store that it was made from.
    pub features: String,
    /// Days of the first and the last application, since 1970-01-01.
    pub days: Option<(i32, i32)>,
    pub config: Config,
    /// The protected attributes among the model's inputs.
    pub protected: Vec<String>,
    pub calibrated: Calibration,
    /// Whether the model ranks the part held out no better than chance could.
    pub nothing_to_learn: bool,
    pub metrics: Metrics,
    /// What the model goes by: columns of the feature store and relations, by their part of the gain
    /// of all splits.
    pub importance: Vec<Part>,
    /// A small tree that says nearly the same; none where the model calls all or nobody.
    pub surrogate: Option<Surrogate>,
    /// How groups of candidates fare.
    pub fairness: Audit,
}

/// A part of a whole.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    pub name: String,
    pub share: f64,
}

/// A decision tree that was fitted on what the model says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Surrogate {
    /// Share of the applications held out that both call alike.
    pub agreement: f64,
    /// How well the tree's shares rank what the model calls (area under the ROC curve).
    pub fidelity: Option<f64>,
    /// What the model calls in the training part is what the tree was fitted on: this share.
    pub called: f64,
    pub rules: Vec<TreeRule>,
}

/// What the card is made of.
pub struct Made<'a> {
    /// The version of the feature store.
    pub features: &'a str,
    pub dataset: &'a Dataset,
    pub fitted: &'a Fitted,
    pub decision: &'a Decision,
    pub evaluation: &'a Evaluation,
}

impl Card {
    /// Gathers the card.
    ///
    /// # Errors
    /// [`Error::Table`] when the attributes cannot be read, [`Error::Boost`] or
    /// [`Error::Baseline`] when a small model of the audit cannot be fitted.
    pub fn of<R: ChunkReader + Clone + 'static>(
        tables: &Tables<R>,
        made: &Made<'_>,
        config: &Config,
    ) -> Result<Self, Error> {
        let metrics = made.evaluation.metrics.clone();
        let days = made.dataset.rows.iter().filter_map(|a| a.day);
        let used = made.fitted.preprocessor.blocks().iter().map(|block| block.column().to_owned());
        Ok(Self {
            card_format: FORMAT,
            features: made.features.to_owned(),
            days: days.clone().min().zip(days.max()),
            config: config.clone(),
            protected: used.filter(|column| columns::is_protected(column)).collect(),
            calibrated: made.decision.calibration.clone(),
            nothing_to_learn: metrics.checks.as_ref().is_some_and(|c| c.nothing_to_learn),
            metrics,
            importance: importance(made.fitted),
            surrogate: surrogate(made, config)?,
            fairness: audit(tables, made, config)?,
        })
    }
}

/// The shares of the gain by column of the feature store and by relation, the greatest first.
fn importance(fitted: &Fitted) -> Vec<Part> {
    let gain = fitted.model.importance(Importance::TotalGain);
    let total: f64 = gain.iter().sum();
    let mut parts = Vec::new();
    let mut rest = gain.as_slice();
    for block in fitted.preprocessor.blocks() {
        let (own, others) = rest.split_at(block.width().min(rest.len()));
        rest = others;
        parts
            .push(Part { name: block.column().to_owned(), share: own.iter().sum::<f64>() / total });
    }
    let relations = crate::relations::Relation::ALL.iter().zip(rest);
    parts
        .extend(relations.map(|(r, gain)| Part { name: r.name().to_owned(), share: gain / total }));
    parts.retain(|part| part.share > 0.0);
    parts.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.name.cmp(&b.name)));
    parts.truncate(MOST_IMPORTANT);
    parts
}

fn surrogate(made: &Made<'_>, config: &Config) -> Result<Option<Surrogate>, Error> {
    let Made { fitted, decision, evaluation, .. } = made;
    let train = decision.calibration.apply(&fitted.model.predict(&fitted.train.rows)?);
    let threshold = evaluation.metrics.confusion.threshold;
    let called = |p: &[f32]| p.iter().map(|&p| f64::from(p) >= threshold).collect::<Vec<bool>>();
    let (of_train, of_test) = (called(&train), called(&evaluation.probabilities));
    let Some(tree) = Baseline::fit(&fitted.model, &fitted.train.rows, &of_train, config.baseline)?
    else {
        return Ok(None);
    };
    let rates = tree.predict(&fitted.test.rows);
    let alike = rates.iter().zip(&of_test).filter(|&(&rate, &called)| (rate >= 0.5) == called);
    let fidelity = boost::metrics::auc(&rates, &of_test);
    let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    Ok(Some(Surrogate {
        agreement: share(alike.count(), of_test.len()),
        fidelity: fidelity.is_finite().then_some(fidelity),
        called: share(of_train.iter().filter(|&&called| called).count(), of_train.len()),
        rules: tree.rules(&fitted.preprocessor.names()),
    }))
}

fn audit<R: ChunkReader + Clone + 'static>(
    tables: &Tables<R>,
    made: &Made<'_>,
    config: &Config,
) -> Result<Audit, Error> {
    let Made { dataset, fitted, evaluation, .. } = made;
    let last = dataset.last_day();
    let test = &fitted.test.applications;
    // Those held out first, so that their attributes are a part of all.
    let is_other =
        |a: &&Application| config.unresolved.keeps(a, last) && test.binary_search(a).is_err();
    let others = dataset.rows.iter().filter(is_other).copied();
    let all: Vec<Application> = test.iter().copied().chain(others).collect();
    let attributes = attributes::read(tables, dataset, &all)?;
    let held_out: Vec<usize> = (0..test.len()).collect();
    let of_test: Vec<_> = attributes.iter().map(|a| a.select(&held_out)).collect();
    let labels: Vec<bool> = all.iter().map(|a| a.positive).collect();
    let people: Vec<u32> = all.iter().map(|a| a.person_group).collect();
    let jobs = Groups::new(&all.iter().map(|a| a.job).collect::<Vec<_>>());
    let settings = Settings {
        threshold: evaluation.metrics.confusion.threshold,
        top: TOP,
        replicates: config.replicates,
        seed: config.seed,
        ..Settings::default()
    };
    let mut audit = fairness::audit(
        &Audited { judged: fitted.test.judged(&evaluation.probabilities), attributes: &of_test },
        &Outcomes {
            labels: &labels,
            people: &Groups::new(&people),
            jobs: &jobs,
            attributes: &attributes,
        },
        &settings,
    );
    let names = fitted.preprocessor.names();
    let proxied = ProxySettings {
        replicates: config.replicates,
        seed: config.seed,
        ..ProxySettings::default()
    };
    let of_test_people = &people[..test.len()];
    audit.proxies = of_test
        .iter()
        .map(|a| fairness::proxy(&fitted.test.rows, &names, of_test_people, a, &proxied))
        .collect::<Result<_, _>>()?;
    Ok(audit)
}
