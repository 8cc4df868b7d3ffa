//! From a call to a version: find the inputs, ask whether their key has given a version already,
//! else claim one, run, store, and write the manifest last.

use std::{
    collections::BTreeMap,
    io::Read,
    sync::atomic::{AtomicUsize, Ordering},
    time::SystemTime,
};

use sha2::{Digest, Sha256};
use versioning::{
    Body, Committed, InputRef, KeyBuilder, Lake, Manifest, RawTable, Series, Timestamp, Version,
};

use crate::{
    Action, Error, Event, InputSource, Inputs, Outputs, Progress, RawFile, Response, Stage,
    checked_config,
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
    let (inputs, references) = find_inputs::<S>(lake, event, host)?;
    let before = written(&inputs);
    let key = {
        let mut key = KeyBuilder::new(S::NAME, S::CODE, &config_json);
        for reference in &references {
            key.input(&reference.name, &reference.sha256);
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
        return Err(Error::bad_input(format!(
            "{name} was written to while the day read it: run again once it is complete"
        )));
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

/// The inputs of a stage, and what the manifest says of them.
fn find_inputs<S: Stage>(
    lake: &Lake,
    event: &Event,
    host: &Host<'_>,
) -> Result<(Inputs, Vec<InputRef>), Error> {
    for name in event.inputs.keys() {
        if !S::INPUTS.iter().any(|spec| spec.name == name) {
            let known: Vec<_> = S::INPUTS.iter().map(|spec| spec.name).collect();
            return Err(Error::config(format!(
                "{} has no input `{name}`: expected {}",
                S::NAME,
                known.join(", ")
            )));
        }
    }
    let mut inputs = Inputs::default();
    let mut references = Vec::new();
    for spec in S::INPUTS {
        let uri = event.inputs.get(spec.name).map(String::as_str);
        match spec.source {
            InputSource::Raw => {
                inputs.raw = raw_files(lake, uri, host)?;
                let files =
                    inputs.raw.iter().flat_map(|(t, files)| files.iter().map(move |f| (t, f)));
                for (table, file) in files {
                    references.push(InputRef {
                        // Parts of two tables may have the same name.
                        name: format!("{}/{}/{}", spec.name, table.name(), short(&file.name)),
                        uri: file.name.clone(),
                        version: None,
                        sha256: file.sha256.clone(),
                        rows: None,
                    });
                }
            }
            InputSource::Series(artefact) => {
                let series = lake.series(artefact);
                let committed = match uri {
                    Some(uri) => series.get(version_of(spec.name, uri)?)?,
                    None => series.newest()?.ok_or_else(|| {
                        Error::bad_input(format!(
                            "{} needs a version of {}, and {} has none: run the stage that makes it first",
                            S::NAME,
                            spec.name,
                            series.uri()
                        ))
                    })?,
                };
                references.push(InputRef {
                    name: spec.name.to_owned(),
                    uri: committed.uri(),
                    version: Some(committed.version()),
                    sha256: committed.manifest().content_hash(),
                    rows: None,
                });
                inputs.versions.insert(spec.name, committed);
            }
        }
    }
    Ok((inputs, references))
}

/// The version that a URI such as `s3://bucket/features/v12/` or `v12` names.
fn version_of(name: &str, uri: &str) -> Result<Version, Error> {
    let last = uri.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    last.parse().map_err(|_| {
        Error::bad_input(format!("input {name}: `{uri}` names no version: expected …/v<N>/"))
    })
}

fn short(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The raw files, hashed, on as many threads as there are processors: hashing is all that an
/// unchanged day costs.
fn raw_files(
    lake: &Lake,
    uri: Option<&str>,
    host: &Host<'_>,
) -> Result<BTreeMap<RawTable, Vec<RawFile>>, Error> {
    let _phase = host.progress.phase("hash", None, "bytes");
    let mut found = Vec::new();
    for table in RawTable::ALL {
        let files = lake.raw_files(uri, table)?;
        if files.is_empty() {
            let place = uri.map_or_else(|| lake.raw_uri(), str::to_owned);
            return Err(Error::bad_input(format!(
                "{place}: no {name}.json, {name}.parquet, nor {name}/part-*: the day needs all three raw tables",
                name = table.name()
            )));
        }
        found.extend(files.into_iter().map(|(name, blob)| (table, name, blob)));
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let hash_some = || {
        let mut hashed = Vec::new();
        while let Some((table, name, blob)) = found.get(next.fetch_add(1, Ordering::Relaxed)) {
            let sha256 = hash(name, blob.reader_at(0)?)?;
            let file = RawFile { name: name.clone(), blob: blob.clone(), sha256 };
            hashed.push((*table, file));
        }
        Ok::<_, Error>(hashed)
    };
    let hashed: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(hash_some)).collect();
        let panicked = |_| Err(Error::failed("hashing a raw file panicked"));
        workers.into_iter().map(|w| w.join().unwrap_or_else(panicked)).collect()
    });
    let mut files: BTreeMap<RawTable, Vec<RawFile>> = BTreeMap::new();
    for result in hashed {
        for (table, file) in result? {
            files.entry(table).or_default().push(file);
        }
    }
    for files in files.values_mut() {
        files.sort_by(|a, b| a.name.cmp(&b.name));
    }
    Ok(files)
}

/// When each raw file was last written, where that is known.
fn written(inputs: &Inputs) -> Vec<(String, Option<SystemTime>)> {
    let files = inputs.raw.values().flatten();
    files
        .map(|file| {
            let meta = file.blob.path().and_then(|path| std::fs::metadata(path).ok());
            (file.name.clone(), meta.and_then(|m| m.modified().ok()))
        })
        .collect()
}

fn hash(name: &str, mut reader: impl Read) -> Result<String, Error> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        let n = reader
            .read(&mut buffer)
            .map_err(|e| Error::bad_input(format!("{name}: cannot be read: {e}")))?;
        if n == 0 {
            return Ok(versioning::hex(&hash.finalize()));
        }
        hash.update(&buffer[..n]);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use serde::{Deserialize, Serialize};
    use serde_json::json;
    use versioning::Artefact;

    use super::*;
    use crate::{ErrorName, InputSpec, Metrics, Silent};

    /// Counts the bytes of the raw files, and fails when told to.
    struct Counting;

    #[derive(Default, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Config {
        fail: bool,
        offset: u64,
    }

    impl Stage for Counting {
        const NAME: &'static str = "counting";
        const OUTPUT: Artefact = Artefact::Processed;
        const INPUTS: &'static [InputSpec] = &[InputSpec { name: "raw", source: InputSource::Raw }];
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
