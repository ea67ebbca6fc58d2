//! What has to be tested again when files changed. PURE.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::lock::{changed_in_lock, standing_outside};
use super::root_manifest::{RootChange, change_of_root};
use crate::workspace::Workspace;

/// A file at two moments: when it was last good, and now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    /// Its text then; nothing if it was not there.
    pub before: Option<String>,
    /// Its text now.
    pub now: Option<String>,
}

/// What changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes<'a> {
    /// The files, absolute; those that are gone, too.
    pub files: Vec<&'a Path>,
    /// The manifest of the root.
    pub manifest: Versions,
    /// The lock file.
    pub lock: Versions,
}

/// The members to be tested again, each with why: those that changed, and everything downstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Affected {
    /// All, because of something that is not of one member.
    All {
        /// What it was: `config/test.toml`.
        because: String,
    },
    /// These, by name.
    Members(BTreeMap<String, String>),
}

/// Who has to be tested again when a file changes.
#[derive(Debug, PartialEq, Eq)]
enum Owner<'a> {
    Member(&'a str),
    Root(RootFile),
    /// It may matter to anybody.
    All,
    /// It is not in the workspace: it matters to those that depend on packages out there.
    Outside,
    /// What is built matters to nobody.
    Nobody,
}

#[derive(Debug, PartialEq, Eq)]
enum RootFile {
    Manifest,
    Lock,
}

/// Decides.
#[must_use]
pub fn affected(workspace: &Workspace, changes: &Changes<'_>) -> Affected {
    let mut changed: BTreeMap<&str, String> = BTreeMap::new();
    for file in &changes.files {
        let shown = || file.strip_prefix(&workspace.root).unwrap_or(file).display().to_string();
        match owner(workspace, file) {
            Owner::Nobody => {}
            Owner::Member(name) => drop(changed.entry(name).or_insert_with(shown)),
            Owner::All => return Affected::All { because: shown() },
            Owner::Root(RootFile::Manifest) => match change_of_root(workspace, &changes.manifest) {
                RootChange::All { because } => return Affected::All { because },
                RootChange::Members(names) => names.into_iter().for_each(|(name, why)| {
                    changed.entry(name).or_insert(why);
                }),
            },
            Owner::Root(RootFile::Lock) => match changed_in_lock(workspace, &changes.lock) {
                None => return Affected::All { because: shown() },
                Some(names) => names.into_iter().for_each(|(name, why)| {
                    changed.entry(name).or_insert(why);
                }),
            },
            Owner::Outside => match standing_outside(workspace, changes.lock.now.as_deref()) {
                None => return Affected::All { because: shown() },
                Some(names) => names.into_iter().for_each(|name| {
                    changed.entry(name).or_insert_with(shown);
                }),
            },
        }
    }
    Affected::Members(downstream(workspace, &changed))
}

fn owner<'a>(workspace: &'a Workspace, file: &Path) -> Owner<'a> {
    if file.starts_with(&workspace.target_directory) {
        Owner::Nobody
    } else if file == workspace.manifest_path() {
        Owner::Root(RootFile::Manifest)
    } else if file == workspace.root.join("Cargo.lock") {
        Owner::Root(RootFile::Lock)
    } else if let Some(member) = workspace.member_containing(file) {
        Owner::Member(&member.name)
    } else if file.starts_with(&workspace.root) {
        Owner::All
    } else {
        Owner::Outside
    }
}

/// Those that changed and all that are built of them, each with the change behind it.
fn downstream(workspace: &Workspace, changed: &BTreeMap<&str, String>) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for (name, why) in changed {
        for affected in workspace.with_dependent_members([*name]) {
            let why = if affected == *name { why.clone() } else { format!("{name}: {why}") };
            found.entry(affected.to_owned()).or_insert(why);
        }
    }
    for (name, why) in changed {
        found.insert((*name).to_owned(), why.clone());
    }
    found
}

impl Affected {
    /// The names among `units` that have to be tested again.
    #[must_use]
    pub fn of<'a>(&self, units: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
        let units = units.into_iter();
        match self {
            Self::All { .. } => units.collect(),
            Self::Members(members) => units.filter(|unit| members.contains_key(*unit)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::fixture::umbrella;

    fn abc() -> Workspace {
        umbrella(&[("a", &["b"]), ("b", &["c"]), ("c", &[]), ("d", &[])])
    }

    fn names(files: &[&str]) -> String {
        let files: Vec<_> = files.iter().map(Path::new).collect();
        match affected(&abc(), &Changes { files, ..Changes::default() }) {
            Affected::All { because } => format!("all: {because}"),
            Affected::Members(members) => members.into_keys().collect::<Vec<_>>().join(" "),
        }
    }

    #[test]
    fn a_change_affects_its_member_and_everything_downstream() {
        for (files, expected) in [
            (&["/abc/apps/c/src/lib.rs"][..], "a b c"),
            (&["/abc/apps/b/README.md"], "a b"),
            (&["/abc/apps/a/tests/gone.rs", "/abc/apps/d/Cargo.toml"], "a d"),
            (&["/abc/target/debug/a"], ""),
            (&["/abc/config/test.toml"], "all: config/test.toml"),
            (&["/abc/apps/d/src/lib.rs", "/abc/rust-toolchain.toml"], "all: rust-toolchain.toml"),
            (&["/abc/templates/page.html"], "all: templates/page.html"),
            (&["/abc/Cargo.lock"], "all: Cargo.lock"),
            (&[], ""),
        ] {
            assert_eq!(names(files), expected, "{files:?}");
        }
    }

    #[test]
    fn why_is_said_with_the_change_behind_it() {
        let changes = Changes { files: vec![Path::new("/abc/apps/c/src/lib.rs")], ..Changes::default() };
        let Affected::Members(members) = affected(&abc(), &changes) else { panic!("not all") };
        assert_eq!(members["c"], "apps/c/src/lib.rs");
        assert_eq!(members["a"], "c: apps/c/src/lib.rs");
    }
}
