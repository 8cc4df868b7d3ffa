//! Today's applications as the live model scores them: what the new model is compared with
//! ([`champion`](crate::champion)), and how scores move from version to version, at which a drift
//! report looks.

use std::{collections::BTreeSet, sync::Arc};

use arrow_array::{ArrayRef, BooleanArray, Float32Array};
use parquet::file::reader::ChunkReader;
use schema::{Column, Kind, KnownAt, Table, TableReader};
use stage::{Inputs, Outputs, Progress};
use versioning::Blob;

use crate::{
    Error,
    artefacts::{self, MODEL, PREDICTIONS, PREPROCESSOR},
    dataset::{Application, Dataset, Tables},
    decision::DECISION,
    history::History,
    labels::Unresolved,
    leak::Together,
    scoring::Scorer,
};

/// The input that is the live model's version, where one was live when the features were made.
pub const LIVE: &str = "live";

/// The applications with the live model's scores: the keys, the probability, whether the candidate is
/// `unseen` (the live model was trained on no application of that person), and whether the
/// application is `mature` (it has a label, [`Unresolved::keeps`], as those have that the live model
/// was judged on).
pub const LIVE_SCORES: &str = "live_scores.parquet";

const BATCH_ROWS: usize = 1 << 16;

/// What the live model says of today's applications.
pub enum Live {
    /// No version was live when the features were made.
    None,
    /// The live version cannot score them.
    Unusable {
        version: String,
        why: String,
    },
    Scored(Scored),
}

pub struct Scored {
    pub version: String,
    pub probabilities: Vec<f32>,
    trained_on: TrainedOn,
}

/// The applications that a version was trained or calibrated on, by the numbers of a dataset; those
/// of candidates or jobs that the dataset has not are left out.
struct TrainedOn(BTreeSet<(u32, u32)>);

/// Which applications a version knows, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    No,
    /// It was trained on this candidate, job or application, whichever the split keeps together.
    Itself,
    /// It was trained on another record of the same person or job, by today's groups.
    ByGroup,
}

/// Scores the applications with the live model. That a live version was made by another release and
/// cannot score today's tables is not an error: it is no reason to train no new model.
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

    pub fn write(
        &self,
        dataset: &Dataset,
        unresolved: Unresolved,
        out: &Outputs,
    ) -> Result<(), stage::Error> {
        let last = dataset.last_day();
        let seen = self.seen(dataset, &dataset.rows, Together::Candidate);
        let flags = |flags: Vec<bool>| -> ArrayRef { Arc::new(BooleanArray::from(flags)) };
        let unseen = flags(seen.iter().map(|&seen| seen == Seen::No).collect());
        let mature = flags(dataset.rows.iter().map(|a| unresolved.keeps(a, last)).collect());
        let [people, jobs] = artefacts::keys(dataset, dataset.rows.iter());
        let probabilities: ArrayRef = Arc::new(Float32Array::from(self.probabilities.clone()));
        let columns = vec![
            people,
            jobs,
            ("probability", probabilities, false),
            ("unseen", unseen, false),
            ("mature", mature, false),
        ];
        let (rows, sink) =
            artefacts::write_columns(LIVE_SCORES, out.create(LIVE_SCORES)?, columns)?;
        sink.finish(Some(rows))
    }
}

/// Tells that there are no live scores, and why.
pub fn note(live: &Live, progress: &dyn Progress) {
    if let Live::Unusable { version, why } = live {
        progress.note(&format!("{LIVE_SCORES} is left out: live {version}: {why}"));
    }
}
