//! Gradient-boosted trees for binary log-loss on sparse rows, in XGBoost's image.
//!
//! A [`Csr`] holds the rows; an entry that is absent is *missing*, and every split learns which way
//! missing values go. [`train`] grows a [`Model`] by the histogram method, on all threads of rayon's
//! current pool, and gives the same bits whatever their number. The model is written and read in
//! XGBoost's JSON schema, so Python's `xgboost` loads what this crate trained and the other way round;
//! its predictions, importances and per-prediction contributions are XGBoost's.
//!
//! ```
//! use std::ops::ControlFlow;
//!
//! use boost::{Csr, Dataset, Params, metrics, train};
//!
//! // Two columns; a row has the first if it is positive, and the second now and then.
//! let labels: Vec<bool> = (0..100).map(|i| i % 3 == 0).collect();
//! let (mut indptr, mut indices) = (vec![0], vec![]);
//! for (i, &label) in labels.iter().enumerate() {
//!     indices.extend([(label, 0), (i % 5 == 0, 1)].iter().filter(|c| c.0).map(|c| c.1));
//!     indptr.push(indices.len());
//! }
//! let values = vec![1.0; indices.len()];
//! let rows = Csr::new(indptr, indices, values, 2)?;
//!
//! let params = Params::default().n_estimators(20).max_depth(2).check()?;
//! let model = train(Dataset::new(&rows, &labels)?, None, &params, &|_| ControlFlow::Continue(()))?;
//! assert!(metrics::auc(&model.predict(&rows)?, &labels) > 0.99);
//!
//! let mut json = Vec::new();
//! model.to_json(&mut json)?;
//! let again = boost::Model::from_json(&json[..])?;
//! assert_eq!(again.predict(&rows)?, model.predict(&rows)?);
//! # Ok::<(), boost::Error>(())
//! ```

#![warn(missing_docs)]

mod error;

mod csr;
mod params;

mod tree;

mod model;

mod predict;

mod rng;

mod train;

mod json;

mod importance;

mod shap;

pub mod metrics;

pub use csr::Csr;
pub use error::Error;
pub use importance::Importance;
pub use model::{Best, Model};
pub use params::{Params, ValidParams};
pub use train::{Dataset, Round, train};
