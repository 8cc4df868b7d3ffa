//! A stage in its hosts, as processes: a function that a Runtime API calls, and a job.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod api;
mod function;
mod job;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// A lake in a folder of the test's own.
struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn features(&self) -> PathBuf {
        self.dir.path().join("features")
    }

    fn lake(&self) -> versioning::Lake {
        let open = |path| std::sync::Arc::new(versioning::DirStore::open(path).unwrap());
        versioning::Lake::new(open(self.data()), open(self.features()))
    }

    fn versions(&self) -> usize {
        self.lake().series(versioning::Artefact::Processed).list().unwrap().len()
    }

    /// Whether a run's folder for files in the making is there: `.tmp/<session>/<run>`.
    fn has_scratch(&self) -> bool {
        let folders = |dir: &Path| -> Vec<PathBuf> {
            let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
            entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
        };
        folders(&self.data().join(".tmp")).iter().any(|session| !folders(session).is_empty())
    }
}

/// An event that tells the stage what to do.
fn event(execution: &str, act: &str) -> Value {
    json!({"execution": execution, "logical_date": "2026-11-24", "config": {"act": act}})
}

/// The lines that are JSON objects.
fn objects(text: &str) -> Vec<Value> {
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}
