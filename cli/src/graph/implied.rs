//! Edges that others imply: without them a picture of many members can be read.

use std::collections::{BTreeMap, BTreeSet};

use super::Graph;

/// For each edge, in the order of [`Graph::edges`]: whether there is a longer way along which who depends is built of it.
pub(super) fn implied(graph: &Graph) -> Vec<bool> {
    let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for edge in graph.edges.iter().filter(|edge| edge.is_built()) {
        next.entry(&edge.from).or_default().push(&edge.to);
    }
    let of = |name: &str| next.get(name).map_or(&[][..], Vec::as_slice);
    let reach = |from: &str| {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&str> = of(from).to_vec();
        while let Some(name) = open.pop() {
            if seen.insert(name) {
                open.extend(of(name));
            }
        }
        seen
    };
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        graph.nodes.iter().map(|node| (node.name.as_str(), reach(&node.name))).collect();
    let through = |from: &str, to: &str| {
        of(from).iter().any(|between| reached.get(between).is_some_and(|below| below.contains(to)))
    };
    graph.edges.iter().map(|edge| through(&edge.from, &edge.to)).collect()
}
