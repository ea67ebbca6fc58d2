//! The graph as one HTML file: a picture to pan, zoom and click, without anything from elsewhere.

use serde_json::json;

use super::Graph;
use super::implied::implied;
use super::layout::layout;

const PAGE: &str = include_str!("page.html");

/// The page. What it shows is data in it; a name cannot end the script, since `<` is escaped.
#[must_use]
pub fn html(graph: &Graph, name: &str) -> String {
    let places: Vec<_> =
        layout(graph).into_iter().map(|place| json!({ "row": place.row, "column": place.column })).collect();
    let data = json!({
        "umbrella": name, "nodes": graph.nodes, "edges": graph.edges, "places": places,
        "releases": graph.releases(), "implied": implied(graph),
    });
    PAGE.replace("{{name}}", name).replace("{{data}}", &data.to_string().replace('<', "\\u003c"))
}
