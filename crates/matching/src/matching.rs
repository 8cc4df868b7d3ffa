//! The stage.

use stage::{Check, InputSpec, Inputs, Metrics, Outputs, Pick, Progress, Stage, Within};
use versioning::{Artefact, Committed, Lake};

use crate::{
    artefacts,
    baseline::Baseline,
    card::{Card, Made},
    champion::Champion,
    commands, compare,
    config::{Config, Split},
    dataset::Dataset,
    decision::{DECISION, Decision},
    evaluate::Evaluation,
    fit,
    gate::{self, Bounds},
    leak::Checks,
    live::{self, Live},
};

/// The input that is the version of the features before, where there is one: what it is compared with
/// for features that are written anew after the application.
const BEFORE: &str = "before";

/// Trains, judges and stores the match model.
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
        let (tables, dataset) = {
            let _phase = progress.phase("read", None, "")?;
            let tables = commands::tables(inputs.version("features")?)?;
            let dataset = Dataset::read(&tables, &config.positive)?;
            (tables, dataset)
        };
        let fitted = fit::fit(&tables, &dataset, config, config.split, progress)?;
        let baseline = {
            let _phase = progress.phase("baseline", None, "")?;
            Baseline::fit(&fitted.model, fitted.train.known(), config.baseline)?
        };
        let decision = Decision::fit(&fitted, &dataset, config)?;
        let mut evaluation = {
            let _phase = progress.phase("evaluate", None, "")?;
            let tree = baseline.as_ref();
            Evaluation::of(&fitted, &decision, tree, (config, &dataset), config.split)?
        };
        if config.compare {
            let _phase = progress.phase("check", None, "")?;
            let before = match inputs.has(BEFORE) {
                true => Some(commands::tables(inputs.version(BEFORE)?)?),
                false => None,
            };
            let judged = (&fitted, evaluation.metrics.auc);
            let how = (config, config.split);
            let checks = Checks::of(judged, (&tables, &dataset), before.as_ref(), how)?;
            for strong in &checks.above_bound {
                progress.note(&format!(
                    "{} ranks the applications with AUC {:.3} by itself, above leak.single_auc of {}: it is known in time, so it is let pass",
                    strong.column, strong.auc, config.leak.single_auc
                ));
            }
            if let Some(replaced) = checks.replaced.said() {
                progress.note(&replaced);
            }
            evaluation.metrics.checks = Some(checks);
        }
        if config.compare {
            let phase = progress.phase("compare", None, "")?;
            let (metrics, probabilities) = (&mut evaluation.metrics, &evaluation.probabilities);
            metrics.slices = compare::slices(&tables, &dataset, &fitted, probabilities, config)?;
            metrics.baselines =
                compare::baselines(&fitted, baseline.as_ref(), &evaluation.resampled, config)?;
            let others: Vec<_> = [Split::Candidate, Split::Job, Split::Temporal]
                .into_iter()
                .filter(|&split| split != config.split)
                .collect();
            let within = Within(&phase);
            metrics.splits.extend(compare::splits(&tables, &dataset, config, &others, &within)?);
        }
        if !evaluation.metrics.beats_baseline {
            progress.note(
                "the model ranks the applications held out no better than a small decision tree: look at metrics.json before it is promoted",
            );
        }
        let live = {
            let _phase = progress.phase("compare with the live model", None, "")?;
            let live = live::score(inputs, &tables, &dataset)?;
            live::note(&live, progress);
            let judged = (&fitted.test, evaluation.probabilities.as_slice());
            let champion = Champion::of(&live, &tables, &dataset, judged, config)?;
            evaluation.metrics.champion = Some(champion);
            live
        };
        {
            let _phase = progress.phase("write", None, "")?;
            artefacts::write(out, &dataset, &fitted, &decision, &evaluation)?;
        }
        if config.compare {
            let _phase = progress.phase("model card", None, "")?;
            let features = inputs.version("features")?.version().to_string();
            let made = Made {
                features: &features,
                dataset: &dataset,
                fitted: &fitted,
                decision: &decision,
                evaluation: &evaluation,
            };
            artefacts::write_card(out, &Card::of(&tables, &made, config)?)?;
        }
        let mut figures = evaluation.metrics.figures();
        let scored_by = match live {
            Live::Scored(scored) => {
                scored.write(&dataset, config.unresolved, out)?;
                Some(scored.version)
            }
            Live::None | Live::Unusable { .. } => None,
        };
        figures.set("live_version", scored_by);
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
