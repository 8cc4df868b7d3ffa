//! The features stage: clean tables become the feature store.
//!
//! It reads the three tables of `processed/` and writes
//! - `people.parquet`, one row a candidate, with or without applications;
//! - `jobs.parquet`, one row a job;
//! - `candidates.parquet`, one row an application with its candidate's and its job's columns (the
//!   name that Python consumers know; a plain Parquet table of strings, dates and decimals);
//! - `groups.parquet`, the records that are one and the same: a person under several codes, a job
//!   posted again;
//! - `dropped.parquet`, the applications that are not a row there, with the reason: their job or
//!   their candidate is absent, or they are merged into another of the same candidate and job (the
//!   newest last change counts, then the newest date, then the last in the source; where somebody
//!   was hired, no open one does);
//! - `future_dates.parquet`, the dates of jobs and applications that lie ahead of the data or of the
//!   logical date. They are null in the tables, and their rows stay.
//!
//! What leaves here is redacted ([`text::redact`]): every text that is not a key has lost e-mail
//! addresses, telephones, documents, web addresses and handles, streets with their numbers, postal
//! codes and dates that are called a birth; what candidates write also all that their own record says
//! of them (names, birth date, telephones, CPF, e-mail, Skype, LinkedIn, Facebook, street), what
//! clients and recruiters write also the names of the persons whom the job's record names in full.
//! Names stay where a value is chosen from a list (`cidade`: Vitória), and what is in no list is
//! `Outros` there, unless enough records have it (`listed_minimum_records`; how often is in the
//! metric `not_listed`). Names, contacts, documents and birth dates are columns of no table.
//! Protected attributes (sexo, estado_civil, pcd) are: for the audit, as are two that are derived
//! here, `estado` (the state in `cidade`) and, of each application, `faixa_etaria` (the age band on
//! its date). A status that is none of [`schema::statuses::KNOWN`] is `Outro`, in the tables and in
//! the manifest's `labels`: the source's column is text that people type into.
//!
//! **Whether the input is whole** is asked when a version is to go live ([`contract`]): of the version
//! and its clean tables, beside those that are live.
//!
//! **The logical date** is not a part of a version but where it sets a date aside that a later one would
//! not: so a day without new raw data has the version of the day before.
//!
//! **Memory.** Jobs and the keys of applications and candidates are held; CV text streams by. Each
//! of the two large files holds one compressed row group (`row_group_mib`) while it is written.
//!
//! **Size.** A job's texts stand in `candidates.parquet` once a row group, as the dictionary of
//! their column; a candidate's applications are neighbours, so that zstd sees a repeated CV.

#![forbid(unsafe_code)]

mod config;
pub use config::Config;

mod error;
pub use error::Error;

mod persons;

mod redact;

mod lists;

mod age;

mod dates;
pub use dates::{FUTURE_DATES, Newest};

mod groups;

mod state;

mod extract;

mod keys;

mod jobs;

mod applications;
pub use applications::DROPPED;

mod join;

mod people;

mod report;

mod observe;

mod verify;

mod run;
pub use run::{Clean, build};

use serde_json::json;
use stage::{Asset, Check, Context, InputSpec, Inputs, Metrics, Outputs, Progress, Stage};
use versioning::{Artefact, Committed, Lake};

#[derive(Clone, Copy, Debug)]
pub struct Features;

impl Stage for Features {
    const NAME: &'static str = "features";
    const OUTPUT: Artefact = Artefact::Features;
    const INPUTS: &'static [InputSpec] = &[InputSpec::newest("processed", Artefact::Processed)];
    const CODE: &'static str = env!("STAGE_CODE");
    type Config = Config;
    type Gate = contract::Contract;

    fn check(config: &Config) -> Result<(), stage::Error> {
        config.check()
    }

    fn prepare(
        place: &Context<'_>,
        inputs: &Inputs,
        _: &Config,
    ) -> Result<Vec<Asset>, stage::Error> {
        dates::prepare(place, inputs)
    }

    fn run(
        inputs: &Inputs,
        config: &Config,
        out: &mut Outputs,
        progress: &dyn Progress,
    ) -> Result<Metrics, stage::Error> {
        let clean = Clean {
            applicants: inputs.open("processed", "applicants.parquet")?,
            vagas: inputs.open("processed", "vagas.parquet")?,
            prospects: inputs.open("processed", "prospects.parquet")?,
        };
        let newest = dates::prepared(inputs)?;
        let mut metrics = build(clean, &newest, config, out, progress)?;
        // What `ingest` set aside is told on: the stages after this one do not read `processed`.
        metrics.set("ingest", json!(inputs.version("processed")?.manifest().metrics));
        Ok(metrics)
    }

    fn check_gate(contract: &contract::Contract) -> Result<(), stage::Error> {
        verify::check(contract)
    }

    fn verify(
        committed: &Committed,
        lake: &Lake,
        contract: &contract::Contract,
        progress: &dyn Progress,
    ) -> Result<Vec<Check>, stage::Error> {
        verify::verify(committed, lake, contract, progress)
    }

    fn latest(version: &str) -> Vec<String> {
        vec![format!("{version}/candidates.parquet")]
    }
}
