//! Times the stage over a folder of raw files, without a lake:
//! `cargo run --release -p ingest --example clean -- RAW OUT`.
//!
//! Prints seconds by phase, peak memory and the size of each file.

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "it measures, for people")]

use std::{collections::BTreeMap, error::Error, fs, path::PathBuf, sync::Mutex, time::Instant};

use ingest::{Config, clean_tables};
use stage::{Inputs, Outputs, Progress, RawFile};
use versioning::{Blob, RawTable};

/// Keeps each phase's name and beginning.
struct Times(Mutex<Vec<(String, Instant)>>);

impl Times {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(String, Instant)>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Progress for Times {
    fn begin(&self, phase: &str, _: Option<u64>, _: &'static str) -> usize {
        let mut phases = self.lock();
        phases.push((phase.to_owned(), Instant::now()));
        phases.len() - 1
    }
    fn advance(&self, _: usize, _: u64) -> Result<(), stage::Cancelled> {
        Ok(())
    }
    fn end(&self, phase: usize) {
        let (name, begun) = &self.lock()[phase];
        println!("{name:>20} {:.2} s", begun.elapsed().as_secs_f64());
    }
    fn note(&self, message: &str) {
        println!("{message}");
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut paths = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(from), Some(to)) = (paths.next(), paths.next()) else {
        return Err("usage: clean RAW OUT".into());
    };
    fs::create_dir_all(&to)?;
    let begun = Instant::now();
    let mut raw = BTreeMap::new();
    let mut bytes = 0;
    for table in RawTable::ALL {
        let json = from.join(format!("{}.json", table.name()));
        let path = if json.exists() { json } else { json.with_extension("parquet") };
        let blob = Blob::open_path(&path)?;
        bytes += blob.len();
        let name = path.display().to_string();
        raw.insert(table, vec![RawFile { name, blob, sha256: String::new() }]);
    }
    let out = Outputs::new(to.clone());
    let config = Config::default();
    let metrics = clean_tables(&Inputs::of_raw(raw), &config, &out, &Times(Mutex::default()))?;
    let seconds = begun.elapsed().as_secs_f64();
    println!("{:>20} {seconds:.2} s, {:.0} MB/s", "all", bytes as f64 / 1e6 / seconds);
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default());
    for file in [
        "applicants.parquet",
        "vagas.parquet",
        "prospects.parquet",
        "rejects.parquet",
        "profile.json",
    ] {
        println!("{file:>20} {:.2} MB", fs::metadata(to.join(file))?.len() as f64 / 1e6);
    }
    println!("{}", serde_json::to_string_pretty(&metrics)?);
    Ok(())
}
