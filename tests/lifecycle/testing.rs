//! `umbrella test`: each application as a unit.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use umbrella_tests::{Sandbox, succeed};

use crate::abc::Said;

/// An umbrella where every application has a fate of its own: `good` passes, `fails` has a failing test, `broken` does
/// not compile, `b` is supervised and fine, and `c` is supervised and cannot start.
fn fates() -> &'static Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    SANDBOX.get_or_init(|| {
        let sandbox = Sandbox::at(env!("CARGO_TARGET_TMPDIR"), "testing");
        let apps = ["--app", "good", "--app", "fails", "--app", "broken", "--app", "b:sup", "--app", "c:sup"];
        succeed(&mut sandbox.umbrella("", ["new", "fates", "--umbrella"].iter().chain(&apps)));
        let root = sandbox.path().join("fates");
        fs::write(
            root.join("apps/fails/tests/fails.rs"),
            "//! Fails.\n#[test]\nfn adds_up() {\n    assert_eq!(1 + 1, 3);\n}\n",
        )
        .expect("a test");
        fs::write(root.join("apps/broken/src/lib.rs"), "compile_error!(\"broken\");\n").expect("a library");
        fs::write(root.join("config/test.toml"), "[c]\nstart = \"nothing\"\n").expect("a configuration");
        // Its lock file comes with it.
        succeed(&mut sandbox.cargo("fates", ["metadata", "--no-deps", "--format-version", "1"]));
        sandbox
    })
}

fn test_in(folder: &str, args: &[&str]) -> Said {
    let folder = PathBuf::from("fates").join(folder);
    let folder = folder.to_str().expect("a readable path");
    let mut test: Command = fates().umbrella(folder, ["test"].iter().chain(args));
    test.output().expect("umbrella runs").into()
}

/// The total, without the time it took.
fn summary(said: &Said) -> &str {
    let line = said.out.lines().find(|line| line.starts_with("Summary ["));
    let line = line.unwrap_or_else(|| panic!("no summary: {}{}", said.out, said.err));
    line.split_once("s] ").map_or(line, |(_time, summary)| summary)
}

#[test]
fn no_application_keeps_another_from_being_tested() {
    for runner in ["umbrella", "nextest"] {
        if runner == "nextest" && !has_nextest() {
            continue;
        }
        let said = test_in("", &["--runner", runner]).ended(101);
        for name in ["good", "fails", "b", "c"] {
            let heading = format!("==> {name}");
            assert!(said.out.lines().any(|line| line.starts_with(&heading)), "{name}: {}", said.out);
        }
        // good: its test and its example; fails: one test and its example; b and c: two each, and start/stop.
        let expected = "5 applications, 10 tests: 6 passed, 4 failed; 1 not built";
        assert_eq!(summary(&said), expected, "{runner}: {}", said.out);
        for line in
            ["   FAIL fails adds_up  apps/fails/tests/fails.rs:4", "  BUILD broken", "   FAIL c counts"]
        {
            assert!(said.out.lines().any(|shown| shown.starts_with(line)), "{runner}, {line}: {}", said.out);
        }
        assert!(!said.out.contains("   FAIL b "), "{}", said.out);
    }
}

#[test]
fn the_line_to_rerun_a_failed_test_reruns_it() {
    let said = test_in("", &["fails"]).ended(100);
    let rerun = said.out.lines().last().expect("a line").trim();
    assert_eq!(rerun, "umbrella test fails -- --exact adds_up");
    let args: Vec<&str> = rerun.split(' ').skip(2).collect();
    assert!(
        summary(&test_in("apps/b", &args).ended(100))
            .starts_with("1 application, 1 test: 0 passed, 1 failed")
    );
}

#[test]
fn inside_an_application_only_that_one_is_tested() {
    let said = test_in("apps/b/src", &[]).ended(0);
    assert_eq!(summary(&said), "1 application, 3 tests: 3 passed, 0 failed");
}

#[test]
fn names_are_tested_wherever_one_is() {
    let said = test_in("apps/c", &["good", "b"]).ended(0);
    assert_eq!(summary(&said), "2 applications, 5 tests: 5 passed, 0 failed");
}

#[test]
fn a_filter_that_matches_nothing_is_not_green() {
    for runner in ["umbrella", "nextest"] {
        if runner == "nextest" && !has_nextest() {
            continue;
        }
        let said = test_in("", &["good", "b", "--runner", runner, "--", "no_such_test"]).ended(4);
        assert!(said.err.contains("no test matches `no_such_test`"), "{}", said.err);
    }
}

