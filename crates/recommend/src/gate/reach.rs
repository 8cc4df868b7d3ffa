//! Whether there are jobs to recommend, and whether people and jobs are reached as by the live
//! version: what collapses when a date, a status or a text goes wrong.

use serde_json::Value;
use stage::{Asked, Check, Question};
use versioning::Committed;

use super::bounds::Bounds;
use crate::{artefacts::METRICS, config::Jobs};

const OPEN: Asked = Asked { question: Question::Input, name: "open-jobs", check: "open jobs" };
const COVERAGE: Asked = Asked {
    question: Question::Input,
    name: "recommendation-coverage",
    check: "reach of the recommendations",
};

/// Open jobs of the live version from which on their number is compared: of fewer, chance may leave
/// a quarter.
const SEVERAL: f64 = 20.0;

/// Jobs to recommend from which on more than one of them must be.
const HANDFUL: f64 = 5.0;

struct Reach {
    open_jobs: f64,
    jobs: f64,
    /// Share of them that are recommended to somebody; 0 where there is none.
    coverage: f64,
    /// Share of the candidates that have recommendations.
    candidates: f64,
}

impl Reach {
    fn read(version: &Committed) -> Result<Self, stage::Error> {
        let broken = |what: &str| {
            let uri = version.uri();
            stage::Error::bad_input(format!("{uri}{METRICS} {what}: run `recommend` again"))
        };
        let bytes = version.open(METRICS)?.bytes()?;
        let metrics: Value = serde_json::from_slice(&bytes)
            .map_err(|error| broken(&format!("is not JSON: {error}")))?;
        let number = |pointer: &str| {
            let found = metrics.pointer(pointer).and_then(Value::as_f64);
            found.ok_or_else(|| broken(&format!("has no number at {pointer}")))
        };
        let jobs = number("/recommendations/jobs")?;
        Ok(Self {
            open_jobs: number("/recommendations/open_jobs")?,
            jobs,
            coverage: if jobs > 0.0 { number("/recommendations/coverage")? } else { 0.0 },
            candidates: number("/recommendations/candidates")?
                / number("/candidates/records")?.max(1.0),
        })
    }

    fn recommended(&self) -> f64 {
        (self.coverage * self.jobs).round()
    }
}

/// The checks of a version; `live` is the one in whose place it would go.
pub(super) fn checks(
    committed: &Committed,
    live: Option<&Committed>,
    bounds: &Bounds,
) -> Result<Vec<Check>, stage::Error> {
    let own = match Reach::read(committed) {
        Ok(own) => own,
        Err(error) => {
            let expected = format!("{METRICS} counts the open jobs");
            return Ok(vec![OPEN.answer_or_failure(expected, Err(error))?]);
        }
    };
    let all = configured(committed, "jobs") == serde_json::to_value(Jobs::All).ok().as_ref();
    let before = match live {
        None => Err("no other version is live".to_owned()),
        Some(live) => comparable(committed, live),
    };
    Ok(vec![open_jobs(&own, &before, bounds, all), coverage(&own, &before, bounds)])
}

fn configured<'a>(version: &'a Committed, key: &str) -> Option<&'a Value> {
    version.manifest().config.get(key)
}

/// The live version's reach under its name, or why it is not compared with.
fn comparable(committed: &Committed, live: &Committed) -> Result<(String, Reach), String> {
    let name = format!("{} (live)", live.version());
    for key in ["jobs", "open_days", "as_of", "top_k"] {
        if configured(committed, key) != configured(live, key) {
            return Err(format!("not compared with {name}, which has another {key}"));
        }
    }
    match Reach::read(live) {
        Ok(reach) => Ok((name, reach)),
        Err(error) => Err(format!("not compared with {name}: {error}")),
    }
}

fn open_jobs(
    own: &Reach,
    before: &Result<(String, Reach), String>,
    bounds: &Bounds,
    all: bool,
) -> Check {
    let (expected, least) = match before {
        Ok((name, live)) if live.open_jobs >= SEVERAL => {
            let (share, open) = (bounds.open_jobs, live.open_jobs);
            (format!("at least {share} of the {open} of {name}"), share * open)
        }
        // Who recommends all jobs needs no open one.
        _ if all => ("any number: jobs = \"all\" is configured".to_owned(), 0.0),
        Ok((name, live)) => (
            format!("at least 1, where {name} has {}", live.open_jobs),
            1.0_f64.min(live.open_jobs),
        ),
        Err(why) => (format!("at least 1 ({why})"), 1.0),
    };
    OPEN.answer(expected, own.open_jobs.to_string(), own.open_jobs >= least)
}

fn coverage(own: &Reach, before: &Result<(String, Reach), String>, bounds: &Bounds) -> Check {
    // Everybody is recommended the same job where vectors say nothing.
    let several = if own.jobs > HANDFUL { 2 } else { 0 };
    let mut passed = own.recommended() >= f64::from(several);
    let expected = match before {
        Ok((name, live)) => {
            let candidates = bounds.candidates * live.candidates;
            let jobs = bounds.coverage * live.coverage;
            passed &= own.candidates >= candidates && own.coverage >= jobs;
            format!(
                "recommendations for {candidates:.3} of the candidates at least, and of {jobs:.3} of the jobs ({} and {} of those of {name})",
                bounds.candidates, bounds.coverage
            )
        }
        Err(why) => format!("at least {several} different jobs ({why})"),
    };
    let found = format!(
        "for {:.3} of the candidates, {} different jobs of {} ({:.3})",
        own.candidates,
        own.recommended(),
        own.jobs,
        own.coverage
    );
    COVERAGE.answer(expected, found, passed)
}
