//! The graph for Mermaid, which GitHub draws inside of Markdown.

use std::fmt::Write;

use super::{Graph, Node};
use crate::workspace::MemberRole;

/// A `graph TD`; releases are subgraphs, calls between nodes thick arrows, dev-dependencies dotted ones.
#[must_use]
pub fn mermaid(graph: &Graph) -> String {
    let mut text = "graph TD\n".to_owned();
    for release in graph.releases() {
        let _infallible = writeln!(text, "    subgraph {}[\"{release}\"]", id("release_", release));
        for node in graph.nodes.iter().filter(|node| node.release.as_deref() == Some(release)) {
            let _infallible = writeln!(text, "        {}", declared(node));
        }
        text += "    end\n";
    }
    for node in graph.nodes.iter().filter(|node| node.release.is_none()) {
        let _infallible = writeln!(text, "    {}", declared(node));
    }
    for edge in &graph.edges {
        let arrow = match edge.remark() {
            _ if edge.between_nodes => "==>".to_owned(),
            Some(remark) => format!("-. {remark} .->"),
            None => "-->".to_owned(),
        };
        let _infallible = writeln!(text, "    {} {arrow} {}", id("", &edge.from), id("", &edge.to));
    }
    text
}

fn declared(node: &Node) -> String {
    let (id, name) = (id("", &node.name), &node.name);
    match node.role {
        MemberRole::Supervised => format!("{id}([\"{name}\"])"),
        MemberRole::Library => format!("{id}[\"{name}\"]"),
        MemberRole::Crate | MemberRole::Release => format!("{id}>\"{name}\"]"),
    }
}

/// `end` and words with hyphens mean something to Mermaid; these do not.
fn id(prefix: &str, name: &str) -> String {
    format!("{prefix}{}_", name.replace('-', "_"))
}
