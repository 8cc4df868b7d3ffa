//! One training: split, fit the preprocessor on the training part, encode, grow the trees.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use boost::{Csr, Model};
use parquet::file::reader::ChunkReader;
use stage::{Cancelled, Progress};

use crate::{
    Error,
    config::{Config, Split},
    dataset::{Application, Dataset, Tables},
    decision::Decision,
    encode,
    history::History,
    judge::Judged,
    labels::LabelCounts,
    matrix::{Records, Sides},
    preprocessor::Preprocessor,
    relations::{Relations, Vocabulary},
    split::Parts,
};

/// A trained model with the rows that it was trained and will be judged on.
pub struct Fitted {
    pub preprocessor: Preprocessor,
    /// The trees, their columns named.
    pub model: Model,
    pub train: Part,
    /// The part kept aside, which calibration and threshold are fitted on; empty without
    /// calibration.
    pub aside: Part,
    pub test: Part,
}

impl Fitted {
    /// The probabilities of the part held out.
    ///
    /// # Errors
    /// [`Error::Boost`] when model and matrix do not belong together.
    pub fn probabilities(&self, decision: &Decision) -> Result<Vec<f32>, Error> {
        Ok(decision.calibration.apply(&self.model.predict(&self.test.rows)?))
    }
}

/// The people (a group of candidates each) and the jobs of some applications.
#[derive(Clone, Debug)]
pub struct Pairs {
    people: Vec<u32>,
    jobs: Vec<u32>,
}

impl Pairs {
    /// With probabilities and labels, what is judged.
    pub(crate) fn judged<'a>(&'a self, probabilities: &'a [f32], labels: &'a [bool]) -> Judged<'a> {
        Judged { probabilities, labels, people: &self.people, jobs: &self.jobs }
    }
}

/// Some applications with their rows of the matrix.
pub struct Part {
    pub applications: Vec<Application>,
    /// Whether each is a match.
    pub labels: Vec<bool>,
    /// The matrix, a row each.
    pub rows: Csr,
}

impl Part {
    fn new(
        applications: Vec<Application>,
        sides: &Sides,
        preprocessor: &Preprocessor,
        history: &History,
    ) -> Result<Self, Error> {
        let pairs: Vec<_> =
            applications.iter().map(|a| (a.person, a.job, history.at(a.pair(), a.day))).collect();
        let rows = sides.rows(&pairs, preprocessor.relations())?;
        let labels = applications.iter().map(|a| a.positive).collect();
        Ok(Self { applications, labels, rows })
    }

    /// The matrix and the labels.
    #[must_use]
    pub fn known(&self) -> (&Csr, &[bool]) {
        (&self.rows, &self.labels)
    }

    /// The people and jobs of the applications.
    #[must_use]
    pub fn pairs(&self) -> Pairs {
        Pairs {
            people: self.applications.iter().map(|a| a.person_group).collect(),
            jobs: self.applications.iter().map(|a| a.job).collect(),
        }
    }

    /// How many of the applications are a match.
    #[must_use]
    pub fn positives(&self) -> usize {
        self.labels.iter().filter(|&&label| label).count()
    }
}

/// Trains on the part that `split` leaves for it.
///
/// # Errors
/// [`Error::OneClass`] when there is nothing to learn; [`Error::Table`] when a file cannot be read;
/// [`Error::Boost`] for parameters out of range.
pub fn fit<R: ChunkReader + Clone + 'static>(
    tables: &Tables<R>,
    dataset: &Dataset,
    config: &Config,
    split: Split,
    progress: &dyn Progress,
) -> Result<Fitted, Error> {
    let parts = Parts::of(dataset, config, split);
    let train = Parts::pick(dataset, &parts.train);
    let aside = Parts::pick(dataset, &parts.aside);
    let test = Parts::pick(dataset, &parts.test);
    let positives = train.iter().filter(|a| a.positive).count();
    if positives == 0 || positives == train.len() {
        let statuses = config.positive.join(", ");
        let young = LabelCounts::of(dataset, config.unresolved).left_out_young;
        return Err(Error::OneClass { positives, rows: train.len(), young, statuses });
    }
    let history = History::of(dataset);
    let (preprocessor, train, aside, test) = {
        let _phase = progress.phase("vectorise", None, "")?;
        let preprocessor = Preprocessor::fit(tables, dataset, &train, config)?;
        let vocabulary = config
            .relations
            .then(|| {
                let mut wanted = vec![false; dataset.jobs.len()];
                train.iter().for_each(|application| wanted[application.job as usize] = true);
                encode::vocabulary(tables.jobs.clone(), &dataset.jobs, &wanted)
            })
            .transpose()?;
        let sides = Sides::encode(
            (&preprocessor, vocabulary.as_ref()),
            Records::people(tables.people.clone(), &dataset.people),
            Records::jobs(tables.jobs.clone(), &dataset.jobs),
            dataset.rows.iter().map(Application::pair),
        )?;
        let relations = vocabulary.map(|vocabulary| weigh(vocabulary, &sides, &train));
        let preprocessor = preprocessor.with_relations(relations);
        let part = |applications| Part::new(applications, &sides, &preprocessor, &history);
        let (train, (aside, test)) =
            rayon::join(|| part(train), || rayon::join(|| part(aside), || part(test)));
        let (train, aside, test) = (train?, aside?, test?);
        (preprocessor, train, aside, test)
    };
    let params = config.boost.params(config.seed, positives, train.labels.len() - positives)?;
    let model = {
        let phase = progress.phase("train", Some(params.n_estimators as u64), "trees")?;
        let data = boost::Dataset::new(&train.rows, &train.labels)?;
        boost::train(data, None, &params, &|_| match phase.advance(1) {
            Ok(()) => ControlFlow::Continue(()),
            Err(Cancelled) => ControlFlow::Break(()),
        })?
    };
    let model = model.with_feature_names(preprocessor.names())?;
    Ok(Fitted { preprocessor, model, train, aside, test })
}

/// Weighs the relations by the candidates and the jobs of the training part, each once.
fn weigh(vocabulary: Vocabulary, sides: &Sides, train: &[Application]) -> Relations {
    let people: BTreeSet<u32> = train.iter().map(|a| a.person).collect();
    let jobs: BTreeSet<u32> = train.iter().map(|a| a.job).collect();
    let people = people.iter().filter_map(|&number| sides.person(number));
    let jobs = jobs.iter().filter_map(|&number| sides.job(number));
    Relations::fit(vocabulary, people, jobs)
}
