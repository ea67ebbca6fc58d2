//! Every member of the workspace, whatever it is to umbrella, and the graph that cargo sees between them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Workspace;

/// A package of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its package name.
    pub name: String,
    /// The folder of its manifest, absolute.
    pub path: PathBuf,
    /// Its package version.
    pub version: String,
    /// What it is to umbrella.
    pub role: MemberRole,
    /// What its manifest depends on, in the order written.
    pub dependencies: Vec<Dependency>,
}

/// What a member is to umbrella.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MemberRole {
    /// An application with a callback.
    Supervised,
    /// An application with nothing to start.
    Library,
    /// An ordinary crate.
    Crate,
    /// A generated release crate.
    Release,
}

/// One entry of a table of dependencies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The package, under its real name.
    pub package: String,
    /// Whether it is a member of this workspace.
    pub is_member: bool,
    /// In which table it stands.
    pub kind: DependencyKind,
    /// Whether a feature has to ask for it.
    pub optional: bool,
    /// The versions that will do, as cargo prints them.
    pub requirement: String,
    /// The features asked for.
    pub features: BTreeSet<String>,
    /// Whether the default features are asked for too.
    pub default_features: bool,
}

/// In which table a dependency stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DependencyKind {
    /// `[dependencies]`.
    Normal,
    /// `[build-dependencies]`.
    Build,
    /// `[dev-dependencies]`: only its tests, examples and benchmarks need it.
    Dev,
}

impl Member {
    /// The other members it depends on in this way, by name.
    #[must_use]
    pub fn members_below(&self, kinds: &[DependencyKind]) -> BTreeSet<&str> {
        let ours = self.dependencies.iter().filter(|dependency| dependency.is_member);
        let below = ours.filter(|dependency| kinds.contains(&dependency.kind));
        below.map(|dependency| dependency.package.as_str()).filter(|name| *name != self.name).collect()
    }
}

impl Workspace {
    /// The member of this package name.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }

    /// The member whose folder holds `path`, the innermost one.
    #[must_use]
    pub fn member_containing(&self, path: &Path) -> Option<&Member> {
        let holding = self.members.iter().filter(|member| path.starts_with(&member.path));
        holding.max_by_key(|member| member.path.components().count())
    }

    /// The members named and all that would have to be tested again if they change: whoever depends on them, directly or
    /// not. Tests of a member see its dev-dependencies, but nobody sees those through it.
    #[must_use]
    pub fn with_dependent_members<'a>(
        &'a self,
        changed: impl IntoIterator<Item = &'a str>,
    ) -> BTreeSet<&'a str> {
        const BUILT: [DependencyKind; 2] = [DependencyKind::Normal, DependencyKind::Build];
        let mut built: BTreeSet<&str> = changed.into_iter().collect();
        loop {
            let before = built.len();
            for member in &self.members {
                if member.members_below(&BUILT).iter().any(|below| built.contains(below)) {
                    built.insert(&member.name);
                }
            }
            if built.len() == before {
                break;
            }
        }
        let tests = |member: &&Member| {
            member.members_below(&[DependencyKind::Dev]).iter().any(|below| built.contains(below))
        };
        let tested: Vec<&str> =
            self.members.iter().filter(tests).map(|member| member.name.as_str()).collect();
        built.extend(tested);
        built
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::fixture::umbrella;

    #[test]
    fn whoever_depends_on_a_change_is_affected_and_tests_only_one_step_far() {
        let mut workspace = umbrella(&[("a", &["b"]), ("b", &["c"]), ("c", &[]), ("d", &[]), ("e", &["d"])]);
        let dev = Dependency { kind: DependencyKind::Dev, ..workspace.members[0].dependencies[0].clone() };
        let d = workspace.members.iter_mut().find(|member| member.name == "d").unwrap();
        d.dependencies.push(Dependency { package: "c".into(), ..dev });
        let affected = |names: &[&'static str]| {
            workspace.with_dependent_members(names.iter().copied()).into_iter().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(affected(&["c"]), "a b c d", "e is built of d, and d itself did not change");
        assert_eq!(affected(&["b"]), "a b");
        assert_eq!(affected(&["d"]), "d e");
        assert_eq!(affected(&[]), "");
    }

    #[test]
    fn a_file_belongs_to_the_innermost_member() {
        let workspace = umbrella(&[("a", &[]), ("b", &[])]);
        let inside = workspace.root.join("apps/b/src/lib.rs");
        assert_eq!(workspace.member_containing(&inside).unwrap().name, "b");
        assert_eq!(workspace.member_containing(&workspace.root.join("config/dev.toml")), None);
    }
}
