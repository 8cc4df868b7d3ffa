//! The stage.

use stage::{Check, InputSpec, Inputs, Metrics, Outputs, Pick, Progress, Stage};
use versioning::{Artefact, Committed, Lake};

use crate::{
    Error,
    applications::Applications,
    arrivals::{arrivals, last_day},
    columns,
    comparison::{ComparisonParts, Side, compare},
    config::Config,
    gate::{self, GateBounds},
    history::{PAGE, Past, REPORT, REPORTED},
    live::{LIVE_MODEL, MATCHING, RECOMMEND, live_scores},
    parts::{self, Reference},
    reads::Reads,
    reasons,
    report::{
        Absence, ColumnProfile, Comparison, FORMAT, Finding, Part, PastVerdict, Report, Settings,
        Severity, Term,
    },
    version::{Plan, Summaries, TABLES, Version},
};

/// The input that is the current version of the feature store.
const FEATURES: &str = "features";

const LIVE: Reference = Reference { term: Term::Live, input: "live", recommend: "recommend_live" };
const QUARTER: Reference =
    Reference { term: Term::Quarter, input: "quarter", recommend: "recommend_quarter" };
const YEAR: Reference = Reference { term: Term::Year, input: "year", recommend: "recommend_year" };
/// One that a user names.
const PREVIOUS: Reference =
    Reference { term: Term::Named, input: "previous", recommend: "recommend_previous" };

/// Compares feature-store versions, and what has arrived with what arrived before.
#[derive(Clone, Copy, Debug)]
pub struct Drift;

const fn days_before(days: u32) -> Pick {
    Pick::DaysBefore { given: FEATURES, days }
}

const fn made_from(given: &'static str) -> Pick {
    Pick::MadeFrom { given, as_input: FEATURES }
}

/// An earlier version of the feature store.
const fn features(name: &'static str, pick: Pick) -> InputSpec {
    const FILES: &[&str] = &["people.parquet", "jobs.parquet", "candidates.parquet"];
    InputSpec::compared(name, Artefact::Features, pick, FILES)
}

/// The recommender's version made from one.
const fn recommend(name: &'static str, given: &'static str) -> InputSpec {
    const FILES: &[&str] = &[
        "candidate_embeddings.npy",
        "candidate_rows.parquet",
        "job_embeddings.npy",
        "job_rows.parquet",
    ];
    InputSpec::compared(name, Artefact::Recommend, made_from(given), FILES)
}

