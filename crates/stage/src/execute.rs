//! From a call to a version: find the inputs, ask whether their key has given a version already,
//! else claim one, run, store, and write the manifest last.

use std::collections::BTreeMap;

use versioning::{Body, Committed, KeyBuilder, Lake, Manifest, Series, Timestamp};

use crate::{
    Action, Error, Event, Outputs, Place, Progress, Response, Stage, checked_config,
    find::{find_inputs, written, written_to},
};

/// What only the host has: clock, memory, the name of the build, and somewhere to tell progress.
pub struct Host<'a> {
    /// Where the stage tells its progress.
    pub progress: &'a dyn Progress,
    /// The time.
    pub now: &'a dyn Fn() -> Timestamp,
    /// Seconds of each phase so far.
    pub seconds: &'a dyn Fn() -> BTreeMap<String, f64>,
    /// The greatest resident memory since the last call, in bytes, where known.
    pub peak_memory: &'a dyn Fn() -> Option<u64>,
    /// The build: a git revision.
    pub code_version: &'a str,
}

/// Does what `event` asks of stage `S` on `lake`.
///
/// # Errors
/// The stage's own; [`crate::ErrorName::BadInput`] when an input is missing or a raw file changes
/// while it is read; [`crate::ErrorName::ConfigInvalid`]; and what the store says.
pub fn execute<S: Stage>(lake: &Lake, event: &Event, host: &Host<'_>) -> Result<Response, Error> {
    let config = checked_config::<S>(&event.config)?;
    let config_json = serde_json::to_value(&config).map_err(Error::failed)?;
    let (inputs, mut references) = find_inputs::<S>(lake, event, host)?;
    let before = written(&inputs);
    let assets = S::prepare(&Place { lake, event, host }, &inputs, &config)?;
    references.extend(assets.iter().map(|asset| asset.reference.clone()));
    let inputs = inputs.with_assets(assets).with_memo(lake.memo());
    let key = {
        let mut key = KeyBuilder::new(S::NAME, S::CODE, &config_json);
        for reference in &references {
            key.input(&reference.name, &reference.sha256);
        }
        // The stage may say so: it is then another result than that of the version that is meant.
        for name in &inputs.named {
            key.input(&format!("{name} by name"), "");
        }
        if event.force {
            key.execution(&event.execution);
        }
        key.finish()
    };
    let series = lake.series(S::OUTPUT);
    if let Some(committed) = series.find(&key)? {
        return finish::<S>(&series, &committed, true, event, host);
    }
    let claim = series.claim(&key, &event.execution, (host.now)())?;
    let scratch = series.scratch()?;
    let mut outputs = Outputs::new(scratch.path().to_owned());
    let metrics = S::run(&inputs, &config, &mut outputs, host.progress)?;
    // What was hashed is what was read: else the version would stand under another day's key.
    if let Some(((name, _), _)) = before.iter().zip(written(&inputs)).find(|(b, a)| **b != *a) {
        return Err(written_to(name));
    }
    let (files, extra) = outputs.take();
    {
        let _phase = host.progress.phase("store", Some(files.len() as u64), "files");
        for (path, file) in &files {
            claim.put(&file.file, &Body::File(path.clone()))?;
        }
    }
    let manifest = Manifest {
        format: Manifest::FORMAT,
        name: S::NAME.to_owned(),
        version: claim.version(),
        key: key.clone(),
        execution: event.execution.clone(),
        logical_date: event.logical_date.clone(),
        created_at: (host.now)(),
        inputs: references,
        outputs: files.into_iter().map(|(_, file)| file).collect(),
        config: config_json,
        code_version: host.code_version.to_owned(),
        metrics: metrics.0,
        extra,
        seconds: (host.seconds)(),
        peak_memory_bytes: (host.peak_memory)(),
    };
    let committed = claim.commit(manifest)?;
    finish::<S>(&series, &committed, false, event, host)
}

