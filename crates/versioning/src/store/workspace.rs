//! Folders for files in the making, and how those of dead processes are told from living ones.
//!
//! Who writes takes a numbered session in the folder: `7/` for its files and `7.lock`, which it
//! holds locked (flock) as long as it lives. The system drops the lock of a process that dies,
//! however it dies, so whoever can take the lock of a session knows that nobody uses it and removes
//! it. Neither clocks nor process numbers (which are used again) are asked.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use crate::Error;

/// A session: a folder of this process's own. Removed when the last user has dropped it.
#[derive(Debug)]
pub(crate) struct Session {
    dir: PathBuf,
    lock: Option<(PathBuf, File)>,
    next: AtomicU64,
}

impl Session {
    /// Takes a session in `root`, which is made if absent.
    pub(crate) fn open(root: &Path) -> Result<Self, Error> {
        fs::create_dir_all(root).map_err(Error::io(root))?;
        let _guard = guard(root)?;
        for number in 1_u64.. {
            let lock_path = root.join(format!("{number}.lock"));
            let lock = match File::options().write(true).create_new(true).open(&lock_path) {
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => continue,
                opened => opened.map_err(Error::io(&lock_path))?,
            };
            lock.lock().map_err(Error::io(&lock_path))?;
            let dir = root.join(number.to_string());
            fs::create_dir_all(&dir).map_err(Error::io(&dir))?;
            return Ok(Self { dir, lock: Some((lock_path, lock)), next: AtomicU64::new(0) });
        }
        unreachable!("2^64 sessions")
    }

    /// Removes the sessions in `root` that nobody uses. What cannot be removed (a store on a disk
    /// that is read-only) stays: it is in nobody's way.
    pub(crate) fn clean(root: &Path) {
        // Who makes or cleans sessions this moment, or is stopped while it does, is not waited for:
        // a reader must not be, and what is left today goes another day.
        let Ok(file) = guard_file(root) else { return };
        if file.try_lock().is_err() {
            return;
        }
        for entry in fs::read_dir(root).into_iter().flatten().flatten() {
            let lock_path = entry.path();
            if lock_path.extension().is_none_or(|e| e != "lock") {
                continue;
            }
            let Ok(lock) = File::options().write(true).open(&lock_path) else { continue };
            match lock.try_lock() {
                Ok(()) => remove(&lock_path.with_extension(""), &lock_path),
                Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {}
            }
        }
    }

    /// A path in the session that is not taken.
    pub(crate) fn fresh_path(&self) -> PathBuf {
        self.dir.join(self.next.fetch_add(1, Ordering::Relaxed).to_string())
    }

    /// Whether a path lies in the session.
    pub(crate) fn holds(&self, path: &Path) -> bool {
        path.starts_with(&self.dir)
    }

    /// A folder in the session.
    pub(crate) fn scratch(self: &Arc<Self>) -> Result<Scratch, Error> {
        let path = self.fresh_path();
        fs::create_dir(&path).map_err(Error::io(&path))?;
        Ok(Scratch { path, _workspace: Some(Arc::clone(self)) })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some((lock_path, _lock)) = self.lock.take() {
            // Still locked here: a cleaner leaves it alone until it is gone.
            remove(&self.dir, &lock_path);
        }
    }
}

/// The lock file goes last: a folder without one would never be cleaned.
fn remove(dir: &Path, lock_path: &Path) {
    match fs::remove_dir_all(dir) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => {}
        _ => drop(fs::remove_file(lock_path)),
    }
}

/// Held while sessions are made and cleaned, so that none is cleaned between its making and its
/// locking.
fn guard(root: &Path) -> Result<File, Error> {
    let file = guard_file(root)?;
    lock(&file, &root.join("guard"), &Patience::DEFAULT)?;
    Ok(file)
}

fn guard_file(root: &Path) -> Result<File, Error> {
    let path = root.join("guard");
    let file = File::options().write(true).create(true).truncate(false).open(&path);
    file.map_err(Error::io(&path))
}

