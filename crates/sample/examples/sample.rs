//! Makes a sample: `sample DIR CANDIDATES JOBS APPLICATIONS [SEED] [DRIFT] [--hostile]`.

use std::ops::ControlFlow;

#[allow(clippy::print_stdout, reason = "an example talks to a person")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (flags, given): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let [dir, candidates, jobs, applications, more @ ..] = given.as_slice() else {
        return Err("sample DIR CANDIDATES JOBS APPLICATIONS [SEED] [DRIFT] [--hostile]".into());
    };
    let config = sample::SampleConfig {
        candidates: candidates.parse()?,
        jobs: jobs.parse()?,
        applications: applications.parse()?,
        seed: more.first().map_or(Ok(42), |seed| seed.parse())?,
        drift: more.get(1).map_or(Ok(0.0), |drift| drift.parse())?,
        hostile: flags.iter().any(|flag| flag == "--hostile"),
        ..sample::SampleConfig::default()
    };
    let summary = sample::generate(&config, dir.as_ref(), &|_| ControlFlow::Continue(()))?;
    println!("{summary:#?}");
    Ok(())
}
