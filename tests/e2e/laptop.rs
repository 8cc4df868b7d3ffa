//! A user's folder: raw files, a lake, and the built `mllab` to run on them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

/// A folder with raw files and a lake, and the built `mllab` to run on it.
pub(crate) struct Laptop {
    dir: tempfile::TempDir,
}

impl Laptop {
    pub(crate) fn new() -> Self {
        let laptop = Self::bare();
        laptop.sample(&[]);
        laptop
    }

    pub(crate) fn folder(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn sample(&self, more: &[&str]) {
        self.sample_of(["600", "200", "760"], more);
    }

    /// Makes the raw files of the same world as they are exported on a day.
    pub(crate) fn sample_on(&self, day: &str) {
        self.sample(&["--day", day]);
    }

    /// Makes raw files of so many candidates, jobs and applications.
    pub(crate) fn sample_of(&self, [candidates, jobs, applications]: [&str; 3], more: &[&str]) {
        let mut args = vec!["sample", "--out", "raw", "--candidates", candidates];
        args.extend(["--jobs", jobs, "--applications", applications]);
        args.extend(more);
        self.ok(&args);
    }

    /// A laptop with an empty folder.
    pub(crate) fn bare() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// Runs `mllab` in the laptop's folder, where the lake is `./lake`.
    pub(crate) fn mllab(&self, args: &[&str]) -> Output {
        Command::new(mllab_binary())
            .args(args)
            .arg("--json")
            .current_dir(self.dir.path())
            .output()
            .unwrap()
    }

    /// Runs a command that must succeed; gives its JSON.
    pub(crate) fn ok(&self, args: &[&str]) -> Value {
        let output = self.mllab(args);
        let text = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{args:?}: {text}{err}");
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{args:?}: {e}: {text}"))
    }

    /// Runs a command that must fail; gives its exit code and its error.
    pub(crate) fn fails(&self, args: &[&str]) -> (i32, Value) {
        let output = self.mllab(args);
        assert!(!output.status.success(), "{args:?} succeeded");
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.code().unwrap(), serde_json::from_str(&text).unwrap())
    }

    pub(crate) fn run(&self) -> Value {
        self.ok(&RUN)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path("lake").join(name)).unwrap()
    }
}

pub(crate) fn mllab_binary() -> &'static str {
    env!("CARGO_BIN_EXE_mllab-e2e")
}

/// What the day says of a stage.
pub(crate) fn stage<'a>(day: &'a Value, name: &str) -> &'a Value {
    day["stages"].as_array().unwrap().iter().find(|s| s["stage"] == name).unwrap()
}

/// The command that a refusal names to accept its breaches, without the reason.
pub(crate) fn accept(refusal: &str) -> Vec<&str> {
    let names = refusal.split("mllab accept ").nth(1).unwrap_or_else(|| panic!("{refusal}"));
    let names = names.split(" --reason").next().unwrap();
    std::iter::once("accept").chain(names.split(' ')).collect()
}

pub(crate) const RUN: [&str; 3] = ["run", "--raw", "raw"];
pub(crate) const FEATURES: &str = "decision-data-lake-features/features/latest.txt";
pub(crate) const MODEL: &str = "decision-data-lake/models/Modelo_Matching_Classificacao/latest.txt";

pub(crate) const RECOMMENDER: &str =
    "decision-data-lake/models/Modelo_Recomendacao_Vagas/latest.txt";
pub(crate) const REPORT: &str = "decision-data-lake/drift_reports/latest.txt";

/// The stages of a day.
pub(crate) const STAGES: [&str; 5] = ["ingest", "features", "matching", "recommend", "drift"];

/// Versions that a first day makes: one a stage, and the offline encoder's.
pub(crate) const VERSIONS: usize = STAGES.len() + 1;
