//! Small notes beside the versions: what a gate found, how a run failed.

use serde::{Serialize, de::DeserializeOwned};

use super::Series;
use crate::{Error, Precondition};

impl Series {
    /// Stores `value` as `<folder>/<name>.json` below the series; what was there is replaced.
    /// `folder` begins with `_`, so that no version has its name.
    ///
    /// # Errors
    /// [`Error::BadKey`]; that the store failed.
    pub fn put_record(
        &self,
        folder: &str,
        name: &str,
        value: &impl Serialize,
    ) -> Result<(), Error> {
        debug_assert!(folder.starts_with('_'), "{folder}");
        let key = self.prefix.join(&format!("{folder}/{name}.json"))?;
        self.write_json(&key, value, &Precondition::None).map(drop)
    }

    /// The note of that name; none when there is none.
    ///
    /// # Errors
    /// [`Error::BadKey`]; [`Error::Malformed`]; that the store failed.
    pub fn record<T: DeserializeOwned>(
        &self,
        folder: &str,
        name: &str,
    ) -> Result<Option<T>, Error> {
        let key = self.prefix.join(&format!("{folder}/{name}.json"))?;
        Ok(self.read_json(&key)?.map(|(value, _)| value))
    }
}

#[cfg(test)]
mod tests {
    use crate::{Artefact, Lake};

    #[test]
    fn a_note_is_replaced_and_is_no_version() {
        let series = Lake::in_memory().series(Artefact::Matching);
        assert_eq!(series.record::<u32>("_gate", "v1").unwrap(), None);
        series.put_record("_gate", "v1", &1).unwrap();
        series.put_record("_gate", "v1", &2).unwrap();
        assert_eq!(series.record::<u32>("_gate", "v1").unwrap(), Some(2));
        assert!(series.list().unwrap().is_empty());
        assert!(series.put_record("_gate", "../v1", &3).is_err());
    }
}
