//! From what the trees say to what a recruiter is told: calibrated probabilities, and from which one
//! on an application is called a match.

use serde::{Deserialize, Serialize};

use crate::{
    Error,
    config::Config,
    dataset::Dataset,
    fit::Fitted,
    judge::{
        calibration::Calibration,
        threshold::{Chosen, applications_per_job, choose},
    },
};

pub const DECISION: &str = "decision.json";

const FORMAT: u32 = 1;

/// What is fitted on the part kept aside, stored as [`DECISION`] and applied to every score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    format: u32,
    /// From the trees' probabilities to calibrated ones.
    pub calibration: Calibration,
    /// The threshold; none where nothing was kept aside.
    pub threshold: Option<Chosen>,
}

impl Decision {
    pub fn fit(fitted: &Fitted, dataset: &Dataset, config: &Config) -> Result<Self, Error> {
        let raw = fitted.model.predict(&fitted.aside.rows)?;
        let calibration = config.calibration.fit(&raw, &fitted.aside.labels);
        let probabilities = calibration.apply(&raw);
        let jobs: Vec<u32> = dataset.rows.iter().map(|a| a.job).collect();
        let threshold = applications_per_job(&jobs).and_then(|per_job| {
            choose(config.threshold, &fitted.aside.judged(&probabilities), per_job)
        });
        Ok(Self { format: FORMAT, calibration, threshold })
    }

    /// The probabilities of the part held out.
    pub fn probabilities(&self, fitted: &Fitted) -> Result<Vec<f32>, Error> {
        Ok(self.calibration.apply(&fitted.model.predict(&fitted.test.rows)?))
    }

    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        serde_json::to_vec_pretty(self).map_err(|e| Error::Decision(e.to_string()))
    }

    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        let read: Self =
            serde_json::from_slice(bytes).map_err(|e| Error::Decision(e.to_string()))?;
        if read.format != FORMAT {
            return Err(Error::Decision(format!("has format {}, expected {FORMAT}", read.format)));
        }
        Ok(read)
    }
}
