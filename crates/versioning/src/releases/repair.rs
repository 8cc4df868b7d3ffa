//! Restoring `release.json` from the log.

use super::{Releases, pointer_key};
use crate::{Error, Precondition, json};

impl Releases {
    /// Writes `release.json` anew where it is lost, cannot be read, or is not what the log says of
    /// its release; gives what was done.
    pub(crate) fn repair(&self) -> Result<Option<String>, Error> {
        let entries = self.readable_entries()?;
        let (live, etag) = self.pointer_as_it_is()?;
        if let Some(live) = &live {
            let entry = entries.get(&live.number);
            // Without its entry there is nothing to hold it against.
            if entry.is_none_or(|entry| entry.pointer() == *live) {
                return Ok(None);
            }
        }
        let number = self.live_by_the_logs(&entries)?;
        let Some(entry) = number.and_then(|number| entries.get(&number)) else { return Ok(None) };
        let condition = etag.map_or(Precondition::IfAbsent, Precondition::IfMatch);
        let data = self.lake.data();
        let written = json::write(&**data, &pointer_key(), &entry.pointer(), &condition)?;
        Ok(written.then(|| format!("{}: written from release {}", self.uri(), entry.number)))
    }
}
