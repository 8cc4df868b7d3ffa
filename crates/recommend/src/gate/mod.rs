//! What a version must keep to go live: the code that serves it reads it, answers as the stored
//! recommendations do, and its index finds what looking at every job finds; it reaches people and
//! jobs as the live version does (`reach`); its ranking is not surely worse than chance, nor than
//! that of the live version (`ranking`).

mod bounds;
pub use bounds::Bounds;
mod ranking;
mod reach;

use arrow_array::{
    cast::AsArray,
    types::{Float32Type, Int32Type},
};
use hashbrown::HashMap;
use neighbours::{Hit, Vectors, annoy, npy::Array};
use parquet::arrow::{ProjectionMask, arrow_reader::ParquetRecordBatchReaderBuilder};
use schema::store::job_days;
use stage::{Asked, Check, Question};
use versioning::{Artefact, Blob, Committed, Lake};

use crate::{
    Error,
    artefacts::{self, INDEX, RECOMMENDATIONS},
    columns::Side,
    config::Jobs,
    index::{K, SEED},
    openings::is_open,
    query::served::{Served, nearest_of},
};

const LOADED: Asked =
    Asked { question: Question::Served, name: "vectors-and-index", check: "vectors and index" };
const RECORDS: Asked = Asked { question: Question::Served, name: "records", check: "records" };
const GOLDEN: Asked =
    Asked { question: Question::Served, name: "golden-recommendations", check: "golden queries" };
const RECALL: Asked =
    Asked { question: Question::Served, name: "index-recall", check: "recall of the index" };

/// How far a cosine may be from the one stored.
const TOLERANCE: f64 = 1e-6;

pub(crate) fn verify(
    committed: &Committed,
    lake: &Lake,
    bounds: &Bounds,
) -> Result<Vec<Check>, stage::Error> {
    let served = Served::open(lake, Some(&committed.version().to_string()))?;
    let loaded = match Loaded::read(&served) {
        Ok(loaded) => loaded,
        Err(error) => {
            let expected = "vectors and index are read by the code that serves them";
            return Ok(vec![LOADED.answer_or_failure(expected, Err(error))?]);
        }
    };
    let mut checks = Vec::from_iter(loaded.counts(&served));
    let expected = format!(
        "the recommendations of {} candidates found again as stored, to {TOLERANCE:e}",
        bounds.golden
    );
    checks.push(GOLDEN.answer_or_failure(expected, loaded.golden(&served, bounds.golden))?);
    let expected = format!("at least {} of the {K} nearest jobs", bounds.recall);
    let recall = loaded.recall(served.search_k(), bounds);
    checks.push(RECALL.answer_or_failure(expected, recall.map_err(Into::into))?);
    let series = lake.series(Artefact::Recommend);
    // What another system has left live has no manifest: there is nothing to compare with.
    let live = match series.live()?.filter(|live| *live != committed.version()) {
        Some(live) => series.find_version(live)?,
        None => None,
    };
    checks.extend(reach::checks(committed, live.as_ref(), bounds)?);
    checks.extend(ranking::checks(committed, live.as_ref(), bounds)?);
    Ok(checks)
}

/// A version as it is served.
struct Loaded {
    candidates: Vec<Box<str>>,
    jobs: Vec<Box<str>>,
    of_candidates: Array,
    of_jobs: Array,
    index: annoy::Index,
}

impl Loaded {
    fn read(served: &Served<'_>) -> Result<Self, stage::Error> {
        let (candidates, jobs) = (served.ids(Side::People)?, served.ids(Side::Jobs)?);
        Ok(Self {
            of_candidates: served.vectors(Side::People, candidates.len())?,
            of_jobs: served.vectors(Side::Jobs, jobs.len())?,
            index: served.index()?,
            candidates,
            jobs,
        })
    }

    /// Whether there is a vector for every record of the features; none where their manifest does
    /// not count them.
    fn counts(&self, served: &Served<'_>) -> Option<Check> {
        let (candidates, features) = served.counted(Side::People);
        let (candidates, jobs) = candidates.zip(served.counted(Side::Jobs).0)?;
        let found = (self.candidates.len() as u64, self.jobs.len() as u64);
        Some(RECORDS.answer(
            format!("{candidates} candidates and {jobs} jobs, as features {features} has"),
            format!("{} candidates and {} jobs", found.0, found.1),
            found == (candidates, jobs),
        ))
    }

    /// Whether the stored recommendations of some candidates are found again.
    fn golden(&self, served: &Served<'_>, count: usize) -> Result<(String, bool), stage::Error> {
        let stored = stored(&served.file(RECOMMENDATIONS)?, count)?;
        let row_of: HashMap<&str, usize> =
            self.candidates.iter().zip(0..).map(|(id, row)| (&**id, row)).collect();
        let columns = self.of_candidates.columns;
        let mut queries = Vec::with_capacity(stored.len() * columns);
        for (candidate, _) in &stored {
            let row = row_of.get(&**candidate).ok_or_else(|| Error::Mismatch {
                file: RECOMMENDATIONS.to_owned(),
                expected: format!("candidates of {}", artefacts::rows_of(Side::People)),
                found: "another".to_owned(),
                remedy: "run `recommend` again",
            })?;
            queries.extend_from_slice(&self.of_candidates.values[row * columns..][..columns]);
        }
        let config = served.config();
        let may: Option<Vec<bool>> = match config.jobs {
            Jobs::All => None,
            Jobs::Open => {
                let dates = job_days(served.features(Side::Jobs)?).map_err(Error::from)?;
                let open = |date: &Option<i32>| is_open(*date, served.as_of(), config.open_days);
                Some(dates.iter().map(open).collect())
            }
        };
        let found = nearest_of(Side::Jobs, &self.of_jobs, &queries, config.top_k, may.as_deref())?;
        let (mut same, mut most) = (0, 0.0_f64);
        for ((_, stored), found) in stored.iter().zip(&found) {
            same += usize::from(self.is_same(stored, found, &mut most));
        }
        let count = stored.len();
        let furthest = format!("{same} of {count}, the furthest cosine by {most:.1e}");
        Ok(match count {
            0 => ("no candidate has recommendations".to_owned(), false),
            _ => (furthest, same == count),
        })
    }

