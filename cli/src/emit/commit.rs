//! Makes staged steps visible, one rename each, and takes them back if a later one fails.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempDir};

use super::error::{EmitError, at};
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
    /// Rename it back.
    Move {
        from: PathBuf,
        to: PathBuf,
    },
    /// Rename it back out of the hidden folder, which is removed with it otherwise.
    Removal {
        hidden: TempDir,
        folder: PathBuf,
    },
    /// Rename the old file, which was kept, over the new one.
    Restore {
        old: NamedTempFile,
        to: PathBuf,
    },
}

/// Shows every step, or none. After the last rename everything is done: an interruption comes too late then.
pub(super) fn commit(staged: Vec<Staged>, is_interrupted: &dyn Fn() -> bool) -> Result<(), EmitError> {
    let mut done: Vec<Undo> = Vec::with_capacity(staged.len());
    for step in staged {
        let stopped = if is_interrupted() { Err(EmitError::Interrupted) } else { Ok(()) };
        match stopped.and_then(|()| show(step)) {
            Ok(undo) => done.push(undo),
            Err(failure) => return Err(take_back(done, failure)),
        }
    }
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
        Staged::Move { from, to } => {
            // A rename would take the place of an empty folder that came meanwhile.
            if to.symlink_metadata().is_ok() {
                return Err(EmitError::Exists { path: to });
            }
            fs::rename(&from, &to).map_err(at("move", &from))?;
            Ok(Undo::Move { from, to })
        }
        Staged::Removal { hidden, folder } => {
            fs::rename(&folder, hidden.path().join("removed")).map_err(at("remove", &folder))?;
            Ok(Undo::Removal { hidden, folder })
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
            Self::Move { from, to } => fs::rename(&to, &from).map_err(|error| (from, error))?,
            Self::Removal { hidden, folder } => {
                fs::rename(hidden.path().join("removed"), &folder).map_err(|error| (folder, error))?;
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::collections::BTreeMap;
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    use std::path::{Path, PathBuf};

    use tempfile::{TempDir, tempdir};
    use walkdir::WalkDir;

    use super::super::stage::stage;
    use super::{EmitError, commit};
    use crate::emit::{Interrupt, execute};
    use crate::plan::{Entry, Plan, Step};

    /// Every file and folder below `root`, hidden ones too.
    fn tree(root: &Path) -> BTreeMap<PathBuf, Option<String>> {
        let entries = WalkDir::new(root).min_depth(1).into_iter().map(Result::unwrap);
        entries.map(|entry| (entry.path().to_owned(), fs::read_to_string(entry.path()).ok())).collect()
    }

    fn umbrella() -> TempDir {
        let root = tempdir().unwrap();
        fs::write(root.path().join("Cargo.toml"), "old manifest").unwrap();
        fs::write(root.path().join("main.rs"), "old main").unwrap();
        root
    }

    fn file(path: &str, contents: &str) -> Entry {
        Entry::File { path: path.into(), contents: contents.into() }
    }

    fn replace(path: PathBuf, old: &str) -> Step {
        Step::Replace { path, old: old.into(), new: "new".into(), summary: None }
    }

    /// Of every kind of step one; two of them below `apps`, which is not there.
    fn plan(root: &Path) -> Plan {
        let entries =
            vec![file("Cargo.toml", "[package]"), file("src/lib.rs", ""), Entry::Folder("empty".into())];
        let steps = vec![
            Step::NewTree { folder: root.join("apps/b"), entries },
            replace(root.join("Cargo.toml"), "old manifest"),
            Step::NewFile { path: root.join("config.toml"), contents: "[b]".into() },
            replace(root.join("main.rs"), "old main"),
        ];
        Plan { steps }
    }

    fn run(plan: &Plan) -> Result<(), EmitError> {
        execute(plan, &Interrupt::default())
    }

    #[test]
    fn a_plan_is_executed_and_leaves_nothing_else() {
        let root = umbrella();
        run(&plan(root.path())).unwrap();
        let relative = |path: &Path| path.strip_prefix(root.path()).unwrap().display().to_string();
        let paths: Vec<String> = tree(root.path()).keys().map(|path| relative(path)).collect();
        let expected = [
            "Cargo.toml",
            "apps",
            "apps/b",
            "apps/b/Cargo.toml",
            "apps/b/empty",
            "apps/b/src",
            "apps/b/src/lib.rs",
            "config.toml",
            "main.rs",
        ];
        assert_eq!(paths, expected);
        assert_eq!(fs::read_to_string(root.path().join("Cargo.toml")).unwrap(), "new");
        assert_eq!(fs::read_to_string(root.path().join("config.toml")).unwrap(), "[b]");
    }

    #[test]
    fn an_interruption_before_any_step_leaves_the_tree_as_it_was() {
        let root = umbrella();
        let before = tree(root.path());
        for step in 0..4 {
            let asked = Cell::new(0);
            let interrupted = || asked.replace(asked.get() + 1) == step;
            let failure = commit(stage(&plan(root.path())).unwrap(), &interrupted).unwrap_err();
            assert!(matches!(failure, EmitError::Interrupted), "{failure:?}");
            assert_eq!(tree(root.path()), before, "interrupted before step {step}");
        }
    }

    #[test]
    fn a_step_that_fails_takes_the_earlier_ones_back() {
        let root = umbrella();
        let before = tree(root.path());
        let mut changed = plan(root.path());
        changed.steps.push(replace(root.path().join("main.rs"), "what nobody wrote"));
        let failure = run(&changed).unwrap_err();
        assert!(matches!(failure, EmitError::Changed { .. }), "{failure:?}");
        assert_eq!(tree(root.path()), before);

        let mut unwritable = plan(root.path());
        unwritable.steps.push(replace(root.path().join("nowhere/Cargo.toml"), ""));
        let failure = run(&unwritable).unwrap_err();
        assert!(matches!(failure, EmitError::Io { .. }), "{failure:?}");
        assert_eq!(tree(root.path()), before);
    }

    #[test]
    fn what_came_between_staging_and_showing_is_not_overwritten() {
        let root = umbrella();
        let staged = stage(&plan(root.path())).unwrap();
        fs::write(root.path().join("config.toml"), "somebody else's").unwrap();
        let failure = commit(staged, &|| false).unwrap_err();
        assert!(matches!(failure, EmitError::Exists { .. }), "{failure:?}");
        assert_eq!(fs::read_to_string(root.path().join("config.toml")).unwrap(), "somebody else's");
        assert_eq!(fs::read_to_string(root.path().join("Cargo.toml")).unwrap(), "old manifest");
        assert!(!root.path().join("apps").exists());
    }

    #[test]
    fn an_empty_folder_is_filled_and_stays_the_same_folder() {
        let root = umbrella();
        let folder = root.path().join("apps/b");
        fs::create_dir_all(&folder).unwrap();
        let (before, inode) = (tree(root.path()), fs::metadata(&folder).unwrap().ino());
        let mut broken = plan(root.path());
        broken.steps.push(replace(root.path().join("main.rs"), "what nobody wrote"));
        run(&broken).unwrap_err();
        assert_eq!(tree(root.path()), before);
        run(&plan(root.path())).unwrap();
        assert!(folder.join("src/lib.rs").is_file());
        assert_eq!(fs::metadata(&folder).unwrap().ino(), inode);
    }

    #[test]
    fn folders_with_something_in_them_and_files_are_refused() {
        let root = umbrella();
        let new = |folder: PathBuf| Plan { steps: vec![Step::NewTree { folder, entries: Vec::new() }] };
        for taken in [root.path().to_owned(), root.path().join("main.rs")] {
            let failure = run(&new(taken.clone())).unwrap_err();
            assert!(matches!(&failure, EmitError::Exists { path } if *path == taken), "{failure:?}");
        }
    }

    #[test]
    fn folders_that_are_moved_and_removed_come_back_when_a_later_step_fails() {
        let root = umbrella();
        let path = |name: &str| root.path().join(name);
        for folder in ["apps/b/src", "apps/c"] {
            fs::create_dir_all(path(folder)).unwrap();
        }
        fs::write(path("apps/b/src/lib.rs"), "b").unwrap();
        fs::write(path("apps/c/lib.rs"), "c").unwrap();
        let before = tree(root.path());
        let mut plan = Plan {
            steps: vec![
                Step::Move { from: path("apps/b"), to: path("apps/d") },
                Step::Remove { folder: path("apps/c") },
                replace(path("main.rs"), "what nobody wrote"),
            ],
        };
        run(&plan).unwrap_err();
        assert_eq!(tree(root.path()), before);
        plan.steps.pop();
        run(&plan).unwrap();
        let after = tree(root.path());
        assert_eq!(after.get(&path("apps/d/src/lib.rs")), Some(&Some("b".to_owned())));
        assert_eq!(after.len(), before.len() - 2, "nothing else is left: {after:?}");
        let taken = Plan { steps: vec![Step::Move { from: path("apps/d"), to: path("main.rs") }] };
        assert!(matches!(run(&taken).unwrap_err(), EmitError::Exists { .. }));
    }

    #[test]
    fn a_replaced_file_keeps_its_permissions_and_its_link() {
        let root = umbrella();
        let (real, link) = (root.path().join("main.rs"), root.path().join("link.rs"));
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&real, &link).unwrap();
        run(&Plan { steps: vec![replace(link.clone(), "old main")] }).unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), "new");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    }
}
