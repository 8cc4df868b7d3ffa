//! Bytes that can be read at any offset, by many at once: an open file, memory, or either once it
//! is needed.

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use bytes::Bytes;

use crate::{Error, Scratch};

/// The bytes of one object. A clone is cheap and shares the open file, so all clones read the same
/// bytes even when the name is given to another file meanwhile.
#[derive(Clone, Debug)]
pub struct Blob(Inner);

#[derive(Clone, Debug)]
enum Inner {
    Open(Open),
    Later(Arc<Later>),
}

/// Bytes at hand.
#[derive(Clone, Debug)]
enum Open {
    File(Arc<OpenFile>),
    Bytes(Bytes),
}

/// What is opened when it is first read, once for all clones.
struct Later {
    len: u64,
    open: Box<dyn Fn() -> Result<Blob, Error> + Send + Sync>,
    opening: Mutex<()>,
    opened: OnceLock<Blob>,
}

impl Later {
    fn opened(&self) -> Result<&Blob, Error> {
        // Who comes meanwhile waits for what is being opened.
        let _one = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(blob) = self.opened.get() {
            return Ok(blob);
        }
        let blob = (self.open)()?;
        Ok(self.opened.get_or_init(|| blob))
    }
}

impl fmt::Debug for Later {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Later").field("len", &self.len).field("opened", &self.opened).finish()
    }
}

#[derive(Debug)]
struct OpenFile {
    file: File,
    path: PathBuf,
    len: u64,
    /// The folder that the file lies in, when both go with the blob.
    _scratch: Option<Scratch>,
}

impl Blob {
    /// Opens a file.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Io`] when it cannot be opened, or is not a regular file.
    pub fn open_path(path: &Path) -> Result<Self, Error> {
        Self::open_file(path, None)
    }

    /// Opens a file that goes, with its folder, when the last clone of the blob is dropped.
    #[cfg(feature = "s3")]
    pub(crate) fn open_in(scratch: Scratch, path: &Path) -> Result<Self, Error> {
        Self::open_file(path, Some(scratch))
    }

    fn open_file(path: &Path, scratch: Option<Scratch>) -> Result<Self, Error> {
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => Error::NotFound { what: path.display().to_string() },
            _ => Error::Io { path: path.to_owned(), source },
        };
        // Before it is opened: to open a named pipe waits for who writes it.
        let found = std::fs::metadata(path).map_err(failed)?;
        if !found.is_file() {
            let kind = if found.is_dir() { "a folder" } else { "a named pipe, device or socket" };
            let said = format!("expected a file, found {kind}: remove it, or put a file there");
            return Err(Error::io(path)(io::Error::new(io::ErrorKind::InvalidInput, said)));
        }
        let file = File::open(path).map_err(failed)?;
        let meta = file.metadata().map_err(Error::io(path))?;
        let (path, len) = (path.to_owned(), meta.len());
        let open = OpenFile { file, path, len, _scratch: scratch };
        Ok(Self(Inner::Open(Open::File(Arc::new(open)))))
    }

    /// `len` bytes that `open` gives when they are first read; an open that fails is tried again
    /// by the next reader.
    pub(crate) fn later(
        len: u64,
        open: impl Fn() -> Result<Self, Error> + Send + Sync + 'static,
    ) -> Self {
        let open = Box::new(open);
        let later = Later { len, open, opening: Mutex::default(), opened: OnceLock::new() };
        Self(Inner::Later(Arc::new(later)))
    }

    /// The bytes at hand, opened where they are not yet.
    fn opened(&self) -> Result<&Open, Error> {
        match &self.0 {
            Inner::Open(open) => Ok(open),
            Inner::Later(later) => later.opened()?.opened(),
        }
    }

    /// The length in bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        match &self.0 {
            Inner::Open(Open::File(open)) => open.len,
            Inner::Open(Open::Bytes(bytes)) => bytes.len() as u64,
            Inner::Later(later) => later.len,
        }
    }

    /// Whether there are no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The path of the file, where it is one; none of what is opened later, wherever it then lies.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.0 {
            Inner::Open(Open::File(open)) => Some(&open.path),
            Inner::Open(Open::Bytes(_)) | Inner::Later(_) => None,
        }
    }

    /// Reads from `offset` to the end, unbuffered. Readers of the same blob do not disturb each
    /// other.
    ///
    /// # Errors
    /// [`Error::Io`] when `offset` lies behind the end; that of opening it.
    pub fn reader_at(&self, offset: u64) -> Result<BlobReader, Error> {
        self.check(offset, 0)?;
        Ok(BlobReader { open: self.opened()?.clone(), offset })
    }

    /// The `len` bytes from `offset`.
    ///
    /// # Errors
    /// [`Error::Io`] when there are fewer, or the disk fails; that of opening it.
    pub fn bytes_at(&self, offset: u64, len: usize) -> Result<Bytes, Error> {
        self.check(offset, len as u64)?;
        match self.opened()? {
            Open::Bytes(bytes) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX);
                Ok(bytes.slice(start..start + len))
            }
            Open::File(open) => {
                let mut buffer = vec![0; len];
                let mut reader = self.reader_at(offset)?;
                reader.read_exact(&mut buffer).map_err(Error::io(&open.path))?;
                Ok(buffer.into())
            }
        }
    }

    /// All bytes.
    ///
    /// # Errors
    /// As [`Blob::bytes_at`].
    pub fn bytes(&self) -> Result<Bytes, Error> {
        self.bytes_at(0, usize::try_from(self.len()).unwrap_or(usize::MAX))
    }

    /// Length, modification time and inode of the file: what tells it from a later one of the same
    /// name. Empty for memory.
    pub(crate) fn file_identity(&self) -> Result<String, Error> {
        let Inner::Open(Open::File(open)) = &self.0 else { return Ok(String::new()) };
        let meta = open.file.metadata().map_err(Error::io(&open.path))?;
        let modified = meta.modified().map_err(Error::io(&open.path))?;
        let since = modified.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Ok(format!("{:x}-{:x}-{:x}", meta.len(), since.as_nanos(), inode(&meta)))
    }

    fn check(&self, offset: u64, len: u64) -> Result<(), Error> {
        if offset.checked_add(len).is_some_and(|end| end <= self.len()) {
            return Ok(());
        }
        let path = self.path().unwrap_or(Path::new("(memory)"));
        Err(Error::io(path)(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            format!("expected {len} bytes from {offset}, found only {} in all", self.len()),
        )))
    }
}

