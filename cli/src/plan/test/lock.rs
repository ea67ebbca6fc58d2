//! What a change of `Cargo.lock` means for whom: each member stands on its own part of it. PURE.

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::{Document, Item};

use super::affected::Versions;
use crate::workspace::Workspace;

/// A locked package, as others name it: `serde 1.0.2`.
type Id = (String, String);

struct Locked {
    /// All but what it depends on: where from, and its checksum.
    identity: String,
    dependencies: Vec<String>,
}

/// The packages of a lock file.
struct Lock(BTreeMap<Id, Locked>);

/// The members for which another version of something is locked, each with why; nothing if that cannot be told.
pub(super) fn changed_in_lock<'a>(
    workspace: &'a Workspace,
    lock: &Versions,
) -> Option<BTreeMap<&'a str, String>> {
    let before = Lock::read(lock.before.as_deref()?)?;
    let now = Lock::read(lock.now.as_deref()?)?;
    let mut changed = BTreeMap::new();
    for member in &workspace.members {
        let (one, other) = (before.below(&member.name), now.below(&member.name));
        let difference = other.symmetric_difference(&one).next();
        if let Some((package, _)) = difference {
            changed.insert(member.name.as_str(), format!("`{package}` in Cargo.lock"));
        }
    }
    Some(changed)
}

/// The members that stand on a package that lies outside of the workspace, by its path; nothing if that cannot be told.
pub(super) fn standing_outside<'a>(workspace: &'a Workspace, lock: Option<&str>) -> Option<Vec<&'a str>> {
    let lock = Lock::read(lock?)?;
    // What comes from a registry or a repository says so; what is at a path does not.
    let is_outside = |(name, identity): &(String, String)| {
        identity.split(' ').nth(1).is_some_and(str::is_empty) && workspace.member(name).is_none()
    };
    let stands = |name: &&str| lock.below(name).iter().any(is_outside);
    Some(workspace.members.iter().map(|member| member.name.as_str()).filter(stands).collect())
}

/// What a member stands on by this lock file, as one text; nothing if it cannot be read.
pub(crate) fn locked_below(lock: &str, member: &str) -> Option<String> {
    Some(format!("{:?}", Lock::read(lock)?.below(member)))
}

impl Lock {
    fn read(text: &str) -> Option<Self> {
        let document = Document::parse(text.to_owned()).ok()?;
        let mut packages = BTreeMap::new();
        let Some(tables) = document.get("package") else { return Some(Self(packages)) };
        for table in tables.as_array_of_tables()?.iter() {
            let text = |key: &str| table.get(key).and_then(Item::as_str).unwrap_or_default().to_owned();
            let names = table.get("dependencies").and_then(Item::as_array);
            let names = names.into_iter().flatten().filter_map(|name| Some(name.as_str()?.to_owned()));
            let identity = format!("{} {}", text("source"), text("checksum"));
            packages
                .insert((text("name"), text("version")), Locked { identity, dependencies: names.collect() });
        }
        Some(Self(packages))
    }

    /// All that a member is built of, without itself: names, and which it is.
    fn below(&self, member: &str) -> BTreeSet<(String, String)> {
        let mut seen: BTreeSet<&Id> = BTreeSet::new();
        let mut open: Vec<&Id> = self.0.keys().filter(|(name, _)| name == member).collect();
        let mut found = BTreeSet::new();
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            let locked = &self.0[id];
            if id.0 != member {
                found.insert((id.0.clone(), format!("{} {}", id.1, locked.identity)));
            }
            open.extend(locked.dependencies.iter().filter_map(|name| self.named(name)));
        }
        found
    }

    /// `serde`, `serde 1.0.2` where there are several, `serde 1.0.2 (registry+...)` where these are from several places.
    fn named(&self, dependency: &str) -> Option<&Id> {
        let mut words = dependency.split(' ');
        let (name, version) = (words.next()?, words.next());
        self.0.keys().find(|id| id.0 == name && version.is_none_or(|version| id.1 == version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::fixture::umbrella;

    fn lock(serde: &str, checksum: &str) -> String {
        let package = |name: &str, version: &str, rest: &str| {
            format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{rest}\n")
        };
        [
            package("a", "0.1.0", "dependencies = [\"b\"]"),
            package("b", "0.1.0", "dependencies = [\"serde\", \"toml 2.0.0\"]"),
            package("c", "0.1.0", "dependencies = [\"toml 1.0.0\"]"),
            package("serde", serde, "source = \"r\"\ndependencies = [\"serde\"]"),
            package("toml", "1.0.0", &format!("checksum = \"{checksum}\"")),
            package("toml", "2.0.0", ""),
        ]
        .concat()
    }

    fn changed(before: &str, now: &str) -> Option<String> {
        let workspace = umbrella(&[("a", &["b"]), ("b", &[]), ("c", &[])]);
        let versions = Versions { before: Some(before.into()), now: Some(now.into()) };
        let changed = changed_in_lock(&workspace, &versions)?;
        Some(changed.into_keys().collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn a_locked_version_counts_for_those_that_stand_on_it() {
        let before = lock("1.0.0", "x");
        assert_eq!(changed(&before, &before).as_deref(), Some(""));
        assert_eq!(changed(&before, &lock("1.0.1", "x")).as_deref(), Some("a b"));
        assert_eq!(changed(&before, &lock("1.0.0", "y")).as_deref(), Some("c"));
        assert_eq!(changed(&before, "[[package]]\nname = 1").as_deref(), Some("a b c"));
        assert_eq!(changed(&before, "no lock"), None);
    }

    #[test]
    fn packages_at_a_path_outside_are_known_by_having_no_source() {
        let workspace = umbrella(&[("a", &["b"]), ("b", &[]), ("c", &[])]);
        let text = lock("1.0.0", "x").replace("checksum = \"x\"", "source = \"r\"");
        assert_eq!(standing_outside(&workspace, Some(&text)), Some(vec!["a", "b"]), "on toml 2.0.0");
        assert_eq!(standing_outside(&workspace, None), None);
    }

    #[test]
    fn what_a_member_stands_on_is_one_text() {
        let text = |serde: &str, member: &str| locked_below(&lock(serde, "x"), member);
        assert_eq!(text("1.0.0", "c"), text("1.0.1", "c"));
        assert_ne!(text("1.0.0", "a"), text("1.0.1", "a"));
    }
}
