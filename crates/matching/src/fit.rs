//! One training: split, fit the preprocessor on the training part, encode, grow the trees.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use boost::{Csr, Model};
use parquet::file::reader::ChunkReader;
use stage::{Cancelled, Progress};
use stats::Groups;

use crate::{
    Error,
    config::Config,
    dataset::{Application, Dataset, Tables},
    encode::{self, SideRecords},
    history::History,
    judge::Judged,
    labels::LabelCounts,
    matrix::Sides,
    preprocessor::Preprocessor,
    relations::{Relations, Vocabulary},
    split::{Parts, Split},
};

/// A trained model with the rows that it was trained and will be judged on.
pub struct Fitted {
    pub preprocessor: Preprocessor,
    pub model: Model,
    pub train: Part,
    /// The part kept aside, which calibration and threshold are fitted on; empty without
    /// calibration.
    pub aside: Part,
    pub test: Part,
}

/// Some applications with their rows of the matrix.
pub struct Part {
    pub applications: Vec<Application>,
    pub labels: Vec<bool>,
    /// Whom the applications are of; a person under several codes is one.
    pub people: Groups,
    pub jobs: Groups,
    /// The matrix, a row each.
    pub rows: Csr,
}

impl Part {
    pub(crate) fn new(applications: Vec<Application>, rows: Csr) -> Self {
        let groups = |id: fn(&Application) -> u32| {
            Groups::new(&applications.iter().map(id).collect::<Vec<_>>())
        };
        Self {
            labels: applications.iter().map(|a| a.positive).collect(),
            people: groups(|a| a.person_group),
            jobs: groups(|a| a.job),
            applications,
            rows,
        }
    }

    /// With probabilities of the applications, what is judged.
    pub fn judged<'a>(&'a self, probabilities: &'a [f32]) -> Judged<'a> {
        let Self { labels, people, jobs, .. } = self;
        Judged { probabilities, labels, people, jobs }
    }

    pub fn positives(&self) -> usize {
        self.labels.iter().filter(|&&label| label).count()
    }
}

/// Trains on the part that `split` leaves for it.
pub fn fit<R: ChunkReader + Clone + 'static>(
    tables: &Tables<R>,
    dataset: &Dataset,
    config: &Config,
    split: Split,
    progress: &dyn Progress,
) -> Result<Fitted, Error> {
    let parts = Parts::split(dataset, &config.split(split));
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
        let preprocessor = Preprocessor::fit(tables, dataset, &train, config.columns())?;
        let vocabulary = config
            .relations
            .then(|| {
                let mut wanted = vec![false; dataset.jobs.len()];
                train.iter().for_each(|application| wanted[application.job as usize] = true);
                encode::vocabulary(tables.jobs.clone(), &dataset.jobs, &wanted)
            })
            .transpose()?;
        let sides = Sides::encode(
            &preprocessor,
            vocabulary.as_ref(),
            SideRecords::people(tables.people.clone(), &dataset.people),
            SideRecords::jobs(tables.jobs.clone(), &dataset.jobs),
            dataset.rows.iter().map(Application::pair),
        )?;
        let relations = vocabulary.map(|vocabulary| weigh(vocabulary, &sides, &train));
        let preprocessor = preprocessor.with_relations(relations);
        let part = |applications: Vec<Application>| {
            let at = |a: &Application| (a.person, a.job, history.at(a.pair(), a.day));
            let pairs: Vec<_> = applications.iter().map(at).collect();
            Ok::<_, Error>(Part::new(applications, sides.rows(&pairs, preprocessor.relations())?))
        };
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
