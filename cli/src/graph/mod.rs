//! The graph of an umbrella, and the ways to show it. Pure.
//!
//! ```text
//! Workspace (+ deployment) --Graph::of--> Graph --tree, dot, mermaid, json, html--> text
//! ```
//!
//! An edge runs from who depends to what it depends on. Release crates are left out: they depend on everything they run.

mod dot;
mod features;
mod html;
mod implied;
mod json;
mod judge;
mod layout;
mod mermaid;
mod paths;
mod tree;

#[cfg(test)]
mod tests;

pub use dot::dot;
pub use features::{FeatureUse, feature_uses};
pub use html::html;
pub use json::json;
pub use judge::{Judgement, Misrule, Violation, forbidden, judge};
pub use mermaid::mermaid;
pub use paths::{Paths, paths};
pub use tree::tree;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::deployment::ResolvedDeployment;
use crate::workspace::{DependencyKind, Member, MemberRole, Workspace};

/// Members of a workspace and what they depend on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Graph {
    /// By name.
    pub nodes: Vec<Node>,
    /// By who depends, then by what on.
    pub edges: Vec<Edge>,
}

/// A member in the graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Its package name.
    pub name: String,
    /// What it is to umbrella.
    #[serde(rename = "kind")]
    pub role: MemberRole,
    /// Its package version.
    pub version: String,
    /// Its folder, relative to the root.
    pub folder: String,
    /// The release that starts it, where a deployment was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
}

/// A dependency of one member on another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Edge {
    /// Who depends.
    pub from: String,
    /// On what.
    pub to: String,
    /// How; the strongest, if there are several entries.
    pub kind: DependencyKind,
    /// Whether only a feature asks for it.
    pub optional: bool,
    /// Whether calls along it leave the node, where a deployment was asked for.
    pub between_nodes: bool,
}

impl Graph {
    /// The graph of the members called `names` and everything below them; of all members if there is no name.
    #[must_use]
    pub fn of(workspace: &Workspace, names: &[String], deployment: Option<&ResolvedDeployment>) -> Self {
        let placed = placed(deployment);
        let members: Vec<&Member> =
            workspace.members.iter().filter(|member| member.role != MemberRole::Release).collect();
        let wanted = wanted(&members, names);
        let chosen = || members.iter().filter(|member| wanted.contains(member.name.as_str()));
        let mut nodes: Vec<Node> = chosen()
            .map(|member| Node {
                name: member.name.clone(),
                role: member.role,
                version: member.version.clone(),
                folder: workspace.folder_of(member),
                release: placed.get(member.name.as_str()).map(|release| (*release).to_owned()),
            })
            .collect();
        nodes.sort_by(|a, b| a.name.cmp(&b.name));
        let mut edges: Vec<Edge> = chosen().flat_map(|member| edges_of(member, &wanted, &placed)).collect();
        edges.sort();
        Self { nodes, edges }
    }

    /// What `name` depends on, and how.
    pub fn below<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Edge> {
        self.edges.iter().filter(move |edge| edge.from == name)
    }

    /// The member of this name.
    #[must_use]
    pub fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.name == name)
    }

    /// The members on whom nobody depends but for tests; of a circle of tests, the first.
    #[must_use]
    pub fn roots(&self) -> Vec<&Node> {
        let used = |node: &&Node| self.edges.iter().any(|edge| edge.to == node.name && edge.is_built());
        self.nodes.iter().filter(|node| !used(node)).collect()
    }

    /// The same without what only tests need.
    #[must_use]
    pub fn built(mut self) -> Self {
        self.edges.retain(Edge::is_built);
        self
    }

    /// The releases that nodes are in, by name.
    #[must_use]
    pub fn releases(&self) -> BTreeSet<&str> {
        self.nodes.iter().filter_map(|node| node.release.as_deref()).collect()
    }
}

impl Edge {
    /// Whether who depends is built of it: everything but dev-dependencies.
    #[must_use]
    pub fn is_built(&self) -> bool {
        self.kind != DependencyKind::Dev
    }

    /// What stands beside the name where the edge is no plain one: `(dev)`, `(build)`, `(optional)`.
    #[must_use]
    pub fn remark(&self) -> Option<&'static str> {
        match self.kind {
            DependencyKind::Dev => Some("dev"),
            DependencyKind::Build => Some("build"),
            DependencyKind::Normal => self.optional.then_some("optional"),
        }
    }
}

/// The release of each application.
fn placed(deployment: Option<&ResolvedDeployment>) -> BTreeMap<&str, &str> {
    let releases = deployment.into_iter().flat_map(|deployment| &deployment.releases);
    releases
        .flat_map(|release| release.applications.iter().map(|name| (name.as_str(), release.name.as_str())))
        .collect()
}

fn wanted<'a>(members: &[&'a Member], names: &[String]) -> BTreeSet<&'a str> {
    const ALL: [DependencyKind; 3] = [DependencyKind::Normal, DependencyKind::Build, DependencyKind::Dev];
    let is_named = |member: &&&Member| names.is_empty() || names.contains(&member.name);
    let mut wanted: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&Member> = members.iter().filter(is_named).copied().collect();
    while let Some(member) = open.pop() {
        if wanted.insert(&member.name) {
            let below = member.members_below(&ALL);
            open.extend(members.iter().filter(|member| below.contains(member.name.as_str())));
        }
    }
    wanted
}

fn edges_of(member: &Member, wanted: &BTreeSet<&str>, placed: &BTreeMap<&str, &str>) -> Vec<Edge> {
    let mut edges: BTreeMap<&str, Edge> = BTreeMap::new();
    for dependency in &member.dependencies {
        let to = dependency.package.as_str();
        if !dependency.is_member || to == member.name || !wanted.contains(to) {
            continue;
        }
        let releases = (placed.get(member.name.as_str()), placed.get(to));
        let edge = Edge {
            from: member.name.clone(),
            to: to.to_owned(),
            kind: dependency.kind,
            optional: dependency.optional,
            between_nodes: matches!(releases, (Some(from), Some(to)) if from != to)
                && dependency.kind == DependencyKind::Normal,
        };
        match edges.get_mut(to) {
            Some(known) if edge.kind < known.kind => *known = edge,
            Some(known) => known.optional &= edge.optional || edge.kind != known.kind,
            None => _ = edges.insert(to, edge),
        }
    }
    edges.into_values().collect()
}

impl MemberRole {
    /// The word that people read.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Supervised => "supervised",
            Self::Library => "library",
            Self::Crate => "crate",
            Self::Release => "release",
        }
    }
}
