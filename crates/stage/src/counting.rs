//! A small stage, for the tests of what runs stages.

use std::{cell::Cell, time::SystemTime};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use versioning::{Artefact, Committed, Lake, RawTable, Timestamp};

use crate::{
    Asked, Check, Error, Event, Host, InputSpec, Inputs, Metrics, Outputs, Progress, Question,
    Reply, Response, Shard, Silent, Stage, execute, handle,
};

/// Counts the bytes of the raw files, and fails when told to.
pub(crate) struct Counting;

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    fail: bool,
    meddle: bool,
    offset: u64,
    page: bool,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Bounds {
    least: u64,
    question: Question,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { least: 0, question: Question::Served }
    }
}

impl Stage for Counting {
    const NAME: &'static str = "counting";
    const OUTPUT: Artefact = Artefact::Features;
    const INPUTS: &'static [InputSpec] = &[InputSpec::raw()];
    const CODE: &'static str = "1";
    type Config = Config;
    type Gate = Bounds;

    fn check(config: &Config) -> Result<(), Error> {
        match config.offset {
            0..100 => Ok(()),
            n => Err(Error::config(format!("offset: expected less than 100, found {n}"))),
        }
    }

    fn run(
        inputs: &Inputs,
        config: &Config,
        out: &mut Outputs,
        _: &dyn Progress,
    ) -> Result<Metrics, Error> {
        let bytes: u64 =
            RawTable::ALL.iter().flat_map(|t| inputs.raw(*t)).map(|f| f.blob.len()).sum();
        out.write("count.txt", (bytes + config.offset).to_string().as_bytes(), None)?;
        if config.page {
            out.write("count.html", b"<p>words of this build", None)?;
        }
        if config.meddle {
            let path = inputs.raw(RawTable::ALL[0])[0].blob.path().unwrap();
            let later = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1);
            let file = std::fs::File::options().write(true).open(path).unwrap();
            file.set_modified(later).unwrap();
        }
        if config.fail {
            return Err(Error::bad_input("told to fail"));
        }
        let mut metrics = Metrics::default();
        metrics.set("bytes", bytes);
        Ok(metrics)
    }

    fn plan(_: &Inputs, _: &Config) -> Result<Vec<Shard>, Error> {
        Ok((0..2).map(|index| Shard::Part { index, of: 2 }).collect())
    }

    fn shard(
        inputs: &Inputs,
        config: &Config,
        shard: &Shard,
        _: &dyn Progress,
    ) -> Result<u64, Error> {
        if config.fail {
            return Err(Error::bad_input("told to fail"));
        }
        let group = format!("{shard:?}");
        let group: String = group.chars().filter(char::is_ascii_alphanumeric).collect();
        inputs.memo().add(&group, Bytes::from_static(b"done"))?;
        Ok(RawTable::ALL.iter().map(|t| inputs.raw(*t).len() as u64).sum())
    }

    fn verify(
        committed: &Committed,
        _: &Lake,
        Bounds { least, question }: &Bounds,
        _: &dyn Progress,
    ) -> Result<Vec<Check>, Error> {
        let found = committed.manifest().metrics["bytes"].as_u64().unwrap();
        let asked = Asked { question: *question, name: "bytes", check: "bytes" };
        Ok(vec![asked.answer(format!("at least {least}"), found.to_string(), found >= *least)])
    }

    fn latest(version: &str) -> Vec<String> {
        vec![format!("{version}/count.txt")]
    }
}

pub(crate) struct Place {
    _dir: tempfile::TempDir,
    pub(crate) raw: String,
    pub(crate) lake: Lake,
    clock: Cell<i64>,
}

impl Place {
    #[allow(clippy::disallowed_methods, reason = "the test makes raw files")]
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let raw = dir.path().join("raw");
        std::fs::create_dir(&raw).unwrap();
        for table in RawTable::ALL {
            std::fs::write(raw.join(format!("{}.json", table.name())), "{}").unwrap();
        }
        let lake = Lake::open(dir.path().join("lake").to_str().unwrap()).unwrap();
        let raw = raw.to_str().unwrap().to_owned();
        // A week after the days of the tests.
        let now: Timestamp = "2026-12-01".parse().unwrap();
        Self { _dir: dir, raw, lake, clock: Cell::new(now.as_millis()) }
    }

    pub(crate) fn event(&self, config: serde_json::Value) -> Event {
        Event {
            execution: "e1".to_owned(),
            logical_date: "2026-11-23".to_owned(),
            inputs: [("raw".to_owned(), self.raw.clone())].into(),
            config,
            ..Event::default()
        }
    }

    pub(crate) fn call(&self, event: &Event) -> Result<Response, Error> {
        self.on_host(|host| execute::<Counting>(&self.lake, event, host))
    }

    pub(crate) fn handle(&self, event: &Event) -> Result<Reply, Error> {
        self.on_host(|host| handle::<Counting>(&self.lake, event, host))
    }

    pub(crate) fn on_host<T>(&self, act: impl FnOnce(&Host<'_>) -> T) -> T {
        let now = || {
            self.clock.set(self.clock.get() + 1);
            Timestamp::from_millis(self.clock.get())
        };
        let host = Host::unmeasured(&Silent, &now, "test");
        act(&host)
    }
}
