//! What is kept from one run to the next, in `target/umbrella/test/`: what failed, what passed, and which tests there are.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::cargo::Listings;
use crate::emit::{EmitError, keep};
use crate::plan::test::{Files, Memory};
use crate::workspace::Workspace;

/// What is kept.
pub(super) struct Kept {
    /// What came of earlier runs; nothing if there was none.
    pub(super) memory: Option<Memory>,
    /// Which tests programs have.
    pub(super) listings: Listings,
    before: (Option<Memory>, Listings),
}

impl Kept {
    pub(super) fn read(workspace: &Workspace) -> Self {
        let memory = fs::read_to_string(memory_path(workspace)).ok().and_then(|text| Memory::read(&text));
        let listings = fs::read(listings_path(workspace)).ok();
        let listings: Listings =
            listings.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        Self { before: (memory.clone(), listings.clone()), memory, listings }
    }

    /// Writes what is other than before.
    pub(super) fn write(&mut self, workspace: &Workspace) -> Result<(), EmitError> {
        if self.before.0 != self.memory {
            let text = serde_json::to_string(&self.memory).unwrap_or_default();
            keep(&memory_path(workspace), &text)?;
        }
        if self.before.1 != self.listings {
            let text = serde_json::to_string(&self.listings).unwrap_or_default();
            keep(&listings_path(workspace), &text)?;
        }
        self.before = (self.memory.clone(), self.listings.clone());
        Ok(())
    }
}

fn memory_path(workspace: &Workspace) -> PathBuf {
    workspace.root.join("target/umbrella/test/memory.json")
}

fn listings_path(workspace: &Workspace) -> PathBuf {
    workspace.root.join("target/umbrella/test/listings.json")
}

/// The files of a workspace, each with a digest of what is in it. What is built, and what git keeps, is none of them.
pub(super) fn files(workspace: &Workspace) -> Files {
    let digest = |path: PathBuf| {
        let mut hasher = DefaultHasher::new();
        fs::read(&path).ok()?.hash(&mut hasher);
        Some((path, hasher.finish()))
    };
    walk(&workspace.root, &workspace.target_directory).filter_map(digest).collect()
}

/// The files below a folder, without those that are built.
pub(super) fn walk(root: &Path, target: &Path) -> impl Iterator<Item = PathBuf> {
    let (target, own) = (target.to_owned(), root.join("target"));
    let is_source = move |entry: &DirEntry| {
        let path = entry.path();
        !(path == target || path == own || entry.file_name() == ".git" || entry.file_name() == "node_modules")
    };
    let entries = WalkDir::new(root).into_iter().filter_entry(is_source).filter_map(Result::ok);
    entries.filter(|entry| entry.file_type().is_file()).map(DirEntry::into_path)
}
