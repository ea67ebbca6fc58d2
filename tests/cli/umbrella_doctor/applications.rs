//! Applications that would not compile, start or be released.

use std::fs;

use super::{Case, check, copy, edit, read, write};

#[test]
fn callbacks_that_nobody_finds_are_found_and_mended() {
    check(&[
        Case {
            breaks: |root| {
                fs::rename(root.join("apps/b/src/lib.rs"), root.join("apps/b/src/main.rs"))
                    .expect("it can be moved");
            },
            faults: &["no_library apps/b/Cargo.toml: [package.metadata.umbrella]"],
            says: "has no src/lib.rs",
            left: &["no_library"],
        },
        Case {
            breaks: |root| edit(root, "apps/b/Cargo.toml", "b::B", "b::Bee"),
            faults: &["no_callback apps/b/Cargo.toml: application = \"b::Bee\""],
            says: "write `application = \\\"b::B\\\"` in apps/b/Cargo.toml",
            left: &["no_callback"],
        },
        Case {
            breaks: |root| edit(root, "apps/b/Cargo.toml", "b::B", "shop::B"),
            faults: &["no_callback apps/b/Cargo.toml: application = \"shop::B\""],
            says: "which is no path of the crate `b`",
            left: &["no_callback"],
        },
        Case {
            breaks: |root| {
                edit(root, "apps/b/src/lib.rs", "umbrella::application!();", "// umbrella::application!();")
            },
            faults: &["no_export apps/b/src/lib.rs"],
            says: "`b` does not export `application()`",
            left: &[],
        },
        Case {
            breaks: |root| edit(root, "apps/a/src/lib.rs", "umbrella::application!();", ""),
            faults: &["no_export apps/a/src/lib.rs"],
            says: "releases that start it do not compile",
            left: &[],
        },
        Case {
            breaks: |root| {
                edit(root, "apps/b/Cargo.toml", "[package.metadata.umbrella]\napplication = \"b::B\"\n", "");
            },
            faults: &[
                "not_marked apps/b/Cargo.toml",
                "release_differs releases/abc/Cargo.toml: b.workspace = true",
                "table_of_nobody config/config.toml: [b]",
            ],
            says: "nobody starts it",
            left: &[],
        },
        Case {
            breaks: |root| edit(root, "apps/b/Cargo.toml", "application = \"b::B\"", "library = true"),
            faults: &[
                "not_marked apps/b/Cargo.toml: [package.metadata.umbrella]",
                "release_differs releases/abc/src/main.rs: .application(b::application())",
            ],
            says: "instead of `library = true`",
            left: &["not_marked"],
        },
    ]);
}

#[test]
fn applications_that_do_not_fit_their_workspace_are_found_and_mended() {
    check(&[
        Case {
            breaks: |root| {
                edit(root, "apps/c/Cargo.toml", "[dependencies]", "[dependencies]\na.workspace = true")
            },
            faults: &["circle apps/a/Cargo.toml"],
            says: "a -> c -> a",
            left: &["circle"],
        },
        Case {
            breaks: |root| {
                let text = read(root, "Cargo.toml");
                let line =
                    text.lines().find(|line| line.starts_with("umbrella =")).expect("it is there").to_owned();
                edit(root, "Cargo.toml", &line, "umbrella = \"0.2\"");
            },
            faults: &["wrong_runtime Cargo.toml: umbrella = \"0.2\""],
            says: "is not the runtime",
            left: &["wrong_runtime"],
        },
        Case {
            breaks: |root| edit(root, "apps/b/Cargo.toml", "umbrella.workspace = true\n", ""),
            faults: &["no_runtime apps/b/src/application.rs: use umbrella::prelude::*;"],
            says: "add `umbrella.workspace = true` to [dependencies] in apps/b/Cargo.toml",
            left: &[],
        },
        Case {
            breaks: |root| {
                copy(root, "apps/b", "apps/d");
                edit(root, "apps/d/Cargo.toml", "name = \"b\"", "name = \"d\"");
                edit(root, "apps/d/Cargo.toml", "b::B", "d::B");
                edit(root, "Cargo.toml", "    \"apps/c\",\n", "    \"apps/c\",\n    \"apps/d\",\n");
            },
            faults: &[
                "not_shared Cargo.toml: [workspace.dependencies]",
                "release_differs releases/abc/Cargo.toml: umbrella.workspace = true",
            ],
            says: "add `d = { path = \\\"apps/d\\\" }` there",
            left: &[],
        },
        Case {
            breaks: |root| {
                copy(root, "apps/b", "tools/b");
                edit(root, "tools/b/Cargo.toml", "name = \"b\"", "name = \"tool\"");
                // Who is left out, a workspace of its own, and what tests are run on, are nobody's business.
                copy(root, "apps/b", "away/b");
                copy(root, "apps/b", "tests/fixtures/b");
                write(root, "own/Cargo.toml", "[workspace]\n\n[package]\nname = \"own\"\n");
                edit(root, "Cargo.toml", "[workspace]\n", "[workspace]\nexclude = [\"away\"]\n");
            },
            faults: &["stray tools/b/Cargo.toml"],
            says: "umbrella adopt tools/b",
            left: &["stray"],
        },
    ]);
}
