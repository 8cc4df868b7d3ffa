//! A stage's further commands (`matching score`, …): clap's types, and functions over handles like
//! the stage itself. The host parses, opens files, prints and writes.

use versioning::{Blob, Lake};

use crate::{Error, Progress};

pub trait Commands {
    fn run(&self, call: &Call<'_>) -> Result<Answer, Error>;

    /// The option that names a file to read, and the file.
    fn reads(&self) -> Option<(&'static str, &str)> {
        None
    }

    /// Where to write the file that it makes, if it is to be written.
    fn writes(&self) -> Option<&str> {
        None
    }
}

/// What a command works with beside its arguments.
pub struct Call<'a> {
    pub lake: &'a Lake,
    /// The file that [`Commands::reads`] names.
    pub file: Option<Blob>,
    /// The stage's configuration as given, or null.
    pub config: serde_json::Value,
    pub progress: &'a dyn Progress,
}

#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// For people: printed as it is.
    pub text: String,
    /// For machines: printed with `--json`.
    pub json: serde_json::Value,
    /// The bytes of the file that [`Commands::writes`] names.
    pub file: Option<Vec<u8>>,
}
