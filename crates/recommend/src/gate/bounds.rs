use serde::{Deserialize, Serialize};

use crate::index::{self, SAMPLE};

/// What errors call the bounds: the table of a configuration file.
const GATE: &str = "gate.recommend";

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { recall = 0.9 }")]
pub struct Bounds {
    /// The share of the true ten nearest jobs that the index finds, at least.
    pub recall: f64,
    /// Candidates that this is measured on.
    pub sample: usize,
    /// Candidates whose recommendations are asked for again.
    pub golden: usize,
    /// Open jobs, at least, as a share of those of the live version.
    pub open_jobs: f64,
    /// Share of the open jobs that are recommended to somebody, at least, as a share of the live
    /// version's.
    pub coverage: f64,
    /// Share of the candidates that have recommendations, at least, as a share of the live
    /// version's.
    pub candidates: f64,
    /// The significance level at which the ranking is surely worse than another.
    pub level: f64,
    /// By how much recall@10 or mean reciprocal rank may fall behind the live version's.
    pub margin: f64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            recall: index::RECALL,
            sample: SAMPLE,
            golden: 32,
            open_jobs: 0.25,
            coverage: 0.25,
            candidates: 0.5,
            level: 0.001,
            margin: 0.01,
        }
    }
}

impl Bounds {
    pub(crate) fn check(&self) -> Result<(), stage::Error> {
        stage::within(GATE, "recall", self.recall, 0.0..=1.0)?;
        stage::within(GATE, "sample", self.sample, 1..=100_000)?;
        stage::within(GATE, "golden", self.golden, 1..=10_000)?;
        stage::within(GATE, "open_jobs", self.open_jobs, 0.0..=1.0)?;
        stage::within(GATE, "coverage", self.coverage, 0.0..=1.0)?;
        stage::within(GATE, "candidates", self.candidates, 0.0..=1.0)?;
        stage::within(GATE, "level", self.level, 0.0..=1.0)?;
        stage::within(GATE, "margin", self.margin, 0.0..=1.0)?;
        Ok(())
    }
}
