//! A store in a folder: keys are paths in it.

use std::{
    fs::{self, File},
    io,
    ops::Range,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    Body, ETag, ListRequest, Meta, Object, Page, Pager, Patience, Precondition, Scratch, Session,
    Store, lock,
};
use crate::{Blob, Error, Key, Uri, digest::sha256};

/// The folder for files in the making; no key begins with it.
const HIDDEN: &str = ".tmp";
/// Objects up to this length have the hash of their content as ETag.
const HASHED: u64 = 64 << 10;

/// Objects as files below a folder, which is made at the first put.
///
/// A put writes a temporary file in `.tmp`, flushes it to the disk, and gives it its name in one
/// step: by a hard link when the object must be absent (a link never replaces), else by a rename
/// under a lock file, so that comparing and swapping is one step too. The object's folder is
/// flushed last. The folder must lie on a file system with hard links and locks.
///
/// **ETags.** An object of at most 64 KiB (`latest.txt`, claims, manifests) has the SHA-256 of its
/// content. A larger one has length, modification time in nanoseconds and inode: it is only ever
/// replaced by another file, so a change shows unless, within one tick of the clock, another file
/// of the same length gets the same inode again. Compare-and-swap is for small objects.
#[derive(Debug)]
pub struct DirStore {
    root: PathBuf,
    uri: Uri,
    workspace: Mutex<Option<Arc<Session>>>,
}

impl DirStore {
    /// A store in `root`. Leftovers of dead processes are removed; nothing is made yet.
    ///
    /// # Errors
    /// [`Error::BadUri`] when there is something else than a folder.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, Error> {
        let root = root.into();
        if root.exists() && !root.is_dir() {
            return Err(Error::BadUri {
                found: root.display().to_string(),
                reason: "expected a folder, found a file".into(),
            });
        }
        if root.join(HIDDEN).is_dir() {
            Session::clean(&root.join(HIDDEN));
        }
        Ok(Self::at(root))
    }

    /// A store in somebody else's folder, to read from: nothing in it is cleaned.
    pub(crate) fn at(root: PathBuf) -> Self {
        let uri = Uri::Path(root.clone());
        Self { root, uri, workspace: Mutex::new(None) }
    }

    fn path(&self, key: &Key) -> Result<PathBuf, Error> {
        if key.segments().next() == Some(HIDDEN) {
            return Err(Error::BadKey {
                found: key.to_string(),
                reason: format!("`{HIDDEN}` holds the store's own files"),
            });
        }
        Ok(self.root.join(key.as_str()))
    }

    fn workspace(&self) -> Result<Arc<Session>, Error> {
        let mut workspace = self.workspace.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(workspace) = &*workspace {
            return Ok(Arc::clone(workspace));
        }
        let new = Arc::new(Session::open(&self.root.join(HIDDEN))?);
        *workspace = Some(Arc::clone(&new));
        Ok(new)
    }

    /// Held while an object is compared and swapped, replaced or removed.
    fn swap_lock(&self) -> Result<File, Error> {
        let path = self.root.join(HIDDEN).join("swap");
        let file = File::options().write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(Error::io(&path))?;
        lock(&file, &path, &Patience::DEFAULT)?;
        Ok(file)
    }

    /// The body as a file of this file system, flushed to the disk; whether it is ours to remove.
    fn stage(&self, body: &Body) -> Result<Staged, Error> {
        let workspace = self.workspace()?;
        let staged = match body {
            Body::File(path) if workspace.holds(path) => {
                Staged { path: path.clone(), remove: false, _workspace: workspace }
            }
            _ => {
                let path = workspace.fresh_path();
                let staged = Staged { path, remove: true, _workspace: workspace };
                let mut file = File::create(&staged.path).map_err(Error::io(&staged.path))?;
                let mut source = body.blob()?.reader_at(0)?;
                io::copy(&mut source, &mut file).map_err(Error::io(&staged.path))?;
                staged
            }
        };
        // Opened for writing: some systems flush only through such a handle.
        let file = File::options().write(true).open(&staged.path);
        file.and_then(|f| f.sync_all()).map_err(Error::io(&staged.path))?;
        Ok(staged)
    }

    /// Runs `place` with the object's folder in place. Another process may remove the folder when
    /// it deletes the last object in it; then it is made again.
    fn place(&self, target: &Path, place: impl Fn() -> io::Result<()>) -> io::Result<()> {
        let parent = target.parent().unwrap_or(&self.root);
        let mut attempts = 0;
        loop {
            match create_folders(&self.root, parent).and_then(|()| place()) {
                Err(e) if e.kind() == io::ErrorKind::NotFound && attempts < 100 => attempts += 1,
                Err(e) => return Err(e),
                Ok(()) => return sync_folder(parent).or_else(gone),
            }
        }
    }
}

/// A flushed file that waits for its name.
struct Staged {
    path: PathBuf,
    remove: bool,
    _workspace: Arc<Session>,
}

impl Drop for Staged {
    fn drop(&mut self) {
        if self.remove {
            drop(fs::remove_file(&self.path));
        }
    }
}

impl Store for DirStore {
    fn get(&self, key: &Key, range: Option<Range<u64>>) -> Result<Object, Error> {
        let path = self.path(key)?;
        let whole = match Blob::open_path(&path) {
            Err(Error::Io { .. }) if path.is_dir() => None,
            Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotADirectory => None,
            Err(Error::NotFound { .. }) => None,
            opened => Some(opened?),
        };
        let whole = whole.ok_or_else(|| Error::NotFound { what: self.uri.of(key) })?;
        let meta = Meta { key: key.clone(), bytes: whole.len(), etag: etag(&whole)? };
        let body = match range {
            None => whole,
            Some(r) => {
                let len = usize::try_from(r.end.saturating_sub(r.start)).unwrap_or(usize::MAX);
                Blob::from(whole.bytes_at(r.start, len)?)
            }
        };
        Ok(Object { meta, body })
    }

