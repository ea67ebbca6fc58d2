//! Every command of the README works as typed, and says what the README says it says.

mod console;

use std::fs;
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
    let mut folder = sandbox.path().to_owned();
    for entry in &entries {
        folder = type_in(&sandbox, folder, entry);
    }
}

/// The first of the two commands: the demo, from end to end.
#[test]
fn the_demo_shows_what_it_says() {
    let sandbox = Sandbox::new();
    let output = sandbox.umbrella("", ["demo"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    for expected in [
        "3 applications, 5 tests: 5 passed, 0 failed",
        "a_b is running",
        "c is running",
        "cd umbrella-demo/abc",
    ] {
        assert!(said.contains(expected), "`{expected}` is not in:\n{said}");
    }
}

/// Runs one command, compares what it says, and returns the folder the shell is in then.
fn type_in(sandbox: &Sandbox, folder: PathBuf, entry: &Entry) -> PathBuf {
    // As on a terminal: errors and progress stand between the results.
    let line = format!("exec 2>&1; {} && pwd > \"$SANDBOX/pwd\"", entry.command);
    let output = sandbox.typed(&folder, &line).env("SANDBOX", sandbox.path()).output().expect("bash runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "$ {}\n{said}", entry.command);
    if !entry.output.is_empty() {
        let compare = Assert::new().action_env(DEFAULT_ACTION_ENV).redact_with(Redactions::new());
        compare.eq(said.as_ref(), entry.output.as_str());
    }
    let pwd = fs::read_to_string(sandbox.path().join("pwd"));
    pwd.expect("the line ended with `pwd`").trim_end().into()
}
