//! One release at a time in a workspace.
//!
//! Two at once would write the same release crates and the same root manifest, and one would build what the other
//! wrote. The second one waits, as cargo does for its build folder.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

use crate::error::Failure;

/// Why the lock was not to be had.
#[derive(Debug, Error, Diagnostic)]
#[error("could not lock `{}`", path.display())]
pub struct LockError {
    /// The file.
    pub path: PathBuf,
    /// What the system said.
    #[source]
    pub source: io::Error,
}

impl Failure for LockError {}

/// The right to make releases in a workspace; given back when dropped, or when the process ends in whatever way.
#[derive(Debug)]
pub struct ReleaseLock {
    _file: File,
}

impl ReleaseLock {
    /// Takes the lock that is the file `path`; calls `waiting` once if another one has it.
    ///
    /// # Errors
    /// [`LockError`].
    pub fn acquire(path: &Path, waiting: impl FnOnce()) -> Result<Self, LockError> {
        let failed = |source| LockError { path: path.to_owned(), source };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let file = File::options().write(true).create(true).truncate(false).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                waiting();
                file.lock().map_err(failed)?;
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread;

    use super::ReleaseLock;

    #[test]
    fn the_second_one_says_so_and_waits_for_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("umbrella/release.lock");
        let first = ReleaseLock::acquire(&path, || panic!("nobody else is here")).unwrap();
        let (waits, waiting) = channel();
        let second = thread::spawn({
            let path = path.clone();
            move || ReleaseLock::acquire(&path, || waits.send(()).unwrap()).map(drop)
        });
        waiting.recv().unwrap();
        assert!(!second.is_finished());
        drop(first);
        second.join().unwrap().unwrap();
    }
}
