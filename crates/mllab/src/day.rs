//! The day: every stage in its order, then the gates, then one release.

use std::{collections::BTreeMap, time::Instant};

use serde_json::{Value, json};
use stage::{
    Error, ErrorName, Event, GateReport, Host, Released, Response,
    cli::{self, Console, Printed, RunOptions},
};
use versioning::{Artefact, Committed, Lake, Version};

use crate::{
    lake,
    stages::{DayStage, STAGES},
    table::render,
};

struct Done {
    stage: DayStage,
    response: Response,
    committed: Committed,
    wall_seconds: f64,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum From<'a> {
    /// At raw files; at the lake's own where none are named.
    Raw(Option<&'a str>),
    /// At a version of the features, by URI, because its data have been accepted.
    Features(&'a str),
}

/// Runs the day and releases what it makes; unless `publish`, versions are made and judged, and
/// nothing moves.
pub(crate) fn run(
    options: &RunOptions,
    from: From<'_>,
    publish: bool,
    build: &str,
) -> Result<Printed, Error> {
    // A mistake in the last stage's table is better reported before the first stage has run.
    STAGES.iter().try_for_each(|stage| (stage.check)(options))?;
    let lake = cli::open_lake(&options.lake)?;
    let said = lake::complete(&lake, options)?.into_iter().collect();
    let mut day = DayRun {
        options,
        build,
        lake,
        done: Vec::new(),
        reports: Vec::new(),
        untrained: Vec::new(),
        said,
    };
    day.make(from)?;
    let mut released = match publish {
        true => stage::release(&day.lake, &day.event(), cli::now())?,
        false => Released::default(),
    };
    released.stays.append(&mut day.untrained);
    if released.release.is_some() {
        day.said.extend(lake::prune_after_day(&day.lake)?);
    }
    Ok(day.printed(&released))
}

struct DayRun<'a> {
    options: &'a RunOptions,
    build: &'a str,
    lake: Lake,
    done: Vec<Done>,
    reports: Vec<GateReport>,
    /// Stages without a new version, each with its reason.
    untrained: Vec<String>,
    /// Lines for people.
    said: Vec<String>,
}

impl DayRun<'_> {
    /// Makes and judges every version. Nothing is trained on data that are not whole: of such a day
    /// the report alone is made, and the release refuses it. Where there is nothing to learn from
    /// yet, the day goes on without that model.
    fn make(&mut self, from: From<'_>) -> Result<(), Error> {
        let mut is_whole = true;
        for stage in STAGES {
            let is_model = matches!(stage.output, Artefact::Matching | Artefact::Recommend);
            if is_model && !is_whole {
                continue;
            }
            let made = match (stage.output, from) {
                (Artefact::Processed, From::Features(_)) => continue,
                (Artefact::Features, From::Features(uri)) => self.found(stage, uri),
                (_, From::Raw(raw)) => self.stage(stage, raw),
                (_, From::Features(_)) => self.stage(stage, None),
            };
            match made {
                Err(error) if error.name == ErrorName::NothingToLearn => {
                    self.untrained.push(format!("{}: {error}", stage.name));
                    continue;
                }
                made => made?,
            }
            if let Some(report) = self.verify()? {
                is_whole &= stage.output != Artefact::Features || report.passed;
                self.reports.push(report);
            }
        }
        Ok(())
    }

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
        if let (Artefact::Processed, Some(raw)) = (stage.output, raw) {
            inputs.insert("raw".to_owned(), raw.to_owned());
        }
        let response = (stage.run)(self.options, self.build, inputs)?;
        let wall_seconds = begun.elapsed().as_secs_f64();
        let version: Version = response.version.parse().map_err(Error::failed)?;
        let committed = self.lake.series(stage.output).get(version)?;
        self.done.push(Done { stage, response, committed, wall_seconds });
        Ok(())
    }

    /// Takes a version that there is in the place of a run.
    fn found(&mut self, stage: DayStage, uri: &str) -> Result<(), Error> {
        let event = Event { version: Some(uri.to_owned()), ..self.event() };
        let response = (stage.find)(&self.lake, &event)?;
        let version: Version = response.version.parse().map_err(Error::failed)?;
        let committed = self.lake.series(stage.output).get(version)?;
        self.done.push(Done { stage, response, committed, wall_seconds: 0.0 });
        Ok(())
    }

    fn event(&self) -> Event {
        let versions = self.done.iter().filter(|done| done.stage.goes_live());
        Event {
            execution: self.options.execution.clone(),
            logical_date: self.options.logical_date.clone(),
            versions: versions
                .map(|done| (done.stage.name.to_owned(), Some(done.response.uri.clone())))
                .collect(),
            ..Event::default()
        }
    }

    /// Judges the version that the last stage made, unless it is live or stays back anyway.
    fn verify(&self) -> Result<Option<GateReport>, Error> {
        let Some(Done { stage, response, committed, .. }) = self.done.last() else {
            return Ok(None);
        };
        let mut event = self.event();
        let series = self.lake.series(stage.output);
        let (live, version) = (series.live()?, committed.version());
        if !stage.goes_live()
            || live == Some(version)
            || stage::stays(&series, stage.output, live, version, &event, cli::now())?.is_some()
        {
            return Ok(None);
        }
        event.version = Some(response.uri.clone());
        event.gate = self.options.gate_of(stage.name);
        let console = Console::new(stage.name, self.options.style());
        let host = Host::unmeasured(&console, &cli::now, self.build);
        (stage.verify)(&self.lake, &event, &host).map(Some)
    }

    fn printed(&self, released: &Released) -> Printed {
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
        let mut line = |said: &str| {
            text.push_str(said);
            text.push('\n');
        };
        self.said.iter().for_each(|said| line(said));
        if !self.reports.is_empty() {
            let checks: usize = self.reports.iter().map(|report| report.checks.len()).sum();
            line(&format!("gate: {} versions judged by {checks} checks", self.reports.len()));
        }
        if let Some(number) = released.release {
            line(&format!("release {number} is live: {}", released.published.join(", ")));
        }
        for held_back in &released.held_back {
            let overrule = released.release.map_or_else(String::new, |number| {
                format!("; `mllab release publish {number} --anyway --reason TEXT` publishes it")
            });
            line(&format!("held back: {held_back}{overrule}"));
        }
        released.stays.iter().for_each(|stays| line(stays));
        if unchanged {
            line("nothing has changed since these versions were made");
        }
        Printed { text, json: self.json(unchanged, released) }
    }

    fn json(&self, unchanged: bool, released: &Released) -> Value {
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
            "gate": self.reports,
            "release": released,
            "stages": stages,
        })
    }
}
