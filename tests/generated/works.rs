//! Built, linted, tested.

use umbrella_tests::{Sandbox, foreign_workspace, succeed};

/// Makes a workspace with `umbrella <line>`, for each line, and does with it what its author will do.
fn works(folder: &str, lines: &[&[&str]]) {
    let sandbox = Sandbox::new();
    let mut below = "";
    for line in lines {
        succeed(&mut sandbox.umbrella(below, *line));
        below = folder;
    }
    let cargo = |args: &[&str]| succeed(&mut sandbox.cargo(folder, args));
    cargo(&["build", "--workspace"]);
    cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]);
    cargo(&["fmt", "--all", "--check"]);
    cargo(&["test", "--workspace"]);
    let doc = &mut sandbox.cargo(folder, ["doc", "--workspace", "--no-deps"]);
    succeed(doc.env("RUSTDOCFLAGS", "--deny warnings"));
}

#[test]
fn an_umbrella_without_applications() {
    works("empty", &[&["new", "empty", "--umbrella"]]);
}

#[test]
fn applications_of_every_kind() {
    let abc = [
        "new",
        "abc",
        "--umbrella",
        "--app",
        "a",
        "--app",
        "b:sup",
        "--app",
        "c:sup",
        "--app",
        "plain",
        "--dep",
        "a:c",
    ];
    works(
        "abc",
        &[
            &abc,
            &["new", "on_library", "--dep", "plain"],
            &["new", "on_two", "--dep", "b", "--dep", "c"],
            &["new", "sup_on_sup", "--sup", "--dep", "b"],
            &["new", "sup_on_library", "--sup", "--dep", "a"],
        ],
    );
}

#[test]
fn a_library_on_its_own() {
    works("lone", &[&["new", "lone"]]);
}

#[test]
fn a_supervised_application_on_its_own() {
    works("single", &[&["new", "single", "--sup"]]);
}

#[test]
fn a_foreign_workspace_that_was_taken_in() {
    let sandbox = Sandbox::new();
    foreign_workspace(&sandbox.path().join("shop"));
    for line in [
        &["init"][..],
        &["adopt", "crates/billing-core", "--sup"],
        &["adopt", "crates/shop"],
        &["adopt", "crates/money"],
        // It has something to start below it from now on.
        &["dep", "add", "money", "billing-core"],
        &["new", "c", "--sup", "--dep", "billing-core"],
    ] {
        succeed(&mut sandbox.umbrella("shop", line));
    }
    let cargo = |args: &[&str]| succeed(&mut sandbox.cargo("shop", args));
    cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]);
    cargo(&["fmt", "--all", "--check"]);
    cargo(&["test", "--workspace"]);
}
