//! What `umbrella scale` does, given what runs. PURE.

use crate::run::status::NodeStatus;

/// What is to be done, in this order: start, tell, stop; or, if a node gets another name, stop first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScalePlan {
    /// The nodes that are not there yet.
    pub start: Vec<String>,
    /// The nodes that are too many, the last first.
    pub stop: Vec<String>,
    /// The nodes that go on, and have to know.
    pub tell: Vec<String>,
    /// A release that runs once has a node of its name, and its instances have numbers, so that one is replaced.
    pub renames: bool,
}

/// Plans to run `release` in `count` nodes. Other releases are only told.
#[must_use]
pub fn plan_scale(nodes: &[NodeStatus], release: &str, count: u32) -> ScalePlan {
    let wanted: Vec<String> = match count {
        0 | 1 => vec![release.to_owned()],
        count => (1..=count).map(|number| format!("{release}-{number}")).collect(),
    };
    let (own, others): (Vec<&NodeStatus>, Vec<_>) = nodes.iter().partition(|node| node.release == release);
    let running: Vec<String> = own.iter().map(|node| node.name().to_owned()).collect();
    let mut stop: Vec<String> = running.iter().filter(|name| !wanted.contains(name)).cloned().collect();
    // Instances by their number, the last first: `c-10` before `c-2`.
    stop.sort_by_key(|name| std::cmp::Reverse((name.len(), name.clone())));
    let start: Vec<String> = wanted.iter().filter(|name| !running.contains(name)).cloned().collect();
    let stay = running.iter().filter(|name| wanted.contains(name)).cloned();
    let tell = others.iter().map(|node| node.name().to_owned()).chain(stay).collect();
    let renames = !stop.is_empty() && !start.is_empty();
    ScalePlan { start, stop, tell, renames }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn node(release: &str, instance: Option<u32>) -> NodeStatus {
        let name = instance.map_or_else(|| release.to_owned(), |number| format!("{release}-{number}"));
        serde_json::from_value(json!({
            "release": release, "node": format!("{name}@127.0.0.1"), "instance": instance,
            "release_version": "0.1.0", "env": "dev", "pid": 1, "state": "running", "started_unix_ms": 0,
            "uptime_ms": 0, "applications": [],
        }))
        .expect("a status")
    }

    #[test]
    fn nodes_come_and_go_from_the_end_and_all_others_are_told() {
        let strings = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let nodes = [node("a_b", None), node("c", Some(1)), node("c", Some(2))];
        let table = [
            (3, strings(&["c-3"]), strings(&[]), strings(&["a_b", "c-1", "c-2"]), false),
            (2, strings(&[]), strings(&[]), strings(&["a_b", "c-1", "c-2"]), false),
            (1, strings(&["c"]), strings(&["c-2", "c-1"]), strings(&["a_b"]), true),
        ];
        for (count, start, stop, tell, renames) in table {
            assert_eq!(plan_scale(&nodes, "c", count), ScalePlan { start, stop, tell, renames }, "{count}");
        }
        let one = [node("a_b", None), node("c", None)];
        let plan = plan_scale(&one, "c", 2);
        assert_eq!((plan.start, plan.stop, plan.renames), (strings(&["c-1", "c-2"]), strings(&["c"]), true));
    }
}