/// How long a lock is waited for. They are held for the time of a few system calls, so whoever
/// holds one for long is stopped, or its disk hangs.
pub(crate) struct Patience {
    /// From when on the user is told.
    pub(crate) told: Duration,
    /// When it ends.
    pub(crate) ends: Duration,
}

impl Patience {
    pub(crate) const DEFAULT: Self =
        Self { told: Duration::from_secs(2), ends: Duration::from_secs(30) };
}

/// Takes a lock.
///
/// # Errors
/// [`Error::Unavailable`] when somebody holds it for too long; [`Error::Io`].
pub(crate) fn lock(file: &File, path: &Path, patience: &Patience) -> Result<(), Error> {
    const PAUSE: Duration = Duration::from_millis(20);
    let (mut waited, mut is_told) = (Duration::ZERO, false);
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(Error::io(path)(error)),
            Err(TryLockError::WouldBlock) => {}
        }
        let seconds = waited.as_secs();
        if waited >= patience.ends {
            return Err(Error::Unavailable {
                what: path.display().to_string(),
                reason: format!(
                    "another process has held this lock for {seconds} s, so it is stopped or its \
                     disk hangs: let it go on, or end it (`fuser` names it), and run again"
                ),
            });
        }
        if waited >= patience.told && !is_told {
            is_told = true;
            let said = format!("waiting for {}: another process holds this lock", path.display());
            drop(writeln!(io::stderr(), "{said}"));
        }
        thread::sleep(PAUSE);
        waited += PAUSE;
    }
}

/// A folder for files in the making, removed with all that is in it when dropped.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    /// Keeps the session that the folder lies in.
    _workspace: Option<Arc<Session>>,
}

impl Scratch {
    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A folder in the system's own place for temporary files.
    pub(crate) fn in_system_folder() -> Result<Self, Error> {
        let root = std::env::temp_dir();
        let process = std::process::id();
        for number in 0_u64.. {
            let path = root.join(format!("mllab-{process}-{number}"));
            match fs::create_dir(&path) {
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                made => {
                    made.map_err(Error::io(&path))?;
                    return Ok(Self { path, _workspace: None });
                }
            }
        }
        unreachable!("2^64 folders")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.path));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(root: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(root)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_session_in_use_is_left_alone_and_a_dead_one_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let living = Arc::new(Session::open(root).unwrap());
        let scratch = living.scratch().unwrap();
        // What a killed process leaves: its files, and a lock file that nobody holds.
        fs::create_dir_all(root.join("2/0")).unwrap();
        File::create(root.join("2/0/half")).unwrap();
        File::create(root.join("2.lock")).unwrap();
        Session::clean(root);
        assert_eq!(names(root), ["1", "1.lock", "guard"]);
        assert!(scratch.path().is_dir());
        drop(living);
        assert!(scratch.path().is_dir(), "a scratch keeps its session");
        drop(scratch);
        assert_eq!(names(root), ["guard"]);
    }

    #[test]
    fn a_lock_that_is_held_is_no_wait_for_who_cleans_and_ends_for_who_writes() {
        let dir = tempfile::tempdir().unwrap();
        let held = guard_file(dir.path()).unwrap();
        held.lock().unwrap();
        Session::clean(dir.path());
        let patience = Patience { told: Duration::ZERO, ends: Duration::from_millis(60) };
        let file = guard_file(dir.path()).unwrap();
        let error = lock(&file, &dir.path().join("guard"), &patience).unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }), "{error}");
        assert!(error.to_string().contains("has held this lock"), "{error}");
        drop(held);
        lock(&file, &dir.path().join("guard"), &patience).unwrap();
    }

    #[test]
    fn sessions_made_and_cleaned_at_once_do_not_meet() {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let session = Arc::new(Session::open(dir.path()).unwrap());
                        let scratch = session.scratch().unwrap();
                        Session::clean(dir.path());
                        File::create(scratch.path().join("x")).unwrap();
                    }
                });
            }
        });
        assert_eq!(names(dir.path()), ["guard"]);
    }
}
