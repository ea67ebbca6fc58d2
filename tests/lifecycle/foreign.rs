//! `umbrella test` and `umbrella check` in workspaces that were not made by umbrella: as cargo has it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use umbrella_tests::{Sandbox, succeed, workspace_of_every_shape};

use crate::abc::Said;

/// A workspace of every shape in `shapes`, an umbrella since just now, and what it was is the first commit.
fn shapes(name: &str) -> Sandbox {
    let sandbox = Sandbox::at(env!("CARGO_TARGET_TMPDIR"), name);
    workspace_of_every_shape(&sandbox.path().join("shapes"));
    succeed(cargo(&sandbox).arg("generate-lockfile"));
    git(&sandbox, &["init", "--quiet", "--initial-branch", "main"]);
    git(&sandbox, &["add", "--all"]);
    git(
        &sandbox,
        &["-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message", "as it was"],
    );
    succeed(&mut sandbox.umbrella("shapes", ["init"]));
    sandbox
}

fn git(sandbox: &Sandbox, args: &[&str]) {
    let mut git = sandbox.typed(&sandbox.path().join("shapes"), "git \"$@\"");
    succeed(git.arg("git").args(args));
}

/// Cargo there, with the lock file of that workspace.
fn cargo(sandbox: &Sandbox) -> Command {
    let mut cargo = sandbox.typed(&sandbox.path().join("shapes"), "cargo \"$@\"");
    cargo.arg("cargo");
    cargo
}

fn umbrella(sandbox: &Sandbox, args: &[&str]) -> Said {
    sandbox.umbrella("shapes", args).output().expect("umbrella runs").into()
}

fn summary(said: &Said) -> String {
    let line = said.out.lines().find(|line| line.starts_with("Summary ["));
    let line = line.unwrap_or_else(|| panic!("no summary: {}{}", said.out, said.err));
    line.split_once("s] ").map_or(line, |(_time, summary)| summary).to_owned()
}

/// What the harness of its own found, without what differs because somebody else asked for it.
fn found(file: &Path) -> BTreeSet<String> {
    // Those of rustup and the shell; authors and the like, which no test asks for while it runs; and ours.
    const LEFT_OUT: [&str; 11] = [
        "PATH=",
        "PWD=",
        "RUST",
        "CARGO=",
        "CARGO_HOME=",
        "_=",
        "SHLVL=",
        "OLDPWD=",
        "UMBRELLA_",
        "FOUND=",
        "CARGO_TARGET_DIR=",
    ];
    const DESCRIBED: [&str; 8] = [
        "AUTHORS",
        "DESCRIPTION",
        "HOMEPAGE",
        "LICENSE",
        "LICENSE_FILE",
        "README",
        "REPOSITORY",
        "RUST_VERSION",
    ];
    let text = fs::read_to_string(file).expect("the harness ran");
    let is_compared = |line: &&str| {
        let described = line.strip_prefix("CARGO_PKG_").and_then(|rest| rest.split('=').next());
        !LEFT_OUT.iter().any(|prefix| line.starts_with(prefix))
            && described.is_none_or(|name| !DESCRIBED.contains(&name))
            && !line.starts_with("LD_LIBRARY_PATH=")
            && !line.starts_with("DYLD_")
    };
    text.lines().filter(is_compared).map(str::to_owned).collect()
}

