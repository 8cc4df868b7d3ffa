//! A made company, day after day: its export, perhaps broken, through `ingest` and `features` to the
//! verdict on its input.

use std::{fs, ops::ControlFlow, path::Path};

use features::Features;
use ingest::Ingest;
use sample::{
    Day, Law, SampleConfig,
    breakage::{self, Breakage},
};
use serde_json::json;
use stage::{Check, Event, Host, Silent, Stage};
use tempfile::TempDir;
use versioning::{Artefact, Lake, Timestamp};

/// A company and its lake.
pub(crate) struct Company {
    world: SampleConfig,
    lake: Lake,
    folder: TempDir,
    runs: usize,
}

#[derive(Debug)]
pub(crate) enum Verdict {
    /// A stage refused the data.
    Failed(String),
    /// The checks of the input.
    Checked(Vec<Check>),
}

impl Verdict {
    /// The names of what refused the day.
    pub(crate) fn refusals(&self) -> Vec<String> {
        match self {
            Self::Failed(message) => vec![format!("stage: {message}")],
            Self::Checked(checks) => {
                let failed = checks.iter().filter(|check| !check.passed);
                failed.map(|c| format!("{} ({}; {})", c.name, c.found, c.expected)).collect()
            }
        }
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        match self {
            Self::Failed(_) => vec!["stage"],
            Self::Checked(checks) => {
                checks.iter().filter(|c| !c.passed).map(|c| c.name.as_str()).collect()
            }
        }
    }
}

impl Company {
    pub(crate) fn new(law: Law, people: usize) -> Self {
        let world = SampleConfig {
            seed: 7,
            candidates: people,
            jobs: people / 2,
            applications: people * 5 / 3,
            law,
            start: "2022-01-01".parse().unwrap(),
            end: "2024-12-31".parse().unwrap(),
            ..SampleConfig::default()
        };
        let folder = tempfile::tempdir().unwrap();
        Self { world, lake: Lake::in_memory(), folder, runs: 0 }
    }

    /// The export of a day, broken or not, and what is said of it; a good one goes live.
    pub(crate) fn day(&mut self, day: Day, broken: Option<Breakage>, goes_live: bool) -> Verdict {
        let raw = self.folder.path().join(format!("raw{}", self.runs));
        let config = SampleConfig { day: Some(day), ..self.world.clone() };
        sample::generate(&config, &raw, &|_| ControlFlow::Continue(())).unwrap();
        if let Some(broken) = broken {
            breakage::apply(broken, &raw, day, 1).unwrap();
        }
        let verdict = self.export(&raw, &day.to_string(), goes_live);
        fs::remove_dir_all(raw).unwrap();
        verdict
    }

    /// An export that lies in a folder, and what is said of it.
    pub(crate) fn export(&mut self, raw: &Path, date: &str, goes_live: bool) -> Verdict {
        self.runs += 1;
        let event: Event = serde_json::from_value(json!({
            "execution": format!("e{}", self.runs), "logical_date": date,
        }))
        .unwrap();
        let mut ingest = event.clone();
        ingest.inputs.insert("raw".to_owned(), raw.to_str().unwrap().to_owned());
        let runs = i64::try_from(self.runs).unwrap();
        let now = || Timestamp::from_millis(runs * 1000);
        let host = Host::unmeasured(&Silent, &now, "test");
        let processed = match stage::execute::<Ingest>(&self.lake, &ingest, &host) {
            Ok(made) => made.uri,
            Err(error) => return Verdict::Failed(error.message),
        };
        let mut features = event.clone();
        features.inputs.insert("processed".to_owned(), processed);
        let made = match stage::execute::<Features>(&self.lake, &features, &host) {
            Ok(made) => made,
            Err(error) => return Verdict::Failed(error.message),
        };
        let version =
            self.lake.series(Artefact::Features).get(made.version.parse().unwrap()).unwrap();
        let bounds = contract::Contract::default();
        let checks = Features::verify(&version, &self.lake, &bounds, &Silent).unwrap();
        if goes_live && checks.iter().all(|check| check.passed) {
            let number = version.version();
            let lines = Features::latest(&number.to_string());
            self.lake.series(Artefact::Features).promote(number, &lines, now(), "test").unwrap();
        }
        Verdict::Checked(checks)
    }
}
