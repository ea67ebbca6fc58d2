//! Trees of files, compared.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

/// The files and folders below a folder, by relative path; a folder has no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree(pub BTreeMap<PathBuf, Option<String>>);

impl Tree {
    /// Reads what is below `root`, without what git, cargo and umbrella keep there (`.git`, `target`, `Cargo.lock`).
    ///
    /// # Panics
    /// If it cannot be read as text.
    #[must_use]
    pub fn read(root: &Path) -> Self {
        let kept = ["Cargo.lock", "target", ".git"];
        let entries = WalkDir::new(root).min_depth(1).into_iter();
        let entries = entries.filter_entry(|entry| !kept.iter().any(|name| entry.file_name() == *name));
        let read = |entry: walkdir::DirEntry| {
            let path = entry.path().strip_prefix(root).expect("the walk is below its root").to_owned();
            let text = entry.file_type().is_file().then(|| {
                fs::read_to_string(entry.path()).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
            });
            (path, text)
        };
        Self(entries.map(|entry| read(entry.expect("the tree can be walked"))).collect())
    }
}

/// Compares two trees file by file.
///
/// # Panics
/// Naming the first path that differs, with both texts.
pub fn assert_same_tree(expected: &Tree, actual: &Tree) {
    let paths = |tree: &Tree| tree.0.keys().map(|path| path.display().to_string()).collect::<Vec<_>>();
    assert_eq!(paths(expected), paths(actual), "other files");
    for (path, text) in &expected.0 {
        assert_eq!(text, &actual.0[path], "{}", path.display());
    }
}
