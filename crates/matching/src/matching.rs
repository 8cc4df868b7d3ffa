//! The stage.

use stage::{Check, InputSpec, Inputs, Metrics, Outputs, Pick, Progress, Stage, Within};
use versioning::{Artefact, Blob, Committed, Lake};

use crate::{
    Error, artefacts,
    baseline::Baseline,
    card::{Card, Made},
    champion::Champion,
    compare::{self, Comparisons},
    config::Config,
    dataset::{Dataset, Tables},
    decision::{DECISION, Decision},
    evaluation::Evaluation,
    fit::{self, Fitted, Part},
    gate::{self, Bounds},
    leak::Checks,
    live::{self, Live},
    split::Split,
    write,
};

/// The input that is the version of the features before, where there is one: what it is compared with
/// for features that are written anew after the application.
const BEFORE: &str = "before";

#[derive(Clone, Copy, Debug)]
pub struct Matching;

impl Stage for Matching {
    const NAME: &'static str = "matching";
    const OUTPUT: Artefact = Artefact::Matching;
    const INPUTS: &'static [InputSpec] = &[
        InputSpec::newest("features", Artefact::Features),
        InputSpec::compared(
            BEFORE,
            Artefact::Features,
            Pick::Before("features"),
            &["people.parquet", "jobs.parquet", "candidates.parquet", "groups.parquet"],
        ),
        InputSpec::compared(
            live::LIVE,
            Artefact::Matching,
            Pick::LiveWhenMade("features"),
            &[artefacts::MODEL, artefacts::PREPROCESSOR, DECISION, artefacts::PREDICTIONS],
        ),
    ];
    const CODE: &'static str = env!("STAGE_CODE");
    type Config = Config;
    type Gate = Bounds;

    fn check(config: &Config) -> Result<(), stage::Error> {
        Ok(config.check()?)
    }

    fn run(
        inputs: &Inputs,
        config: &Config,
        out: &mut Outputs,
        progress: &dyn Progress,
    ) -> Result<Metrics, stage::Error> {
        let run = Run::read(inputs, config, progress)?;
        let Run { tables, dataset, .. } = &run;
        let fitted = fit::fit(tables, dataset, config, config.split, progress)?;
        let tree = run.tree(&fitted)?;
        let decision = Decision::fit(&fitted, dataset, config)?;
        let evaluation = run.evaluate(&fitted, &decision, tree.as_ref())?;
        let checks = run.check(&fitted, &evaluation)?;
        let comparisons = run.compare(&fitted, tree.as_ref(), &evaluation)?;
        let live = run.score_with_live_model()?;
        let champion = run.compare_with_live_model(&live, &fitted, &evaluation)?;
        let evaluation = evaluation.with(checks, comparisons, champion);
        run.write(out, &fitted, &decision, &evaluation)?;
        let mut figures = evaluation.metrics.figures();
        figures.set("live_version", run.write_live_scores(out, &live)?);
        Ok(figures)
    }

    fn check_gate(bounds: &Bounds) -> Result<(), stage::Error> {
        bounds.check()
    }

    fn verify(
        committed: &Committed,
        lake: &Lake,
        bounds: &Bounds,
        progress: &dyn Progress,
    ) -> Result<Vec<Check>, stage::Error> {
        let _phase = progress.phase("gate", None, "")?;
        gate::verify(committed, lake, bounds)
    }

    fn latest(version: &str) -> Vec<String> {
        vec![format!("{version}/{}", artefacts::MODEL)]
    }
}

struct Run<'a> {
    inputs: &'a Inputs,
    config: &'a Config,
    progress: &'a dyn Progress,
    tables: Tables<Blob>,
    dataset: Dataset,
}

impl<'a> Run<'a> {
    fn read(
        inputs: &'a Inputs,
        config: &'a Config,
        progress: &'a dyn Progress,
    ) -> Result<Self, stage::Error> {
        let _phase = progress.phase("read", None, "")?;
        let tables = artefacts::tables(inputs.version("features")?)?;
        let dataset = Dataset::read(&tables, &config.positive)?;
        Ok(Self { inputs, config, progress, tables, dataset })
    }

    fn tree(&self, fitted: &Fitted) -> Result<Option<Baseline>, Error> {
        let _phase = self.progress.phase("baseline", None, "")?;
        let Part { rows, labels, .. } = &fitted.train;
        Baseline::fit(&fitted.model, rows, labels, self.config.baseline)
    }

