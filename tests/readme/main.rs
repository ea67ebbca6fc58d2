//! Every command of the README, and of the example with Elixir, works as typed, and says what it is said to say.

mod console;

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;

use snapbox::assert::DEFAULT_ACTION_ENV;
use snapbox::{Assert, Redactions};
use umbrella_tests::{Sandbox, checkout};

use crate::console::Entry;

/// The commands of the tour, in order, in one shell.
#[test]
fn the_tour_works_as_typed() {
    let readme = fs::read_to_string(checkout().join("README.md")).unwrap();
    let entries = console::entries(&readme);
    assert!(entries.len() > 15, "the tour is there: {entries:?}");
    let sandbox = Sandbox::new();
    type_all(&sandbox, sandbox.path().to_owned(), &entries);
}

/// The example with Elixir.
#[test]
fn a_cluster_with_elixir_does_what_it_says() {
    let sandbox = Sandbox::new();
    let example = sandbox.example("elixir_cluster");
    let readme = fs::read_to_string(example.join("README.md")).unwrap();
    let entries = console::entries(&readme);
    assert_eq!(entries.len(), 3, "{entries:?}");
    type_all(&sandbox, example, &entries);
}

/// The first of the two commands: the demo, from end to end.
#[test]
fn the_demo_shows_what_it_says() {
    let sandbox = Sandbox::new();
    let output = sandbox.umbrella("", ["demo"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    for expected in [
        "3 applications, 7 tests: 7 passed, 0 failed",
        "a_b is running",
        "c is running",
        "cd umbrella-demo/abc",
    ] {
        assert!(said.contains(expected), "`{expected}` is not in:\n{said}");
    }
}

/// All of them, in one shell that begins in `folder`.
fn type_all(sandbox: &Sandbox, mut folder: PathBuf, entries: &[Entry]) {
    // Nodes of others on this machine are not among ours.
    let epmd = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    let epmd = epmd.expect("a port is free").port();
    for entry in entries {
        folder = type_in(sandbox, folder, entry, epmd);
    }
}

/// Runs one command, compares what it says, and returns the folder the shell is in then.
fn type_in(sandbox: &Sandbox, folder: PathBuf, entry: &Entry, epmd: u16) -> PathBuf {
    // As on a terminal: errors and progress stand between the results.
    let line = format!("exec 2>&1; {} && pwd > \"$SANDBOX/pwd\"", entry.command);
    let mut bash = sandbox.typed(&folder, &line);
    bash.env("SANDBOX", sandbox.path()).env("ERL_EPMD_PORT", epmd.to_string());
    let output = bash.output().expect("bash runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "$ {}\n{said}", entry.command);
    if !entry.output.is_empty() {
        let compare = Assert::new().action_env(DEFAULT_ACTION_ENV).redact_with(Redactions::new());
        compare.eq(said.as_ref(), entry.output.as_str());
    }
    let pwd = fs::read_to_string(sandbox.path().join("pwd"));
    pwd.expect("the line ended with `pwd`").trim_end().into()
}
