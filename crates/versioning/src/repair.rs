//! Putting right what a lake's own records tell how.

use crate::{Artefact, Error, Lake, Timestamp};

impl Lake {
    /// Repairs what is safe: a `release.json` or `latest.txt` that is lost or cannot be read, from
    /// the logs; keys and claims, from the manifests; a damaged piece of the memo is removed, for
    /// it is made again. Gives what was done, a line each. Versions are not touched.
    ///
    /// # Errors
    /// As [`crate::Releases::complete`]; that the store failed.
    pub fn repair(&self, now: Timestamp, by: &str) -> Result<Vec<String>, Error> {
        let mut done: Vec<String> = self.releases().repair()?.into_iter().collect();
        // Lost before a release is looked at: the log alone says what was live.
        for artefact in Artefact::ALL {
            let series = self.series(artefact);
            done.extend(series.repair_latest(now)?);
            series.repair_bookkeeping(now, &mut done)?;
        }
        if let Some(completed) = self.releases().complete(now, by)? {
            let series = |artefact| self.series(artefact).uri();
            done.extend(completed.moved.iter().map(|moved| {
                let (uri, to) = (series(moved.artefact), moved.to);
                format!("{uri}latest.txt: names {to} again, as release {}", completed.release)
            }));
        }
        for artefact in [Artefact::Processed, Artefact::Recommend] {
            self.memo(artefact).repair(&mut done)?;
        }
        Ok(done)
    }
}
