//! The trained model.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::predict::{Forest, logit, sigmoid};
use crate::tree::Tree;
use crate::{Csr, Error};

/// A sum of trees over a base margin; the probability of the positive class is its sigmoid.
#[derive(Debug, Clone)]
pub struct Model {
    pub(crate) trees: Vec<Tree>,
    pub(crate) header: Header,
    /// The trees once more, laid out for prediction.
    forest: Forest,
}

/// What a model knows besides its trees.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Header {
    /// Number of columns of the matrix.
    pub(crate) columns: usize,
    /// Probability that the sum starts from.
    pub(crate) base_score: f32,
    /// The weight of positive rows in training; kept for XGBoost, no part of prediction.
    pub(crate) scale_pos_weight: f32,
    /// One name a column, or none.
    pub(crate) feature_names: Vec<String>,
    /// One XGBoost type a column (`float`, `int`, `i`, `q`), or none.
    pub(crate) feature_types: Vec<String>,
    /// The round at which early stopping found the best validation loss.
    pub(crate) best: Option<Best>,
}

/// The best round of a training with a validation set.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Index of the round (0 is the first tree); the model holds the trees up to it.
    pub iteration: usize,
    /// Log-loss on the validation rows after it.
    pub validation_loss: f64,
}

impl Model {
    /// Puts trees under a header. The caller vouches for the trees (see [`Tree`]) and that they ask
    /// for columns below `header.columns`.
    pub(crate) fn from_parts(trees: Vec<Tree>, header: Header) -> Self {
        let forest = Forest::new(&trees);
        Self { trees, header, forest }
    }

    /// Number of columns that a matrix must have.
    pub fn columns(&self) -> usize {
        self.header.columns
    }

    /// Number of trees.
    pub fn trees(&self) -> usize {
        self.trees.len()
    }

    /// The probability that the sum of trees starts from.
    pub fn base_score(&self) -> f32 {
        self.header.base_score
    }

    /// Names of the columns in their order; empty if the model has none.
    pub fn feature_names(&self) -> &[String] {
        &self.header.feature_names
    }

    /// The best round, if the model was trained with early stopping.
    pub fn best(&self) -> Option<Best> {
        self.header.best
    }

    /// Names the columns; XGBoost then checks them against those of a data frame.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one a column; [`Error::FeatureName`] if a name is empty,
    /// occurs twice or has a character that XGBoost refuses (`[`, `]`, `<`).
    pub fn with_feature_names(mut self, names: Vec<String>) -> Result<Self, Error> {
        let (expected, found) = (self.columns(), names.len());
        if expected != found {
            return Err(Error::Length { what: "feature names", expected, found });
        }
        let mut seen = BTreeSet::new();
        for (at, name) in names.iter().enumerate() {
            let problem = if name.is_empty() {
                "is empty"
            } else if name.contains(['[', ']', '<']) {
                "has one of [ ] <, which XGBoost refuses"
            } else if !seen.insert(name) {
                "occurs twice"
            } else {
                continue;
            };
            return Err(Error::FeatureName { at, name: name.clone(), problem });
        }
        self.header.feature_types = vec!["float".to_owned(); names.len()];
        self.header.feature_names = names;
        Ok(self)
    }

    /// Probability of the positive class, one a row.
    ///
    /// # Errors
    /// [`Error::Columns`] if the matrix has another number of columns than the model.
    pub fn predict(&self, rows: &Csr) -> Result<Vec<f32>, Error> {
        let mut margins = self.predict_margin(rows)?;
        margins.iter_mut().for_each(|margin| *margin = sigmoid(*margin));
        Ok(margins)
    }

    /// Log-odds of the positive class, one a row.
    ///
    /// # Errors
    /// [`Error::Columns`] if the matrix has another number of columns than the model.
    pub fn predict_margin(&self, rows: &Csr) -> Result<Vec<f32>, Error> {
        self.check_columns(rows)?;
        Ok(self.forest.margins(rows, self.base_margin()))
    }

    pub(crate) fn check_columns(&self, rows: &Csr) -> Result<(), Error> {
        let (expected, found) = (self.columns(), rows.columns());
        if expected == found { Ok(()) } else { Err(Error::Columns { expected, found }) }
    }

    pub(crate) fn base_margin(&self) -> f32 {
        logit(self.header.base_score)
    }
}
