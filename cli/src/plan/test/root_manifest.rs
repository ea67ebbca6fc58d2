//! What a change of the root manifest means for whom. PURE.

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::{Document, Item, TableLike};

use super::affected::Versions;
use crate::workspace::Workspace;

/// Who is affected by a change of the root manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RootChange<'a> {
    /// Everybody: a profile, a lint, a patch, the metadata of others.
    All { because: String },
    /// The members that depend on what changed in `[workspace.dependencies]`, each with why; and those that run, if the
    /// umbrella is called otherwise.
    Members(BTreeMap<&'a str, String>),
}

pub(super) fn change_of_root<'a>(workspace: &'a Workspace, manifest: &Versions) -> RootChange<'a> {
    let all = || RootChange::All { because: "Cargo.toml".to_owned() };
    let (Some(before), Some(now)) = (&manifest.before, &manifest.now) else { return all() };
    let parse = |text: &str| Document::parse(text.to_owned()).ok();
    let (Some(before), Some(now)) = (parse(before), parse(now)) else { return all() };
    if let Some(because) = differs_elsewhere(&before, &now) {
        return RootChange::All { because: format!("{because} of Cargo.toml") };
    }
    let mut changed = BTreeMap::new();
    let packages = differing_dependencies(&before, &now);
    let renamed = name(&before) != name(&now);
    for member in &workspace.members {
        // Variables and nodes of what runs are called after the umbrella; nothing that is built is.
        if renamed && member.dependencies.iter().any(|below| below.package == "umbrella-runtime") {
            changed.insert(member.name.as_str(), "the umbrella's name in Cargo.toml".to_owned());
        }
        let changed_below = member.dependencies.iter().find(|below| packages.contains(&below.package));
        if let Some(below) = changed_below {
            changed.insert(member.name.as_str(), format!("`{}` in Cargo.toml", below.package));
        }
    }
    RootChange::Members(changed)
}

/// The first table in which the two differ and that is not read package by package: what members there are shows in their
/// files, and deployments are for releases.
fn differs_elsewhere(before: &Document<String>, now: &Document<String>) -> Option<String> {
    let tops: BTreeSet<&str> = before.iter().chain(now.iter()).map(|(key, _)| key).collect();
    for top in tops {
        let (one, other) = (before.get(top), now.get(top));
        if top != "workspace" {
            if text(one) != text(other) {
                return Some(format!("[{top}]"));
            }
            continue;
        }
        for key in keys(one).union(&keys(other)) {
            let (one, other) = (below(one, key), below(other, key));
            let differs = match key.as_str() {
                "dependencies" | "members" | "default-members" => false,
                "metadata" => metadata(one) != metadata(other),
                _ => text(one) != text(other),
            };
            if differs {
                return Some(format!("[workspace.{key}]"));
            }
        }
    }
    None
}

/// The packages whose entries in `[workspace.dependencies]` differ, under their real names.
fn differing_dependencies(before: &Document<String>, now: &Document<String>) -> BTreeSet<String> {
    let table = |document| below(below_document(document, "workspace"), "dependencies");
    let (one, other) = (table(before), table(now));
    let mut packages = BTreeSet::new();
    for key in keys(one).union(&keys(other)) {
        let entries = [below(one, key), below(other, key)];
        if text(entries[0]) != text(entries[1]) {
            let renamed = entries.iter().filter_map(|entry| below(*entry, "package")?.as_str());
            packages.extend(renamed.map(str::to_owned));
            packages.insert(key.clone());
        }
    }
    packages
}

/// `[workspace.metadata]` without that of umbrella: deployments, rules and aliases are for nobody's tests.
fn metadata(item: Option<&Item>) -> Vec<(String, String)> {
    let others = keys(item).into_iter().filter(|key| key != "umbrella");
    others.map(|key| (text(below(item, &key)), key)).collect()
}

/// What the umbrella is called.
fn name(document: &Document<String>) -> Option<&str> {
    let workspace = below_document(document, "workspace");
    below(below(below(workspace, "metadata"), "umbrella"), "name")?.as_str()
}

fn below_document<'a>(document: &'a Document<String>, key: &str) -> Option<&'a Item> {
    document.get(key)
}

fn below<'a>(item: Option<&'a Item>, key: &str) -> Option<&'a Item> {
    item?.as_table_like()?.get(key)
}

