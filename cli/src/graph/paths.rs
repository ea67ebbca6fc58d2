//! Why one member depends on another.

use super::Graph;

/// More ways than this are counted and not shown.
const SHOWN: usize = 10;

/// The search gives up here: a dense graph has more ways than anybody reads.
const COUNTED: usize = 10_000;

/// The ways from one member to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The shortest first, then by name; at most ten.
    pub shown: Vec<Vec<String>>,
    /// How many there are in all, as far as was counted.
    pub count: usize,
}

/// The ways along which `from` depends on `to`, without dev-dependencies of what is in between.
#[must_use]
pub fn paths(graph: &Graph, from: &str, to: &str) -> Paths {
    let mut found = Vec::new();
    visit(graph, to, &mut vec![from.to_owned()], &mut found);
    let count = found.len();
    found.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    found.truncate(SHOWN);
    Paths { shown: found, count }
}

fn visit(graph: &Graph, to: &str, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let Some(last) = path.last().cloned() else { return };
    let is_first = path.len() == 1;
    for edge in graph.below(&last).filter(|edge| is_first || edge.is_built()) {
        if found.len() >= COUNTED || path.contains(&edge.to) {
            continue;
        }
        path.push(edge.to.clone());
        if edge.to == to {
            found.push(path.clone());
        } else {
            visit(graph, to, path, found);
        }
        path.pop();
    }
}
