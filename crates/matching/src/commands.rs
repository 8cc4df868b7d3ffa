//! The further commands of the stage, and `matching evaluate`.

use std::fmt::Write as _;

use clap::Subcommand;
use serde_json::json;
use stage::{Answer, Call};
use versioning::{Artefact, Blob, Committed, Lake};

use crate::{
    artefacts,
    baseline::Baseline,
    config::Config,
    dataset::{Dataset, Tables},
    decision::Decision,
    evaluation::{Evaluation, Metrics},
    fit,
    score::{self, ExplainArgs, ScoreArgs},
    split::Split,
};

// Without documentation: clap would take it for what the stage itself says about it.
#[derive(Debug, Subcommand)]
pub enum Commands {
    /// Train anew under each split and compare the figures; makes no version
    #[command(
        after_help = "Examples:\n  matching evaluate --lake lake\n  matching evaluate --lake lake --config classic.toml"
    )]
    Evaluate,
    /// Say why a candidate has a score for a job: what counts, what is missing, how much
    #[command(
        after_help = "Examples:\n  matching explain --lake lake --candidate 31001 --job 5185\n  matching explain --lake lake --candidate 31001 --job 5185 --lang en"
    )]
    Explain(ExplainArgs),
    /// Score pairs of candidates and jobs with the live model, or a named version
    #[command(
        after_help = "Examples:\n  matching score --lake lake --candidate 31001 --job 5185\n  matching score --lake lake --pairs pairs.parquet --version v7 --output scores.parquet"
    )]
    Score(ScoreArgs),
}

impl stage::Commands for Commands {
    fn run(&self, call: &Call<'_>) -> Result<Answer, stage::Error> {
        match self {
            Self::Evaluate => evaluate(call),
            Self::Explain(args) => score::explain(call, args),
            Self::Score(args) => score::score(call, args),
        }
    }

    fn reads(&self) -> Option<(&'static str, &str)> {
        let Self::Score(ScoreArgs { pairs: Some(path), .. }) = self else { return None };
        Some(("pairs", path))
    }

    fn writes(&self) -> Option<&str> {
        let Self::Score(args) = self else { return None };
        args.output.as_deref()
    }
}

fn newest_features(lake: &Lake) -> Result<(Committed, Tables<Blob>), stage::Error> {
    let series = lake.series(Artefact::Features);
    let features = series.newest()?.ok_or_else(|| artefacts::no_version(&series))?;
    let tables = artefacts::tables(&features)?;
    Ok((features, tables))
}

fn evaluate(call: &Call<'_>) -> Result<Answer, stage::Error> {
    let config: Config = stage::parse_config("matching", &call.config)?;
    config.check()?;
    let (features, tables) = newest_features(call.lake)?;
    let dataset = Dataset::read(&tables, &config.positive)?;
    let mut all = Vec::new();
    for split in [Split::Candidate, Split::Job, Split::Temporal, Split::Stratified] {
        let fitted = fit::fit(&tables, &dataset, &config, split, call.progress)?;
        let baseline = Baseline::fit(
            &fitted.model,
            &fitted.train.rows,
            &fitted.train.labels,
            config.baseline,
        )?;
        let decision = Decision::fit(&fitted, &dataset, &config)?;
        let tree = baseline.as_ref();
        all.push(Evaluation::new(&fitted, &decision, tree, &dataset, &config, split)?.metrics);
    }
    let version = features.version().to_string();
    let text = format!("features {version}, trained anew under each split\n\n{}", comparison(&all));
    let json = json!({"features": version, "splits": serde_json::to_value(&all).map_err(stage::Error::failed)?});
    Ok(Answer { text, json, file: None })
}

/// The figures of several splits, a column each. (The calibration is in the JSON alone.)
fn comparison(all: &[Metrics]) -> String {
    let mut table = FigureTable { text: String::new(), all };
    table.line("split", |m| m.split.name().to_owned());
    table.line("columns of the matrix", |m| m.columns.to_string());
    table.line("trees", |m| m.trees.to_string());
    table.line("trained on", |m| m.train.rows.to_string());
    table.line("  matches", |m| m.train.positives.to_string());
    table.line("held out", |m| m.test.rows.to_string());
    table.line("  matches", |m| m.test.positives.to_string());
    table.line("AUC", |m| figure(m.auc));
    table.line("  decision tree's", |m| figure(m.baseline.as_ref().and_then(|b| b.auc)));
    table.line("  beats the tree", |m| if m.beats_baseline { "yes" } else { "no" }.to_owned());
    table.line("PR-AUC", |m| figure(m.pr_auc));
    table.line("log-loss", |m| figure(m.log_loss));
    table.line("  decision tree's", |m| figure(m.baseline.as_ref().and_then(|b| b.log_loss)));
    table.line("  constant's", |m| figure(m.prior.log_loss));
    table.line("Brier", |m| figure(m.brier));
    // Precision and recall, as far as the thresholds are those of all: they are configured.
    for (at, threshold) in all.first().map_or(&[][..], |m| &m.thresholds).iter().enumerate() {
        let name = format!("from {}: precision, recall", threshold.threshold);
        table.line(&name, |m| {
            let at = m.thresholds.get(at);
            let (precision, recall) = (at.and_then(|t| t.precision), at.and_then(|t| t.recall));
            format!("{} {}", figure(precision), figure(recall))
        });
    }
    table.text
}

/// Lines of a name and a figure of each split.
struct FigureTable<'a> {
    text: String,
    all: &'a [Metrics],
}

impl FigureTable<'_> {
    fn line(&mut self, name: &str, of: impl Fn(&Metrics) -> String) {
        let _ = write!(self.text, "{name:<28}");
        for metrics in self.all {
            let _ = write!(self.text, "{:>16}", of(metrics));
        }
        self.text.push('\n');
    }
}

fn figure(figure: Option<f64>) -> String {
    figure.map_or_else(|| "-".to_owned(), |figure| format!("{figure:.4}"))
}
