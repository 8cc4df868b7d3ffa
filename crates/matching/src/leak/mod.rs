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
use serde::{Deserialize, Serialize};

use crate::{
    Error,
    config::{Config, Split},
    dataset::{Dataset, Tables},
    fit::Fitted,
};

pub mod changed;
pub use changed::{Changed, Replaced};

pub mod shuffled;
pub use shuffled::{Shuffled, Together};

pub mod single;
pub use single::Single;

/// From where on a column is refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { single_auc = 0.8 }")]
pub struct Bounds {
    /// AUC of a single column; 1 refuses none. [`single`] says why the default is what it is.
    pub single_auc: f64,
    /// Difference of the shares of matches and of others whose value has changed; 1 refuses none.
    pub changed_by: f64,
    /// Columns of the feature store that are not refused, whatever is found: somebody knows that
    /// their values are there when the application is made. What is found is reported.
    pub accept: Vec<String>,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { single_auc: 0.8, changed_by: 0.1, accept: Vec::new() }
    }
}

impl Bounds {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::Config`] naming the key.
    pub fn check(&self) -> Result<(), Error> {
        for (key, from, found) in
            [("leak.single_auc", 0.5, self.single_auc), ("leak.changed_by", 0.0, self.changed_by)]
        {
            if !(from..=1.0).contains(&found) {
                let (key, expected) = (key.to_owned(), format!("{from} to 1"));
                return Err(Error::Config { key, expected, found: found.to_string() });
            }
        }
        crate::columns::check_known("leak.accept", &self.accept)
    }

    /// Whether a column is accepted, whatever is found.
    fn accepts(&self, column: &str) -> bool {
        self.accept.iter().any(|accepted| accepted == column)
    }
}

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
    ///
    /// # Errors
    /// [`Error::Leak`], [`Error::ChangesAfterwards`] or [`Error::LearnsFromNothing`] when the model
    /// must not be used; [`Error::Table`] when a file cannot be read.
    pub fn of<R: ChunkReader + Clone + 'static>(
        (fitted, auc): (&Fitted, Option<f64>),
        (now, dataset): (&Tables<R>, &Dataset),
        before: Option<&Tables<R>>,
        (config, split): (&Config, Split),
    ) -> Result<Self, Error> {
        let bounds = &config.leak;
        let single = single::check(&fitted.train, &fitted.preprocessor, bounds)?;
        let (changed, replaced) = match before {
            Some(before) => {
                let columns = changed::columns(&fitted.preprocessor);
                let (found, replaced) =
                    changed::compare((before, &config.positive), (now, dataset), &columns)?;
                (changed::check(found, bounds)?, replaced)
            }
            None => Default::default(),
        };
        let together = Together::of(split);
        let parts = (&fitted.train, &fitted.test);
        let shuffled = shuffled::check(parts, together, &config.boost, config.seed)?;
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

/// Standard errors by which a figure must be beyond its bound to be taken for real.
const STANDARD_ERRORS: f64 = 3.0;

/// The standard error of an AUC of `positives` and `negatives` that is truly `auc` (Hanley and
/// McNeil, *Radiology* 143, 1982). At .5 it is exact, that of the Mann-Whitney test.
fn standard_error(auc: f64, positives: f64, negatives: f64) -> f64 {
    let (q1, q2, square) = (auc / (2.0 - auc), 2.0 * auc * auc / (1.0 + auc), auc * auc);
    let variance =
        auc * (1.0 - auc) + (positives - 1.0) * (q1 - square) + (negatives - 1.0) * (q2 - square);
    (variance / (positives * negatives)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_error_by_hand() {
        // Q1 = .893 / 1.107, Q2 = 2 × .797449 / 1.893; (.095551 + 50 × .009236 + 57 × .045074) / 2958.
        assert!((standard_error(0.893, 51.0, 58.0) - 0.032_509).abs() < 2e-5);
        let exact = ((51.0_f64 + 58.0 + 1.0) / (12.0 * 51.0 * 58.0)).sqrt();
        assert!((standard_error(0.5, 51.0, 58.0) - exact).abs() < 1e-12);
    }

    #[test]
    fn bounds_out_of_range_are_refused() {
        Bounds::default().check().unwrap();
        let said = |bounds: Bounds| bounds.check().unwrap_err().to_string();
        let bounds = Bounds::default;
        assert!(
            said(Bounds { single_auc: 0.4, ..bounds() }).contains("leak.single_auc must be 0.5")
        );
        assert!(said(Bounds { changed_by: f64::NAN, ..bounds() }).contains("leak.changed_by"));
        let misspelt = Bounds { accept: vec!["cidde".to_owned()], ..bounds() };
        assert!(said(misspelt).contains("leak.accept: `cidde` is no column of the feature store"));
        Bounds { accept: vec!["data_requicisao".to_owned()], ..bounds() }.check().unwrap();
    }
}
