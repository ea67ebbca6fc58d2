//! Makes staged steps visible, one rename each, and takes them back if a later one fails.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempDir};

use super::error::{EmitError, at};
use super::interrupt::Interrupt;
use super::stage::Staged;

/// How to take back what was made visible.
enum Undo {
    /// Rename it back into the hidden folder, which is then removed.
    Tree {
        hidden: TempDir,
        from: PathBuf,
        to: PathBuf,
    },
    /// The tree filled an empty folder that was there: rename these back.
    Entries {
        hidden: TempDir,
        moved: Vec<(PathBuf, PathBuf)>,
    },
    Remove(PathBuf),
    /// Rename the old file, which was kept, over the new one.
    Restore {
        old: NamedTempFile,
        to: PathBuf,
    },
}

pub(super) fn commit(staged: Vec<Staged>, interrupt: &Interrupt) -> Result<(), EmitError> {
    let mut done: Vec<Undo> = Vec::with_capacity(staged.len());
    let total = staged.len();
    for step in staged {
        let stopped = if interrupt.is_raised() { Err(EmitError::Interrupted) } else { Ok(()) };
        match stopped.and_then(|()| show(step)) {
            Ok(undo) => done.push(undo),
            Err(failure) => return Err(take_back(done, failure)),
        }
    }
    // After the last rename everything is done: Ctrl-C comes too late.
    debug_assert_eq!(done.len(), total);
    Ok(())
}

fn show(step: Staged) -> Result<Undo, EmitError> {
    match step {
        Staged::Tree { hidden, from, to } if to.is_dir() => fill(hidden, &from, &to),
        Staged::Tree { hidden, from, to } => {
            fs::rename(&from, &to).map_err(at("create", &to))?;
            Ok(Undo::Tree { hidden, from, to })
        }
        Staged::File { contents, to } => {
            contents.persist_noclobber(&to).map_err(|error| at("create", &to)(error.error))?;
            Ok(Undo::Remove(to))
        }
        Staged::Replacement { contents, to, old } => {
            let old = keep(&to, &old)?;
            contents.persist(&to).map_err(|error| at("replace", &to)(error.error))?;
            Ok(Undo::Restore { old, to })
        }
    }
}

/// Moves a tree into an empty folder that is there, which may be the one the user stands in.
///
/// `Cargo.toml` comes last: until then it is no crate, to cargo and to us.
fn fill(hidden: TempDir, from: &Path, to: &Path) -> Result<Undo, EmitError> {
    let entries = fs::read_dir(from).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut names: Vec<_> = entries.map_err(at("read", from))?.iter().map(fs::DirEntry::file_name).collect();
    names.sort_by_key(|name| (name == "Cargo.toml", name.clone()));
    let mut moved = Vec::with_capacity(names.len());
    for name in names {
        let (source, target) = (from.join(&name), to.join(&name));
        // A rename would replace a file that came meanwhile.
        let free = if target.symlink_metadata().is_ok() {
            Err(EmitError::Exists { path: target.clone() })
        } else {
            Ok(())
        };
        match free.and_then(|()| fs::rename(&source, &target).map_err(at("create", &target))) {
            Ok(()) => moved.push((source, target)),
            Err(failure) => return Err(take_back(vec![Undo::Entries { hidden, moved }], failure)),
        }
    }
    Ok(Undo::Entries { hidden, moved })
}

/// Keeps the old file beside the new one: putting it back is a rename, which needs no space and loses nothing.
fn keep(to: &Path, expected: &str) -> Result<NamedTempFile, EmitError> {
    let held = fs::read_to_string(to).map_err(at("read", to))?;
    if held != expected {
        return Err(EmitError::Changed { path: to.to_owned() });
    }
    let folder = to.parent().unwrap_or(to);
    let place = tempfile::Builder::new().prefix(".umbrella-").tempfile_in(folder);
    let place = place.map_err(at("write into", folder))?;
    fs::copy(to, place.path()).map_err(at("copy", to))?;
    Ok(place)
}

fn take_back(done: Vec<Undo>, failure: EmitError) -> EmitError {
    done.into_iter().rev().fold(failure, |failure, undo| match undo.run() {
        Ok(()) => failure,
        Err((path, source)) => EmitError::NotUndone { failure: Box::new(failure), path, source },
    })
}

impl Undo {
    fn run(self) -> Result<(), (PathBuf, io::Error)> {
        match self {
            Self::Tree { hidden, from, to } => {
                fs::rename(&to, &from).map_err(|error| (to, error))?;
                drop(hidden);
            }
            Self::Entries { hidden, moved } => {
                for (source, target) in moved.into_iter().rev() {
                    fs::rename(&target, &source).map_err(|error| (target, error))?;
                }
                drop(hidden);
            }
            Self::Remove(path) => fs::remove_file(&path).map_err(|error| (path, error))?,
            Self::Restore { old, to } => {
                old.persist(&to).map_err(|error| (to, error.error))?;
            }
        }
        Ok(())
    }
}