#[test]
fn tests_find_what_they_find_under_cargo_and_all_of_them_run() {
    let sandbox = shapes("foreign");
    let [by_cargo, by_us] = ["cargo", "umbrella"].map(|name| sandbox.path().join(name));
    succeed(cargo(&sandbox).args(["test", "--quiet", "--workspace"]).env("FOUND", &by_cargo));
    let ours = |variables: &[(&str, &str)], args: &[&str]| -> Said {
        let mut umbrella = sandbox.umbrella("shapes", ["test"].iter().chain(args));
        let umbrella = umbrella.env("FOUND", &by_us).env("LD_LIBRARY_PATH", "/of/the/user");
        umbrella.envs(variables.iter().copied()).output().expect("umbrella runs").into()
    };
    let said = ours(&[], &[]).ended(0);
    // Of gauge, gen-tool, itoa, macros, my-crate: one each, the harness of its own, and an example in the documentation.
    assert_eq!(summary(&said), "7 crates, 7 tests: 7 passed, 0 failed", "{}", said.out);
    assert_eq!(found(&by_cargo), found(&by_us));
    let libraries = fs::read_to_string(&by_us).expect("the harness ran");
    let libraries = libraries.lines().find(|line| line.starts_with("LD_LIBRARY_PATH="));
    assert!(libraries.is_some_and(|line| line.ends_with(":/of/the/user")), "{libraries:?}");
    let said = ours(&[("FAIL", "1")], &["my-crate"]).ended(100);
    assert!(said.out.contains("FAIL my-crate crates/my-crate/tests/own.rs"), "{}", said.out);
}

#[test]
fn tests_are_built_as_cargo_would_be_told_and_pass_only_for_that() {
    let sandbox = shapes("foreign-flags");
    let tests = |flags: &[&str]| {
        let said = umbrella(&sandbox, &[&["test", "gauge"], flags, &["--", "--list"]].concat()).ended(0);
        said.out.lines().map(|line| line.replace("gauge ", "")).collect::<Vec<_>>()
    };
    assert_eq!(tests(&[]), ["times_two"]);
    assert_eq!(tests(&["-F", "extra"]), ["times_two", "with_extra"]);
    assert_eq!(tests(&["--release", "--all-features"]), ["optimized", "times_two", "with_extra"]);
    let stale = |flags: &[&str]| {
        umbrella(&sandbox, &[&["test", "gauge"], flags].concat()).ended(0);
        umbrella(&sandbox, &["test", "gauge", "--stale", "--", "--list"]).ended(0).out.lines().count()
    };
    assert_eq!(stale(&["--features", "extra"]), 1);
    assert_eq!(stale(&[]), 0);
    let said = umbrella(&sandbox, &["test", "gauge", "-F", "nothing"]).ended(101);
    assert!(said.err.contains("nothing"), "{}", said.err);
}

#[test]
fn a_member_may_be_called_as_a_package_below_another_one() {
    let sandbox = shapes("foreign-names");
    for args in [&["test", "itoa"][..], &["test", "--isolated", "itoa", "my-crate"], &["check", "itoa"]] {
        let said = umbrella(&sandbox, args);
        assert!(!said.err.contains("ambiguous"), "{args:?}: {}", said.err);
        said.ended(0);
    }
}

#[test]
fn becoming_an_umbrella_affects_nobody_and_a_change_those_above_it() {
    let sandbox = shapes("foreign-affected");
    let affected = |args: &[&str]| umbrella(&sandbox, &[&["test", "--affected"], args].concat()).ended(0);
    let said = affected(&[]);
    assert!(said.err.contains("nothing to test changed since"), "{}{}", said.out, said.err);
    let macros = sandbox.path().join("shapes/crates/macros/src/lib.rs");
    let text = fs::read_to_string(&macros).expect("it is there");
    fs::write(&macros, text + "\n// Changed.\n").expect("it can be written");
    let said = affected(&["--", "--list"]);
    assert!(said.err.contains(": 4 of 7: gauge, macros, my-crate, top-level"), "{}", said.err);
    let parts = ["1/2", "2/2"]
        .map(|part| umbrella(&sandbox, &["test", "--partition", part, "--", "--list"]).ended(0).out);
    let mut listed: Vec<&str> = parts.iter().flat_map(|part| part.lines()).collect();
    listed.sort_unstable();
    let expected = [
        "gauge times_two",
        "gen-tool generates",
        "itoa ours",
        "macros of_macros",
        "my-crate (all)",
        "my-crate is_built",
    ];
    assert_eq!(listed, expected);
    let at = umbrella(&sandbox, &["test", "tools/gen/gen.rs:3"]).ended(0);
    assert!(summary(&at).starts_with("1 crate, 1 test: 1 passed"), "{}", at.out);
}
