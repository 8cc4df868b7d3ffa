//! Today's applications as the live model scores them: what the new model is compared with
//! ([`champion`](crate::champion)), and how scores move from version to version, at which a drift
//! report looks.

use std::{collections::BTreeSet, sync::Arc};

use arrow_array::{ArrayRef, BooleanArray, Float32Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use parquet::file::reader::ChunkReader;
use schema::{Column, Kind, KnownAt, Table, TableReader, TableWriter, WriterOptions};
use stage::{Inputs, Outputs, Progress};
use versioning::Blob;

use crate::{
    Error,
    artefacts::{MODEL, PREDICTIONS, PREPROCESSOR},
    dataset::{Application, Dataset, Tables},
    decision::DECISION,
    history::History,
    labels::Unresolved,
    leak::Together,
    scorer::Scorer,
};

/// The input that is the live model's version, where one was live when the features were made.
pub const LIVE: &str = "live";

/// The applications with the live model's scores: the keys, the probability, whether the candidate is
/// `unseen` (the live model was trained on no application of that person), and whether the
/// application is `mature` (it has a label, [`Unresolved::keeps`], as those have that the live model
/// was judged on).
pub const LIVE_SCORES: &str = "live_scores.parquet";

/// Rows of a batch.
const BATCH_ROWS: usize = 1 << 16;

/// What the live model says of today's applications.
pub enum Live {
    /// No version was live when the features were made.
    None,
    /// The live version cannot score them.
    Unusable {
        version: String,
        /// Why not.
        why: String,
    },
    Scored(Scored),
}

/// The scores of a live version.
pub struct Scored {
    pub version: String,
    /// A probability for each application of the dataset.
    pub probabilities: Vec<f32>,
    /// What it was trained on.
    trained_on: TrainedOn,
}

/// The applications that a version was trained or calibrated on, by the numbers of a dataset; those
/// of candidates or jobs that the dataset has not are left out.
struct TrainedOn(BTreeSet<(u32, u32)>);

/// Which applications a version knows, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It does not.
    No,
    /// It was trained on this candidate, job or application, whichever the split keeps together.
    Itself,
    /// It was trained on another record of the same person or job, by today's groups.
    ByGroup,
}

/// Scores the applications with the live model. That a live version was made by another release and
/// cannot score today's tables is no error: it is no reason to train no new model.
///
/// # Errors
/// That a file cannot be opened.
pub fn score(
    inputs: &Inputs,
    tables: &Tables<Blob>,
    dataset: &Dataset,
) -> Result<Live, stage::Error> {
    if !inputs.has(LIVE) {
        return Ok(Live::None);
    }
    let version = inputs.version(LIVE)?.version().to_string();
    if inputs.version(LIVE)?.manifest().output(DECISION).is_none() {
        let why = format!("it has no {DECISION}, so it was made by an earlier release");
        return Ok(Live::Unusable { version, why });
    }
    let open = |file: &str| inputs.open(LIVE, file);
    let bytes = |file| open(file)?.bytes().map_err(stage::Error::from);
    let (model, preprocessor, decision) = (bytes(MODEL)?, bytes(PREPROCESSOR)?, bytes(DECISION)?);
    let predictions = open(PREDICTIONS)?;
    let scored = Scorer::from_json(&model, &preprocessor, &decision).and_then(|scorer| {
        let history = History::of(dataset);
        let at = |a: &Application| (a.person, a.job, history.at(a.pair(), a.day));
        let pairs: Vec<_> = dataset.rows.iter().map(at).collect();
        let people = (tables.people.clone(), &dataset.people);
        let scores = scorer.score(people, (tables.jobs.clone(), &dataset.jobs), &pairs)?;
        Ok((scores, TrainedOn::read(predictions, dataset)?))
    });
    // Today's tables have been read already, so what fails here is the live version.
    Ok(match scored {
        Ok((probabilities, trained_on)) => {
            Live::Scored(Scored { version, probabilities, trained_on })
        }
        Err(error) => Live::Unusable { version, why: error.to_string() },
    })
}

