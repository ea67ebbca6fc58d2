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
    for runner in ["cargo", "nextest"] {
        if runner == "nextest" && !has_nextest() {
            continue;
        }
        let said = test_in("", &["--runner", runner]).ended(101);
        for name in ["good", "fails", "broken", "b", "c"] {
            assert!(said.out.lines().any(|line| line == format!("==> {name}")), "{name}: {}", said.out);
        }
        // good: its test and its example; fails: one test and its example; b and c: two each.
        let expected = "5 applications, 8 tests: 5 passed, 3 failed; 1 not built";
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
    assert_eq!(summary(&said), "1 application, 2 tests: 2 passed, 0 failed");
}

#[test]
fn names_are_tested_wherever_one_is() {
    let said = test_in("apps/c", &["good", "b"]).ended(0);
    assert_eq!(summary(&said), "2 applications, 4 tests: 4 passed, 0 failed");
}

#[test]
fn a_filter_that_matches_nothing_is_not_green() {
    for runner in ["cargo", "nextest"] {
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
    assert_eq!(verdict["passed"], 2);
    assert_eq!(
        (&verdict["units"][0]["result"], &verdict["units"][1]["result"]),
        (&"tested".into(), &"not_built".into())
    );
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
