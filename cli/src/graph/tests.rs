//! What the pictures show.

use super::*;
use crate::deployment::{Deployment, Members, Partial};
use crate::workspace::fixture::umbrella;
use crate::workspace::{Dependency, DependencyKind};

fn abc() -> Workspace {
    umbrella(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &[]), ("d", &["a", "b"])])
}

fn placed(workspace: &Workspace, expression: &str) -> ResolvedDeployment {
    let deployment = Deployment::parse(expression).unwrap();
    deployment.resolve(&Members::from(workspace), Partial::Yes).unwrap()
}

/// Adds a dev-dependency.
fn test_with(workspace: &mut Workspace, who: &str, whom: &str) {
    let dependency = Dependency {
        package: whom.to_owned(),
        kind: DependencyKind::Dev,
        ..workspace.members[0].dependencies[0].clone()
    };
    let member = workspace.members.iter_mut().find(|member| member.name == who).unwrap();
    member.dependencies.push(dependency);
}

#[test]
fn a_tree_shows_each_member_once_with_what_is_below_it() {
    let graph = Graph::of(&abc(), &[], None);
    let expected = "\
d v0.1.0 (library)
├── a v0.1.0 (library)
│   ├── b v0.1.0 (library)
│   │   └── c v0.1.0 (library)
│   └── c v0.1.0 (library)
└── b v0.1.0 (library) (*)";
    assert_eq!(tree(&graph, &[]).join("\n"), expected);
}

#[test]
fn a_named_member_is_the_root_and_only_what_is_below_it_is_there() {
    let graph = Graph::of(&abc(), &["b".to_owned()], None);
    assert_eq!(tree(&graph, &["b".to_owned()]), ["b v0.1.0 (library)", "└── c v0.1.0 (library)"]);
    assert_eq!(graph.nodes.len(), 2);
}

#[test]
fn a_circle_that_only_tests_close_ends() {
    let mut workspace = umbrella(&[("a", &["b"]), ("b", &[])]);
    test_with(&mut workspace, "b", "a");
    let graph = Graph::of(&workspace, &[], None);
    let lines = tree(&graph, &[]);
    assert_eq!(lines[1..], ["└── b v0.1.0 (library)", "    └── a v0.1.0 (library) (dev) (*)"]);
    assert_eq!(paths(&graph, "b", "a").shown, [["b", "a"]]);
}

#[test]
fn every_way_is_found_the_shortest_first() {
    let graph = Graph::of(&abc(), &[], None);
    let Paths { shown, count } = paths(&graph, "d", "c");
    assert_eq!(shown, [vec!["d", "a", "c"], vec!["d", "b", "c"], vec!["d", "a", "b", "c"]]);
    assert_eq!(count, 3);
    assert_eq!(paths(&graph, "c", "d").count, 0);
}

#[test]
fn a_placement_says_which_calls_leave_the_node() {
    let workspace = abc();
    let graph = Graph::of(&workspace, &[], Some(&placed(&workspace, "[a,b,d]+[c]")));
    let far: Vec<String> = graph
        .edges
        .iter()
        .filter(|edge| edge.between_nodes)
        .map(|edge| format!("{}{}", edge.from, edge.to))
        .collect();
    assert_eq!(far, ["ac", "bc"]);
    assert!(
        tree(&graph, &[])[3].ends_with("c v0.1.0 (library) [c] another node"),
        "{:#?}",
        tree(&graph, &[])
    );
    assert!(dot(&graph, "abc").contains("\"b\" -> \"c\" [color=red];"));
    assert!(mermaid(&graph).contains("b_ ==> c_"));
}