impl Stage for Drift {
    const NAME: &'static str = "drift";
    const OUTPUT: Artefact = Artefact::Drift;
    const INPUTS: &'static [InputSpec] = &[
        InputSpec::newest(FEATURES, Artefact::Features),
        features(LIVE.input, Pick::LiveWhenMade(FEATURES)),
        features(QUARTER.input, days_before(90)),
        features(YEAR.input, days_before(365)),
        features(PREVIOUS.input, Pick::Named),
        InputSpec::optional(RECOMMEND, Artefact::Recommend, made_from(FEATURES)),
        recommend(LIVE.recommend, LIVE.input),
        recommend(QUARTER.recommend, QUARTER.input),
        recommend(YEAR.recommend, YEAR.input),
        recommend(PREVIOUS.recommend, PREVIOUS.input),
        InputSpec::optional(MATCHING, Artefact::Matching, made_from(FEATURES)),
        InputSpec::compared(
            LIVE_MODEL,
            Artefact::Matching,
            Pick::InputOf { of: MATCHING, input: "live" },
            &["predictions.parquet"],
        ),
        InputSpec::compared(REPORTED, Artefact::Drift, Pick::LiveWhenMade(FEATURES), &[REPORT]),
    ];
    const CODE: &'static str = env!("STAGE_CODE");
    type Config = Config;
    type Gate = GateBounds;

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
        let _phase = progress.phase("write", None, "")?;
        let mut json = serde_json::to_vec_pretty(&report).map_err(Error::Json)?;
        json.push(b'\n');
        out.write(REPORT, &json, None)?;
        out.write(PAGE, reports::drift::page(&report, config.lang).as_bytes(), None)?;
        Ok(metrics(&report))
    }

    fn verify(
        committed: &Committed,
        _: &Lake,
        bounds: &GateBounds,
        _: &dyn Progress,
    ) -> Result<Vec<Check>, stage::Error> {
        gate::verify(committed, bounds)
    }

    fn latest(version: &str) -> Vec<String> {
        vec![format!("{version}/{PAGE}")]
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
        let _phase = progress.phase("read the current version", None, "")?;
        version.sum_up(&plan)?
    };
    let current = Current { version, plan, summaries, reads: Reads::of(inputs)? };
    let mut comparisons: Vec<Comparison> = Vec::new();
    for reference in [LIVE, QUARTER, YEAR, PREVIOUS].iter().filter(|r| inputs.has(r.input)) {
        let term = if inputs.is_named(reference.input) { Term::Named } else { reference.term };
        let baseline = inputs.version(reference.input)?.version().to_string();
        match comparisons.iter_mut().find(|c| c.baseline.version == baseline) {
            Some(done) => done.also.push(term),
            None => comparisons.push(current.beside(inputs, reference, term, config, progress)?),
        }
    }
    let applications = Applications::read(current.version.applications(), config)?;
    let as_of = last_day(&current.version, &applications)?;
    let arrivals = match as_of {
        None => Part::Absent(Absence::TooFew),
        Some(as_of) => {
            let _phase = progress.phase("compare what has arrived", None, "")?;
            let live = inputs.has(LIVE.input).then(|| inputs.version(LIVE.input));
            let live = live.transpose()?.map(Version::open).transpose()?;
            let Current { version, plan, reads, .. } = &current;
            let applications = (&applications, as_of);
            let version = (version, plan);
            Part::Present(arrivals(version, live.as_ref(), applications, reads, config)?)
        }
    };
    let live_scores = live_scores(inputs, &applications, as_of, config)?;
    let past = Past::read(inputs)?;
    let found = reasons::overall(&comparisons, &arrivals, &live_scores, &past);
    let severity = reasons::worst(&found.new);
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
        new: found.new,
        known: found.known,
        columns_read: current.reads.columns(),
        comparisons,
        unreadable: inputs.unreadable().keys().cloned().collect(),
        arrivals,
        live_scores,
        history: past.with(verdict),
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
    reads: Reads,
}

impl Current {
    /// It beside a reference.
    fn beside(
        &self,
        inputs: &Inputs,
        reference: &Reference,
        term: Term,
        config: &Config,
        progress: &dyn Progress,
    ) -> Result<Comparison, stage::Error> {
        let baseline = Version::open(inputs.version(reference.input)?)?;
        let equal = baseline.content == self.version.content;
        let after = Side { version: &self.version, summaries: &self.summaries };
        let summaries = {
            let _phase = progress.phase("read an earlier version", None, "")?;
            baseline.sum_up(&baseline.shared(&self.plan, &self.version))?
        };
        let before = Side { version: &baseline, summaries: &summaries };
        let parts = if equal {
            ComparisonParts::absent(Absence::Equal)
        } else {
            parts::parts(inputs, reference, (before, after), &self.reads, config, progress)?
        };
        Ok(compare(term, before, after, parts, &self.reads, config))
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
    let alerts = |found: &[Finding]| {
        found.iter().filter(|finding| finding.severity == Severity::Alert).count()
    };
    metrics.set("alerts_new", alerts(&report.new));
    metrics.set("alerts_known", alerts(&report.known));
    for (term, key) in [
        (Term::Live, "live"),
        (Term::Quarter, "quarter"),
        (Term::Year, "year"),
        (Term::Named, "named"),
    ] {
        let is = |c: &&Comparison| c.term == term || c.also.contains(&term);
        let found = report.comparisons.iter().find(is);
        metrics.set(&format!("severity_{key}"), found.map(|c| c.severity.name()));
        metrics.set(&format!("baseline_{key}"), found.map(|c| c.baseline.version.as_str()));
    }
    metrics.set("features", report.current.version.as_str());
    metrics.set("rows_people", report.current.people);
    metrics.set("rows_jobs", report.current.jobs);
    metrics.set("rows_candidates", report.current.applications);
    metrics
}
