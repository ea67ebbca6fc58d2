//! The releases of a placement as processes on this machine.

use crate::abc::{Abc, Foreground, eventually};

const AB_C: &str = "[a,b]+[c]";

#[test]
fn each_bracket_is_a_node() {
    let abc = Abc::new();
    let started = abc.umbrella(&["start", "--group", AB_C, "--detach"]).ended(0);
    let order: Vec<&str> = started.out.lines().filter(|line| line.contains("is running (pid")).collect();
    assert!(
        order[0].starts_with("c is running") && order[1].starts_with("a_b is running"),
        "{}",
        started.out
    );
    let status = abc.umbrella(&["status"]).ended(0);
    assert!(status.out.contains("\na_b   b "), "{}", status.out);
    assert!(status.out.contains("\nc     c "), "{}", status.out);
    assert_eq!(status.out.lines().count(), 4, "an application has one line, where it runs: {}", status.out);
}

#[test]
fn a_release_runs_in_as_many_nodes_as_are_asked_for() {
    let abc = Abc::new();
    let started = abc.umbrella(&["start", "--group", AB_C, "--scale", "c=2", "--detach"]).ended(0);
    for node in ["c-1", "c-2", "a_b"] {
        assert!(started.out.contains(&format!("{node} is running (pid")), "{}", started.out);
    }
    let names = || -> Vec<String> {
        abc.nodes().iter().map(|node| node["node"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(names(), ["a_b@127.0.0.1", "c-1@127.0.0.1", "c-2@127.0.0.1"]);
    let again = abc.umbrella(&["start", "--group", "[a,b]+[c*2]", "--detach"]).ended(0);
    assert!(again.out.contains("c-2 is already running"), "{}", again.out);
    let other = abc.umbrella(&["start", "--group", AB_C, "--detach"]).ended(1);
    assert!(other.err.contains("`c` would run twice"), "{}", other.err);

    let stopped = abc.umbrella(&["stop", "c", "--with-dependents"]).ended(0);
    assert_eq!(stopped.out.matches("c stopped (").count(), 2, "in each of its nodes: {}", stopped.out);
    let started = abc.umbrella(&["start", "c"]).ended(0);
    assert_eq!(started.out.matches("c started (").count(), 2, "{}", started.out);
    abc.umbrella(&["restart"]).ended(0);
    assert_eq!(names(), ["a_b@127.0.0.1", "c-1@127.0.0.1", "c-2@127.0.0.1"]);
    let stopped = abc.umbrella(&["stop"]).ended(0);
    let order: Vec<&str> = stopped.out.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(order, ["a_b", "c-2", "c-1"], "{}", stopped.out);
}

#[test]
fn applications_are_found_in_their_node() {
    let abc = Abc::new();
    abc.umbrella(&["start", "--group", AB_C, "--detach"]).ended(0);
    let refused = abc.umbrella(&["stop", "c"]).ended(1);
    assert!(refused.err.contains("`c` is used by `a`"), "in another node: {}", refused.err);
    let stopped = abc.umbrella(&["stop", "b"]).ended(0);
    assert!(stopped.out.starts_with("b stopped ("), "{}", stopped.out);
    let started = abc.umbrella(&["start"]).ended(0);
    assert!(started.out.starts_with("b started ("), "{}", started.out);
}

#[test]
fn an_application_never_runs_twice() {
    let abc = Abc::new();
    abc.umbrella(&["start", "--detach"]).ended(0);
    let refused = abc.umbrella(&["start", "--group", AB_C, "--detach"]).ended(1);
    assert!(refused.err.contains("`abc` is running"), "{}", refused.err);
    assert_eq!(abc.nodes().len(), 1);
}

#[test]
fn stop_stops_the_last_first() {
    let abc = Abc::new();
    abc.umbrella(&["start", "--group", AB_C, "--detach"]).ended(0);
    let stopped = abc.umbrella(&["stop"]).ended(0);
    let names: Vec<&str> = stopped.out.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(names, ["a_b", "c"], "{}", stopped.out);
}

#[test]
fn in_the_foreground_lines_say_whose_they_are_and_ctrl_c_stops_all() {
    let abc = Abc::new();
    let group = Foreground::ready(abc.spawn(&["start", "--group", AB_C]));
    let said = group.interrupted().ended(0);
    assert!(said.out.lines().any(|line| line.starts_with("a_b | ")), "{}", said.out);
    assert!(said.out.lines().any(|line| line.starts_with("c   | ")), "{}", said.out);
    let stopping: Vec<&str> = said.err.lines().filter(|line| line.starts_with("stopping ")).collect();
    assert_eq!(stopping, ["stopping a_b", "stopping c"], "{}", said.err);
    assert_eq!(abc.nodes().len(), 0);
}

#[test]
fn colours_pass_through_the_pipes_of_a_group() {
    let abc = Abc::new();
    let group = Foreground::ready(abc.spawn(&["start", "--group", AB_C, "--color", "always"]));
    let said = group.interrupted().ended(0);
    let line = said.out.lines().find(|line| line.contains("INFO")).expect("a line of a log");
    assert!(
        line.matches("\u{1b}[").count() > 2,
        "the node's own colours beside those of its prefix: {line:?}"
    );
}

#[test]
fn when_one_node_dies_the_others_keep_running() {
    let abc = Abc::new();
    let group = Foreground::ready(abc.spawn(&["start", "--group", AB_C]));
    abc.signal("-KILL", "c");
    let state = |release: &str| {
        let nodes = abc.nodes();
        let node = nodes.iter().find(|node| node["release"] == release);
        node.map(|node| node["state"].clone()).unwrap_or_default()
    };
    eventually(|| state("c") == "crashed");
    assert_eq!(state("a_b"), "running");
    abc.umbrella(&["status"]).ended(3);
    let said = group.interrupted().ended(1);
    assert!(said.err.contains("warning: c died: signal: 9"), "{}", said.err);
}

#[test]
fn a_wrong_expression_is_pointed_at() {
    let abc = Abc::new();
    let said = abc.umbrella(&["start", "--group", "[a,z]+[c]", "--detach"]).ended(2);
    assert!(said.err.contains("unknown application `z`") && said.err.contains('^'), "{}", said.err);
}
