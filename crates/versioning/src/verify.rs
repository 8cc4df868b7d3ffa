//! Whether a lake can be served: what is there is what was written, and belongs together.
//!
//! Beside the files of the versions, whose hashes their manifests have, these are looked at:
//!
//! - a manifest, by the hash that the binding of its key has; the binding, the claim;
//! - the log of promotions and `latest.txt`, which must agree; the log of releases and
//!   `release.json`, which must agree with each other and with both;
//! - notes, memos and encoders.
//!
//! What no other object tells (a name in a log, a date) can change unseen.

use crate::{Artefact, Error, Lake, ListRequest, Verified};

impl Lake {
    /// Looks whether the lake can be served: every version of every series, or of one, and all that
    /// is written of them. Whatever is wrong is a finding, and all of them are given.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no lake; that the store failed.
    pub fn verify(&self, only: Option<Artefact>) -> Result<Verified, Error> {
        self.is_there()?;
        let mut report = Verified::default();
        let releases = self.releases().verify(only.is_none(), &mut report)?;
        for artefact in Artefact::ALL {
            if only.is_none_or(|only| only == artefact) {
                self.series(artefact).verify(artefact, &releases, &mut report)?;
            }
        }
        if only.is_none() {
            for artefact in [Artefact::Processed, Artefact::Recommend] {
                self.memo(artefact).verify(&mut report)?;
            }
            self.encoders().verify(&mut report)?;
        }
        report.findings.sort_by(|a, b| (&a.what, &a.problem).cmp(&(&b.what, &b.problem)));
        report.findings.dedup();
        Ok(report)
    }

    fn is_there(&self) -> Result<(), Error> {
        for store in [self.data(), self.features()] {
            let all = ListRequest { folder: None, delimiter: true, after: None, limit: 1 };
            let page = store.list(&all)?;
            if !page.objects.is_empty() || !page.prefixes.is_empty() {
                return Ok(());
            }
        }
        Err(Error::NotFound { what: format!("a lake at {}", self.data().uri()) })
    }
}
