//! The ingest stage: raw files become clean tables.
//!
//! It reads `applicants`, `vagas` and `prospects`, each as one or several files, JSON (one object of
//! records by id; or an array of records, or JSON Lines, where each names its key in `codigo` or
//! `codigo_vaga`, of prospects also one record an application; also in gzip or zstd) or Parquet (one
//! row a record, of prospects one an application), and writes
//! - `applicants.parquet`, `vagas.parquet`, `prospects.parquet`: the tables of [`schema::raw`], rows
//!   in the order of the source;
//! - `rejects.parquet` ([`REJECTS`]): the records and fields that were set aside, with table, file,
//!   key, place and reason, never with the value: of each reason the first 10,000 records, of each
//!   column and reason the first 1,000 fields (`rejects_listed` of the profile says how many);
//! - `profile.json` ([`schema::profile`]): each table's records, items, rows and all its rejects by
//!   reason, each column's fill rate, number of different values, range and text length, what its
//!   unreadable values look like, the statuses, and the keys that no table knows.
//!
//! **What becomes of bad input.** A bad *file* (cut off, neither records by id nor records, something
//! behind its end, empty) stops the run. A bad *record* (broken JSON or UTF-8, a wrong shape, no
//! key of digits, a key seen before, too large) is left out, with its reason; more than
//! `max_reject_share` of a table's records, or of the elements of their lists, fail the run. A bad *field* (an impossible date, an amount
//! that is none, a list where a text should be) is null, with its reason, and costs nothing more.
//! Missing keys and sections, `null`, empty texts and `-` are null; numbers are read as their text;
//! keys not seen before are passed over and counted. Levels of a language and statuses of an
//! application get their one spelling; a text that is none stays here and is told (the feature store
//! takes no status that it does not know).
//!
//! **Repeated keys.** Of several records of a file with one key the first that can be read stays
//! (Python's `json` keeps the last: it cannot be known to be that without reading the file to its
//! end). A key repeated *within* a record has its last value, as in Python.
//!
//! **Increments.** The files of a table are read in the order of their names (`part-10` before `part-2`), and a later file adds
//! to the earlier ones: a person's newer record stays, by its `data_atualizacao` where both have
//! one, else the later file's; a job's later one; a job's applications are put together, and of one
//! that is in several files (same person, same day) the newer by `ultima_atualizacao` stays. The
//! profile counts them as merged. A record that says the same again is left out as repeated.
//!
//! **Memory** does not depend on the size of the files, but for a bitmap of the keys seen: one
//! thread a table reads, some parse, one writes, with queues of one block in between. (Files from S3
//! that no shard has read are held until the stage ends: small ones in memory, others on disk.)
//!
//! **Shards.** Each block's rows, rejects and figures are a part; parts are merged in order,
//! wherever the files were cut. A shard is a raw file, parsed elsewhere: its parts lie in the memo
//! (`processed/_shards/`, for they hold what the clean tables hold), and a run reads them in the
//! place of the file. What is not there is parsed by the run, so a lost part costs time alone, and
//! the bytes are the same either way. One file is one shard: a table of many records is better
//! exported as `part-*`.

#![forbid(unsafe_code)]

mod config;
pub use config::Config;

mod error;
pub use error::Error;

mod clean;

mod keys;

mod increments;

mod rejects;
pub use rejects::REJECTS;

mod rows;

mod unknown;

mod distinct;

mod commonest;

mod statuses;

mod profile;

mod part;

mod json;

mod parquet;

mod stored;

mod pipeline;

mod run;
pub use run::clean as clean_tables;

mod shards;

pub mod foreign;

use stage::{InputSpec, Inputs, Metrics, Outputs, Progress, Shard, Stage};
use versioning::Artefact;

#[derive(Clone, Copy, Debug)]
pub struct Ingest;

impl Stage for Ingest {
    const NAME: &'static str = "ingest";
    const OUTPUT: Artefact = Artefact::Processed;
    const INPUTS: &'static [InputSpec] = &[InputSpec::raw()];
    const CODE: &'static str = env!("STAGE_CODE");
    type Config = Config;
    type Gate = stage::NoBounds;

    fn check(config: &Config) -> Result<(), stage::Error> {
        config.check()
    }

    fn run(
        inputs: &Inputs,
        config: &Config,
        out: &mut Outputs,
        progress: &dyn Progress,
    ) -> Result<Metrics, stage::Error> {
        Ok(clean_tables(inputs, config, out, progress)?)
    }

    fn plan(inputs: &Inputs, _: &Config) -> Result<Vec<Shard>, stage::Error> {
        shards::plan(inputs)
    }

    fn shard(
        inputs: &Inputs,
        config: &Config,
        shard: &Shard,
        progress: &dyn Progress,
    ) -> Result<u64, stage::Error> {
        Ok(shards::leave(inputs, config, shard, progress)?)
    }

    fn latest(_: &str) -> Vec<String> {
        Vec::new()
    }
}
