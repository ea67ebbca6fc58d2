//! Where the nodes of a drawn graph stand: in rows, who depends above what it depends on.

use std::collections::BTreeMap;

use super::Graph;

/// The place of a node: the row from above, and how far to the right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    pub(super) row: usize,
    pub(super) column: f64,
}

/// How often the rows are sorted by where their neighbours are; it has settled long before.
const SWEEPS: usize = 8;

/// A place for each node, in the order of [`Graph::nodes`].
pub(super) fn layout(graph: &Graph) -> Vec<Place> {
    let index: BTreeMap<&str, usize> =
        graph.nodes.iter().enumerate().map(|(index, node)| (node.name.as_str(), index)).collect();
    let edges: Vec<(usize, usize)> = graph
        .edges
        .iter()
        .filter(|edge| edge.is_built())
        .filter_map(|edge| Some((*index.get(edge.from.as_str())?, *index.get(edge.to.as_str())?)))
        .collect();
    let rows = rows(graph.nodes.len(), &edges);
    let mut order = in_rows(&rows);
    for sweep in 0..SWEEPS {
        sort_by_neighbours(&mut order, &edges, sweep % 2 == 0);
    }
    places(&rows, &order)
}

/// One more than the lowest row of those who depend on it. Cargo has no circles but those of tests.
fn rows(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut rows = vec![0; count];
    for _ in 0..count {
        let before = rows.clone();
        for &(from, to) in edges {
            rows[to] = rows[to].max(rows[from] + 1).min(count);
        }
        if rows == before {
            break;
        }
    }
    // Those on whom nobody depends stand right above the first that they need: their lines are short, and no row is wide.
    for node in 0..count {
        let needed = edges.iter().filter(|(from, _)| *from == node).map(|(_, to)| rows[*to]).min();
        if let Some(needed) = needed.filter(|_| edges.iter().all(|(_, to)| *to != node)) {
            rows[node] = needed - 1;
        }
    }
    rows
}

fn in_rows(rows: &[usize]) -> Vec<Vec<usize>> {
    let mut order = vec![Vec::new(); rows.iter().max().map_or(0, |last| last + 1)];
    rows.iter().enumerate().for_each(|(node, &row)| order[row].push(node));
    order
}

/// Each row by the middle of its neighbours above (or below), so that few edges cross.
fn sort_by_neighbours(order: &mut [Vec<usize>], edges: &[(usize, usize)], downward: bool) {
    let mut middle: BTreeMap<usize, f64> = BTreeMap::new();
    let indices: Vec<usize> =
        if downward { (0..order.len()).collect() } else { (0..order.len()).rev().collect() };
    for row in indices {
        let position = |node: usize| middle.get(&node).copied();
        let mean = |node: usize| {
            let neighbours = edges.iter().filter_map(|&(from, to)| {
                let (own, other) = if downward { (to, from) } else { (from, to) };
                if own == node { position(other) } else { None }
            });
            let places: Vec<f64> = neighbours.collect();
            #[expect(clippy::cast_precision_loss, reason = "rows are short")]
            let count = places.len() as f64;
            (!places.is_empty()).then(|| places.iter().sum::<f64>() / count)
        };
        let mut keyed: Vec<(f64, usize)> = order[row]
            .iter()
            .enumerate()
            .map(|(place, &node)| (mean(node).unwrap_or(fraction(place, order[row].len())), node))
            .collect();
        keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
        order[row] = keyed.into_iter().map(|(_, node)| node).collect();
        for (place, &node) in order[row].iter().enumerate() {
            middle.insert(node, fraction(place, order[row].len()));
        }
    }
}

/// The middle of a place in a row of so many, from 0 to 1.
#[expect(clippy::cast_precision_loss, reason = "rows are short")]
fn fraction(place: usize, length: usize) -> f64 {
    (place as f64 + 0.5) / length as f64
}

/// Each row centred on the widest.
#[expect(clippy::cast_precision_loss, reason = "rows are short")]
fn places(rows: &[usize], order: &[Vec<usize>]) -> Vec<Place> {
    let widest = order.iter().map(Vec::len).max().unwrap_or(0) as f64;
    let mut places = vec![Place { row: 0, column: 0.0 }; rows.len()];
    for (row, nodes) in order.iter().enumerate() {
        let start = (widest - nodes.len() as f64) / 2.0;
        for (place, &node) in nodes.iter().enumerate() {
            places[node] = Place { row, column: start + place as f64 };
        }
    }
    places
}
