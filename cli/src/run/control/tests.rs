//! The client, against a node that says what it was told to.

use super::*;
use std::os::unix::net::UnixListener;
use std::thread;

/// A node that answers each request of one connection with the next of `replies` and hands back the requests.
fn scripted(replies: &[&str]) -> (tempfile::TempDir, Control, thread::JoinHandle<Vec<Value>>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("abc.sock");
    let listener = UnixListener::bind(&path).expect("a socket");
    let replies: Vec<String> = replies.iter().map(|&reply| reply.to_owned()).collect();
    let node = thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        let mut requests = BufReader::new(stream);
        let mut seen = Vec::new();
        for reply in replies {
            let mut line = String::new();
            requests.read_line(&mut line).expect("a request");
            seen.push(serde_json::from_str(&line).expect("JSON"));
            requests.get_mut().write_all(format!("{reply}\n").as_bytes()).expect("a reader");
        }
        seen
    });
    let control = Control::connect(&path).expect("a listening node");
    (folder, control, node)
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[test]
fn a_missing_socket_is_a_node_that_does_not_run() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("abc.sock");
    assert!(matches!(Control::connect(&path), Err(ControlError::NotRunning)));
    drop(UnixListener::bind(&path).expect("a socket"));
    assert!(path.exists(), "a closed listener leaves its file, as a killed node does");
    assert!(matches!(Control::connect(&path), Err(ControlError::NotRunning)));
}

#[test]
fn one_connection_carries_several_requests() {
    let (_folder, mut control, node) = scripted(&[
        r#"{"version":1,"ok":{"started":["c","b"],"already":[],"duration_ms":38}}"#,
        r#"{"version":1,"ok":{"stopped":["a","b"],"already":["x"],"duration_ms":2}}"#,
        r#"{"version":1,"ok":{"stopped":["b"],"started":["b"],"duration_ms":3}}"#,
        r#"{"version":1,"ok":{"state":"stopping"}}"#,
    ]);
    let soon = Duration::from_secs(5);
    let started = control.start(&names(&["b"]), soon).expect("started");
    assert_eq!(started.started, names(&["c", "b"]));
    let stopped = control.stop(&names(&["b"]), true, soon).expect("stopped");
    assert_eq!((stopped.stopped, stopped.already), (names(&["a", "b"]), names(&["x"])));
    assert_eq!(control.restart(&names(&["b"]), false, soon).expect("restarted").started, names(&["b"]));
    control.shutdown().expect("stopping");
    let requests = node.join().expect("the node");
    assert_eq!(requests[0], json!({ "version": 1, "request": "start", "applications": ["b"] }));
    assert_eq!(requests[1]["with_dependents"], json!(true));
    assert_eq!(requests[3], json!({ "version": 1, "request": "shutdown" }));
}

#[test]
fn refusals_keep_their_facts() {
    let (_folder, mut control, node) = scripted(&[
        r#"{"version":1,"error":{"kind":"has_dependents","message":"m","application":"c","dependents":["a","b","x"]}}"#,
        r#"{"version":1,"error":{"kind":"brand_new","message":"the moon is full"}}"#,
    ]);
    let error = control.stop(&names(&["c"]), false, Duration::from_secs(5)).expect_err("refused");
    assert_eq!(error.to_string(), "`c` is used by `a`, `b` and `x`");
    let error = control.ready(Duration::from_secs(5)).expect_err("refused");
    assert!(
        matches!(error, ControlError::Refused(Refusal::Other { message }) if message == "the moon is full")
    );
    node.join().expect("the node");
}

#[test]
fn a_node_that_goes_before_it_replies_is_closed_and_has_shut_down() {
    let (_folder, mut control, node) = scripted(&[]);
    node.join().expect("the node");
    assert!(matches!(control.status(), Err(ControlError::Closed)));
    assert!(control.shutdown().is_ok());
}

#[test]
fn nonsense_is_shown_as_it_came() {
    let (_folder, mut control, node) = scripted(&["hello", r#"{"version":1}"#]);
    assert!(control.status().expect_err("nonsense").to_string().ends_with(": hello"));
    assert!(matches!(control.status(), Err(ControlError::Malformed(_))));
    node.join().expect("the node");
}

#[test]
fn a_silent_node_times_out() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("abc.sock");
    let _listener = UnixListener::bind(&path).expect("a socket");
    let mut control = Control::connect(&path).expect("a backlog");
    assert!(matches!(control.ready(Duration::ZERO), Err(ControlError::TimedOut(_))));
}

#[cfg(target_os = "linux")]
#[test]
fn the_peer_is_the_process_that_listens() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("abc.sock");
    let _listener = UnixListener::bind(&path).expect("a socket");
    let control = Control::connect(&path).expect("a backlog");
    assert_eq!(control.peer(), Some(rustix::process::getpid()));
}
