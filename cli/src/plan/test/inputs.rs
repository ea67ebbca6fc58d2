//! A digest of all that the tests of a unit depend on. PURE.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::lock::locked_below;
use super::order::fnv1a;
use crate::workspace::{DependencyKind, Workspace};

/// The files of a workspace, absolute, each with a digest of what is in it.
pub type Files = BTreeMap<PathBuf, u64>;

/// A digest of what the tests of each unit depend on: its files, those of all members below it, what is locked for it, and
/// everything that is of no member.
#[must_use]
pub fn inputs(workspace: &Workspace, files: &Files, lock: &str) -> BTreeMap<String, String> {
    // No package has an empty name: that is what is of no member.
    let own = |path: &Path| workspace.member_containing(path).map_or("", |member| &member.name);
    let mut by_owner: BTreeMap<&str, String> = BTreeMap::new();
    for (path, digest) in files.iter().filter(|(path, _)| **path != workspace.root.join("Cargo.lock")) {
        let line = format!("{} {digest}\n", path.strip_prefix(&workspace.root).unwrap_or(path).display());
        by_owner.entry(own(path)).or_default().push_str(&line);
    }
    let digest = |name: &str| {
        let below = below(workspace, name);
        let owners = below.iter().copied().chain([""]);
        let mut parts: Vec<&str> =
            owners.map(|owner| by_owner.get(owner).map(String::as_str).unwrap_or_default()).collect();
        let locked = locked_below(lock, name).unwrap_or_else(|| lock.to_owned());
        parts.push(&locked);
        format!("{:016x}", fnv1a(&parts))
    };
    workspace.members.iter().map(|member| (member.name.clone(), digest(&member.name))).collect()
}

/// A member and all that its tests are built of.
fn below<'a>(workspace: &'a Workspace, name: &'a str) -> Vec<&'a str> {
    const BUILT: [DependencyKind; 2] = [DependencyKind::Normal, DependencyKind::Build];
    let mut found = vec![name];
    let first = workspace.member(name);
    let mut open: Vec<&str> =
        first.into_iter().flat_map(|member| member.members_below(&[DependencyKind::Dev])).collect();
    open.extend(first.into_iter().flat_map(|member| member.members_below(&BUILT)));
    while let Some(name) = open.pop() {
        if !found.contains(&name) {
            found.push(name);
            open.extend(workspace.member(name).into_iter().flat_map(|member| member.members_below(&BUILT)));
        }
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::fixture::umbrella;

    fn stale_after(changed: &str) -> String {
        let workspace = umbrella(&[("a", &["b"]), ("b", &["c"]), ("c", &[]), ("d", &[])]);
        let paths = [
            "apps/a/src/lib.rs",
            "apps/b/src/lib.rs",
            "apps/c/src/lib.rs",
            "apps/d/src/lib.rs",
            "config/test.toml",
        ];
        let mut files: Files = paths.iter().map(|path| (workspace.root.join(path), 1)).collect();
        let before = inputs(&workspace, &files, "");
        files.insert(workspace.root.join(changed), 2);
        let now = inputs(&workspace, &files, "");
        let stale = now.iter().filter(|(name, digest)| before[*name] != **digest);
        stale.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_file_is_an_input_of_its_member_and_of_all_above() {
        assert_eq!(stale_after("apps/c/src/lib.rs"), "a b c");
        assert_eq!(stale_after("apps/d/src/new.rs"), "d");
        assert_eq!(stale_after("config/test.toml"), "a b c d");
        assert_eq!(stale_after("Cargo.lock"), "", "what is locked counts for each by itself");
    }
}
