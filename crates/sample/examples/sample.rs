//! Makes a sample: `sample DIR CANDIDATES JOBS APPLICATIONS [SEED] [DRIFT] [--hostile] [--law=NAME]
//! [--start=DAY] [--end=DAY] [--day=DAY] [--break=NAME]`.

use std::ops::ControlFlow;
use std::path::Path;

#[allow(clippy::print_stdout, reason = "an example talks to a person")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (flags, given): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let [dir, candidates, jobs, applications, more @ ..] = given.as_slice() else {
        return Err("sample DIR CANDIDATES JOBS APPLICATIONS [SEED] [DRIFT] [--hostile] …".into());
    };
    let mut config = sample::SampleConfig {
        candidates: candidates.parse()?,
        jobs: jobs.parse()?,
        applications: applications.parse()?,
        seed: more.first().map_or(Ok(42), |seed| seed.parse())?,
        drift: more.get(1).map_or(Ok(0.0), |drift| drift.parse())?,
        ..sample::SampleConfig::default()
    };
    let mut breakage = None;
    for flag in &flags {
        match flag.split_once('=').unwrap_or((flag, "")) {
            ("--hostile", _) => config.hostile = true,
            ("--law", name) => config.law = name.parse()?,
            ("--start", day) => config.start = day.parse()?,
            ("--end", day) => config.end = day.parse()?,
            ("--day", day) => config.day = Some(day.parse()?),
            ("--break", name) => breakage = Some(name.parse()?),
            _ => return Err(format!("no flag {flag}").into()),
        }
    }
    let folder = Path::new(dir);
    let summary = sample::generate(&config, folder, &|_| ControlFlow::Continue(()))?;
    if let Some(breakage) = breakage {
        sample::breakage::apply(breakage, folder, config.last_day(), config.seed)?;
    }
    println!("{summary:#?}");
    Ok(())
}