fn keys(item: Option<&Item>) -> BTreeSet<String> {
    let table = item.and_then(Item::as_table_like);
    table
        .map(|table: &dyn TableLike| table.iter().map(|(key, _)| key.to_owned()).collect())
        .unwrap_or_default()
}

/// An entry as data: without what is between it and its neighbours.
fn text(item: Option<&Item>) -> String {
    let Some(item) = item else { return String::new() };
    match item.as_table_like() {
        Some(table) => {
            let entries: BTreeMap<&str, String> =
                table.iter().map(|(key, item)| (key, text(Some(item)))).collect();
            format!("{entries:?}")
        }
        None => match item.as_value() {
            Some(value) => value.clone().decorated("", "").to_string(),
            None => item.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::fixture::umbrella;

    const BEFORE: &str = "[workspace]\nmembers = [\"apps/a\"]\n\n[workspace.dependencies]\nb = { path = \"apps/b\" }\n\
        c = { path = \"apps/c\" }\n[profile.dev]\ndebug = 1\n[workspace.metadata.umbrella]\nname = \"abc\"\n";

    fn change(from: &str, to: &str) -> String {
        let workspace = umbrella(&[("a", &["b"]), ("b", &["c"]), ("c", &[])]);
        assert!(BEFORE.contains(from), "{from}");
        let versions = Versions { before: Some(BEFORE.into()), now: Some(BEFORE.replace(from, to)) };
        match change_of_root(&workspace, &versions) {
            RootChange::All { because } => format!("all: {because}"),
            RootChange::Members(members) => members.into_keys().collect::<Vec<_>>().join(" "),
        }
    }

    #[test]
    fn a_dependency_of_the_workspace_counts_for_those_that_have_it() {
        assert_eq!(change("\"apps/c\"", "\"apps/c\", features = [\"x\"]"), "b");
        assert_eq!(change("c = { path = \"apps/c\" }\n", ""), "b");
        assert_eq!(change("c = {", "y = \"1\"\nc = {"), "");
    }

    #[test]
    fn what_is_of_nobody_counts_for_all() {
        assert_eq!(change("debug = 1", "debug = 2"), "all: [profile] of Cargo.toml");
        assert_eq!(
            change("[profile.dev]", "[workspace.lints.rust]\nx = \"warn\"\n[profile.dev]"),
            "all: [workspace.lints] of Cargo.toml"
        );
        assert_eq!(
            change(
                "[workspace.metadata.umbrella]",
                "[workspace.metadata.x]\ny = 1\n[workspace.metadata.umbrella]"
            ),
            "all: [workspace.metadata] of Cargo.toml"
        );
        assert_eq!(change("[profile", "[profile"), "");
    }

    #[test]
    fn layout_members_and_deployments_count_for_nobody() {
        assert_eq!(change("debug = 1", "debug   =  1 # why"), "");
        assert_eq!(change("[\"apps/a\"]", "[\"apps/a\", \"apps/z\"]"), "");
        assert_eq!(change("name = \"abc\"\n", "name = \"abc\"\ndeployments = { p = \"[a]\" }\n"), "");
    }

    /// As `umbrella init` does, and `umbrella adopt` of what has no supervision tree.
    #[test]
    fn becoming_an_umbrella_counts_for_nobody_but_those_that_run() {
        assert_eq!(change("\"abc\"", "\"abd\""), "");
        assert_eq!(change("[workspace.metadata.umbrella]\nname = \"abc\"\n", ""), "");
        let rules = "name = \"abc\"\n[workspace.metadata.umbrella.rules]\ndeny.a = [\"c\"]\n";
        assert_eq!(change("name = \"abc\"\n", rules), "");
        let mut workspace = umbrella(&[("a", &["b"]), ("b", &[])]);
        workspace.members[0].dependencies[0].package = "umbrella-runtime".into();
        let versions =
            Versions { before: Some(BEFORE.into()), now: Some(BEFORE.replace("\"abc\"", "\"abd\"")) };
        let RootChange::Members(members) = change_of_root(&workspace, &versions) else { panic!("not all") };
        assert_eq!(members.into_keys().collect::<Vec<_>>(), [workspace.members[0].name.as_str()]);
    }

    #[test]
    fn a_manifest_that_was_not_there_counts_for_all() {
        let workspace = umbrella(&[("a", &[])]);
        let versions = Versions { before: None, now: Some(BEFORE.into()) };
        assert!(matches!(change_of_root(&workspace, &versions), RootChange::All { .. }));
    }
}
