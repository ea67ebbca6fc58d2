//! The tracked files of this repository, read once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use walkdir::{DirEntry, WalkDir};

/// A text file.
pub(crate) struct File {
    /// From the root of the repository, with `/` between its parts.
    pub(crate) path: String,
    pub(crate) text: String,
}

static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
    let mut paths = tracked().unwrap_or_else(found);
    paths.sort();
    // What is not text, or was deleted and not yet committed, has nothing to say.
    let read = |path: String| fs::read_to_string(root().join(&path)).ok().map(|text| File { path, text });
    paths.into_iter().filter_map(read).collect()
});

/// The folder that holds everything.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the root")
}

/// Every text file, sorted by path.
pub(crate) fn files() -> &'static [File] {
    &FILES
}

/// The file at `path`.
pub(crate) fn file(path: &str) -> Option<&'static File> {
    files().iter().find(|file| file.path == path)
}

/// Whether `path` is `place`, or lies in the folder `place`.
pub(crate) fn lies_in(path: &str, place: &str) -> bool {
    path.strip_prefix(place)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || place.ends_with('/'))
}

/// What git tracks or is about to; none in a copy without its history.
fn tracked() -> Option<Vec<String>> {
    let listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let output = Command::new("git").args(listing).current_dir(root()).output().ok()?;
    let paths = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| paths.split_terminator('\0').map(str::to_owned).collect())
}

fn found() -> Vec<String> {
    let built = |entry: &DirEntry| matches!(entry.file_name().to_str(), Some("target" | ".git"));
    let entries = WalkDir::new(root()).into_iter().filter_entry(|entry| !built(entry)).flatten();
    let files = entries.filter(|entry| entry.file_type().is_file()).map(DirEntry::into_path);
    files.filter_map(|path| slashed(&path)).collect()
}

fn slashed(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.strip_prefix(root()).ok()?.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}

/// Where the file at `path` is on this machine.
pub(crate) fn on_disk(path: &str) -> PathBuf {
    root().join(path)
}

#[test]
fn the_tree_is_seen_with_and_without_git() {
    let found = found();
    for known in ["Cargo.toml", "tests/tidy/source.rs"] {
        assert!(file(known).is_some(), "{known} is not among the files");
        assert!(found.iter().any(|path| path == known), "{known} is not found without git");
    }
}
