//! The lake that a call means, opened once.

use std::sync::{Arc, Mutex, PoisonError};

use versioning::{DirStore, Lake, Store, Uri};

use crate::{Error, LakeUris};

/// Where the data is, for events that do not say so.
const DATA: &str = "MLLAB_DATA_URI";
/// Where the features are.
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
        let lake = at(&uris)?;
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

fn at(uris: &LakeUris) -> Result<Lake, Error> {
    let store = |uri: &str| -> Result<Arc<dyn Store>, Error> {
        match Uri::parse(uri)? {
            Uri::Path(path) => Ok(Arc::new(DirStore::open(path)?)),
            other => Err(Error::bad_input(format!("{other}: this build knows folders only"))),
        }
    };
    Ok(Lake::new(store(&uris.data)?, store(&uris.features)?))
}
