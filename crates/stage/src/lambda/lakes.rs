//! The lake that a call means, opened once.

use std::sync::{Mutex, PoisonError};

use versioning::Lake;

use crate::{Error, LakeUris};

/// Where the data is, for events that do not say so.
const DATA: &str = "MLLAB_DATA_URI";
const FEATURES: &str = "MLLAB_FEATURES_URI";

/// The lake of the call before, which nearly always is that of the next call too.
#[derive(Default)]
pub(crate) struct Lakes {
    last: Mutex<Option<(LakeUris, Lake)>>,
}

impl Lakes {
    /// The lake at `uris`, else the one that the environment names.
    ///
    /// # Errors
    /// [`crate::ErrorName::ConfigInvalid`] when neither says where it is; that it cannot be opened.
    pub(crate) fn open(&self, uris: Option<&LakeUris>) -> Result<Lake, Error> {
        let uris = match uris {
            Some(uris) => uris.clone(),
            None => LakeUris { data: variable(DATA)?, features: variable(FEATURES)? },
        };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, lake)) = last.as_ref().filter(|(of, _)| *of == uris) {
            return Ok(lake.clone());
        }
        let lake = Lake::at(&uris.data, &uris.features)?;
        *last = Some((uris, lake.clone()));
        Ok(lake)
    }
}

#[allow(clippy::disallowed_methods, reason = "the host has the environment that stages have not")]
fn variable(name: &str) -> Result<String, Error> {
    let found = std::env::var(name).ok().filter(|value| !value.is_empty());
    found.ok_or_else(|| {
        Error::config(format!(
            "no lake: the event has no `lake`, and {name} is not set; set {DATA} and {FEATURES}, \
             such as s3://decision-data-lake/ and s3://decision-data-lake-features/"
        ))
    })
}
