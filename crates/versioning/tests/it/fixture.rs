//! Small versions for the tests.

use std::sync::Arc;

use serde_json::json;
use versioning::{
    Body, Claim, Committed, Error, Key, KeyBuilder, Manifest, OutputFile, Series, Store, Timestamp,
    Version, VersionKey, hex,
};

pub(crate) fn series(store: Arc<dyn Store>) -> Series {
    Series::new(store, Key::new("models/M").unwrap(), "matching")
}

pub(crate) fn key(n: usize) -> VersionKey {
    KeyBuilder::new("matching", "code", &json!({ "n": n })).finish()
}

pub(crate) fn version(n: u64) -> Version {
    Version::new(n).unwrap()
}

/// Day `n` of the tests.
pub(crate) fn day(n: u64) -> Timestamp {
    let start: Timestamp = "2026-01-01".parse().unwrap();
    Timestamp::from_millis(start.as_millis() + i64::try_from(n).unwrap() * 86_400_000)
}

/// What key `n` makes: the same files each time.
pub(crate) fn files(n: usize) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("model.json", format!("model {n}").into_bytes()),
        ("sub/table.parquet", vec![u8::try_from(n % 251).unwrap(); 100_000]),
    ]
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    hex(&Sha256::digest(bytes))
}

pub(crate) fn manifest(claim: &Claim, n: usize, at: Timestamp) -> Manifest {
    let outputs = files(n).into_iter().map(|(file, bytes)| OutputFile {
        file: file.to_owned(),
        bytes: bytes.len() as u64,
        sha256: sha256(&bytes),
        rows: None,
    });
    Manifest {
        format: Manifest::FORMAT,
        name: "matching".into(),
        version: claim.version(),
        key: key(n),
        execution: "test".into(),
        logical_date: at.to_string()[..10].to_owned(),
        created_at: at,
        inputs: Vec::new(),
        outputs: outputs.collect(),
        config: json!({ "n": n }),
        code_version: "abc".into(),
        metrics: Default::default(),
        extra: Default::default(),
        seconds: Default::default(),
        peak_memory_bytes: None,
    }
}

/// What a run does: find, else claim, put, commit.
pub(crate) fn make(series: &Series, n: usize, at: Timestamp) -> Result<Committed, Error> {
    if let Some(committed) = series.find(&key(n))? {
        return Ok(committed);
    }
    let claim = series.claim(&key(n), "test", at)?;
    let scratch = series.scratch()?;
    for (index, (file, bytes)) in files(n).into_iter().enumerate() {
        let path = scratch.path().join(index.to_string());
        std::io::Write::write_all(&mut std::fs::File::create(&path).unwrap(), &bytes).unwrap();
        claim.put(file, &Body::File(path))?;
    }
    claim.commit(manifest(&claim, n, at))
}

pub(crate) fn lines(version: Version) -> Vec<String> {
    vec![format!("{version}/model.json"), format!("{version}/sub/table.parquet")]
}

pub(crate) fn promote(series: &Series, version: Version, at: Timestamp) -> Result<(), Error> {
    series.promote(version, &lines(version), at, "test")
}

pub(crate) fn latest(store: &dyn Store) -> Option<String> {
    let object = store.get(&Key::new("models/M/latest.txt").unwrap(), None).ok()?;
    Some(String::from_utf8(object.body.bytes().unwrap().to_vec()).unwrap())
}
