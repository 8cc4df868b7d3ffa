//! The day: every stage in its order, then the gate, then the promotion of what is new.

use std::{collections::BTreeMap, time::Instant};

use serde_json::{Value, json};
use stage::{
    Error, ErrorName, Event, GateReport, Host, Response,
    cli::{self, Console, Printed, RunOptions},
};
use versioning::{Committed, Version};

use crate::{
    stages::{DayStage, STAGES},
    table::render,
};

/// What a stage of the day gave.
struct Done {
    stage: DayStage,
    response: Response,
    committed: Committed,
    wall_seconds: f64,
}

/// What becomes of what a day has made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Publish {
    /// It goes live when all of it is good enough.
    Gated,
    /// It goes live.
    Ungated,
    /// It stays where it is.
    Nothing,
}

/// Runs the day on `raw` (the lake's own raw files when absent) and makes live what is new, as
/// `publish` says.
pub(crate) fn run(
    options: &RunOptions,
    raw: Option<&str>,
    publish: Publish,
    build: &str,
) -> Result<Printed, Error> {
    // A mistake in the last stage's table is better told before the first one has run.
    STAGES.iter().try_for_each(|stage| (stage.check)(options))?;
    let mut day = Day { options, build, done: Vec::new() };
    for stage in STAGES {
        day.stage(stage, raw)?;
    }
    let gate = if publish == Publish::Gated { Some(day.gate()?) } else { None };
    let promoted = if publish == Publish::Nothing { Vec::new() } else { day.promote()? };
    let mut said = promoted.clone();
    match &gate {
        Some(reports) if !reports.is_empty() => said.insert(0, passed(reports)),
        None if publish == Publish::Ungated => {
            said.insert(0, "gate: not looked at (--no-gate)".to_owned());
        }
        _ => {}
    }
    Ok(day.printed(&said, &promoted, gate.as_deref()))
}

/// That all bounds are kept, for people.
fn passed(reports: &[GateReport]) -> String {
    let checks: usize = reports.iter().map(|report| report.checks.len()).sum();
    format!("gate: {} versions keep their bounds ({checks} checks)", reports.len())
}

struct Day<'a> {
    options: &'a RunOptions,
    build: &'a str,
    done: Vec<Done>,
}

impl Day<'_> {
    /// Runs a stage on what the stages before it have made.
    #[allow(clippy::disallowed_methods, reason = "the host times the stages")]
    fn stage(&mut self, stage: DayStage, raw: Option<&str>) -> Result<(), Error> {
        let begun = Instant::now();
        let mut inputs: BTreeMap<String, String> = stage
            .from
            .iter()
            .filter_map(|(input, from)| {
                let done = self.done.iter().find(|done| done.stage.name == *from)?;
                Some(((*input).to_owned(), done.response.uri.clone()))
            })
            .collect();
        if let (true, Some(raw)) = (self.done.is_empty(), raw) {
            inputs.insert("raw".to_owned(), raw.to_owned());
        }
        let response = (stage.run)(self.options, self.build, inputs)?;
        let wall_seconds = begun.elapsed().as_secs_f64();
        let series = cli::open_lake(&self.options.lake)?.series(stage.output);
        let version: Version = response.version.parse().map_err(Error::failed)?;
        let committed = series.get(version)?;
        self.done.push(Done { stage, response, committed, wall_seconds });
        Ok(())
    }

    fn event(&self) -> Event {
        Event {
            execution: self.options.execution.clone(),
            logical_date: self.options.logical_date.clone(),
            ..Event::default()
        }
    }

    /// Looks at every version that would go live, whatever the others are like: a day is refused
    /// whole, and its operator wants to know all of it.
    fn gate(&self) -> Result<Vec<GateReport>, Error> {
        let lake = cli::open_lake(&self.options.lake)?;
        let (mut reports, mut refused) = (Vec::new(), Vec::new());
        for Done { stage, response, committed, .. } in &self.done {
            let mut event = self.event();
            if (stage.reason_against)(&lake, committed, &event)?.is_some() {
                continue;
            }
            event.version = Some(response.uri.clone());
            event.gate = self.options.gate_of(stage.name);
            let console = Console::new(stage.name, self.options.style());
            let host = Host::unmeasured(&console, &cli::now, self.build);
            match (stage.verify)(&lake, &event, &host) {
                Ok(report) => reports.push(report),
                Err(error) if error.name == ErrorName::GateRefused => refused.push(error.message),
                Err(error) => return Err(error),
            }
        }
        if refused.is_empty() {
            return Ok(reports);
        }
        Err(Error::new(
            ErrorName::GateRefused,
            format!(
                "{}. Nothing has moved, and the versions stay: `_gate/` beside them says why; `mllab run --no-gate` makes them live all the same",
                refused.join(". ")
            ),
        ))
    }

    /// Makes what the day has made live, where it may be.
    fn promote(&self) -> Result<Vec<String>, Error> {
        let lake = cli::open_lake(&self.options.lake)?;
        let event = self.event();
        let mut said = Vec::new();
        for Done { stage, committed, .. } in &self.done {
            let version = committed.version();
            if !stage.goes_live() || lake.series(stage.output).live()? == Some(version) {
                continue;
            }
            let promoted = (stage.promote)(&lake, committed, &event, cli::now())?;
            let reason = promoted.reason.unwrap_or_else(|| format!("{version} is live"));
            said.push(format!("{}: {reason}", stage.name));
        }
        Ok(said)
    }

    fn printed(
        &self,
        said: &[String],
        promoted: &[String],
        gate: Option<&[GateReport]>,
    ) -> Printed {
        let unchanged = self.done.iter().all(|d| d.response.unchanged);
        let mut rows = vec![["stage", "version", "", "seconds", "where"].map(str::to_owned).into()];
        for done in &self.done {
            rows.push(vec![
                done.stage.name.to_owned(),
                done.response.version.clone(),
                if done.response.unchanged { "unchanged" } else { "new" }.to_owned(),
                format!("{:.2}", done.wall_seconds),
                done.response.uri.clone(),
            ]);
        }
        let mut text = render(&rows);
        for line in said {
            text.push_str(line);
            text.push('\n');
        }
        if unchanged {
            text.push_str("nothing has changed since these versions were made\n");
        }
        Printed { text, json: self.json(unchanged, promoted, gate) }
    }

    fn json(&self, unchanged: bool, promoted: &[String], gate: Option<&[GateReport]>) -> Value {
        let stages: Vec<Value> = self
            .done
            .iter()
            .map(|done| {
                let manifest = done.committed.manifest();
                json!({
                    "stage": done.stage.name,
                    "version": done.response.version,
                    "uri": done.response.uri,
                    "unchanged": done.response.unchanged,
                    "wall_seconds": done.wall_seconds,
                    "made_in_seconds": manifest.seconds,
                    "made_with_peak_memory_bytes": manifest.peak_memory_bytes,
                    "metrics": done.response.metrics,
                })
            })
            .collect();
        json!({
            "execution": self.options.execution,
            "logical_date": self.options.logical_date,
            "unchanged": unchanged,
            "gate": gate,
            "promoted": promoted,
            "stages": stages,
        })
    }
}
