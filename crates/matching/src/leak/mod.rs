//! Checks at training that the model knows nothing that it cannot know when it is used.
//!
//! What a column is *declared* to be known at, [`schema::KnownAt`] settles when the program is
//! compiled. What it really holds is another matter: a source may write something of the outcome
//! into a field that was there before. Three checks look at the values themselves:
//!
//! 1. [`single`]: no column by itself ranks the applications nearly as well as the outcome would;
//! 2. [`changed`]: no column's value is written anew after the application, for matches more often
//!    than for others;
//! 3. [`shuffled`]: a model of labels without meaning ranks the part held out no better than chance,
//!    else the two parts are not apart.
//!
//! Each refuses the training with the name of what it found; what they measured is kept beside the
//! model's figures ([`Checks`]).
//!
//! The question is what a value *knows*, not how strong it is. What our own code derives of columns
//! that are known when the application is made, the relations, cannot know the outcome: it is never
//! refused for being good, only reported. A column that somebody has looked into is accepted by
//! name (`leak.accept`).

use parquet::file::reader::ChunkReader;
use serde::Serialize;

use crate::{
    Error,
    config::Config,
    dataset::{Dataset, Tables},
    fit::Fitted,
};

pub mod bounds;

pub mod changed;
pub use changed::{Changed, Replaced};

pub mod share;

pub mod shuffled;
pub use shuffled::{Shuffled, Together};

pub mod single;
pub use single::Single;

/// What the checks measured of a training that passed them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Checks {
    /// The column or relation that ranks the training part best by itself; none where a class is
    /// missing.
    pub highest_single: Option<Single>,
    /// Relations and accepted columns that rank above the bound, the strongest first.
    pub above_bound: Vec<Single>,
    /// The columns of which some value has changed since the version before; empty without one.
    pub changed: Vec<Changed>,
    /// Records that were left out of that comparison, because they are others now.
    pub replaced: Replaced,
    /// AUC on the part held out of a model of shuffled labels; none where a class is missing.
    pub shuffled_auc: Option<f64>,
    /// Its standard error when there is nothing to learn.
    pub shuffled_se: Option<f64>,
    /// Whether the model itself ranks the part held out no better than chance could.
    pub nothing_to_learn: bool,
}

impl Checks {
    /// Makes all checks of a trained model whose AUC on the part held out is `auc`; `before` are the
    /// tables of the version of the feature store before this one, where there is one.
    pub fn make<R: ChunkReader + Clone + 'static>(
        fitted: &Fitted,
        auc: Option<f64>,
        tables: &Tables<R>,
        dataset: &Dataset,
        before: Option<&Tables<R>>,
        config: &Config,
    ) -> Result<Self, Error> {
        let bounds = &config.leak;
        let single = single::check(&fitted.train, &fitted.preprocessor, bounds)?;
        let (changed, replaced) = match before {
            Some(before) => {
                let columns = changed::columns(&fitted.preprocessor);
                let (found, replaced) =
                    changed::compare(before, &config.positive, tables, dataset, &columns)?;
                (changed::check(found, bounds)?, replaced)
            }
            None => Default::default(),
        };
        let together = Together::of(config.split);
        let (train, test) = (&fitted.train, &fitted.test);
        let shuffled = shuffled::check(train, test, together, &config.boost, config.seed)?;
        Ok(Self {
            highest_single: single.highest,
            above_bound: single.above_bound,
            changed,
            replaced,
            shuffled_auc: shuffled.map(|s| s.auc),
            shuffled_se: shuffled.map(|s| s.se),
            nothing_to_learn: shuffled::is_chance(auc, &fitted.test, together),
        })
    }
}
