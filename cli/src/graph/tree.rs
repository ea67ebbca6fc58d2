//! The graph as `cargo tree` draws one.

use std::collections::BTreeSet;

use super::{Edge, Graph, Node};

/// A line for each member, below each root; what was drawn before is marked `(*)` and not drawn again.
#[must_use]
pub fn tree(graph: &Graph, roots: &[String]) -> Vec<String> {
    let named: Vec<&Node> = roots.iter().filter_map(|name| graph.node(name)).collect();
    let roots = if named.is_empty() { graph.roots() } else { named };
    let mut drawing = Drawing { graph, lines: Vec::new(), drawn: BTreeSet::new() };
    for root in roots {
        drawing.draw(root, "", "", None);
    }
    // A circle of members that only tests close has no root: each still has its line.
    for node in &graph.nodes {
        if !drawing.drawn.contains(node.name.as_str()) {
            drawing.draw(node, "", "", None);
        }
    }
    drawing.lines
}

struct Drawing<'a> {
    graph: &'a Graph,
    lines: Vec<String>,
    drawn: BTreeSet<&'a str>,
}

impl<'a> Drawing<'a> {
    fn draw(&mut self, node: &'a Node, before: &str, below: &str, edge: Option<&Edge>) {
        let edges: Vec<&'a Edge> = self.graph.below(&node.name).collect();
        let is_first = self.drawn.insert(&node.name);
        let repeated = if is_first || edges.is_empty() { "" } else { " (*)" };
        self.lines.push(format!("{before}{}{repeated}", label(node, edge)));
        if !is_first {
            return;
        }
        for (index, edge) in edges.iter().enumerate() {
            let Some(node) = self.graph.node(&edge.to) else { continue };
            let (branch, trunk) =
                if index + 1 == edges.len() { ("└── ", "    ") } else { ("├── ", "│   ") };
            self.draw(node, &format!("{below}{branch}"), &format!("{below}{trunk}"), Some(edge));
        }
    }
}

/// `b v0.1.0 (supervised) [a_b]`, and how it is depended on.
fn label(node: &Node, edge: Option<&Edge>) -> String {
    let mut label = format!("{} v{} ({})", node.name, node.version, node.role.word());
    if let Some(release) = &node.release {
        label += &format!(" [{release}]");
    }
    if edge.is_some_and(|edge| edge.between_nodes) {
        label += " another node";
    }
    if let Some(remark) = edge.and_then(Edge::remark) {
        label += &format!(" ({remark})");
    }
    label
}
