//! Looking into what runs, and talking to it: call, state, tree, top, console, logs, and why something ended.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::abc::{Abc, eventually};

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn servers_are_called_and_looked_into_with_types_and_names_checked() {
    let abc = Abc::new();
    abc.umbrella(&["call", "b_counter", "get"]).ended(3);
    abc.umbrella(&["start", "--detach"]).ended(0);
    assert_eq!(abc.umbrella(&["call", "b_counter", "add", "4"]).ended(0).out, "4\n");
    assert_eq!(abc.umbrella(&["call", "b_counter", "add", "-1"]).ended(0).out, "3\n");
    let document = parsed(&abc.umbrella(&["call", "b_counter", "get", "--json"]).ended(0).out);
    let told = ["version", "node", "server", "method", "kind", "reply"].map(|key| document[key].clone());
    assert_eq!(told, [json!(1), json!("abc"), json!("b_counter"), json!("get"), json!("call"), json!(3)]);
    assert_eq!(abc.umbrella(&["state", "b_counter"]).ended(0).out, "Counter { count: 3 }\n");
    let by_pid = document["pid"].as_str().expect("a pid");
    assert_eq!(abc.umbrella(&["state", by_pid]).ended(0).out, "Counter { count: 3 }\n");
    let table = [
        (&["call", "b_countr", "get"][..], "did you mean `b_counter`? servers: b_counter, c_counter"),
        (&["call", "b_counter", "ad", "1"], "did you mean `add`? its methods: add(by: i64) -> i64"),
        (&["call", "b_counter", "add", "x"], "argument `by: i64` of `add`: expected i64, found \"x\" (text)"),
        (&["call", "b_counter", "add"], "`add` takes 1 argument, and none was given; `by: i64` is missing"),
        (&["call", "b_counter", "get", "--node", "ab"], "no node `ab` is running"),
        (&["state", "b_count"], "did you mean `b_counter`?"),
        (&["tree", "z"], "no application `z`"),
    ];
    for (line, expected) in table {
        let refused = abc.umbrella(line).ended(2);
        assert!(refused.err.contains(expected), "{line:?}: {}", refused.err);
    }
}

#[test]
fn trees_processes_and_lines_of_the_console_show_the_same_node() {
    let abc = Abc::new();
    abc.umbrella(&["start", "--detach"]).ended(0);
    abc.umbrella(&["call", "b_counter", "crash"]).ended(0);
    // The crash is a cast: the supervisor may not have seen it yet.
    let restarted = || abc.umbrella(&["tree", "b"]).out.contains("Counter  1 restart");
    eventually(restarted);
    let tree = abc.umbrella(&["tree", "b"]).ended(0).out;
    let lines: Vec<&str> = tree.lines().collect();
    assert_eq!(lines.len(), 3, "{tree}");
    assert_eq!(lines[0], "b  running  1 restart");
    assert!(
        lines[1].starts_with("└── Supervisor  <0.") && lines[2].starts_with("    └── b_counter  <0."),
        "{tree}"
    );
    let trees = parsed(&abc.umbrella(&["tree", "--json"]).ended(0).out);
    assert_eq!(trees["nodes"][0]["applications"].as_array().map(Vec::len), Some(3));
    let top = abc.umbrella(&["top", "--sort", "name", "--filter", "_counter"]).ended(0).out;
    assert_eq!(top.lines().count(), 3, "a heading and two counters: {top}");
    assert!(top.lines().nth(1).is_some_and(|line| line.contains("b_counter")), "{top}");

    let mut console = abc.command(&["console"]);
    let mut console =
        console.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    let typed = b"b_counter add 2\ncall b_counter get\nsuspend b_counter\nresume b_counter\nwhy b\nnothing\nquit\napps\n";
    console.stdin.take().expect("stdin is piped").write_all(typed).expect("it reads");
    let said = crate::abc::end_of(console).ended(2);
    assert!(said.out.starts_with("2\n2\nok\nok\nb is running (1 restart) in abc\n"), "{}", said.out);
    assert!(!said.out.contains("APPLICATION"), "nothing is carried out after `quit`: {}", said.out);
    assert!(said.err.contains("no such command: `nothing`"), "{}", said.err);
    let one = abc.umbrella(&["console", "-x", "kill c_counter", "-x", "apps"]).ended(0).out;
    assert!(one.starts_with("ok\nNODE") && one.contains("abc   b            running"), "{one}");
    // Its supervisor restarted it, and can again: the window of c was used by the kill, that of b by the crash.
    let killed = || abc.umbrella(&["tree", "c"]).out.contains("1 restart");
    eventually(killed);
    // A signal of the reason `normal` ends nobody.
    assert_eq!(abc.umbrella(&["console", "-x", "exit c_counter normal"]).ended(0).out, "ok\n");
    assert_eq!(abc.umbrella(&["call", "c_counter", "get"]).ended(0).out, "0\n");
    assert_eq!(abc.umbrella(&["console", "-x", "exit c_counter out of luck"]).ended(0).out, "ok\n");
    let told = || abc.umbrella(&["status", "--why", "c"]).out.contains("out of luck");
    eventually(told);
}

