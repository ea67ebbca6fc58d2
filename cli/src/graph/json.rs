//! The graph as data.

use serde_json::{Value, json};

use super::Graph;

/// `version`, `umbrella`, `nodes` and `edges`.
#[must_use]
pub fn json(graph: &Graph, name: &str) -> Value {
    json!({ "version": 1, "umbrella": name, "nodes": graph.nodes, "edges": graph.edges })
}
