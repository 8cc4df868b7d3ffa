//! The index over the jobs' vectors: for those who ask for one candidate at a time.

use std::io::BufWriter;

use neighbours::{
    Vectors,
    annoy::{Forest, Params, Wanted, grow_for_recall, recall},
};
use serde::Serialize;
use stage::Outputs;

use crate::{Error, artefacts::INDEX, config::Trees};

/// Seed of the trees, and of the candidates that the recall is measured on.
pub(crate) const SEED: u64 = 42;

/// Share of the true ten nearest jobs that the index must find, where the number of trees is not
/// configured.
pub const RECALL: f64 = 0.95;

/// Candidates that the recall is measured on.
pub const SAMPLE: usize = 500;

/// Trees at most, where their number is not configured: they are what makes the file large. Where
/// they find too little, more jobs are compared.
const MOST: usize = 100;

/// The neighbours that recall is told of.
pub(crate) const K: usize = 10;

/// An index, and what it finds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Built {
    pub trees: usize,
    /// Jobs to compare a query (`search_k` of Annoy's calls): ten times the trees, as Annoy does by
    /// itself, or as many as give the recall.
    pub search_k: usize,
    /// Share of the true ten nearest jobs that it finds for candidates, so many compared.
    pub recall_10: f64,
    /// Candidates that this was measured on.
    pub sample: usize,
}

/// Builds the index over `jobs`, measures it on `candidates`, and writes it.
pub(crate) fn build(
    out: &Outputs,
    jobs: &Vectors<'_>,
    candidates: &Vectors<'_>,
    trees: Trees,
) -> Result<Built, stage::Error> {
    let failed = |source| Error::Neighbours { file: INDEX.to_owned(), source };
    let sample = SAMPLE.min(candidates.len());
    let (forest, search_k, recall_10) = match trees {
        Trees::Auto(_) => {
            let wanted = Wanted { recall: RECALL, k: K, sample, most_trees: MOST, seed: SEED };
            let grown = grow_for_recall(jobs, candidates, &wanted).map_err(failed)?;
            (grown.forest, grown.search_k, grown.recall)
        }
        Trees::Fixed(trees) => {
            let params = Params { trees: trees as usize, seed: SEED };
            let forest = Forest::grow(jobs, &params).map_err(failed)?;
            let index = forest.index().map_err(failed)?;
            let recall = recall(&index, jobs, candidates, K, None, (sample, SEED));
            (forest, K * params.trees, recall.map_err(failed)?)
        }
    };
    let mut file = out.create(INDEX)?;
    forest.write_to(BufWriter::new(&mut file)).map_err(failed)?;
    file.finish(Some(jobs.len() as u64))?;
    Ok(Built { trees: forest.trees(), search_k, recall_10, sample })
}
