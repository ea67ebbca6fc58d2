//! Which features of which packages are asked for, and by whom.
//!
//! What is asked for in the manifests, of ours and of others, before cargo resolves it: a release is built with the union
//! of what its members ask for, so that two releases of one umbrella may differ in what they build of one package.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Graph;
use crate::workspace::{DependencyKind, Workspace};

/// One package that members depend on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FeatureUse {
    /// Its name.
    pub package: String,
    /// The versions asked for; more than one may end as two versions in one program.
    pub requirements: BTreeSet<String>,
    /// Each feature with who asks for it; `default` is among them.
    pub features: BTreeMap<String, BTreeSet<String>>,
    /// The features each release builds it with, where they differ.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub differs: BTreeMap<String, BTreeSet<String>>,
}

/// What the members of `graph` ask for, by package. Dev-dependencies are in no release, and not here; nor are members of
/// whom nobody asks more than that they are there.
#[must_use]
pub fn feature_uses(workspace: &Workspace, graph: &Graph) -> Vec<FeatureUse> {
    let mut uses: BTreeMap<&str, FeatureUse> = BTreeMap::new();
    for node in &graph.nodes {
        let dependencies = workspace.member(&node.name).into_iter().flat_map(|member| &member.dependencies);
        for dependency in dependencies.filter(|dependency| dependency.kind != DependencyKind::Dev) {
            let package = dependency.package.as_str();
            let entry = uses.entry(package).or_insert_with(|| FeatureUse {
                package: package.to_owned(),
                requirements: BTreeSet::new(),
                features: BTreeMap::new(),
                differs: BTreeMap::new(),
            });
            entry.requirements.insert(dependency.requirement.clone());
            let default = dependency.default_features.then(|| "default".to_owned());
            for feature in dependency.features.iter().cloned().chain(default) {
                entry.features.entry(feature).or_default().insert(node.name.clone());
            }
        }
    }
    let is_plain = |found: &FeatureUse| found.features.keys().all(|feature| feature == "default");
    let is_member = |found: &FeatureUse| workspace.member(&found.package).is_some();
    let mut uses: Vec<FeatureUse> =
        uses.into_values().filter(|found| !(is_member(found) && is_plain(found))).collect();
    for entry in &mut uses {
        entry.differs = differing(graph, workspace, entry);
    }
    uses
}

/// The features of a package in each release that has it, if they are not the same in all of these.
fn differing(graph: &Graph, workspace: &Workspace, entry: &FeatureUse) -> BTreeMap<String, BTreeSet<String>> {
    let mut by_release: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for release in graph.releases() {
        let in_release = members_of(graph, release);
        let depends = |name: &&str| {
            let dependencies = workspace.member(name).into_iter().flat_map(|member| &member.dependencies);
            dependencies.into_iter().any(|dependency| {
                dependency.package == entry.package && dependency.kind != DependencyKind::Dev
            })
        };
        if in_release.iter().any(depends) {
            let asked = entry
                .features
                .iter()
                .filter(|(_, by)| by.iter().any(|name| in_release.contains(name.as_str())));
            by_release.insert(release.to_owned(), asked.map(|(feature, _)| feature.clone()).collect());
        }
    }
    let mut sets = by_release.values();
    let first = sets.next();
    if sets.all(|other| Some(other) == first) { BTreeMap::new() } else { by_release }
}

/// What a release is built of: what it starts, and everything below that. (An application elsewhere is linked too.)
fn members_of<'a>(graph: &'a Graph, release: &str) -> BTreeSet<&'a str> {
    let started = graph.nodes.iter().filter(|node| node.release.as_deref() == Some(release));
    let mut open: Vec<&str> = started.map(|node| node.name.as_str()).collect();
    let mut members = BTreeSet::new();
    while let Some(name) = open.pop() {
        if members.insert(name) {
            open.extend(graph.below(name).filter(|edge| edge.is_built()).map(|edge| edge.to.as_str()));
        }
    }
    members
}