fn finish<S: Stage>(
    series: &Series,
    committed: &Committed,
    unchanged: bool,
    event: &Event,
    host: &Host<'_>,
) -> Result<Response, Error> {
    let version = committed.version();
    if event.action == Action::Promote {
        let lines = S::latest(&version.to_string());
        series.promote(version, &lines, (host.now)(), &event.execution)?;
    }
    let metrics = crate::Metrics(committed.manifest().metrics.clone());
    Ok(Response { version: version.to_string(), uri: committed.uri(), metrics, unchanged })
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, time::SystemTime};

    use serde::{Deserialize, Serialize};
    use serde_json::json;
    use versioning::{Artefact, RawTable};

    use super::*;
    use crate::{ErrorName, InputSpec, Inputs, Metrics, Silent};

    /// Counts the bytes of the raw files, and fails when told to.
    struct Counting;

    #[derive(Default, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Config {
        fail: bool,
        meddle: bool,
        offset: u64,
    }

    impl Stage for Counting {
        const NAME: &'static str = "counting";
        const OUTPUT: Artefact = Artefact::Processed;
        const INPUTS: &'static [InputSpec] = &[InputSpec::raw()];
        const CODE: &'static str = "1";
        type Config = Config;

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

        fn latest(version: &str) -> Vec<String> {
            vec![format!("{version}/count.txt")]
        }
    }

    struct Place {
        _dir: tempfile::TempDir,
        raw: String,
        lake: Lake,
        clock: Cell<i64>,
    }

    impl Place {
        #[allow(clippy::disallowed_methods, reason = "the test makes raw files")]
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let raw = dir.path().join("raw");
            std::fs::create_dir(&raw).unwrap();
            for table in RawTable::ALL {
                std::fs::write(raw.join(format!("{}.json", table.name())), "{}").unwrap();
            }
            let lake = Lake::open(dir.path().join("lake").to_str().unwrap()).unwrap();
            let raw = raw.to_str().unwrap().to_owned();
            Self { _dir: dir, raw, lake, clock: Cell::new(0) }
        }

        fn event(&self, config: serde_json::Value) -> Event {
            Event {
                action: Action::Run,
                execution: "e1".to_owned(),
                logical_date: "2026-11-23".to_owned(),
                inputs: [("raw".to_owned(), self.raw.clone())].into(),
                config,
                force: false,
            }
        }

        fn call(&self, event: &Event) -> Result<Response, Error> {
            let now = || {
                self.clock.set(self.clock.get() + 1);
                Timestamp::from_millis(self.clock.get())
            };
            let host = Host {
                progress: &Silent,
                now: &now,
                seconds: &BTreeMap::new,
                peak_memory: &|| None,
                code_version: "test",
            };
            execute::<Counting>(&self.lake, event, &host)
        }
    }

    #[test]
    fn the_same_inputs_config_and_code_give_the_same_version() {
        let place = Place::new();
        let event = place.event(json!({}));
        let first = place.call(&event).unwrap();
        assert_eq!((first.version.as_str(), first.unchanged), ("v1", false));
        let again = place.call(&event).unwrap();
        assert_eq!((again.version.as_str(), again.unchanged), ("v1", true));
        assert_eq!(again.metrics, first.metrics);
        let other = place.call(&place.event(json!({"offset": 1}))).unwrap();
        assert_eq!((other.version.as_str(), other.unchanged), ("v2", false));
    }

    #[test]
    fn force_makes_a_new_version_once_an_execution() {
        let place = Place::new();
        let event = place.event(json!({}));
        place.call(&event).unwrap();
        let forced = Event { force: true, ..event.clone() };
        assert_eq!(place.call(&forced).unwrap().version, "v2");
        assert!(place.call(&forced).unwrap().unchanged);
        let later = Event { execution: "e2".to_owned(), ..forced };
        assert_eq!(place.call(&later).unwrap().version, "v3");
    }

    #[test]
    fn a_failed_run_leaves_no_version() {
        let place = Place::new();
        let error = place.call(&place.event(json!({"fail": true}))).unwrap_err();
        assert_eq!(error.name, ErrorName::BadInput);
        let series = place.lake.series(Artefact::Processed);
        assert!(series.list().unwrap().is_empty());
        assert!(place.call(&place.event(json!({"fail": true}))).is_err());
        let made = place.call(&place.event(json!({}))).unwrap();
        let list = series.list().unwrap();
        assert_eq!(list.len(), 1);
        assert_eq!(list[0].version().to_string(), made.version);
    }

    #[test]
    fn a_raw_file_that_is_written_to_meanwhile_makes_no_version() {
        let place = Place::new();
        let error = place.call(&place.event(json!({"meddle": true}))).unwrap_err();
        assert_eq!(error.name, ErrorName::BadInput);
        assert!(error.message.contains("was written to while"), "{error}");
        assert!(place.lake.series(Artefact::Processed).list().unwrap().is_empty());
    }

    #[test]
    fn a_wrong_configuration_or_input_is_refused_before_anything_runs() {
        let place = Place::new();
        let name = |event: Event| place.call(&event).unwrap_err().name;
        assert_eq!(name(place.event(json!({"offset": 100}))), ErrorName::ConfigInvalid);
        assert_eq!(name(place.event(json!({"ofset": 1}))), ErrorName::ConfigInvalid);
        let mut event = place.event(json!({}));
        event.inputs.insert("raws".to_owned(), "x".to_owned());
        assert_eq!(name(event), ErrorName::ConfigInvalid);
        let mut event = place.event(json!({}));
        event.inputs.insert("raw".to_owned(), format!("{}/none", place.raw));
        assert_eq!(name(event), ErrorName::BadInput);
        assert!(place.lake.series(Artefact::Processed).list().unwrap().is_empty());
    }

    #[test]
    fn promote_points_latest_txt_at_the_version() {
        let place = Place::new();
        let event = Event { action: Action::Promote, ..place.event(json!({})) };
        let response = place.call(&event).unwrap();
        let live = place.lake.series(Artefact::Processed).live().unwrap();
        assert_eq!(live.unwrap().to_string(), response.version);
    }
}