#[test]
fn a_filter_that_matches_somewhere_is_enough() {
    let said = test_in("", &["good", "b", "--", "crashed_counter"]).ended(0);
    assert!(summary(&said).starts_with("2 applications, 1 test: 1 passed, 0 failed"), "{}", said.out);
}

#[test]
fn json_is_alone_on_stdout() {
    let said = test_in("", &["b", "broken", "--json"]).ended(101);
    let verdict: serde_json::Value = serde_json::from_str(&said.out).expect("JSON and nothing else");
    assert_eq!(verdict["passed"], 3);
    assert_eq!(
        (&verdict["units"][0]["result"], &verdict["units"][1]["result"]),
        (&"tested".into(), &"not_built".into())
    );
}

#[test]
fn an_application_is_started_and_stopped_without_a_test_of_the_users() {
    let said = test_in("", &["b", "--", "start_stop"]).ended(0);
    assert_eq!(summary(&said), "1 application, 1 test: 1 passed, 0 failed, 2 skipped");
    let said = test_in("", &["c", "--", "start_stop"]).ended(100);
    assert!(said.out.contains("   FAIL c start/stop"), "{}", said.out);
    let without = test_in("", &["b", "--no-conformance"]).ended(0);
    assert_eq!(summary(&without), "1 application, 2 tests: 2 passed, 0 failed, 1 skipped");
}

/// Whether the counter of `c` is in the same process as the test.
const WHERE: &str = r#"//! Where is c?
use umbrella::prelude::*;

#[umbrella::test]
async fn reaches_c() -> Result<(), CallError> {
    assert_eq!(c::COUNTER.add(1).await?, 1);
    assert_eq!(c::COUNTER.add(1).await?, 2);
    Ok(())
}

#[umbrella::test]
async fn c_is_in_this_process() -> Result<(), CallError> {
    c::COUNTER.add(1).await?;
    let node = umbrella::process::Node::current().expect("a test has a node");
    assert!(node.whereis("c_counter").is_some(), "c is in another process");
    Ok(())
}
"#;

#[test]
fn a_test_means_the_same_wherever_its_applications_are() {
    let sandbox = Sandbox::at(env!("CARGO_TARGET_TMPDIR"), "placed");
    let apps = ["--app", "a", "--app", "c:sup", "--dep", "a:c"];
    succeed(&mut sandbox.umbrella("", ["new", "placed", "--umbrella"].iter().chain(&apps)));
    let root = sandbox.path().join("placed");
    fs::write(root.join("apps/a/tests/a.rs"), WHERE).expect("a test");
    succeed(&mut sandbox.cargo("placed", ["metadata", "--no-deps", "--format-version", "1"]));
    let test = |args: &[&str]| -> Said {
        sandbox.umbrella("placed", ["test", "a"].iter().chain(args)).output().expect("umbrella runs").into()
    };
    assert_eq!(summary(&test(&[]).ended(0)), "1 application, 2 tests: 2 passed, 0 failed");
    for args in [&["--topology", "each"], &["--group", "[a]+[c]"]] {
        let said = test(args).ended(100);
        assert_eq!(summary(&said), "1 application, 2 tests: 1 passed, 1 failed", "{}", said.out);
        let place = if args[0] == "--group" { "[a]+[c]" } else { "[c]+[a]" };
        let line = format!("   FAIL a c_is_in_this_process  apps/a/tests/a.rs:15  in {place}");
        assert!(said.out.lines().any(|shown| shown == line), "{line}: {}", said.out);
    }
    let all = test(&["--topology", "all", "--json"]).ended(100);
    let verdict: serde_json::Value = serde_json::from_str(&all.out).expect("JSON and nothing else");
    assert_eq!((&verdict["passed"], &verdict["failed"]), (&3.into(), &1.into()), "one total");
    assert_eq!(verdict["units"][0]["failures"][0]["topology"], "[c]+[a]");
    let unknown = test(&["--topology", "eech"]).ended(2);
    assert!(unknown.err.contains("did you mean `each`? topologies: all, one, each"), "{}", unknown.err);
}

#[test]
fn an_umbrella_without_applications_has_nothing_to_test() {
    let sandbox = Sandbox::new();
    succeed(&mut sandbox.umbrella("", ["new", "empty", "--umbrella"]));
    let said: Said = sandbox.umbrella("empty", ["test"]).output().expect("umbrella runs").into();
    let said = said.ended(0);
    assert!(said.err.contains("make one with `umbrella new"), "{}", said.err);
}

fn has_nextest() -> bool {
    let nextest = Command::new("cargo").args(["nextest", "--version"]).output();
    nextest.is_ok_and(|output| output.status.success())
}
