//! What it costs to store and to read an artefact: `cargo run --release -p versioning --example
//! store -- <folder> [MB]`.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "it measures, and says so")]

use std::{error::Error, fs::File, io::Write, path::PathBuf, sync::Arc, time::Instant};

use serde_json::Value;
use versioning::{Body, DirStore, Key, KeyBuilder, Manifest, OutputFile, Series, Timestamp, hex};

fn main() -> Result<(), Box<dyn Error>> {
    use sha2::{Digest, Sha256};

    let mut args = std::env::args_os().skip(1);
    let folder = PathBuf::from(args.next().ok_or("expected a folder")?);
    let megabytes: usize = match args.next() {
        Some(text) => text.to_str().ok_or("expected a number")?.parse()?,
        None => 150,
    };
    let series = Series::new(Arc::new(DirStore::open(folder)?), Key::new("series")?, "example");
    let key = KeyBuilder::new("example", "1", &Value::from(megabytes)).finish();
    if let Some(committed) = series.find(&key)? {
        let start = Instant::now();
        committed.verify()?;
        println!("read and verified {megabytes} MB in {:.3} s", start.elapsed().as_secs_f64());
        return Ok(());
    }
    let claim = series.claim(&key, "example", Timestamp::default())?;
    let scratch = series.scratch()?;
    let path = scratch.path().join("artefact");
    let start = Instant::now();
    let (mut file, mut hash) = (File::create(&path)?, Sha256::new());
    let block = vec![7; 1_000_000];
    for _ in 0..megabytes {
        hash.update(&block);
        file.write_all(&block)?;
    }
    println!("wrote and hashed {megabytes} MB in {:.3} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    claim.put("artefact", &Body::File(path))?;
    println!("put (flush and move) in {:.3} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    claim.commit(Manifest {
        format: Manifest::FORMAT,
        name: "example".into(),
        version: claim.version(),
        key,
        execution: "example".into(),
        logical_date: "2026-01-01".into(),
        created_at: Timestamp::default(),
        inputs: Vec::new(),
        outputs: vec![OutputFile {
            file: "artefact".into(),
            bytes: (megabytes * block.len()) as u64,
            sha256: hex(&hash.finalize()),
            rows: None,
        }],
        config: Value::Null,
        code_version: String::new(),
        metrics: Default::default(),
        extra: Default::default(),
        seconds: Default::default(),
        peak_memory_bytes: None,
    })?;
    println!("committed in {:.3} s", start.elapsed().as_secs_f64());
    Ok(())
}
