//! Raw files from the generator, and the demonstration.

use std::{cell::RefCell, ops::ControlFlow, path::Path};

use clap::ArgMatches;
use sample::breakage::{self, Breakage};
use sample::{Day, Law, SampleConfig};
use serde_json::json;
use stage::{
    Error, Phase, Progress,
    cli::{Console, Printed, RunOptions},
};

use crate::{
    day::{self, From},
    interrupt,
};

pub(crate) struct SampleCall {
    out: String,
    pub(crate) config: SampleConfig,
    pub(crate) breakage: Option<Breakage>,
}

pub(crate) fn sample_of(given: &ArgMatches) -> Result<SampleCall, Error> {
    let mut config = SampleConfig::default();
    let number = |name: &str| given.get_one::<usize>(name).copied();
    config.candidates = number("candidates").unwrap_or(config.candidates);
    config.jobs = number("jobs").unwrap_or(config.jobs);
    config.applications = number("applications").unwrap_or(config.applications);
    config.seed = given.get_one::<u64>("seed").copied().unwrap_or(config.seed);
    config.drift = given.get_one::<f64>("drift").copied().unwrap_or(config.drift);
    config.bias = given.get_one::<f64>("bias").copied().unwrap_or(config.bias);
    config.hostile = given.get_flag("hostile");
    config.personal = given.get_flag("personal");
    config.law = given.get_one::<Law>("law").copied().unwrap_or(config.law);
    let day = |name: &str| given.get_one::<Day>(name).copied();
    config.start = day("start").unwrap_or(config.start);
    config.end = day("end").unwrap_or(config.end);
    config.day = day("day");
    config.change = day("change");
    config.change_over = given.get_one::<u16>("change-over").copied().unwrap_or(0);
    let breakage = given.get_one::<Breakage>("break").copied();
    let out = given.get_one::<String>("out").cloned();
    let out = out.ok_or_else(|| Error::config("sample: --out DIR is needed"))?;
    Ok(SampleCall { out, config, breakage })
}

pub(crate) fn sample(options: &RunOptions, call: &SampleCall) -> Result<Printed, Error> {
    let console = Console::new("sample", options.style());
    let summary = {
        let _guard = interrupt::cooperate();
        let bars = Bars { progress: &console, under_way: RefCell::new(None) };
        sample::generate(&call.config, Path::new(&call.out), &|at| bars.show(at))
    };
    let told = |e| match e {
        sample::Error::Config { .. } => Error::config(e),
        sample::Error::NotASample { .. } | sample::Error::Unreadable { .. } => Error::bad_input(e),
        _ => Error::failed(e),
    };
    let made = summary.map_err(told)?;
    let (config, out) = (&call.config, Path::new(&call.out));
    if let Some(breakage) = call.breakage {
        breakage::apply(breakage, out, config.last_day(), config.seed).map_err(told)?;
    }
    let bytes: u64 = made.files.iter().map(|(_, bytes)| bytes).sum();
    let broken =
        call.breakage.map_or(String::new(), |breakage| format!(", then broken: {breakage}"));
    let text = format!(
        "{}: {} candidates, {} jobs, {} applications ({} ended well), {:.1} MB{broken}",
        call.out,
        made.candidates,
        made.jobs,
        made.applications,
        made.positives,
        bytes as f64 / 1e6
    );
    let json = json!({
        "out": call.out,
        "seed": call.config.seed,
        "candidates": made.candidates,
        "jobs": made.jobs,
        "applications": made.applications,
        "positives": made.positives,
        "bytes": bytes,
        "law": config.law.name(),
        "day": config.day.map(|day| day.to_string()),
        "broken": call.breakage.map(Breakage::name),
    });
    Ok(Printed { text, json })
}

/// The generator's progress as phases, a file each.
struct Bars<'a> {
    progress: &'a dyn Progress,
    under_way: RefCell<Option<(&'static str, Phase<'a>, u64)>>,
}

impl<'a> Bars<'a> {
    fn show(&self, at: sample::Progress) -> ControlFlow<()> {
        let mut under_way = self.under_way.borrow_mut();
        if under_way.as_ref().is_none_or(|(file, ..)| *file != at.file) {
            *under_way = None;
            let Ok(phase) = self.progress.phase(at.file, Some(at.total), "records") else {
                return ControlFlow::Break(());
            };
            *under_way = Some((at.file, phase, 0));
        }
        if let Some((_, phase, shown)) = under_way.as_mut() {
            if phase.advance(at.done - *shown).is_err() {
                return ControlFlow::Break(());
            }
            *shown = at.done;
        }
        interrupt::asked()
    }
}

/// The demonstration's size: a tenth of the source's, so that it takes seconds.
fn demo_size() -> SampleConfig {
    SampleConfig { candidates: 4_248, jobs: 1_408, applications: 5_376, ..SampleConfig::default() }
}

/// Makes sample data under `dir`, runs the day on it, and shows what came of it.
pub(crate) fn demo(
    program: &str,
    options: &RunOptions,
    dir: Option<&str>,
    build: &str,
) -> Result<Printed, Error> {
    let dir = dir.unwrap_or("demo");
    let raw = format!("{dir}/raw");
    let made =
        sample(options, &SampleCall { out: raw.clone(), config: demo_size(), breakage: None })?;
    let options = RunOptions { lake: format!("{dir}/lake"), ..options.clone() };
    let day = day::run(&options, From::Raw(Some(&raw)), true, build)?;
    let lake = &options.lake;
    let next = format!(
        "Next:\n  {program} versions --lake {lake}\n  \
         {program} matching score --candidate {} --job {} --lake {lake}\n  \
         {program} run --raw DIR --lake DIR    with your own applicants.json, vagas.json, prospects.json",
        sample::FIRST_CANDIDATE,
        sample::FIRST_JOB
    );
    let text = format!("{}\n\n{}\n{next}", made.text, day.text);
    Ok(Printed { text, json: json!({"sample": made.json, "day": day.json}) })
}
