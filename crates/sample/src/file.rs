//! Files that are there whole or not at all.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::Error;

/// A file under a temporary name; it goes away unless it is kept.
pub(crate) struct Partial {
    pub(crate) file: File,
    pub(crate) path: PathBuf,
    /// The name that it is for.
    target: PathBuf,
    kept: bool,
}

impl Partial {
    pub(crate) fn create(target: &Path) -> Result<Partial, Error> {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let path = target.with_file_name(format!(".{name}.partial"));
        let file = File::create(&path).map_err(failed("create", &path))?;
        Ok(Partial { file, path, target: target.to_owned(), kept: false })
    }

    /// Gives the file its own name.
    pub(crate) fn keep(mut self) -> Result<(), Error> {
        #[expect(
            clippy::disallowed_methods,
            reason = "raw files are inputs, not versions: a new \
            sample takes the place of the old one, whole"
        )]
        std::fs::rename(&self.path, &self.target).map_err(failed("put in place", &self.target))?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.kept {
            // Nobody is left to tell, and the name says what it is.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Puts a file in the place of another, whole.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut partial = Partial::create(path)?;
    partial.file.write_all(bytes).map_err(failed("write", path))?;
    partial.keep()
}

pub(crate) fn failed(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io { action, path, source }
}
