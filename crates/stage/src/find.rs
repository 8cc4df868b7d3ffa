//! Finding a stage's inputs in the lake, and what stands for their content in its key.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read,
    time::SystemTime,
};

use sha2::{Digest, Sha256};
use versioning::{
    Artefact, Blob, Committed, InputRef, Lake, Memo, RawObject, RawTable, Series, Version,
};

use crate::{Error, Event, Host, InputSource, InputSpec, Inputs, Pick, RawFile, Stage, pick};

/// The inputs of a stage, and what the manifest says of them.
pub(crate) fn find_inputs<S: Stage>(
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
    for artefact in compared_series::<S>() {
        for (version, error) in lake.series(artefact).list_all()?.unreadable {
            inputs.unreadable.insert(format!("{} {version}", artefact.name()), error.to_string());
        }
    }
    for spec in S::INPUTS {
        let uri = event.inputs.get(spec.name).map(String::as_str);
        match spec.source {
            InputSource::Raw => {
                inputs.raw = raw_files(lake, uri, &lake.memo(S::OUTPUT), host)?;
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
                let found = match uri {
                    Some(uri) => Some(series.get(version_of(spec.name, uri, &series)?)?),
                    None => pick::version(&series, spec.pick, &inputs)?,
                };
                let Some(committed) = found else {
                    if spec.optional {
                        continue;
                    }
                    return Err(Error::bad_input(format!(
                        "{} needs a version of {}, and {} has none: run the stage that makes it first",
                        S::NAME,
                        spec.name,
                        series.uri()
                    )));
                };
                if uri.is_some() && spec.pick != Pick::Newest {
                    let meant = pick::version(&series, spec.pick, &inputs)?;
                    if meant.is_none_or(|meant| meant.version() != committed.version()) {
                        inputs.named.insert(spec.name);
                    }
                }
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

/// The series that a stage has something of to compare with.
fn compared_series<S: Stage>() -> BTreeSet<Artefact> {
    let compared = S::INPUTS.iter().filter(|spec| !spec.compared.is_empty());
    let of = |spec: &InputSpec| match spec.source {
        InputSource::Series(artefact) => Some(artefact),
        InputSource::Raw => None,
    };
    compared.filter_map(of).collect()
}

/// Drops the versions that are only compared with and cannot be read, and says so; whether there
/// was one. What an event names must be there.
///
/// # Errors
/// That the store failed; that a version which the event names cannot be read.
pub(crate) fn drop_unreadable<S: Stage>(
    inputs: &mut Inputs,
    references: &mut Vec<InputRef>,
) -> Result<bool, Error> {
    let mut dropped = false;
    for spec in S::INPUTS {
        let Some(committed) = inputs.versions.get(spec.name) else { continue };
        let files = spec.compared.iter().filter(|file| committed.manifest().output(file).is_some());
        let opened = files.map(|file| committed.open(file)).find_map(Result::err);
        match opened {
            Some(error @ versioning::Error::Corrupt { .. }) if !inputs.is_named(spec.name) => {
                let what = format!("{} {}", committed.manifest().name, committed.version());
                inputs.unreadable.insert(what, error.to_string());
                inputs.versions.remove(spec.name);
                references.retain(|reference| reference.name != spec.name);
                dropped = true;
            }
            Some(error) => return Err(error.into()),
            None => {}
        }
    }
    Ok(dropped)
}

/// The version of a series that a URI such as `s3://bucket/features/v12/`, or `v12`, names.
pub(crate) fn version_of(name: &str, uri: &str, series: &Series) -> Result<Version, Error> {
    let last = uri.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    // `v7` of another series, or of another lake, is another version.
    let is_ours = |version: &Version| !uri.contains('/') || series.is_at(*version, uri);
    last.parse().ok().filter(is_ours).ok_or_else(|| {
        Error::bad_input(format!(
            "{name}: `{uri}` is not a version of this series: expected v<N>, or {}v<N>/",
            series.uri()
        ))
    })
}

/// The version that an event means: the one that it names, else the newest.
pub(crate) fn meant<S: Stage>(lake: &Lake, event: &Event) -> Result<Committed, Error> {
    let series = lake.series(S::OUTPUT);
    if let Some(uri) = &event.version {
        let version: Version = version_of("version", uri, &series)?;
        return Ok(series.get(version)?);
    }
    let none = || {
        Error::bad_input(format!(
            "{} has no version: run the stage {} first",
            series.uri(),
            S::NAME
        ))
    };
    series.newest()?.ok_or_else(none)
}

fn short(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The raw files, hashed, on as many threads as there are processors: hashing is all that an
/// unchanged day costs.
fn raw_files(
    lake: &Lake,
    uri: Option<&str>,
    memo: &Memo,
    host: &Host<'_>,
) -> Result<BTreeMap<RawTable, Vec<RawFile>>, Error> {
    let _phase = host.progress.phase("hash", None, "bytes")?;
    let mut found = Vec::new();
    for table in RawTable::ALL {
        let files = lake.raw_files(uri, table)?;
        if files.is_empty() {
            let place = uri.map_or_else(|| lake.raw_uri(), str::to_owned);
            return Err(Error::bad_input(format!(
                "{place}: no {name}.json, {name}.json.gz, {name}.parquet, nor {name}/part-*: the day needs all three raw tables",
                name = table.name()
            )));
        }
        found.extend(files.into_iter().map(|file| (table, file)));
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let hash = |(table, file): &(RawTable, RawObject)| -> Result<_, Error> {
        Ok(Some((*table, hashed(file, memo)?)))
    };
    let mut files: BTreeMap<RawTable, Vec<RawFile>> = BTreeMap::new();
    for (table, file) in versioning::on_threads(threads, &found, hash)? {
        files.entry(table).or_default().push(file);
    }
    for files in files.values_mut() {
        files.sort_by(|a, b| a.name.cmp(&b.name));
    }
    Ok(files)
}

/// The raw file at a key of the lake's data, alone; none when it is none of those that a run on
/// `location` would read.
pub(crate) fn raw_file(
    lake: &Lake,
    location: Option<&str>,
    key: &str,
    memo: &Memo,
) -> Result<Option<BTreeMap<RawTable, Vec<RawFile>>>, Error> {
    let Some((table, file)) = lake.raw_file(location, key)? else { return Ok(None) };
    Ok(Some([(table, vec![hashed(&file, memo)?])].into()))
}

/// Of a store that is not local, an object that was hashed before is not read again: its hash is in
/// the memo.
fn hashed(RawObject { uri, etag, blob }: &RawObject, memo: &Memo) -> Result<RawFile, Error> {
    let file = |sha256| RawFile { name: uri.clone(), blob: blob.clone(), sha256 };
    let Some(etag) = etag else { return Ok(file(hash_of_file(uri, blob)?)) };
    let what = Sha256::digest(format!("{uri} {} {}", blob.len(), etag.0));
    let group = format!("sha256-{}", versioning::hex(&what));
    for piece in memo.pieces(&group)? {
        if let Ok(sha256) = String::from_utf8(piece.blob.bytes()?.to_vec()) {
            return Ok(file(sha256));
        }
    }
    let sha256 = hash(uri, blob.reader_at(0)?)?;
    memo.add(&group, sha256.clone().into())?;
    Ok(file(sha256))
}

fn hash_of_file(name: &str, blob: &Blob) -> Result<String, Error> {
    let before = modified(blob);
    let sha256 = hash(name, blob.reader_at(0)?)?;
    match modified(blob) == before {
        true => Ok(sha256),
        false => Err(written_to(name)),
    }
}

/// When each raw file was last written, where that is known.
pub(crate) fn written(inputs: &Inputs) -> Vec<(String, Option<SystemTime>)> {
    let files = inputs.raw.values().flatten();
    files.map(|file| (file.name.clone(), modified(&file.blob))).collect()
}

fn modified(blob: &Blob) -> Option<SystemTime> {
    std::fs::metadata(blob.path()?).ok()?.modified().ok()
}

pub(crate) fn written_to(name: &str) -> Error {
    versioning::Error::Changed { what: name.to_owned() }.into()
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
    use std::sync::{Arc, Mutex};

    use versioning::{
        Artefact, Body, Key, MemoryStore, Precondition, Store, Timestamp,
        conformance::{Operation, WatchedStore},
    };

    use super::*;
    use crate::Silent;

    #[test]
    fn an_object_of_the_lake_is_read_for_its_hash_once() {
        let reads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&reads);
        let store: Arc<dyn Store> =
            Arc::new(WatchedStore::new(Arc::new(MemoryStore::default()), move |operation| {
                match operation {
                    Operation::Get(key) if key.as_str().starts_with("raw/") => {
                        seen.lock().unwrap().push(key.to_string());
                    }
                    _ => {}
                }
                Ok(())
            }));
        let lake = Lake::new(Arc::clone(&store), Arc::clone(&store));
        let put = |at: &str, text: &'static str| {
            let body = Body::Bytes(text.into());
            store.put(&Key::new(at).unwrap(), &body, &Precondition::None).unwrap();
        };
        let now = || Timestamp::from_millis(0);
        let hashes = || {
            let host = Host::unmeasured(&Silent, &now, "test");
            let files = raw_files(&lake, None, &lake.memo(Artefact::Processed), &host).unwrap();
            let files = files.into_values().flatten();
            let hashes: Vec<_> = files.map(|file| (file.name, file.sha256)).collect();
            (hashes, std::mem::take(&mut *reads.lock().unwrap()).len())
        };
        for at in ["raw/applicants.json", "raw/vagas/part-1.json", "raw/prospects.json"] {
            put(at, "{}");
        }
        let (first, read) = hashes();
        assert_eq!(read, 3);
        assert!(first.iter().all(|(_, sha256)| *sha256 == sha256_of("{}")), "{first:?}");
        assert_eq!(hashes(), (first.clone(), 0));
        put("raw/prospects.json", "[]");
        let (changed, read) = hashes();
        assert_eq!(read, 1);
        let other: Vec<_> = changed.iter().filter(|file| !first.contains(file)).collect();
        assert!(matches!(other[..], [(_, sha256)] if *sha256 == sha256_of("[]")), "{other:?}");
    }

    fn sha256_of(text: &str) -> String {
        versioning::hex(&Sha256::digest(text))
    }
}