impl From<Bytes> for Blob {
    fn from(bytes: Bytes) -> Self {
        Self(Inner::Open(Open::Bytes(bytes)))
    }
}

impl From<Vec<u8>> for Blob {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

/// Reads a [`Blob`] from an offset on.
#[derive(Clone, Debug)]
pub struct BlobReader {
    open: Open,
    offset: u64,
}

impl Read for BlobReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = match &self.open {
            Open::File(open) => {
                // Never past the length seen at opening: a file that somebody appends to keeps
                // the bytes that were hashed.
                let left = open.len.saturating_sub(self.offset);
                let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
                read_at(&open.file, &mut buffer[..most], self.offset)?
            }
            Open::Bytes(bytes) => {
                let start = usize::try_from(self.offset).unwrap_or(usize::MAX).min(bytes.len());
                let n = buffer.len().min(bytes.len() - start);
                buffer[..n].copy_from_slice(&bytes[start..start + n]);
                n
            }
        };
        self.offset += n as u64;
        Ok(n)
    }
}

/// Each call reads the file at its own offset, so columns can be read side by side.
#[cfg(feature = "parquet")]
impl parquet::file::reader::Length for Blob {
    fn len(&self) -> u64 {
        Blob::len(self)
    }
}

#[cfg(feature = "parquet")]
impl parquet::file::reader::ChunkReader for Blob {
    type T = io::BufReader<BlobReader>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        let reader = self.reader_at(start);
        reader
            .map(io::BufReader::new)
            .map_err(|e| parquet::errors::ParquetError::External(Box::new(e)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        self.bytes_at(start, length)
            .map_err(|e| parquet::errors::ParquetError::External(Box::new(e)))
    }
}

#[cfg(unix)]
fn inode(meta: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(meta)
}

#[cfg(windows)]
fn inode(_: &std::fs::Metadata) -> u64 {
    0
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

/// Writes at an offset, so that many can write one file side by side.
#[cfg(all(unix, feature = "s3"))]
pub(crate) fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(all(windows, feature = "s3"))]
pub(crate) fn write_all_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_write(file, bytes, offset)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            n => (bytes, offset) = (&bytes[n..], offset + n as u64),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn file_and_memory_read_alike() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        io::Write::write_all(&mut File::create(&path).unwrap(), b"0123456789").unwrap();
        for blob in [Blob::open_path(&path).unwrap(), Blob::from(b"0123456789".to_vec())] {
            assert_eq!(blob.len(), 10);
            assert_eq!(blob.bytes_at(3, 4).unwrap(), &b"3456"[..]);
            assert_eq!(blob.bytes_at(10, 0).unwrap(), &b""[..]);
            assert!(blob.bytes_at(8, 3).is_err());
            assert!(blob.bytes_at(u64::MAX, 2).is_err());
            assert!(blob.reader_at(11).is_err());
            let (mut a, mut b) = (String::new(), String::new());
            blob.reader_at(2).unwrap().read_to_string(&mut a).unwrap();
            blob.reader_at(5).unwrap().read_to_string(&mut b).unwrap();
            assert_eq!((a.as_str(), b.as_str()), ("23456789", "56789"));
        }
    }

    #[test]
    fn what_is_opened_later_is_opened_once_however_many_read_it() {
        let opens = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&opens);
        let blob = Blob::later(4, move || match counted.fetch_add(1, Ordering::SeqCst) {
            0 => Err(Error::NotFound { what: "x".to_owned() }),
            _ => Ok(Blob::from(b"0123".to_vec())),
        });
        assert_eq!((blob.len(), opens.load(Ordering::SeqCst)), (4, 0));
        assert!(blob.bytes_at(3, 2).is_err(), "what lies outside needs no opening to say so");
        assert!(matches!(blob.bytes(), Err(Error::NotFound { .. })));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert_eq!(blob.clone().bytes_at(1, 2).unwrap(), &b"12"[..]));
            }
        });
        assert_eq!(opens.load(Ordering::SeqCst), 2, "one that failed, one for all");
        // Nor does its path come when it is opened: a scratch file is not what was asked for.
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        io::Write::write_all(&mut File::create(&path).unwrap(), b"0123").unwrap();
        let blob = Blob::later(4, move || Blob::open_path(&path));
        assert_eq!((blob.path(), blob.bytes().unwrap().len(), blob.path()), (None, 4, None));
    }

    #[cfg(unix)]
    #[test]
    fn a_named_pipe_is_refused_without_being_opened() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("applicants.json");
        let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        let error = Blob::open_path(&path).unwrap_err().to_string();
        assert!(error.contains("applicants.json: expected a file, found a named pipe"), "{error}");
    }

    #[test]
    fn a_folder_is_no_blob_and_an_absent_file_is_not_found() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(Blob::open_path(dir.path()), Err(Error::Io { .. })));
        let absent = dir.path().join("x");
        assert!(matches!(Blob::open_path(&absent), Err(Error::NotFound { .. })));
    }
}