#[test]
fn pictures_are_well_formed() {
    let mut workspace = umbrella(&[("end", &["b-c"]), ("b-c", &[])]);
    test_with(&mut workspace, "b-c", "end");
    let graph = Graph::of(&workspace, &[], None);
    let expected = "\
graph TD
    b_c_[\"b-c\"]
    end_[\"end\"]
    b_c_ -. dev .-> end_
    end_ --> b_c_
";
    assert_eq!(mermaid(&graph), expected);
    let expected = "\
digraph \"abc\" {
    node [fontname=\"sans-serif\"];
    \"b-c\" [shape=box];
    \"end\" [shape=box];
    \"b-c\" -> \"end\" [style=dashed];
    \"end\" -> \"b-c\";
}
";
    assert_eq!(dot(&graph, "abc"), expected);
    let page = html(&graph, "abc");
    assert!(!page.contains("{{"), "every place is filled");
    assert!(page.contains("\"edges\":[{\"between_nodes\":false,\"from\":\"b-c\""));
}

#[test]
fn who_depends_stands_above_and_nobody_stands_on_another() {
    let workspace = abc();
    let graph = Graph::of(&workspace, &[], None);
    let places = layout::layout(&graph);
    let place = |name: &str| places[graph.nodes.iter().position(|node| node.name == name).unwrap()];
    for edge in &graph.edges {
        assert!(place(&edge.from).row < place(&edge.to).row, "{edge:?}");
    }
    for (index, one) in places.iter().enumerate() {
        assert!(places[..index].iter().all(|other| other != one), "{places:?}");
    }
}

/// `a -> b -> c -> d`, `a -> c`, `a -> d` for tests only, and `z -> d`.
fn with_shortcuts() -> Workspace {
    let mut workspace =
        umbrella(&[("a", &["b", "c", "d"]), ("b", &["c"]), ("c", &["d"]), ("d", &[]), ("z", &["d"])]);
    workspace.members[0].dependencies[2].kind = DependencyKind::Dev;
    workspace
}

#[test]
fn an_edge_is_implied_where_a_longer_way_is_built() {
    let graph = Graph::of(&with_shortcuts(), &[], None);
    let implied = implied::implied(&graph);
    let edges = graph.edges.iter().zip(implied).filter(|(_, implied)| *implied);
    let names: Vec<String> = edges.map(|(edge, _)| format!("{} {}", edge.from, edge.to)).collect();
    assert_eq!(names, ["a c", "a d"]);
}

#[test]
fn who_is_needed_by_nobody_stands_right_above_what_it_needs() {
    let graph = Graph::of(&with_shortcuts(), &[], None);
    let rows: Vec<usize> = layout::layout(&graph).iter().map(|place| place.row).collect();
    assert_eq!(rows, [0, 1, 2, 3, 2], "of a, b, c, d and z");
}

#[test]
fn what_tests_ask_for_too_is_as_optional_as_the_library_has_it() {
    let mut workspace = umbrella(&[("a", &["b", "b"]), ("b", &[])]);
    workspace.members[0].dependencies[0].optional = true;
    workspace.members[0].dependencies[1].kind = DependencyKind::Dev;
    for order in ["built first", "tests first"] {
        let edges = Graph::of(&workspace, &[], None).edges;
        assert_eq!((edges.len(), edges[0].remark()), (1, Some("optional")), "{order}");
        workspace.members[0].dependencies.reverse();
    }
}

#[test]
fn features_are_told_with_who_asks_for_them_and_where_releases_differ() {
    let mut workspace = umbrella(&[("a", &[]), ("b", &[]), ("c", &[])]);
    let serde = |features: &[&str], default_features| Dependency {
        package: "serde".to_owned(),
        is_member: false,
        kind: DependencyKind::Normal,
        optional: false,
        requirement: "^1".to_owned(),
        features: features.iter().map(|&feature| feature.to_owned()).collect(),
        default_features,
    };
    workspace.members[0].dependencies = vec![serde(&["derive"], true)];
    workspace.members[1].dependencies = vec![serde(&["rc"], false)];
    let of = |expression: &str| {
        let graph = Graph::of(&workspace, &[], Some(&placed(&workspace, expression)));
        feature_uses(&workspace, &graph)
    };
    let together = of("[a,b]+[c]");
    assert_eq!(together.len(), 1);
    let asked: Vec<&str> = together[0].features.keys().map(String::as_str).collect();
    assert_eq!(asked, ["default", "derive", "rc"]);
    assert!(together[0].differs.is_empty(), "c does not have it");
    let apart = of("[a]+[b,c]");
    let names =
        |release: &str| apart[0].differs[release].iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    assert_eq!((names("a"), names("b_c")), ("default derive".into(), "rc".into()));
}