impl TrainedOn {
    fn read<R: ChunkReader + 'static>(predictions: R, dataset: &Dataset) -> Result<Self, Error> {
        const TABLE: Table = Table {
            name: "predictions",
            columns: &[
                Column::key("codigo", "codigo"),
                Column::key("codigo_vaga", "codigo_vaga"),
                Column::info("part", "part", Kind::Text, KnownAt::Later),
            ],
        };
        let columns = ["codigo", "codigo_vaga", "part"];
        let reader = TableReader::open(PREDICTIONS, predictions, &TABLE, &columns, BATCH_ROWS)?;
        let mut pairs = BTreeSet::new();
        for batch in reader {
            let batch = batch?;
            let [people, jobs, parts] = columns.map(|name| schema::text_column(&batch, name));
            for ((person, job), part) in people.iter().zip(jobs).zip(parts) {
                if let (Some(person), Some(job), Some("train" | "aside")) = (person, job, part) {
                    let found = dataset.people.find(person).zip(dataset.jobs.find(job));
                    pairs.extend(found);
                }
            }
        }
        Ok(Self(pairs))
    }
}

impl Scored {
    /// For each of `applications`, whether the live model knows it, where a split keeps `together`
    /// what is alike.
    #[must_use]
    pub fn seen(
        &self,
        dataset: &Dataset,
        applications: &[Application],
        together: Together,
    ) -> Vec<Seen> {
        let TrainedOn(pairs) = &self.trained_on;
        let (groups, side) = match together {
            Together::Candidate => (&dataset.same_people, 0),
            Together::Job => (&dataset.same_jobs, 1),
            Together::Nothing => {
                let is = |a: &Application| pairs.contains(&a.pair());
                let of = |a| if is(a) { Seen::Itself } else { Seen::No };
                return applications.iter().map(of).collect();
            }
        };
        let record = |(person, job): (u32, u32)| [person, job][side];
        let mut itself = vec![false; groups.records()];
        let mut by_group = vec![false; groups.records()];
        for &pair in pairs {
            itself[record(pair) as usize] = true;
            by_group[groups.group(record(pair)) as usize] = true;
        }
        let of = |application: &Application| {
            let number = record(application.pair());
            match (itself[number as usize], by_group[groups.group(number) as usize]) {
                (true, _) => Seen::Itself,
                (false, true) => Seen::ByGroup,
                (false, false) => Seen::No,
            }
        };
        applications.iter().map(of).collect()
    }

    /// Writes [`LIVE_SCORES`].
    ///
    /// # Errors
    /// That the disk fails.
    pub fn write(
        &self,
        dataset: &Dataset,
        unresolved: Unresolved,
        out: &Outputs,
    ) -> Result<(), stage::Error> {
        let schema = Arc::new(Schema::new(vec![
            Field::new("codigo", DataType::Utf8, false),
            Field::new("codigo_vaga", DataType::Utf8, false),
            Field::new("probability", DataType::Float32, false),
            Field::new("unseen", DataType::Boolean, false),
            Field::new("mature", DataType::Boolean, false),
        ]));
        let last = dataset.last_day();
        let seen = self.seen(dataset, &dataset.rows, Together::Candidate);
        let sink = out.create(LIVE_SCORES)?;
        let options = WriterOptions::default();
        let mut writer = TableWriter::with_schema(LIVE_SCORES, sink, Arc::clone(&schema), options)
            .map_err(Error::Table)?;
        for first in (0..dataset.rows.len()).step_by(BATCH_ROWS) {
            let rows = first..dataset.rows.len().min(first + BATCH_ROWS);
            let of = &dataset.rows[rows.clone()];
            let (people, jobs) = (dataset.people.ids(), dataset.jobs.ids());
            let columns: Vec<ArrayRef> = vec![
                Arc::new(StringArray::from_iter_values(
                    of.iter().map(|a| &*people[a.person as usize]),
                )),
                Arc::new(StringArray::from_iter_values(of.iter().map(|a| &*jobs[a.job as usize]))),
                Arc::new(Float32Array::from(self.probabilities[rows.clone()].to_vec())),
                Arc::new(BooleanArray::from_iter(
                    seen[rows].iter().map(|&seen| Some(seen == Seen::No)),
                )),
                Arc::new(BooleanArray::from_iter(
                    of.iter().map(|a| Some(unresolved.keeps(a, last))),
                )),
            ];
            let batch = RecordBatch::try_new(Arc::clone(&schema), columns)
                .map_err(|source| schema::Error::Batch { table: LIVE_SCORES.to_owned(), source });
            writer.write(&batch.map_err(Error::Table)?).map_err(Error::Table)?;
        }
        let (rows, sink) = writer.finish().map_err(Error::Table)?;
        sink.finish(Some(rows))
    }
}

/// Tells that there are no live scores, and why.
pub fn note(live: &Live, progress: &dyn Progress) {
    if let Live::Unusable { version, why } = live {
        progress.note(&format!("{LIVE_SCORES} is left out: live {version}: {why}"));
    }
}
