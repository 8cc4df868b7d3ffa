//! From a call to a version: find the inputs, ask whether their key has given a version already,
//! else claim one, run, store, and write the manifest last.

use versioning::{Body, Committed, InputRef, KeyBuilder, Lake, Manifest, Series, VersionKey};

use crate::{
    Context, Error, ErrorName, Event, Host, Inputs, Outputs, Response, ShardFailure, Stage,
    checked_config,
    find::{drop_unreadable, find_inputs, written, written_to},
};

/// How the names of pages end. What a page says is in no key (`source_hash.rs`): a run that is resumed
/// by a build with other words keeps the page that is there.
const PAGE: &str = ".html";

/// Runs stage `S` on `lake`: makes the version of the event's inputs, or gives the one that there
/// is.
///
/// # Errors
/// The stage's own; [`crate::ErrorName::BadInput`] when an input is missing or a raw file changes
/// while it is read; [`crate::ErrorName::ConfigInvalid`]; and what the store says. With failed
/// shards in the event, the error of the first.
pub fn execute<S: Stage>(lake: &Lake, event: &Event, host: &Host<'_>) -> Result<Response, Error> {
    none_failed(&event.shards)?;
    let mut call = Prepared::<S>::build(lake, event, host)?;
    let series = lake.series(S::OUTPUT);
    let mut found = series.find(&call.key)?;
    // What is read for the comparison alone, and costs the comparison alone where it is damaged.
    if found.is_none() && call.drop_unreadable(event)? {
        found = series.find(&call.key)?;
    }
    if let Some(committed) = found {
        let response = response(&series, &committed, event)?;
        // Unchanged and live is said to be well, so it is looked at.
        if response.live {
            committed.check_whole()?;
        }
        return Ok(response);
    }
    let Prepared { config, config_json, inputs, references, key } = call;
    let before = written(&inputs);
    let claim = series.claim(&key, &event.execution, (host.now)())?;
    let scratch = series.scratch()?;
    let mut outputs = Outputs::new(scratch.path().to_owned());
    let metrics = S::run(&inputs, &config, &mut outputs, host.progress)?;
    inputs.memo().take_set_aside().iter().for_each(|said| host.progress.note(said));
    for (what, why) in inputs.unreadable() {
        host.progress.note(&format!("goes without {what}: {why}"));
    }
    // What was hashed is what was read: else the version would stand under another day's key.
    if let Some(((name, _), _)) = before.iter().zip(written(&inputs)).find(|(b, a)| **b != *a) {
        return Err(written_to(name));
    }
    let (files, extra) = outputs.take();
    let mut stored = Vec::new();
    {
        let _phase = host.progress.phase("store", Some(files.len() as u64), "files")?;
        for (path, file) in files {
            let body = Body::File(path);
            if file.file.ends_with(PAGE) {
                stored.push(claim.put_page(file, &body)?);
            } else {
                claim.put(&file.file, &body)?;
                stored.push(file);
            }
        }
    }
    let manifest = Manifest {
        format: Manifest::FORMAT,
        name: S::NAME.to_owned(),
        version: claim.version(),
        key,
        execution: event.execution.clone(),
        logical_date: event.logical_date.clone(),
        created_at: (host.now)(),
        inputs: references,
        outputs: stored,
        config: config_json,
        code_version: host.code_version.to_owned(),
        metrics: metrics.0,
        extra,
        seconds: (host.seconds)(),
        peak_memory_bytes: (host.peak_memory)(),
    };
    let committed = claim.commit(manifest)?;
    response(&series, &committed, event)
}

/// A call with its inputs found and its key built.
pub(crate) struct Prepared<S: Stage> {
    pub(crate) config: S::Config,
    config_json: serde_json::Value,
    pub(crate) inputs: Inputs,
    references: Vec<InputRef>,
    pub(crate) key: VersionKey,
}

impl<S: Stage> Prepared<S> {
    pub(crate) fn build(lake: &Lake, event: &Event, host: &Host<'_>) -> Result<Self, Error> {
        let config = checked_config::<S>(&event.config)?;
        let config_json = serde_json::to_value(&config).map_err(Error::failed)?;
        let (inputs, mut references) = find_inputs::<S>(lake, event, host)?;
        let assets = S::prepare(&Context { lake, event, host }, &inputs, &config)?;
        references.extend(assets.iter().map(|asset| asset.reference.clone()));
        let inputs = inputs.with_assets(assets).with_memo(lake.memo(S::OUTPUT));
        let key = key_of::<S>(&config_json, &inputs, &references, event);
        Ok(Self { config, config_json, inputs, references, key })
    }

    /// Goes on without what is only compared with and cannot be read, under a key of its own;
    /// whether there was anything.
    fn drop_unreadable(&mut self, event: &Event) -> Result<bool, Error> {
        let dropped = drop_unreadable::<S>(&mut self.inputs, &mut self.references)?;
        self.key = key_of::<S>(&self.config_json, &self.inputs, &self.references, event);
        Ok(dropped)
    }
}

fn key_of<S: Stage>(
    config_json: &serde_json::Value,
    inputs: &Inputs,
    references: &[InputRef],
    event: &Event,
) -> VersionKey {
    let mut key = KeyBuilder::new(S::NAME, S::CODE, config_json);
    for reference in references {
        key.input(&reference.name, &reference.sha256);
    }
    // The stage may say so: it is then another result than that of the version that is meant.
    for name in &inputs.named {
        key.input(&format!("{name} by name"), "");
    }
    for what in inputs.unreadable.keys() {
        key.input(&format!("{what} cannot be read"), "");
    }
    if event.force {
        key.execution(&event.execution);
    }
    key.finish()
}

