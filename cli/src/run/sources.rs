//! The files that programs are made of, looked at for changes.
//!
//! By their times and sizes, again and again: a thousand files take a few milliseconds, on every file system, in every
//! container. Considered: the crate `notify`, which is told by the system, not everywhere, and brings a dozen crates.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use walkdir::WalkDir;

/// Files, as they were when they were looked at last.
#[derive(Debug)]
pub struct Sources {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
    seen: BTreeMap<PathBuf, (Option<SystemTime>, u64)>,
}

impl Sources {
    /// These files, and all in these folders, which need not be there.
    #[must_use]
    pub fn new(files: Vec<PathBuf>, folders: Vec<PathBuf>) -> Self {
        let mut sources = Self { files, folders, seen: BTreeMap::new() };
        sources.seen = sources.look();
        sources
    }

    /// What was made, changed or removed since the last time.
    pub fn changed(&mut self) -> Vec<PathBuf> {
        let now = self.look();
        let made =
            now.iter().filter(|(path, state)| self.seen.get(*path) != Some(state)).map(|(path, _)| path);
        let gone = self.seen.keys().filter(|path| !now.contains_key(*path));
        let changed = made.chain(gone).cloned().collect();
        self.seen = now;
        changed
    }

    fn look(&self) -> BTreeMap<PathBuf, (Option<SystemTime>, u64)> {
        let inside = self.folders.iter().flat_map(|folder| {
            let all = WalkDir::new(folder)
                .into_iter()
                .filter_entry(|entry| entry.depth() == 0 || !is_left_out(entry.path()));
            all.filter_map(Result::ok)
                .filter(|entry| entry.file_type().is_file())
                .map(walkdir::DirEntry::into_path)
        });
        self.files
            .iter()
            .cloned()
            .chain(inside)
            .filter_map(|path| Some((state_of(&path)?, path)))
            .map(|(state, path)| (path, state))
            .collect()
    }
}

fn state_of(path: &Path) -> Option<(Option<SystemTime>, u64)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok(), metadata.len()))
}

/// What is built, and what editors and version control keep beside files.
fn is_left_out(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    name == "target" || name.starts_with('.') || name.ends_with('~') || name.ends_with(".swp")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_changed_and_removed_is_told_once() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name);
        fs::create_dir_all(path("b/src")).expect("a folder");
        fs::create_dir_all(path("b/target")).expect("a folder");
        fs::write(path("b/src/lib.rs"), "1").expect("a file");
        fs::write(path("Cargo.toml"), "1").expect("a file");
        let mut sources = Sources::new(vec![path("Cargo.toml")], vec![path("b"), path("nowhere")]);
        assert!(sources.changed().is_empty());
        fs::write(path("b/src/lib.rs"), "12").expect("a file");
        fs::write(path("b/src/new.rs"), "1").expect("a file");
        fs::write(path("b/src/.lib.rs.swp"), "1").expect("a file");
        fs::write(path("b/target/abc"), "1").expect("a file");
        assert_eq!(sources.changed(), [path("b/src/lib.rs"), path("b/src/new.rs")]);
        assert!(sources.changed().is_empty());
        fs::remove_file(path("b/src/new.rs")).expect("it is there");
        fs::write(path("Cargo.toml"), "12").expect("a file");
        assert_eq!(sources.changed(), [path("Cargo.toml"), path("b/src/new.rs")]);
    }
}