#[test]
fn an_end_is_explained_by_the_whole_chain_of_crashes_also_when_the_node_is_gone() {
    let abc = Abc::new();
    abc.umbrella(&["start", "--detach"]).ended(0);
    let well = abc.umbrella(&["status", "--why", "b"]).ended(0);
    assert_eq!(well.out, "b is running (nothing was restarted) in abc\n  nothing went wrong in it\n");
    let unknown = abc.umbrella(&["status", "--why", "bb"]).ended(3);
    assert!(unknown.err.contains("applications: a, b, c"), "{}", unknown.err);
    // One restart within five seconds is allowed; the second takes the application down, and that its node.
    abc.umbrella(&["call", "b_counter", "crash"]).ended(0);
    let crash = || abc.umbrella(&["call", "b_counter", "crash"]).code == Some(3);
    eventually(crash);
    let why = abc.umbrella(&["status", "--why", "b"]).ended(3).out;
    let expected = [
        "b ended with its node (1 restart) in abc, ",
        "b_counter <0.",
        "└ supervisor <0.",
        "b_counter <0.",
        "└ supervisor <0.",
        "└ supervisor <0.",
        "└ application `b` ended: shutdown",
    ];
    let lines: Vec<&str> = why.lines().collect();
    assert_eq!(lines.len(), expected.len(), "{why}");
    assert!(lines.iter().zip(expected).all(|(line, expected)| line.contains(expected)), "{why}");
    assert!(lines[1].contains("panicked at") && lines[1].contains("asked to crash"), "{why}");
    assert!(lines[2].contains("ended and is restarted (1 of 1 within 5s)"), "{why}");
    assert!(lines[5].contains("gives up, since more than 1 restart within 5s would be needed"), "{why}");
    assert!(lines[6].contains("so the node goes down"), "{why}");
    let json = parsed(&abc.umbrella(&["status", "--why", "b", "--json"]).ended(3).out);
    let kinds = json["nodes"][0]["application"]["incidents"].as_array().expect("a list");
    assert_eq!(kinds.last().map(|last| last["kind"].clone()), Some(json!("application_ended")));
    let status = abc.umbrella(&["status"]).ended(3);
    assert!(status.err.contains("umbrella status --why APP"), "{}", status.err);
}

#[test]
fn logs_are_filtered_and_followed_through_a_restart() {
    let abc = Abc::new();
    abc.umbrella(&["logs"]).ended(3);
    abc.umbrella(&["start", "--detach"]).ended(0);
    let mut follower = abc.spawn(&["logs", "b", "--follow", "--json"]);
    let lines = BufReader::new(follower.stdout.take().expect("stdout is piped")).lines();
    let mut entries = lines.map(|line| parsed(&line.expect("it speaks text")));
    let mut until = |what: &str| {
        entries
            .find(|entry| entry["message"].as_str().is_some_and(|text| text.contains(what)))
            .expect("it is told")
    };
    until("started (");
    abc.umbrella(&["call", "b_counter", "crash"]).ended(0);
    let crash = until("asked to crash");
    let told = ["version", "node", "level", "application"].map(|key| crash[key].clone());
    assert_eq!(told, [json!(1), json!("abc"), json!("error"), json!("b")]);
    assert_eq!(crash["below"][0], "last message: crash");
    abc.umbrella(&["restart"]).ended(0);
    until("started (");
    follower.kill().expect("it runs until it is ended");
    follower.wait().expect("it ends");

    let errors = abc.umbrella(&["logs", "--level", "error"]).ended(0).out;
    assert!(errors.lines().next().is_some_and(|line| line.contains("asked to crash")), "{errors}");
    assert!(!errors.contains("INFO"), "{errors}");
    let last = abc.umbrella(&["logs", "c", "-n", "1", "--since", "1h"]).ended(0).out;
    assert_eq!(last.lines().count(), 1, "{last}");
    assert!(last.contains("INFO  c  started"), "{last}");
    abc.umbrella(&["logs", "--since", "soon"]).ended(2);
}