pub(crate) fn response(
    series: &Series,
    committed: &Committed,
    event: &Event,
) -> Result<Response, Error> {
    let (version, manifest) = (committed.version(), committed.manifest());
    Ok(Response {
        version: version.to_string(),
        uri: committed.uri(),
        metrics: crate::Metrics(manifest.metrics.clone()),
        // A call that is repeated, and one that asks what a job has made, get the same answer as
        // the call that made it.
        unchanged: manifest.execution != event.execution,
        live: series.live()? == Some(version),
    })
}

/// The error of the first shard that failed without a word.
fn none_failed(shards: &[ShardFailure]) -> Result<(), Error> {
    match shards.first() {
        None => Ok(()),
        Some(ShardFailure { error, cause }) => {
            let name = ErrorName::parse(error).unwrap_or(ErrorName::StageFailed);
            Err(Error::new(name, format!("a shard failed: {cause}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use versioning::{Artefact, Timestamp};

    use super::*;
    use crate::{
        ErrorName,
        counting::{Counting, Place},
    };

    #[test]
    fn the_same_inputs_config_and_code_give_the_same_version() {
        let place = Place::new();
        let event = place.event(json!({}));
        let first = place.call(&event).unwrap();
        assert_eq!((first.version.as_str(), first.unchanged), ("v1", false));
        let repeated = place.call(&event).unwrap();
        assert_eq!(repeated, first, "the same execution gets the same answer");
        let later = Event { execution: "e2".to_owned(), ..event };
        let again = place.call(&later).unwrap();
        assert_eq!((again.version.as_str(), again.unchanged), ("v1", true));
        assert_eq!(again.metrics, first.metrics);
        let other = place.call(&place.event(json!({"offset": 1}))).unwrap();
        assert_eq!((other.version.as_str(), other.unchanged), ("v2", false));
    }

    #[test]
    fn an_unchanged_day_is_well_only_where_what_is_live_is_whole() {
        let place = Place::new();
        let event = Event { execution: "e2".to_owned(), ..place.event(json!({})) };
        let version = place.call(&place.event(json!({}))).unwrap().version.parse().unwrap();
        let series = place.lake.series(Artefact::Features);
        let file = versioning::Key::new("features/v1/count.txt").unwrap();
        let put = |text: &str| {
            let body = Body::Bytes(text.to_owned().into());
            place.lake.features().put(&file, &body, &versioning::Precondition::None).unwrap();
        };
        put("9");
        assert!(place.call(&event).is_ok(), "what is not live costs nothing");
        let lines = ["v1/count.txt".to_owned()];
        series.promote(version, &lines, Timestamp::from_millis(9), "e1").unwrap();
        let error = place.call(&event).unwrap_err();
        assert_eq!(error.name, ErrorName::StageFailed);
        let remedy = "`mllab rollback features`, then out with `mllab retire features v1";
        assert!(error.message.contains("v1/count.txt is corrupt"), "{error}");
        assert!(error.message.contains(remedy), "{error}");
        put("6");
        assert!(place.call(&event).unwrap().unchanged);
    }

    #[test]
    fn force_makes_a_new_version_once_an_execution() {
        let place = Place::new();
        let event = place.event(json!({}));
        place.call(&event).unwrap();
        let forced = Event { force: true, ..event.clone() };
        assert_eq!(place.call(&forced).unwrap().version, "v2");
        assert_eq!(place.call(&forced).unwrap().version, "v2");
        let later = Event { execution: "e2".to_owned(), ..forced };
        assert_eq!(place.call(&later).unwrap().version, "v3");
    }

    #[test]
    fn a_failed_run_leaves_no_version() {
        let place = Place::new();
        let error = place.call(&place.event(json!({"fail": true}))).unwrap_err();
        assert_eq!(error.name, ErrorName::BadInput);
        let series = place.lake.series(Artefact::Features);
        assert!(series.list().unwrap().is_empty());
        assert!(place.call(&place.event(json!({"fail": true}))).is_err());
        let made = place.call(&place.event(json!({}))).unwrap();
        let list = series.list().unwrap();
        assert_eq!(list.len(), 1);
        assert_eq!(list[0].version().to_string(), made.version);
    }

    #[test]
    fn a_run_that_died_is_resumed_by_a_build_with_other_words_on_its_page() {
        let place = Place::new();
        let series = place.lake.series(Artefact::Features);
        let dies_after = |event: &Event, file: &str| {
            let key = place.on_host(|host| Prepared::<Counting>::build(&place.lake, event, host));
            let claim = series.claim(&key.unwrap().key, "dead", Timestamp::from_millis(1)).unwrap();
            claim.put(file, &Body::Bytes("of the build before".into())).unwrap();
        };
        let event = place.event(json!({"page": true}));
        dies_after(&event, "count.html");
        let made = place.call(&event).unwrap();
        let version = series.get(made.version.parse().unwrap()).unwrap();
        version.verify().unwrap();
        let page = version.open("count.html").unwrap().bytes().unwrap();
        assert_eq!(&*page, b"of the build before", "what is there is never overwritten");
        // What is not a page is the same bytes or an error.
        let event = place.event(json!({"page": true, "offset": 1}));
        dies_after(&event, "count.txt");
        let error = place.call(&event).unwrap_err();
        assert!(error.message.contains("count.txt"), "{error}");
    }

    #[test]
    fn a_raw_file_that_is_written_to_meanwhile_makes_no_version() {
        let place = Place::new();
        let error = place.call(&place.event(json!({"meddle": true}))).unwrap_err();
        assert_eq!(error.name, ErrorName::BadInput);
        assert!(error.message.contains("changed while the day read it"), "{error}");
        assert!(place.lake.series(Artefact::Features).list().unwrap().is_empty());
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
        assert!(place.lake.series(Artefact::Features).list().unwrap().is_empty());
    }
}
