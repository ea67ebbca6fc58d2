//! The graph for Graphviz.

use std::fmt::Write;

use super::{Edge, Graph, Node};
use crate::workspace::{DependencyKind, MemberRole};

/// A `digraph`; releases are clusters, calls between nodes are red, dev-dependencies dashed.
#[must_use]
pub fn dot(graph: &Graph, name: &str) -> String {
    let mut text = format!("digraph {} {{\n    node [fontname=\"sans-serif\"];\n", quoted(name));
    for (index, release) in graph.releases().into_iter().enumerate() {
        let _infallible =
            writeln!(text, "    subgraph cluster_{index} {{\n        label={};", quoted(release));
        for node in graph.nodes.iter().filter(|node| node.release.as_deref() == Some(release)) {
            let _infallible = writeln!(text, "        {}", declared(node));
        }
        text += "    }\n";
    }
    for node in graph.nodes.iter().filter(|node| node.release.is_none()) {
        let _infallible = writeln!(text, "    {}", declared(node));
    }
    for edge in &graph.edges {
        let _infallible =
            writeln!(text, "    {} -> {}{};", quoted(&edge.from), quoted(&edge.to), style(edge));
    }
    text + "}\n"
}

fn declared(node: &Node) -> String {
    let shape = match node.role {
        MemberRole::Supervised => "box, style=rounded",
        MemberRole::Library => "box",
        MemberRole::Crate | MemberRole::Release => "plaintext",
    };
    format!("{} [shape={shape}];", quoted(&node.name))
}

fn style(edge: &Edge) -> &'static str {
    match edge.kind {
        _ if edge.between_nodes => " [color=red]",
        DependencyKind::Dev => " [style=dashed]",
        DependencyKind::Build => " [style=dotted]",
        DependencyKind::Normal => "",
    }
}

/// Names of packages have no quotes in them; that of an umbrella is a name too.
fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}
