//! Applying a stored model: the one path by which pairs are scored after training.

use boost::Model;
use parquet::file::reader::ChunkReader;
use reports::Lang;
use schema::{TableReader, tables::CANDIDATES};

use crate::{
    Error,
    dataset::Keys,
    decision::Decision,
    encode::SideRecords,
    explain::{self, Reasons},
    history::Moment,
    matrix::Sides,
    preprocessor::Preprocessor,
    relations::Relations,
};

/// A model with its preprocessor, as loaded from their files.
#[derive(Clone, Debug)]
pub struct Scorer {
    preprocessor: Preprocessor,
    model: Model,
    decision: Decision,
}

impl Scorer {
    pub fn new(
        preprocessor: Preprocessor,
        model: Model,
        decision: Decision,
    ) -> Result<Self, Error> {
        let (found, expected) = (preprocessor.columns(), model.columns());
        if found != expected || preprocessor.names() != model.feature_names() {
            return Err(Error::Mismatch { model: expected, preprocessor: found });
        }
        Ok(Self { preprocessor, model, decision })
    }

    pub fn from_json(model: &[u8], preprocessor: &[u8], decision: &[u8]) -> Result<Self, Error> {
        let preprocessor = Preprocessor::from_json(preprocessor)?;
        Self::new(preprocessor, Model::from_json(model)?, Decision::from_json(decision)?)
    }

    /// The probability of a match for each pair of a candidate of `people` and a job of `jobs`
    /// (files of the feature store with their keys), which are named by their numbers, with what was
    /// known when the candidate applied.
    pub fn score<R: ChunkReader + 'static>(
        &self,
        people: (R, &Keys),
        jobs: (R, &Keys),
        pairs: &[(u32, u32, Option<Moment>)],
    ) -> Result<Vec<f32>, Error> {
        self.score_records(
            SideRecords::people(people.0, people.1),
            SideRecords::jobs(jobs.0, jobs.1),
            pairs,
        )
    }

    /// The probability of a match for each row of a file that has the columns of both sides
    /// (as `candidates.parquet` has them). `name` is the file's in errors. Such a file tells nothing of
    /// a job's and a candidate's past, so those relations are missing.
    pub fn score_joined<R: ChunkReader + Clone + 'static>(
        &self,
        name: &str,
        file: R,
    ) -> Result<Vec<f32>, Error> {
        // No column is read for the number of rows.
        let rows = TableReader::open(name, file.clone(), &CANDIDATES, &[], 1)?.rows();
        let rows = u32::try_from(rows).map_err(|_| {
            Error::Argument(format!("{name}: expected less than 2³² pairs, found {rows}"))
        })?;
        let keys = Keys::of_rows(rows);
        let records =
            || SideRecords { file: name, source: file.clone(), table: &CANDIDATES, keys: &keys };
        let pairs: Vec<_> = (0..rows).map(|row| (row, row, None)).collect();
        self.score_records(records(), records(), &pairs)
    }

    fn score_records<R: ChunkReader + 'static>(
        &self,
        people: SideRecords<'_, R>,
        jobs: SideRecords<'_, R>,
        pairs: &[(u32, u32, Option<Moment>)],
    ) -> Result<Vec<f32>, Error> {
        let relations = self.preprocessor.relations();
        let vocabulary = relations.map(Relations::vocabulary);
        let named = pairs.iter().map(|&(person, job, _)| (person, job));
        let sides = Sides::encode(&self.preprocessor, vocabulary, people, jobs, named)?;
        let raw = self.model.predict(&sides.rows(pairs, relations)?)?;
        Ok(self.decision.calibration.apply(&raw))
    }

    /// Why a pair has its score: its probability and the reasons. `requirements` is the job's text
    /// that lists them.
    pub fn explain<R: ChunkReader + 'static>(
        &self,
        people: (R, &Keys),
        jobs: (R, &Keys),
        pair: (u32, u32, Option<Moment>),
        requirements: &str,
        lang: Lang,
    ) -> Result<(f32, Reasons), Error> {
        let relations = self.preprocessor.relations();
        let vocabulary = relations.map(Relations::vocabulary);
        let sides = Sides::encode(
            &self.preprocessor,
            vocabulary,
            SideRecords::people(people.0, people.1),
            SideRecords::jobs(jobs.0, jobs.1),
            std::iter::once((pair.0, pair.1)),
        )?;
        let rows = sides.rows(&[pair], relations)?;
        let contributions = self.model.contributions(&rows)?;
        let raw = self.model.predict(&rows)?;
        let told = explain::Explained {
            preprocessor: &self.preprocessor,
            contributions: &contributions,
            present: rows.row(0).0,
            sides: sides.person(pair.0).zip(sides.job(pair.1)),
            moment: pair.2,
            requirements,
        };
        let probability = self.decision.calibration.apply(&raw).first().copied().unwrap_or(0.0);
        Ok((probability, Reasons::of(&told, lang)))
    }

    /// The columns of the feature store that the model uses.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.preprocessor.blocks().iter().map(crate::encode::Block::column)
    }
}