    /// Whether a list has the same jobs in the same order, each as near; `most` is the greatest
    /// difference of two cosines so far.
    fn is_same(&self, stored: &[(Box<str>, f32)], found: &[Hit], most: &mut f64) -> bool {
        let mut same = stored.len() == found.len();
        for ((job, cosine), hit) in stored.iter().zip(found) {
            let apart = (f64::from(*cosine) - f64::from(hit.cosine)).abs();
            *most = most.max(apart);
            // What is not a number is not near.
            same &= *job == self.jobs[hit.item as usize] && apart <= TOLERANCE;
        }
        same
    }

    /// What the index finds of what is near.
    fn recall(&self, search_k: Option<usize>, bounds: &Bounds) -> Result<(String, bool), Error> {
        let failed = |source| Error::Neighbours { file: INDEX.to_owned(), source };
        let Self { of_jobs, of_candidates, .. } = self;
        let jobs = Vectors::new(&of_jobs.values, of_jobs.columns).map_err(failed)?;
        let candidates =
            Vectors::new(&of_candidates.values, of_candidates.columns).map_err(failed)?;
        let sample = bounds.sample.min(candidates.len());
        let recall = annoy::recall(&self.index, &jobs, &candidates, K, search_k, (sample, SEED))
            .map_err(failed)?;
        let compared = search_k.unwrap_or(K * self.index.trees()).min(jobs.len());
        let said = format!(
            "{recall:.4} for {sample} candidates, {compared} of {} jobs compared",
            jobs.len()
        );
        Ok((said, recall >= bounds.recall))
    }
}

/// A candidate, and the jobs stored for it with their cosines, the nearest first.
type StoredList = (Box<str>, Vec<(Box<str>, f32)>);

/// The recommendations of up to `count` candidates, evenly over the file.
fn stored(file: &Blob, count: usize) -> Result<Vec<StoredList>, Error> {
    let mismatch = |found: String| Error::Mismatch {
        file: RECOMMENDATIONS.to_owned(),
        expected: "the columns codigo, rank, codigo_vaga and cosine".to_owned(),
        found,
        remedy: "run `recommend` again",
    };
    let broken =
        |source| Error::Table(schema::Error::Parquet { file: RECOMMENDATIONS.to_owned(), source });
    let unread =
        |source| Error::Table(schema::Error::Batch { table: RECOMMENDATIONS.to_owned(), source });
    let open = |columns: &[&str]| {
        let builder = ParquetRecordBatchReaderBuilder::try_new(file.clone()).map_err(broken)?;
        let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
        builder.with_projection(mask).build().map_err(broken)
    };
    let absent = || mismatch("other columns".to_owned());
    // Each candidate's list begins with the first place.
    let mut lists = 0;
    for batch in open(&["rank"])? {
        let batch = batch.map_err(unread)?;
        let rank = batch.column_by_name("rank").and_then(|c| c.as_primitive_opt::<Int32Type>());
        lists += rank.ok_or_else(absent)?.iter().filter(|rank| *rank == Some(1)).count();
    }
    let count = count.min(lists);
    let place = |i: usize| (i as u128 * lists as u128 / count.max(1) as u128) as usize;
    let mut chosen = (0..count).map(place).peekable();
    let mut found: Vec<StoredList> = Vec::with_capacity(count);
    let (mut at, mut taken) = (0, false);
    for batch in open(&["codigo", "rank", "codigo_vaga", "cosine"])? {
        let batch = batch.map_err(unread)?;
        let text = |name: &str| batch.column_by_name(name).and_then(|c| c.as_string_opt::<i32>());
        let (of, jobs) = text("codigo").zip(text("codigo_vaga")).ok_or_else(absent)?;
        let rank = batch.column_by_name("rank").and_then(|c| c.as_primitive_opt::<Int32Type>());
        let cosine =
            batch.column_by_name("cosine").and_then(|c| c.as_primitive_opt::<Float32Type>());
        let (rank, cosine) = rank.zip(cosine).ok_or_else(absent)?;
        for row in 0..batch.num_rows() {
            if rank.value(row) == 1 {
                taken = chosen.next_if_eq(&at).is_some();
                at += 1;
                if taken {
                    found.push((of.value(row).into(), Vec::new()));
                }
            }
            if let Some((_, list)) = found.last_mut().filter(|_| taken) {
                list.push((jobs.value(row).into(), cosine.value(row)));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_misspelt_bound_is_refused_with_a_suggestion() {
        for (gate, said) in [
            (json!({"recal": 0.9}), "did you mean `recall`?"),
            (json!({"recall": 1.5}), "config of gate.recommend: `recall` is 1.5, expected 0 to 1"),
            (json!({"golden": 0}), "`golden` is 0, expected 1 to 10000"),
        ] {
            let error = stage::checked_gate::<crate::Recommend>(&gate).unwrap_err();
            assert_eq!(error.name, stage::ErrorName::ConfigInvalid);
            assert!(error.message.contains(said), "{error}");
        }
        assert_eq!(stage::checked_gate::<crate::Recommend>(&json!({})).unwrap(), Bounds::default());
    }
}
