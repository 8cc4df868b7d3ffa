//! The stage.

use stage::{Check, InputSpec, Inputs, Metrics, Outputs, Pick, Progress, Stage};
use versioning::{Artefact, Committed, Lake};

use crate::{
    Error, columns, commands,
    comparison::{Parts, Side, compare},
    config::Config,
    gate::{self, Bounds},
    history::{LAST_REPORT, REPORT, history},
    live::{LIVE_MODEL, MATCHING, live_scores},
    page, parts, reasons,
    report::{
        Absence, ColumnProfile, Comparison, FORMAT, PastVerdict, Report, Settings, Severity, Term,
    },
    version::{Plan, Summaries, TABLES, Version},
};

/// The page: what `latest.txt` names.
pub const PAGE: &str = "drift_report.html";

/// The inputs that are feature-store versions: the current one, the one before, the oldest.
const FEATURES: &str = "features";
pub(crate) const PREVIOUS: &str = "previous";
const OLDEST: &str = "oldest";

/// Compares feature-store versions.
#[derive(Clone, Copy, Debug)]
pub struct Drift;

const fn made_from(given: &'static str) -> Pick {
    Pick::MadeFrom { given, as_input: FEATURES }
}

impl Stage for Drift {
    const NAME: &'static str = "drift";
    const OUTPUT: Artefact = Artefact::Drift;
    const INPUTS: &'static [InputSpec] = &[
        InputSpec::newest(FEATURES, Artefact::Features),
        InputSpec::optional(PREVIOUS, Artefact::Features, Pick::Before(FEATURES)),
        InputSpec::optional(OLDEST, Artefact::Features, Pick::Oldest(FEATURES)),
        InputSpec::optional(parts::RECOMMEND, Artefact::Recommend, made_from(FEATURES)),
        InputSpec::optional(parts::RECOMMEND_PREVIOUS, Artefact::Recommend, made_from(PREVIOUS)),
        InputSpec::optional(parts::RECOMMEND_OLDEST, Artefact::Recommend, made_from(OLDEST)),
        InputSpec::optional(MATCHING, Artefact::Matching, made_from(FEATURES)),
        InputSpec::optional(
            LIVE_MODEL,
            Artefact::Matching,
            Pick::InputOf { of: MATCHING, input: "live" },
        ),
        InputSpec::optional(LAST_REPORT, Artefact::Drift, made_from(PREVIOUS)),
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
        let report = report(inputs, config, progress)?;
        let _phase = progress.phase("write", None, "");
        let mut json = serde_json::to_vec_pretty(&report).map_err(Error::Json)?;
        json.push(b'\n');
        out.write(REPORT, &json, None)?;
        let html = page::render(&report, config.lang.into()).map_err(Error::Page)?;
        out.write(PAGE, html.as_bytes(), None)?;
        Ok(metrics(&report))
    }

    fn verify(
        committed: &Committed,
        _: &Lake,
        bounds: &Bounds,
        _: &dyn Progress,
    ) -> Result<Vec<Check>, stage::Error> {
        gate::verify(committed, bounds)
    }

    fn latest(version: &str) -> Vec<String> {
        vec![format!("{version}/{PAGE}")]
    }

    fn commands() -> &'static [stage::Command] {
        commands::COMMANDS
    }
}

/// The report on the version given as `features`.
fn report(
    inputs: &Inputs,
    config: &Config,
    progress: &dyn Progress,
) -> Result<Report, stage::Error> {
    let version = Version::open(inputs.version(FEATURES)?)?;
    let plan = version.plan()?;
    let summaries = {
        let _phase = progress.phase("read the current version", None, "");
        version.sum_up(&plan)?
    };
    let current = Current { version, plan, summaries };
    let mut comparisons: Vec<Comparison> = Vec::new();
    for (term, input) in [(Term::Short, PREVIOUS), (Term::Long, OLDEST)] {
        if !inputs.has(input) {
            continue;
        }
        let term = if inputs.is_named(input) { Term::Named } else { term };
        let baseline = inputs.version(input)?.version().to_string();
        // With two versions in all, the one before is the oldest.
        let done = comparisons.iter().find(|c| c.baseline.version == baseline).cloned();
        comparisons.push(match done {
            Some(comparison) => reasons::as_term(comparison, term),
            None => current.beside(inputs, (term, input), config, progress)?,
        });
    }
    let live_scores = live_scores(inputs, config)?;
    let (severity, reasons) = reasons::overall(&comparisons, &live_scores);
    let facts = current.version.facts(&current.summaries);
    let verdict = PastVerdict {
        logical_date: facts.logical_date.clone(),
        features: facts.version.clone(),
        severity,
    };
    Ok(Report {
        format: FORMAT,
        profile: profile(&current.summaries, config),
        current: facts,
        severity,
        reasons,
        comparisons,
        live_scores,
        history: history(inputs, verdict)?,
        settings: Settings {
            level: config.level,
            max_features: config.max_features as u64,
            min_support: config.min_support,
        },
    })
}

/// The version that the report is about.
struct Current {
    version: Version,
    plan: Plan,
    summaries: Summaries,
}

impl Current {
    /// It beside an earlier version.
    fn beside(
        &self,
        inputs: &Inputs,
        (term, input): (Term, &'static str),
        config: &Config,
        progress: &dyn Progress,
    ) -> Result<Comparison, stage::Error> {
        let baseline = Version::open(inputs.version(input)?)?;
        let equal = baseline.content == self.version.content;
        let after = Side { version: &self.version, summaries: &self.summaries };
        let summaries = {
            let _phase = progress.phase("read an earlier version", None, "");
            baseline.sum_up(&baseline.shared(&self.plan, &self.version))?
        };
        let before = Side { version: &baseline, summaries: &summaries };
        let parts = if equal {
            Parts::absent(Absence::Equal)
        } else {
            parts::parts(inputs, input, (before, after), config, progress)?
        };
        Ok(compare(term, before, after, parts, config))
    }
}

/// Every measured column of the current version.
fn profile(summaries: &Summaries, config: &Config) -> Vec<ColumnProfile> {
    let tables = TABLES.into_iter().zip(&summaries.tables);
    tables
        .flat_map(|(table, summary)| {
            summary.columns.iter().map(move |c| columns::profile(table, summary, c, config))
        })
        .collect()
}

/// The figures of the manifest; `severity` is what a gate goes by.
fn metrics(report: &Report) -> Metrics {
    let mut metrics = Metrics::default();
    metrics.set("severity", report.severity.name());
    let terms = [(Term::Short, "short_term"), (Term::Long, "long_term"), (Term::Named, "named")];
    for (term, key) in terms {
        let found = report.comparisons.iter().find(|c| c.term == term);
        if found.is_none() && term == Term::Named {
            continue;
        }
        metrics.set(&format!("severity_{key}"), found.map(|c| c.severity.name()));
        metrics.set(&format!("baseline_{key}"), found.map(|c| c.baseline.version.as_str()));
        let columns =
            |severity| found.map(|c| c.columns.iter().filter(|c| c.severity == severity).count());
        metrics.set(&format!("columns_watch_{key}"), columns(Severity::Watch));
        metrics.set(&format!("columns_alert_{key}"), columns(Severity::Alert));
    }
    metrics.set("features", report.current.version.as_str());
    metrics.set("rows_people", report.current.people);
    metrics.set("rows_jobs", report.current.jobs);
    metrics.set("rows_candidates", report.current.applications);
    metrics
}
