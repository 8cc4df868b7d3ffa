//! Times the stage over a folder of clean tables, without a lake:
//! `cargo run --release -p features --example features_time -- PROCESSED OUT [CONFIG as JSON]`.
//!
//! Prints seconds by phase, peak memory and the size of each file.

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "it measures, for people")]

use std::{
    error::Error,
    fs::{self, File},
    path::PathBuf,
    sync::Mutex,
    time::Instant,
};

use features::{Clean, Config, Newest, build};
use stage::{Outputs, Progress};

/// Keeps each phase's name and beginning.
struct Times(Mutex<Vec<(String, Instant)>>);

impl Times {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(String, Instant)>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Progress for Times {
    fn begin(&self, phase: &str, _: Option<u64>, _: &'static str) -> usize {
        self.lock().push((phase.to_owned(), Instant::now()));
        self.lock().len() - 1
    }
    fn advance(&self, _: usize, _: u64) -> Result<(), stage::Cancelled> {
        Ok(())
    }
    fn end(&self, phase: usize) {
        let (name, begun) = &self.lock()[phase];
        println!("{name:>20} {:.2} s", begun.elapsed().as_secs_f64());
    }
    fn note(&self, _: &str) {}
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(from), Some(to)) = (args.next().map(PathBuf::from), args.next().map(PathBuf::from))
    else {
        return Err("usage: features_time PROCESSED OUT [CONFIG]".into());
    };
    let config: Config = args.next().map_or(Ok(Config::default()), |c| serde_json::from_str(&c))?;
    fs::create_dir_all(&to)?;
    let begun = Instant::now();
    let clean = Clean {
        applicants: File::open(from.join("applicants.parquet"))?,
        vagas: File::open(from.join("vagas.parquet"))?,
        prospects: File::open(from.join("prospects.parquet"))?,
    };
    let out = Outputs::new(to.clone());
    let metrics = build(clean, &Newest::default(), &config, &out, &Times(Mutex::default()))?;
    println!("{:>20} {:.2} s", "all", begun.elapsed().as_secs_f64());
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    println!("{peak}");
    for table in ["people", "jobs", "candidates", "dropped"] {
        let file = format!("{table}.parquet");
        println!("{file:>20} {:.1} MB", fs::metadata(to.join(&file))?.len() as f64 / 1e6);
    }
    println!("{}", serde_json::to_string_pretty(&metrics)?);
    Ok(())
}
