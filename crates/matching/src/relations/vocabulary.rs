use serde::{Deserialize, Serialize};

use super::{places::Cities, terms::FoldedTerms};

/// What reads both sides: fitted on the jobs of the training part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vocabulary {
    pub(super) terms: FoldedTerms,
    pub(super) cities: Cities,
}
