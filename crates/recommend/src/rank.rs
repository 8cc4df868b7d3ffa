//! The recommendations: who is nearest to whom, exactly.
//!
//! Every candidate is compared with every job that may be recommended, by tiles of a matrix product,
//! and in the same pass every such job with every candidate. A record that says nothing (it has no
//! text, or its vector is zero) is near to nothing: it gets no recommendations and is not
//! recommended.

use neighbours::{Vectors, exact::Scan};
use stage::{Outputs, Progress};

use crate::{
    Error,
    artefacts::{self, JOB_RECOMMENDATIONS, RECOMMENDATIONS, Recommendations},
    embed::Embedded,
};

/// The vectors of a side, checked.
pub(crate) struct Rows<'a> {
    pub(crate) of: &'a Embedded,
    pub(crate) vectors: Vectors<'a>,
    says: Vec<bool>,
}

impl<'a> Rows<'a> {
    /// Checks the vectors of a side.
    pub(crate) fn of(of: &'a Embedded) -> Result<Self, Error> {
        let vectors = Vectors::new(&of.vectors, of.dimensions).map_err(|source| {
            Error::Neighbours { file: artefacts::embeddings_of(of.side).to_owned(), source }
        })?;
        let says = (0..of.ids.len()).map(|row| of.says_something(row)).collect();
        Ok(Self { of, vectors, says })
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ranked {
    pub(crate) candidates: usize,
    /// How often each job that may be recommended was, by row.
    pub(crate) times: Vec<usize>,
}

/// Writes the `k` nearest jobs of each candidate, and the `k` nearest candidates of each job, of the
/// jobs that `may` be recommended.
pub(crate) fn write(
    out: &Outputs,
    candidates: &Rows<'_>,
    jobs: &Rows<'_>,
    may: &[bool],
    k: usize,
    progress: &dyn Progress,
) -> Result<Ranked, stage::Error> {
    let mask: Vec<bool> = may.iter().zip(&jobs.says).map(|(may, says)| *may && *says).collect();
    let mut times = vec![0; mask.len()];
    let mut with_some = 0;
    let phase = progress.phase("rank", Some(candidates.vectors.len() as u64), "candidates")?;
    let mut file = Recommendations::create(out, RECOMMENDATIONS, candidates.of, jobs.of)?;
    let admits = |candidate: usize, _: usize| candidates.says[candidate];
    let scan = Scan::new(k).allowed(&mask).admits(&admits);
    let each = |candidate: usize, hits: &[neighbours::Hit]| -> Result<(), Failed> {
        phase.advance(1).map_err(stage::Error::from)?;
        with_some += usize::from(!hits.is_empty());
        hits.iter().for_each(|hit| times[hit.item as usize] += 1);
        Ok(file.add(u32::try_from(candidate).map_err(stage::Error::failed)?, hits)?)
    };
    let of_jobs = scan
        .both_ways(&candidates.vectors, &jobs.vectors, k, each)
        .map_err(|Failed(error)| error)?;
    file.finish()?;
    let mut file = Recommendations::create(out, JOB_RECOMMENDATIONS, jobs.of, candidates.of)?;
    for (job, hits) in (0..).zip(&of_jobs) {
        file.add(job, hits)?;
    }
    file.finish()?;
    let times = times.into_iter().zip(&mask).filter(|(_, may)| **may).map(|(t, _)| t).collect();
    Ok(Ranked { candidates: with_some, times })
}

/// An error on its way through the scan.
struct Failed(stage::Error);

impl From<stage::Error> for Failed {
    fn from(error: stage::Error) -> Self {
        Self(error)
    }
}

impl From<neighbours::Error> for Failed {
    fn from(source: neighbours::Error) -> Self {
        Self(Error::Neighbours { file: RECOMMENDATIONS.to_owned(), source }.into())
    }
}
