//! The whole umbrella in one node.

use crate::abc::{Abc, end_of, signal_process};

#[test]
fn detach_returns_when_everything_is_ready() {
    let abc = Abc::new();
    let started = abc.umbrella(&["start", "--detach"]).ended(0);
    assert!(started.out.starts_with("abc is running (pid "), "{}", started.out);
    let nodes = abc.nodes();
    assert_eq!(nodes[0]["state"], "running");
    let applications = nodes[0]["applications"].as_array().expect("applications");
    assert!(applications.iter().all(|application| application["state"] == "running"), "{applications:?}");
}

#[test]
fn status_is_a_table_of_applications() {
    let abc = Abc::new();
    let nothing = abc.umbrella(&["status"]).ended(3);
    assert_eq!(nothing.out, "nothing is running in dev\n");
    abc.umbrella(&["start", "--detach"]).ended(0);
    let status = abc.umbrella(&["status"]).ended(0);
    let lines: Vec<&str> = status.out.lines().collect();
    assert!(lines[0].starts_with("NODE  APPLICATION  STATE"), "{}", status.out);
    let row = |name: &str| {
        let row = lines.iter().find(|line| line.split_whitespace().nth(1) == Some(name));
        row.unwrap_or_else(|| panic!("no row of {name}: {}", status.out))
            .split_whitespace()
            .collect::<Vec<_>>()
    };
    assert_eq!(row("a")[..3], ["abc", "a", "library"]);
    assert_eq!(row("b")[..3], ["abc", "b", "running"]);
    assert_eq!(row("c")[3], abc.pid("abc").to_string());
}

#[test]
fn starting_what_runs_is_no_error_and_says_so() {
    let abc = Abc::new();
    abc.umbrella(&["start", "--detach"]).ended(0);
    let pid = abc.pid("abc");
    for again in [&["start", "--detach"][..], &["start"], &["start", "b"]] {
        let said = abc.umbrella(again).ended(0);
        assert!(said.out.contains(&format!("is already running (pid {pid}, up ")), "{}", said.out);
    }
    assert_eq!(abc.pid("abc"), pid);
}

#[test]
fn of_two_starts_at_once_one_wins_and_the_other_says_so() {
    let abc = Abc::new();
    let two = [abc.spawn(&["start", "--detach"]), abc.spawn(&["start", "--detach"])];
    let said = two.map(|child| end_of(child).ended(0).out);
    let won = |out: &&String| out.starts_with("abc is running (pid ");
    let lost = |out: &&String| out.starts_with("abc is already running (pid ");
    assert_eq!((said.iter().filter(won).count(), said.iter().filter(lost).count()), (1, 1), "{said:?}");
}

#[test]
fn a_killed_node_is_shown_as_crashed_and_starts_again() {
    let abc = Abc::new();
    abc.umbrella(&["start", "--detach"]).ended(0);
    let pid = abc.pid("abc");
    abc.signal("-KILL", "abc");
    crate::abc::eventually(|| abc.nodes()[0]["state"] == "crashed");
    let status = abc.umbrella(&["status"]).ended(3);
    assert!(status.out.contains("crashed"), "{}", status.out);
    assert!(status.err.contains(&format!("process {pid} is gone")), "{}", status.err);
    assert!(status.err.contains("help: start it again with `umbrella start`"), "{}", status.err);
    abc.umbrella(&["start", "--detach"]).ended(0);
    abc.umbrella(&["status"]).ended(0);
    assert_ne!(abc.pid("abc"), pid);
}

#[test]
fn stop_returns_when_everything_is_gone_and_is_idempotent() {
    let abc = Abc::new();
    abc.umbrella(&["start", "--detach"]).ended(0);
    let stopped = abc.umbrella(&["stop"]).ended(0);
    assert!(stopped.out.starts_with("abc stopped: 3 applications in reverse order ("), "{}", stopped.out);
    assert_eq!(abc.nodes(), [] as [serde_json::Value; 0]);
    assert_eq!(abc.umbrella(&["stop"]).ended(0).out, "nothing is running in dev\n");
}

#[test]
fn a_node_that_hangs_is_reported_and_killed() {
    let abc = Abc::new();
    abc.umbrella(&["start", "--detach"]).ended(0);
    abc.signal("-STOP", "abc");
    crate::abc::eventually(|| abc.nodes()[0]["state"] == "not_answering");
    let status = abc.umbrella(&["status"]).ended(5);
    assert!(status.out.contains("not answering"), "{}", status.out);
    let stopped = abc.umbrella(&["stop", "--timeout", "0.1"]).ended(0);
    assert!(stopped.out.starts_with("abc killed: it was not gone after 0.1 s"), "{}", stopped.out);
    assert_eq!(abc.umbrella(&["status"]).ended(3).out, "nothing is running in dev\n");
}

#[test]
fn in_the_foreground_the_node_is_the_command() {
    let abc = Abc::new();
    let foreground = abc.spawn(&["start"]);
    abc.await_running(1);
    assert_eq!(abc.pid("abc"), u64::from(foreground.id()), "signals and exit code are the node's own");
    signal_process("-INT", u64::from(foreground.id()));
    let said = end_of(foreground).ended(0);
    assert!(said.out.contains("3 applications stopped in reverse order"), "{}", said.out);
}

#[test]
fn a_restart_goes_on_in_the_same_process() {
    let abc = Abc::new();
    abc.umbrella(&["restart"]).ended(1);
    abc.umbrella(&["start", "--detach"]).ended(0);
    let pid = abc.pid("abc");
    abc.umbrella(&["restart"]).ended(0);
    assert_eq!(abc.pid("abc"), pid);
    abc.umbrella(&["status"]).ended(0);
}

#[test]
fn an_environment_is_one_of_three() {
    let abc = Abc::new();
    let said: crate::abc::Said =
        abc.command(&["status"]).env("UMBRELLA_ENV", "staging").output().expect("umbrella runs").into();
    assert!(said.ended(2).err.contains("UMBRELLA_ENV is `staging`"));
}
