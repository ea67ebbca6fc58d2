//! Builds everything a plan makes, where nobody sees it.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile, TempDir};

use super::error::{EmitError, at};
use crate::plan::{Contents, Entry, Plan, Step};

/// A step that is ready to become visible.
#[derive(Debug)]
pub(super) enum Staged {
    /// A tree, complete, in a hidden folder that is removed when dropped.
    Tree {
        hidden: TempDir,
        /// What is renamed, within `hidden`.
        from: PathBuf,
        /// Its destination: the new folder, or the highest folder above it that is not there yet.
        to: PathBuf,
    },
    File {
        contents: NamedTempFile,
        to: PathBuf,
    },
    Move {
        from: PathBuf,
        to: PathBuf,
    },
    /// A folder that goes into a hidden one, which is removed when everything is done.
    Removal {
        hidden: TempDir,
        folder: PathBuf,
    },
    Replacement {
        contents: NamedTempFile,
        to: PathBuf,
        old: String,
    },
}

pub(super) fn stage(plan: &Plan) -> Result<Vec<Staged>, EmitError> {
    plan.steps.iter().map(stage_step).collect()
}

pub(super) fn check_step(step: &Step) -> Result<(), EmitError> {
    match step {
        Step::NewTree { folder, .. } => refuse_if_filled(folder),
        Step::NewFile { path, .. } if path.symlink_metadata().is_ok() => {
            Err(EmitError::Exists { path: path.clone() })
        }
        Step::Move { to, .. } => refuse_if_there(to),
        Step::NewFile { .. } | Step::Replace { .. } | Step::Remove { .. } => Ok(()),
    }
}

fn stage_step(step: &Step) -> Result<Staged, EmitError> {
    check_step(step)?;
    match step {
        Step::NewTree { folder, entries } => stage_tree(folder, entries),
        Step::NewFile { path, contents } => {
            Ok(Staged::File { contents: hidden_contents(path, contents)?, to: path.clone() })
        }
        Step::Move { from, to } => Ok(Staged::Move { from: from.clone(), to: to.clone() }),
        Step::Remove { folder } => {
            let hidden = hidden_folder(folder.parent().unwrap_or(folder))?;
            Ok(Staged::Removal { hidden, folder: folder.clone() })
        }
        Step::Replace { path, old, new, .. } => {
            // Through a symbolic link: what it points to is replaced, not the link.
            let to = path.canonicalize().map_err(at("read", path))?;
            let contents = hidden_file(&to, new)?;
            let permissions = fs::metadata(&to).map_err(at("read", path))?.permissions();
            contents.as_file().set_permissions(permissions).map_err(at("write", &to))?;
            // Somebody's manifest: it must be on the disk before it takes the place of the old one.
            contents.as_file().sync_all().map_err(at("write", &to))?;
            Ok(Staged::Replacement { contents, to, old: old.clone() })
        }
    }
}

fn stage_tree(folder: &Path, entries: &[Entry]) -> Result<Staged, EmitError> {
    // Folders above the new one that are missing come with it, in the same rename.
    let mut to = folder;
    let mut place = folder.parent().unwrap_or(folder);
    while !place.exists() {
        to = place;
        place = place.parent().unwrap_or(Path::new("/"));
    }
    let hidden = hidden_folder(place)?;
    let from = hidden.path().join("tree");
    let top = match folder.strip_prefix(to) {
        Ok(below) => from.join(below),
        Err(_) => from.clone(),
    };
    fs::create_dir_all(&top).map_err(at("create", folder))?;
    for entry in entries {
        let destination = folder.join(entry.path());
        let path = top.join(entry.path());
        match entry {
            Entry::Folder(_) => fs::create_dir_all(&path).map_err(at("create", &destination))?,
            Entry::File { contents, .. } => {
                if let Some(parent) = path.parent() {
                    fs::create_dir_all(parent).map_err(at("create", &destination))?;
                }
                write(contents, &path).map_err(at("write", &destination))?;
            }
        }
    }
    Ok(Staged::Tree { hidden, from, to: to.to_owned() })
}

/// Writes a file that is not there.
fn write(contents: &Contents, path: &Path) -> io::Result<()> {
    match contents {
        Contents::Text(text) => fs::write(path, text),
        Contents::Script(text) => {
            fs::write(path, text)?;
            make_executable(path)
        }
        Contents::CopyOf(from) if from.is_symlink() => symlink(fs::read_link(from)?, path),
        Contents::CopyOf(from) => fs::copy(from, path).map(|_| ()),
    }
}

/// A hidden folder in `place` or beside it.
fn hidden_folder(place: &Path) -> Result<TempDir, EmitError> {
    // Not among the crates of a workspace: under `members = ["apps/*"]` a hidden folder left there breaks cargo.
    let is_root = |folder: &&Path| folder.join("Cargo.toml").is_file();
    let place = place.parent().filter(is_root).unwrap_or(place);
    Builder::new().prefix(".umbrella-").tempdir_in(place).map_err(at("write into", place))
}

fn refuse_if_there(path: &Path) -> Result<(), EmitError> {
    if path.symlink_metadata().is_ok() { Err(EmitError::Exists { path: path.to_owned() }) } else { Ok(()) }
}

/// Only an empty folder may be where a new one is to be.
fn refuse_if_filled(folder: &Path) -> Result<(), EmitError> {
    if folder.symlink_metadata().is_err() {
        return Ok(());
    }
    let exists = || EmitError::Exists { path: folder.to_owned() };
    if !folder.is_dir() {
        return Err(exists());
    }
    let mut entries = fs::read_dir(folder).map_err(at("read", folder))?;
    if entries.next().is_some() { Err(exists()) } else { Ok(()) }
}

/// Whoever may read it may execute it.
fn make_executable(path: &Path) -> io::Result<()> {
    let mode = fs::metadata(path)?.permissions().mode();
    fs::set_permissions(path, fs::Permissions::from_mode(mode | (mode & 0o444) >> 2))
}

fn hidden_contents(destination: &Path, contents: &Contents) -> Result<NamedTempFile, EmitError> {
    let file = hidden_file(destination, contents.text().unwrap_or_default())?;
    match contents {
        Contents::Text(_) => {}
        Contents::Script(_) => make_executable(file.path()).map_err(at("write", destination))?,
        Contents::CopyOf(from) => _ = fs::copy(from, file.path()).map_err(at("copy", from))?,
    }
    Ok(file)
}

fn hidden_file(destination: &Path, contents: &str) -> Result<NamedTempFile, EmitError> {
    let folder = destination.parent().unwrap_or(destination);
    // As any new file: what the umask leaves of rw-rw-rw-.
    let permissions = fs::Permissions::from_mode(0o666);
    let builder = Builder::new().prefix(".umbrella-").permissions(permissions).tempfile_in(folder);
    let mut file = builder.map_err(at("write into", folder))?;
    file.write_all(contents.as_bytes()).map_err(at("write", destination))?;
    Ok(file)
}