    fn head(&self, key: &Key) -> Result<Option<Meta>, Error> {
        match self.get(key, None) {
            Ok(object) => Ok(Some(object.meta)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn list(&self, request: &ListRequest) -> Result<Page, Error> {
        let start = match &request.folder {
            Some(folder) => self.path(folder)?,
            None => self.root.clone(),
        };
        let mut walk = Walk {
            store: self,
            delimiter: request.delimiter,
            after: request.after.as_ref().map_or("", |t| t.0.as_str()),
            pager: Pager::new(request.limit),
        };
        walk.folder(&start, request.folder.as_ref())?;
        Ok(walk.pager.finish())
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "the store is where rename is made safe: under a lock"
    )]
    fn put(&self, key: &Key, body: &Body, precondition: &Precondition) -> Result<ETag, Error> {
        let target = self.path(key)?;
        if target.is_dir() {
            // Not an object, so that no condition holds or fails: who tries again meets it again.
            let found = "expected a file, found a folder: remove it";
            return Err(Error::io(target)(io::Error::new(io::ErrorKind::IsADirectory, found)));
        }
        let staged = self.stage(body)?;
        let failed = || Error::PreconditionFailed { what: self.uri.of(key) };
        // Taken before the file has its name: afterwards another may have replaced it.
        let etag = etag(&Blob::open_path(&staged.path)?)?;
        match precondition {
            Precondition::IfAbsent => {
                match self.place(&target, || fs::hard_link(&staged.path, &target)) {
                    Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Err(failed()),
                    placed => placed.map_err(Error::io(&target))?,
                }
                // The object must have no second name under which it could still be written.
                fs::remove_file(&staged.path).map_err(Error::io(&staged.path))?;
            }
            Precondition::None | Precondition::IfMatch(_) => {
                let _lock = self.swap_lock()?;
                if let Precondition::IfMatch(expected) = precondition
                    && self.head(key)?.is_none_or(|found| found.etag != *expected)
                {
                    return Err(failed());
                }
                self.place(&target, || fs::rename(&staged.path, &target))
                    .map_err(Error::io(&target))?;
            }
        }
        Ok(etag)
    }

    fn delete(&self, key: &Key) -> Result<(), Error> {
        let target = self.path(key)?;
        if !target.is_file() {
            return Ok(());
        }
        self.workspace()?;
        let _lock = self.swap_lock()?;
        match fs::remove_file(&target) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            removed => removed.map_err(Error::io(&target))?,
        }
        // A folder is there only while it holds something, as on S3.
        let mut folder = target.parent().unwrap_or(&self.root);
        while folder != self.root && fs::remove_dir(folder).is_ok() {
            folder = folder.parent().unwrap_or(&self.root);
        }
        sync_folder(folder).or_else(gone).map_err(Error::io(folder))
    }

    fn scratch(&self) -> Result<Scratch, Error> {
        self.workspace()?.scratch()
    }

    fn uri(&self) -> &Uri {
        &self.uri
    }

    fn local_path(&self, key: &Key) -> Option<PathBuf> {
        self.path(key).ok()
    }
}

fn gone(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

fn etag(blob: &Blob) -> Result<ETag, Error> {
    if blob.len() <= HASHED {
        return Ok(ETag(sha256(&blob.bytes()?)));
    }
    Ok(ETag(blob.file_identity()?))
}

/// Makes the folders from `root` (made too) down to `folder`, each flushed into its parent.
fn create_folders(root: &Path, folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent().filter(|_| folder != root) {
        create_folders(root, parent)?;
        match fs::create_dir(folder) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            made => made?,
        }
        return sync_folder(parent);
    }
    fs::create_dir_all(folder)
}

/// Flushes the names in a folder. Only unix can; elsewhere the file system's journal must do.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

struct Walk<'a> {
    store: &'a DirStore,
    delimiter: bool,
    after: &'a str,
    pager: Pager,
}

impl Walk<'_> {
    /// Adds what lies in a folder, in byte order of the keys; false once the page is full. Names
    /// that are not a key were not put by a store and are passed over.
    fn folder(&mut self, path: &Path, key: Option<&Key>) -> Result<bool, Error> {
        let entries = match fs::read_dir(path) {
            Err(e) if is_absent(&e) => return Ok(true),
            entries => entries.map_err(Error::io(path))?,
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry.map_err(Error::io(path))?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let child = match key {
                Some(key) => key.join(&name),
                None if name == HIDDEN => continue,
                None => Key::new(&name),
            };
            // Follows links: raw data may lie elsewhere.
            let (Ok(child), Ok(meta)) = (child, fs::metadata(entry.path())) else { continue };
            let sort = format!("{child}{}", if meta.is_dir() { "/" } else { "" });
            found.push((sort, child, entry.path(), meta.is_dir()));
        }
        found.sort();
        for (sort, child, path, is_dir) in found {
            let before = sort.as_str() <= self.after;
            let added = match is_dir {
                // A page may end within a folder: `after` then lies below it.
                true if before && !self.after.starts_with(&sort) => true,
                true if !self.delimiter => self.folder(&path, Some(&child))?,
                true if before || !holds_object(&path) => true,
                true => self.pager.add(child, None),
                false if before => true,
                false => match self.store.head(&child)? {
                    Some(meta) => self.pager.add(child, Some(meta)),
                    None => true,
                },
            };
            if !added {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Whether any file lies below a folder: an empty one is not a prefix.
fn holds_object(folder: &Path) -> bool {
    fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| {
        let path = entry.path();
        path.is_file() || (path.is_dir() && holds_object(&path))
    })
}
