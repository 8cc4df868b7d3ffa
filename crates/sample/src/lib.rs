//! Raw files of any size in the source's shape, from a seed.
//!
//! [`generate`] writes, into one folder, what a day's raw files look like:
//!
//! | file | holds |
//! |---|---|
//! | `applicants.json` | candidates by key, with CVs: Portuguese 88 %, English 8 %, Spanish 4 % |
//! | `vagas.json` | jobs by key |
//! | `prospects.json` | applications by job, pretty-printed |
//! | `truth.csv` | for every application, the probability that its outcome was drawn from |
//!
//! The quirks of real files are always there: fields mostly blank, `-` and impossible dates for
//! missing, applications to absent jobs (4 %) and of absent candidates (1 %), the same application
//! twice, misspelt and translated skills, CVs without spaces, names and contacts in free text,
//! dates and positions that give the outcome away.
//!
//! What the world is like, and what happens to it:
//!
//! | setting | gives |
//! |---|---|
//! | [`law`](SampleConfig::law) | what decides an outcome: the relation of candidate and job and neither alone ([`law`]), or mostly the job, as in a company's real history ([`operations`]) |
//! | [`day`](SampleConfig::day) | one world as a cumulative export shows it on a day: applications arrive, outcomes mature, jobs open and close ([`history`]) |
//! | [`start`](SampleConfig::start), [`end`](SampleConfig::end) | the calendar: a small world in few years has enough arrivals a month |
//! | [`change`](SampleConfig::change), [`change_over`](SampleConfig::change_over) | from a day on another mix, at once or slowly, for good ([`history`]) |
//! | [`drift`](SampleConfig::drift) | another world altogether ([`drift`]) |
//! | [`bias`](SampleConfig::bias) | women do worse than the law has it, which an audit must find |
//! | [`hostile`](SampleConfig::hostile) | a few damaged records of every kind ([`hostile`]) |
//! | [`personal`](SampleConfig::personal) | personal data in CVs as people write it, and `personal.csv`, which says what was planted |
//! | [`breakage::apply`] | a bad morning: a whole folder as an export breaks it ([`breakage`]) |
//!
//! Nobody in these files exists: names are common ones put together, e-mails are at domains for
//! examples, telephone numbers are in a range that is not given out, CPFs have impossible check
//! digits.
//!
//! **`truth.csv`** has one line for each application in the order of `prospects.json`:
//! `codigo_vaga`, `codigo` (the candidate), `position` (from 0 in the job's list; with `codigo_vaga`
//! it is the key, as an application may be there twice), `probability` (of a good end, six
//! decimals, bias included), `outcome` (1 where `situacao_candidado` is one of the four positive statuses),
//! `skills`, `level`, `language`, `place` (the parts of z in the [`law`]), `orphan` (`job` or
//! `candidate` where that record is in no file, else nothing), and `seen`: the best probability for
//! who knows only what the files show, six decimals, bias included. The outcome is drawn from the
//! skills that a candidate has, and a CV names not all of them and some others; `seen` is the
//! expectation over what the candidate may have ([`law`] says of which knowledge and how exactly;
//! an orphan's is as of a candidate without a CV, or as if the job were there). The best that a
//! model can do is to score by `seen`, not by `probability`. At the source's size, seed 42:
//!
//! | law | score | AUC | AUC within a job | log-loss (constant) |
//! |---|---|---|---|---|
//! | relation | `probability` | 0.889 | 0.887 | 0.148 (0.213) |
//! | relation | `seen` | 0.874 | 0.873 | 0.154 |
//! | operations | `probability` | 0.863 | 0.586 | 0.158 (0.216) |
//! | operations | `seen` | 0.859 | 0.564 | 0.159 |
//!
//! With a day, `outcome` is what the files of that day show.
//!
//! **The same settings give the same bytes**, on any machine and any number of threads: every
//! record has its own random streams (SplitMix64, keyed by seed, purpose and record), and
//! logarithms and exponentials come from `libm`, not from the system. Memory grows with the
//! numbers of candidates, jobs and applications (about 150 bytes each), not with text.
//!
//! ```
//! use std::ops::ControlFlow;
//! let folder = tempfile::tempdir()?;
//! let config = sample::SampleConfig {
//!     candidates: 40, jobs: 12, applications: 50, ..sample::SampleConfig::default()
//! };
//! let summary = sample::generate(&config, folder.path(), &|_| ControlFlow::Continue(()))?;
//! assert_eq!(summary.applications, 50);
//! assert!(folder.path().join("applicants.json").exists());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Two days of one small world:
//!
//! ```
//! use sample::{Day, Law, SampleConfig};
//! use std::ops::ControlFlow;
//! let day: Day = "2021-06-01".parse()?;
//! let world = SampleConfig {
//!     candidates: 60, jobs: 40, applications: 150, law: Law::Operations,
//!     start: "2020-01-01".parse()?, end: "2022-12-31".parse()?, ..SampleConfig::default()
//! };
//! let shown = |day| {
//!     let folder = tempfile::tempdir()?;
//!     let config = SampleConfig { day: Some(day), ..world.clone() };
//!     let summary = sample::generate(&config, folder.path(), &|_| ControlFlow::Continue(()))?;
//!     Ok::<_, Box<dyn std::error::Error>>(summary.applications)
//! };
//! assert!(shown(day)? < shown(day.plus(90))?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod config;
mod day;
mod error;

