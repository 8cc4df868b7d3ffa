use std::collections::BTreeMap;

use bytes::Bytes;
use parquet::file::{reader::FileReader, serialized_reader::SerializedFileReader};
use serde_json::json;
use sha2::{Digest, Sha256};
use versioning::{
    Artefact, Body, Committed, InputRef, Key, KeyBuilder, Lake, Manifest, OutputFile, Timestamp,
};

/// The rows of a file, where it is Parquet.
fn rows(bytes: &Bytes) -> Option<u64> {
    let reader = SerializedFileReader::new(bytes.clone()).ok()?;
    u64::try_from(reader.metadata().file_metadata().num_rows()).ok()
}

/// Commits files as a version of an artefact, made at a time and for its day unless `edit` changes
/// the manifest.
pub fn commit(
    lake: &Lake,
    artefact: Artefact,
    at: Timestamp,
    files: &[(impl AsRef<str>, Bytes)],
    edit: impl FnOnce(&mut Manifest),
) -> Committed {
    let series = lake.series(artefact);
    let made = series.list().unwrap().len();
    let key = KeyBuilder::new(artefact.name(), "test", &json!(made)).finish();
    let claim = series.claim(&key, "test", at).unwrap();
    let mut outputs = Vec::new();
    for (file, bytes) in files {
        claim.put(file.as_ref(), &Body::Bytes(bytes.clone())).unwrap();
        outputs.push(OutputFile {
            file: file.as_ref().to_owned(),
            bytes: bytes.len() as u64,
            sha256: versioning::hex(&Sha256::digest(bytes)),
            rows: rows(bytes),
        });
    }
    let mut manifest = Manifest {
        format: Manifest::FORMAT,
        name: artefact.name().to_owned(),
        version: claim.version(),
        key,
        execution: "test".to_owned(),
        logical_date: at.day(),
        created_at: at,
        inputs: vec![],
        outputs,
        config: json!({}),
        code_version: "test".to_owned(),
        metrics: BTreeMap::new(),
        extra: BTreeMap::new(),
        seconds: BTreeMap::new(),
        peak_memory_bytes: None,
    };
    edit(&mut manifest);
    claim.commit(manifest).unwrap()
}

/// Commits a version once more, with another file or manifest.
pub fn commit_copy(
    lake: &Lake,
    artefact: Artefact,
    of: &Committed,
    other: Option<(&str, Bytes)>,
    edit: impl FnOnce(&mut Manifest),
) -> Committed {
    let outputs = of.manifest().outputs.iter();
    let content = |file: &str| match &other {
        Some((name, bytes)) if file == *name => bytes.clone(),
        _ => bytes(of, file),
    };
    let files: Vec<_> = outputs.map(|output| (&output.file, content(&output.file))).collect();
    commit(lake, artefact, of.manifest().created_at, &files, |manifest| {
        let mut copy = of.manifest().clone();
        for (output, new) in copy.outputs.iter_mut().zip(&manifest.outputs) {
            (output.bytes, output.sha256) = (new.bytes, new.sha256.clone());
        }
        (copy.version, copy.key) = (manifest.version, manifest.key.clone());
        *manifest = copy;
        edit(manifest);
    })
}

/// A version as the input of another.
#[must_use]
pub fn input(name: &str, of: &Committed) -> InputRef {
    InputRef {
        name: name.to_owned(),
        uri: of.uri(),
        version: Some(of.version()),
        sha256: of.manifest().content_hash(),
        rows: None,
    }
}

/// Makes a version live by its file.
pub fn promote(lake: &Lake, artefact: Artefact, version: &Committed, file: &str, at: Timestamp) {
    let number = version.version();
    lake.series(artefact).promote(number, &[format!("{number}/{file}")], at, "test").unwrap();
}

/// What a `latest.txt` says.
#[must_use]
pub fn latest(lake: &Lake, folder: &str) -> Bytes {
    let key = Key::new(format!("{folder}/latest.txt")).unwrap();
    lake.data().get(&key, None).unwrap().body.bytes().unwrap()
}

/// A file of a version.
#[must_use]
pub fn bytes(version: &Committed, file: &str) -> Bytes {
    version.open(file).unwrap().bytes().unwrap()
}