    fn evaluate(
        &self,
        fitted: &Fitted,
        decision: &Decision,
        tree: Option<&Baseline>,
    ) -> Result<Evaluation, Error> {
        let _phase = self.progress.phase("evaluate", None, "")?;
        let config = self.config;
        let evaluation =
            Evaluation::new(fitted, decision, tree, &self.dataset, config, config.split)?;
        if !evaluation.metrics.beats_baseline {
            self.progress.note(
                "the model ranks the applications held out no better than a small decision tree: look at metrics.json before it is promoted",
            );
        }
        Ok(evaluation)
    }

    /// The checks for leaks; none where comparisons are turned off.
    fn check(
        &self,
        fitted: &Fitted,
        evaluation: &Evaluation,
    ) -> Result<Option<Checks>, stage::Error> {
        let Self { inputs, config, progress, tables, dataset } = self;
        if !config.compare {
            return Ok(None);
        }
        let _phase = progress.phase("check", None, "")?;
        let before = match inputs.has(BEFORE) {
            true => Some(artefacts::tables(inputs.version(BEFORE)?)?),
            false => None,
        };
        let auc = evaluation.metrics.auc;
        let checks = Checks::make(fitted, auc, tables, dataset, before.as_ref(), config)?;
        for strong in &checks.above_bound {
            progress.note(&format!(
                "{} ranks the applications with AUC {:.3} by itself, above leak.single_auc of {}: it is known in time, so it is let pass",
                strong.column, strong.auc, config.leak.single_auc
            ));
        }
        if let Some(replaced) = checks.replaced.said() {
            progress.note(&replaced);
        }
        Ok(Some(checks))
    }

    fn compare(
        &self,
        fitted: &Fitted,
        tree: Option<&Baseline>,
        evaluation: &Evaluation,
    ) -> Result<Comparisons, Error> {
        let Self { config, progress, tables, dataset, .. } = self;
        if !config.compare {
            return Ok(Comparisons::default());
        }
        let phase = progress.phase("compare", None, "")?;
        let Evaluation { probabilities, judgement, bootstrap, .. } = evaluation;
        let others = [Split::Candidate, Split::Job, Split::Temporal];
        let others: Vec<_> = others.into_iter().filter(|&split| split != config.split).collect();
        Ok(Comparisons {
            slices: compare::slices(tables, dataset, fitted, probabilities, config)?,
            baselines: compare::baselines(fitted, tree, judgement, bootstrap, config)?,
            splits: compare::splits(tables, dataset, config, &others, &Within(&phase))?,
        })
    }

    fn score_with_live_model(&self) -> Result<Live, stage::Error> {
        let _phase = self.progress.phase("score with the live model", None, "")?;
        let live = live::score(self.inputs, &self.tables, &self.dataset)?;
        live::note(&live, self.progress);
        Ok(live)
    }

    fn compare_with_live_model(
        &self,
        live: &Live,
        fitted: &Fitted,
        evaluation: &Evaluation,
    ) -> Result<Champion, Error> {
        let _phase = self.progress.phase("compare with the live model", None, "")?;
        let (test, probabilities) = (&fitted.test, &evaluation.probabilities);
        Champion::compare(live, &self.tables, &self.dataset, test, probabilities, self.config)
    }

    fn write(
        &self,
        out: &Outputs,
        fitted: &Fitted,
        decision: &Decision,
        evaluation: &Evaluation,
    ) -> Result<(), stage::Error> {
        let Self { inputs, config, progress, tables, dataset } = self;
        {
            let _phase = progress.phase("write", None, "")?;
            write::model(out, dataset, fitted, decision, evaluation)?;
        }
        if config.compare {
            let _phase = progress.phase("model card", None, "")?;
            let features = inputs.version("features")?.version().to_string();
            let made = Made { features: &features, dataset, fitted, decision, evaluation };
            write::card(out, &Card::of(tables, &made, config)?)?;
        }
        Ok(())
    }

    /// The version by which the live scores were made, where one could.
    fn write_live_scores(
        &self,
        out: &Outputs,
        live: &Live,
    ) -> Result<Option<String>, stage::Error> {
        let Live::Scored(scored) = live else { return Ok(None) };
        scored.write(&self.dataset, self.config.unresolved, out)?;
        Ok(Some(scored.version.clone()))
    }
}
