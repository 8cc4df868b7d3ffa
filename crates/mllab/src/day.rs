//! The day: every stage in its order, then the promotion of what is new.

use std::{collections::BTreeMap, time::Instant};

use serde_json::{Value, json};
use stage::{
    Error, Event, Response,
    cli::{self, Printed, RunOptions},
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

/// Runs the day on `raw` (the lake's own raw files when absent) and, with `promote`, makes live
/// what is new.
pub(crate) fn run(
    options: &RunOptions,
    raw: Option<&str>,
    promote: bool,
    build: &str,
) -> Result<Printed, Error> {
    // A mistake in the last stage's table is better told before the first one has run.
    STAGES.iter().try_for_each(|stage| (stage.check)(options))?;
    let mut day = Day { options, build, done: Vec::new() };
    for stage in STAGES {
        day.stage(stage, raw)?;
    }
    let promoted = if promote { day.promote()? } else { Vec::new() };
    Ok(day.printed(&promoted))
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

    /// Makes what the day has made live, where it may be.
    fn promote(&self) -> Result<Vec<String>, Error> {
        let lake = cli::open_lake(&self.options.lake)?;
        let event = Event {
            execution: self.options.execution.clone(),
            logical_date: self.options.logical_date.clone(),
            ..Event::default()
        };
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

    fn printed(&self, promoted: &[String]) -> Printed {
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
        for line in promoted {
            text.push_str(line);
            text.push('\n');
        }
        if unchanged {
            text.push_str("nothing has changed since these versions were made\n");
        }
        Printed { text, json: self.json(unchanged, promoted) }
    }

    fn json(&self, unchanged: bool, promoted: &[String]) -> Value {
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
            "promoted": promoted,
            "stages": stages,
        })
    }
}