mod rng;

mod catalogue;
pub mod drift;
mod job;
mod person;

mod application;
pub mod history;
pub mod law;
mod market;
pub mod operations;

mod json;
mod text;

mod records;

pub mod hostile;

mod file;
mod write;

pub mod breakage;

pub use config::{Law, NoLaw, SampleConfig};
pub use day::{Day, NotADay};
pub use error::Error;
pub use records::{FIRST_CANDIDATE, FIRST_JOB};
pub use write::Progress;

use std::ops::ControlFlow;
use std::path::Path;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Records in `applicants.json`.
    pub candidates: u64,
    /// Records in `vagas.json`.
    pub jobs: u64,
    /// Applications in `prospects.json`, those to absent jobs and of absent candidates included.
    pub applications: u64,
    /// Applications that ended well.
    pub positives: u64,
    /// Applications whose job is absent from `vagas.json`.
    pub absent_job: u64,
    /// Applications to present jobs whose candidate is absent from `applicants.json`.
    pub absent_candidate: u64,
    /// Name and size in bytes of every file.
    pub files: Vec<(&'static str, u64)>,
}

/// Makes the files in `dir`, which is created if need be; files of an earlier sample there are
/// replaced. `progress` is called on the calling thread, several times a second; where it breaks,
/// the work stops and leaves nothing behind.
///
/// # Errors
/// [`Error::Config`] for settings that cannot be, [`Error::Io`] where a file cannot be written,
/// [`Error::Cancelled`] where `progress` broke. No file is then under its name unless it was there
/// before (but for a failure between two of the final renames).
pub fn generate(
    config: &SampleConfig,
    dir: &Path,
    progress: &dyn Fn(Progress) -> ControlFlow<()>,
) -> Result<Summary, Error> {
    config.check()?;
    let world = records::World::new(config.clone());
    let files = write::all(&world, dir, progress)?;
    let market = &world.market;
    let absent_jobs = market.starts[config.jobs];
    let (of_present, of_absent) = market.applications.split_at(absent_jobs);
    let absent =
        |application: &&application::Application| application.person as usize >= config.candidates;
    let jobs = market.shown_jobs.iter().filter(|&&job| (job as usize) < config.jobs).count();
    Ok(Summary {
        candidates: market.shown_people.len() as u64,
        jobs: jobs as u64,
        applications: market.applications.len() as u64,
        positives: market.applications.iter().filter(|application| application.good).count() as u64,
        absent_job: of_absent.len() as u64,
        absent_candidate: of_present.iter().filter(absent).count() as u64,
        files,
    })
}
