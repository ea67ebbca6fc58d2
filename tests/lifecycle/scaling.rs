//! Nodes of a placement: asked where an application runs, scaled while they run, and one application alone.

use crate::abc::{Abc, end_of, eventually, signal_process};

#[test]
fn a_server_is_called_in_the_node_that_has_it() {
    let abc = Abc::new();
    abc.umbrella(&["start", "--group", "[a,c]+[b]", "--detach"]).ended(0);
    assert_eq!(abc.umbrella(&["call", "c_counter", "add", "2"]).ended(0).out, "2\n");
    assert_eq!(abc.umbrella(&["call", "b_counter", "add", "1"]).ended(0).out, "1\n");
    let elsewhere = abc.umbrella(&["call", "c_counter", "get", "--node", "b"]).ended(2);
    assert!(elsewhere.err.contains("no server `c_counter` in `b`"), "{}", elsewhere.err);
    let tree = abc.umbrella(&["tree"]).ended(0).out;
    let heads: Vec<&str> = tree.lines().filter(|line| !line.contains(' ')).collect();
    assert_eq!(heads, ["a_c", "b"], "each application where it runs: {tree}");
    let logs = abc.umbrella(&["logs", "--level", "info"]).ended(0).out;
    assert!(logs.lines().any(|line| line.starts_with("b   |")), "{logs}");
    let times: Vec<&str> =
        logs.lines().filter_map(|line| line.split_once("| ")?.1.split(' ').next()).collect();
    assert!(times.is_sorted(), "{logs}");
}

#[test]
fn a_release_is_scaled_while_it_runs_and_the_others_know() {
    let abc = Abc::new();
    abc.umbrella(&["scale", "b_c=2"]).ended(3);
    // A placement that no other test has: what scales it writes its crates.
    abc.umbrella(&["start", "--group", "[a]+[b,c]*2", "--detach"]).ended(0);
    let pids = || ["a", "b_c"].map(|release| abc.pid(release));
    let before = pids();
    let dry = abc.umbrella(&["scale", "b_c=3", "--dry-run"]).ended(0).out;
    assert_eq!(dry, "* would start b_c-3\n* would tell a, b_c-1, b_c-2\n");
    let scaled = abc.umbrella(&["scale", "b_c=3"]).ended(0).out;
    assert!(
        scaled.contains("b_c-3 is running (pid") && scaled.ends_with("b_c runs in 3 nodes\n"),
        "{scaled}"
    );
    let knows = |count: u64| {
        let nodes = abc.nodes();
        nodes.iter().filter(|node| node["instances"]["b_c"] == count).count()
    };
    assert_eq!(knows(3), 4, "those that ran were told, and the new one was built so");
    assert_eq!(pids(), before, "nobody was restarted");
    assert_eq!(abc.umbrella(&["scale", "b_c=3"]).ended(0).out, "b_c runs in 3 nodes already\n");
    let fewer = abc.umbrella(&["scale", "b_c=2"]).ended(0).out;
    assert!(fewer.ends_with("b_c-3 stopped\nb_c runs in 2 nodes\n"), "{fewer}");
    assert_eq!((knows(2), abc.nodes().len()), (3, 3));
    let wrong = abc.umbrella(&["scale", "d=2"]).ended(2);
    assert!(wrong.err.contains("releases that run: "), "{}", wrong.err);
}

#[test]
fn one_application_runs_in_the_foreground_with_what_it_needs() {
    let abc = Abc::new();
    let unknown = abc.umbrella(&["run", "bb"]).ended(2);
    assert!(unknown.err.contains("unknown application `bb`"), "{}", unknown.err);
    let node = abc.spawn(&["run", "a", "--", "--fast"]);
    let runs = || abc.nodes().iter().any(|node| node["state"] == "running");
    eventually(runs);
    let nodes = abc.nodes();
    let states: Vec<_> = nodes[0]["applications"].as_array().expect("a list").iter().collect();
    let of = |name: &str| states.iter().find(|app| app["name"] == name).map(|app| app["state"].clone());
    assert_eq!((of("c"), of("b")), (Some("running".into()), Some("loaded".into())), "{nodes:?}");
    signal_process("-INT", u64::from(node.id()));
    end_of(node).ended(0);
}
