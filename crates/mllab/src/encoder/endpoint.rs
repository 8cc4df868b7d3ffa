use std::{path::PathBuf, time::Duration};

/// A hub, and where its files are downloaded to.
#[derive(Clone, Debug)]
pub(super) struct Hub {
    /// Its address, as [`checked`] gives it.
    pub(super) endpoint: String,
    /// The folder, in hf-hub's own layout, so that an existing cache of it can be named.
    pub(super) downloads: PathBuf,
    pub(super) patience: Patience,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Without a byte for so long, an attempt is given up.
    pub(super) silence: Duration,
    /// Attempts in a row that bring nothing.
    pub(super) attempts: u32,
    /// The pause after the first of them; it doubles.
    pub(super) pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { silence: Duration::from_secs(60), attempts: 4, pause: Duration::from_secs(1) }
    }
}
