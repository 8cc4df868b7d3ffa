//! Where the files of an encoder lie.

use std::collections::BTreeMap;
use std::fs::File;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Error;

/// The files of an encoder, by the name that they have in its repository (`config.json`,
/// `1_Pooling/config.json`).
///
/// A file may lie anywhere under any name, as in a cache that names files by their hash, or be in
/// memory.
#[derive(Clone, Debug)]
pub struct Source {
    name: String,
    directory: Option<PathBuf>,
    files: BTreeMap<String, Origin>,
}

#[derive(Clone, Debug)]
enum Origin {
    Path(PathBuf),
    Bytes(Arc<[u8]>),
}

impl Source {
    /// A source without files yet. Errors call it `name`.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), directory: None, files: BTreeMap::new() }
    }

    /// The files of a directory, under their own names.
    ///
    /// # Errors
    /// [`Error::Missing`] where there is no such directory.
    pub fn dir(path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        if !path.is_dir() {
            return Err(Error::Missing {
                source_name: name,
                file: "the directory".into(),
                expected: "a sentence-transformers checkpoint",
                remedy: "give the directory that holds its modules.json or config.json",
            });
        }
        Ok(Self { name, directory: Some(path.to_owned()), files: BTreeMap::new() })
    }

    /// This source and the file that lies at `path`, known as `file`.
    #[must_use]
    pub fn with_path(mut self, file: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        self.files.insert(file.into(), Origin::Path(path.into()));
        self
    }

    /// This source and a file in memory, known as `file`.
    #[must_use]
    pub fn with_bytes(mut self, file: impl Into<String>, bytes: impl Into<Arc<[u8]>>) -> Self {
        self.files.insert(file.into(), Origin::Bytes(bytes.into()));
        self
    }

    /// What errors call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The content of `file`, or nothing if it is not there. A file on disk is mapped, so that only
    /// the parts that are used take memory.
    ///
    /// # Errors
    /// [`Error::Read`] where it is there and cannot be read.
    pub fn read(&self, file: &str) -> Result<Option<Content>, Error> {
        let path = match (self.files.get(file), &self.directory) {
            (Some(Origin::Bytes(bytes)), _) => {
                return Ok(Some(Content(Backing::Bytes(bytes.clone()))));
            }
            (Some(Origin::Path(path)), _) => path.clone(),
            (None, Some(directory)) => directory.join(file),
            (None, None) => return Ok(None),
        };
        let failed =
            |error| Error::Read { source_name: self.name.clone(), file: file.into(), error };
        match File::open(&path) {
            Ok(opened) => Ok(Some(Content(map(&opened).map_err(failed)?))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// The content of `file`, which must be there.
    pub(crate) fn require(
        &self,
        file: &str,
        expected: &'static str,
        remedy: &'static str,
    ) -> Result<Content, Error> {
        self.read(file)?.ok_or_else(|| Error::Missing {
            source_name: self.name.clone(),
            file: file.into(),
            expected,
            remedy,
        })
    }
}

/// The bytes of a file, in memory or mapped.
#[derive(Debug)]
pub struct Content(Backing);

#[derive(Debug)]
enum Backing {
    Mapped(memmap2::Mmap),
    Bytes(Arc<[u8]>),
}

impl Deref for Content {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Backing::Mapped(map) => map,
            Backing::Bytes(bytes) => bytes,
        }
    }
}

#[allow(unsafe_code, reason = "weights of half a gigabyte are mapped, of which a run needs a part")]
fn map(file: &File) -> std::io::Result<Backing> {
    if file.metadata()?.len() == 0 {
        return Ok(Backing::Bytes(Arc::default()));
    }
    // SAFETY: the map is only read. It is sound as long as nobody truncates or rewrites the file in
    // place: files of an encoder are placed whole under their final name and never changed after.
    Ok(Backing::Mapped(unsafe { memmap2::Mmap::map(file)? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_lie_in_a_directory_elsewhere_or_in_memory() {
        let directory = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut elsewhere.as_file(), b"elsewhere").unwrap();
        let source = Source::dir(directory.path())
            .unwrap()
            .with_path("1_Pooling/config.json", elsewhere.path())
            .with_bytes("config.json", b"memory".to_vec());
        assert_eq!(&*source.read("1_Pooling/config.json").unwrap().unwrap(), b"elsewhere");
        assert_eq!(&*source.read("config.json").unwrap().unwrap(), b"memory");
        assert!(source.read("modules.json").unwrap().is_none());
    }

    #[test]
    fn an_empty_file_is_empty() {
        let empty = tempfile::NamedTempFile::new().unwrap();
        let source = Source::new("here").with_path("config.json", empty.path());
        assert!(source.read("config.json").unwrap().unwrap().is_empty());
    }

    #[test]
    fn no_directory_is_named() {
        let error = Source::dir(Path::new("not/there")).unwrap_err();
        assert!(error.to_string().starts_with("not/there: the directory is missing"), "{error}");
    }
}
